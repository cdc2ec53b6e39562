"""While a turn's first sound is due, other threads give the GIL up sooner; and no longer than that."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import numpy as np
import pytest

from audio.waiting import wait_for
from interrupting import interrupted_at
from mien import switching
from mien.audio import DecodeWorker, PcmFeed, TurnAudio
from mien.switching import Hurry, RightOfWay, quick_switches

Encode = Callable[..., bytes]
QUICK = pytest.approx(0.0005)


@pytest.fixture
def before() -> Iterator[float]:
    """The interval, and that it is as it was in the end."""
    interval = sys.getswitchinterval()
    yield interval
    assert sys.getswitchinterval() == interval


class Gated(DecodeWorker):
    """Works on a turn once it is told to, and knows the interval in which it did before there was sound."""

    def __init__(self, **options: Any) -> None:
        self.gate = threading.Event()
        self.intervals: list[float] = []
        super().__init__(**options)

    def _work(self, job: Any) -> bool:
        assert self.gate.wait(30)
        if not job.turn.samples_decoded:
            self.intervals.append(sys.getswitchinterval())
        return super()._work(job)

    def until(self, condition: Callable[[], bool]) -> None:
        wait_for(self, condition)


def test_switches_are_quick_from_when_a_turn_is_told_to_its_first_sound(
    before: float, encode: Encode, tone: np.ndarray
) -> None:
    data = encode(tone, "wav", "pcm_s16le")
    with Gated(quick=True) as worker:
        worker.until(lambda: worker.first_use.is_here)
        assert sys.getswitchinterval() == before
        for key in ("one", "two"):
            worker.gate.clear()
            turn = worker.submit(data, TurnAudio(key))
            assert sys.getswitchinterval() == QUICK, "before the thread has seen it"
            worker.gate.set()
            worker.until(lambda turn=turn: turn.done and sys.getswitchinterval() == before)  # type: ignore[misc]
        assert len(worker.intervals) >= 4
        assert all(interval == QUICK for interval in worker.intervals)


def test_a_feed_that_has_nothing_to_say_yet_hurries_nobody(before: float) -> None:
    feed = PcmFeed(48_000)
    with Gated(quick=True) as worker:
        worker.gate.set()
        turn = worker.submit(feed, TurnAudio("feed"))
        worker.until(lambda: bool(worker.intervals) and sys.getswitchinterval() == before)
        assert not turn.samples_decoded
        feed.end()


def test_neither_what_failed_nor_who_waits_for_room_hurries_anybody(
    before: float, encode: Encode, tone: np.ndarray
) -> None:
    data = encode(tone, "wav", "pcm_s16le")
    with Gated(quick=True, max_outstanding=4800) as worker:
        worker.gate.set()
        broken, full, behind = (worker.submit(data[at:], TurnAudio(str(at))) for at in (40, 0, 0))
        worker.until(lambda: full.outstanding >= 4800 and sys.getswitchinterval() == before)
        assert broken.error is not None
        assert not full.done and not behind.samples_decoded


def test_what_waits_for_room_behind_a_whole_turn_hurries_nobody(before: float, encode: Encode) -> None:
    data = encode(np.zeros(4800), "wav", "pcm_s16le")
    with Gated(quick=True) as worker:
        worker.gate.set()
        whole = worker.submit(data, TurnAudio("one"))
        worker.until(lambda: whole.done)
        worker._max_outstanding = whole.outstanding  # all that there is room for
        behind = worker.submit(data, TurnAudio("two"))
        worker.until(lambda: not worker._asked and sys.getswitchinterval() == before)
        assert not behind.samples_decoded


def test_offline_nobody_is_hurried(before: float, encode: Encode, tone: np.ndarray) -> None:
    with Gated() as worker:
        turn = worker.submit(encode(tone, "wav", "pcm_s16le"), TurnAudio("one"))
        assert sys.getswitchinterval() == before
        worker.gate.set()
        worker.until(lambda: turn.done)
        assert set(worker.intervals) == {before}


def test_a_worker_that_is_closed_while_a_sound_is_due_leaves_the_interval_as_it_was(
    before: float, encode: Encode, tone: np.ndarray
) -> None:
    worker = Gated(quick=True)
    turn = worker.submit(encode(tone, "wav", "pcm_s16le"), TurnAudio("one"))
    assert sys.getswitchinterval() == QUICK
    worker.gate.set()
    worker.close()
    assert turn.done
    assert sys.getswitchinterval() == before


def test_what_is_closed_wants_nothing_any_more_and_takes_nothing_from_others(before: float) -> None:
    hurry = Hurry()
    hurry(True)
    hurry(True)
    with quick_switches():
        hurry.close()
        hurry.close()
        assert sys.getswitchinterval() == QUICK, "a frame still wants it"
    hurry(True)
    assert sys.getswitchinterval() == before


def test_a_handler_of_a_signal_may_want_them_at_any_line_and_nothing_is_left(before: float) -> None:
    def wanted() -> None:
        with quick_switches():
            pass

    for line in count():
        if not interrupted_at(line, wanted, [switching.__file__], wanted):
            break
        left = sys.getswitchinterval()
        sys.setswitchinterval(before)
        assert left == before, f"interrupted at line {line}"
    assert line > 5


def test_who_gives_way_is_not_woken_meanwhile_but_behind_it_and_where_it_is_waited_for() -> None:
    woken: list[str] = []
    way = RightOfWay(lambda: woken.append("now"))
    assert not way.put_off()
    with way.wanted():
        assert not way.put_off()  # as who plays in the middle of a frame
    assert woken == []
    with way.wanted(asleep=True):
        assert way.put_off() and way.given() and woken == []
        with way.waited_for():
            assert woken == ["now"] and not way.given()
        assert way.put_off()
    assert woken == ["now", "now"] and not way.put_off()
    with way.wanted(asleep=True):
        pass
    assert woken == ["now", "now"]


def test_it_is_known_when_who_wants_the_way_at_a_steady_pace_wants_it_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now_ns = [0]
    monkeypatch.setattr(switching, "perf_counter_ns", lambda: now_ns[0])
    way = RightOfWay(lambda: None)

    def soon_ms(at_ms: int) -> float:
        now_ns[0] = at_ms * 1_000_000
        return way.soon_s(3_000_000) * 1000

    for at_ms in (1000, 1033):
        now_ns[0] = at_ms * 1_000_000
        with way.wanted():
            pass
    assert [soon_ms(at_ms) for at_ms in (1034, 1063)] == [0.0, 0.0]
    assert soon_ms(1064) == pytest.approx(4.0)  # 2 until it comes, and 2 that it may come later
    assert soon_ms(1067) == pytest.approx(1.0)
    assert soon_ms(1068) == 0.0  # it has not come
    now_ns[0] = 9_000_000_000  # after a rest nobody knows
    with way.wanted():
        pass
    assert soon_ms(9_000) == soon_ms(16_965) == 0.0
