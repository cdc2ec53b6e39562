"""Checks in a process of their own: a library or a driver that crashes there is found out, and named.

Each line that the process prints is a JSON object: {"tell": what it is doing}, or a finding. What libraries
print to its standard error is left out.
"""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Callable, Iterator
from threading import Timer
from typing import Any, Final

from mien.cli.doctor.checks import CHECKS
from mien.cli.doctor.finding import Finding, State
from mien.processes import begin_python, can_start, kill
from mien.stage.window_probe import safe_path

_SILENT_S: Final = 90.0
"""A check that says nothing for longer hangs: shaders compile for some seconds on a slow machine."""

_CODE: Final = "import sys; from mien.cli.doctor.checks import main; main(sys.argv[1])"
_LIMITS: Final = "see what this user may start and open (`ulimit -a`, /dev/null), and run it again"


def apart(
    check: str,
    what: str,
    state: State,
    remedy: str,
    tell: Callable[[str], None] = lambda _: None,
    silent_s: float = _SILENT_S,
    *,
    silent: tuple[State, str] | None = None,
) -> Iterator[Finding]:
    """What a check of `checks.py` finds, run in a process of its own.

    If that ends before it is done, the last finding says how: it has `what`, `state` and `remedy`; where it
    was ended because it gave no answer, state and remedy are those of `silent`, if given.
    """
    if not can_start():
        yield from CHECKS[check](tell)
        return
    doing, stopped = "", False
    try:
        process = _started(check)
    except OSError as error:  # no process, no file or no memory more can be had
        yield Finding(what, state, f"not looked at: no process could be started ({error})", _LIMITS)
        return
    with process:
        assert process.stdout is not None
        try:
            while True:
                watch = Timer(silent_s, kill, (process,))
                watch.start()
                try:
                    line = process.stdout.readline()
                finally:
                    stopped = not watch.is_alive()
                    watch.cancel()
                if not line:
                    break
                said = _read(line)
                if said is None:
                    continue
                if "tell" in said:
                    doing = said["tell"]
                    tell(doing)
                else:
                    yield Finding(**said)
            process.wait()
        finally:
            kill(process)  # when this program is told to stop; one that has ended takes no harm
    if process.returncode:
        how = _ended(process.returncode, doing, silent_s if stopped else None)
        state, remedy = silent if stopped and silent else (state, remedy)
        yield Finding(what, state, how, remedy)


def _started(check: str) -> subprocess.Popen[bytes]:
    """The process. Raises OSError."""
    with safe_path():
        return begin_python(_CODE, check, stdin=subprocess.DEVNULL)


def _read(line: bytes) -> dict[str, Any] | None:
    """An object of ours; None for what a library has printed between them."""
    try:
        said = json.loads(line)
    except ValueError:
        return None
    return said if isinstance(said, dict) else None


def _ended(status: int, doing: str, silent_s: float | None) -> str:
    while_doing = f" while {doing}" if doing else ""
    if silent_s is not None:
        return f"gave no answer within {silent_s:g} s{while_doing}"
    try:
        how = signal.Signals(-status).name
    except ValueError:
        how = f"status {status}"
    return f"crashed ({how}){while_doing}"
