"""Reading baked characters: one .mien file, a stored ZIP with character.json and its atlas pages.

Nothing in it is compressed twice (pages are PNGs), and a compressed entry is refused, so that what is
read is never larger than the file.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import numpy as np

from mien.art.budget import BYTES_A_BYTE, Budget
from mien.art.folder import LARGE_SIDE, in_threads
from mien.art.folder_files import digest
from mien.art.manifest import Baked, Manifest
from mien.art.packed import Packed, SpritePlacement
from mien.art.png import decode, premultiply
from mien.art.png_header import MAX_FILE_BYTES, read_header
from mien.art.read_manifest import read_manifest
from mien.art.sprites import Sprite, trimmed
from mien.catalog import bundled_remedy
from mien.errors import AssetMissing, FormatError, MienError
from mien.messages import printable
from mien.types import U8

DOCUMENT_NAME = "character.json"

MAX_DOCUMENT_BYTES = 16 * 1024 * 1024
"""Largest character.json that is read."""


def page_name(index: int) -> str:
    """The ZIP entry of a page."""
    return f"page{index}.png"


class Entries(NamedTuple):
    """What a .mien file holds."""

    manifest: Manifest
    document: bytes
    """That the manifest was read from."""
    pngs: list[tuple[str, bytes]]
    """Its pages: how errors call each, and its bytes."""

    @property
    def state(self) -> bytes:
        """One for all pages."""
        return sha256(b"".join(digest(data) for _, data in self.pngs)).digest()


def read_baked(path: Path) -> Entries:
    """A .mien file's manifest, and its pages as they are in there.

    Raises AssetMissing, FormatError (not a baked character, damaged, another version) or ImageRejected.
    """
    if not path.exists():
        remedy = bundled_remedy("characters", path) or "give a folder with character.toml, or a .mien file"
        raise AssetMissing(f"{path}: does not exist; {remedy}.")
    if not path.is_file():
        raise FormatError(f"{path} is neither a folder nor a regular file; give one or the other.")
    if path.stat().st_size == 0:
        raise FormatError(f"{path} is empty; copy it again, or run `mien pack` on its folder.")
    if path.suffix.lower() != ".mien" and not zipfile.is_zipfile(path):
        raise FormatError(f"{path} is not a character; give a folder with character.toml, or a .mien file.")
    try:
        with zipfile.ZipFile(path) as archive:
            document = _read_entry(archive, path, DOCUMENT_NAME, MAX_DOCUMENT_BYTES)
            manifest = _manifest(document, path)
            pngs = [
                (f"{path}: {name}", _read_entry(archive, path, name, MAX_FILE_BYTES))
                for name in map(page_name, range(manifest.page_count))
            ]
            budget = Budget(f"{path}: the pages of its")
            budget.spend(4 * manifest.page_count * manifest.page_size**2, sum(len(data) for _, data in pngs))
    except MienError:
        raise
    except Exception as error:  # zipfile raises some ten classes for a damaged file, NotImplementedError one
        raise FormatError(
            f"{path} is not a baked character ({_reason(error)}); run `mien pack` on its folder."
        ) from error
    return Entries(manifest, document, pngs)


def pages_of(manifest: Manifest, pngs: Sequence[tuple[str, bytes]]) -> tuple[U8, ...]:
    """Premultiplied pages, (page_size, page_size, 4) uint8, C-contiguous, read-only. Raises FormatError or
    ImageRejected."""

    def page(entry: tuple[str, bytes]) -> U8:
        name, data = entry
        size = read_header(data, name, manifest.page_size).size
        if size != (manifest.page_size, manifest.page_size):
            side = manifest.page_size
            raise FormatError(
                f"{name} is {size.width} x {size.height} px, but must be {side} x {side}; pack it again."
            )
        pixels = premultiply(decode(data, name))
        pixels.setflags(write=False)
        return pixels

    # Decoding takes twice the page for a while: large ones take turns.
    large = manifest.page_size > LARGE_SIDE
    return tuple(map(page, pngs) if large else in_threads(page, pngs))


def places(manifest: Manifest) -> list[Baked]:
    """Where every picture is on the pages."""
    return [picture.baked for picture in manifest.pictures() if picture.baked is not None]


def as_packed(manifest: Manifest, pages: tuple[U8, ...]) -> Packed:
    """Its pictures where they lie on its own pages."""
    found = places(manifest)
    offsets = tuple(place.offset for place in found)
    boxes = (
        (x, y, x + place.region.width, y + place.region.height)
        for place, (x, y) in zip(found, offsets, strict=True)
    )
    placements = tuple(SpritePlacement(place.page, place.region, place.flip_x) for place in found)
    return Packed(placements, offsets, tuple(boxes), pages)


def sprites(manifest: Manifest, pages: Sequence[U8]) -> list[Sprite]:
    """Every picture as a trimmed sprite, from premultiplied pages.

    Raises FormatError when they overlap so much that together they are larger than the pages by far.
    """
    budget = Budget(f"{manifest.file}: regions of")
    budget.spend(0, sum(page.nbytes for page in pages) // BYTES_A_BYTE)
    made: dict[Baked, Sprite] = {}
    found = []
    for picture, place in zip(manifest.pictures(), places(manifest), strict=True):
        if place not in made:
            x, y, width, height = place.region
            budget.spend(4 * width * height)
            pixels = pages[place.page][y : y + height, x : x + width]
            pixels = np.ascontiguousarray(pixels[:, ::-1] if place.flip_x else pixels)
            made[place] = trimmed(Sprite("", pixels, place.offset), manifest.canvas)
        found.append(replace(made[place], label=f"{manifest.file}: {picture.key}"))
    return found


def _read_entry(archive: zipfile.ZipFile, path: Path, name: str, limit: int) -> bytes:
    """An entry's bytes, refused when it is missing, compressed, or too large."""
    try:
        info = archive.getinfo(name)
    except KeyError:
        raise FormatError(f"{path}: holds no {name}; run `mien pack` on the character's folder.") from None
    if (
        info.compress_type != zipfile.ZIP_STORED
        or info.file_size != info.compress_size
        or info.file_size > limit
    ):
        raise FormatError(
            f"{path}: {name} is {info.file_size} bytes from {info.compress_size}, but entries are stored "
            f"as they are, at most {limit} bytes; run `mien pack` on the character's folder."
        )
    try:
        return archive.read(info)
    except Exception as error:  # zipfile raises some ten classes for a damaged or encrypted entry
        raise FormatError(
            f"{path}: {name} is damaged ({_reason(error)}); run `mien pack` on the character's folder."
        ) from error


def _reason(error: Exception) -> str:
    """What an error of zipfile's says, cut: some quote the file."""
    return printable(str(error) or type(error).__name__)


def _manifest(data: bytes, path: Path) -> Manifest:
    file = f"{path}: {DOCUMENT_NAME}"
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise FormatError(f"{file} is not valid JSON ({error}); run `mien pack` on the folder.") from error
    return read_manifest(document, file, baked=True)
