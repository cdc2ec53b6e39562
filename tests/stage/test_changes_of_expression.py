"""After ready a change of expression is a look-up: nothing is resolved, whatever a host tells."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import mien
from mien.stage.offline import Stage
from mien.stage.player import Player

TWO = {"wren": "wren", "otto": "otto"}
SIZE = (64, 36)


def resolutions(stage: Stage) -> tuple[int, int]:
    """How often drawings of a state, and the meaning of a cue, were worked out so far."""
    actors = stage._show.player.actors
    return sum(actor.performer.resolved for actor in actors), stage._show.session.reader.read


@pytest.fixture(scope="module")
def changed() -> Iterator[tuple[Stage, tuple[int, int], int]]:
    """A stage on which all expressions with all gestures were shown; resolutions and silhouettes before."""
    with mien.open_stage(TWO, size=SIZE) as stage:
        before = resolutions(stage), silhouettes(stage)
        for who, character in stage._show.characters.items():
            for gesture in ("", *character.gestures):
                stage.gesture(who, gesture)
                for expression in character.expressions:
                    stage.set_expression(who, expression)
                    stage.draw()
        yield stage, *before


def silhouettes(stage: Stage) -> int:
    """How many of drawings were worked out so far: where each shows nothing, and where it hides all below."""
    known = stage._compositor._planning._planners[-1]._footprints._silhouettes
    assert known is not None
    return known.count


def test_no_expression_or_gesture_is_resolved_after_ready(
    changed: tuple[Stage, tuple[int, int], int],
) -> None:
    stage, before, _ = changed
    assert min(before) > 0
    assert resolutions(stage) == before


def test_hardly_a_silhouette_of_a_drawing_is_worked_out_after_ready(
    changed: tuple[Stage, tuple[int, int], int],
) -> None:
    """Parts that are squeezed or turned far have others."""
    stage, _, before = changed
    drawings = sum(len(slot.drawings) for one in stage._show.characters.values() for slot in one.slots)
    assert before > drawings
    assert silhouettes(stage) - before < 0.1 * drawings


def test_a_label_and_an_outfit_are_resolved_once() -> None:
    with mien.open_stage(TWO, size=SIZE) as stage:
        slot = next(slot for slot in stage._show.characters["wren"].slots if len(slot.drawings) > 1)
        for _ in range(3):
            stage.set_expression("wren", "amusement")
            stage.wear("wren", slot.name, slot.drawings[0].name)
            stage.draw()
            stage.set_expression("wren", "neutral")
            stage.draw()
        once = resolutions(stage)
        for label in ("amusement", "neutral"):
            stage.set_expression("wren", label)
            stage.draw()
        assert resolutions(stage) == once


def test_what_a_change_costs_is_told_in_processor_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A core that somebody else had meanwhile is no part of it."""
    clock: Any = iter(range(0, 1_000_000_000, 7_000))
    monkeypatch.setattr("mien.stage.player.thread_time_ns", lambda: next(clock))
    costs: list[tuple[int, float]] = []
    tick = Player.tick

    def watched(self: Player, *arguments: Any) -> Any:
        frame = tick(self, *arguments)
        costs.append((self.rebuilds, self.rebuild_us))
        return frame

    monkeypatch.setattr(Player, "tick", watched)
    with mien.open_stage(TWO, size=SIZE) as stage:
        for _ in range(3):
            stage.draw()
        costs.clear()
        stage.set_expression("otto", "embarrassed")
        for _ in range(10):
            stage.draw()
    changes, us = np.array(costs).T
    assert changes.sum() >= 3
    assert np.array_equal(us > 0, changes > 0)
    assert not (us % 7.0).any()  # ticks of that clock
