"""Collections happen between frames or not at all, their pauses are known, and closing undoes it."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from mien.observe import Collector, Ledger, totals_of
from mien.observe.collector import TOO_MANY, YOUNG


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    before = (gc.isenabled(), gc.get_threshold(), list(gc.callbacks))
    yield
    assert (gc.isenabled(), gc.get_threshold(), list(gc.callbacks), gc.get_freeze_count()) == (*before, 0)


class Recorded:
    """Collections told of, by generation."""

    def __init__(self) -> None:
        self.seen: list[int] = []

    def __call__(self, generation: int, start_ns: int, end_ns: int) -> None:
        assert start_ns <= end_ns
        self.seen.append(generation)


def garbage(count: int) -> list[list[object]]:
    return [[] for _ in range(count)]


def test_what_was_there_is_frozen_and_nothing_is_collected_by_itself() -> None:
    recorded = Recorded()
    with Collector(recorded):
        assert gc.get_freeze_count() > 10_000
        kept = garbage(100 * YOUNG)
        assert recorded.seen == []
        assert len(kept) == 100 * YOUNG


def test_with_time_to_spare_young_objects_are_collected() -> None:
    recorded = Recorded()
    with Collector(recorded) as collector:
        collector.between(None)
        assert recorded.seen == []
        kept = garbage(2 * YOUNG)
        collector.between(20_000_000)
        assert recorded.seen == [0]
        assert gc.get_count()[0] < YOUNG
        assert kept


def test_without_time_to_spare_nothing_is_collected_until_it_is_too_much() -> None:
    recorded = Recorded()
    with Collector(recorded) as collector:
        kept = garbage(2 * YOUNG)
        collector.between(-5_000_000)
        collector.between(100_000)
        assert recorded.seen == []
        kept += garbage(TOO_MANY)
        collector.between(-5_000_000)
        assert recorded.seen == [0]


def test_older_generations_have_their_turn() -> None:
    recorded = Recorded()
    with Collector(recorded) as collector:
        kept = []
        for _ in range(122):
            kept += garbage(2 * YOUNG)
            collector.between(None)
    assert [recorded.seen.count(generation) for generation in range(3)] == [111, 10, 1]


def test_cyclic_garbage_made_while_it_runs_is_freed() -> None:
    class Node:
        alive = 0

        def __init__(self) -> None:
            self.me = self
            Node.alive += 1

        def __del__(self) -> None:
            Node.alive -= 1

    with Collector() as collector:
        for _ in range(20):
            for _ in range(YOUNG):
                Node()
            collector.between(None)
            assert Node.alive < 2 * YOUNG


def test_the_ledger_learns_of_pauses_that_others_cause() -> None:
    ledger = Ledger(40.0, realtime=True, keep=True)
    with Collector(ledger.add_collection) as collector:
        before_ns = ledger.origin_ns
        gc.collect(1)
        assert len(collector.pauses(before_ns, 2**62)) == 1
    assert [pauses.count for pauses in ledger.gc_pause_ms] == [0, 1, 0]
    assert ledger.pending is not None
    record = ledger.pending[0]
    assert (record.kind, record.as_dict()["generation"]) == ("gc", 1)
    assert "1" in totals_of(ledger)["gc_pause_ms"]  # type: ignore[operator]
