"""What was pulled lately is found again, from any sample to any."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mien.audio import tape
from mien.audio.tape import Tape


@given(
    st.lists(st.integers(1, 60), max_size=30),
    st.lists(st.tuples(st.integers(-10, 1500), st.integers(-5, 400)), max_size=20),
)
def test_any_stretch_is_what_was_added_as_far_as_it_is_remembered(
    lengths: list[int], asked: list[tuple[int, int]]
) -> None:
    one, added, at = Tape(), np.zeros((0, 2), np.float32), 0
    for length in lengths:
        block = np.arange(2 * at, 2 * (at + length), dtype=np.float32).reshape(-1, 2)
        one.add(at, block)
        added, at = np.concatenate([added, block]), at + length
    for start, length in asked:
        np.testing.assert_array_equal(
            one.between(start, start + length), added[max(0, start) : max(0, start + length)]
        )


def test_what_is_old_is_forgotten_by_blocks() -> None:
    one, block = Tape(), np.ones((1000, 2), np.float32)
    for k in range(tape.KEPT // 1000 + 5):
        one.add(1000 * k, block)
    assert len(one.between(0, 10 * tape.KEPT)) == tape.KEPT + 1000
    assert len(one.between(0, 4000)) == 0
