"""Writing what a command was asked for."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from PIL import Image

from mien.errors import NotWritable


def writable(path: Path, option: str) -> Path:
    """The path, where a file can be made of it: asked before work begins. Its folder is made.

    `option` names it in messages, as `--ledger`. Raises NotWritable.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):
            path.lstat()  # is the name one that the system takes?
        if path.is_dir():
            raise NotWritable(f"{option} {path}: is a folder; give the file another name.")
        if not os.access(path if path.exists() else path.parent, os.W_OK):
            raise NotWritable(f"{option} {path}: may not be written by you; choose another place.")
    except NotWritable:
        raise
    except OSError as error:
        raise NotWritable(
            f"{option} {path}: cannot be written ({error.strerror or error}); choose another place."
        ) from error
    return path


def png_file(path: Path, option: str = "--screenshot") -> Path:
    """As `writable`, for a picture. Raises NotWritable."""
    if path.suffix.lower() != ".png":
        raise NotWritable(f"{option} {path}: pictures are written as PNG; give a name that ends in .png.")
    return writable(path, option)


def save_png(image: Image.Image, path: Path) -> None:
    """Write a PNG, making its folder. Raises NotWritable."""
    if path.suffix.lower() != ".png":
        raise NotWritable(f"{path}: pictures are written as PNG; give a name that ends in .png.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        image.save(path, "PNG")
    except OSError as error:
        raise NotWritable(
            f"{path}: cannot be written ({error.strerror or error}); choose another place."
        ) from error
