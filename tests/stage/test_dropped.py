"""A stage that is dropped without close() gives back its threads and its memory, and says that it was."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import moderngl
import pytest

import mien
from art.build import tiny_character
from mien.composite.gl import open_headless
from mien.composite.gl.context import second_context
from mien.composite.gl.current import loader_of
from mien.stage.base import BaseStage
from mien.stage.dropped import Holdings
from stage.test_stage import tone

ONE = {"otto": "otto"}
SIZE = (64, 48)
PARTS = 3
STAGES = PARTS * max(3, int(os.environ.get("MIEN_SOAK", "0")) // 150)
"""9 in a default run; `MIEN_SOAK=10000` takes 198."""


def threads() -> list[str]:
    return sorted(thread.name for thread in threading.enumerate())


def dropped(opens: Callable[[], BaseStage]) -> Holdings:
    """What a stage held that has been dropped here."""
    stage = opens()
    held = Holdings(
        stage._opened, stage._audio, stage._compositor, stage._context, stage.options.context is None, True, 0
    )
    stage.say("otto", tone(0.3))
    stage.frame()  # type: ignore[attr-defined]
    with pytest.warns(ResourceWarning, match=r"was dropped and is closed now: use it in a `with` block"):
        del stage
        gc.collect()
    return held


@pytest.mark.parametrize("opens", [mien.open_stage, mien.open_live])
def test_a_dropped_stage_frees_what_it_had(opens: Callable[..., mien.Stage | mien.LiveStage]) -> None:
    before = threads()
    held = dropped(lambda: opens(ONE, size=SIZE, playout="null"))
    assert threads() == before
    assert held.compositor.counters.freed == held.compositor.counters.allocations
    assert isinstance(held.context.mglo, moderngl.InvalidObject), "the context is released"


def test_frames_left_unfinished_do_not_keep_a_dropped_stage() -> None:
    before = threads()
    stage = mien.open_live(ONE, size=SIZE, playout="null")
    frames = stage.frames()
    next(frames)
    with pytest.warns(ResourceWarning, match="LiveStage"):
        del stage, frames
        gc.collect()
    assert threads() == before


def test_a_stage_and_its_frames_in_one_cycle_are_dropped_in_silence() -> None:
    """The stage has given everything back by the time that its frames are ended: nothing of it is touched."""
    before = threads()
    cycle: list[object] = [mien.open_live(ONE, size=SIZE, playout="null")]
    cycle += [cycle[0].frames(), cycle]  # type: ignore[attr-defined]
    next(cycle[1])  # type: ignore[call-overload]
    with pytest.warns(ResourceWarning, match="LiveStage") as told:
        del cycle
        gc.collect()
    assert [str(one.message)[:11] for one in told] == ["a LiveStage"] and threads() == before


def test_a_stage_that_is_dropped_on_another_thread_frees_what_it_had() -> None:
    before = threads()
    stages = [mien.open_stage(ONE, size=SIZE)]
    stages[0].frame()
    compositor, loader = stages[0]._compositor, loader_of(stages[0]._context)
    warned: list[str] = []

    def drop() -> None:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            stages.clear()
            gc.collect()
        warned.extend(str(one.message) for one in caught)

    thread = threading.Thread(target=drop)
    thread.start()
    thread.join()
    for releasing in threading.enumerate():
        if releasing.name == "mien-release":
            releasing.join()
    assert warned and "dropped" in warned[0]
    assert threads() == before
    assert loader._handle is None
    assert compositor._ownership.closed


@pytest.fixture
def own() -> Iterator[moderngl.Context]:
    context = open_headless()
    yield context
    context.release()


@pytest.mark.parametrize("current", [True, False])
def test_a_stage_in_a_hosts_context_leaves_that_alone_when_it_is_dropped(
    own: moderngl.Context, current: bool
) -> None:
    before = threads()
    with own:
        host = second_context(own)
        stage = mien.open_stage(ONE, size=SIZE, context=host)
        counters = stage._compositor.counters
        if current:
            with pytest.warns(ResourceWarning):
                del stage
                gc.collect()
            assert counters.freed == counters.allocations
    if not current:
        with pytest.warns(ResourceWarning):
            del stage
            gc.collect()
    assert threads() == before
    with own, mien.open_stage(ONE, size=SIZE, context=host) as another:
        assert another.frame().any()


def test_a_stage_that_is_closed_or_that_the_program_ends_with_says_nothing() -> None:
    with mien.open_stage(ONE, size=SIZE):
        pass
    gc.collect()  # warnings are errors here
    code = (
        "import mien; stage = mien.open_live({'otto': 'otto'}, size=(64, 48), playout='null'); stage.frame()"
    )
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, timeout=120, check=False
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")


@pytest.mark.slow
def test_stages_one_after_the_other_leave_nothing(tmp_path: Path) -> None:
    """Closed, dropped and failed ones in turn. Descriptors, threads and memory are those after the first."""
    tiny = tiny_character(tmp_path / "tiny")

    def one(number: int) -> None:
        opens = mien.open_live if number % 2 else mien.open_stage
        stage = opens({"otto": tiny}, size=SIZE, playout="null")
        stage.say("otto", tone(0.05))
        stage.frame()
        if number % 3 == 0:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ResourceWarning)
                del stage
                gc.collect()
        elif number % 3 == 1:
            with pytest.raises(ZeroDivisionError), stage:
                for _ in stage.frames():
                    _ = 1 / 0
        else:
            stage.close()

    def resident() -> int:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * 4096

    for number in range(6):
        one(number)
    before = (threads(), len(list(Path("/proc/self/fd").iterdir())))
    memory = [resident()]
    for number in range(STAGES):
        one(number)
        if (number + 1) % (STAGES // PARTS) == 0:
            memory.append(resident())
    assert (threads(), len(list(Path("/proc/self/fd").iterdir()))) == before
    # One takes some 40 MB, and what stays does so in each part: the heap may grow for other reasons in some.
    assert min(later - earlier for earlier, later in pairwise(memory)) < 30e6, memory
