"""Tiny synthetic characters: that of `mien.testing`, and one with groups and masks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mien.testing.character import (
    Pixels,
    box,
    chunk,
    on_canvas,
    tiny_character,
    tiny_document,
    tiny_parts,
    toml_of,
    write_png,
)

__all__ = [
    "Pixels",
    "box",
    "chunk",
    "layered_character",
    "layered_document",
    "on_canvas",
    "tiny_character",
    "tiny_document",
    "tiny_parts",
    "toml_of",
    "write_png",
]


def layered_document() -> dict[str, Any]:
    """The tiny document with nested groups of every kind, and masks, all of them `m.png`."""
    document = tiny_document()
    document["slot"][1].update(mask="m.png", mask_offset=[15, 15])
    document["group"] = [
        {"name": "eyes", "first": "lid", "last": "lid", "clip": True, "mask": "m.png", "joint": "head"},
        {"name": "face", "first": "head", "last": "blush", "blend": "screen", "opacity": 0.5},
        {
            "name": "all",
            "first": "body",
            "last": "blush",
            "pass_through": True,
            "opacity": 0.75,
            "mask": "m.png",
            "mask_offset": [10, 20],
            "joint": "body",
        },
    ]
    return document


def layered_character(folder: Path) -> Path:
    """The tiny character with groups and masks. Returns the folder."""
    made = tiny_character(folder, layered_document())
    write_png(made / "m.png", box(30, 30, (0, 0, 0, 200)), (15, 15))
    return made
