"""Atlas pages: which there are, whose, and which are on the GPU."""

from __future__ import annotations

from collections import Counter
from typing import Final

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
_MB: Final = 1e6
_GROUND: Final = packed((0.122, 0.129, 0.149, 1.0))


class Pages:
    """Small pictures of the pages, and one large. Parameters: `asking`."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking
        self._textures: dict[tuple[int, str, int, int], tuple[int, float]] = {}
        """(number, owner, drawings, changes) of a page -> (texture, width / height)."""
        self._large: int | None = None

    def draw(self, canvas: Canvas) -> None:
        """Lay it out."""
        if not widgets.heading("Atlas pages", is_open=False):
            return
        stage = self._asking.stage
        known, missed = stage.residency(), stage.ledger.count("l1_miss_total")
        budget = "" if known.budget is None else f" of {known.budget / _MB:.0f}"
        widgets.figures(
            (
                ("on the GPU", f"{known.resident} of {known.pages}", None),
                ("memory", f"{known.resident_bytes / _MB:.0f}{budget} MB", None),
                ("brought, gone", f"{known.uploads}, {known.evictions}", None),
                ("missed", f"{missed}", BAD if missed else None),
            )
        )
        pages = stage.atlas_pages()
        self._bring(pages, canvas)
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

    def _bring(self, pages: tuple[AtlasPage, ...], canvas: Canvas) -> None:
        """Read one page of those that are there and were not read yet: it takes milliseconds."""
        wanted = {_name(page): page for page in pages}
        for name in [name for name in self._textures if name not in wanted]:
            canvas.drop_texture(self._textures.pop(name)[0])
        for name, page in wanted.items():
            if page.resident and name not in self._textures:
                picture = self._asking.stage.page_picture(page.number, _PIXELS)
                if picture is not None:
                    shape = picture.shape[1] / picture.shape[0]
                    self._textures[name] = canvas.add_texture(_over_checks(picture)), shape
                return

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
            owner = page.owner or "background"
            imgui.set_tooltip(f"page {page.number}, {owner}: {page.size.width}x{page.size.height}, "
                              f"{len(page.drawings)} drawings")  # fmt: skip
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
            widgets.quiet(", ".join(f"{slot} {n}" if n > 1 else slot for slot, n in slots.items()))


def _name(page: AtlasPage) -> tuple[int, str, int, int]:
    return page.number, page.owner, hash(page.drawings), page.changes


def _over_checks(picture: U8) -> U8:
    """(h, w, 4) uint8 premultiplied over dark squares of 8 pixels, opaque."""
    rows, columns = np.indices(picture.shape[:2]) // 8
    ground = np.where((rows + columns) % 2, 44, 56).astype(np.uint16)[..., None]
    pixels = picture[..., :3] + ground * (255 - picture[..., 3:].astype(np.uint16)) // 255
    opaque = np.full((*picture.shape[:2], 4), 255, np.uint8)
    opaque[..., :3] = np.minimum(pixels, 255)
    return opaque
