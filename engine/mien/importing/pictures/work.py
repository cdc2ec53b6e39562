"""What is known of a set of pictures while it is taken apart."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from mien.importing.flatten import Picture
from mien.importing.labels import Label
from mien.importing.pictures.frames import Frame, FrameSet
from mien.importing.pictures.places import FacePlaces
from mien.importing.pictures.seeking import face_in
from mien.importing.source import Item, Path
from mien.types import I32, U8, Bools, Rect


@dataclass(eq=False)
class Work:
    """What is known while a set is taken apart."""

    frames: FrameSet
    plain: Frame
    pixels: U8
    """Of the plain picture."""
    votes: I32
    """How many faces differ from the plain one, by pixel."""
    count: int = 0
    differs: dict[str, Bools] = field(default_factory=dict)
    """Frame -> where it differs from the plain one."""
    poses: set[str] = field(default_factory=set)
    items: list[Item] = field(default_factory=list)
    given: dict[Path, Label] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    unsure: set[str] = field(default_factory=set)
    """Of `eye` and `mouth` those whose place may be another one's."""
    why: dict[str, str] = field(default_factory=dict)
    """`eye`, `mouth` -> how it is known where they are, for the table, where not by `DIFFERS`."""

    @cached_property
    def face(self) -> FacePlaces | None:
        """The face that is seen in the plain picture alone; None where none is."""
        return face_in(self.pixels)

    def add(self, path: Path, name: str, picture: Picture, label: Label, *, visible: bool = False) -> None:
        """A layer more, if anything of it shows; bottom to top."""
        picture = picture.trimmed(self.frames.canvas)
        if picture.is_empty:
            return
        self.items.append(Item(name, path, visible, picture.box, lambda: picture.pixels))
        self.given[path] = label


def grown_box(box: Rect, share: float, least: int = 0) -> Rect:
    """A box with a border, a share of its sides wide, at least `least` pixels; nothing left of or above 0."""
    by_x, by_y = max(least, round(share * box.width)), max(least, round(share * box.height))
    x, y = max(0, box.x - by_x), max(0, box.y - by_y)
    return Rect(x, y, box.x + box.width + by_x - x, box.y + box.height + by_y - y)
