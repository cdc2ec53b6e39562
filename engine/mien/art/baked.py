"""Baked characters: one .mien file, a stored ZIP with character.json and its atlas pages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mien.art.cells import Cell
from mien.art.plan import Manifest
from mien.errors import AssetMissing
from mien.types import U8


def read_baked(path: Path) -> tuple[Manifest, tuple[U8, ...]]:
    """Manifest and premultiplied pages."""
    raise AssetMissing(f"{path}: does not exist; give a folder with character.toml, or a .mien file.")


def cells(manifest: Manifest, pages: Sequence[U8]) -> list[Cell]:
    """Every drawing as a trimmed cell."""
    return []
