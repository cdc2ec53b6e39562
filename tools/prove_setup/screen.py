"""A command in a terminal of its own, watched, and at a moment stopped with Ctrl-C or killed."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import subprocess
import termios
import time
from dataclasses import dataclass
from typing import Literal

Stop = Literal["Ctrl-C", "kill"]
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@dataclass(frozen=True, slots=True)
class Watched:
    """How a command in a terminal ended."""

    code: int
    """Its exit status; negative: the signal that ended it."""
    said: str
    """What it wrote, without escapes; a line that was written over counts as lines."""
    stopped: bool
    """Whether the moment came before its end."""
    quiet_s: float
    """The longest that it wrote nothing."""
    quiet_after: str
    """The line before that."""
    seconds: float


def watch(command: list[str], moment: str = "", stop: Stop = "kill", timeout_s: float = 900) -> Watched:
    """Run `command`; as soon as what it wrote matches the pattern `moment`, stop it. None: let it run."""
    master, slave = pty.openpty()

    def own_terminal() -> None:
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    start = last = time.monotonic()
    process = subprocess.Popen(
        command, stdin=slave, stdout=slave, stderr=slave, preexec_fn=own_terminal, close_fds=True
    )
    os.close(slave)
    said, stopped, quiet_s, quiet_after = "", False, 0.0, ""
    while True:
        now = time.monotonic()
        if now - start > timeout_s:
            process.kill()
        if select.select([master], [], [], 0.5)[0]:
            try:
                data = os.read(master, 1 << 16)
            except OSError:  # the last one that had the terminal has gone
                break
            if not data:
                break
            now = time.monotonic()
            if now - last > quiet_s and not stopped:
                quiet_s, quiet_after = now - last, _lines(said)[-80:].strip().rpartition("\n")[2]
            last = now
            said += data.decode(errors="replace")
            if moment and not stopped and re.search(moment, _ESCAPES.sub("", said)):
                stopped = True
                if stop == "kill":
                    process.kill()
                else:
                    os.write(master, b"\x03")
        elif process.poll() is not None:
            break
    code = process.wait()
    os.close(master)
    return Watched(code, _lines(said), stopped, quiet_s, quiet_after, time.monotonic() - start)


def _lines(said: str) -> str:
    return _ESCAPES.sub("", said).replace("\r", "\n")
