"""The ledger reports exactly what it was told."""

from __future__ import annotations

import dataclasses
import json
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.errors import NotWritable
from mien.observe import FrameRecord, Histogram, Ledger, LedgerWriter, totals_of

T = 1000 / 30


def record(frame: int, **changes: object) -> FrameRecord:
    quiet = FrameRecord(
        frame=frame,
        at_sample=frame * 1600,
        speaking=False,
        scheduled_ms=frame * T,
        presented_ms=frame * T,
        build_ms=1.0,
        draw_ms=2.0,
        readback_ms=0.5,
        swap_ms=0.0,
        host_ms=0.0,
        l1_rebuilds=0,
        l1_rebuild_us=0.0,
        l1_misses=0,
        uploads=0,
        upload_bytes=0,
        shader_compiles=0,
        gl_allocations=0,
        concealed_samples=0,
        underruns=0,
        av_skew_ms=None,
    )
    return dataclasses.replace(quiet, **changes)  # type: ignore[arg-type]


def test_known_jank_is_counted_exactly_and_blamed_on_its_stage() -> None:
    ledger = Ledger(T, realtime=True)
    stages = {10: ("draw_ms", "gpu_wait"), 20: ("readback_ms", "readback"), 30: ("build_ms", "build")}
    for frame in range(100):
        slow = {stages[frame][0]: 50.0} if frame in stages else {}
        ledger.add(record(frame, **slow))
    assert sum(ledger.frames_over_budget.values()) == 3
    assert {cause for cause, n in ledger.frames_over_budget.items() if n} == {"gpu_wait", "readback", "build"}
    assert ledger.worst is not None
    assert ledger.worst.work_ms == pytest.approx(53.0)


def test_with_a_budget_of_zero_every_frame_is_flagged() -> None:
    ledger = Ledger(0.0, realtime=True)
    for frame in range(50):
        ledger.add(record(frame))
    assert sum(ledger.frames_over_budget.values()) == 50


def test_a_stall_cannot_hide_the_frames_it_swallowed() -> None:
    ledger = Ledger(T, realtime=True)
    for frame in (0, 1, 2, 7, 8):
        ledger.add(record(frame))
    assert (ledger.frames_expected, ledger.frames_produced, ledger.frames_dropped) == (9, 5, 4)
    assert ledger.consecutive_missed_max == 4


def test_headroom_is_what_95_of_100_of_the_frames_of_the_last_ten_seconds_left() -> None:
    ledger = Ledger(20.0, realtime=True)
    assert ledger.headroom_percent is None
    for frame in range(500):  # long ago
        ledger.add(record(frame, build_ms=0.0, readback_ms=0.0, draw_ms=19.0))
    for frame in range(500, 1000):  # 10 s, of which one frame in 20 took more than its time
        ledger.add(record(frame, build_ms=0.0, readback_ms=0.0, draw_ms=30.0 if frame % 20 == 0 else 5.0))
    assert ledger.headroom_percent == pytest.approx(75.0)
    for frame in (1000, 1001):  # for a slow frame, and for a quick one, that are ten seconds old by then
        ledger.add(record(frame, build_ms=0.0, readback_ms=0.0, draw_ms=30.0))
    assert ledger.headroom_percent == pytest.approx(-50.0)
    assert Ledger(0, realtime=True).headroom_percent is None


def test_frames_left_out_after_the_last_one_shown_are_counted() -> None:
    ledger = Ledger(100.0, realtime=True)
    for frame in range(10):
        ledger.add(record(frame))
    ledger.expect(15)
    ledger.expect(15)
    ledger.expect(3)  # known already
    assert (ledger.frames_expected, ledger.frames_produced, ledger.frames_dropped) == (15, 10, 5)
    assert ledger.consecutive_missed_max == 5
    totals = totals_of(ledger)
    assert (totals["frames_dropped_total"], totals["dropped_percent_1s"]["worst"]) == (5, 50.0)  # type: ignore[index]


def test_a_schedule_that_goes_on_after_a_rest_counts_no_frame_twice() -> None:
    ledger = Ledger(100.0, realtime=True)
    ledger.add(record(0))
    ledger.expect(4)
    ledger.add(record(4))
    ledger.add(record(7))
    assert (ledger.frames_expected, ledger.frames_dropped, ledger.consecutive_missed_max) == (8, 5, 3)


def test_a_run_that_shows_no_frame_at_all_dropped_them_all() -> None:
    ledger = Ledger(100.0, realtime=True)
    ledger.expect(7)
    totals = totals_of(ledger)
    assert (totals["frames_expected_total"], totals["frames_dropped_total"]) == (7, 7)
    assert totals["dropped_percent_1s"]["worst"] == 100.0  # type: ignore[index]


@given(st.sampled_from([(30000, 1001), (24000, 1001), (60000, 1001), (30, 1), (7, 3)]), st.integers(0, 10**9))
def test_a_rational_rate_is_exact_over_years(rate: tuple[int, int], frame: int) -> None:
    fps = Fraction(*rate)
    ledger = Ledger(1000 / fps, realtime=True)
    assert ledger.interval_ms == float(1000 / fps)
    assert abs(ledger.due_ns(frame) - Fraction(frame * 10**9) / fps) <= Fraction(1, 2)
    # A float is taken for what it is: right to a microsecond over an hour.
    assert abs(Ledger(1000 / float(fps), realtime=True).due_ns(216_000) - ledger.due_ns(216_000)) < 1000


def test_late_frames_are_those_presented_more_than_one_interval_after_they_were_due() -> None:
    ledger = Ledger(T, realtime=True)
    ledger.add(record(0, presented_ms=T * 0.9))
    ledger.add(record(1, presented_ms=T + T * 1.1))
    assert (ledger.frames_produced, ledger.frames_on_time) == (2, 1)


def test_a_frame_that_is_late_though_all_since_a_long_one_were_shown_in_time_has_the_cause_of_that() -> None:
    ledger = Ledger(T, realtime=True)
    queue = ledger.subscribe()
    at_ms = 0.0
    # (drawn, kept by the host behind it), in intervals: shown in time, the next two as well, the fourth not.
    for frame, (drew, kept) in enumerate([(0.2, 1.3), (0.3, 0.6), (0.4, 0.5), (0.8, 0.1), (0.1, 0.1)]):
        begun_ms = max(at_ms, frame * T)
        at_ms = begun_ms + (drew + kept) * T
        shown_ms = begun_ms + drew * T
        ledger.add(
            record(frame, scheduled_ms=frame * T, presented_ms=shown_ms, draw_ms=drew * T, host_ms=kept * T)
        )
    assert [one.cause for one in queue if isinstance(one, FrameRecord)] == ["host", "", "", "host", ""]
    assert ledger.frames_on_time == 4
    assert ledger.frames_over_budget["host"] == 1


@given(st.lists(st.floats(0.01, 1e4), min_size=1, max_size=300), st.floats(0.0, 1.0))
def test_histogram_quantiles_are_right_to_a_bucket(values: list[float], q: float) -> None:
    histogram = Histogram()
    for value in values:
        histogram.add(value)
    exact = sorted(values)[max(0, -(-int(q * 1e9) * len(values) // 10**9) - 1)]
    assert histogram.quantile(q) == pytest.approx(exact, rel=0.045)
    assert histogram.max == max(values)


def test_a_ledger_file_holds_a_header_every_frame_and_the_totals(tmp_path: Path) -> None:
    ledger = Ledger(T, realtime=False, keep=True)
    with LedgerWriter(ledger, tmp_path / "deep" / "run.jsonl", {"renderer": "test"}):
        for frame in range(40):
            ledger.add(record(frame, l1_rebuilds=2, l1_rebuild_us=25.0))
    lines = [json.loads(line) for line in (tmp_path / "deep" / "run.jsonl").read_text().splitlines()]
    assert lines[0] == {"kind": "run", "renderer": "test"}
    assert [line["frame"] for line in lines[1:-1]] == list(range(40))
    assert lines[-1]["kind"] == "totals"
    assert lines[-1]["l1_rebuild_total"] == 80
    assert lines[-1]["l1_rebuild_us"]["max"] == 12.5  # of each


def test_a_ledger_that_cannot_be_written_says_so_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(
        NotWritable, match=r"^the ledger .*file/run.jsonl: cannot be written \(Not a directory\); choose"
    ):
        LedgerWriter(Ledger(T, realtime=False, keep=True), tmp_path / "file" / "run.jsonl", {})
