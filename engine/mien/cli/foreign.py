"""Files of other programs: what to do with one, for those who have nothing else yet."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from mien.errors import FormatError

_EXPORT: Final = "export it there as .psd or .ora, which `mien import` makes a character of"
_IMPORT: Final = "`mien import FILE` makes a character of it"
_PARTS: Final = "save each part as a PNG and name them in a character.toml (docs/character-format.md)"
_KINDS: Final = {
    ".kra~": ("a Krita backup", _EXPORT),
    ".xcf": ("a GIMP document", _EXPORT),
    ".clip": ("a Clip Studio document", _EXPORT),
    ".csp": ("a Clip Studio document", _EXPORT),
    ".sai": ("a PaintTool SAI document", _EXPORT),
    ".sai2": ("a PaintTool SAI document", _EXPORT),
    ".procreate": ("a Procreate document", _EXPORT),
    ".afphoto": ("an Affinity document", _EXPORT),
    ".afdesign": ("an Affinity document", _EXPORT),
    ".mdp": ("a MediBang or FireAlpaca document", _EXPORT),
    ".ase": ("an Aseprite document", _EXPORT),
    ".aseprite": ("an Aseprite document", _EXPORT),
    ".pdn": ("a Paint.NET document", _EXPORT),
    ".tif": ("a TIFF picture", _EXPORT),
    ".tiff": ("a TIFF picture", _EXPORT),
    ".save": ("a PNGTuber-Plus avatar", _IMPORT),
    ".pngremix": ("a PNGTuber-Remix model", _IMPORT),
    ".veado": ("a veadotube avatar", _IMPORT),
    ".rpy": ("a Ren'Py script", "`mien import FILE` makes a character of the layeredimage in it"),
    ".moc3": ("a Live2D model", _PARTS),
    ".cmo3": ("a Live2D model", _PARTS),
    ".inp": ("an Inochi2D puppet", _PARTS),
    ".inx": ("an Inochi2D puppet", _PARTS),
    ".vrm": ("a VRM model, in three dimensions", _PARTS),
    ".png": ("one picture", _PARTS),
    ".jpg": ("one picture", _PARTS),
    ".jpeg": ("one picture", _PARTS),
    ".webp": ("one picture", _PARTS),
    ".gif": ("one picture", _PARTS),
    ".wav": ("a sound", "name it as the audio of a [[turn]] in a conversation.toml"),
    ".mp3": ("a sound", "name it as the audio of a [[turn]] in a conversation.toml"),
    ".ogg": ("a sound", "name it as the audio of a [[turn]] in a conversation.toml"),
    ".opus": ("a sound", "name it as the audio of a [[turn]] in a conversation.toml"),
    ".flac": ("a sound", "name it as the audio of a [[turn]] in a conversation.toml"),
}
_LAYERED: Final = (
    "a layered picture and no character",
    "`mien import FILE` makes a character of it, and `mien still FILE` draws it as it is",
)


def refuse_foreign(name: str, wanted: str) -> None:
    """Raise FormatError for a file that is known to be another program's. `wanted`: what was asked for."""
    path = Path(name)
    suffix = path.suffix.lower()
    if not suffix or not path.is_file():  # as names of what is bundled: they need not wait for the rest
        return
    from mien.art.layered import SUFFIXES

    known = _LAYERED if suffix in SUFFIXES else _KINDS.get(suffix)
    if known is not None:
        is_one, remedy = known
        raise FormatError(f"{name} is {is_one}; {wanted}; {remedy.replace('FILE', name)}.")
