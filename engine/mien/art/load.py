"""Loading characters and pictures: files in, checked values and atlas pages out."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mien.art import baked, folder
from mien.art.atlas import Spot, build_atlas, check_page_size
from mien.art.build import build_character
from mien.art.cells import Cell, resampled, scaled_size, trimmed
from mien.art.folder import in_threads
from mien.art.lint import lint
from mien.art.png import premultiply, read_picture
from mien.character import Character, Drawing
from mien.errors import AssetMissing, FormatError
from mien.types import U8, Size

MIN_SCALE, MAX_SCALE = 1 / 64, 8.0
"""Range of the stage's scale, in loaded pixels per authored pixel."""

MAX_PICTURE = 8192
"""Largest side of a background as it is in its file."""


@dataclass(frozen=True, slots=True, eq=False)
class LoadedCharacter:
    """A character and its pixels."""

    character: Character
    """Its drawings' `page` is an index into `pages`."""
    pages: tuple[U8, ...]
    """(page_size, page_size, 4) uint8 each, premultiplied, y down, C-contiguous, read-only."""
    source: Path
    """The folder or .mien file."""
    warnings: tuple[str, ...]
    """What its author may want to know; nothing that stops it from working."""


@dataclass(frozen=True, slots=True, eq=False)
class LoadedPicture:
    """A picture (a background) and its pixels."""

    drawing: Drawing
    """Its `page` is an index into `pages`; its offset is where its trimmed pixels sit in the picture."""
    pages: tuple[U8, ...]
    """(page_size, page_size, 4) uint8, premultiplied, C-contiguous, read-only."""
    size: Size
    """The whole picture at the scale that it was loaded at."""
    source: Path


def load_character(
    path: str | Path, *, scale: float | Callable[[Size], float] = 1.0, page_size: int = 2048
) -> LoadedCharacter:
    """Load a folder that holds character.toml (or that file itself), or one .mien file.

    `scale` is loaded pixels per authored pixel, 1/64 to 8, or a function that gives it for the authored
    canvas (a stage that fits characters in). Parts are resampled (over premultiplied values) on the
    pixel grid of the scaled canvas, and every pixel value of the character is multiplied; 1 is exact.
    All pages are `page_size` square, so that the pages of several characters are layers of one texture
    array.

    Raises FormatError, AssetMissing, ImageRejected or AtlasFull; each names file, key, value and remedy.
    """
    source = Path(path)
    check_page_size(page_size)
    if source.name == folder.MANIFEST_NAME:
        source = source.parent
    if _is_folder(source):
        manifest, cells, remarks = folder.read_folder(source)
        scale = _scale_for(manifest.canvas, scale)
    else:
        manifest, pages = baked.read_baked(source)
        remarks = ()
        scale = _scale_for(manifest.canvas, scale)
        if scale == 1.0 and page_size == manifest.page_size:
            spots = [Spot(b.page, b.region, b.flip_x) for slot in manifest.slots for b in slot.baked.values()]
            offsets = [b.offset for slot in manifest.slots for b in slot.baked.values()]
            character = build_character(manifest, spots, offsets, scale)
            return LoadedCharacter(character, pages, source, lint(character, pages))
        cells = baked.cells(manifest, pages)
    fitted = fit(cells, manifest.canvas, scale, page_size)
    atlas = build_atlas(fitted, page_size)
    character = build_character(manifest, atlas.spots, [cell.offset for cell in fitted], scale)
    return LoadedCharacter(character, atlas.pages, source, remarks + lint(character, atlas.pages))


def load_picture(
    path: str | Path, *, scale: float | Callable[[Size], float] = 1.0, page_size: int = 2048
) -> LoadedPicture:
    """Load one PNG, such as a stage's background, on one page. At most page_size px on a side once scaled.

    `scale` is as in `load_character`. The picture's own edges count as cut: sampling at
    them repeats them. Raises as `load_character`.
    """
    source = Path(path)
    check_page_size(page_size)
    straight, header = read_picture(source, MAX_PICTURE)
    scale = _scale_for(header.size, scale)
    whole = trimmed(Cell(str(source), premultiply(straight), (0, 0)), header.size)
    (cell,) = fit([whole], header.size, scale, page_size)
    atlas = build_atlas([cell], page_size)
    (spot,) = atlas.spots
    drawing = Drawing(source.stem, spot.page, spot.region, cell.offset)
    return LoadedPicture(drawing, atlas.pages, scaled_size(header.size, scale), source)


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError as error:  # a name too long, a folder that may not be entered
        raise AssetMissing(f"{path}: cannot be looked up ({error.strerror}); check the path.") from error


def fit(cells: Sequence[Cell], canvas: Size, scale: float, page_size: int) -> Sequence[Cell]:
    """Trimmed, premultiplied cells at a scale; the same ones at 1."""
    if scale == 1.0:
        return cells
    return in_threads(lambda cell: resampled(cell, canvas, scale, page_size), cells)


def _scale_for(canvas: Size, scale: float | Callable[[Size], float]) -> float:
    value = scale(canvas) if callable(scale) else scale
    _check_scale(value)
    return value


def _check_scale(scale: float) -> None:
    if not (math.isfinite(scale) and MIN_SCALE <= scale <= MAX_SCALE):
        raise FormatError(
            f"scale is {scale!r}, but must be {MIN_SCALE:g} to {MAX_SCALE:g}; 1 loads as drawn."
        )
