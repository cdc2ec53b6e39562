"""What `mien render` says while it works, on stderr: a bar in a terminal, else a line every few seconds."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from mien.cli.console import REDIRECTED, say
from mien.cli.outlook import Outlook, Pace, spelled
from mien.clock import Clock, RealClock
from mien.talk.events import TurnEvent

FIRST_LINE_S = 2.0
LINE_S = 5.0
"""Between two lines where there is no terminal."""

LONG_LINE_S = 30.0
"""The same after five minutes, for the sake of logs."""

_LONG_S = 300.0
_LEAST_WIDTH = 40
"""Columns of a terminal."""


class Waiting:
    """Says that something goes on, and for how long, while this thread is busy with it. A context manager.

    A thread of its own speaks: what is waited for may not come back to Python for seconds.
    """

    def __init__(self, console: Console, what: str, every_s: float = LINE_S) -> None:
        self._console, self._what, self._every_s = console, what, every_s
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._speak, name="mien-progress", daemon=True)

    def __enter__(self) -> Self:
        self._say(self._what)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()

    def _speak(self) -> None:
        spoken = 0
        while not self._done.wait(self._every_s):
            spoken += 1
            self._say(f"{self._what}: {spelled(spoken * self._every_s)}")

    def _say(self, line: str) -> None:
        say(self._console, (line, "dim"))


def _can_show_bars(console: Console) -> bool:
    """Whether there is a terminal that can go back in a line, and has room for a bar beside the words."""
    return console.is_terminal and not console.is_dumb_terminal and console.width >= _LEAST_WIDTH


class RenderProgress:
    """Counts frames, with the time left. A context manager.

    Parameters: `console` to write to; `outlook`, how many frames there will be; `clock` for the pace;
    `at_once`, frames that come at about one time.
    """

    def __init__(
        self, console: Console, outlook: Outlook, clock: Clock | None = None, *, at_once: int = 1
    ) -> None:
        self._clock = clock or RealClock()
        self._console, self._outlook, self._pace = console, outlook, Pace(self._clock, at_once)
        self._start_ns = self._clock.now_ns()
        self._next_line_s = FIRST_LINE_S
        self._bar = (
            Progress(
                TextColumn("rendering"),
                BarColumn(),
                TextColumn("{task.fields[said]}"),
                console=console,
                transient=True,
                refresh_per_second=4,
                redirect_stdout=REDIRECTED,
                redirect_stderr=REDIRECTED,
            )
            if _can_show_bars(console)
            else None
        )
        self._task = self._bar.add_task("render", total=None, said="") if self._bar else None

    def frame(self, done: int, events: Iterable[TurnEvent]) -> None:
        """`done` frames are done, and `events` happened since the last call."""
        self._outlook.hear(events)
        self._outlook.refine()
        self._pace.advance(done)
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=done, total=self._outlook.frames, said=self.said)
            return
        elapsed_s = (self._clock.now_ns() - self._start_ns) / 1e9
        if elapsed_s >= self._next_line_s:
            self._console.print(f"rendering: {self.said}", highlight=False, soft_wrap=True)
            pause_s = LINE_S if elapsed_s < _LONG_S else LONG_LINE_S
            self._next_line_s += pause_s * (1 + (elapsed_s - self._next_line_s) // pause_s)

    @property
    def said(self) -> str:
        """`240 of about 780 frames, 12 s left`."""
        about = "" if self._outlook.exact else "about "
        done, frames = self._pace.done, self._outlook.frames
        left_s = self._pace.left_s(frames) if done < frames else None
        time = "" if left_s is None else f", {spelled(left_s)} left"
        return f"{done} of {about}{max(done, frames)} frames{time}"

    def __enter__(self) -> Self:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()
