"""Atlas pages read back from the GPU, for whoever wants to look at them."""

from __future__ import annotations

import ctypes
from typing import Any, Final

import moderngl
import numpy as np

from mien.composite.gl.current import loader_of
from mien.composite.gl.memory import address_of
from mien.types import U8

_READ_FRAMEBUFFER: Final = 0x8CA8
_READ_FRAMEBUFFER_BINDING: Final = 0x8CAA
_FIRST_ATTACHMENT: Final = 0x8CE0
_RGBA: Final = 0x1908
_UNSIGNED_BYTE: Final = 0x1401


def read_layers(
    texture: moderngl.TextureArray, first: int, count: int, lines: tuple[int, int] | None = None
) -> U8:
    """Layers of a texture array of RGBA at 8 bits: (count, height, width, 4) uint8. Waits for the GPU.
    `lines`: only from the first of these to before the second.

    The context is current. Its framebuffer for reading is as it was afterwards.
    """
    load = loader_of(texture.ctx).load_opengl_function
    i, u, p = ctypes.c_int, ctypes.c_uint, ctypes.c_void_p

    def call(name: str, *kinds: Any, releases: bool = False) -> Any:
        kind = ctypes.CFUNCTYPE if releases else ctypes.PYFUNCTYPE
        return kind(None, *kinds)(load(name))

    bind = call("glBindFramebuffer", u, u)
    attach = call("glFramebufferTextureLayer", u, u, u, i, i)
    read = call("glReadPixels", i, i, i, i, u, u, p, releases=True)
    width, height, _ = texture.size
    begin, end = lines or (0, height)
    height = end - begin
    out = np.empty((count, height, width, 4), np.uint8)
    before, made = i(), u()
    call("glGetIntegerv", u, ctypes.POINTER(i))(_READ_FRAMEBUFFER_BINDING, ctypes.byref(before))
    call("glGenFramebuffers", i, ctypes.POINTER(u))(1, ctypes.byref(made))
    try:
        bind(_READ_FRAMEBUFFER, made.value)
        for nth in range(count):
            attach(_READ_FRAMEBUFFER, _FIRST_ATTACHMENT, texture.glo, 0, first + nth)
            read(0, begin, width, height, _RGBA, _UNSIGNED_BYTE, address_of(out[nth]))
    finally:
        bind(_READ_FRAMEBUFFER, before.value)
        call("glDeleteFramebuffers", i, ctypes.POINTER(u))(1, ctypes.byref(made))
    return out
