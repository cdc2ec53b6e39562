"""Eyes and mouths that cover far too much for one."""

from __future__ import annotations

from collections.abc import Sequence

from mien.art.doubts import Doubt
from mien.importing.drafts import Draft, Drafts
from mien.importing.source import path_text
from mien.origin import named_layers
from mien.types import Rect


def doubt_size(
    drafts: Drafts, slots: Sequence[Draft], what: str, box: Rect, part: str, otherwise: str = ""
) -> None:
    """Tell that something was not made, as slots cover too much for a part of a face."""
    paths = dict.fromkeys(path for slot in slots for path in slot.paths)
    layers = named_layers(tuple(map(path_text, paths)))
    covers = f"{layers} {'covers' if len(paths) == 1 else 'cover'} {box.width} x {box.height} pixels"
    told = f"{what} was made: {covers}, too many for {'an' if part == 'eye' else 'a'} {part}"
    drafts.doubt(paths, Doubt(told, f"erase what is no {part} from {layers}{otherwise} and save"))
