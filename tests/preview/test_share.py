"""A frame does as many steps of the panel as fit into its share, and one at least, whatever a step takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import pytest

from mien.preview.board import Board
from mien.preview.share import Share
from mien.preview.slots import Slots
from mien.stage.shown import SlotState
from preview.rig import POINTS, Rig, Stage, rig


class Clock:
    """A thread's processor time, which goes on as far as it is told."""

    def __init__(self) -> None:
        self.now_ns = 0

    def __call__(self) -> int:
        return self.now_ns

    def takes(self, ms: float) -> Callable[[], None]:
        """Something that takes so long."""

        def call() -> None:
            self.now_ns += round(1e6 * ms)

        return call


def frames(steps: Sequence[float], count: int) -> Iterator[list[float]]:
    """The ms of the steps that each of so many frames does of these, over and over."""
    clock = Clock()
    share, at = Share(clock), 0
    for _ in range(count):
        share.begin()
        done: list[float] = []
        while share.fits(f"step {at % len(steps)}"):
            ms = steps[at % len(steps)]
            share.do(f"step {at % len(steps)}", clock.takes(ms))
            done.append(ms)
            at += 1
        yield done


def test_steps_that_are_known_share_a_frame_and_none_takes_what_others_have_left() -> None:
    done = list(frames([0.2, 0.3, 0.1, 0.5, 0.15], 60))
    assert all(one for one in done)
    assert max(map(sum, done)) <= 0.9
    assert max(map(len, done[10:])) >= 3


def test_a_step_longer_than_a_share_has_a_frame_to_itself() -> None:
    done = list(frames([0.2, 2.0, 0.3], 30))[6:]
    assert {len(one) for one in done if 2.0 in one} == {1}
    assert [0.3, 0.2] in done


def test_what_was_slow_once_is_tried_again_beside_others() -> None:
    clock = Clock()
    share = Share(clock)
    share.do("step", clock.takes(3.0))
    fits = []
    for _ in range(40):
        share.begin()
        share.do("other", clock.takes(0.4))
        fits.append(share.fits("step"))
        share.begin()
        share.do("step", clock.takes(0.2))
    assert not any(fits[:10]) and fits[-1]


class Large(Stage):
    """Of many slots."""

    def slots(self, who: str) -> tuple[SlotState, ...]:
        return tuple(
            replace(one, name=f"{one.name} {n}") for n in range(20) for one in super(Large, self).slots(who)
        )


def test_a_panel_is_laid_out_in_many_steps_and_no_step_has_more_than_a_few_rows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows: list[int] = []
    row = Slots._row
    monkeypatch.setattr(Slots, "_row", lambda *given: (rows.append(1), row(*given))[1])
    with rig(monkeypatch, Large()) as panel:
        rows.clear()
        counts = [len(rows) for _ in _steps(panel, panel.board)]
    each = [after - before for before, after in zip([0, *counts], counts, strict=False)]
    assert sum(each) == 40 and max(each) <= 6
    assert len(counts) >= 10


def _steps(panel: Rig, board: Board) -> Iterator[None]:
    panel.gui.begin(board.parts(panel.gui.canvas), POINTS, 1.0, 1 / 30)
    yield
    while not panel.gui.step():
        yield
