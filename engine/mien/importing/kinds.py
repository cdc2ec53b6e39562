"""Reads whatever can be imported, told apart by its name and by what a folder holds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path as FilePath
from typing import Final

from mien.art.layered import SUFFIXES
from mien.art.rasters import RASTERS
from mien.errors import AssetMissing, FormatError
from mien.importing.artwork import Artwork
from mien.importing.layered import read_source
from mien.importing.models.plus import read_plus
from mien.importing.models.remix import read_remix
from mien.importing.pictures.apart import take_apart
from mien.importing.pictures.livepng import MODEL, read_livepng
from mien.importing.pictures.packs import TACHIE, is_pack, read_folder, read_zip
from mien.importing.pictures.veado import read_veado
from mien.importing.renpy.layeredimage import has_layers, read_layered_folder, read_rpy
from mien.messages import near_file, suggestion

ALL_SUFFIXES: Final = (*SUFFIXES, ".save", ".pngremix", ".veado", ".rpy", ".zip")
"""What the names of files end in that can be imported."""


def stem_of(path: FilePath) -> str:
    """What a character is called that is made of a file or folder."""
    name = path.resolve().name
    return name[: -len(TACHIE)] or name if name.lower().endswith(TACHIE) else path.resolve().stem


def read_artwork(path: FilePath) -> Artwork:
    """What a file or folder holds. Raises AssetMissing, FormatError, ImageRejected, PsdToolsMissing."""
    if not path.exists():
        raise AssetMissing(f"{path}: no such file; {suggestion(near_file(path), 'check the name.')}")
    if path.is_dir():
        return _read_folder(path)
    suffix = path.suffix.lower()
    if suffix in SUFFIXES:
        return Artwork(read_source(path))
    if path.name.lower() == MODEL:
        return take_apart(read_livepng(path))
    read = _READERS.get(suffix)
    if read is None:
        raise FormatError(
            f"{path}: is of no kind that can be imported; name one of "
            f"{', '.join(ALL_SUFFIXES)}, or a folder of pictures."
        )
    return read(path)


_READERS: Final[dict[str, Callable[[FilePath], Artwork]]] = {
    ".save": read_plus,
    ".pngremix": read_remix,
    ".veado": lambda path: take_apart(read_veado(path)),
    ".rpy": read_rpy,
    ".zip": lambda path: take_apart(read_zip(path)),
}


def _read_folder(folder: FilePath) -> Artwork:
    """LivePNG's model; a Ren'Py script with its pictures; a pack of expressions; layers."""
    if (folder / MODEL).is_file():
        return take_apart(read_livepng(folder))
    scripts = sorted(p for p in folder.iterdir() if p.suffix.lower() == ".rpy")
    for script in scripts:
        if has_layers(script):
            return read_rpy(script)
    names = sorted(p.name for p in folder.iterdir() if p.suffix.lower() in RASTERS)
    if is_pack(names):
        return take_apart(read_folder(folder))
    return read_layered_folder(folder)
