"""The totals of a run for Prometheus. Needs prometheus-client: `pip install 'mien[metrics]'`."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable, Iterator, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, cast

from mien.errors import MienError
from mien.installing import pip_install
from mien.observe.ledger import Ledger
from mien.observe.metric import Metric as Row
from mien.observe.totals import totals_of

if TYPE_CHECKING:
    from prometheus_client import Metric


class MetricsUnavailable(MienError, RuntimeError):
    """Metrics cannot be served: the package is not installed, or the port cannot be had."""


def require() -> None:
    """Raises MetricsUnavailable when prometheus-client is not installed."""
    if importlib.util.find_spec("prometheus_client") is None:
        raise MetricsUnavailable(
            "--metrics-port needs the package prometheus-client, which is not installed; "
            f"run: {pip_install('mien[metrics]')}."
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
        except (OSError, OverflowError, ValueError, RuntimeError) as error:  # the last: no thread to be had
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
    """Every metric of the ledger's table that has a value, as Prometheus' client wants it."""
    totals = totals_of(ledger)
    for row in ledger.table.metrics:
        value = totals[row.name]
        if value is not None:
            yield _family(row, value, ledger.counts_by_label(row) if row.by else {})


def text_of(totals: Mapping[str, Any], more: Iterable[tuple[str, str, str, float]]) -> bytes:
    """The totals of a ledger that is elsewhere, as Prometheus reads them; and `more`: (name, kind, help,
    value), of a kind `counter` or `gauge`, with `mien_` put before each name. Needs prometheus-client."""
    from prometheus_client import CollectorRegistry, generate_latest
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
    from prometheus_client.registry import Collector

    families = [
        _family(row, totals[row.name], totals.get(row.split) or {})
        for row in Ledger(0, realtime=True).table.metrics
        if totals.get(row.name) is not None
    ]
    for name, kind, told, value in more:
        family = CounterMetricFamily if kind == "counter" else GaugeMetricFamily
        families.append(family(f"mien_{name}", told, value=value))

    class Told(Collector):
        def collect(self) -> Iterator[Metric]:
            return iter(families)

    registry = CollectorRegistry()
    registry.register(Told())
    return generate_latest(registry)


def _family(row: Row, value: object, counts: Mapping[str, int]) -> Metric:
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

    name = f"mien_{row.name}"
    if row.by:
        counter = CounterMetricFamily(name, row.help, labels=[row.label])
        for key, count in counts.items():
            counter.add_metric([key], count)
        return counter
    if not isinstance(value, Mapping):
        family = CounterMetricFamily if row.kind == "counter" else GaugeMetricFamily
        return family(name, row.help, value=cast(float, value))
    if row.kind == "counts":
        counted = CounterMetricFamily(name, row.help, labels=[row.label])
        for key, number in value.items():
            counted.add_metric([key], number)
        return counted
    labels = [row.label, "stat"] if row.label else ["stat"]
    gauge = GaugeMetricFamily(name, row.help, labels=labels)
    for key, told in value.items():
        if isinstance(told, Mapping):
            for stat, number in told.items():
                gauge.add_metric([key, stat], number)
        else:
            gauge.add_metric([key], told)
    return gauge
