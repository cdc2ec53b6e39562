"""Ledger records to a JSONL file, on a thread of its own."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import TextIO

from mien.errors import MienError
from mien.observe.ledger import Ledger

_DRAIN_EVERY_S = 0.25


class LedgerUnwritable(MienError, OSError):
    """The ledger file could not be written; the run it describes went on."""


class LedgerWriter:
    """Drains a ledger to `path`: a header line, one line a frame, turn or pause, a last line with the totals.

    A context manager; leaving it writes what is left and joins the thread. The frame loop only ever
    appends to a deque. A write that fails (a full disk) ends the writing, never the run: leaving the
    context raises LedgerUnwritable.
    """

    def __init__(self, ledger: Ledger, path: Path, header: Mapping[str, object]) -> None:
        if ledger.pending is None:
            raise ValueError("the ledger keeps no records; make it with keep=True to write them")
        self._ledger = ledger
        self._path = path
        self._done = threading.Event()
        self._failure: OSError | None = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file: TextIO = path.open("w", encoding="utf-8")
        except OSError as error:
            raise self._unwritable(error) from error
        self._write_line({"kind": "run", **header})
        self._thread = threading.Thread(target=_drain, args=(self,), name="mien-ledger", daemon=True)

    def __enter__(self) -> LedgerWriter:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()
        self._write_pending()
        self._write_line({"kind": "totals", **self._ledger.totals()})
        try:
            self._file.close()
        except OSError as failure:
            self._failure = self._failure or failure
        if self._failure and error is None:
            raise self._unwritable(self._failure)

    def _unwritable(self, error: OSError) -> LedgerUnwritable:
        return LedgerUnwritable(
            f"{self._path}: the ledger cannot be written ({error.strerror or error}); "
            "name a writable place with --ledger."
        )

    def _write_line(self, record: Mapping[str, object]) -> None:
        if self._failure is None:
            try:
                self._file.write(json.dumps(record, separators=(",", ":")) + "\n")
            except OSError as error:
                self._failure = error

    def _write_pending(self) -> None:
        pending = self._ledger.pending
        while pending:
            record = pending.popleft()
            self._write_line({"kind": record.kind, **record.as_dict()})


def _drain(writer: LedgerWriter) -> None:
    while not writer._done.wait(_DRAIN_EVERY_S):
        writer._write_pending()
