"""One table names every metric: a row that is added is found everywhere, and files stay as they were."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from pathlib import Path

import pytest

from mien.audio.session import AudioCounters
from mien.composite.gl.counters import Counters
from mien.observe import (
    CAUSES,
    TABLE,
    FrameRecord,
    Histogram,
    Ledger,
    LedgerWriter,
    MetricTable,
    TurnRecord,
    totals_of,
)
from mien.observe.differences import Differences
from mien.observe.metric import Figure, Metric, counter, histogram
from mien.observe.tally import Tallies
from mien.report import reports_of
from mien.report.metrics_page import metrics_page
from mien.report.targets import targets_of
from observe.rig import Rig

DOCS = Path(__file__).parents[2] / "docs"


@dataclass(slots=True)
class TeaCounters(Counters):
    """Those of a compositor that also drinks tea."""

    cups: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TeaRecord(FrameRecord):
    """The table with one row more; this is all that is written to add a counter."""

    teas: int = counter(
        "teas_total", "Cups of tea drunk in frames.", Figure("", "cups of tea", 2), reads="gl.cups"
    )


TEA = MetricTable.of(TeaRecord)


def test_a_counter_that_is_added_to_the_table_is_in_records_files_totals_prometheus_and_reports(
    tmp_path: Path,
) -> None:
    counters = TeaCounters()
    rig = Rig(table=TEA, counters=counters)
    path = tmp_path / "run.jsonl"
    with LedgerWriter(rig.ledger, path, {"realtime": True, "fps": 25}):
        for index in range(4):
            counters.cups += index  # 0, 1, 2 and 3
            record = rig.frame(index, built=1.0)
            assert isinstance(record, TeaRecord)
            assert record.teas == index
    assert totals_of(rig.ledger)["teas_total"] == rig.ledger.count("teas_total") == 6
    *frames, totals = [json.loads(line) for line in path.read_text().splitlines()[1:]]
    assert ([frame["teas"] for frame in frames], totals["teas_total"]) == ([0, 1, 2, 3], 6)
    (report,) = reports_of([path], TEA)
    (result,) = report.having("missed")
    assert (result.target.figure, result.value, result.bound) == ("teas_total", 6, "<= 2")
    assert "| `teas_total` | counter | - | Cups of tea drunk in frames." in metrics_page(TEA)


def test_a_counter_that_is_added_to_the_table_is_served() -> None:
    pytest.importorskip("prometheus_client")
    from mien.observe.prometheus import metrics_of

    counters = TeaCounters()
    rig = Rig(table=TEA, counters=counters)
    counters.cups += 3
    rig.frame(0, built=1.0)
    (family,) = [family for family in metrics_of(rig.ledger) if family.name == "mien_teas"]
    assert (family.type, family.documentation) == ("counter", "Cups of tea drunk in frames.")
    assert [(sample.name, sample.value) for sample in family.samples] == [("mien_teas_total", 3)]


def test_a_time_that_is_added_to_the_table_needs_only_to_be_measured() -> None:
    @dataclass(frozen=True, slots=True, kw_only=True)
    class Brewing(FrameRecord):
        brew_ms: float = histogram("ms", "Brewing, in frames with tea.", when="brew_ms", sparse=True)

    ledger = Ledger(40.0, realtime=True, table=MetricTable.of(Brewing))
    assert totals_of(ledger)["brew_ms"] is None
    for index in range(3):
        ledger.add(Brewing(frame=index, at_sample=0, scheduled_ms=0.0, presented_ms=0.0, brew_ms=2.0 * index))
    assert ledger.histogram("brew_ms").count == 2
    assert totals_of(ledger)["brew_ms"] == {"p50": pytest.approx(2.0, rel=0.02), "p99": 4.0, "max": 4.0}


def names_in(counters: type[Counters | AudioCounters]) -> set[str]:
    """The fields of counters."""
    return {entry.name for entry in fields(counters)}


def test_every_row_leads_to_what_it_names() -> None:
    ledger = Ledger(40.0, realtime=True)
    sources = {
        "gl": names_in(Counters),
        "audio": names_in(AudioCounters),
        "stage": {"late"},
        "clip": {"dropped"},
    }
    names = [row.name for row in TABLE.metrics]
    assert len(set(names)) == len(names)
    for row in TABLE.rows:
        assert row.help.endswith(".") and len(row.help) > 8, row.name
        assert bool(row.of) != bool(row.field), row.name
        if row.of:
            assert hasattr(ledger, row.of), row.name
        if row.by:
            assert ledger.counts_by_label(row), row.name
        if row.reads:
            source, _, name = row.reads.partition(".")
            assert name in sources[source], row.name
        for figure in row.figures:
            bounded = figure.most is not None or figure.least is not None
            assert figure.says or not (bounded or figure.compared), row.name
    assert CAUSES == (
        "build",
        "upload",
        "gpu_wait",
        "swap",
        "readback",
        "gc",
        "gil",
        "cores",
        "stopped",
        "host",
        "sum",
    )


def names(text: str) -> list[str]:
    """The words of a text, sorted."""
    return sorted(text.split())


def test_names_in_files_stay_as_they_were() -> None:
    """Those of ledgers that have been written, and of alarms that have been set."""
    frame = FrameRecord(frame=0, at_sample=0, scheduled_ms=0.0, presented_ms=0.0)
    assert sorted(frame.as_dict()) == names(
        "frame at_sample speaking scheduled_ms presented_ms begun_ms build_ms draw_ms readback_ms swap_ms "
        "host_ms upload_ms gc_ms gil_ms thread_gap_ms cpu_wait_ms others_ms stolen_ms no_update frame_gpu_ms "
        "readback_wait_ms readback_age_frames animation_error_ms l1_rebuilds l1_rebuild_us l1_misses "
        "l1_miss_ms uploads upload_bytes shader_compiles gl_allocations concealed_samples concealment_events "
        "underruns added_gap_samples chunks_late chunks_discarded jitter_actual_ms jitter_target_ms "
        "av_skew_ms frame_cpu_ms frame_delay_ms work_ms cause stopped_ms stops draw_scale scaled "
        "scale_changes cores_ms cores_idle_ms loop_us hold_px coarse joints_held mark "
        "entrances_late clip_drops"
    )
    turn = TurnRecord("a", "wren", 1, 1, 1, 1, 1.0, None)
    assert sorted(turn.as_dict()) == names(
        "turn speaker at_sample samples_played samples_decoded samples_expected turn_decode_ms "
        "time_to_first_audio_ms interrupted damaged interrupt_to_silence_ms"
    )
    assert sorted(totals_of(Ledger(40.0, realtime=True))) == names(
        "frames_expected_total frames_produced_total frames_on_time_total frames_late_total "
        "frames_no_update_total frames_dropped_total consecutive_missed_max dropped_percent_1s "
        "frames_over_budget_total frames_over_budget_per_1000 frames_over_budget_by_cause frame_interval_ms "
        "frame_headroom_percent "
        "frame_cpu_ms frame_gpu_ms work_ms build_ms draw_ms readback_ms readback_wait_ms readback_age_frames "
        "swap_ms host_ms gil_ms present_interval_ms frame_delay_ms animation_error_ms thread_gap_ms "
        "gc_pause_ms cpu_wait_ms others_ms stolen_ms l1_rebuild_total l1_rebuild_us l1_miss_total "
        "l1_miss_by_speaking l1_miss_ms upload_ms upload_events_total upload_bytes_total "
        "shader_compile_after_ready_total gl_alloc_after_ready_total audio_underruns_total "
        "audio_concealed_ms concealment_events_total inter_turn_gap_ms jitter_actual_ms jitter_target_ms "
        "interrupt_to_silence_ms chunks_late_total chunks_discarded_total av_skew_ms turns_total "
        "turns_short_total turns_partly_heard_total turns_unheard_total turn_decode_ms "
        "time_to_first_audio_ms stopped_ms process_stops_total cores_ms cores_idle_ms loop_us "
        "frames_scaled_total frames_scaled_by_scale scale_changes_total frames_coarse_total "
        "joints_held_total entrances_late_total clip_frames_dropped_total"
    )


def test_every_target_stays() -> None:
    targets = {target.figure: target for target in targets_of(TABLE)}
    assert len(targets) == 30
    assert (targets["frame_cpu_ms.p99"].most, targets["frame_cpu_ms.max"].most) == (8, 16)
    assert (targets["av_skew_ms.least"].least, targets["av_skew_ms.most"].most) == (-45, 125)
    assert targets["present_interval_ms.p99"].bounds(40.0) == (None, 60.0)
    assert {name for name, target in targets.items() if target.offline} == {
        "consecutive_missed_max",
        "l1_miss_total",
        "shader_compile_after_ready_total",
        "gl_alloc_after_ready_total",
        "inter_turn_gap_ms",
        "audio_underruns_total",
        "audio_concealed_ms",
        "turns_short_total",
        "turns_partly_heard_total",
        "turns_unheard_total",
    }


def test_the_page_of_metrics_is_the_table() -> None:
    again = "make it again: python -m mien.report.metrics_page > docs/metrics.md"
    assert (DOCS / "metrics.md").read_text(encoding="utf-8") == metrics_page(), again


def test_a_counter_that_is_not_there_is_found_out_when_the_meter_is_built() -> None:
    with pytest.raises(AttributeError, match="cups"):
        Rig(table=TEA)
    with pytest.raises(KeyError, match="kettle"):
        Differences({"teas": "kettle.cups"}, gl=Counters())


def test_a_name_that_is_no_metric_is_refused() -> None:
    ledger = Ledger(40.0, realtime=True)
    assert isinstance(ledger.histogram("turn_decode_ms"), Histogram)
    for wrong in ("frame_time", "l1_miss_total"):
        with pytest.raises(KeyError, match=wrong):
            ledger.histogram(wrong)
    with pytest.raises(KeyError, match="no counter"):
        ledger.count("work_ms")


def test_a_tally_of_one_row_or_of_none_counts_too() -> None:
    row = Metric("frames", "counter", "", "Numbers.", field="frame")
    one, none = Tallies([row]), Tallies([])
    for tallies in (one, none):
        tallies.add(FrameRecord(frame=3, at_sample=0, scheduled_ms=0.0, presented_ms=0.0))
    assert [tally.value for tally in one.by_name.values()] == [3]  # type: ignore[union-attr]
    assert none.by_name == {}
