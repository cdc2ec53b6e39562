"""Pages come and go within a number of layers; what is shown stays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import moderngl
import numpy as np
import pytest

from mien.character import Drawing, Slot
from mien.composite import FrameRows, PictureRows, SlotRows
from mien.composite.gl import Compositor, CompositorOptions
from mien.composite.gl.page_layout import PageLayout
from mien.composite.slot_rows import WHITE
from mien.errors import PageMissing
from mien.types import MAX_MIXED, U8, Affine, Rect, Size

SIDE = 16
SIZE = (16, 16)


def page(number: int) -> U8:
    pixels = np.zeros((SIDE, SIDE, 4), np.uint8)
    pixels[2:-2, 2:-2] = (10 * number + 5, 0, 0, 255)
    return pixels


def showing(*pages: int) -> FrameRows:
    frame = FrameRows(8, SIZE)  # type: ignore[arg-type]
    for place, number in enumerate(pages):
        drawing = Drawing(f"d{number}", number, Rect(2, 2, 12, 12), (0, 0))
        PictureRows(drawing).fill(frame, Affine(tx=2 + place, ty=2))
    return frame


def red(compositor: Compositor, *pages: int) -> int:
    compositor.draw(showing(*pages))
    return int(compositor.read()[8, 8, 0])


@pytest.fixture
def two_layers(ctx: moderngl.Context) -> Compositor:
    return Compositor(ctx, SIZE, SIDE, 5, 8, options=CompositorOptions(page_layers=2))  # type: ignore[arg-type]


def test_the_page_that_was_not_shown_for_longest_makes_room(two_layers: Compositor) -> None:
    with two_layers as compositor:
        for number in (0, 1):
            compositor.upload_page(number, page(number))
        assert [red(compositor, 0), red(compositor, 1), red(compositor, 0)] == [5, 15, 5]
        compositor.upload_page(2, page(2))
        assert compositor.pages.here.tolist() == [True, False, True, False, False]
        assert [red(compositor, 2), red(compositor, 0)] == [25, 5]
        assert compositor.counters.misses == 0
        assert red(compositor, 1) == 0
        assert (compositor.counters.misses, compositor.counters.evictions) == (1, 1)
        compositor.upload_page(1, page(1))
        assert red(compositor, 1) == 15


def test_what_is_shown_never_makes_room(two_layers: Compositor) -> None:
    with two_layers as compositor:
        for number in (0, 1):
            compositor.upload_page(number, page(number))
        red(compositor, 0, 1)
        with pytest.raises(PageMissing, match="all 2 layers are being shown"):
            compositor.upload_page(2, page(2))
        assert not compositor.pages.begin(3)
        assert red(compositor, 0) == 5


def test_a_page_that_is_half_written_is_not_shown(two_layers: Compositor) -> None:
    with two_layers as compositor:
        pages, pixels = compositor.pages, page(3)
        assert pages.begin(3)
        pages.coverage.set_page(3, pixels)
        for line in range(0, SIDE, 4):
            assert red(compositor, 3) == 0
            pages.write(3, line, pixels[line : line + 4])
        pages.finish(3)
        before = replace(compositor.counters)
        assert red(compositor, 3) == 35
        assert compositor.counters.misses == before.misses == 4


@pytest.mark.parametrize("in_strips", [False, True])
def test_a_part_of_a_page_lies_where_the_whole_page_has_it(in_strips: bool) -> None:
    rng, size, place = np.random.default_rng(3), Size(90, 150), 1
    layout = PageLayout(size, in_strips=in_strips)
    array = np.zeros((3 * layout.per_page, layout.size.height, layout.size.width, 4), np.uint8)
    pixels = rng.integers(0, 256, (size.height, size.width, 4)).astype(np.uint8)

    def write(parts: Iterator[tuple[int, int, U8]]) -> None:
        for layer, line, lines in parts:
            array[layer, line : line + len(lines)] = lines

    write(layout.parts(place, 0, pixels))
    for _ in range(60):
        (left, right), (top, bottom) = (np.sort(rng.integers(0, side + 1, 2)).tolist() for side in size)
        pixels[top:bottom, left:right] = rng.integers(0, 256, (bottom - top, right - left, 4))
        write(layout.part(place, Rect(left, top, right - left, bottom - top), pixels))
        own = array[place * layout.per_page : (place + 1) * layout.per_page]
        assert np.array_equal(layout.lines(own, 0, size.height, size.width), pixels)


def test_a_part_is_brought_a_step_at_a_time_to_a_page_that_is_shown(two_layers: Compositor) -> None:
    with two_layers as compositor:
        compositor.upload_page(2, page(2))
        assert red(compositor, 2) == 25
        pages, pixels, before = compositor.pages, page(4), replace(compositor.counters)
        steps = pages.write_part(2, Rect(0, 0, SIDE, SIDE), pixels)
        assert compositor.counters == before, "nothing is done before it is begun"
        for _ in steps:
            pass
        assert np.array_equal(pages.read(2, 0, SIDE), pixels)  # type: ignore[arg-type]
        assert compositor.counters.part_uploads == before.part_uploads + 1
        assert compositor.counters.page_uploads == before.page_uploads


def test_any_order_of_pages_shows_the_right_one(two_layers: Compositor) -> None:
    rng = np.random.default_rng(5)
    with two_layers as compositor:
        for number in rng.integers(0, 5, 60).tolist():
            if not compositor.pages.here[number]:
                compositor.upload_page(number, page(number))
            assert red(compositor, number) == 10 * number + 5


def test_half_of_a_crossfade_appears_when_its_page_does(two_layers: Compositor) -> None:
    frame = FrameRows(2, SIZE)  # type: ignore[arg-type]
    drawings = tuple(Drawing(f"d{k}", k, Rect(2, 2, 12, 12), (0, 0)) for k in range(2))
    rows = SlotRows([Slot("s", drawings, default=0, joint=0)])
    picks, weights = np.full((1, MAX_MIXED), -1, np.int32), np.zeros((1, MAX_MIXED), np.float32)
    picks[0, :2], weights[0, :2] = (1, 0), (0.6, 0.4)
    rows.append(
        frame, np.array([[[1.0, 0, 2], [0, 1.0, 2]]]), picks, weights, np.ones(1, np.float32), 1.0, WHITE
    )
    with two_layers as compositor:
        for number, red in ((None, 0), (0, 2), (1, 11)):
            if number is not None:
                pages = compositor.pages
                assert pages.begin(number)
                pages.coverage.set_page(number, page(number))
                pages.write(number, 0, page(number))
                pages.finish(number)
            compositor.draw(frame)
            assert compositor.read()[8, 8, 0] == red
