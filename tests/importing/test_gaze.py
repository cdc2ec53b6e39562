"""How far imported irises go."""

from __future__ import annotations

import pytest

from mien.importing.gaze import gaze_range
from mien.types import Rect

WHITE = Rect(100, 100, 80, 60)


@pytest.mark.parametrize("size", [10, 20, 30])
def test_a_small_iris_in_a_wide_white_does_not_come_to_its_rim(size: int) -> None:
    iris = Rect(140 - size // 2, 130 - size // 2, size, size)
    room = (80 - size) / 2
    found = gaze_range([(WHITE, iris)], 10.0)
    assert -room * 0.75 < found["x"][0] < 0 < found["x"][1] < room * 0.75
    assert found["y"][1] < (60 - size) / 2


def test_a_large_iris_keeps_three_quarters_of_it_in_the_white() -> None:
    iris = Rect(105, 95, 70, 70)
    found = gaze_range([(WHITE, iris)], 10.0)
    assert found["x"] == [-22, 22]


def test_without_whites_the_range_is_that_of_the_face() -> None:
    assert gaze_range([], 2.0) == {"x": [-20, 20], "y": [-12, 12]}
