"""Baking: a character's folder into one .mien file, the same bytes every time."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from mien.arguments import path_of
from mien.art.atlas import build_atlas
from mien.art.baked import DOCUMENT_NAME, page_name
from mien.art.build import build_character
from mien.art.describe import document_of
from mien.art.folder import in_threads, read_folder
from mien.art.lint import lint
from mien.art.overlap import with_apart
from mien.art.page_needs import ranks_of
from mien.errors import NotWritable
from mien.part_file import write_whole
from mien.types import U8

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The date of every ZIP entry: the earliest that ZIP can hold, so that bytes do not depend on the day."""


@dataclass(frozen=True, slots=True)
class PackReport:
    """What packing did."""

    path: Path
    """The file written."""
    drawings: int
    masks: int
    """Masks of slots and groups."""
    regions: int
    """Regions on the pages; fewer than drawings and masks when some are equal."""
    shared: int
    """Drawings and masks that show another one's region, mirrored ones included."""
    mirrored: int
    """Drawings and masks that show another one's region as its mirror image."""
    pages: int
    page_size: int
    fill: float
    """Share of the pages' pixels in use, 0..1."""
    bytes: int
    """Size of the file."""
    warnings: tuple[str, ...]
    """As `LoadedCharacter.warnings`."""


def pack_character(folder: str | Path, out: str | Path, *, page_size: int = 2048) -> PackReport:
    """Write a character's folder as one .mien file at `out`, replacing what is there only on success.

    Pages are `page_size` square, larger when a drawing is; what loads the file may pack them anew.
    Raises as `load_character`, and NotWritable when `out` cannot be written.
    """
    source = path_of("folder", folder, "a character's folder")
    target = path_of("out", out, "a name for the .mien file")
    # Pages stay straight-alpha, as PNG asks; premultiplied when loaded, they equal those of the folder.
    manifest, sprites, warnings = read_folder(source, straight=True)
    atlas = build_atlas(sprites, page_size, ranks=ranks_of(manifest))
    character = build_character(manifest, atlas.placements, [sprite.offset for sprite in sprites], 1.0)
    character = with_apart(character, atlas.pages)
    document = document_of(character, atlas.side, len(atlas.pages))
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    entries = {DOCUMENT_NAME: text.encode()}
    for i, png in enumerate(in_threads(_png, atlas.pages)):
        entries[page_name(i)] = png
    data = _zip(entries)
    _write_whole(target, data)
    masks = sum(picture.is_mask for picture in manifest.pictures())
    return PackReport(
        path=target,
        drawings=len(sprites) - masks,
        masks=masks,
        regions=atlas.regions,
        shared=len(sprites) - atlas.regions,
        mirrored=sum(placement.flip_x for placement in atlas.placements),
        pages=len(atlas.pages),
        page_size=atlas.side,
        fill=atlas.fill,
        bytes=len(data),
        warnings=warnings + lint(character, atlas.pages),
    )


def _png(pixels: U8) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", compress_level=6)
    return buffer.getvalue()


def _zip(entries: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, data in entries.items():
            info = zipfile.ZipInfo(name, _EPOCH)
            info.create_system = 3  # else it says which system packed it
            info.external_attr = 0o644 << 16
            archive.writestr(info, data)
    return buffer.getvalue()


def _write_whole(target: Path, data: bytes) -> None:
    if not target.parent.is_dir():
        raise NotWritable(f"{target}: the folder {target.parent} does not exist; make it first.")
    write_whole(target, data)
