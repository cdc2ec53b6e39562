"""Whatever goes wrong around the frame loop, frames go on, nothing is lost, and counts say what it was."""

from __future__ import annotations

import asyncio
import ctypes
import threading
from collections import deque
from collections.abc import Callable, Iterator
from io import BytesIO
from itertools import islice
from pathlib import Path
from time import thread_time_ns
from typing import Literal

import pytest

import mien
from mien.art.page_store import PageStore
from mien.clock import VirtualClock
from mien.composite import FrameRows
from mien.composite.gl import context
from mien.observe import Cores, FrameRecord, Heartbeat, Histogram, Observation, Outputs, Record
from mien.stage.live import LiveStage
from stage.test_live import MS, live
from stage.test_page_budget import OUTFITS, PAGE
from stage.test_page_budget import SIZE as PAGED_SIZE
from stage.test_page_budget import wardrobe as wardrobe
from stage.test_stage import tone
from stage.timeline import Timeline, with_a_quick_gpu

FPS = 50
T_MS = 1000 // FPS


class Hangs(BytesIO):
    """A file on a disk that does not answer until it is told to."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.asked, self.answers = threading.Event(), threading.Event()

    def read(self, size: int | None = -1, /) -> bytes:
        """Wait for the disk."""
        self.asked.set()
        self.answers.wait()
        return super().read(size)


@pytest.fixture
def disk() -> Iterator[Hangs]:
    """Hangs until the test is over, whatever its end."""
    file = Hangs(tone(0.1))
    yield file
    file.answers.set()


def kinds(stage: LiveStage) -> list[str]:
    return [event.kind for event in stage.events()]


def counts(stage: LiveStage) -> tuple[int, int, int]:
    """Frames expected, produced and dropped."""
    ledger = stage.ledger
    return ledger.frames_expected, ledger.frames_produced, ledger.frames_dropped


def blamed(stage: LiveStage) -> dict[str, int]:
    """Frames over budget by their cause."""
    return {cause: count for cause, count in stage.ledger.frames_over_budget.items() if count}


def take(stage: LiveStage, count: int) -> None:
    """Take so many frames as a host does that shows them all."""
    frames = stage.frames(tail_s=60)
    for _ in islice(frames, count):
        pass
    frames.close()  # type: ignore[attr-defined]


def test_a_decode_that_hangs_costs_its_turn_and_no_frame(disk: Hangs) -> None:
    with live(FPS, VirtualClock()) as stage:
        with_a_quick_gpu(stage)
        stage.say("otto", disk)
        assert disk.asked.wait(30)
        take(stage, 100)
        assert counts(stage) == (100, 100, 0)
        assert (blamed(stage), kinds(stage), stage.idle) == ({}, [], False)
    assert not disk.answers.is_set()  # and it is closed all the same


def test_a_decode_that_answers_at_last_is_heard_and_so_is_the_turn_behind_it(disk: Hangs) -> None:
    clock = Timeline()
    with live(FPS, clock) as stage:
        with_a_quick_gpu(stage)
        clock.lead(stage)
        hung = stage.say("otto", disk)
        queued = stage.say("otto", tone(0.1))
        assert disk.asked.wait(30)
        take(stage, 50)
        assert kinds(stage) == []
        disk.answers.set()
        heard = [event for _ in stage.frames(tail_s=0.1) for event in stage.events()]
        assert [(event.kind, event.turn) for event in heard] == [
            ("started", hung),
            ("finished", hung),
            ("started", queued),
            ("finished", queued),
        ]
        assert stage.ledger.frames_dropped == 0


@pytest.mark.parametrize(("pause_ms", "lost"), [(20, 0), (39, 0), (40, 1), (1000, 49)])
def test_a_consumer_that_pauses_once_loses_the_frames_of_its_pause(pause_ms: int, lost: int) -> None:
    clock = VirtualClock()
    with live(FPS, clock) as stage:
        with_a_quick_gpu(stage)
        for count, _ in enumerate(islice(stage.frames(tail_s=60), 20)):
            if count == 9:
                clock.advance_ns(pause_ms * MS)
        assert counts(stage) == (20 + lost, 20, lost)
        assert blamed(stage) == ({"host": 1} if pause_ms > T_MS else {})
        assert stage.ledger.consecutive_missed_max == lost


class Held:
    """A heartbeat on the virtual clock: late where a test held the GIL."""

    def __init__(self) -> None:
        self.intervals: list[tuple[int, int]] = []

    def gaps(self, start_ns: int, end_ns: int) -> list[tuple[int, int]]:
        """The parts of the intervals in start..end."""
        cut = [(max(start, start_ns), min(end, end_ns)) for start, end in self.intervals]
        return [(start, end) for start, end in cut if start < end]

    def starved(self, start_ns: int, end_ns: int) -> list[tuple[int, int]]:
        """Whoever held it ran."""
        return []


def test_a_gil_held_for_300_ms_is_blamed_on_the_gil_and_costs_14_frames() -> None:
    clock, heartbeat = VirtualClock(), Held()
    with live(FPS, clock) as stage:
        with_a_quick_gpu(stage)
        stage.ledger.heartbeat = heartbeat  # type: ignore[assignment]
        for count, _ in enumerate(islice(stage.frames(tail_s=60), 20)):
            if count == 9:
                start_ns = clock.now_ns()
                clock.advance_ns(300 * MS)
                heartbeat.intervals.append((start_ns, clock.now_ns()))
        assert counts(stage) == (34, 20, 14)
        assert blamed(stage) == {"gil": 1}


def watched_by(stage: LiveStage, heartbeat: Heartbeat) -> deque[Record]:
    """The records of a stage that a heartbeat watches, as on a machine that nothing else uses."""
    stage._meter._cores = Cores(lambda: b"")
    stage.ledger.heartbeat = heartbeat
    return stage.ledger.subscribe()


def test_a_library_that_keeps_the_gil_is_found_out_by_the_heartbeat() -> None:
    """On the machine's own clock. A busy machine adds time of its own: how much is not asked."""
    usleep = ctypes.PyDLL(None).usleep  # PyDLL: the GIL is kept during the call
    beating, go = threading.Event(), threading.Event()

    class Beats(Histogram):
        def add(self, value: float, times: int = 1) -> None:
            super().add(value, times)
            beating.set()

    def hold() -> None:
        go.wait()
        usleep(300_000)

    with live(FPS) as stage, Heartbeat(Beats(), holders=lambda: 0) as heartbeat:
        records = watched_by(stage, heartbeat)
        thread = threading.Thread(target=hold)
        thread.start()
        beating.wait()
        for count, _ in enumerate(islice(stage.frames(tail_s=60), 20)):
            if count == 9:
                go.set()
                # A host that is busy with Python: it is made to give up the GIL, and wants it back.
                while thread.is_alive():
                    pass
        frames = [record for record in records if isinstance(record, FrameRecord)]
        # The beat that was due when the GIL was taken had up to a millisecond to go, and a busy machine has
        # the last look wait for a core.
        assert frames[9].gil_ms >= 280
        assert frames[9].cause == "gil"
        expected, produced, dropped = counts(stage)
        assert (produced, dropped) == (20, expected - 20)
        assert dropped >= 13


def test_a_thread_of_pure_python_that_takes_turns_with_the_frame_is_found_out() -> None:
    """It gives the GIL back within 0.5 ms, always, and nobody is ever late by much."""
    done = threading.Event()

    def work() -> None:
        # 10 ms of every 20, by its own processor time: as long on a busy machine.
        while not done.wait(0.01):
            until_ns = thread_time_ns() + 10 * MS
            while thread_time_ns() < until_ns:
                pass

    with live(240) as stage, Heartbeat() as heartbeat:
        watched_by(stage, heartbeat)
        thread = threading.Thread(target=work)
        thread.start()
        try:
            for _ in islice(stage.frames(tail_s=60), 5000):
                if stage.ledger.frames_over_budget["gil"] >= 5:
                    break
        finally:
            done.set()
            thread.join()
        assert stage.ledger.frames_over_budget["gil"] >= 5


def test_a_host_that_keeps_every_frame_is_not_blamed_for_one_that_something_else_made_late() -> None:
    clock = VirtualClock()
    with live(FPS, clock) as stage:
        with_a_quick_gpu(stage)
        draw = stage._compositor.draw
        slow = False

        def drawn(frame: FrameRows) -> bool:
            clock.advance_ns(10 * MS if slow else 2 * MS)
            return draw(frame)

        stage._compositor.draw = drawn  # type: ignore[method-assign]
        for count, _ in enumerate(islice(stage.frames(tail_s=60), 30)):
            clock.advance_ns(12 * MS)  # of 20: in every frame the longest part
            slow = count == 19
        assert blamed(stage) == {"gpu_wait": 1}


def test_a_page_that_takes_two_seconds_costs_its_drawing_and_no_frame(
    wardrobe: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrives = threading.Event()
    load = PageStore.load

    def slow(store: PageStore, index: int) -> object:
        arrives.wait()
        return load(store, index)

    monkeypatch.setattr(PageStore, "load", slow)
    clock = Timeline()
    stage = LiveStage(
        {"t": wardrobe}, size=PAGED_SIZE, fps=FPS, playout="null", clock=clock, page_budget=3 * PAGE
    )
    try:
        with stage:
            with_a_quick_gpu(stage)
            clock.lead(stage)
            stage.wear("t", "outfit", f"o{OUTFITS - 1}")
            take(stage, 2 * FPS)
            ledger = stage.ledger
            assert counts(stage) == (100, 100, 0)
            assert (ledger.count("l1_miss_total"), ledger.histogram("l1_miss_ms").count) == (1, 0)
            arrives.set()
            for _ in islice(stage.frames(tail_s=60), 20_000):
                if ledger.histogram("l1_miss_ms").count:
                    break
            assert (ledger.count("l1_miss_total"), ledger.histogram("l1_miss_ms").count) == (1, 1)
            assert ledger.histogram("l1_miss_ms").max >= 2000 - 2 * T_MS
            assert ledger.frames_dropped == 0
    finally:
        arrives.set()


def threads_at_most(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the system refuse all threads of Python's behind so many from here on."""
    started, left = _START, number

    def limited(thread: threading.Thread) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise RuntimeError("can't start new thread")
        started(thread)

    monkeypatch.setattr(threading.Thread, "start", limited)
    monkeypatch.setattr(context, "check_to_draw", lambda: None)  # which asks for more than a stage has


_START = threading.Thread.start


def open_live(playout: Literal["null", "auto"]) -> None:
    mien.open_live({"otto": "otto"}, size=(32, 24), playout=playout).close()


def open_and_write(_: object) -> None:
    with mien.open_stage({"otto": "otto"}, size=(32, 24)) as stage:
        stage.frame()


def open_beside_a_loop(playout: Literal["null", "auto"]) -> None:
    async def show() -> None:
        async with mien.AsyncStage({"otto": "otto"}, size=(32, 24), playout=playout) as live:
            async for _ in live.frames(seconds=0.1):
                pass

    asyncio.run(show())


@pytest.mark.parametrize("playout", ("null", "auto"))
@pytest.mark.parametrize("opened", (open_live, open_and_write, open_beside_a_loop))
def test_a_stage_that_cannot_start_a_thread_says_so_whichever_it_is(
    opened: Callable[[Literal["null", "auto"]], None],
    playout: Literal["null", "auto"],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = set(threading.enumerate())
    for threads in range(100):
        threads_at_most(threads, monkeypatch)
        try:
            opened(playout)
        except mien.NoThreads as error:
            assert "no thread more could be started" in str(error)
        else:
            break
    assert 0 < threads < 30
    for thread in set(threading.enumerate()) - before:
        if thread.name.startswith("mien-"):
            thread.join(60)  # one that was told to end may not have had a core since
            assert not thread.is_alive(), thread.name


def test_a_ledger_whose_thread_cannot_be_started_is_closed_with_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, ledger = tmp_path / "a.jsonl", mien.Ledger(20.0, realtime=True, keep=True)
    threads_at_most(0, monkeypatch)
    with pytest.raises(mien.NoThreads), Observation(ledger, Outputs(path), {}):
        pass
    assert '"kind":"totals"' in path.read_text(encoding="utf-8")


def test_a_turn_whose_reader_gets_no_thread_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    with mien.open_stage({"otto": "otto"}, size=(32, 24)) as stage:
        threads_at_most(0, monkeypatch)
        feed = mien.EncodedFeed("wav")
        stage.say("otto", feed)
        feed.push(tone(0.1))
        feed.end()
        for _ in stage.frames(tail_s=0):
            pass
        assert any("no thread more could be started" in told for told in stage.warnings)
