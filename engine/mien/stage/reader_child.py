"""What the process runs that reads characters for a program whose frames must not be late.

It is asked by pickles, each a call of `Reader` or `("ahead", entry)`, which is a `read` that nobody waits for
and that is done behind all else; each is answered by one. It ends when nobody can ask any more.
"""

from __future__ import annotations

import os
import pickle
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import IO, TYPE_CHECKING, Any

from mien.thread_priority import step_behind

if TYPE_CHECKING:
    from mien.stage.reader import Reader


def main() -> None:
    """Answer until nobody asks any more."""
    # What libraries print must not stand between the answers.
    out, asked = os.fdopen(os.dup(1), "wb"), sys.stdin.buffer
    os.dup2(2, 1)
    readers: list[Reader] = []
    # To load what reading takes, too, is to hold nobody up.
    _behind(lambda: readers.append(_opened(asked)))
    if not readers:
        return
    with suppress(EOFError):
        while True:
            folder, what, one = pickle.load(asked)
            with suppress(OSError):
                os.chdir(folder)  # a path may be meant from there
            if what == "ahead":
                _behind(partial(_say, out, readers[0], "read", one))
            else:
                _say(out, readers[0], what, one)
    os._exit(0)


def _opened(asked: IO[bytes]) -> Reader:
    from mien.stage.reader import Reader

    return Reader(pickle.load(asked))


def _answer(reader: Reader, what: str, one: Any) -> tuple[str, object]:
    """What came of a call: ("done", what it gives) or (the name of an error, its sentence)."""
    from mien import errors
    from mien.errors import MienError

    try:
        return "done", getattr(reader, what)(one)
    except Exception as error:  # whatever a reader raises at a stranger's bytes
        if not isinstance(error, MienError):
            return "ScriptError", f"{error!r}."
        kind = next((one.__name__ for one in type(error).__mro__ if hasattr(errors, one.__name__)), "")
        return kind or "MienError", str(error)


def _say(out: IO[bytes], reader: Reader, what: str, one: Any) -> None:
    out.write(pickle.dumps(_answer(reader, what, one), pickle.HIGHEST_PROTOCOL))
    out.flush()


def _behind(work: Callable[[], object]) -> None:
    """Do it on a thread behind all others."""

    def behind() -> None:
        step_behind()
        work()

    thread = threading.Thread(target=behind)
    thread.start()
    thread.join()
