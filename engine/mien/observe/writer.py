"""Ledger records to a JSONL file, on a thread of its own."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from mien.errors import NotWritable
from mien.observe.ledger import Ledger
from mien.observe.totals import totals_of
from mien.observe.turn_record import Record

_DRAIN_EVERY_S = 0.25


class Drain:
    """Empties a queue that others fill, four times a second and at the end. A context manager.

    Once `unwritable` has been set there is nothing more to do; leaving the context raises it, unless the run
    has ended with an error of its own.
    """

    def __init__(self, name: str) -> None:
        self.unwritable: NotWritable | None = None
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def drain(self) -> None:
        """Take what there is."""
        raise NotImplementedError

    def finish(self) -> None:
        """Take what is left, and close."""
        raise NotImplementedError

    def __enter__(self) -> Drain:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()
        self.finish()
        if self.unwritable is not None and error is None:
            raise self.unwritable

    def _run(self) -> None:
        while not self._done.wait(_DRAIN_EVERY_S):
            self.drain()


def unwritable(path: Path, what: str, option: str, error: OSError) -> NotWritable:
    """The error, in a sentence."""
    return NotWritable(
        f"{path}: the {what} cannot be written ({error.strerror or error}); "
        f"name a writable place with {option}."
    )


def line_of(record: Record) -> str:
    """A record as a line of JSON, without its end."""
    return json.dumps({"kind": record.kind, **record.as_dict()}, separators=(",", ":"))


class LedgerWriter(Drain):
    """Drains a ledger to `path`: a header line, one line a frame, turn or pause, a last line with the totals.

    The frame loop only ever appends to a deque. A write that fails (a full disk) ends the writing, never
    the run: leaving the context raises NotWritable.
    """

    def __init__(self, ledger: Ledger, path: Path, header: Mapping[str, object]) -> None:
        if ledger.pending is None:
            raise ValueError("the ledger keeps no records; make it with keep=True to write them")
        super().__init__("mien-ledger")
        self._ledger = ledger
        self._pending = ledger.pending
        self._path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("w", encoding="utf-8")
        except OSError as error:
            raise unwritable(path, "ledger", "--ledger", error) from error
        self._write(json.dumps({"kind": "run", **header}, separators=(",", ":")))

    def drain(self) -> None:
        """Write the records that are waiting."""
        while self._pending:
            self._write(line_of(self._pending.popleft()))

    def finish(self) -> None:
        """Write what is left and the totals."""
        self.drain()
        self._write(json.dumps({"kind": "totals", **totals_of(self._ledger)}, separators=(",", ":")))
        try:
            self._file.close()
        except OSError as error:
            self._fail(error)

    def _write(self, line: str) -> None:
        if self.unwritable is None:
            try:
                self._file.write(line + "\n")
            except OSError as error:
                self._fail(error)

    def _fail(self, error: OSError) -> None:
        self.unwritable = self.unwritable or unwritable(self._path, "ledger", "--ledger", error)
