"""What has to be done to its end is, whenever Ctrl-C comes."""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
import weakref
from collections.abc import Iterator
from types import FrameType
from typing import Any

import pytest

from interrupting import interrupted_at
from mien import interrupts
from mien.interrupts import Flag, HeldBack, Ongoing, RejoinableThread, defer_interrupts


@pytest.fixture
def pressed() -> Iterator[threading.Event]:
    """Set when the main thread has been told of SIGINT, which raises there as ever."""
    told = threading.Event()

    def handler(*_: object) -> None:
        told.set()
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, handler)
    yield told
    signal.signal(signal.SIGINT, before)


def test_a_thread_is_waited_for_to_its_end_though_a_signal_interrupts_the_wait(
    pressed: threading.Event,
) -> None:
    done: list[int] = []
    waiting = threading.Event()

    def work() -> None:
        assert waiting.wait(30)
        os.kill(os.getpid(), signal.SIGINT)
        assert pressed.wait(30)
        done.append(sum(range(2_000_000)))  # still at it when the wait begins again

    thread = RejoinableThread(work, "work")
    thread.start()
    assert isinstance(defer_interrupts(waiting.set, thread.wait), KeyboardInterrupt)
    assert done and not thread.runs and not thread.is_alive()


def test_a_thread_that_never_ran_or_runs_in_another_process_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    never = RejoinableThread(lambda: None, "never")
    never.wait()
    assert not never.runs
    go = threading.Event()

    def work() -> None:
        go.wait(30)

    thread = RejoinableThread(work, "theirs")
    thread.start()
    runs = [thread.runs]
    with monkeypatch.context() as forked:
        forked.setattr(os, "getpid", lambda: -1)
        runs.append(thread.runs)
        thread.wait()
    go.set()
    thread.wait()
    assert [*runs, thread.runs] == [True, False, False]


def test_whatever_step_is_interrupted_all_are_done_or_none_has_begun() -> None:
    for n in range(1, 200):
        done: list[str] = []
        left = n

        def press(frame: FrameType, event: str, _: object) -> Any:
            nonlocal left
            if frame.f_code is not defer_interrupts.__code__:
                return None
            frame.f_trace_opcodes = True
            if event == "opcode":
                left -= 1
                if left == 0:
                    sys.settrace(None)
                    raise KeyboardInterrupt
            return press

        before, told = sys.gettrace(), None
        sys.settrace(press)
        try:
            told = defer_interrupts(lambda: done.append("a"), lambda: done.append("b"))  # noqa: B023
        except KeyboardInterrupt as error:  # before the first step, or behind the last
            told = error
        finally:
            sys.settrace(before)
        assert "".join(done) in ("", "ab", "aab", "abb"), n
        assert (told is not None) == (left <= 0)
        if left > 0:
            break
    assert 20 < n < 199


def test_a_wait_may_be_broken_off_at_any_line_and_is_that_ctrl_c_and_nothing_else() -> None:
    """An Event raised RuntimeError then, or kept its lock, for which all others waited for ever."""
    line, hit = 0, True
    while hit:
        flag, told = Flag(), list[str]()
        other = threading.Timer(0, flag.set)
        other.start()
        try:
            hit = interrupted_at(line, flag.wait, (interrupts.__file__,), press)
        except KeyboardInterrupt:
            told.append("Ctrl-C")
        assert flag.wait(20) and told == ["Ctrl-C"] * hit
        other.join(20)
        assert not other.is_alive()
        line += 1
    assert line > 5


def press() -> None:
    raise KeyboardInterrupt


def test_of_all_who_wait_each_is_rung_for_and_one_that_gives_up_is_forgotten() -> None:
    flag, done = Flag(), list[bool]()
    assert not flag.wait(0) and not flag.wait(0.001)
    threads = [threading.Thread(target=lambda: done.append(flag.wait())) for _ in range(4)]
    for thread in threads:
        thread.start()
    while len(flag._bell._waiting) < 4:
        threads[0].join(0.001)
    flag.set()
    for thread in threads:
        thread.join(20)
    assert done == [True] * 4 and not flag._bell._waiting


def test_ctrl_c_in_what_is_held_back_comes_behind_it_as_does_a_handler_of_ones_own(
    pressed: threading.Event,
) -> None:
    done = list[str]()
    with pytest.raises(KeyboardInterrupt), HeldBack():
        signal.raise_signal(signal.SIGINT)
        done.append("the program's own")
        assert not pressed.is_set()
    assert pressed.is_set() and done == ["the program's own"]
    done.clear()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with pytest.raises(KeyboardInterrupt), HeldBack():
        with HeldBack():
            signal.raise_signal(signal.SIGINT)
            done.append("inner")
        done.append("outer")
    assert done == ["inner", "outer"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    for ignored in (signal.SIG_IGN, signal.SIG_DFL):
        signal.signal(signal.SIGINT, ignored)
        with HeldBack():
            assert signal.getsignal(signal.SIGINT) is ignored
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with HeldBack():
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def test_what_an_ongoing_call_holds_is_let_go_when_it_returns() -> None:
    class Held:
        pass

    ongoing = Ongoing()

    def call(held: Held) -> weakref.ref[Held]:
        with ongoing.begun():
            return weakref.ref(held)

    gc.disable()  # of a cycle it would be the collector that lets go, some seconds later
    try:
        held = call(Held())
        assert held() is None
    finally:
        gc.enable()
