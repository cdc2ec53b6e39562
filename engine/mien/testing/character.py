"""A small valid character: a few coloured rectangles with everything that one must have."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

Pixels = npt.NDArray[np.uint8]


def box(width: int, height: int, colour: tuple[int, int, int, int]) -> Pixels:
    """A plain rectangle, (height, width, 4) uint8, straight alpha."""
    return np.full((height, width, 4), colour, np.uint8)


def on_canvas(canvas: tuple[int, int], pixels: Pixels, x: int, y: int) -> Pixels:
    """Pixels put on an empty canvas (width, height) at (x, y)."""
    out = np.zeros((canvas[1], canvas[0], 4), np.uint8)
    out[y : y + pixels.shape[0], x : x + pixels.shape[1]] = pixels
    return out


def chunk(kind: bytes, body: bytes) -> bytes:
    """One PNG chunk."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def write_png(path: Path, pixels: Pixels, offset: tuple[int, int] | None = None) -> Path:
    """Write straight RGBA pixels; with an oFFs chunk when an offset is given."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, "PNG")
    if offset is not None:
        png = path.read_bytes()
        path.write_bytes(png[:33] + chunk(b"oFFs", struct.pack(">iiB", *offset, 0)) + png[33:])
    return path


def toml_of(document: Mapping[str, Any]) -> str:
    """A document (tables, lists, plain values) as TOML."""
    lines: list[str] = []
    tables: list[str] = []
    for key, value in document.items():
        if isinstance(value, list) and value and all(isinstance(row, dict) for row in value):
            for row in value:
                tables.append(
                    f"\n[[{_key(key)}]]\n" + "".join(f"{_key(k)} = {_value(v)}\n" for k, v in row.items())
                )
        elif isinstance(value, dict):
            tables.append(
                f"\n[{_key(key)}]\n" + "".join(f"{_key(k)} = {_value(v)}\n" for k, v in value.items())
            )
        else:
            lines.append(f"{_key(key)} = {_value(value)}\n")
    return "".join(lines + tables)


def _key(key: str) -> str:
    return json.dumps(key)


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_key(k)} = {_value(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(v) for v in value) + "]"
    if isinstance(value, float):
        return repr(value)  # TOML spells inf and nan as Python does
    return json.dumps(value)


def tiny_document() -> dict[str, Any]:
    """The document of the tiny character: canvas 64 x 80, five slots, three joints, two moods."""
    return {
        "format": 1,
        "name": "Tiny",
        "canvas": [64, 80],
        "anchor": [32, 80],
        "eye_line": [32, 30],
        "about": {"author": "a test"},
        "joints": {
            "body": {"pivot": [32, 80], "scale": {"breath": [0.01, 0.02]}},
            "head": {
                "parent": "body",
                "pivot": [32, 50],
                "rotate": {"head_roll": 5},
                "move": {"head_yaw": [4, 0]},
            },
            "iris": {"parent": "head", "pivot": [32, 30]},
        },
        "slot": [
            {"name": "body", "joint": "body", "drawings": ["main"]},
            {"name": "head", "joint": "head", "drawings": ["main"]},
            {"name": "iris", "joint": "iris", "drawings": ["main"], "blend": "multiply", "clip": True},
            {"name": "lid", "joint": "head", "drawings": ["open", "half", "closed"], "fade_ms": 20},
            {"name": "mouth", "joint": "head", "drawings": ["rest", "open", "grin"]},
            {"name": "blush", "joint": "head", "drawings": ["soft"], "default": "", "opacity": 0.5},
        ],
        "mouth": {
            "slot": "mouth",
            "moods": {"neutral": {"rest": ["sil", "PP"], "open": ["aa"]}, "smile": {"grin": ["sil"]}},
        },
        "lids": {"left": ["lid"], "right": []},
        "gaze": {"x": [-4, 4], "y": [-2, 3], "irises": ["iris"], "glints": [], "glint_follow": 0.5},
        "expressions": {
            "neutral": {},
            "happy": {
                "slots": {"blush": "soft"},
                "lids": {"left": "closed", "right": "half"},
                "mood": "smile",
                "rest_viseme": "sil",
                "channels": {"head_roll": 0.2},
                "override_blink": "block",
                "fade_ms": 200,
            },
        },
        "aliases": {"joy": "happy"},
        "gestures": {"wave": {"slots": {"body": "main"}}},
    }


def tiny_parts() -> dict[str, tuple[Pixels, tuple[int, int]]]:
    """`slot/drawing` -> straight RGBA pixels and their place on the canvas."""
    return {
        "body/main": (box(40, 30, (60, 80, 160, 255)), (12, 50)),
        "head/main": (box(32, 40, (240, 200, 170, 255)), (16, 12)),
        "iris/main": (box(4, 4, (20, 60, 90, 255)), (24, 28)),
        "lid/open": (box(8, 1, (90, 50, 40, 255)), (22, 26)),
        "lid/half": (box(8, 3, (240, 200, 170, 255)), (22, 26)),
        "lid/closed": (box(8, 6, (240, 200, 170, 255)), (22, 26)),
        "mouth/rest": (box(8, 1, (120, 30, 30, 255)), (28, 42)),
        "mouth/open": (box(8, 5, (120, 30, 30, 255)), (28, 41)),
        "mouth/grin": (box(10, 2, (120, 30, 30, 200)), (27, 42)),
        "blush/soft": (box(6, 4, (255, 90, 90, 77)), (20, 36)),
    }


def tiny_character(
    folder: Path,
    document: Mapping[str, Any] | None = None,
    parts: Mapping[str, tuple[Pixels, tuple[int, int]]] | None = None,
) -> Path:
    """Write a character's folder: trimmed PNGs with oFFs chunks, and character.toml. Returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, (pixels, offset) in (tiny_parts() if parts is None else parts).items():
        write_png(folder / "parts" / f"{name}.png", pixels, offset)
    (folder / "character.toml").write_text(
        toml_of(tiny_document() if document is None else document), "utf-8"
    )
    return folder
