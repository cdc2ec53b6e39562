"""Pages arrive while frames go on: no more than the budget at once, never in the place of what is shown."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator

import moderngl
import numpy as np
import pytest

from composite.test_pages import SIDE, SIZE, page, red, showing
from mien.clock import VirtualClock
from mien.composite.gl import Compositor, CompositorOptions
from mien.composite.gl.page_stream import PageStream
from mien.types import U8

Opened = Callable[..., tuple[Compositor, PageStream]]


@pytest.fixture
def opened(ctx: moderngl.Context) -> Iterator[Opened]:
    made: list[Compositor | PageStream] = []

    def make(
        load: Callable[[int], U8] = page, layers: int = 2, side: int = SIDE, **options: object
    ) -> tuple[Compositor, PageStream]:
        compositor = Compositor(ctx, SIZE, side, 6, 8, options=CompositorOptions(page_layers=layers))  # type: ignore[arg-type]
        stream = PageStream(compositor.pages, load, **options)  # type: ignore[arg-type]
        made.extend((stream, compositor))
        return compositor, stream

    yield make
    for one in made:
        one.close()


def until(stream: PageStream, done: Callable[[], bool]) -> int:
    """Frames that it takes. The worker's part is waited for, as no frame ever would."""
    for frame in range(10_000):
        if done():
            return frame
        stream._pages.next_frame()
        loading = stream._asked is not None and stream._writing is None
        if loading:
            item = stream._loaded.get(timeout=10.0)
            stream._loaded.put(item)
        stream.advance()
    raise AssertionError("never done")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="nice is a thread's own on Linux")
def test_pages_are_loaded_behind_the_frame_which_stays_where_it_is(opened: Opened) -> None:
    def nice() -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    before, loading = nice(), []

    def load(index: int) -> U8:
        loading.append(nice())
        return page(index)

    _, stream = opened(load)
    stream.want((4,))
    until(stream, lambda: bool(stream.here[4]))
    assert (loading, nice()) == ([min(19, before + 10)], before)


def test_what_is_wanted_comes_in_the_order_of_urgency(opened: Opened) -> None:
    order: list[int] = []

    def load(index: int) -> U8:
        order.append(index)
        return page(index)

    compositor, stream = opened(load, layers=3)
    stream.want((4, 1, 3))
    until(stream, lambda: stream.idle)
    assert order == [4, 1, 3]
    assert [red(compositor, number) for number in (4, 1, 3)] == [45, 15, 35]
    assert compositor.counters.misses == 0


def test_pages_that_are_wanted_stay_and_the_others_make_room(opened: Opened) -> None:
    compositor, stream = opened(layers=2)
    stream.want((0, 1))
    until(stream, lambda: stream.idle)
    red(compositor, 1)
    stream.want((2, 1))
    until(stream, lambda: stream.idle)
    assert compositor.pages.here.tolist() == [False, True, True, False, False, False]


def test_what_is_shown_is_not_replaced_and_the_rest_waits(opened: Opened) -> None:
    compositor, stream = opened(layers=2)
    stream.want((0, 1))
    until(stream, lambda: stream.idle)
    compositor.draw(showing(0, 1))
    stream.want((2,))
    for _ in range(5):
        compositor.draw(showing(0, 1))
        stream.advance()
        assert compositor.pages.here[:2].all()
    compositor.draw(showing(1))
    until(stream, lambda: stream.idle)
    assert compositor.pages.here.tolist()[:3] == [False, True, True]


def test_a_load_that_hangs_holds_nobody_up(opened: Opened) -> None:
    hangs = threading.Event()

    def load(index: int) -> U8:
        if index == 3:
            hangs.wait()
        return page(index)

    compositor, stream = opened(load, layers=4)
    try:
        stream.want((0,))
        until(stream, lambda: stream.idle)
        stream.want((3, 0))
        for _ in range(100):
            stream.advance()
            assert red(compositor, 0) == 5
        assert not compositor.pages.here[3]
    finally:
        hangs.set()
    until(stream, lambda: stream.idle)
    assert red(compositor, 3) == 35


def test_a_page_that_cannot_be_loaded_is_said_once_and_given_up(opened: Opened) -> None:
    asked: list[int] = []

    def load(index: int) -> U8:
        asked.append(index)
        if index == 2:
            raise OSError("the disk is gone")
        return page(index)

    compositor, stream = opened(load)
    stream.want((2, 1))
    until(stream, lambda: stream.idle)
    stream.want((2, 1))
    stream.advance()
    assert asked == [2, 1]
    assert stream.failures == {2: "page 2 could not be loaded (the disk is gone); what was shown stays."}
    assert red(compositor, 1) == 15


@pytest.mark.parametrize(("budget_ms", "slices"), [(0.0, 1), (2.0, 2), (100.0, 4)])
def test_a_frame_uploads_no_more_than_its_budget(opened: Opened, budget_ms: float, slices: int) -> None:
    clock = VirtualClock()
    side = 256

    def load(_: int) -> U8:
        return np.zeros((side, side, 4), np.uint8)

    compositor, stream = opened(load, side=side, budget_ms=budget_ms, clock=clock)
    write = compositor.pages.write

    def slow(index: int, first: int, lines: U8) -> None:
        clock.advance_ns(1_000_000)
        write(index, first, lines)

    compositor.pages.write = slow  # type: ignore[method-assign]
    stream.want((1,))
    stream.advance()
    stream._loaded.put(stream._loaded.get(timeout=10.0))
    before = compositor.counters.uploads
    stream.advance()
    assert compositor.counters.uploads - before == slices
    assert stream.upload_ms == slices


def test_a_random_run_shows_the_right_page_or_the_one_before(opened: Opened) -> None:
    rng = np.random.default_rng(3)
    compositor, stream = opened(layers=3)
    shown = 0
    stream.want((0,))
    until(stream, lambda: stream.idle)
    for _ in range(300):
        wish = int(rng.integers(0, 6))
        stream.want((wish, int(rng.integers(0, 6))))
        for _ in range(int(rng.integers(0, 4))):
            stream.advance()
            assert red(compositor, shown) == 10 * shown + 5
        if compositor.pages.here[wish]:
            shown = wish
        assert red(compositor, shown) == 10 * shown + 5
    assert compositor.counters.misses == 0
