"""Where channels belong, asked of PyAV without harm.

A file may list its channels one by one, in any order. PyAV 18 copies the pointer to such a list wherever it
hands out a layout, and frees it with each of them (its pull request 2284; 19 mends that): a CAF of 100 bytes
ends the process. Nothing in here lets PyAV free one that somebody else has.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any, Final

import av

_LISTED: Final = 2
"""FFmpeg's AV_CHANNEL_ORDER_CUSTOM."""

_HEAD: Final = ctypes.c_int * 2


def settle(codec: Any) -> list[str]:
    """FFmpeg's names of a codec's channels, before it is opened, none where the file does not say; afterwards
    it has no list of its own."""
    layout = codec.layout
    names = [channel.name for channel in layout.channels]
    if not names:  # which decoding will tell
        return names
    described = str(layout.name)
    # With its own names or none: FFmpeg describes a list in the usual order by the usual name.
    codec.layout = f"{len(names)}C" if "(" in described or "ambisonic" in described else described
    return names


def harmful(frames: Sequence[Any]) -> bool:
    """Whether frames came with a list of channels, as some decoders make one. These may be dropped then."""
    layouts = [frame.layout for frame in frames if _is_listed(frame.layout)]
    for layout in layouts:
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(layout))  # never freed: the frame frees its list
    return bool(layouts)


def _start_of(layout: Any) -> tuple[int, int]:
    """The first two fields of FFmpeg's structure inside PyAV's object: order, and number of channels."""
    order, count = _HEAD.from_address(id(layout) + object.__basicsize__)
    return order, count


_FREES_TWICE: Final = av.__version__.startswith("18.") and _start_of(av.AudioLayout("5.1")) == (1, 6)


def _is_listed(layout: Any) -> bool:
    return _FREES_TWICE and _start_of(layout)[0] == _LISTED
