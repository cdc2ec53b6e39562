"""Handlers of `signal.signal` run on the thread that they interrupt, at any line of any call: what they tell
a stage there is heard once, and nothing waits for ever."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import thread as executors
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mien
from interrupting import interrupted_at
from mien.art.folder import in_threads
from mien.audio import feeds, queues, sequencer
from mien.errors import Closed, WrongThread
from mien.stage.inbox import AT_ONCE, MOST, Inbox
from mien.talk import session
from stage.test_stage import tone

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGUSR1"), reason="no signals of one's own here")
FILES = tuple(
    str(Path(mien.__file__).parent / name)
    for name in ("stage/talking.py", "stage/inbox.py", "talk/events.py")
)
ONE, SIZE, SOUND = {"otto": "otto"}, (32, 24), tone(0.01)


@contextmanager
def handled(handler: Callable[[], object]) -> Iterator[None]:
    before = signal.signal(signal.SIGUSR1, lambda _number, _frame: handler())
    try:
        yield
    finally:
        signal.signal(signal.SIGUSR1, before)


def signalled_at(number: int, calls: Callable[[], object], files: tuple[str, ...]) -> bool:
    """Make the calls, and raise a signal at the line of that number of the files; False: they have fewer."""
    return interrupted_at(number, calls, files, lambda: signal.raise_signal(signal.SIGUSR1))


class Host:
    """What a program tells a stage, and what it was told of its turns."""

    def __init__(self, stage: mien.Stage) -> None:
        self.stage = stage
        self.said: list[str] = []
        self.told = Counter[str]()
        self.signals = 0

    def tell(self) -> None:
        """In a handler, and out of it."""
        self.said.append(self.stage.say("otto", SOUND))
        self.stage.nod("otto", 0.1)
        self.take()

    def take(self) -> None:
        self.told.update(event.turn for event in self.stage.events() if event.kind in ("finished", "dropped"))

    def run(self, calls: Callable[[], object], files: tuple[str, ...] = FILES) -> None:
        """The calls, again and again, each time with a signal one line later."""
        with handled(self.tell):
            while signalled_at(self.signals, calls, files):
                self.signals += 1

    def end(self) -> None:
        """All that was said is told of, once."""
        self.stage.interrupt()
        for _ in self.stage.frames(tail_s=0):
            pass
        self.take()
        assert len(set(self.said)) == len(self.said) >= self.signals > 10
        assert self.told == Counter(self.said)


def test_a_signal_at_any_line_of_what_is_told_may_tell_the_same() -> None:
    with mien.open_stage(ONE, size=SIZE) as stage:
        host = Host(stage)
        host.run(host.tell)
        host.end()


def test_so_may_one_in_a_frame_which_hears_of_it_later() -> None:
    with mien.open_stage(ONE, size=SIZE) as stage:
        host = Host(stage)

        def frame() -> None:
            elsewhere = threading.Thread(target=lambda: stage.nod("otto", 0.1))
            elsewhere.start()
            elsewhere.join()
            stage.frame()

        host.run(frame, FILES[1:2])  # the inbox
        host.end()


def test_so_may_one_on_another_thread_than_the_stages() -> None:
    hosts, opened, over = list[Host](), threading.Event(), threading.Event()

    def show() -> None:
        with mien.open_stage(ONE, size=SIZE) as stage:
            hosts.append(Host(stage))
            opened.set()
            over.wait()
            hosts[0].end()
            ended.append(True)

    ended = list[bool]()
    thread = threading.Thread(target=show)
    thread.start()
    opened.wait()
    hosts[0].run(hosts[0].tell)
    over.set()
    thread.join()
    assert ended == [True]


def test_frames_within_a_call_of_the_stage_are_refused_and_change_nothing() -> None:
    refused = list[str]()
    with mien.open_stage(ONE, size=SIZE) as stage:

        def draw() -> None:
            for call in (stage.frame, stage.draw, stage.frames, stage.close):
                with pytest.raises(WrongThread, match="set a flag there") as caught:
                    call()
                refused.append(str(caught.value).split()[0])

        before = stage.time_s
        with stage._told.busied(), handled(draw):
            signal.raise_signal(signal.SIGUSR1)
        assert refused == ["frame", "draw", "frames", "close"] and stage.time_s == before
        assert stage.frame().any()


def test_what_must_not_wait_is_done_at_the_next_reading_whoever_told_it() -> None:
    inbox, done = Inbox(), list[int]()
    for number in range(3 * AT_ONCE):
        inbox.put(partial(done.append, number), at_once=number == 2 * AT_ONCE)
    inbox.read(pytest.fail)
    assert done == list(range(2 * AT_ONCE + 1))
    inbox.read(pytest.fail)
    assert len(done) == 3 * AT_ONCE and not inbox


def test_who_interrupts_is_heard_also_when_the_inbox_is_full() -> None:
    with mien.open_stage(ONE, size=SIZE) as stage:
        stage.say("otto", tone(5.0), key="long")

        def flood() -> None:
            with pytest.raises(mien.ScriptError, match="draw frames"):
                while True:
                    stage.nod("otto", 0.1)
            for _ in range(3):
                stage.interrupt()

        thread = threading.Thread(target=flood)
        thread.start()
        thread.join()
        assert len(stage._told._calls) == MOST + 1
        stage.frame()
        assert not stage._told and stage.idle


def test_the_end_of_a_frame_is_within_it_too() -> None:
    files = tuple(str(Path(mien.__file__).parent / "stage" / name) for name in ("offline.py", "meter.py"))
    refused, signals = 0, 0

    def draw() -> None:
        nonlocal refused
        with suppress(WrongThread):
            stage.frame()
            return
        refused += 1

    with mien.open_stage(ONE, size=SIZE) as stage, handled(draw):
        before = stage.time_s
        while signalled_at(signals, stage.frame, files):
            signals += 1
        frames = round((stage.time_s - before) * float(stage.fps.exact))
    assert frames == 1 + 2 * signals - refused and refused > signals / 2


def test_so_is_the_wait_for_a_live_one() -> None:
    path = str(Path(mien.__file__).parent / "stage" / "live.py")
    refused, signals = 0, 0

    def draw() -> None:
        nonlocal refused
        try:
            stage.frame()
        except WrongThread:
            refused += 1

    with mien.open_live(ONE, size=SIZE, fps=240, playout="null") as stage:
        run: Any = stage.frames(tail_s=3600.0)
        next(run)
        with handled(draw):
            while signalled_at(signals, lambda: next(run), (path,)):
                signals += 1
        run.close()
    assert refused > 20 and signals - refused < 10


@pytest.mark.parametrize("opened", (mien.open_stage, mien.open_live))
def test_a_stage_is_free_after_a_call_that_was_broken_off_at_any_line(opened: Callable[..., Any]) -> None:
    files = (str(Path(mien.__file__).parent / "stage" / "inbox.py"), str(contextlib.__file__))
    lines, busy = 0, list[int]()
    with opened(ONE, size=SIZE, **({"playout": "null"} if opened is mien.open_live else {})) as stage:

        def calls() -> None:
            stage.nod("otto")
            stage.frame()

        def broken_off() -> bool:
            try:
                return interrupted_at(lines, calls, files, interrupt)
            except KeyboardInterrupt:
                if stage._told.busy:  # as a `with` block asks that closes the stage
                    busy.append(lines)
                return True

        while broken_off():
            lines += 1
        stage.frame()
    assert lines > 10 and not busy


def test_whoever_goes_on_after_ctrl_c_in_a_frame_has_every_turn_told_once() -> None:
    """A turn that another thread had said was lost, or each frame to come ended in a KeyError."""
    files = tuple(str(Path(mien.__file__).parent / name) for name in ("stage/talking.py", "stage/show.py"))
    files += (session.__file__, sequencer.__file__)
    line, hit = 0, True
    with mien.open_stage(ONE, size=SIZE) as stage, default_ctrl_c():
        while hit:
            host = Host(stage)
            elsewhere = threading.Thread(target=host.tell)
            elsewhere.start()
            elsewhere.join()
            with suppress(KeyboardInterrupt):
                hit = interrupted_at(line, stage.frame, files, lambda: signal.raise_signal(signal.SIGINT))
            for _ in stage.frames(tail_s=0.1, seconds=1):
                host.take()
            host.take()
            assert host.told == Counter(host.said) and stage.idle, line
            line += 5  # or it would take long
    assert line > 200


@contextmanager
def default_ctrl_c() -> Iterator[None]:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def interrupt() -> None:
    raise KeyboardInterrupt


def test_what_a_handler_pushes_within_a_push_is_behind_it_and_whole() -> None:
    files = (queues.__file__, feeds.__file__)
    signals = 0
    for length in (480, 10):  # of chunks that are kept as they are, and joined
        more = np.full(length, 7, np.int16)
        signals = 0

        def pushed(signals: int, more: Any = more) -> bool:
            feed = mien.PcmFeed(48_000)

            def push() -> None:
                for _ in range(3):
                    feed.push(more)

            with handled(lambda: feed.push(more)):
                hit = signalled_at(signals, push, files)
            held, end = 0, 0
            while (chunk := feed.queue.peek()) is not None:
                assert chunk.at == end
                held += len(chunk.samples)
                end = chunk.at + len(chunk.samples)
                feed.queue.drop()
            assert held == len(more) * (3 + hit) and feed.held_s == 0
            return hit

        while pushed(signals):
            signals += 1
        assert signals > 20


def test_a_handler_that_ends_a_feed_within_a_push_loses_nothing_of_it() -> None:
    signals = 0
    while True:
        feed = mien.EncodedFeed()
        with handled(feed.end):
            try:
                if not signalled_at(signals, partial(feed.push, b"four"), (queues.__file__,)):
                    break
            except Closed:  # it came before
                continue
            finally:
                signals += 1
        assert feed.ended and feed.queue.read(100) == b"four" and feed.queue.held == 0
    assert signals > 5


def test_pictures_are_read_while_a_handler_came_within_the_start_of_an_executor() -> None:
    made = list[str]()
    thread = threading.Thread(target=lambda: made.extend(in_threads(str, range(9))), daemon=True)
    with executors._global_shutdown_lock:  # as it is held then
        thread.start()
        thread.join(20)
    assert made == [str(number) for number in range(9)]


def test_of_several_that_fail_the_first_is_told() -> None:
    with pytest.raises(ZeroDivisionError, match="1"):
        in_threads(partial(fail, (1, 4)), range(9))


def fail(those: tuple[int, ...], number: int) -> None:
    if number in those:
        raise ZeroDivisionError(number)
