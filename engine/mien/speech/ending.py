"""How a synthesizer's process is ended when nobody waits for it any more, and how it has ended."""

from __future__ import annotations

import signal
import subprocess
from threading import Timer
from types import TracebackType

from mien.errors import Closed, SynthesizerFailed
from mien.processes import kill
from mien.threads import start_thread


class Watch:
    """Ends a process whose answer takes too long; a context manager around the wait for it.

    Parameters: `process`; `name`, of the synthesizer; `timeout_s` from its entry on.
    """

    def __init__(self, process: subprocess.Popen[bytes], name: str, timeout_s: float) -> None:
        self._process, self._name, self._timeout_s = process, name, timeout_s
        self._late = False
        self._timer = Timer(timeout_s, self._ring)
        self._timer.daemon = True

    def refuse(self, *, closed: bool) -> None:
        """Say why there is no answer, where that is known: nobody wants it any more, or it was too late.

        Raises Closed, SynthesizerFailed.
        """
        if closed:
            raise Closed(f"this {self._name} was closed while it spoke.")
        if self._late:
            raise SynthesizerFailed(
                f"{self._name} gave no answer within {self._timeout_s:g} s and was ended: give it a shorter "
                "text, or a longer timeout_s."
            )

    def _ring(self) -> None:
        self._late = self._process.returncode is None
        kill(self._process)

    def __enter__(self) -> Watch:
        start_thread(self._timer)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()


def how_ended(status: int) -> str:
    """A status of a process in words: a signal's name, where it was one."""
    try:
        return signal.Signals(-status).name
    except ValueError:
        return f"status {status}"
