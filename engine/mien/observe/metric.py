"""What a metric is: a row of the table in table.py, and the figures that a report makes of it."""

from __future__ import annotations

from dataclasses import MISSING, Field, dataclass, field, fields, replace
from typing import Any, Literal

Kind = Literal["counter", "gauge", "histogram", "counts", "field"]
"""`counter` only grows, `gauge` is a number, `histogram` is told by quantiles, `counts` by how often each
whole number was; `field` is only in records."""
Unit = Literal["ms", "us", "s", "s2", "Hz", "%", "frames", "refreshes", "samples", "bytes", ""]
Fold = Literal["sum", "max", "last"]

_METRIC = "metric"


@dataclass(frozen=True, slots=True)
class Figure:
    """A statistic of a metric in a report, and its bounds if it has a target."""

    stat: str
    """`p50`, `p99`, `max`, `least`, `most`, `abs_max`, `worst`, `per_1000`; empty for the metric itself."""
    says: str = ""
    """What it is, in plain words."""
    most: float | None = None
    """Largest value that meets the target, or None; in frame intervals when `in_intervals`."""
    least: float | None = None
    """Smallest value that meets the target, or None."""
    in_intervals: bool = False
    offline: bool = False
    """Whether the target counts for a render too. A file keeps time whatever a frame took: what was missed,
    made after ready, or done to the sound counts, times do not."""
    compared: bool = False
    """Whether it is shown when runs are compared; smaller is better."""

    def name_of(self, metric: str) -> str:
        """What the figure of a metric is called: `frame_cpu_ms.p99`, `l1_miss_per_1000`."""
        if self.stat == "per_1000":
            return f"{metric.removesuffix('_total')}_per_1000"
        return f"{metric}.{self.stat}" if self.stat else metric


@dataclass(frozen=True, slots=True)
class Metric:
    """One row. What it is called, what it is, where it comes from, and what it should be."""

    name: str
    """In totals, reports, and with `mien_` before it for Prometheus; of a kind `field`, the field's."""
    kind: Kind
    unit: Unit
    help: str
    """What it is, in a sentence."""
    figures: tuple[Figure, ...] = ()
    """What a report makes of it; of a counter that names none, its total."""

    field: str = ""
    """The field of a record (or its property) that it is made of; empty for what the ledger works out."""
    of: str = ""
    """The attribute of the ledger that holds it, or one of that (`freezes.count`), where it is made of no
    field."""
    reads: str = ""
    """`gl.` or `audio.` and a counter: the field is what it grew by since the frame before."""
    cause: str = ""
    """What a frame over budget is blamed on when this part is what made it so (blame.py). Parts share no
    time."""
    foreign: bool = False
    """Others did it to the frame: none of it is usual."""
    because: str = ""
    """The cause in plain words, behind the word "because"."""

    fold: Fold = "sum"
    """How a gauge is made of many records."""
    when: str = ""
    """Only records in which this field is not 0 are counted."""
    mean: bool = False
    """The value is divided by that of `when`: it is of several things together."""
    signed: bool = False
    """A histogram of absolute values that also tells the least and the most."""
    divide: int = 1
    """By what the sum is divided to have its unit: 48 makes milliseconds of samples."""
    label: str = ""
    """What it is also counted by, for Prometheus: `cause`."""
    by: str = ""
    """The attribute of the ledger that holds the counts by label."""
    split: str = ""
    """The name in the totals of the counts by label."""
    sparse: bool = False
    """Nothing to tell is None (a count of 0 by label: left out) and not 0."""
    scheduled: bool = False
    """It means nothing without a schedule, and is None there."""
    fault: str = ""
    """How a verdict tells it when it is not 0: `{:.0f} frame{s} dropped`; `{was}` is "was" or "were",
    `{turns}` how many turns there were. Empty: nobody sees it."""


def row(metric: Metric, default: Any) -> Any:
    """A dataclass field that is a row of the table; with the default MISSING it has to be given."""
    return field(default=default, metadata={_METRIC: metric})


def plain(unit: Unit, help: str, default: Any = MISSING, **more: Any) -> Any:
    """A field that is in the records only."""
    return row(Metric("", "field", unit, help, **more), default)


def part(cause: str, because: str, help: str, *figures: Figure, **more: Any) -> Any:
    """A part of a frame's time, in ms."""
    return histogram("ms", help, *figures, cause=cause, because=because, **more)


def histogram(
    unit: Unit,
    help: str,
    *figures: Figure,
    default: float | None = 0.0,
    required: bool = False,
    **more: Any,
) -> Any:
    """A measured field, told by quantiles. `required`: without a default."""
    return row(Metric("", "histogram", unit, help, figures, **more), MISSING if required else default)


def counts(unit: Unit, help: str, *figures: Figure, label: str) -> Any:
    """A field of whole numbers from 0 that is told by how often each was; None: not known."""
    return row(Metric("", "counts", unit, help, figures, label=label, sparse=True), None)


def gauge(
    name: str, unit: Unit, help: str, *figures: Figure, default: float | None = 0.0, **more: Any
) -> Any:
    """A field of which a run has one number."""
    return row(Metric(name, "gauge", unit, help, figures, **more), default)


def counter(name: str, help: str, *figures: Figure, unit: Unit = "", **more: Any) -> Any:
    """A field that counts what happened since the frame before."""
    return row(Metric(name, "counter", unit, help, figures, **more), 0)


def rows_of(record: type[Any]) -> tuple[Metric, ...]:
    """The rows that the fields of a record are, each with the field's name."""
    return tuple(_named(entry) for entry in fields(record) if _METRIC in entry.metadata)


def _named(entry: Field[Any]) -> Metric:
    metric: Metric = entry.metadata[_METRIC]
    return replace(metric, field=entry.name, name=metric.name or entry.name)
