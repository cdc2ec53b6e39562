"""A part of a proof in a process of its own: started, heard, and ended with it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from queue import Empty, Queue
from types import TracebackType
from typing import Any, Final, Self

from mien.errors import MienError
from mien.messages import printable
from mien.processes import python

_CODE: Final = (
    "import sys, json; sys.path[:] = {path!r}; from {module} import {name}; {name}(json.loads({told!r}))"
)
_ENDS_S: Final = 5.0
"""Longest that one may take to end that was asked to."""


class Part:
    """Calls a function of a module in a process of its own, with plain values. A context manager: at its end
    the process is ended.

    Parameters: `what` it is, for sentences; `module` and `name` of the function; `told`, its argument, as
    JSON can say it; `environment`, variables beside those of this process. It says things by `say`, a line
    each.
    """

    def __init__(
        self,
        what: str,
        module: str,
        name: str,
        told: Mapping[str, Any],
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._what = what
        code = _CODE.format(path=sys.path, module=module, name=name, told=json.dumps(told))
        self._process = subprocess.Popen(
            [python(), "-c", code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **(environment or {})},
        )
        self._lines: Queue[str | None] = Queue()
        self._errors: list[str] = []
        self._readers = [
            threading.Thread(target=self._read, daemon=True),
            threading.Thread(target=self._read_errors, daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    @property
    def pid(self) -> int:
        """Of the process."""
        return self._process.pid

    def hear(self, seconds: float) -> dict[str, Any]:
        """The next that it says. Raises MienError where it ends without, or says nothing for so long."""
        while True:
            try:
                line = self._lines.get(timeout=seconds)
            except Empty:
                raise MienError(
                    f"{self._what} has said nothing for {seconds:.0f} s: the machine is too busy, or a "
                    "driver hangs; try again on a quiet machine."
                ) from None
            if line is None:
                raise MienError(f"{self._what} ended before it was done{self._last_words()}.")
            if line.startswith("{"):
                told: dict[str, Any] = json.loads(line)
                return told

    def tell(self, line: str) -> None:
        """Say a line to it."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()
        except OSError as error:
            raise MienError(f"{self._what} ended before it was done{self._last_words()}.") from error

    def end(self) -> None:
        """Have it end. Idempotent."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(_ENDS_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        for reader in self._readers:
            reader.join(_ENDS_S)
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe is not None and not pipe.closed:
                try:
                    pipe.close()
                except OSError:  # what it was told last is not wanted any more
                    continue

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line)
        self._lines.put(None)

    def _read_errors(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self._errors = [*self._errors[-20:], line]

    def _last_words(self) -> str:
        for reader in self._readers:
            reader.join(_ENDS_S)
        said = [line.strip() for line in self._errors if line.strip()]
        if not said:
            return f" (status {self._process.poll()})"
        kind, _, sentence = said[-1].partition(": ")
        return f" ({printable((sentence or kind).rstrip('.'), 300)})"


def say(**told: Any) -> None:
    """In the process of a part: tell something to whom it is a part of."""
    print(json.dumps(told), flush=True)  # noqa: T201 - that is how


def hear_line() -> str:
    """In the process of a part: what it is told next; empty when nobody is there any more."""
    return sys.stdin.readline().strip()
