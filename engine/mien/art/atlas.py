"""Atlas pages: sprites, deduplicated and packed, each with a gutter.

**The gutter.** Every region is surrounded by `GUTTER_PX` pixels of its own: transparent where the art
ends, the outermost pixels repeated on the sides where the canvas edge cut it. A bilinear sample up to
half a pixel outside a region reads the region and its own gutter only, so it never sees a neighbour, and
what it sees is what lies beside the drawing: nothing, or more of the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import partial

import numpy as np

from mien.art.kept import KeptFiles
from mien.art.packed import Atlas, Content, Room, SpritePlacement, atlas_with
from mien.art.packing import pack
from mien.art.sprites import Sprite, too_large
from mien.errors import AtlasFull, FormatError
from mien.messages import quoted
from mien.types import U8, Rect

GUTTER_PX = 2
"""Pixels around each region that belong to it."""

MAX_PAGES = 32
"""Most pages of one character: 512 MiB at 2048 x 2048."""

MAX_BYTES = 1 << 30
"""Most memory of the pages of one character, whatever their size."""

MIN_PAGE_SIZE, MAX_PAGE_SIZE = 16, 8192
"""Sides of a page; every GL 4 driver takes the larger."""


def check_page_size(page_size: int, name: str = "page_size") -> None:
    """Raises FormatError when pages of this side cannot be made."""
    if type(page_size) is not int or not MIN_PAGE_SIZE <= page_size <= MAX_PAGE_SIZE:
        raise FormatError(
            f"{name} is {quoted(page_size)}, but must be {MIN_PAGE_SIZE} to {MAX_PAGE_SIZE}; 2048 suits most."
        )


def build_atlas(
    sprites: Sequence[Sprite],
    page_size: int,
    page_limit: int = MAX_PAGE_SIZE,
    ranks: Sequence[int] = (),
    kept: KeptFiles | None = None,
) -> Atlas:
    """Pack trimmed sprites on square pages, all of one size. Equal ones, and mirrored ones, share a region.

    The pages are `page_size` on a side; when a sprite is larger than that, the next multiple that takes it;
    and never more than `page_limit`. `ranks`, one for each sprite: what is needed together has the same, so
    that it lies on few pages, the lower the sooner. `kept`: what was worked out of the same pictures before.
    Raises AtlasFull when a sprite is larger than a page may be or all are too many, FormatError for a size
    out of range.
    """
    check_page_size(page_size)
    check_page_size(page_limit, "page_limit")
    kept = KeptFiles() if kept is None else kept
    unique, contents, shares = deduplicated(sprites, kept)
    side = side_for(unique, page_size, page_limit)
    gutters = [gutter_of(sprite, side) for sprite in unique]
    sizes = [
        (sprite.pixels.shape[1] + 2 * gx, sprite.pixels.shape[0] + 2 * gy)
        for sprite, (gx, gy) in zip(unique, gutters, strict=True)
    ]
    lowest = [len(ranks)] * len(unique)
    for (index, _), rank in zip(shares, ranks, strict=False):
        lowest[index] = min(lowest[index], rank)
    places = ("packed", tuple(sizes), side, tuple(lowest))
    packed = kept.made(places, lambda: pack(sizes, side, lowest))
    count = max((p.page for p in packed), default=-1) + 1
    most = min(MAX_PAGES, MAX_BYTES // (4 * side**2))
    if count > most:
        raise AtlasFull(
            f"the drawings need {count} pages of {side} px, and {most} is the limit; "
            "load at a smaller scale or with pages of another size."
        )
    pages = [np.zeros((side, side, 4), np.uint8) for _ in range(count)]
    rooms = []
    for sprite, (gx, gy), (width, height), (page, x, y) in zip(unique, gutters, sizes, packed, strict=True):
        region = Rect(x + gx, y + gy, width - 2 * gx, height - 2 * gy)
        rooms.append(Room(page, Rect(x, y, width, height), region))
        put(pages[page], rooms[-1], sprite)
    return atlas_of(pages, rooms, contents, shares)


def atlas_of(
    pages: Sequence[U8],
    rooms: Sequence[Room],
    contents: Sequence[Content],
    shares: Sequence[tuple[int, bool]],
    brought: tuple[Room, ...] | None = None,
) -> Atlas:
    """These pages, finished. `rooms` and `contents`, one for each region; `shares`: as of `deduplicated`."""
    for finished in pages:
        finished.setflags(write=False)
    placements = tuple(
        SpritePlacement(rooms[index].page, rooms[index].region, flip) for index, flip in shares
    )
    return atlas_with(placements, tuple(pages), dict(zip(contents, rooms, strict=True)), brought)


def side_for(sprites: Sequence[Sprite], page_size: int, page_limit: int) -> int:
    """The side of the pages."""
    side = min(page_size, page_limit)
    for sprite in sprites:
        height, width = sprite.pixels.shape[:2]
        left, top, right, bottom = sprite.cut
        # An axis that is cut on both sides does without a gutter when it fills the page.
        wide = width if left and right else width + 2 * GUTTER_PX
        high = height if top and bottom else height + 2 * GUTTER_PX
        if max(wide, high) > page_limit:
            raise too_large(sprite.label, (width, height), page_limit)
        side = max(side, min(-(-max(wide, high) // page_size) * page_size, page_limit))
    return side


def deduplicated(
    sprites: Sequence[Sprite], kept: KeptFiles
) -> tuple[list[Sprite], list[Content], list[tuple[int, bool]]]:
    """Sprites to pack, what tells each, and for each sprite given its index there and whether it is
    mirrored."""
    unique: list[Sprite] = []
    seen: dict[Content, int] = {}
    outlines: set[tuple[object, ...]] = set()  # only sprites of one size can be twins; spares most hashing
    shares: list[tuple[int, bool]] = []
    for sprite in sprites:
        pixels = sprite.pixels  # which many sprites may share
        digest = kept.made_of([pixels], "digest", partial(_digest, pixels))
        key = (*pixels.shape, sprite.cut, digest)
        if key in seen:
            shares.append((seen[key], False))
            continue
        left, top, right, bottom = sprite.cut
        outline = (*sprite.pixels.shape, (right, top, left, bottom))
        if outline in outlines:
            mirrored = kept.made_of([pixels], "mirrored", partial(_digest_of_mirrored, pixels))
            twin = (*outline, mirrored)
            if twin in seen:
                shares.append((seen[twin], True))
                continue
        outlines.add(key[:-1])
        seen[key] = len(unique)
        shares.append((len(unique), False))
        unique.append(sprite)
    return unique, list(seen), shares


def _digest(pixels: U8) -> bytes:
    return hashlib.sha256(pixels.data).digest()


def _digest_of_mirrored(pixels: U8) -> bytes:
    return _digest(np.ascontiguousarray(pixels[:, ::-1]))


def gutter_of(sprite: Sprite, side: int) -> tuple[int, int]:
    """Gutter pixels (x, y). A full-page axis that is cut on both sides does without: clamping repeats it."""
    height, width = sprite.pixels.shape[:2]
    left, top, right, bottom = sprite.cut
    room_x = (side - width) // 2 if left and right else GUTTER_PX
    room_y = (side - height) // 2 if top and bottom else GUTTER_PX
    return min(GUTTER_PX, room_x), min(GUTTER_PX, room_y)


def put(page: U8, where: Room, sprite: Sprite) -> None:
    """Write a sprite and its gutter into its room on a page."""
    x, y, wide, high = where.around
    gx, gy = where.region.x - x, where.region.y - y
    room = page[y : y + high, x : x + wide]
    height, width = sprite.pixels.shape[:2]
    room[:] = 0
    room[gy : gy + height, gx : gx + width] = sprite.pixels
    left, top, right, bottom = sprite.cut
    if left and gx:
        room[:, :gx] = room[:, gx : gx + 1]
    if right and gx:
        room[:, gx + width :] = room[:, gx + width - 1 : gx + width]
    if top and gy:  # after the sides, so that a corner cut twice is filled
        room[:gy] = room[gy : gy + 1]
    if bottom and gy:
        room[gy + height :] = room[gy + height - 1 : gy + height]
