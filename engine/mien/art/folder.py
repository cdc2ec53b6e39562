"""Reading a character's folder: character.toml and its PNG parts."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from typing import TypeVar
from unicodedata import normalize

from mien.art.manifest import Manifest, Picture
from mien.art.png import coverage, decode, premultiply, read_bytes, read_header
from mien.art.read_manifest import MAX_CANVAS, read_manifest
from mien.art.sprites import Sprite, trimmed
from mien.documents.table import same_letters
from mien.documents.toml import read_toml
from mien.errors import AssetMissing, FormatError
from mien.messages import near_file, quoted
from mien.types import U8

MANIFEST_NAME = "character.toml"

MAX_MANIFEST_BYTES = 4 * 1024 * 1024
"""Largest character.toml that is read."""

MAX_PARTS_BYTES = 1 << 30
"""Most memory that trimmed parts may take: thousands of drawings can name one large PNG."""

T = TypeVar("T")
R = TypeVar("R")


def in_threads(function: Callable[[T], R], items: Iterable[T]) -> list[R]:
    """`function` of every item, in order, on a few threads: Pillow and numpy release the GIL."""
    with ThreadPoolExecutor(min(4, os.cpu_count() or 1), "mien-art") as pool:
        return list(pool.map(function, items))


def read_folder(folder: Path, *, straight: bool = False) -> tuple[Manifest, list[Sprite], tuple[str, ...]]:
    """Manifest, trimmed sprites slot by slot, and warnings about the files.

    Pixels are premultiplied, or as in the files when `straight`.

    Raises FormatError, AssetMissing or ImageRejected.
    """
    file = folder / MANIFEST_NAME
    what = f"a character is a folder with a {MANIFEST_NAME}, or a .mien file"
    manifest = read_manifest(read_toml(file, what, MAX_MANIFEST_BYTES), str(file))
    sprites, warnings = read_parts(folder, manifest, (lambda pixels: pixels) if straight else premultiply)
    return manifest, sprites, warnings


def read_parts(
    folder: Path, manifest: Manifest, convert: Callable[[U8], U8]
) -> tuple[list[Sprite], tuple[str, ...]]:
    """Every picture as a trimmed sprite, its straight pixels passed through `convert`, and warnings."""
    budget = _Budget(f"{manifest.file}: slot")
    pictures = list(manifest.pictures())
    root = folder.resolve()

    def read(picture: Picture) -> tuple[Sprite, str]:
        sprite, warning = _read_part(folder, root, manifest, picture, convert)
        budget.spend(sprite.pixels.nbytes)
        return sprite, warning

    found = in_threads(read, pictures)
    warnings = [warning for _, warning in found if warning]
    used = {same_letters(str(folder / picture.file)) for picture in pictures}
    for path in sorted((folder / "parts").rglob("*.png")):
        if same_letters(str(path)) not in used:
            warnings.append(f"{path}: no slot draws this; name it in drawings, or delete it.")
    if manifest.substituted:
        missing = ", ".join(manifest.substituted)
        warnings.append(f"mouth.moods.neutral: draws no {missing}; the nearest shapes stand in.")
    return [sprite for sprite, _ in found], tuple(warnings)


class _Budget:
    """Memory that the parts may still take; shared by the threads that read them."""

    def __init__(self, place: str) -> None:
        self._place = place
        self._left = MAX_PARTS_BYTES
        self._lock = Lock()

    def spend(self, size: int) -> None:
        """Take `size` bytes. Raises FormatError when that is more than is left."""
        with self._lock:
            self._left -= size
            if self._left < 0:
                limit = MAX_PARTS_BYTES >> 20
                raise FormatError(
                    f"{self._place} drawings take more than {limit} MiB; draw fewer or smaller ones."
                )


def _read_part(
    folder: Path, root: Path, manifest: Manifest, picture: Picture, convert: Callable[[U8], U8]
) -> tuple[Sprite, str]:
    path, key = _as_it_is_there(folder, picture.file), picture.key
    try:
        inside = path.resolve().is_relative_to(root)
    except (OSError, RuntimeError):  # a name too long for the system, or links in a circle
        inside = False
    if not inside:
        raise FormatError(
            f"{manifest.file}: {key} is {path}, which does not lead into the folder; copy the PNG into it."
        )
    try:
        data = read_bytes(path)
    except AssetMissing:
        raise AssetMissing(
            f"{manifest.file}: {key} needs {path}, which does not exist; {_missing_remedy(path)}"
        ) from None
    header = read_header(data, str(path), MAX_CANVAS)
    offset = picture.offset if picture.offset is not None else header.offset
    warning = ""
    if offset is None and header.size != manifest.canvas:
        warning = f"{path}: is smaller than the canvas and has no offset, so it sits at (0, 0)."
    pixels = decode(data, str(path))
    if picture.is_mask:
        pixels = coverage(pixels, str(path), header.has_alpha)
    sprite = Sprite(f"{manifest.file}: {key}", convert(pixels), offset or (0, 0))
    sprite = trimmed(sprite, manifest.canvas)
    x, y = sprite.offset
    height, width = sprite.pixels.shape[:2]
    if not sprite.pixels.any():
        if not picture.is_mask:  # of those the linter says it, in either form of a character
            warning = (
                f'{path}: is wholly transparent; draw something, or use "" where nothing is to be shown.'
            )
    elif x >= manifest.canvas.width or y >= manifest.canvas.height or x + width <= 0 or y + height <= 0:
        warning = f"{path}: lies outside the canvas, at ({x}, {y}); check its offset."
    return sprite, warning


def _as_it_is_there(folder: Path, file: str) -> Path:
    """The file in the folder, also where its name has accents apart from their letters, as from macOS."""
    path = folder / file
    apart = folder / normalize("NFD", file)
    return apart if path != apart and not path.exists() and apart.exists() else path


def _missing_remedy(path: Path) -> str:
    """What to do about a PNG that is not there: rename a file beside it of nearly its name, or draw it."""
    close = near_file(path)
    if close is None:
        return "draw it, or take the name out."
    if close.casefold() == path.name.casefold():
        return f"the folder holds {quoted(close)}: capitals count, rename it to {quoted(path.name)}."
    return f"the folder holds {quoted(close)}: rename it if that is meant, or draw it."
