"""The array of a host's that a frame is to go to."""

from __future__ import annotations

import numpy as np

from mien.arguments import refuse
from mien.errors import ScriptError
from mien.types import U8, Size


def checked_out(out: U8 | None, size: Size) -> U8 | None:
    """`out`, where frames of this size can go to it, or None. Raises ScriptError where they cannot."""
    shape = (size.height, size.width, 4)
    if out is None:
        return None
    if not isinstance(out, np.ndarray):
        refuse("out", out, f"an array of {shape} uint8, or leave it out")
    if out.shape != shape or out.dtype != np.uint8 or not out.flags.carray:
        raise ScriptError(
            f"out cannot be {_kind_of(out)}: give one of {shape} uint8, C-contiguous and writable, as "
            f"np.empty({shape}, np.uint8) is."
        )
    return out


def _kind_of(out: np.ndarray[tuple[int, ...], np.dtype[np.generic]]) -> str:
    kinds = ("" if out.flags.writeable else "a read-only ", "" if out.flags.c_contiguous else "a strided ")
    return f"{''.join(kinds) or 'a '}{out.shape} {out.dtype} array"
