"""Whether the library that draws the panel is there."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Final

from mien.messages import printable

MISSING: Final = (
    "the panel needs the library slimgui, which is not installed: pip install 'mien[preview]', then press H."
)
BROKEN: Final = (
    "the panel's library slimgui cannot be loaded ({}): install it anew (pip install --force-reinstall "
    "slimgui), then press H."
)


def to_terminal(sentence: str) -> None:
    """Tell it to whoever has started the program."""
    sys.stderr.write(f"mien: {sentence}\n")


def why_not() -> str:
    """Why the panel cannot be shown, in a sentence; empty: it can."""
    try:
        for name in ("slimgui", "slimgui.imgui"):
            import_module(name)
    except ImportError as error:
        if isinstance(error, ModuleNotFoundError) and error.name == "slimgui":
            return MISSING
        return BROKEN.format(printable(str(error)))
    return ""
