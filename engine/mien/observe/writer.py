"""Ledger records to a JSONL file, on a thread of its own."""

from __future__ import annotations

import json
import os
import stat
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from mien.arguments import refuse
from mien.errors import NoThreads, NotWritable
from mien.interrupts import RejoinableThread, defer_interrupts
from mien.messages import printable, quoted, shown_path
from mien.observe.ledger import Ledger
from mien.observe.totals import totals_of
from mien.threads import start_thread
from mien.writable import check_writable, close_written, make_folder, open_to_write, unwritable

_DRAIN_EVERY_S = 0.25


class Drain(ABC):
    """Empties a queue that others fill, four times a second and at the end. A context manager.

    Once `unwritable` has been set there is nothing more to do; leaving the context raises it, unless the run
    has ended with an error of its own.
    """

    def __init__(self, name: str) -> None:
        self.unwritable: NotWritable | None = None
        self._done = threading.Event()
        self._thread = RejoinableThread(self._run, name)

    @abstractmethod
    def drain(self) -> None:
        """Take what there is."""

    @abstractmethod
    def finish(self) -> None:
        """Take what is left, and close; on the thread that drains, which Ctrl-C does not reach."""

    @property
    def remark(self) -> str:
        """What is to be known of what was written; empty: nothing."""
        return ""

    def start(self) -> None:
        """Begin to empty it. Raises NoThreads; it is finished then."""
        try:
            start_thread(self._thread)
        except NoThreads:
            self._try(self.finish)
            raise

    def stop(self) -> None:
        """Have what is left taken, and all closed: what went wrong is then in `unwritable`. Idempotent.

        Ctrl-C meanwhile is held back until that is done, then raised as KeyboardInterrupt.
        """
        interrupted = defer_interrupts(self._done.set, self._thread.wait)
        if interrupted is not None:
            raise interrupted

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        if self.unwritable is not None and error is None:
            raise self.unwritable

    @abstractmethod
    def _fail(self, error: Exception) -> None:
        """Have `unwritable` say that an error ended it, unless it says so of another."""

    def _run(self) -> None:
        while not self._done.wait(_DRAIN_EVERY_S):
            self._try(self.drain)
        self._try(self.finish)

    def _try(self, step: Callable[[], None]) -> None:
        try:
            step()
        except Exception as error:  # of a record of a host's own: no thread ends with it, unsaid
            self._fail(error)


def lost(path: Path, what: str, option: str, error: Exception) -> NotWritable:
    """The error of what cannot be written, in a sentence."""
    return unwritable(
        shown_path(path), error, what=f"the {what}", advice=f"name a writable place with {option}"
    )


def header_of(header: object) -> Mapping[str, object]:
    """What stands in a file's first line, as JSON can say it. Raises ScriptError."""
    wanted = "a mapping of names to what JSON can say: texts, numbers, lists and mappings of them"
    if not isinstance(header, Mapping) or not all(isinstance(name, str) for name in header):
        refuse("header", header, wanted)
    for name, value in header.items():
        try:
            json.dumps(value, allow_nan=False)
        except (TypeError, ValueError, RecursionError):
            refuse(f"{quoted(name)} of the header", value, wanted)
    return header


def head_of(header: Mapping[str, object]) -> dict[str, object]:
    """The first line of a file of records, which is known by how it begins."""
    head: dict[str, object] = {"kind": "run", **header}
    head["kind"] = "run"
    return head


def line_of(kind: str, values: Mapping[str, object]) -> str:
    """A record as a line of JSON, without its end: numbers of numpy as numbers, what JSON cannot say as text.

    Raises TypeError, ValueError or RecursionError for what has no end, or names that are no text."""
    return json.dumps({"kind": kind, **values}, separators=(",", ":"), default=_plain)


def _plain(value: object) -> object:
    return value.item() if isinstance(value, np.generic) and value.ndim == 0 else quoted(value)


def older_part(path: Path) -> Path:
    """Where the part of a ledger before the one at `path` is: run.1.jsonl beside run.jsonl."""
    return path.with_name(f"{path.stem}.1{path.suffix}")


class LedgerWriter(Drain):
    """Drains a ledger to `path`: a header line, one line a frame, turn or pause, a last line with the totals.

    The frame loop only ever appends to a deque. What was written is in the file within a second, whatever
    becomes of the program. A write that fails (a full disk) ends the writing, never the run: leaving the
    context raises NotWritable.

    Parameters: `most_bytes`: a run that writes more keeps its latest part at `path` and the one before it
    beside it (`older_part`), each of half as many bytes, and drops what is older; None for no limit.
    """

    def __init__(
        self, ledger: Ledger, path: Path, header: Mapping[str, object], *, most_bytes: int | None = None
    ) -> None:
        if ledger.pending is None:
            raise ValueError("the ledger keeps no records; make it with keep=True to write them")
        super().__init__("mien-ledger")
        self.parts = 1
        """How many were begun; of more than two the first ones are gone."""
        self._ledger = ledger
        self._pending = ledger.pending
        self._path = path
        self._header = head_of(header_of(header))
        self._left_out: list[Exception] = []
        # Links are followed once: what they lead to is written, also in parts, and they stay links.
        self._place = check_writable(path, "the ledger")
        try:
            make_folder(self._place)
            self._file = open_to_write(self._place)
            regular = stat.S_ISREG(os.fstat(self._file.fileno()).st_mode)
        except OSError as error:
            raise lost(path, "ledger", "--ledger", error) from error
        self._most = most_bytes // 2 if most_bytes is not None and regular else None
        self._bytes = 0
        self._write(line_of("run", self._header))
        self._flush()
        self._worth = self.unwritable is None  # a file that does not begin tells nobody anything

    def drain(self) -> None:
        """Write the records that are waiting."""
        while self._pending:
            if self._most is not None and self._bytes > self._most:
                self._begin_part()
            record = self._pending.popleft()
            try:
                line = line_of(record.kind, record.as_dict())
            except Exception as error:  # the record is a host's own: those behind it are written
                self._left_out.append(error)
            else:
                self._write(line)
        self._flush()

    def finish(self) -> None:
        """Write what is left and the totals."""
        try:
            self.drain()
            totals = {**totals_of(self._ledger), "origin_ns": self._ledger.origin_ns}
            self._write(line_of("totals", totals))
        finally:
            self._close()

    @property
    def remark(self) -> str:
        """Of a run that wrote more than it may keep: that its beginning is gone. Of records that JSON cannot
        say: that they are missing."""
        path, told = shown_path(self._path), []
        if self.parts > 1:
            gone = "" if self.parts == 2 else ", and what was before them is gone"
            older = shown_path(older_part(self._place))
            told.append(f"{path}: the ledger is kept in two parts, with {older} before it{gone}")
        if self._left_out:
            first = self._left_out[0]
            told.append(
                f"{path}: left out of the ledger, as JSON cannot say them: records, {len(self._left_out)} "
                f"(the first: {type(first).__name__}, {printable(str(first))})"
            )
        return ". ".join(told)

    def _begin_part(self) -> None:
        self._write(line_of("continued", {}))
        self._close()
        if self.unwritable is None:
            try:
                self._place.replace(older_part(self._place))
                self._file = open_to_write(self._place)
            except OSError as error:
                self._fail(error)
            self.parts += 1
            self._bytes = 0
            self._write(line_of("run", {**self._header, "part": self.parts}))

    def _write(self, line: str) -> None:
        if self.unwritable is None:
            try:
                self._bytes += self._file.write(line.encode() + b"\n")
            except OSError as error:
                self._fail(error)

    def _flush(self) -> None:
        if self.unwritable is None:
            try:
                self._file.flush()
            except OSError as error:
                self._fail(error)

    def _close(self) -> None:
        try:
            close_written(self._file, self._place, worth=self._worth)
        except OSError as error:
            self._fail(error)

    def _fail(self, error: Exception) -> None:
        self.unwritable = self.unwritable or lost(self._path, "ledger", "--ledger", error)
