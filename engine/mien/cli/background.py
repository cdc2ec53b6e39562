"""`--background`: a colour, a bundled picture, or a PNG file."""

from __future__ import annotations

import argparse
from pathlib import Path

from mien.art.background import colour_of, picture_of
from mien.art.load import MAX_PICTURE
from mien.art.png_header import read_bytes, read_header
from mien.catalog import bundled_names
from mien.errors import MienError, ScriptError

Background = Path | tuple[float, float, float, float]
"""A PNG file; or straight red, green, blue and alpha, each 0..1."""


def add_background(parser: argparse.ArgumentParser, default: str) -> None:
    """Add the option. `default`: what there is without it."""
    parser.add_argument(
        "--background",
        metavar="B",
        help="a colour like #2b2d3a or white, a PNG file, or a bundled picture: "
        f"{', '.join(bundled_names('backgrounds'))} (default: {default})",
    )


def background_of(text: str | None, *, opaque: bool = False) -> Background | None:
    """What the option says; None when it is not given. A file is looked at, not decoded.

    `opaque`: where nothing may shine through. Raises MienError of several kinds.
    """
    if text is None:
        return None
    colour = colour_of(text)
    if colour is not None:
        if opaque and colour[3] < 1:
            raise ScriptError(
                f"--background {text} is a colour to see through, and there is nothing behind it here; give "
                "one without transparency."
            )
        return colour
    path = picture_of(text, f"--background {text}")
    try:
        read_header(read_bytes(path), str(path), MAX_PICTURE)
    except MienError as error:
        raise type(error)(f"--background {error}") from error
    return path
