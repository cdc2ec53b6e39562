"""The command line: `mien COMMAND`.

command.py  the commands, and what becomes of their errors; stopping.py: Ctrl-C and its like, early.py: before
            that
render.py   a conversation to a video file; progress.py and outlook.py: how far it is
play.py     a conversation in a window
say.py      a text that a character speaks
still.py    one picture of a character
pack.py     bake a character; inspect.py: say what one is made of
report.py   how runs went, from their ledgers
serve.py    a stage for programs elsewhere
doctor/     what this machine has, draws and holds
options.py  what several commands share: background.py, files.py (what they write), watch.py (ledgers),
            watched.py (what is saved), foreign.py (files of other programs), console.py and streams.py (what
            they say, and where), quiet.py, verdict.py, memory.py
"""

from __future__ import annotations

from collections.abc import Sequence
from signal import SIGINT

import mien.cli.early  # noqa: F401 - Ctrl-C, before all else
from mien.cli.memory import too_little
from mien.cli.stopping import number_of, stoppable, stopped_by
from mien.cli.streams import hold_closed, settle, tell
from mien.threads import NO_THREADS, can_start
from mien.uncollected import uncollected


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status.

    0: done. 1: an error, which was told in a sentence; or a check (`inspect`, `report --gate`, `doctor`) that
    found something. 2: arguments that mean nothing. 128 and the signal's number, 130 for Ctrl-C, when it was
    stopped: what was done until then is kept, where it is of use. Without `argv` it is the program itself,
    whose status a second signal does not change.
    """
    if argv is not None:
        return _run(argv)
    hold_closed()
    try:
        return _run(argv)
    finally:
        settle()


def _run(argv: Sequence[str] | None) -> int:
    try:
        with stoppable(to_the_end=argv is None):
            if complaint := too_little(to_draw=False):
                tell(f"mien: {complaint}")
                return 1
            # Heavy. Imported here, from the first line on Ctrl-C gets an answer and no traceback.
            with uncollected(stays=argv is None):
                from mien.cli.command import run
            return run(argv)
    except KeyboardInterrupt as stopped:
        # OpenBLAS, which numpy loads, sends itself SIGINT where it gets no threads.
        if number_of(stopped) == SIGINT and not can_start():
            tell(f"mien: {NO_THREADS}")
            return 1
        return stopped_by(stopped)
