"""Handlers of `signal.signal` run on the thread that they interrupt, at any line of any call: what they tell
a stage there is heard once, and nothing waits for ever."""

from __future__ import annotations

import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

import mien
from interrupting import interrupted_at
from mien.errors import WrongThread
from mien.stage.inbox import AT_ONCE, MOST, Inbox
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
