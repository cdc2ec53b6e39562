"""What a run adds up of its records, as the table of metrics says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any, Final

from mien.observe.histogram import Histogram, SignedHistogram
from mien.observe.metric import Metric


class Sum:
    """Adds up, from a whole 0 or one of measured time."""

    def __init__(self, start: float = 0) -> None:
        self.value = start

    def add(self, value: float) -> None:
        """Take one."""
        self.value += value


class Most:
    """Keeps the largest."""

    def __init__(self) -> None:
        self.value: float = 0

    def add(self, value: float) -> None:
        """Take one."""
        if value > self.value:
            self.value = value


class Last:
    """Keeps the last; None before the first."""

    def __init__(self) -> None:
        self.value: float | None = None

    def add(self, value: float) -> None:
        """Take one."""
        self.value = value


class Counts:
    """Counts how often whole numbers from 0 were; those of `MOST` and more together."""

    MOST: Final = 6

    def __init__(self) -> None:
        self.counts = [0] * (self.MOST + 1)

    def add(self, value: float) -> None:
        """Take one."""
        self.counts[min(int(value), self.MOST)] += 1

    @property
    def value(self) -> dict[str, int] | None:
        """By number, those that were; None if none was. `6+` is the last."""
        told = {str(n): count for n, count in enumerate(self.counts) if count and n < self.MOST}
        if self.counts[-1]:
            told[f"{self.MOST}+"] = self.counts[-1]
        return told or None


Tally = Histogram | Sum | Most | Last | Counts


def tally_of(metric: Metric) -> Tally:
    """An empty tally for a metric that is made of a record's field."""
    if metric.kind == "histogram":
        return SignedHistogram() if metric.signed else Histogram()
    if metric.kind == "counts":
        return Counts()
    if metric.fold == "sum":
        return Sum(0 if metric.kind == "counter" or metric.divide > 1 else 0.0)
    return Most() if metric.fold == "max" else Last()


class Tallies:
    """A tally for each metric that is made of a kind of record.

    `add` is called by the frame loop. Fields are read by the dozen, in C. Sums, and what depends on
    them, are nearly always all 0, which is found out at once.

    Parameters: `metrics`, rows with a `field`; those of the kind `field` have no tally.
    """

    def __init__(self, metrics: Sequence[Metric]) -> None:
        rows = [metric for metric in metrics if metric.kind != "field"]
        self.by_name = {metric.name: tally_of(metric) for metric in rows}
        sums = [row for row in rows if row.kind not in ("histogram", "counts") and row.fold != "last"]
        gated = [row for row in rows if row.when]
        each = [row for row in rows if row not in sums and row not in gated]
        self._each = [self.by_name[row.name].add for row in each]
        self._sums = [self.by_name[row.name].add for row in sums]
        self._gated = [(self.by_name[row.name].add, attrgetter(row.field), row.mean) for row in gated]
        self._read_each = reader_of([row.field for row in each])
        self._read_sums = reader_of([row.field for row in sums])
        self._read_gates = reader_of([row.when for row in gated])

    def add(self, record: object) -> None:
        """Count one record."""
        for add, value in zip(self._each, self._read_each(record), strict=True):
            if value is not None:
                add(value)
        sums = self._read_sums(record)
        if any(sums):
            for add, value in zip(self._sums, sums, strict=True):
                if value:
                    add(value)
        gates = self._read_gates(record)
        if any(gates):
            for (add, read, mean), gate in zip(self._gated, gates, strict=True):
                if gate:
                    add(read(record) / gate if mean else read(record))


def reader_of(names: Sequence[str]) -> Callable[[object], Sequence[Any]]:
    """A function that gives the attributes of an object, in order."""
    if len(names) > 1:
        return attrgetter(*names)
    if names:
        read = attrgetter(names[0])
        return lambda record: (read(record),)
    return lambda record: ()
