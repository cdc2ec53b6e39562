"""The one table of metrics. Records, totals, Prometheus, reports and docs/metrics.md are made from it.

Its rows are the fields of a frame's record (record.py), what is worked out from them (derived.py), the fields
of a turn's record (turn_record.py), and what the ledger itself counts (here).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from mien.observe.derived import DERIVED
from mien.observe.metric import Figure, Metric, rows_of
from mien.observe.record import FrameRecord
from mien.observe.turn_record import TurnRecord

_EXPECTED = "Frames of the schedule up to the end of the run, shown or not."
_STAYED = "Frames that were not begun within their interval and were left out."

SCHEDULE: Final = (
    Metric("frames_expected_total", "counter", "frames", _EXPECTED, (Figure(""),), of="frames_expected"),
    Metric(
        "frames_produced_total", "counter", "frames", "Frames shown.", (Figure(""),), of="frames_produced"
    ),
    Metric(
        "frames_on_time_total",
        "counter",
        "frames",
        "Frames shown no more than T after they were due.",
        of="frames_on_time",
    ),
    Metric(
        "frames_late_total",
        "counter",
        "frames",
        "Frames shown more than T after they were due.",
        (Figure("", "frames shown more than one interval late", 0, compared=True),),
        of="frames_late",
        fault="{:.0f} frame{s} late",
    ),
    Metric(
        "frames_dropped_total",
        "counter",
        "frames",
        _STAYED,
        (Figure("", "frames never shown", compared=True),),
        of="frames_dropped",
        fault="{:.0f} frame{s} dropped",
    ),
    Metric(
        "dropped_percent_1s",
        "gauge",
        "%",
        "Share of frames left out in a sliding second: average, p95, worst.",
        (Figure("worst", "frames left out, worst second", 0),),
        of="dropped_share",
    ),
    Metric(
        "consecutive_missed_max",
        "gauge",
        "frames",
        "Longest run of frames left out.",
        (Figure("", "longest run of frames left out", 0, offline=True),),
        of="consecutive_missed_max",
    ),
    Metric(
        "frames_over_budget_total",
        "counter",
        "frames",
        "Frames that took longer than T, by what made them so.",
        (Figure("", "frames that took longer than one interval", 0),),
        of="over_budget",
        label="cause",
        by="frames_over_budget",
        split="frames_over_budget_by_cause",
        sparse=True,
    ),
    Metric(
        "frames_over_budget_per_1000",
        "gauge",
        "frames",
        "The same of 1000 frames shown.",
        (Figure("", "frames over budget, per 1000", compared=True),),
        of="over_budget_per_1000",
    ),
    Metric("frame_interval_ms", "gauge", "ms", "T, the frame interval.", of="interval_ms"),
    Metric(
        "frame_headroom_percent",
        "gauge",
        "%",
        "What 95 of 100 of the frames of the last 10 s left of T, at least; below 0: they took longer.",
        of="headroom_percent",
        scheduled=True,
    ),
    Metric(
        "present_interval_ms",
        "histogram",
        "ms",
        "Time between two frames shown.",
        (Figure("p99", "time between two frames shown, p99", 1.5, in_intervals=True),),
        of="present_interval_ms",
        scheduled=True,
    ),
    Metric(
        "frame_overrun_ms",
        "histogram",
        "ms",
        "By how much frames were presented after their deadlines, T after they were due; negative: before.",
        (Figure("p99", "frame past its deadline, p99", compared=True), Figure("max")),
        of="frame_overrun_ms",
        scheduled=True,
        sparse=True,
    ),
    Metric(
        "freezes_total",
        "counter",
        "",
        "Frames that stayed for max(3 d, d + 150 ms) or longer, d being the mean of the last 30.",
        (Figure("", "times that the picture froze", 0, compared=True),),
        of="freezes.count",
        scheduled=True,
        fault="the picture froze {:.0f} time{s}",
    ),
    Metric(
        "freezes_duration_ms",
        "gauge",
        "ms",
        "How long those stayed, all together.",
        (Figure("", "time in which the picture was frozen", compared=True),),
        of="freezes.duration_ms",
        scheduled=True,
    ),
    Metric(
        "inter_frame_s",
        "gauge",
        "s",
        "Sum of the times between frames shown, without rests.",
        of="freezes.total_s",
        scheduled=True,
    ),
    Metric(
        "squared_inter_frame_s2",
        "gauge",
        "s2",
        "Sum of their squares.",
        of="freezes.squared_s2",
        scheduled=True,
    ),
    Metric(
        "harmonic_hz",
        "gauge",
        "Hz",
        "Frames a second, each weighed by how long it stayed: the first of these sums by the second.",
        (Figure("", "frames a second as they were felt"),),
        of="freezes.harmonic_hz",
        scheduled=True,
    ),
)
"""What the ledger counts from the numbers of the frames and their times."""

THREADS: Final = (
    Metric(
        "thread_gap_ms",
        "histogram",
        "ms",
        "Lateness of a heartbeat of 4 ms: for how long other Python threads were kept waiting.",
        (Figure("p99", "Python threads kept waiting, p99", 5),),
        of="thread_gap_ms",
        sparse=True,
    ),
    Metric(
        "gc_pause_ms",
        "histogram",
        "ms",
        "Collections of garbage in the whole process, inside frames and outside, by generation.",
        (Figure("max", "longest pause of the garbage collector", 2),),
        of="gc_pause_ms",
        label="generation",
    ),
)
"""What stops all threads, frame or not."""

TURNS: Final = (
    Metric("turns_total", "counter", "", "Turns that have ended.", of="turns"),
    Metric(
        "turns_short_total",
        "counter",
        "",
        "Turns decoded whole, to another length than their files promise; not those interrupted.",
        (Figure("", "turns of another length than their files say", 0, offline=True),),
        of="turns_short",
        fault="{:.0f} of {turns:.0f} turns {was} of another length than stated",
    ),
    Metric(
        "turns_partly_heard_total",
        "counter",
        "",
        "Turns of which a part was missing, or could not be decoded; not those interrupted.",
        (Figure("", "turns heard only in part", 0, offline=True),),
        of="turns_partly_heard",
        fault="{:.0f} of {turns:.0f} turns {was} heard only in part",
    ),
    Metric(
        "turns_unheard_total",
        "counter",
        "",
        "Turns of which nothing was heard: their sound was missing, or could not be decoded.",
        (Figure("", "turns not heard at all", 0, offline=True),),
        of="turns_unheard",
        fault="{:.0f} of {turns:.0f} turns {was} not heard",
    ),
)


@dataclass(frozen=True)
class MetricTable:
    """All metrics, in the order in which they are shown."""

    record: type[FrameRecord]
    """What a frame is written down as."""
    schedule: tuple[Metric, ...]
    frame: tuple[Metric, ...]
    """Made of the fields of a frame's record, and what is derived from them."""
    threads: tuple[Metric, ...]
    turn: tuple[Metric, ...]
    """Made of the fields of a turn's record."""
    turns: tuple[Metric, ...]

    @classmethod
    def of(cls, frame: type[FrameRecord] = FrameRecord) -> MetricTable:
        """The table of a kind of frame record; a subclass has the rows that it adds."""
        return cls(frame, SCHEDULE, (*DERIVED, *rows_of(frame)), THREADS, rows_of(TurnRecord), TURNS)

    @property
    def rows(self) -> tuple[Metric, ...]:
        """Every row, per-frame and per-turn fields included."""
        return (*self.schedule, *self.frame, *self.threads, *self.turn, *self.turns)

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """The rows that are told of a run, and not only in its records."""
        return tuple(metric for metric in self.rows if metric.kind != "field")

    @property
    def reads(self) -> Mapping[str, str]:
        """The fields of a frame that are differences of counters, and where those are counted."""
        return {metric.field: metric.reads for metric in self.frame if metric.reads}


TABLE: Final = MetricTable.of()
