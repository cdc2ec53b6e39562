"""What Mien promises, as the table of metrics says it, and how a value stands to that."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import Literal

from mien.observe import TABLE, MetricTable
from mien.observe.metric import Unit

State = Literal["met", "missed", "not recorded", "not counted"]


@dataclass(frozen=True, slots=True)
class Target:
    """A figure and its bounds."""

    figure: str
    """Metric and statistic, as `Figures` names them: `frame_cpu_ms.p99`."""
    says: str
    """What it is, in plain words."""
    unit: Unit
    most: float
    """Largest value that meets it; in frame intervals when `in_intervals`."""
    least: float | None = None
    """Smallest value that meets it, or None."""
    in_intervals: bool = False
    offline: bool = False
    """Whether it counts for a render too. A file keeps time whatever a frame took: what was missed, made
    after ready, or done to the sound counts, times do not."""

    def bounds(self, interval_ms: float | None) -> tuple[float | None, float] | None:
        """Least and most, in the figure's unit; None when they depend on an interval that nobody knows."""
        if not self.in_intervals:
            return self.least, self.most
        if interval_ms is None:
            return None
        return None if self.least is None else self.least * interval_ms, self.most * interval_ms

    def state(self, value: float | None, interval_ms: float | None, *, realtime: bool) -> State:
        """How a value stands to it."""
        bounds = self.bounds(interval_ms)
        if not (realtime or self.offline):
            return "not counted"
        if value is None or bounds is None:
            return "not recorded"
        least, most = bounds
        return "met" if value <= most and (least is None or value >= least) else "missed"


def targets_of(table: MetricTable) -> tuple[Target, ...]:
    """The targets that a table of metrics names, in its order."""
    return tuple(
        Target(
            figure.name_of(metric.name),
            figure.says,
            metric.unit,
            inf if figure.most is None else figure.most,
            figure.least,
            figure.in_intervals,
            figure.offline,
        )
        for metric in table.metrics
        for figure in metric.figures
        if figure.most is not None or figure.least is not None
    )


TARGETS = targets_of(TABLE)
"""In the order in which they are shown. Units and definitions: docs/metrics.md."""
