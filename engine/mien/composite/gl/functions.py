"""The few GL calls that moderngl does not make, through the context's own loader.

Calls through ctypes release the interpreter's lock while they run; moderngl's never do.
"""

from __future__ import annotations

import ctypes
from typing import Any, Final, cast

import moderngl

from mien.types import U8

_RGBA: Final = 0x1908
_UNSIGNED_BYTE: Final = 0x1401
_PACK_ROW_LENGTH: Final = 0x0D02
_PIXEL_PACK_BUFFER: Final = 0x88EB
_PACK_ALIGNMENT: Final = 0x0D05
_TEXTURE_2D_ARRAY: Final = 0x8C1A
_TEXTURE0: Final = 0x84C0
_SPARE_UNIT: Final = 7


class Functions:
    """Loaded for one context; to be called while it is current."""

    def __init__(self, ctx: moderngl.Context) -> None:
        load = cast(Any, ctx.mglo)._context.load_opengl_function
        i, p = ctypes.c_int, ctypes.c_void_p

        def function(name: str, *arguments: Any) -> Any:
            return ctypes.CFUNCTYPE(None, *arguments)(load(name))

        self._read_pixels = function("glReadPixels", i, i, i, i, ctypes.c_uint, ctypes.c_uint, p)
        self._pixel_store = function("glPixelStorei", ctypes.c_uint, i)
        self._bind_buffer = function("glBindBuffer", ctypes.c_uint, ctypes.c_uint)
        self._active_texture = function("glActiveTexture", ctypes.c_uint)
        self._bind_texture = function("glBindTexture", ctypes.c_uint, ctypes.c_uint)
        self._copy_layer = function("glCopyTexSubImage3D", ctypes.c_uint, i, i, i, i, i, i, i, i)

    def read(self, picture: U8, rects: list[tuple[int, int, int, int]]) -> None:
        """Read parts of the framebuffer in use into the same parts of `picture`.

        `picture`: (h, w, 4) uint8, C-contiguous. `rects`: left, top, right, bottom each. Waits for the GPU.
        """
        width = picture.shape[1]
        address = picture.ctypes.data
        self._bind_buffer(_PIXEL_PACK_BUFFER, 0)
        self._pixel_store(_PACK_ROW_LENGTH, width)
        self._pixel_store(_PACK_ALIGNMENT, 1)
        for left, top, right, bottom in rects:
            at = address + 4 * (top * width + left)
            self._read_pixels(left, top, right - left, bottom - top, _RGBA, _UNSIGNED_BYTE, at)
        self._pixel_store(_PACK_ROW_LENGTH, 0)

    def copy_to_layer(
        self, texture: moderngl.TextureArray, layer: int, rects: list[tuple[int, int, int, int]]
    ) -> None:
        """Copy parts of the framebuffer in use to the same parts of a layer."""
        self._active_texture(_TEXTURE0 + _SPARE_UNIT)
        self._bind_texture(_TEXTURE_2D_ARRAY, texture.glo)
        for left, top, right, bottom in rects:
            self._copy_layer(_TEXTURE_2D_ARRAY, 0, left, top, layer, left, top, right - left, bottom - top)
