"""Remarks about a character that loads, but could be better."""

from __future__ import annotations

from collections.abc import Sequence

from mien.character import Character
from mien.types import U8


def lint(character: Character, pages: Sequence[U8]) -> tuple[str, ...]:
    """One sentence per remark."""
    return ()
