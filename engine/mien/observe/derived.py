"""Rows of the table of metrics that are worked out from a frame's fields."""

from __future__ import annotations

from typing import Final

from mien.observe.metric import Figure, Metric

DERIVED: Final = (
    Metric(
        "frame_cpu_ms",
        "histogram",
        "ms",
        "Begin to submit of one frame, waits excluded.",
        (
            Figure("p50"),
            Figure("p99", "making a frame, waits excluded, p99", 8),
            Figure("max", "making a frame, waits excluded, worst", 16),
        ),
        field="frame_cpu_ms",
    ),
    Metric(
        "work_ms",
        "histogram",
        "ms",
        "All that a frame took: the sum of its parts.",
        (
            Figure("p50", "frame time, median", compared=True),
            Figure("p99", "frame time, p99", compared=True),
            Figure("max", "worst frame", compared=True),
        ),
        field="work_ms",
    ),
    Metric(
        "frame_delay_ms",
        "histogram",
        "ms",
        "How late a frame was presented; 0 when on time.",
        (Figure("max", "latest frame behind its due time", 1, in_intervals=True, compared=True),),
        field="frame_delay_ms",
        scheduled=True,
    ),
)
"""In records, totals and reports as if they were fields; `FrameRecord` works them out."""
