"""Writing what a command was asked for."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from mien.errors import NotWritable


class OutputRefused(NotWritable):
    """The file that a command was to write cannot be written."""


def save_png(image: Image.Image, path: Path) -> None:
    """Write a PNG, making its folder. Raises OutputRefused."""
    if path.suffix.lower() != ".png":
        raise OutputRefused(f"{path}: pictures are written as PNG; give a name that ends in .png.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        image.save(path, "PNG")
    except OSError as error:
        raise OutputRefused(
            f"{path}: cannot be written ({error.strerror or error}); choose another place."
        ) from error
