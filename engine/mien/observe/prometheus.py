"""The totals of a run for Prometheus. Needs prometheus-client: `pip install 'mien[metrics]'`."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import TYPE_CHECKING

from mien.errors import MienError
from mien.observe.ledger import Ledger

if TYPE_CHECKING:
    from prometheus_client import Metric

LABELLED = {
    "frames_over_budget_by_cause": ("frames_over_budget_total", "cause"),
    "l1_miss_by_speaking": ("l1_miss_total", "speaking"),
}
"""Totals that are told by a label: their name in `Ledger.totals`, the metric's, the label's."""


class MetricsUnavailable(MienError, RuntimeError):
    """Metrics cannot be served: the package is not installed, or the port cannot be had."""


def require() -> None:
    """Raises MetricsUnavailable when prometheus-client is not installed."""
    if importlib.util.find_spec("prometheus_client") is None:
        raise MetricsUnavailable(
            "--metrics-port needs the package prometheus-client, which is not installed; "
            "run: pip install 'mien[metrics]'."
        )


class MetricsServer:
    """Serves a ledger's totals at http://ADDRESS:PORT/metrics. A context manager.

    Names are `mien_` and those of the totals; a distribution is a gauge with the label `stat` (p50, p99,
    max, ...). Everything is read from the ledger when it is asked for. Port 0 takes any; `port` says which.
    Raises MetricsUnavailable.
    """

    def __init__(self, ledger: Ledger, port: int, address: str = "127.0.0.1") -> None:
        require()
        from prometheus_client import CollectorRegistry, start_http_server
        from prometheus_client.registry import Collector

        class Totals(Collector):
            def collect(self) -> Iterator[Metric]:
                return metrics_of(ledger)

        registry = CollectorRegistry()
        registry.register(Totals())
        try:
            self._server, self._thread = start_http_server(port, address, registry)
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or error
            raise MetricsUnavailable(
                f"metrics cannot be served at {address}:{port} ({reason}); name another --metrics-port."
            ) from error
        self.port: int = self._server.server_port

    def __enter__(self) -> MetricsServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def metrics_of(ledger: Ledger) -> Iterator[Metric]:
    """Every total that has a value, as Prometheus' client wants it."""
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

    totals = ledger.totals() | {"frames_over_budget_by_cause": ledger.frames_over_budget}
    told = {name for name, _ in LABELLED.values()}
    for name, value in totals.items():
        if value is None or name in told:
            continue
        if name in LABELLED and isinstance(value, Mapping):
            metric, label = LABELLED[name]
            counter = CounterMetricFamily(f"mien_{metric}", metric, labels=[label])
            for key, count in value.items():
                counter.add_metric([key], count)
            yield counter
        elif name == "gc_pause_ms" and isinstance(value, Mapping):
            gauge = GaugeMetricFamily(f"mien_{name}", name, labels=["generation", "stat"])
            for generation, stats in value.items():
                for stat, number in stats.items():
                    gauge.add_metric([generation, stat], number)
            yield gauge
        elif isinstance(value, Mapping):
            gauge = GaugeMetricFamily(f"mien_{name}", name, labels=["stat"])
            for stat, number in value.items():
                gauge.add_metric([stat], number)
            yield gauge
        elif isinstance(value, int | float):
            family = CounterMetricFamily if name.endswith("_total") else GaugeMetricFamily
            yield family(f"mien_{name}", name, value=value)
