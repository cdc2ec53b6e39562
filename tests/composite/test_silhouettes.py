"""A silhouette that is copied from its like is, to the bit, the one that would have been worked out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from composite.scenes import noise
from mien.composite.plan.coverage import Coverage
from mien.composite.plan.silhouettes import START, Silhouettes
from mien.composite.rows import LIMITS, PAGE, SAMPLE_FLOATS
from mien.types import F32, U8, Size

SIDE = 64


def pages(seed: int, edited: bool) -> U8:
    """Eight drawings, all alike on both pages; `edited`: but the first."""
    rng = np.random.default_rng(seed)
    page = noise(rng, SIDE, SIDE)
    page[rng.random((SIDE, SIDE)) < 0.3, 3] = 255
    page[rng.random((SIDE, SIDE)) < 0.3] = 0
    if edited:
        page[2:30, 2:14] = 0
    return page


def samples(page: int) -> F32:
    found = np.zeros((8, SAMPLE_FLOATS), np.float32)
    found[:, PAGE] = page
    for k, row in enumerate(found):
        left, top = (k % 4) * 16 + (k % 3) / 4, (k // 4) * 32
        row[LIMITS] = (left, top, left + 14.5, top + 30)
    return found


def looked_up(silhouettes: Silhouettes, numbers: Any) -> list[tuple[bytes, bytes, Any]]:
    found = []
    for left, top, wide, high, start in silhouettes.table[numbers].tolist():
        cells = slice(start, start + wide * high)
        found.append((silhouettes.codes[cells].tobytes(), silhouettes.room[cells].tobytes(), (left, top)))
    return found


def test_what_is_alike_on_another_page_is_copied_and_only_the_rest_worked_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = list[int]()
    work_out = Silhouettes._work_out

    def counted(self: Silhouettes, parts: Any, reach: int) -> None:
        made.append(len(parts))
        work_out(self, parts, reach)

    monkeypatch.setattr(Silhouettes, "_work_out", counted)
    coverage, reach = Coverage(Size(SIDE, SIDE), 3), np.full(8, 6, np.float32)
    coverage.set_page(0, pages(1, edited=False))
    one = Silhouettes(coverage)
    one.numbers(samples(0), reach)
    for page, edited in ((1, True), (2, False), (1, False), (2, True), (0, True)):
        coverage.set_page(page, pages(1, edited=edited))
        made.clear()
        here = one.numbers(samples(page), reach)
        assert sum(made) <= 1, "the one that was edited"
        fresh = Silhouettes(coverage)
        assert looked_up(one, here) == looked_up(fresh, fresh.numbers(samples(page), reach))


def test_what_was_given_up_is_copied_by_nobody() -> None:
    coverage, reach = Coverage(Size(SIDE, SIDE), 2), np.full(8, 6, np.float32)
    one = Silhouettes(coverage)
    one.codes, one.room = one.codes[:20_000].copy(), one.room[:20_000].copy()  # soon full
    for k in range(60):
        coverage.set_page(k % 2, pages(k // 3, edited=bool(k % 3)))
        here = one.numbers(samples(k % 2), reach)
        fresh = Silhouettes(coverage)
        assert looked_up(one, here) == looked_up(fresh, fresh.numbers(samples(k % 2), reach)), k
    assert len(one.codes) <= 80_000 and one.table[here, START].min() > 0
