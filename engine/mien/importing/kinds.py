"""Reads whatever can be imported, told apart by its name and by what a folder holds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path as FilePath
from typing import Final

from mien.art.layered import SUFFIXES, KeptLayers
from mien.errors import AssetMissing, FormatError
from mien.importing.artwork import Artwork
from mien.importing.layered import read_source
from mien.importing.models.plus import read_plus
from mien.importing.models.remix import read_remix
from mien.importing.pictures.apart import NO_BOXES, Boxes, take_apart
from mien.importing.pictures.frames import FrameSet
from mien.importing.pictures.livepng import MODEL, read_livepng
from mien.importing.pictures.packs import TACHIE, is_pack, names_in, read_folder, read_zip
from mien.importing.pictures.veado import read_veado
from mien.importing.renpy.layeredimage import has_layers, read_layered_folder, read_rpy
from mien.messages import near_file, suggestion

ALL_SUFFIXES: Final = (*SUFFIXES, ".save", ".pngremix", ".veado", ".rpy", ".zip")
"""What the names of files end in that can be imported."""


def stem_of(path: FilePath) -> str:
    """What a character is called that is made of a file or folder."""
    name = path.resolve().name
    return name[: -len(TACHIE)] or name if name.lower().endswith(TACHIE) else path.resolve().stem


def read_artwork(path: FilePath, boxes: Boxes = NO_BOXES, kept: KeptLayers | None = None) -> Artwork:
    """What a file or folder holds. `boxes`: where things are in the plain one of whole pictures; `kept`:
    layers as they were read last.

    Raises AssetMissing, FormatError, ImageRejected, PsdToolsMissing, ResvgMissing.
    """
    if not path.exists():
        raise AssetMissing(f"{path}: no such file; {suggestion(near_file(path), 'check the name.')}")
    frames = _frames_of(path, bool(boxes), kept)
    if frames is not None:
        return take_apart(frames, boxes)
    suffix = path.suffix.lower()
    if suffix in SUFFIXES and not path.is_dir():
        return Artwork(read_source(path, kept=kept))
    if boxes:
        raise FormatError(
            f"{path} holds sprites, and [boxes] are for whole pictures and layered files; say what they are."
        )
    if path.is_dir():
        return _read_folder(path, kept)
    if suffix == ".rpy":
        return read_rpy(path, kept)
    read = _READERS.get(suffix)
    if read is None:
        raise FormatError(
            f"{path} is of no kind that can be imported; name one of "
            f"{', '.join(ALL_SUFFIXES)}, or a folder of pictures."
        )
    return read(path)


def _frames_of(path: FilePath, are_whole: bool, kept: KeptLayers | None) -> FrameSet | None:
    """A set of whole pictures; None for anything else. `are_whole`: somebody says that a folder's are."""
    if path.is_dir():
        if (path / MODEL).is_file():
            return read_livepng(path)
        names = names_in(path)
        has_script = any(p.suffix.lower() == ".rpy" for p in path.iterdir())
        is_one = is_pack(names) or (are_whole and bool(names))
        return read_folder(path, kept) if is_one and (are_whole or not has_script) else None
    if path.name.lower() == MODEL:
        return read_livepng(path)
    if path.suffix.lower() == ".zip":
        return read_zip(path, kept)
    return read_veado(path) if path.suffix.lower() == ".veado" else None


_READERS: Final[dict[str, Callable[[FilePath], Artwork]]] = {
    ".save": read_plus,
    ".pngremix": read_remix,
}


def _read_folder(folder: FilePath, kept: KeptLayers | None) -> Artwork:
    """A Ren'Py script with its pictures; a pack of expressions beside one that declares nothing; layers."""
    scripts = sorted(p for p in folder.iterdir() if p.suffix.lower() == ".rpy")
    for script in scripts:
        if has_layers(script):
            return read_rpy(script, kept)
    if is_pack(names_in(folder)):
        return take_apart(read_folder(folder, kept))
    return read_layered_folder(folder, kept)
