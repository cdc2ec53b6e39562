"""GL calls that moderngl does not make, or makes while it holds the GIL.

moderngl never releases the GIL: a draw, a write or a read that waits for the GPU would stop every Python
thread. Calls that can wait long are made through ctypes here, which releases the GIL while they run.

The others keep it, because taking it back costs a switch interval, 5 ms, each time that another thread is
busy with Python: of a talk frame in which every call let go, 33 ms of 34 were that. How long a call can wait
is known from what the GPU owes: work asked of it behind which no fence has been reached.
"""

from __future__ import annotations

import ctypes
from typing import Any, Final

import moderngl
import numpy as np

from mien.composite.gl.current import loader_of
from mien.composite.gl.memory import address_of
from mien.types import F32, U8

Rects = list[tuple[int, int, int, int]]

_POINTS: Final = 0x0000
_TRIANGLES: Final = 0x0004
_FRAMEBUFFER: Final = 0x8D40
_COMPLETE: Final = 0x8CD5
_BLEND: Final = 0x0BE2
_FUNC_ADD: Final = 0x8006
_ONE: Final = 1
_ONE_MINUS_SRC_ALPHA: Final = 0x0303
_COLOR_BUFFER_BIT: Final = 0x4000
_RED: Final = 0x1903
_RGBA: Final = 0x1908
_BGRA: Final = 0x80E1
_UNSIGNED_BYTE: Final = 0x1401
_UNSIGNED_INT: Final = 0x1405
_FLOAT: Final = 0x1406
_PACK_ROW_LENGTH: Final = 0x0D02
_PACK_ALIGNMENT: Final = 0x0D05
_UNPACK_ALIGNMENT: Final = 0x0CF5
_ARRAY_BUFFER: Final = 0x8892
_PIXEL_PACK_BUFFER: Final = 0x88EB
_PIXEL_UNPACK_BUFFER: Final = 0x88EC
_STREAM_READ: Final = 0x88E1
_MAP_READ_BIT: Final = 0x0001
_TEXTURE_2D: Final = 0x0DE1
_TEXTURE_2D_ARRAY: Final = 0x8C1A
_TEXTURE0: Final = 0x84C0
_SPARE_UNIT: Final = 7
_SYNC_GPU_COMMANDS_COMPLETE: Final = 0x9117
_TIMEOUT_EXPIRED: Final = 0x911B

_SHORT: Final = 1 << 18
"""Pixels times layers owed up to which a call that may wait for them all holds the GIL: 1.3 ms at 5 ns."""
_QUEUED: Final = 1 << 23
"""The same for draws that sample nothing drawn before: they only queue, unless too much is queued. One that
samples what was drawn waits for it: on llvmpipe 66 ms of a frame of 640x360 with 32 layers."""


class Functions:
    """Loaded for one context; to be called while it is current."""

    def __init__(self, ctx: moderngl.Context) -> None:
        load = loader_of(ctx).load_opengl_function
        i, u, p, n = ctypes.c_int, ctypes.c_uint, ctypes.c_void_p, ctypes.c_ssize_t

        def state(name: str, *arguments: Any, result: Any = None) -> Any:
            return ctypes.PYFUNCTYPE(result, *arguments)(load(name))

        def waits(name: str, *arguments: Any, result: Any = None) -> tuple[Any, Any]:
            """The call that holds the GIL, and the one that releases it."""
            releasing = ctypes.CFUNCTYPE(result, *arguments)(load(name))
            return state(name, *arguments, result=result), releasing

        self.asked = 0
        """Pixels times layers asked of the GPU so far."""
        self.done = 0
        """Those of them that are known to be finished."""

        self._draw_elements = waits("glDrawElements", u, i, u, p)
        self._draw_arrays = waits("glDrawArrays", u, i, i)
        self._write_buffer = waits("glBufferSubData", u, n, n, p)
        self._write_texture = waits("glTexSubImage2D", u, i, i, i, i, i, u, u, p)
        self._write_layer = waits("glTexSubImage3D", u, i, i, i, i, i, i, i, u, u, p)
        self._copy_layer = waits("glCopyTexSubImage3D", u, i, i, i, i, i, i, i, i)
        self._read_pixels = waits("glReadPixels", i, i, i, i, u, u, p)
        self._map = waits("glMapBufferRange", u, n, n, u, result=p)
        self._buffer_data = waits("glBufferData", u, n, p, u)
        self._flush = waits("glFlush")
        self._unmap = state("glUnmapBuffer", u, result=ctypes.c_ubyte)
        self._use_program = state("glUseProgram", u)
        self._bind_vertex_array = state("glBindVertexArray", u)
        self._pixel_store = state("glPixelStorei", u, i)
        self._bind_buffer = state("glBindBuffer", u, u)
        self._bind_framebuffer = state("glBindFramebuffer", u, u)
        self._is_framebuffer = state("glIsFramebuffer", u, result=ctypes.c_ubyte)
        self._framebuffer_status = state("glCheckFramebufferStatus", u, result=u)
        self._viewport = state("glViewport", i, i, i, i)
        self._enable = state("glEnable", u)
        self._disable = state("glDisable", u)
        self._blend_function = state("glBlendFunc", u, u)
        self._blend_equation = state("glBlendEquation", u)
        self._clear_color = state("glClearColor", *(ctypes.c_float,) * 4)
        self._clear = state("glClear", u)
        self._active_texture = state("glActiveTexture", u)
        self._bind_texture = state("glBindTexture", u, u)
        self._make_textures = state("glGenTextures", i, ctypes.POINTER(u))
        self._delete_textures = state("glDeleteTextures", i, ctypes.POINTER(u))
        self._texture_image = state("glTexImage2D", u, i, i, i, i, i, u, u, p)
        self._make_buffers = state("glGenBuffers", i, ctypes.POINTER(u))
        self._delete_buffers = state("glDeleteBuffers", i, ctypes.POINTER(u))
        self._fence = waits("glFenceSync", u, u, result=p)
        # With a timeout of 0 it only looks.
        self._client_wait = state("glClientWaitSync", p, u, ctypes.c_uint64, result=u)
        self._delete_fence = state("glDeleteSync", p)

    def draw_indexed(self, program: int, array: int, first: int, count: int, *, samples_drawn: bool) -> None:
        """Draw `count` corners from corner `first` of an indexed vertex array on, as triangles.

        `samples_drawn`: the program samples what was drawn before.
        """
        self._use_program(program)
        self._bind_vertex_array(array)
        draw = self._draw_elements[self._owed > (_SHORT if samples_drawn else _QUEUED)]
        draw(_TRIANGLES, count, _UNSIGNED_INT, 4 * first)

    def draw(self, program: int, array: int, count: int) -> None:
        """Draw the first `count` corners of a vertex array as triangles; may sample what was drawn before."""
        self._use_program(program)
        self._bind_vertex_array(array)
        self._draw_arrays[self._owed > _SHORT](_TRIANGLES, 0, count)

    def is_framebuffer(self, name: int) -> bool:
        """Whether the context has a framebuffer of this name; 0 is a window's."""
        return name == 0 or bool(self._is_framebuffer(name))

    @property
    def can_draw(self) -> bool:
        """Whether the framebuffer in use can be drawn into."""
        return bool(self._framebuffer_status(_FRAMEBUFFER) == _COMPLETE)

    def draw_points(self, program: int, array: int, first: int, count: int) -> None:
        """Draw `count` points of a vertex array from point `first` on; samples nothing drawn before."""
        self._use_program(program)
        self._bind_vertex_array(array)
        self._draw_arrays[self.asked - self.done > _QUEUED](_POINTS, first, count)

    def use_framebuffer(self, framebuffer: int, viewport: tuple[int, int, int, int]) -> None:
        """Draw into a framebuffer of this name, 0 for a window's, within (left, bottom, width, height)."""
        self._bind_framebuffer(_FRAMEBUFFER, framebuffer)
        self._viewport(*viewport)

    def blend_over(self, on: bool) -> None:
        """Whether what is drawn, premultiplied, is blended over what is there, or takes its place."""
        if on:
            self._blend_equation(_FUNC_ADD)
            self._blend_function(_ONE, _ONE_MINUS_SRC_ALPHA)
        (self._enable if on else self._disable)(_BLEND)

    def use_nothing(self) -> None:
        """Have no program and no vertex array in use: what is deleted then is deleted at once."""
        self._use_program(0)
        self._bind_vertex_array(0)

    def clear(self) -> None:
        """Make the framebuffer in use transparent black."""
        self._clear_color(0.0, 0.0, 0.0, 0.0)
        self._clear(_COLOR_BUFFER_BIT)

    def write_buffer(self, buffer: moderngl.Buffer, values: F32) -> None:
        """Write an array, C-contiguous, to the beginning of a buffer."""
        self._bind_buffer(_ARRAY_BUFFER, buffer.glo)
        self._write_buffer[self._owed > _SHORT](_ARRAY_BUFFER, 0, values.nbytes, address_of(values))

    def write_texture(self, texture: moderngl.Texture, line: int, size: tuple[int, int], values: F32) -> None:
        """Write `size` (width, height) texels of float32, C-contiguous, to a texture from `line` on."""
        self._active_texture(_TEXTURE0 + _SPARE_UNIT)
        self._bind_texture(_TEXTURE_2D, texture.glo)
        self._bind_buffer(_PIXEL_UNPACK_BUFFER, 0)
        self._pixel_store(_UNPACK_ALIGNMENT, 4)
        texels = _RGBA if texture.components == 4 else _RED
        write = self._write_texture[self._owed > _SHORT]
        write(_TEXTURE_2D, 0, 0, line, *size, texels, _FLOAT, address_of(values))

    def write_layer(self, texture: moderngl.TextureArray, layer: int, line: int, lines: U8) -> None:
        """Write lines (n, width, 4), C-contiguous, of a layer from `line` on."""
        self._active_texture(_TEXTURE0 + _SPARE_UNIT)
        self._bind_texture(_TEXTURE_2D_ARRAY, texture.glo)
        self._bind_buffer(_PIXEL_UNPACK_BUFFER, 0)
        self._pixel_store(_UNPACK_ALIGNMENT, 4)
        size = (lines.shape[1], lines.shape[0], 1)
        write = self._write_layer[self._owed + lines.size // 4 > _SHORT]
        write(_TEXTURE_2D_ARRAY, 0, 0, line, layer, *size, _RGBA, _UNSIGNED_BYTE, address_of(lines))

    def copy_to_layer(self, texture: moderngl.TextureArray, layer: int, rects: Rects) -> None:
        """Copy parts of the framebuffer in use to the same parts of a layer."""
        self._active_texture(_TEXTURE0 + _SPARE_UNIT)
        self._bind_texture(_TEXTURE_2D_ARRAY, texture.glo)
        copy = self._copy_layer[self._owed > _SHORT]
        for left, top, right, bottom in rects:
            copy(_TEXTURE_2D_ARRAY, 0, left, top, layer, left, top, right - left, bottom - top)

    def read(self, picture: U8, rects: Rects, *, exchanged: bool = False) -> None:
        """Read parts of the framebuffer in use into the same parts of `picture`.

        `picture`: (h, w, 4) uint8, C-contiguous. `rects`: left, top, right, bottom each. `exchanged`: red is
        read as blue and blue as red. Waits for the GPU.
        """
        self._read(0, address_of(picture), picture.shape[1], rects, _BGRA if exchanged else _RGBA)
        self.done = self.asked

    def read_to_buffer(self, buffer: int, width: int, rects: Rects, *, exchanged: bool = False) -> None:
        """As `read`, into the same parts of a picture of this width in a pixel buffer. GPUs do not wait."""
        self._read(buffer, 0, width, rects, _BGRA if exchanged else _RGBA)
        self._bind_buffer(_PIXEL_PACK_BUFFER, 0)

    def make_pixel_buffer(self, size: int) -> int:
        """A buffer of so many bytes to read pixels into: in memory that the processor reads fast."""
        name = ctypes.c_uint()
        self._make_buffers(1, ctypes.byref(name))
        self._bind_buffer(_PIXEL_PACK_BUFFER, name.value)
        self._buffer_data[True](_PIXEL_PACK_BUFFER, size, None, _STREAM_READ)
        self._bind_buffer(_PIXEL_PACK_BUFFER, 0)
        return name.value

    def copy_from_buffer(self, buffer: int, picture: U8, rects: Rects) -> bool:
        """Copy parts of the picture in a pixel buffer to `picture`. False when the driver does not give it.

        Waits for the GPU unless a fence behind what filled the buffer has been reached.
        """
        self._bind_buffer(_PIXEL_PACK_BUFFER, buffer)
        address = self._map[self._owed > _SHORT](_PIXEL_PACK_BUFFER, 0, picture.nbytes, _MAP_READ_BIT)
        if address:
            mapped = memoryview((ctypes.c_ubyte * picture.nbytes).from_address(address))
            filled = np.frombuffer(mapped, np.uint8).reshape(picture.shape)
            for left, top, right, bottom in rects:
                picture[top:bottom, left:right] = filled[top:bottom, left:right]
            address = self._unmap(_PIXEL_PACK_BUFFER)
        self._bind_buffer(_PIXEL_PACK_BUFFER, 0)
        return bool(address)

    def make_bgra_texture(self, size: tuple[int, int]) -> int:
        """A texture whose texels lie in memory as blue, green, red, alpha."""
        name = ctypes.c_uint()
        self._make_textures(1, ctypes.byref(name))
        self._active_texture(_TEXTURE0 + _SPARE_UNIT)
        self._bind_texture(_TEXTURE_2D, name.value)
        self._bind_buffer(_PIXEL_UNPACK_BUFFER, 0)
        self._texture_image(_TEXTURE_2D, 0, _RGBA, *size, 0, _BGRA, _UNSIGNED_BYTE, None)
        return name.value

    def delete_texture(self, name: int) -> None:
        """Free a texture of `make_bgra_texture`."""
        self._delete_textures(1, ctypes.byref(ctypes.c_uint(name)))

    def write_exchanged(self, texture: moderngl.Texture, pixels: U8) -> None:
        """Fill such a texture with (h, w, 4) uint8 RGBA, C-contiguous: its red is their blue."""
        self._active_texture(_TEXTURE0 + _SPARE_UNIT)
        self._bind_texture(_TEXTURE_2D, texture.glo)
        self._bind_buffer(_PIXEL_UNPACK_BUFFER, 0)
        self._pixel_store(_UNPACK_ALIGNMENT, 4)
        write = self._write_texture[self._owed > _SHORT]
        write(_TEXTURE_2D, 0, 0, 0, *texture.size, _BGRA, _UNSIGNED_BYTE, address_of(pixels))

    def delete_buffer(self, buffer: int) -> None:
        """Free a pixel buffer."""
        self._delete_buffers(1, ctypes.byref(ctypes.c_uint(buffer)))

    def fence(self) -> int:
        """A fence behind all that was asked of the GPU so far, which is sent on its way."""
        long = self._owed > _SHORT
        fence: int = self._fence[long](_SYNC_GPU_COMMANDS_COMPLETE, 0)
        self._flush[long]()
        return fence

    def reached(self, fence: int) -> bool:
        """Whether the GPU has come to the fence. Never waits."""
        return bool(self._client_wait(fence, 0, 0) != _TIMEOUT_EXPIRED)

    def delete_fence(self, fence: int) -> None:
        """Free a fence, reached or not."""
        self._delete_fence(fence)

    @property
    def _owed(self) -> int:
        return self.asked - self.done

    def _read(self, buffer: int, address: int, width: int, rects: Rects, texels: int = _RGBA) -> None:
        self._bind_buffer(_PIXEL_PACK_BUFFER, buffer)
        self._pixel_store(_PACK_ROW_LENGTH, width)
        self._pixel_store(_PACK_ALIGNMENT, 1)
        # To copy a pixel takes an eighth of the time to draw it.
        copied = sum((right - left) * (bottom - top) for left, top, right, bottom in rects)
        read = self._read_pixels[self._owed + copied // 8 > _SHORT]
        for left, top, right, bottom in rects:
            at = address + 4 * (top * width + left)
            read(left, top, right - left, bottom - top, texels, _UNSIGNED_BYTE, at)
        self._pixel_store(_PACK_ROW_LENGTH, 0)
