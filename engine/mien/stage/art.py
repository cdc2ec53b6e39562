"""The art of a stage, loaded at the scale of its frames."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from mien.art import LoadedCharacter, LoadedPicture, load_character, load_picture
from mien.art.background import picture_of
from mien.art.kept import KeptFiles
from mien.art.page_cache import PageCache
from mien.catalog import bundled_or_path
from mien.messages import quoted
from mien.stage.cast import CastEntry, scale_of
from mien.types import Size

_EMPTY_STAGE: Final = (41 / 255, 43 / 255, 54 / 255, 1.0)


def read_character(
    entry: CastEntry,
    frame: Size,
    count: int,
    page_size: int,
    *,
    joined: bool,
    kept: KeptFiles | None = None,
    cache: PageCache | None = None,
) -> LoadedCharacter:
    """One of the cast, as large as it stands beside so many (`count`). `joined`, `kept`, `cache`, and what it
    raises: as of `load_character`."""
    path = bundled_or_path("characters", entry.character)
    scale = scale_of(entry, frame, count)
    return load_character(path, scale=scale, page_size=page_size, joined=joined, kept=kept, cache=cache)


def read_background(
    background: object, size: Size, page_size: int, cache: PageCache | None = None
) -> LoadedPicture | None:
    """A background at the scale that covers the frame, and only what the frame shows; None for a colour.
    `cache`: as of `load_picture`."""
    if not isinstance(background, str | Path):
        return None

    def cover(picture: Size) -> float:
        return max(size.width / picture.width, size.height / picture.height)

    path = picture_of(background, f"the background {quoted(str(background))}")
    return load_picture(path, scale=cover, frame=size, page_size=page_size, cache=cache)


def clear_of(background: object) -> tuple[float, float, float, float]:
    """What the frame starts with, premultiplied."""
    if not isinstance(background, tuple):
        return _EMPTY_STAGE
    red, green, blue, alpha = (float(part) for part in background)
    return red * alpha, green * alpha, blue * alpha, alpha
