"""Pages arrive while frames go on: no more than the budget at once, never in the place of what is shown."""

from __future__ import annotations

import os
import sys
import threading
import weakref
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


class Held:
    """Pages that are another each time, and come when they are let go."""

    def __init__(self) -> None:
        self.go, self.begun = threading.Event(), threading.Event()
        self.pages: list[weakref.ref[U8]] = []
        self.fails = False

    def load(self, index: int) -> U8:
        pixels = page(len(self.pages))
        self.pages.append(weakref.ref(pixels))
        self.begun.set()
        self.go.wait(10.0)
        if self.fails:
            self.fails = False
            raise OSError("it was given up")
        return pixels


@pytest.mark.parametrize("fails", [False, True])
def test_a_page_that_is_given_up_while_it_is_loaded_is_not_that_which_takes_its_number(
    opened: Opened, fails: bool
) -> None:
    held = Held()
    compositor, stream = opened(held.load, layers=2)
    held.fails = fails
    stream.want((3,))
    stream.advance()
    assert held.begun.wait(10.0)
    stream.drop(3)
    assert stream._next() is None, "it is not wanted any more"
    stream.want((3,))  # another page of that number
    stream.advance()
    held.go.set()
    until(stream, lambda: stream.idle)
    assert red(compositor, 3) == 15 and stream.failures == {}
    assert len(held.pages) == 2
    assert [one() for one in held.pages] == [None, None], "nothing is kept of what is on the GPU, or given up"


def test_a_page_that_is_given_up_half_written_leaves_its_layer_to_others(opened: Opened) -> None:
    def load(number: int) -> U8:
        return np.full((128, 128, 4), 10 * number + 5, np.uint8)

    compositor, stream = opened(load, layers=1, side=128, budget_ms=0.0)
    stream.want((3,))
    stream.advance()
    stream._loaded.put(stream._loaded.get(timeout=10.0))
    stream.advance()
    assert stream._writing is not None and stream._writing[2] == 64
    stream.drop(3)
    stream.advance()
    assert stream.idle and not stream.here.any()
    stream.want((2,))
    until(stream, lambda: stream.idle)
    assert stream.here.tolist() == [False, False, True, False, False, False]
    assert red(compositor, 2) == 25
    assert compositor.counters.evictions == 0


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


def test_what_is_free_in_a_frame_is_taken_once_and_a_page_under_way_is_learnt(opened: Opened) -> None:
    clock, side = VirtualClock(), 512

    def load(number: int) -> U8:
        return np.full((side, side, 4), number, np.uint8)

    compositor, stream = opened(load, side=side, budget_ms=2.0, clock=clock)
    write = compositor.pages.write

    def slow(index: int, first: int, lines: U8) -> None:
        clock.advance_ns(1_000_000)
        write(index, first, lines)

    compositor.pages.write = slow  # type: ignore[method-assign]
    stream.want((1,))
    stream.advance()
    stream._loaded.put(stream._loaded.get(timeout=10.0))
    assert not stream.is_learnt(1)
    for more_ms, slices in ((3.0, 5), (None, 2), (1.0, 1)):
        before = compositor.counters.uploads
        stream.more_ms = stream.more_ms if more_ms is None else more_ms
        stream.advance()
        assert compositor.counters.uploads - before == slices
        assert stream.is_learnt(1) and not stream.is_learnt(2)
    assert stream.here[1]


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
