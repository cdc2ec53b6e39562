"""The totals of a run, as plain values under the names of the metrics."""

from __future__ import annotations

from collections.abc import Mapping

from mien.observe.histogram import Histogram, SignedHistogram
from mien.observe.ledger import Ledger
from mien.observe.metric import Metric
from mien.observe.sliding import SlidingShare


def totals_of(ledger: Ledger) -> dict[str, object]:
    """The run in one flat dictionary. None: it was not measured, or means nothing in this run."""
    totals: dict[str, object] = {}
    for metric in ledger.table.metrics:
        totals[metric.name] = _told(metric, ledger)
        if metric.split:
            counts = ledger.counts_by_label(metric)
            totals[metric.split] = {k: n for k, n in counts.items() if n or not metric.sparse}
    return totals


def _told(metric: Metric, ledger: Ledger) -> object:
    value = ledger.value_of(metric)
    if value is None or (metric.scheduled and not ledger.realtime):
        return None
    if isinstance(value, Histogram):
        return _spread(value) if value.count or not metric.sparse else None
    if isinstance(value, tuple):
        return {
            str(index): {"count": each.count, **_spread(each)}
            for index, each in enumerate(value)
            if each.count
        }
    if isinstance(value, SlidingShare):
        return value.totals()
    if isinstance(value, Mapping):
        return dict(value)
    if metric.divide > 1:
        return round(value / metric.divide, 3)
    return round(value, 3) if isinstance(value, float) else value


def _spread(histogram: Histogram) -> dict[str, float]:
    spread = {
        "p50": round(histogram.quantile(0.5), 3),
        "p99": round(histogram.quantile(0.99), 3),
        "max": round(histogram.max, 3),
    }
    if isinstance(histogram, SignedHistogram):
        spread |= {"least": round(histogram.least, 3), "most": round(histogram.most, 3)}
    return spread
