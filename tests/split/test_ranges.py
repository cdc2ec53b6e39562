"""Frames of ranges come in order, whoever draws them, and whoever of those ends meanwhile."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.catalog import bundled
from mien.clock import FrameRate
from mien.errors import RendererUnavailable
from mien.observe import FrameRecord
from mien.split.job import Drawn, Job, Range
from mien.split.packing import packed, unpacked
from mien.split.ranges import Ranges
from mien.talk import alone
from mien.types import Size

SIZE = Size(16, 16)
EACH = 60
"""Frames of a range of so small pictures."""


class Gone(Exception):
    """A process ended."""


class Pool:
    """Draws at once, and each frame as its number; `ends` says in which attempts a process ends."""

    shares_memory = False
    lost = (Gone,)

    def __init__(self, workers: int = 2, ends: set[int] = frozenset()) -> None:  # type: ignore[assignment]
        self.workers = workers
        self.ends = set(ends)
        self.given: list[int] = []
        self.renewed = 0
        self.closed = 0
        self.drawn = Drawn((), None, "one", "1")

    def draw(self, wanted: Range) -> Future[Drawn]:
        future: Future[Drawn] = Future()
        attempt = len(self.given)
        self.given.append(wanted.first)
        if attempt in self.ends:
            future.set_exception(Gone())
            return future
        pictures = np.empty((wanted.count, SIZE.height, SIZE.width, 4), np.uint8)
        pictures[:] = (wanted.first + np.arange(wanted.count)).reshape(-1, 1, 1, 1) % 251
        records = tuple(record(wanted.first + k) for k in range(wanted.count))
        future.set_result(replace(self.drawn, records=records, packed=packed(pictures)))
        return future

    remarks = ()
    at_once = 1

    def look(self) -> None:
        raise AssertionError("what is drawn at once is not waited for")

    def renew(self, error: BaseException) -> None:
        assert isinstance(error, Gone)
        self.renewed += 1

    def why_lost(self, error: BaseException) -> str:
        return f"{type(error).__name__} has gone; call it back"

    def close(self) -> None:
        self.closed += 1


def record(number: int) -> FrameRecord:
    return FrameRecord(frame=number, at_sample=1600 * number, scheduled_ms=0.0, presented_ms=0.0)


def ranges(pool: Pool, last: int | None = None) -> Ranges:
    job = Job("a", alone(bundled("characters", "otto")), {}, SIZE, "1")
    return Ranges(job, pool, FrameRate.of(30), last)


def taken(of: Ranges, count: int) -> list[int]:
    numbers = []
    for k in range(count):
        picture, told = of.take(k)
        assert np.all(picture == picture[0, 0, 0])
        assert told.frame % 251 == picture[0, 0, 0]
        numbers.append(told.frame)
    return numbers


def test_frames_come_in_order_and_as_many_ranges_are_ahead_as_there_are_workers_and_two() -> None:
    pool = Pool(workers=3)
    frames = ranges(pool)
    assert pool.given == [0, 60, 120, 180, 240]
    assert taken(frames, 150) == list(range(150))
    assert pool.given == [60 * k for k in range(3 + 4)]
    frames.close()
    assert pool.closed == 1


def test_nothing_is_drawn_behind_the_last_frame_that_is_wanted() -> None:
    pool = Pool(workers=4)
    frames = ranges(pool, last=100)
    assert taken(frames, 100) == list(range(100))
    assert pool.given == [0, 60]
    with pytest.raises(IndexError):
        frames.take(120)


@given(st.sets(st.integers(0, 12), max_size=3))
def test_what_a_process_that_ends_was_to_draw_is_drawn_anew(ends: set[int]) -> None:
    pool = Pool(ends=ends)
    frames = ranges(pool)
    assert taken(frames, 400) == list(range(400))
    assert frames.replaced == pool.renewed <= len(ends)


def test_a_range_whose_processes_end_again_and_again_is_given_up_in_a_sentence() -> None:
    frames = ranges(Pool(ends=set(range(100))))
    with pytest.raises(
        RendererUnavailable, match=r"from 0\.0 s on were begun 4 times .*: Gone has gone; call it back"
    ):
        frames.take(0)


def test_a_range_that_nobody_will_draw_any_more_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    class Silent(Pool):
        looks = 0

        def draw(self, wanted: Range) -> Future[Drawn]:
            self.given.append(wanted.first)
            return Future()

        def look(self) -> None:
            self.looks += 1
            if self.looks == 3:
                raise RendererUnavailable("nobody is there")

    monkeypatch.setattr("mien.split.ranges.LOOKS_S", 0.001)
    pool = Silent()
    with pytest.raises(RendererUnavailable, match="nobody is there"):
        ranges(pool).take(0)
    assert pool.looks == 3


@pytest.mark.parametrize(
    ("changed", "wanted"),
    [
        ({"version": "2"}, "a worker has Mien 2, this is 1"),
        ({"renderer": "two"}, "one and two: their pixels"),
    ],
)
def test_workers_that_may_draw_other_pixels_are_refused(changed: dict[str, str], wanted: str) -> None:
    pool = Pool(workers=1)
    frames = ranges(pool)
    frames.take(0)
    pool.drawn = replace(pool.drawn, **changed)  # type: ignore[arg-type]
    with pytest.raises(RendererUnavailable, match=wanted):
        for k in range(600):
            frames.take(k)


@given(st.integers(1, 4), st.integers(1, 5), st.integers(1, 5), st.randoms(use_true_random=False))
def test_what_is_packed_is_the_same_when_it_is_unpacked(n: int, h: int, w: int, chance: object) -> None:
    pictures = np.random.default_rng(chance.getrandbits(32)).integers(0, 256, (n, h, w, 4), np.uint8)  # type: ignore[attr-defined]
    wanted = pictures.copy()
    assert np.array_equal(unpacked(packed(pictures), (n, h, w, 4)), wanted)


def test_what_is_not_packed_is_refused() -> None:
    with pytest.raises(ValueError, match="no pictures of"):
        unpacked(b"nothing", (1, 2, 2, 4))
    with pytest.raises(ValueError, match="no pictures of"):
        unpacked(packed(np.zeros((1, 2, 2, 4), np.uint8)), (1, 2, 3, 4))
