"""PNGTuber-Plus's `.save`: JSON with a sprite to each number, its picture as base64 of a PNG.

A sprite's `pos` is measured from what it hangs on, `offset` moves its picture against that; `zindex` counts
for the whole figure. Shown are those whose `showTalk` (1: silent, 2: speaking) and `showBlink` (1: eyes open,
2: shut) fit, of the costume that is worn.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import replace
from pathlib import Path as FilePath
from pathlib import PurePosixPath
from typing import Any, Final

from mien.art.layered.tree import check_file
from mien.errors import FormatError, ImageRejected
from mien.importing.artwork import Artwork
from mien.importing.models.godot import numbers_of
from mien.importing.models.layers import artwork_of
from mien.importing.models.parts import Model, Motion, Part
from mien.importing.models.sheets import Sheet
from mien.importing.models.transforms import number
from mien.messages import printable, quoted

_MOST_BYTES: Final = 160 << 20
_MOST_PARTS: Final = 1024


def read_plus(path: FilePath) -> Artwork:
    """An avatar. Raises AssetMissing, FormatError, ImageRejected."""
    check_file(path)
    if path.stat().st_size > _MOST_BYTES:
        raise ImageRejected(f"{path} is longer than {_MOST_BYTES} bytes; save it with smaller pictures.")
    try:
        data = json.loads(path.read_bytes())
    except RecursionError as error:
        raise FormatError(f"{path} is nested too deep, and no PNGTuber-Plus avatar.") from error
    except (ValueError, OSError) as error:
        raise FormatError(
            f"{path} is no PNGTuber-Plus avatar, or is cut: it is no whole JSON; save it again there."
        ) from error
    entries = [v for v in data.values() if isinstance(v, dict)] if isinstance(data, dict) else []
    entries = [entry for entry in entries if entry.get("type", "sprite") == "sprite"]
    if not entries:
        raise FormatError(f"{path}: holds no sprite, and is no PNGTuber-Plus avatar.")
    if len(entries) > _MOST_PARTS:
        raise FormatError(
            f"{path}: holds {len(entries)} sprites, and {_MOST_PARTS} is the limit; merge some."
        )
    return artwork_of(_model(entries, str(path)), str(path))


def _model(entries: list[dict[str, Any]], file: str) -> Model:
    warnings: list[str] = []
    by_key = {str(entry.get("identification", index)): entry for index, entry in enumerate(entries)}
    places = _places(by_key, file)
    parts = []
    worn: set[int] = set()
    for key, entry in by_key.items():
        where = f"{file}: sprite {quoted(_name(entry))}"
        sheet = Sheet.of(_picture(entry, where), where, round(number(entry, "frames", 1)))
        if sheet.frames > 1:
            warnings.append(f"{_name(entry)}: its {sheet.frames} frames stand still, at the first")
        x, y = places[key]
        off_x, off_y = numbers_of(entry.get("offset"), 2) or (0.0, 0.0)
        size = sheet.size
        costumes = numbers_of(entry.get("costumeLayers"))
        shown = (
            frozenset(i for i, on in enumerate(costumes[:10]) if on) if costumes is not None else frozenset()
        )
        if costumes is not None and not all(costumes[:10]):
            worn |= set(range(len(costumes[:10])))
        toggle = entry.get("toggle")
        parts.append(
            Part(
                key,
                _name(entry),
                _parent(entry, by_key),
                (x + off_x - size.width / 2, y + off_y - size.height / 2),
                size,
                (x, y),
                sheet.pixels,
                number(entry, "zindex"),
                _state(entry, "showTalk"),
                _state(entry, "showBlink"),
                shown if costumes is not None else frozenset(),
                True,
                toggle if isinstance(toggle, str) and toggle not in ("", "null") else "",
                entry.get("clipped") is True,
                motion=_motion(entry),
            )
        )
    names = tuple(f"costume_{i + 1}" for i in range(10)) if worn else ()
    return Model(tuple(_of_worn(part, bool(worn)) for part in parts), names, tuple(warnings))


def _of_worn(part: Part, has_costumes: bool) -> Part:
    return part if has_costumes or not part.costumes else replace(part, costumes=frozenset())


def _name(entry: dict[str, Any]) -> str:
    path = entry.get("path")
    stem = PurePosixPath(path.replace("\\", "/")).stem if isinstance(path, str) else ""
    return printable(stem)[:80] or "sprite"


def _parent(entry: dict[str, Any], by_key: dict[str, dict[str, Any]]) -> str:
    parent = entry.get("parentId")
    key = str(int(parent)) if isinstance(parent, float) and parent.is_integer() else str(parent)
    return key if parent is not None and key in by_key else ""


def _places(by_key: dict[str, dict[str, Any]], file: str) -> dict[str, tuple[float, float]]:
    """Where each sprite's origin lies on the plane: what it hangs on is added up. A sprite hangs on the drawn
    picture of another, whose `offset` does not move it."""
    places: dict[str, tuple[float, float]] = {}
    for key in by_key:
        x = y = 0.0
        at, seen = key, set()
        while at and at not in seen:
            seen.add(at)
            dx, dy = numbers_of(by_key[at].get("pos"), 2) or (0.0, 0.0)
            x, y = x + dx, y + dy
            at = _parent(by_key[at], by_key)
        if at:
            raise FormatError(
                f"{file}: sprite {quoted(_name(by_key[key]))} hangs on itself; link it anew and save."
            )
        places[key] = x, y
    return places


def _picture(entry: dict[str, Any], where: str) -> bytes:
    data = entry.get("imageData")
    if not isinstance(data, str) or not data:
        raise FormatError(f"{where} has no picture in the file; save it again with a newer PNGTuber-Plus.")
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ImageRejected(f"{where}: its picture is no base64; save it again.") from error


def _state(entry: dict[str, Any], key: str) -> int:
    value = round(number(entry, key))
    return value if value in (1, 2) else 0


def _motion(entry: dict[str, Any]) -> Motion:
    waves = (("xAmp", "xFrq"), ("yAmp", "yFrq"))
    wobble = [number(entry, size) if number(entry, speed) else 0.0 for size, speed in waves]
    return Motion(
        number(entry, "drag"),
        number(entry, "rotDrag"),
        (number(entry, "rLimitMin", -180), number(entry, "rLimitMax", 180)),
        number(entry, "stretchAmount"),
        (wobble[0], wobble[1]),
    )
