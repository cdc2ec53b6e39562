"""What slots keep from frame to frame gives the rows that new ones give, and a change costs what changed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from composite.scenes import slot
from composite.test_cast_rows import calls
from composite.test_rows import drawing
from mien.character import Slot
from mien.composite import FrameRows, SlotRows
from mien.composite.rows import SAMPLES, WEIGHTS
from mien.types import F32, F64, I32, MAX_MIXED, Bools, Size

SIZE = Size(120, 100)


def slots_of() -> list[Slot]:
    """Seven, of which two are joined to the one below them, and one is clipped."""
    each = [drawing(8 * k, 5 * k, page=k) for k in range(6)]
    joined = replace(slot(each[0], each[1]), joined=drawing(0, 0, 30, 30, page=9), joins=2)
    return [
        joined,
        slot(each[2], each[3], clip=True),
        slot(each[3]),
        slot(*each),
        slot(each[4], each[5], opacity=0.5),
        slot(each[5], each[0], each[1]),
        slot(),
    ]


class Poses:
    """A pose that changes in a way drawn by lot."""

    def __init__(self, seed: int, slots: int) -> None:
        self._rng = np.random.default_rng(seed)
        self.world: F64 = np.tile(np.eye(2, 3), (slots, 1, 1))
        self.picks: I32 = np.full((slots, MAX_MIXED), -1, np.int32)
        self.picks[:, 0] = 0
        self.weights: F32 = np.zeros((slots, MAX_MIXED), np.float32)
        self.weights[:, 0] = 1.0
        self.fade: F32 = np.ones(slots, np.float32)
        self.tint: F64 = np.ones((slots, 4))

    def change(self) -> None:
        rng = self._rng
        s = int(rng.integers(len(self.picks)))
        match int(rng.integers(9)):
            case 0:
                self.picks[s], self.weights[s] = (int(rng.integers(-1, 8)), -1, -1, -1), (1.0, 0.0, 0.0, 0.0)
            case 1:
                self.picks[s] = rng.integers(-2, 7, MAX_MIXED)
                self.weights[s] = rng.choice((0.0, 0.2, 0.5, -0.1), MAX_MIXED)
            case 2 | 3:  # a fade goes on
                self.weights[s] *= np.float32(rng.uniform(0.5, 1.0))
            case 4:
                self.weights[s, int(rng.integers(MAX_MIXED))] = rng.choice((0.0, np.nan, 0.3))
            case 5:
                self.fade[s] = rng.choice((0.0, 0.4, 1.0))
            case 6:
                self.world[s, :, :2] += rng.normal(0.0, 0.2, (2, 2))
                self.world[s, :, 2] += rng.normal(0.0, 9.0, 2)
            case 7:
                self.world[s] = np.eye(2, 3) if rng.random() < 0.7 else rng.choice((np.nan, np.inf, 0.0))
            case 8:
                self.tint = self.tint.copy()
                self.tint[s] = rng.choice((1.0, 0.5, np.nan))

    def put(self, rows: SlotRows, frame: FrameRows, opacity: float) -> Bools:
        frame.reset()
        shows = rows.update(frame, self.world, self.picks, self.weights, self.fade, opacity, self.tint)
        rows.append_shown(frame, shows, 0, rows.count)
        return shows


@pytest.mark.parametrize("seed", range(4))
def test_rows_that_are_kept_are_to_the_bit_those_of_new_slots(seed: int) -> None:
    slots = slots_of()
    kept, pose = SlotRows(slots), Poses(seed, len(slots))
    rng = np.random.default_rng(seed)
    frames = FrameRows(8, SIZE), FrameRows(8, SIZE)
    counts = set()
    for number in range(250):
        for _ in range(int(rng.integers(3))):
            pose.change()
        opacity = float(rng.choice((1.0, 1.0, 0.6)))
        hidden = []
        for frame, rows in zip(frames, (kept, SlotRows(slots)), strict=True):
            before = frame.hidden_total
            pose.put(rows, frame, opacity)
            hidden.append(frame.hidden_total - before)
        own, new = (frame.rows[: frame.count] for frame in frames)
        assert own.tobytes() == new.tobytes(), number
        assert hidden[0] == hidden[1], number
        counts.add(len(own))
    assert len(counts) > 3


def test_what_shows_the_same_in_another_place_picks_nothing_and_a_fade_that_goes_on_only_weights() -> None:
    slots = slots_of()
    rows, frame, pose = SlotRows(slots), FrameRows(8, SIZE), Poses(0, len(slots))
    pose.put(rows, frame, 1.0)
    rows.rows[:, SAMPLES] = marked = 123.0
    pose.world[:, :, 2] += 1.0
    pose.put(rows, frame, 1.0)
    assert not rows.shown.picked and (rows.rows[:, SAMPLES] == marked).all()
    pose.picks[3, :2], pose.weights[3, :2] = (1, 2), (0.75, 0.25)
    pose.put(rows, frame, 1.0)
    assert rows.shown.picked == (rows.rows[:, SAMPLES] != marked).any(axis=1).nonzero()[0].tolist() == [3]
    rows.rows[3, SAMPLES] = marked
    pose.weights[3, :2] = (0.5, 0.5)
    pose.put(rows, frame, 1.0)
    assert rows.shown.picked == [3] and rows.rows[3, WEIGHTS].tolist() == [0.5, 0.5, 0.0, 0.0]
    assert (rows.rows[:, SAMPLES] == marked).all()


def test_a_change_costs_the_calls_of_what_changed() -> None:
    slots = slots_of()
    rows, frame, pose = SlotRows(slots), FrameRows(8, SIZE), Poses(0, len(slots))

    def cost() -> int:
        pose.world[:, :, 2] += 1.0
        return calls(lambda: pose.put(rows, frame, 1.0))  # type: ignore[arg-type, return-value]

    cost()
    plain = cost()
    pose.picks[3:6, 0] = 1
    drawings = cost() - plain
    pose.picks[4, :2], pose.weights[4, :2] = (0, 1), (0.25, 0.75)
    cost()
    pose.weights[4, :2] = (0.5, 0.5)
    fading = cost() - plain
    assert plain < 30
    assert drawings < 30
    assert fading < 16
