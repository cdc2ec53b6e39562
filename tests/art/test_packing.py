"""The packer places every rectangle, on the page, apart from all others."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mien.art.packing import pack

SIDE = 32
sizes_ = st.lists(st.tuples(st.integers(1, SIDE), st.integers(1, SIDE)), max_size=40)


@settings(max_examples=150, deadline=None)
@given(sizes_)
def test_rectangles_never_overlap_and_never_leave_their_page(sizes: list[tuple[int, int]]) -> None:
    placed = pack(sizes, SIDE)
    assert len(placed) == len(sizes)
    for (width, height), (_, x, y) in zip(sizes, placed, strict=True):
        assert 0 <= x <= SIDE - width
        assert 0 <= y <= SIDE - height
    for (a_size, a), (b_size, b) in combinations(zip(sizes, placed, strict=True), 2):
        apart = (
            a.x + a_size[0] <= b.x
            or b.x + b_size[0] <= a.x
            or a.y + a_size[1] <= b.y
            or b.y + b_size[1] <= a.y
        )
        assert a.page != b.page or apart


@settings(max_examples=50, deadline=None)
@given(sizes_)
def test_the_same_sizes_are_placed_the_same_way(sizes: list[tuple[int, int]]) -> None:
    assert pack(sizes, SIDE) == pack(list(sizes), SIDE)


@settings(max_examples=50, deadline=None)
@given(sizes_)
def test_no_page_is_left_empty(sizes: list[tuple[int, int]]) -> None:
    pages = {placement.page for placement in pack(sizes, SIDE)}
    assert pages == set(range(len(pages)))


def test_four_quarters_fill_one_page() -> None:
    assert {p[1:] for p in pack([(16, 16)] * 4, SIDE)} == {(0, 0), (16, 0), (0, 16), (16, 16)}
    assert {p.page for p in pack([(16, 16)] * 4, SIDE)} == {0}


def test_a_full_page_goes_alone() -> None:
    assert [p.page for p in pack([(1, 1), (SIDE, SIDE), (1, 1)], SIDE)] == [1, 0, 1]


@pytest.mark.parametrize("size", [(0, 1), (1, 0), (SIDE + 1, 1), (1, SIDE + 1), (-1, 4)])
def test_a_size_that_no_page_takes_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        pack([size], SIDE)
