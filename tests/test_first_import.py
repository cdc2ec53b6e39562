"""What a handler of a signal asks Mien for while it is imported for the first time."""

from __future__ import annotations

import subprocess
import sys

import pytest

_PROGRAM = """
import signal, sys, mien
told = []
def handler(*_):
    try:
        mien.open_stage
    except Exception as error:
        told.append((type(error).__name__, str(error)))
signal.signal(signal.SIGUSR1, handler)
def trace(frame, event, _):
    if not told and frame.f_globals.get("__name__") == sys.argv[1] and frame.f_code.co_name == "<module>":
        sys.settrace(None)
        signal.raise_signal(signal.SIGUSR1)
sys.settrace(trace)
mien.open_stage
sys.settrace(None)
(name, text), = told
print(name, text)
mien.open_stage
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no signals of one's own here")
@pytest.mark.parametrize(
    ("within", "kind"),
    [
        ("mien.stage.offline", "WrongThread"),
        ("mien.types", "WrongThread"),
        ("numpy.linalg", "WrongThread"),
        ("mien.errors", "ImportError"),
    ],
)
def test_what_is_half_imported_is_told_so_and_is_there_afterwards(within: str, kind: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", _PROGRAM, within], capture_output=True, text=True, timeout=120, check=False
    )
    assert (
        ran.stdout.startswith(f"{kind} mien.open_stage was asked for while it is imported") and not ran.stderr
    )
    assert ran.stdout.count("\n") == 1
