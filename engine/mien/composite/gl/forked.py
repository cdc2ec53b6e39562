"""Processes that were forked off one that had GL: drivers do not work there, and their first draw never ends.

A fork copies a driver's memory without its threads (llvmpipe's draw, others compile), so that whoever waits
for one waits for ever; closing every context before makes no difference.
"""

from __future__ import annotations

import os
from typing import Final

from mien.errors import ContextLost, RendererUnavailable

_REMEDY: Final = (
    "this process was forked off one that had opened a GL context, and a driver does not survive that: start "
    'it with multiprocessing.get_context("spawn") or subprocess, or fork before the first stage is opened'
)


class _Process:
    """The driver's state is the process's, and so is this."""

    def __init__(self) -> None:
        self.has_gl = False
        """Whether a context was opened in it, or in one that it was forked off."""
        self.is_forked = False
        """Whether it was forked off one in which that was so."""

    def open(self) -> None:
        if not self.has_gl:
            self.has_gl = True
            if hasattr(os, "register_at_fork"):  # not on Windows, where nothing forks
                os.register_at_fork(after_in_child=self.fork)

    def fork(self) -> None:
        self.is_forked = True


_process = _Process()


def about_to_open() -> None:
    """A context is about to be opened. Raises RendererUnavailable where none can be."""
    if _process.is_forked:
        raise RendererUnavailable(f"no GL context can be opened here: {_REMEDY}.")
    _process.open()


def is_forked() -> bool:
    """Whether what was opened belongs to the process that this one was forked off, which gives it back."""
    return _process.is_forked


def check_not_forked() -> None:
    """Raises ContextLost for what was opened in the process that this one was forked off."""
    if _process.is_forked:
        raise ContextLost(f"a stage or compositor cannot be used here: {_REMEDY}.")
