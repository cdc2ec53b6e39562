"""What is drawn again of a panel is what differs from the one before, and no more than its neighbourhood."""

from __future__ import annotations

import numpy as np

from mien.preview.triangles import CELL_X, CELL_Y, Run, Triangles
from mien.types import F32

SIZE = (200.0, 120.0)
WHOLE = (0.0, 0.0, 200.0, 120.0)
DTYPE = np.dtype([("place", "<f4", 2), ("texel", "<f4", 2), ("colour", "u1", 4)])


def panel(
    *boxes: tuple[float, float, float, float, int], clip: tuple[float, ...] = WHOLE, texture: int = 1
) -> Triangles:
    """Of filled boxes (left, top, right, bottom, shade)."""
    vertices = np.zeros((len(boxes), 4), DTYPE)
    for vertex, (left, top, right, bottom, shade) in zip(vertices, boxes, strict=True):
        vertex["place"] = [(left, top), (right, top), (right, bottom), (left, bottom)]
        vertex["colour"] = (shade, shade, shade, 255)
    order = np.array([0, 1, 2, 0, 2, 3], np.uint32)
    indices = (order + 4 * np.arange(len(boxes), dtype=np.uint32)[:, None]).reshape(-1)
    run = Run(texture, (clip[0], clip[1], clip[2], clip[3]), 0, len(indices))
    return Triangles(vertices.reshape(-1).view(np.uint8).reshape(-1, 20), indices, [run], SIZE)


BOXES = [(10.0, 10.0, 60.0, 20.0, 90), (10.0, 40.0, 180.0, 50.0, 120), (100.0, 90.0, 140.0, 110.0, 200)]


def test_the_first_one_is_drawn_whole_and_the_same_not_at_all() -> None:
    first = panel(*BOXES)
    assert first.damage(None) == [WHOLE]
    assert panel(*BOXES).damage(first) == []


def test_what_changes_is_drawn_again_where_it_was_and_where_it_is() -> None:
    before = panel(*BOXES)
    moved = [(70.0, 12.0, 120.0, 22.0, 90), *BOXES[1:]]
    (damage,) = panel(*moved).damage(before)
    assert damage[0] <= 10 and damage[2] >= 120 and damage[1] <= 10 and damage[3] >= 22
    assert damage[3] <= 22 + 2 * CELL_Y, "the rows below stay"
    shade = [*BOXES[:2], (*BOXES[2][:4], 201)]
    (damage,) = panel(*shade).damage(before)
    assert damage[1] >= 90 - 2 * CELL_Y and damage[0] >= 100 - 2 * CELL_X


def test_a_box_less_shifts_no_other() -> None:
    """Numbers with fewer digits change where all behind them lie in the buffers, and nothing else."""
    before = panel(*BOXES)
    (damage,) = panel(*BOXES[1:]).damage(before)
    assert damage[3] <= 20 + 2 * CELL_Y


def test_what_is_cut_off_elsewhere_or_has_another_picture_differs() -> None:
    before = panel(*BOXES)
    assert panel(*BOXES, clip=(0.0, 0.0, 200.0, 100.0)).damage(before)
    assert panel(*BOXES, texture=2).damage(before)


def test_damage_apart_is_drawn_apart() -> None:
    before = panel(*BOXES)
    other = [(*BOXES[0][:4], 1), BOXES[1], (*BOXES[2][:4], 2)]
    damage = panel(*other).damage(before)
    assert len(damage) == 2


def test_every_pixel_that_differs_lies_in_the_damage() -> None:
    rng = np.random.default_rng(7)

    def some() -> list[tuple[float, float, float, float, int]]:
        corners: F32 = rng.uniform(-10, 200, (12, 2)).astype(np.float32)
        sides = rng.uniform(1, 60, (12, 2))
        shades = rng.integers(1, 255, 12)
        return [
            (float(x), float(y), float(x + w), float(y + h), int(shade))
            for (x, y), (w, h), shade in zip(corners, sides, shades, strict=True)
        ]

    def drawn(boxes: list[tuple[float, float, float, float, int]]) -> np.ndarray:
        picture = np.zeros((120, 200), np.uint8)
        for left, top, right, bottom, shade in boxes:
            picture[
                max(0, round(top)) : max(0, round(bottom)), max(0, round(left)) : max(0, round(right))
            ] = shade
        return picture

    for _ in range(50):
        one = some()
        other = [box if rng.random() < 0.8 else some()[0] for box in one]
        outside = np.ones((120, 200), bool)
        for left, top, right, bottom in panel(*other).damage(panel(*one)):
            outside[round(top) : round(bottom), round(left) : round(right)] = False
        assert (drawn(one)[outside] == drawn(other)[outside]).all()
