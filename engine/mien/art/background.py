"""What stands behind characters, as it is named: a colour, a bundled picture, or a PNG file."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from PIL import ImageColor

from mien.catalog import bundled, bundled_names, refuse_address
from mien.errors import AssetMissing
from mien.messages import near_file, nearest, suggestion


def colour_of(text: str) -> tuple[float, float, float, float] | None:
    """Straight red, green, blue and alpha, each 0..1, of a colour as CSS has it; None for what is none.

    No path with a slash is one: so a file that is named like a colour can be told from it.
    """
    try:
        parts = ImageColor.getrgb(text)
    except ValueError:
        return None
    red, green, blue, alpha = (*parts, 255)[:4]
    return red / 255, green / 255, blue / 255, alpha / 255


def picture_of(given: str | Path, told_as: str) -> Path:
    """The file that a path or the name of a bundled picture leads to; a path that is there goes first.

    Raises AssetMissing with a sentence that begins with `told_as`.
    """
    path = Path(given)
    refuse_address(given)
    with suppress(OSError, ValueError):  # a name too long for the system, or none that it takes
        if path.exists():
            return path
    names = bundled_names("backgrounds")
    if given in names:
        return bundled("backgrounds", str(given))
    close = near_file(path) or nearest(str(given), (*ImageColor.colormap, *names))
    raise AssetMissing(
        f"{told_as} is no file, no colour like #2b2d3a or white, and no bundled picture "
        f"({', '.join(names)}); {suggestion(close, 'name one of these.')}"
    )
