"""Pages of atlases that processes of a run of the tests keep for one another, as those of a user do."""

from __future__ import annotations

from pathlib import Path

from mien.caches import CACHE

folder = Path()
"""Where they are kept; tests/conftest.py says so."""


def keeping_pages() -> dict[str, str]:
    """For the environment of a process that shows who is bundled: it would read two anew for 0.7 s."""
    return {CACHE: str(folder)}
