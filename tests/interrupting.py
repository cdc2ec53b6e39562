"""Calls that are interrupted at a line of their code, as by a handler of a signal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection
from types import FrameType
from typing import Any


def interrupted_at(
    line: int, calls: Callable[[], object], files: Collection[str], handler: Callable[[], object]
) -> bool:
    """Make the calls, with `handler` called before line `line`, counted from 0, that they run of the `files`;
    False: they run fewer. Lines that the handler runs are not counted."""
    left = line

    def trace(frame: FrameType, event: str, _: object) -> Any:
        nonlocal left
        if frame.f_code.co_filename not in files:
            return None
        if event == "line":
            left -= 1
            if left == -1:
                handler()
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        calls()
    finally:
        sys.settrace(before)
    return left < 0
