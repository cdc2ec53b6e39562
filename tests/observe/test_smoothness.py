"""Freezes, overruns and uneven motion, held to their definitions and to jank of a known size."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.observe import TABLE, FrameRecord, LedgerWriter, totals_of
from mien.observe.prometheus import metrics_of
from mien.observe.screen import Screen
from mien.observe.smoothness import Freezes, predictor_jank
from mien.observe.sources import SOURCES
from mien.observe.tally import Counts
from mien.report import reports_of
from observe.rig import MS, SAMPLES, T_NS, Rig, T

QUIET = {"built": 2.0, "drawn": 3.0}


@pytest.mark.parametrize(("every_ms", "long_ms", "frozen"), [
    (30, 186, True), (30, 185, False),  # 150 ms more than the mean, which it is part of
    (150, 484, True), (150, 483, False),  # three times the mean
])  # fmt: skip
def test_a_freeze_is_what_webrtc_stats_calls_one(every_ms: float, long_ms: float, frozen: bool) -> None:
    freezes = Freezes()
    freezes.add(2000)  # falls out of the last thirty
    for _ in range(30):
        freezes.add(every_ms)
    assert freezes.add(long_ms) == frozen
    assert (freezes.count, freezes.duration_ms) == ((1, long_ms) if frozen else (0, 0.0))


def test_none_is_judged_before_the_fifth() -> None:
    freezes = Freezes()
    assert [freezes.add(ms) for ms in (20, 20, 20, 900, 20, 20, 900)] == [False] * 6 + [True]


@given(st.lists(st.floats(5, 1000), min_size=2, max_size=90))
def test_sums_and_freezes_are_those_of_all_intervals(intervals: list[float]) -> None:
    freezes, count = Freezes(), 0
    for nth, ms in enumerate(intervals):
        last = intervals[max(0, nth - 29) : nth + 1]
        mean = sum(last) / len(last)
        count += len(last) >= 5 and ms - max(3 * mean, mean + 150) >= 1e-6
        freezes.add(ms)
    assert freezes.count == pytest.approx(count, abs=1e-9)
    assert freezes.total_s == pytest.approx(sum(intervals) / 1e3)
    assert freezes.squared_s2 == pytest.approx(sum(ms**2 for ms in intervals) / 1e6)
    assert freezes.harmonic_hz == pytest.approx(freezes.total_s / freezes.squared_s2)


def run_with(stalls_ms: dict[int, float], frames: int = 200) -> Rig:
    """Frames each of which takes 5 ms, but for those that are named; the next is the one that is due then."""
    rig, index = Rig(), 0
    for nth in range(frames):
        rig.frame(index, **(QUIET | {"drawn": stalls_ms.get(nth, 3.0)}))
        passed = rig.clock.now_ns() - rig.start_ns
        index = max(index + 1, passed // T_NS)
    return rig


def test_injected_stalls_are_the_freezes_and_overruns_that_are_told(tmp_path: Path) -> None:
    rig = run_with({50: 300.0, 90: 150.0, 120: 500.0})
    totals = totals_of(rig.ledger)
    shown = [record.presented_ms for record in rig.ledger.pending or () if isinstance(record, FrameRecord)]
    stays = np.diff(shown)
    # Each is 297 ms, and 497, longer than a frame that keeps time; the one of 150 is no freeze.
    assert (totals["freezes_total"], totals["freezes_duration_ms"]) == (
        2,
        pytest.approx(300 + 500 + 2 * (T - 3)),
    )
    assert totals["inter_frame_s"] == pytest.approx(stays.sum() / 1e3, abs=1e-3)
    assert totals["squared_inter_frame_s2"] == pytest.approx((stays**2).sum() / 1e6, abs=1e-3)
    overrun = totals["frame_overrun_ms"]
    assert isinstance(overrun, dict)
    assert overrun["p50"] == pytest.approx(5 - T, abs=0.02 * 5)
    assert overrun["max"] == pytest.approx(502 - T)
    path = tmp_path / "run.jsonl"
    with LedgerWriter(rig.ledger, path, {"fps": 25}):
        pass
    (report,) = reports_of([path])
    for name in ("freezes_total", "freezes_duration_ms", "harmonic_hz"):
        assert report.figures[name] == pytest.approx(totals[name], rel=1e-3), name
    assert report.figures["frame_overrun_ms.max"] == pytest.approx(502 - T)


def test_a_run_without_stalls_has_none() -> None:
    totals = totals_of(run_with({}).ledger)
    assert (totals["freezes_total"], totals["harmonic_hz"]) == (0, pytest.approx(25, abs=0.01))
    offline = Rig(realtime=False)
    offline.frame(0, **QUIET)
    assert all(totals_of(offline.ledger)[name] is None for name in ("freezes_total", "frame_overrun_ms"))


def test_a_rest_is_no_freeze_and_none_in_the_file_either(tmp_path: Path) -> None:
    rig = run_with({}, 40)
    rig.spend(7000)
    rig.meter.restart(rig.clock.now_ns())
    first = rig.ledger.frames_expected
    for nth in range(40):
        due_ns = rig.start_ns + 40 * T_NS + 7000 * MS + nth * T_NS
        rig.clock.sleep_until_ns(due_ns)
        rig.meter.begin()
        rig.spend(5)
        rig.meter.drawn()
        rig.meter.end(first + nth, (first + nth) * SAMPLES, scheduled_ns=due_ns)
    totals = totals_of(rig.ledger)
    assert (totals["freezes_total"], totals["inter_frame_s"]) == (0, pytest.approx(78 * T / 1e3))
    path = tmp_path / "run.jsonl"
    with LedgerWriter(rig.ledger, path, {"fps": 25}):
        pass
    assert reports_of([path])[0].figures["freezes_total"] == 0


def test_refreshes_are_counted_by_how_many() -> None:
    rig = Rig()
    seen = [(0, 0, None), (0, 0, 2), (1, 2, 3), (0, 0, 2), (0, 9, 2)]
    for index, (idle, late, offset) in enumerate(seen):
        rig.due(index)
        rig.meter.begin()
        rig.meter.drawn()
        rig.end(index, screen=Screen(60.0, idle, late, offset, 1, uneven=index == 4))
    totals = totals_of(rig.ledger)
    assert totals["refreshes_idle"] == {"0": 4, "1": 1}
    assert totals["refreshes_late"] == {"0": 3, "2": 1, "6+": 1}
    assert totals["refreshes_offset"] == {"2": 3, "3": 1}
    assert (totals["refreshes_latency"], totals["frames_uneven_total"], totals["refresh_hz"]) == (
        {"1": 5},
        1,
        60.0,
    )
    families = {family.name: family for family in metrics_of(rig.ledger)}
    told = {sample.labels["refreshes"]: sample.value for sample in families["mien_refreshes_late"].samples}
    assert told == {"0": 3, "2": 1, "6+": 1}
    assert totals_of(Rig().ledger)["refreshes_late"] is None and Counts().value is None


@pytest.mark.parametrize(
    ("steps", "excess"),
    [
        ([1, 5, 10], 0.0),  # Chromium's own examples
        ([10, 5, 1], 0.0),
        ([1, 10, 5], 10 / 5 - 1.2),
        ([3, 3 * 1.39, 3], 0.0),
        ([3, 4.5, 3], 1.5 - 1.4),
        ([6, 3, 6], 2 - 1.4),
        ([8, 9.5, 8], 0.0),
        ([8, 10, 8], 1.25 - 1.2),
        ([-8, -10, -8], 1.25 - 1.2),
        ([8, 0.001, 8], 8000 - 1.2),
        ([5, -5, 5], np.nan),
        ([0.2, 0.6, 0.2], np.nan),
    ],
)
def test_uneven_steps_are_those_of_chromiums_predictor_jank(steps: list[float], excess: float) -> None:
    told = predictor_jank(steps, least_px=1.0)
    assert np.isnan(told[[0, 2]]).all()
    assert told[1] == pytest.approx(excess, nan_ok=True)
    turned = predictor_jank(np.outer(steps, [0.6, -0.8]), least_px=1.0)
    assert turned[1] == pytest.approx(excess, nan_ok=True)


def test_who_stands_still_between_steps_is_seen_where_that_is_asked_for() -> None:
    steps = [3.0, 3.0, 0.01, 6.0, 3.0, 3.0, 3.0]
    assert np.flatnonzero(predictor_jank(steps, still_px=0.05) > 0).tolist() == [2, 3]
    assert np.flatnonzero(predictor_jank([0.0, 0.0, 3.0, 3.0, 3.0], still_px=0.05) > 0).tolist() == []


def test_the_threshold_itself_is_too_far_and_two_steps_say_nothing() -> None:
    assert predictor_jank([8.0, 9.6, 8.0])[1] > 0
    assert np.isnan(predictor_jank([1.0, 2.0])).all() and len(predictor_jank([])) == 0


def test_sources_name_metrics_that_there_are() -> None:
    known = {row.name for row in TABLE.metrics} | {"predictor_jank"}
    named = [name for source in SOURCES for name in source.metrics]
    assert set(named) <= known and len(set(named)) == len(named)
    assert all(source.url.startswith("https://") and source.means.endswith(".") for source in SOURCES)
