"""Draws documents with resvg, in a process of its own that may take little time and memory.

A drawing of a few lines can ask for more than any machine has (patterns a million pixels wide, copies of
copies), and resvg ends its process where memory ends. So it has one to itself, and what takes too much is
refused with a sentence.
"""

from __future__ import annotations

import importlib.util
import struct
import subprocess
import threading
from types import TracebackType
from typing import Final, Self

from mien.errors import ImageRejected, MienError
from mien.processes import NoPython, begin_python, end, kill

CPU_S: Final = 4
"""Most processor time for one file; the largest that were at hand take one."""
_FIRST_S: Final = 1.5
_DOCUMENT_S: Final = 0.008
_PIXEL_S: Final = 0.25e-6
"""Processor time that a file has at first, and what it has more for each document that was drawn and each
pixel of it: a file of many large layers may take longer than one that asks for much and shows little. Wren's
take 3 ms in the mean; a pixel of one colour takes 0.03 us, one of gradients 0.3."""
_TEXT_BYTES: Final = 16 << 20
"""Most bytes of all documents together, beside thrice the file's own: each holds all styles, and all that its
layer refers to."""
MEMORY_BYTES: Final = 420 << 20
"""Most memory, with what Python itself and its libraries take."""
_ANSWERS_S: Final = 600.0 if importlib.util.find_spec("resource") else 60.0
"""Longest that a file may take, on a machine that is busy; less where processor time is not limited."""
_FAILED: Final = 1 << 31

_CODE: Final = f"""
import struct, sys, time
import resvg_py
try:
    import resource, signal
    for kind, most in (("AS", {MEMORY_BYTES}), ("CPU", {CPU_S}), ("FSIZE", 0), ("CORE", 0)):
        try:
            resource.setrlimit(getattr(resource, "RLIMIT_" + kind), (most, most))
        except (ValueError, OSError):
            pass
    def end_at(end):
        signal.setitimer(signal.ITIMER_PROF, max(0.01, end - time.process_time()))
except ImportError:
    def end_at(end):
        pass
take, give = sys.stdin.buffer, sys.stdout.buffer
end = time.process_time() + {_FIRST_S}
while len(head := take.read(4)) == 4:
    end_at(end)
    try:
        text = take.read(struct.unpack("<I", head)[0]).decode("utf-8")
        out = bytes(resvg_py.svg_to_bytes(svg_string=text, skip_system_fonts=True))
        mark = len(out)
        width, height = struct.unpack(">II", out[16:24])
        end += {_DOCUMENT_S} + {_PIXEL_S} * width * height
    except (ValueError, OSError) as error:
        out = str(error).encode("utf-8", "replace")[:300]
        mark = len(out) | {_FAILED}
    give.write(struct.pack("<I", mark) + out)
    give.flush()
"""


class ResvgMissing(MienError, ImportError):
    """The package that draws SVG is not installed."""


def start() -> subprocess.Popen[bytes]:
    """A process that draws; it ends when nobody writes to it any more. Raises OSError, NoPython."""
    return begin_python(_CODE)


class Drawing:
    """Draws the documents of one file; to be closed. `file`: what errors call it; `length`: its bytes;
    `process`: one that was started ahead, None: to be started where there is something to draw."""

    def __init__(self, file: str, length: int, process: subprocess.Popen[bytes] | None = None) -> None:
        self._file = file
        self._left = _TEXT_BYTES + 3 * length
        self._process = process
        self._timer: threading.Timer | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._process is not None:
            end(self._process)

    def png(self, document: str, what: str) -> bytes:
        """A document as a PNG. `what`: what is drawn, for errors. Raises ImageRejected."""
        data = document.encode("utf-8", "replace")
        self._left -= len(data)
        if self._left < 0:
            raise ImageRejected(
                f"{self._file}: its layers refer to so much that drawing each takes too long; simplify its "
                "styles and gradients, or export it as PNG."
            )
        process = self._begun()
        into, out = process.stdin, process.stdout
        assert into is not None
        assert out is not None
        try:
            into.write(struct.pack("<I", len(data)) + data)
            into.flush()
            (mark,) = struct.unpack("<I", out.read(4))
            found = out.read(mark & ~_FAILED)
        except (OSError, struct.error):
            found, mark = b"", 0
        if mark & _FAILED:
            words = found.decode("utf-8", "replace")
            raise ImageRejected(f"{self._file}: {what} cannot be drawn ({words}); export it again.")
        if not found:
            raise ImageRejected(
                f"{self._file}: {what} takes too long or more than {MEMORY_BYTES >> 20} MiB to "
                "draw; simplify it, or export it as PNG."
            )
        return found

    def _begun(self) -> subprocess.Popen[bytes]:
        """The process, whose time counts from the first document on."""
        process = self._process = self._started() if self._process is None else self._process
        if self._timer is None:
            self._timer = threading.Timer(_ANSWERS_S, kill, (process,))
            self._timer.daemon = True
            self._timer.start()
        return process

    def _started(self) -> subprocess.Popen[bytes]:
        try:
            return start()
        except OSError as error:
            why = error if isinstance(error, NoPython) else f"none can be started ({error.strerror or error})"
            raise ImageRejected(
                f"{self._file}: an SVG is drawn by a process of its own, and {why}; export it as PNG."
            ) from error
