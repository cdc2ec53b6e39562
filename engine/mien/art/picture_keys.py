"""The keys that say which picture a drawing or a mask is, and where it lies."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from mien.art.manifest import Baked, MaskPlan
from mien.documents.table import MAX_NUMBER, Table
from mien.messages import quoted
from mien.types import Rect

MAX_OFFSET_PX = 65_536
"""Largest offset of a PNG on the canvas, either way."""


def read_mask(table: Table, page_size: int, page_count: int) -> MaskPlan | None:
    """The mask of a slot or group, if it has one."""
    if not table.has("mask"):
        if table.has("mask_offset"):
            raise table.error("places a mask that is not named; add `mask`, or take it out", "mask_offset")
        return None
    if page_size:
        return MaskPlan(baked=read_baked(table, "mask", page_size, page_count))
    offset = read_offset(table, "mask_offset") if table.has("mask_offset") else None
    return MaskPlan(read_file(table, "mask"), offset)


def read_offset(table: Table, key: str) -> tuple[int, int]:
    """The top left of a PNG on the canvas."""
    value = table.point(key, None)
    x, y = (table.as_whole(f"{key}[{k}]", value[k], -MAX_OFFSET_PX, MAX_OFFSET_PX) for k in (0, 1))
    return x, y


def read_file(table: Table, key: str) -> str:
    """A path inside the character's folder."""
    text = table.text(key, None)
    path = PurePosixPath(text)
    bad = (
        path.is_absolute()
        or ".." in path.parts
        or any(c in text for c in '\\:*?"<>|')
        or not text.isprintable()
    )
    if bad or not path.parts:
        raise table.error(
            f"is {quoted(text)}; give a path inside the character's folder, with forward slashes", key
        )
    return str(path)


def read_baked(parent: Table, key: str, page_size: int, page_count: int) -> Baked:
    """Where a baked picture is: the table at a key."""
    table = parent.table(key)
    page = table.whole("page", None, 0, page_count - 1)
    numbers: dict[str, list[Any]] = {}
    for part, count in (("region", 4), ("offset", 2)):
        value = table.take(part)
        if not isinstance(value, list) or len(value) != count:
            raise table.error(
                f"is {quoted(value)}, but must be {count} whole numbers; pack the character again", part
            )
        limit = round(MAX_NUMBER)
        low = 0 if part == "region" else -limit
        numbers[part] = [table.as_whole(f"{part}[{i}]", v, low, limit) for i, v in enumerate(value)]
    region, (x, y) = Rect(*numbers["region"]), numbers["offset"]
    if (
        min(region.width, region.height) < 1
        or max(region.x + region.width, region.y + region.height) > page_size
    ):
        raise table.error(
            f"is {list(region)}, which leaves the page of {page_size} px; pack it again", "region"
        )
    flip_x = table.flag("flip_x", False)
    table.finish()
    return Baked(page, region, (x, y), flip_x)
