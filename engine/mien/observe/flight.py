"""The flight recorder: the last seconds before a late frame, and nothing else."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Mapping
from pathlib import Path

from mien.errors import NotWritable
from mien.observe.ledger import Ledger
from mien.observe.record import FrameRecord
from mien.observe.turn_record import Record
from mien.observe.writer import Drain, head_of, header_of, line_of, lost
from mien.part_file import write_whole
from mien.writable import check_writable, make_folder

SECONDS = 10.0
MOST_DUMPS = 20


class FlightRecorder(Drain):
    """Keeps the last `seconds` of records, and writes them to `folder` when a frame was late or dropped.

    Each file is a ledger without totals: a header line, then the records up to and including the late
    frame. Files do not overlap: of several late frames within `seconds`, those behind the first are
    written once that time has passed, or at the end. After `most` files it writes no more. All of it
    happens on its own thread; a run without late frames writes nothing.
    """

    def __init__(
        self,
        ledger: Ledger,
        folder: Path,
        header: Mapping[str, object],
        *,
        seconds: float = SECONDS,
        most: int = MOST_DUMPS,
    ) -> None:
        super().__init__("mien-flight")
        self.dumps = 0
        """Files written."""
        self._ledger = ledger
        self._folder = folder
        self._header = dict(header_of(header))
        self._window_ms = seconds * 1000
        self._most = most
        self._ring: deque[tuple[float, Record]] = deque()
        self._late: list[int] = []
        self._now_ms = 0.0
        self._dumped_ms: float | None = None
        self._next_frame = 0
        late = check_writable(folder / "late.json", "the flight record")
        try:
            make_folder(late)
        except OSError as error:
            raise lost(folder, "flight record", "--flight", error) from error
        self._queue = ledger.subscribe()

    def drain(self) -> None:
        """Look at what has happened since."""
        while self._queue:
            self._take(self._queue.popleft())

    def finish(self) -> None:
        """Write what is still to be written."""
        self._ledger.unsubscribe(self._queue)
        self.drain()
        if self._ledger.realtime and self._next_frame < self._ledger.frames_expected:
            # Left out at the very end, with no frame behind them.
            self._late.append(self._next_frame)
        if self._late:
            self._dump()

    def _take(self, record: Record) -> None:
        frame = record if isinstance(record, FrameRecord) else None
        if frame is not None:
            self._now_ms = max(self._now_ms, frame.presented_ms)
        self._ring.append((self._now_ms, record))
        while self._ring[0][0] <= self._now_ms - self._window_ms:
            self._ring.popleft()
        if frame is None:
            return
        if self._ledger.realtime and (self._ledger.is_late(frame) or frame.frame > self._next_frame):
            self._late.append(frame.frame)
        self._next_frame = frame.frame + 1
        rested = self._dumped_ms is None or self._now_ms - self._dumped_ms >= self._window_ms
        if self._late and rested:
            self._dump()

    def _dump(self) -> None:
        late, self._late = self._late, []
        self._dumped_ms = self._now_ms
        if self.dumps >= self._most or self.unwritable is not None:
            return
        self.dumps += 1
        path = self._folder / f"late-{self.dumps:03d}-frame-{late[-1]:06d}.jsonl"
        header = json.dumps(head_of(self._header | {"late_frames": late}), separators=(",", ":"))
        lines = [header, *(line_of(record.kind, record.as_dict()) for _, record in self._ring)]
        try:
            write_whole(path, ("\n".join(lines) + "\n").encode())
        except NotWritable as error:
            self.unwritable = error

    def _fail(self, error: Exception) -> None:
        self.unwritable = self.unwritable or lost(self._folder, "flight record", "--flight", error)
