"""For programs that are packaged with PyInstaller: it asks here, by an entry point, what Mien consists of."""

from __future__ import annotations

from pathlib import Path


def hook_dirs() -> list[str]:
    """The folder of hook-mien.py."""
    return [str(Path(__file__).parent)]
