"""Imports in a process of their own: frames share neither its interpreter's lock nor its memory."""

from __future__ import annotations

import json
import subprocess
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from mien import errors
from mien.errors import Closed, FormatError, MienError
from mien.importing.again import Again
from mien.messages import shown_path
from mien.processes import begin_python, end

_CODE: Final = "from mien.importing.child import main; main()"


class Importer:
    """Imports one source again and again; to be closed. Parameters: `path`; `folder` of the character.

    The process keeps what it has read, and waits for the next time; it ends with this program, however that
    ends. Where none can be started, it is done here. From one thread at a time, but for `close`.
    """

    def __init__(self, path: Path, folder: Path) -> None:
        self._path, self._folder = path, folder
        self._process: subprocess.Popen[bytes] | None = None
        self._here: Again | None = None
        self._lock = threading.Lock()
        self._closed = False
        self.drawn = self.written = 0
        """How many pictures the last import has encoded, and files it has written."""
        self.found = ""
        """In one line what of a face the last import found, guessed and did not find."""

    @property
    def pid(self) -> int | None:
        """Of the process; None where there is none."""
        return None if self._process is None else self._process.pid

    def make(self) -> tuple[str, ...]:
        """Import it: what a user should know, a line each. Raises as `import_art`; Closed."""
        process = self._begun()
        if process is None:
            assert self._here is not None
            remarks = self._here.make()
            self.drawn, self.written, self.found = self._here.drawn, self._here.written, self._here.found
            return remarks
        answer = self._asked(process)
        if "error" in answer:
            kind = getattr(errors, str(answer["kind"]), FormatError)
            is_ours = isinstance(kind, type) and issubclass(kind, MienError)
            raise (kind if is_ours else FormatError)(str(answer["error"]))
        self.drawn, self.written = int(answer["drawn"]), int(answer["written"])
        self.found = str(answer["found"])
        return tuple(map(str, answer["remarks"]))

    def close(self) -> None:
        """End the process, also while another thread waits for it. Idempotent."""
        with self._lock:
            self._closed, process = True, self._process
        if process is None:
            return
        end(process)

    def _begun(self) -> subprocess.Popen[bytes] | None:
        with self._lock:
            if self._closed:
                raise Closed(f"{shown_path(self._path)} is not imported any more.")
            if self._here is not None:
                return None
            if self._process is not None and self._process.poll() is None:
                return self._process
            if self._process is not None:
                end(self._process)
                self._process = None
            with suppress(OSError):  # or there is no Python to start
                # In this program's session: there priorities count.
                self._process = begin_python(_CODE, str(self._path), str(self._folder), stderr=None)
                return self._process
            self._here = Again(self._path, self._folder)
            return None

    def _asked(self, process: subprocess.Popen[bytes]) -> dict[str, Any]:
        assert process.stdin is not None and process.stdout is not None
        line = b""
        with suppress(OSError, ValueError):  # it has ended, or was closed
            process.stdin.write(b"\n")
            process.stdin.flush()
            line = process.stdout.readline()
        if not line.endswith(b"\n"):
            if self._closed:
                raise Closed(f"{shown_path(self._path)} is not imported any more.")
            end(process)
            raise FormatError(
                f"{shown_path(self._path)}: the process that imports it ended (status {process.returncode}), "
                "as where memory is short; save it again, or smaller."
            )
        answer: dict[str, Any] = json.loads(line)
        return answer
