"""How soon the frame's thread gets the GIL back from others."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_INTERVAL_S: Final = 0.0005


@contextmanager
def quick_switches() -> Iterator[None]:
    """While this lasts a thread that wants the GIL is given it after 0.5 ms, where Python's default is 5.

    The frame's thread releases it several times a frame (long GL calls, the sleep between two looks at the
    GPU), and beside a worker that decodes it would wait 5 ms each time. The setting is the whole
    interpreter's, and is put back.
    """
    before = sys.getswitchinterval()
    sys.setswitchinterval(min(before, _INTERVAL_S))
    try:
        yield
    finally:
        sys.setswitchinterval(before)
