"""What is held by position: against a table of samples, and at a price that does not grow."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.audio import segments
from mien.audio.segments import Segments


def numbered(at: int, n: int, copy: int) -> np.ndarray:
    """Samples that tell where they belong and in which chunk they came."""
    return (np.arange(at, at + n) + copy / 64).astype(np.float32)


@given(
    st.lists(st.tuples(st.integers(0, 120), st.integers(0, 40), st.integers(0, 30)), max_size=60),
    st.integers(1, 200),
)
def test_it_holds_what_a_table_of_samples_would(chunks: list[tuple[int, int, int]], capacity: int) -> None:
    held, table, position = Segments(), dict[int, float](), 0
    for copy, (at, n, pulled) in enumerate(chunks):
        chunk, kept = numbered(at, n, copy), 0
        for index in range(max(at, position), at + n):
            if index not in table and len(table) < capacity:
                table[index] = float(chunk[index - at])
                kept += 1
        assert held.add(chunk, at, copy, position, capacity) == kept
        assert (held.held, held.first) == (len(table), min(table, default=None))
        while pulled > 0 and table:
            position = max(position, min(table))
            samples, came = held.read(position, pulled)
            assert came == round(float(samples[0] % 1) * 64)
            assert samples.tolist() == [table.pop(position + k) for k in range(len(samples))]
            position += len(samples)
            pulled -= len(samples)


def lines_of(call: Callable[[], object]) -> int:
    """How many lines of `segments` a call runs through."""
    lines = 0

    def look(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal lines
        if frame.f_code.co_filename != segments.__file__:
            return None
        lines += event == "line"
        return look

    before = sys.gettrace()
    sys.settrace(look)
    try:
        call()
    finally:
        sys.settrace(before)
    return lines


def filled(n: int, step: int) -> Segments:
    held = Segments()
    for index in range(n):
        held.add(numbered(index * step, 16, 0), index * step, 0, 0, 10**9)
    return held


@pytest.mark.parametrize("where", [0.0, 0.5, 1.0])
def test_a_chunk_costs_the_same_however_many_are_held(where: float) -> None:
    """In front of all, in the middle, and behind them: into a hole of 16 samples each time."""
    costs = set()
    for n in (10, 5000):
        held = filled(n, 32)
        at = 32 * round(where * n) + 16
        costs.add(lines_of(lambda held=held, at=at: held.add(numbered(at, 16, 1), at, 0, 0, 10**9)))  # type: ignore[misc]
    assert len(costs) == 1


def test_a_pull_costs_the_same_however_many_are_held() -> None:
    def some(held: Segments) -> None:
        for position in range(0, 1600, 16):
            held.read(position, 16)

    assert lines_of(lambda: some(filled(5000, 16))) - lines_of(lambda: filled(5000, 16)) <= lines_of(
        lambda: some(filled(101, 16))
    ) - lines_of(lambda: filled(101, 16))


def test_what_has_been_read_is_cut_off_in_one_go_now_and_then() -> None:
    held, lengths = filled(5000, 16), set()
    for position in range(0, 80_000, 16):
        held.read(position, 16)
        lengths.add(len(held._starts))
    assert len(lengths) < 12 and min(lengths) <= 64


def test_a_chunk_that_is_read_in_pieces_is_never_copied() -> None:
    held, chunk = Segments(), numbered(0, 4800, 0)
    held.add(chunk, 0, 0, 0, 10**9)
    assert all(np.shares_memory(held.read(position, 480)[0], chunk) for position in range(0, 4800, 480))
