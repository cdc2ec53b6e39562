"""Whether the library that draws the panel is there."""

from __future__ import annotations

import sys
from importlib import import_module

from mien.installing import pip_install
from mien.messages import printable


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
            return (
                "the panel needs the library slimgui, which is not installed: "
                f"{pip_install('mien[preview]')}, then press H."
            )
        return (
            f"the panel's library slimgui cannot be loaded ({printable(str(error))}): install it anew "
            f"({pip_install('slimgui', again=True)}), then press H."
        )
    return ""
