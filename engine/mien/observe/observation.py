"""Everything that watches a run, opened and closed together."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from mien.arguments import refuse
from mien.errors import NotWritable
from mien.observe.collector import Collector
from mien.observe.flight import FlightRecorder
from mien.observe.heartbeat import Heartbeat
from mien.observe.ledger import Ledger
from mien.observe.prometheus import MetricsServer
from mien.observe.speed import LOOPS, loop_us
from mien.observe.trace import TraceWriter
from mien.observe.writer import Drain, LedgerWriter, header_of
from mien.thread_priority import ahead


@dataclass(frozen=True, slots=True)
class Outputs:
    """Where a run is written down. None: nowhere."""

    ledger: Path | None = None
    """A JSONL file: one record a frame, turn or pause. The ledger must have been made with `keep`."""
    trace: Path | None = None
    """A Chrome trace, for Perfetto."""
    flight: Path | None = None
    """A folder for the last 10 s before a late frame."""
    metrics: tuple[str, int] | None = None
    """Address and port of a Prometheus endpoint."""
    ledger_bytes: int | None = None
    """Most bytes of the ledger, in two parts; see LedgerWriter. None: as many as the run makes."""


class Observation:
    """Watches a run from when all is ready to its end. A context manager.

    To be opened before turns are told: its full collection keeps the GIL for 20 ms and more, which a first
    sound would wait for. Opened, it freezes what the collector need not look at and keeps collections out of
    frames (see Collector); a run in real time also gets a heartbeat. Closed, it writes what is left and
    undoes that.
    What is written begins with `header`, and with what the machine is unless that says so itself. Raises
    ScriptError for what none of these can be; MetricsUnavailable; and NotWritable, when it is opened, or
    closed without another error.
    """

    def __init__(self, ledger: Ledger, outputs: Outputs, header: Mapping[str, object]) -> None:
        if not isinstance(ledger, Ledger):
            refuse("ledger", ledger, "a mien.Ledger")
        if not isinstance(outputs, Outputs):
            refuse("outputs", outputs, "mien.observe.Outputs")
        self._ledger = ledger
        self._outputs = outputs
        self._header = {**of_machine(), **header_of(header)}
        self._stack = ExitStack()
        self._drains: list[Drain] = []

    def __enter__(self) -> Observation:
        ledger, outputs, header = self._ledger, self._outputs, self._header
        # Whoever is not ahead, holds the GIL and loses its core keeps the frame waiting, who is ahead.
        with ahead() if ledger.realtime else nullcontext(), ExitStack() as stack:
            if outputs.metrics:
                address, port = outputs.metrics
                stack.enter_context(MetricsServer(ledger, port, address))
            if outputs.ledger:
                self._watch(
                    stack, LedgerWriter(ledger, outputs.ledger, header, most_bytes=outputs.ledger_bytes)
                )
            if outputs.trace:
                self._watch(stack, TraceWriter(ledger, outputs.trace, header))
            if outputs.flight:
                self._watch(stack, FlightRecorder(ledger, outputs.flight, header))
            stack.callback(self._detach)
            ledger.collector = stack.enter_context(Collector(ledger.add_collection))
            if ledger.realtime:
                heartbeat = Heartbeat(ledger.thread_gap_ms, ledger.add_gap)
                ledger.heartbeat = stack.enter_context(heartbeat)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)
        if error is None and self.unwritten:
            raise NotWritable(" ".join(map(str, self.unwritten)))

    @property
    def unwritten(self) -> tuple[NotWritable, ...]:
        """What could not be written, each with its reason."""
        return tuple(drain.unwritable for drain in self._drains if drain.unwritable is not None)

    @property
    def remarks(self) -> tuple[str, ...]:
        """What is to be known of what was written, one sentence each."""
        return tuple(remark for drain in self._drains if (remark := drain.remark))

    def _watch(self, stack: ExitStack, drain: Drain) -> None:
        drain.start()
        stack.callback(drain.stop)
        self._drains.append(drain)

    def _detach(self) -> None:
        self._ledger.collector = self._ledger.heartbeat = None


def of_machine() -> dict[str, object]:
    """What a report has to know of the machine; times a loop for some milliseconds."""
    return {
        "system": platform.system(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "loop_us": round(loop_us(5 * LOOPS), 1),
    }
