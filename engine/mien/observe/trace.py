"""A run as a Chrome trace, which Perfetto opens.

The format: "Trace Event Format", JSON object form; complete events (`ph` X) in microseconds, and metadata
events (`ph` M) that name the tracks.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from errno import ESPIPE
from pathlib import Path

from mien.observe.ledger import Ledger
from mien.observe.record import FrameRecord
from mien.observe.turn_record import Pause, TurnRecord
from mien.observe.writer import Drain, header_of, lost
from mien.writable import check_writable, close_written, make_folder, open_to_write

EXPECTED, ACTUAL, GC, GAPS, TURNS = range(1, 6)
_TRACKS = {
    EXPECTED: "expected frames",
    ACTUAL: "actual frames",
    GC: "gc",
    GAPS: "heartbeat late",
    TURNS: "turns ended",
}
_FIRST_THREAD = 10
_MOST_DROPPED_SHOWN = 1000
_TAIL = b"\n]}\n"

Event = dict[str, object]


class TraceWriter(Drain):
    """Drains a ledger and its spans to `path`. The file is whole JSON after every write, four times a second.

    Tracks: frames as the schedule expected them and as they were made, with the cause in the arguments;
    collections; late heartbeats; turns; and one for each thread that had spans.
    """

    def __init__(self, ledger: Ledger, path: Path, header: Mapping[str, object]) -> None:
        super().__init__("mien-trace")
        self._ledger = ledger
        self._path = path
        self._threads: dict[str, int] = {}
        self._next_frame, self._due_ms = 0, 0.0
        self._actual_until_us = 0.0
        about = dict(header_of(header))
        opening = json.dumps({"displayTimeUnit": "ms", "otherData": about, "traceEvents": []})
        self._place = check_writable(path, "the trace")
        try:
            make_folder(self._place)
            self._file = open_to_write(self._place)
            if not self._file.seekable():  # its end is written over: a pipe cannot be a trace
                self._file.close()
                raise OSError(ESPIPE, os.strerror(ESPIPE))
        except OSError as error:
            raise lost(path, "trace", "--trace", error) from error
        self._queue = ledger.subscribe()
        ledger.spans.on = True
        self._body = opening[: -len("]}")].encode()
        self._empty = True
        self._append([_named("process_name", 0, "mien"), *(_thread(tid, n) for tid, n in _TRACKS.items())])
        self._worth = self.unwritable is None

    def drain(self) -> None:
        """Write what has happened since."""
        events: list[Event] = []
        while self._queue:
            record = self._queue.popleft()
            if isinstance(record, FrameRecord):
                events += self._frame(record)
            elif isinstance(record, Pause):
                events.append(self._pause(record))
            else:
                events += self._turn(record)
        for span in self._ledger.spans.take():
            if span.thread not in self._threads:
                self._threads[span.thread] = _FIRST_THREAD + len(self._threads)
                events.append(_thread(self._threads[span.thread], span.thread))
            start_us, end_us = span.start_ns / 1000, span.end_ns / 1000
            events.append(_slice(span.name, self._threads[span.thread], start_us, end_us, span.args))
        if events:
            self._append(events)

    def finish(self) -> None:
        """Write what is left, and close."""
        self._ledger.unsubscribe(self._queue)
        self._ledger.spans.on = False
        try:
            self.drain()
            if self._ledger.realtime:
                end = self._ledger.frames_expected
                due_ms = self._due_ms + (end - self._next_frame) * self._ledger.interval_ms
                events = self._expected(end, due_ms)[:-1]
                if events:
                    self._append(events)
        finally:
            self._close()

    def _close(self) -> None:
        try:
            close_written(self._file, self._place, worth=self._worth)
        except OSError as error:
            self._fail(error)

    def _frame(self, record: FrameRecord) -> list[Event]:
        ledger = self._ledger
        events: list[Event] = []
        if ledger.realtime:
            events += self._expected(record.frame, record.scheduled_ms)
            self._next_frame, self._due_ms = record.frame + 1, record.scheduled_ms + ledger.interval_ms
        start_us = max(self._us(record.begun_ms), self._actual_until_us)
        end_us = max(self._us(record.presented_ms), start_us)
        self._actual_until_us = end_us
        late = ledger.is_late(record)
        name = f"frame {record.frame}" + (" late" if late else "")
        events.append(_slice(name, ACTUAL, start_us, end_us, record.as_dict()))
        return events

    def _expected(self, frame: int, due_ms: float) -> list[Event]:
        """Slices of the frames that were left out before `frame`, and its own; it is due at `due_ms`."""
        interval_ms = self._ledger.interval_ms
        events = []
        for back in range(min(frame - self._next_frame, _MOST_DROPPED_SHOWN), -1, -1):
            name = f"frame {frame - back}" + (" dropped" if back else "")
            start_us = self._us(due_ms - back * interval_ms)
            # A nanosecond less than T: neighbours must not overlap.
            events.append(_slice(name, EXPECTED, start_us, start_us + interval_ms * 1000 - 0.001, {}))
        return events

    def _pause(self, record: Pause) -> Event:
        start_us = self._us(record.at_ms)
        if record.kind == "gc":
            name, track = f"gc generation {record.generation}", GC
        else:
            name, track = "late", GAPS
        return _slice(name, track, start_us, start_us + record.ms * 1000, {})

    def _turn(self, record: TurnRecord) -> list[Event]:
        at_us = self._actual_until_us
        return [_slice(record.turn, TURNS, at_us, at_us, record.as_dict())]

    def _us(self, run_ms: float) -> float:
        return self._ledger.origin_ns / 1000 + run_ms * 1000

    def _append(self, events: list[Event]) -> None:
        """Write over the end of the JSON, and an end behind it."""
        if self.unwritable is not None:
            return
        lines = ",\n".join(json.dumps(event, separators=(",", ":"), default=str) for event in events)
        try:
            if self._empty:
                self._file.write(self._body)
            else:
                self._file.seek(-len(_TAIL), 2)
            self._file.write((b"\n" if self._empty else b",\n") + lines.encode() + _TAIL)
            self._file.flush()
        except OSError as error:
            self._fail(error)
        self._empty = False

    def _fail(self, error: Exception) -> None:
        self.unwritable = self.unwritable or lost(self._path, "trace", "--trace", error)


def _slice(name: str, track: int, start_us: float, end_us: float, args: Mapping[str, object]) -> Event:
    event: Event = {"name": name, "ph": "X", "pid": 1, "tid": track, "ts": round(start_us, 3)}
    event["dur"] = round(max(0.0, end_us - start_us), 3)
    if args:
        event["args"] = dict(args)
    return event


def _named(what: str, track: int, name: str) -> Event:
    return {"name": what, "ph": "M", "pid": 1, "tid": track, "args": {"name": name}}


def _thread(track: int, name: str) -> Event:
    return _named("thread_name", track, name)
