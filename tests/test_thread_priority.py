"""Threads step behind or ahead one by one, never with their process, and a refusal changes nothing."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mien
from art.build import tiny_character
from mien import thread_priority
from mien.observe import Ledger, Observation, Outputs
from mien.stage import encoder_apart, encoding
from mien.stage.encoder import Frame
from mien.stage.encoder_apart import EncoderApart
from mien.stage.encoder_pictures import Pictures
from mien.stage.video_file import VideoFile
from mien.thread_priority import AHEAD, BEHIND, ahead, granted, step_aside, step_behind
from mien.types import U8

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="nice is a thread's own on Linux"
)

TASKS = Path("/proc/self/task")


def nice() -> int:
    """Of the calling thread."""
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


def on_a_thread(work: Callable[[], tuple[bool, int]]) -> tuple[bool, int]:
    found: list[tuple[bool, int]] = []
    thread = threading.Thread(target=lambda: found.append(work()))
    thread.start()
    thread.join()
    return found[0]


def test_only_the_thread_that_asks_steps_behind() -> None:
    before = nice()
    assert on_a_thread(lambda: (step_behind(), nice())) == (True, min(19, before + BEHIND))
    assert nice() == before


def test_steps_ahead_where_the_system_grants_it_and_else_stays() -> None:
    before = nice()

    def steps() -> tuple[bool, int]:
        with ahead() as went:
            now = nice()
        assert nice() == before, "afterwards it is what it was"
        return went, now

    went, now = on_a_thread(steps)
    assert now == (max(-20, before + AHEAD) if went else before)
    assert nice() == before


def test_a_thread_of_others_is_ahead_only_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    # What the system grants here differs: what is asked of it does not.
    now = [-2]
    monkeypatch.setattr(os, "getpriority", lambda _which, _who: now[0])
    monkeypatch.setattr(os, "setpriority", lambda _which, _who, priority: now.__setitem__(0, priority))
    with ahead() as stepped:
        assert (stepped, now) == (True, [AHEAD])
    assert now == [-2]


def test_what_is_granted_is_tried_on_threads_that_end() -> None:
    before = (nice(), threading.active_count())
    found = granted()
    assert found.behind
    assert (nice(), threading.active_count()) == before


def test_a_refusal_is_told_and_raises_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(which: int, who: int, priority: int) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "setpriority", refuse)
    assert not step_behind()
    with ahead() as went:
        assert not went
    assert not granted().ahead


def test_elsewhere_nothing_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thread_priority.sys, "platform", "darwin")
    assert on_a_thread(lambda: (step_behind(), nice())) == (False, nice())


def test_threads_of_a_live_stage_are_ahead_and_who_opens_it_stays(tmp_path: Path) -> None:
    before, others = nice(), set(TASKS.iterdir())
    with mien.open_live({"a": tiny_character(tmp_path / "a")}, size=(32, 24), playout="null"):
        assert nice() == before
        made = [
            os.getpriority(os.PRIO_PROCESS, int(thread.name))
            for thread in TASKS.iterdir()
            if thread not in others
        ]
    assert len(made) > 1
    # Mesa has one for its files of shaders, which it puts last of all itself.
    assert set(made) - {19} == {max(-20, before + AHEAD) if granted().ahead else before}


@pytest.mark.parametrize("realtime", [True, False])
def test_threads_that_observe_are_ahead_as_what_they_observe_is(tmp_path: Path, realtime: bool) -> None:
    before, others = nice(), set(TASKS.iterdir())
    ledger = Ledger(40.0, realtime=realtime, keep=True)
    with Observation(ledger, Outputs(ledger=tmp_path / "run.jsonl"), {}):
        assert nice() == before
        made = [int(thread.name) for thread in TASKS.iterdir() if thread not in others]
        priorities = {os.getpriority(os.PRIO_PROCESS, thread) for thread in made}
    assert len(made) == (2 if realtime else 1)
    assert priorities == {max(-20, before + AHEAD) if realtime and granted().ahead else before}


def test_a_thread_that_was_made_by_one_ahead_steps_behind_as_far(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [AHEAD]
    monkeypatch.setattr(os, "getpriority", lambda _which, _who: now[0])
    monkeypatch.setattr(os, "setpriority", lambda _which, _who, priority: now.__setitem__(0, priority))
    assert step_behind() and now == [BEHIND]


@pytest.mark.parametrize("suffix", [".mp4", ".webm", ".apng", ".gif"])
def test_where_a_clip_is_encoded_here_all_its_threads_are_behind_whoever_records_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    before, others = nice(), set(TASKS.iterdir())
    priorities = set[int]()
    picture, sound = np.zeros((64, 64, 4), np.uint8), np.zeros((1920, 2), np.float32)
    encode = Pictures.frame
    monkeypatch.setattr(encoding, "can_work_apart", lambda: False)

    def looked(self: Pictures, pixels: U8) -> Any:
        made = (int(thread.name) for thread in TASKS.iterdir() if thread not in others)
        priorities.update(os.getpriority(os.PRIO_PROCESS, thread) for thread in made)
        return encode(self, pixels)

    monkeypatch.setattr(Pictures, "frame", looked)
    with ahead(), VideoFile(tmp_path / f"a{suffix}", (64, 64), 25, live=True) as file:
        for _ in range(4):  # the encoder makes its own with the first picture
            file.write(picture, sound)
    assert min(priorities) >= BEHIND and min(priorities) > before


@pytest.mark.parametrize("suffix", [".mp4", ".webm"])
def test_else_a_process_encodes_it_that_takes_only_what_no_other_wants(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    """Also the threads that encoders make with the first picture."""
    seen = set[tuple[int, int]]()
    encode = EncoderApart.encode

    def looked(self: EncoderApart, frame: Frame) -> None:
        encode(self, frame)
        for task in Path(f"/proc/{self.pid}/task").iterdir():
            one = int(task.name)
            seen.add((os.sched_getscheduler(one), os.getpriority(os.PRIO_PROCESS, one)))

    monkeypatch.setattr(EncoderApart, "encode", looked)
    # However busy the machine is that tests it.
    monkeypatch.setattr(encoder_apart, "perf_counter_ns", lambda: 1 << 62)
    picture, sound = np.zeros((64, 64, 4), np.uint8), np.zeros((1920, 2), np.float32)
    with ahead(), VideoFile(tmp_path / f"a{suffix}", (64, 64), 25, live=True) as file:
        for _ in range(4):
            file.write(picture, sound)
    assert {policy for policy, _ in seen} == {os.SCHED_IDLE}
    assert min(nice for _, nice in seen) >= BEHIND


def test_who_steps_aside_where_that_is_refused_steps_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "sched_setscheduler", refused)
    before = nice()
    assert on_a_thread(lambda: (step_aside(), nice())) == (True, max(BEHIND, min(19, before + BEHIND)))
