"""Which part of a Photoshop file is damaged, in words: its reader says it in words of its own."""

from __future__ import annotations

import os
import struct
from pathlib import Path, PurePath
from types import TracebackType
from typing import Final

_PARTS: Final = {
    "color_mode_data": "table of colours",
    "image_resources": "list of settings (guides, profiles, thumbnails), which stands before its layers,",
    "image_data": "picture of all layers together, which stands behind them,",
    "profiles": "colour profile",
}
"""What a file consists of, by the module of psd-tools that reads it."""
_LAYERS: Final = "list of layers"


def fault_of(path: Path, error: BaseException) -> str:
    """Which part of a file is damaged, and how, as the middle of a sentence, of an error in reading it."""
    return _cut(path) or f"its {_part(error.__traceback__)} cannot be read"


def _cut(path: Path) -> str:
    """Of a file that ends before a part of it does; empty for any other."""
    size = path.stat().st_size
    with path.open("rb") as file:
        is_large = file.read(6)[5:] == b"\2"
        file.seek(26)
        for part, kind in (
            (_PARTS["color_mode_data"], ">I"),
            (_PARTS["image_resources"], ">I"),
            (_LAYERS, ">Q" if is_large else ">I"),
        ):
            head = file.read(struct.calcsize(kind))
            if len(head) < struct.calcsize(kind):
                return f"it ends after {size} bytes, where its {part} should begin"
            (length,) = struct.unpack(kind, head)
            begin = file.tell()
            if length > (left := size - begin):
                return f"its {part} should be {length} bytes long, and the file ends after {left} of them"
            file.seek(length, os.SEEK_CUR)
    return ""


def _part(trace: TracebackType | None) -> str:
    """The part that the innermost of these modules reads; where none of them is in it, the layers."""
    found = _LAYERS
    while trace is not None:
        found = _PARTS.get(PurePath(trace.tb_frame.f_code.co_filename).stem, found)
        trace = trace.tb_next
    return found
