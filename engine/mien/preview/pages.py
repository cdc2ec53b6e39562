"""Atlas pages: which there are, whose, and which are on the GPU."""

from __future__ import annotations

from collections import Counter
from typing import Final, TypeAlias

import numpy as np
from slimgui import imgui

from mien.preview import widgets
from mien.preview.asking import Asking
from mien.preview.canvas import Canvas
from mien.preview.style import ACCENT, BAD, FIELD, QUIET, packed
from mien.stage.shown import AtlasPage
from mien.types import U8

_THUMB: Final = 80.0
_PIXELS: Final = 512
_PARTS: Final = 64
"""In so many a page is read: 1 ms each."""
_MB: Final = 1e6
_GROUND: Final = packed((0.122, 0.129, 0.149, 1.0))
_RESIDENT: Final = "pages that can be drawn from now, of all that there are"
_MEMORY: Final = "what those pages take on the GPU, of the budget, where the stage was opened with one"
_UPLOADS: Final = "pages that went to the GPU since the start, the first ones included"
_EVICTED: Final = "pages that made room for another since the start"
_MISSED: Final = "how often a drawing was to be shown whose page was not there yet, since the start"


_Name: TypeAlias = tuple[int, str, int, int]
"""(number, owner, drawings, changes) of a page."""


class Pages:
    """Small pictures of the pages, and one large. Parameters: `asking`."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking
        self._textures: dict[_Name, tuple[int, float]] = {}
        """(texture, width / height) of those that were read."""
        self._wanted: dict[_Name, AtlasPage] = {}
        """What was laid out last."""
        self._reading: tuple[_Name, list[U8]] | None = None
        """What is being read, and what of it was, from the top."""
        self._large: int | None = None

    def draw(self, canvas: Canvas) -> None:
        """Lay it out."""
        if not widgets.heading("Atlas pages", is_open=False):
            self._wanted = {}
            return
        stage = self._asking.stage
        known, missed = stage.residency(), stage.ledger.count("l1_miss_total")
        budget = "" if known.budget is None else f" of {known.budget / _MB:.0f}"
        widgets.figures(
            (
                ("on the GPU", f"{known.resident} of {known.pages}", None, _RESIDENT),
                ("memory", f"{known.resident_bytes / _MB:.0f}{budget} MB", None, _MEMORY),
                ("uploads", f"{known.uploads}", None, _UPLOADS),
                ("evicted", f"{known.evictions}", None, _EVICTED),
                ("missed", f"{missed}", BAD if missed else None, _MISSED),
            )
        )
        pages = stage.atlas_pages()
        self._wanted = {_name(page): page for page in pages}
        for name in [name for name in self._textures if name not in self._wanted]:
            canvas.drop_texture(self._textures.pop(name)[0])
        large = next((page for page in pages if page.number == self._large), None)
        right = imgui.get_cursor_screen_pos()[0] + imgui.get_content_region_avail()[0]
        end = None
        for page in pages:
            if end is not None and end + 6.0 + _THUMB <= right:
                imgui.same_line()
            if self._thumb(page):
                self._large = None if self._large == page.number else page.number
            end = imgui.get_item_rect_max()[0]
        if large is not None:
            self._enlarged(large)

    def leave(self) -> None:
        """It is out of sight: nothing is read for it."""
        self._wanted = {}

    @property
    def unread(self) -> bool:
        """A page is there that is to be shown and was not read yet."""
        return any(page.resident and name not in self._textures for name, page in self._wanted.items())

    def read(self, canvas: Canvas) -> None:
        """Read some of a page that was not read yet: all of it at once would take a frame's time and more."""
        found = ((n, page) for n, page in self._wanted.items() if page.resident and n not in self._textures)
        name, page = next(found, (None, None))
        if name is None or page is None:
            return
        if self._reading is None or self._reading[0] != name:
            self._reading = (name, [])
        parts = self._reading[1]
        part = self._asking.stage.page_picture(page.number, _PIXELS, part=(len(parts), _PARTS))
        if part is None:  # it has gone
            self._reading = None
            return
        parts.append(_over_checks(part, sum(map(len, parts))))
        if len(parts) == _PARTS:
            self._reading, picture = None, np.concatenate(parts)
            self._textures[name] = canvas.add_texture(picture), picture.shape[1] / picture.shape[0]

    def _thumb(self, page: AtlasPage) -> bool:
        x, y = imgui.get_cursor_screen_pos()
        clicked = imgui.invisible_button(f"page/{page.number}", (_THUMB, _THUMB))
        drawing = imgui.get_window_draw_list()
        drawing.add_rect_filled((x, y), (x + _THUMB, y + _THUMB), _GROUND, 4.0)
        found = self._textures.get(_name(page))
        if found is not None:
            texture, shape = found
            wide, high = (_THUMB - 4.0) * min(1.0, shape), (_THUMB - 4.0) / max(1.0, shape)
            left, top = x + (_THUMB - wide) / 2, y + (_THUMB - high) / 2
            tint = 0xFFFFFFFF if page.resident else 0x50FFFFFF
            drawing.add_image(texture, (left, top), (left + wide, top + high), col=tint)
        if not page.resident:
            drawing.add_text((x + 8.0, y + _THUMB - 22.0), packed(QUIET), "not there")
        edge = ACCENT if page.number == self._large else FIELD
        drawing.add_rect((x, y), (x + _THUMB, y + _THUMB), packed(edge), 4.0)
        if imgui.is_item_hovered():
            owner, size, drawn = page.owner or "background", page.size, len(page.drawings)
            told = f"page {page.number}, {owner}: {size.width}x{size.height} pixels, {drawn} drawings"
            widgets.tip(told, pointed=True)
        return clicked

    def _enlarged(self, page: AtlasPage) -> None:
        found = self._textures.get(_name(page))
        owner = page.owner or "background"
        widgets.quiet(f"page {page.number}, {owner}: {page.size.width}x{page.size.height} pixels, "
                      f"{page.bytes / _MB:.1f} MB")  # fmt: skip
        if found is not None:
            texture, shape = found
            wide = imgui.get_content_region_avail()[0]
            imgui.image(texture, (wide, wide / shape))
        if page.drawings:
            slots = Counter(drawing.partition("/")[0].replace("_", " ") for drawing in page.drawings)
            widgets.quiet(", ".join(f"{n} of {slot}" if n > 1 else slot for slot, n in slots.items()))


def _name(page: AtlasPage) -> _Name:
    return page.number, page.owner, hash(page.drawings), page.changes


def _over_checks(picture: U8, top: int) -> U8:
    """(h, w, 4) uint8 premultiplied over dark squares of 8 pixels, opaque. `top`: its first line among those
    of the squares."""
    rows, columns = np.indices(picture.shape[:2])
    ground = np.where(((rows + top) // 8 + columns // 8) % 2, 44, 56).astype(np.uint16)[..., None]
    pixels = picture[..., :3] + ground * (255 - picture[..., 3:].astype(np.uint16)) // 255
    opaque = np.full((*picture.shape[:2], 4), 255, np.uint8)
    opaque[..., :3] = np.minimum(pixels, 255)
    return opaque
