"""Several stages in one program: on one thread or on many, each shows its own."""

from __future__ import annotations

import threading

import numpy as np
import pytest

import mien
from mien.composite.gl.current import Current
from mien.errors import WrongThread
from mien.types import U8

SIZE = (96, 72)
CASTS = ("wren", "otto", "wren")


def frames(stage: mien.Stage, count: int = 3) -> list[U8]:
    return [stage.frame() for _ in range(count)]


def alone(character: str, seed: int) -> list[U8]:
    with mien.open_stage({"one": character}, size=SIZE, seed=seed) as stage:
        return frames(stage)


def test_stages_on_one_thread_each_show_their_own_in_any_order_of_calls_and_closing() -> None:
    wanted = [alone(character, seed) for seed, character in enumerate(CASTS)]
    stages = [mien.open_stage({"one": c}, size=SIZE, seed=seed) for seed, c in enumerate(CASTS)]
    got: list[list[U8]] = [[], [], []]
    got[0].append(stages[0].frame())
    for k in (2, 1, 2):
        got[k].append(stages[k].frame())
    stages[1].close()
    for k in (0, 2, 0):
        got[k].append(stages[k].frame())
    stages[0].close()
    assert np.array_equal(got[2], wanted[2])
    stages[2].close()
    assert np.array_equal(got[0], wanted[0])
    assert np.array_equal(got[1], wanted[1][:1])


def test_stages_on_threads_of_their_own_each_show_their_own() -> None:
    wanted = [alone(character, seed) for seed, character in enumerate(CASTS)]
    got: dict[int, list[U8]] = {}
    gate = threading.Barrier(len(CASTS))

    def act(seed: int, character: str) -> None:
        with mien.open_stage({"one": character}, size=SIZE, seed=seed) as stage:
            gate.wait(60)
            got[seed] = frames(stage)

    threads = [threading.Thread(target=act, args=(seed, c)) for seed, c in enumerate(CASTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert all(np.array_equal(got[seed], wanted[seed]) for seed in range(len(CASTS)))


def test_after_each_call_no_context_is_current_that_was_not_before() -> None:
    stage = mien.open_stage({"wren": "wren"}, size=SIZE)
    assert Current.of_thread().handle is None
    stage.frame()
    assert Current.of_thread().handle is None
    stage.close()
    assert Current.of_thread().handle is None


def test_closing_on_another_thread_is_refused_and_the_owner_still_can() -> None:
    stage = mien.open_stage({"wren": "wren"}, size=SIZE)
    caught: list[BaseException] = []

    def close() -> None:
        try:
            stage.close()
        except WrongThread as error:
            caught.append(error)

    thread = threading.Thread(target=close)
    thread.start()
    thread.join(60)
    assert len(caught) == 1
    assert stage.frame().any(), "it is open still"
    counters = stage._compositor.counters
    stage.close()
    assert counters.allocations == counters.freed
    with pytest.raises(mien.MienError, match="closed"):
        stage.frame()
