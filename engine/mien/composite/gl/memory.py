"""Where arrays lie in memory, for functions of C that read or fill them."""

from __future__ import annotations

from mien.types import F32, U8


def address_of(values: F32 | U8) -> int:
    """The address of an array's first byte, as `ndarray.ctypes` says it: in Python, for 10 us in a frame."""
    address: int = values.__array_interface__["data"][0]
    return address
