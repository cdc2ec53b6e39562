"""The panel's picture on the GPU: it is kept, only what differs is drawn again, and copied to each frame."""

from __future__ import annotations

import ctypes
import math
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, TypeAlias, cast

import moderngl
import numpy as np

from mien.composite.gl.context import is_software
from mien.composite.gl.current import loader_of
from mien.composite.gl.shader_source import shader_source
from mien.preview.triangles import Run, Triangles
from mien.types import U8, Size

_DRAW_FRAMEBUFFER: Final = 0x8CA9
_READ_FRAMEBUFFER: Final = 0x8CA8
_FRAMEBUFFER: Final = 0x8D40
_COLOR_BUFFER_BIT: Final = 0x4000
_NEAREST: Final = 0x2600
_Box: TypeAlias = tuple[float, float, float, float]
_UNIT: Final = 9
"""A texture unit that the compositor leaves alone."""


@dataclass(slots=True)
class Drawn:
    """What the panel has asked of the GPU. All only ever grow."""

    copies: int = 0
    """Frames that it was copied to."""
    draws: int = 0
    """Draw calls."""
    triangles: int = 0
    """Triangles of them."""
    pixels: int = 0
    """Pixels within which they were drawn."""


class Canvas:
    """Belongs to the context of `ctx`, which is current in every call.

    Afterwards nothing is blended, nothing cut off, and no framebuffer of the canvas is in use.
    """

    def __init__(self, ctx: moderngl.Context, background: tuple[float, float, float]) -> None:
        self.counts: Final = Drawn()
        self._is_open = True
        self._ctx = ctx
        self._background = background
        self._program = ctx.program(
            vertex_shader=shader_source("panel.vert.glsl"), fragment_shader=shader_source("panel.frag.glsl")
        )
        self._program["picture"] = _UNIT
        self._textures: dict[int, moderngl.Texture] = {}
        self._white = 0
        self._kept, self._over = _Mesh(ctx, self._program), _Mesh(ctx, self._program)
        self._target: moderngl.Framebuffer | None = None
        self._shown: Triangles | None = None
        self._choice: _Choice | None = None
        load = loader_of(ctx).load_opengl_function
        i, u = ctypes.c_int, ctypes.c_uint
        self._bind = ctypes.PYFUNCTYPE(None, u, u)(load("glBindFramebuffer"))
        # A software renderer waits in it until the picture below is drawn, 6 to 10 ms at 1280x720 on two busy
        # cores: the GIL is released meanwhile.
        function = ctypes.CFUNCTYPE if is_software(ctx) else ctypes.PYFUNCTYPE
        self._blit = function(None, *(i,) * 8, u, u)(load("glBlitFramebuffer"))

    # -- textures ---------------------------------------------------------------------------------

    def add_texture(self, pixels: U8, *, smooth: bool = True) -> int:
        """A texture of (h, w, 4) uint8, C-contiguous; its name, for runs. `smooth`: filtered."""
        texture = self._ctx.texture((pixels.shape[1], pixels.shape[0]), 4, pixels)
        texture.repeat_x = texture.repeat_y = False
        if not smooth:
            texture.filter = moderngl.NEAREST, moderngl.NEAREST
        self._textures[texture.glo] = texture
        return int(texture.glo)

    def write_texture(self, name: int, pixels: U8, first: int = 0) -> None:
        """Other contents for whole rows, (h, w, 4) uint8, from row `first` on."""
        self._textures[name].write(pixels, viewport=(0, first, pixels.shape[1], pixels.shape[0]))

    def drop_texture(self, name: int) -> None:
        """Free a texture."""
        self._textures.pop(name).release()

    # -- drawing ----------------------------------------------------------------------------------

    def forget(self) -> None:
        """Draw all of it the next time."""
        self._shown = None

    def choose(self, triangles: Triangles) -> None:
        """Find out what of these differs from what is shown: done ahead of `draw`, it takes its share of
        another frame."""
        damage = triangles.damage(self._shown)
        goes, corners = self._chosen(triangles, damage)
        self._choice = _Choice(triangles, self._shown, damage, goes, corners)

    def has_chosen(self, triangles: Triangles) -> bool:
        """Whether that was found out of these, and holds still."""
        choice = self._choice
        return choice is not None and choice.triangles is triangles and choice.shown is self._shown

    def draw(self, triangles: Triangles, size: Size, scale: float) -> None:
        """Bring the kept picture to what the triangles show.

        `size`: of the picture in pixels; `scale`: pixels to a point.
        """
        target = self._target_of(size)
        if not self.has_chosen(triangles):
            self.choose(triangles)
        choice = self._choice
        assert choice is not None
        self._shown, self._choice = triangles, None
        damage, goes, chosen = choice.damage, choice.goes, choice.corners
        if not damage:
            return
        array = self._kept.write(triangles.vertices, chosen)
        self._program["size"] = triangles.size
        target.use()
        self._blend()
        for rectangle in damage:
            box = _pixels(rectangle, rectangle, size, scale)
            if box is None:
                continue
            target.clear(*self._background, 1.0, viewport=box)
            self.counts.pixels += box[2] * box[3]
            for run in goes.get(rectangle, ()):
                clip = _pixels(run.clip, rectangle, size, scale)
                if clip is not None:
                    target.scissor = clip
                    self._textures[run.texture].use(_UNIT)
                    array.render(moderngl.TRIANGLES, vertices=run.count, first=run.first)
                    self.counts.draws += 1
                    self.counts.triangles += run.count // 3
            target.scissor = cast(Any, None)
        self._ctx.enable_only(moderngl.NOTHING)

    def over(self, screen: moderngl.Framebuffer, size: Size, vertices: U8, indices: Any) -> None:
        """Draw triangles over a framebuffer of `size` pixels: places in pixels, textures' texels all white.

        `vertices`: (n, 20) uint8, `indices`: (corners,) uint32, as `Triangles` has them.
        """
        if not self._white:
            self._white = self.add_texture(np.full((1, 1, 4), 255, np.uint8))
        array = self._over.write(vertices, indices)
        self._program["size"] = (float(size.width), float(size.height))
        screen.use()
        self._ctx.viewport = (0, 0, size.width, size.height)
        self._blend()
        self._textures[self._white].use(_UNIT)
        array.render(moderngl.TRIANGLES, vertices=len(indices))
        self._ctx.enable_only(moderngl.NOTHING)
        self.counts.draws += 1
        self.counts.triangles += len(indices) // 3

    def show(self, screen: int, left: int, height: int) -> None:
        """Copy the picture to a framebuffer of this name, 0 for a window's: from pixel `left`, at the top of
        `height` pixels."""
        if self._target is None:
            return
        width, tall = self._target.size
        self._bind(_READ_FRAMEBUFFER, self._target.glo)
        self._bind(_DRAW_FRAMEBUFFER, screen)
        self._blit(0, 0, width, tall, left, height - tall, left + width, height, _COLOR_BUFFER_BIT, _NEAREST)
        self._bind(_FRAMEBUFFER, screen)
        self.counts.copies += 1

    def read(self) -> U8:
        """The picture as (h, w, 4) uint8 RGBA, top row first. Waits for the GPU."""
        assert self._target is not None
        width, height = self._target.size
        pixels = np.frombuffer(self._target.read(components=4, alignment=1), np.uint8)
        return pixels.reshape(height, width, 4)[::-1].copy()

    def close(self) -> None:
        """Free everything. Idempotent."""
        if self._is_open:
            self._is_open = False
            if self._ctx.screen is not None:  # moderngl binds what it knows to be in use again after a read
                self._ctx.screen.use()
            for mesh in (self._kept, self._over):
                mesh.release()
            for one in (*self._textures.values(), self._program, *self._target_parts()):
                one.release()
            self._textures.clear()
            self._target = None

    # -- parts ------------------------------------------------------------------------------------

    def _blend(self) -> None:
        ctx: Any = self._ctx
        ctx.enable_only(moderngl.BLEND)
        ctx.blend_equation = moderngl.FUNC_ADD
        ctx.blend_func = moderngl.SRC_ALPHA, moderngl.ONE_MINUS_SRC_ALPHA, moderngl.ONE, moderngl.ONE

    def _chosen(self, triangles: Triangles, damage: list[_Box]) -> tuple[dict[_Box, list[Run]], Any]:
        """The runs to draw within each rectangle, and the indices that they are of."""
        corners = triangles.indices.reshape(-1, 3)
        goes: dict[_Box, list[Run]] = {}
        parts, first = [], 0
        for rectangle in damage:
            within = triangles.within(rectangle)
            for run in triangles.runs:
                begin, end = run.first // 3, (run.first + run.count) // 3
                part = corners[begin:end][within[begin:end]]
                if len(part):
                    goes.setdefault(rectangle, []).append(Run(run.texture, run.clip, first, part.size))
                    parts.append(part)
                    first += part.size
        return goes, np.concatenate(parts) if parts else corners[:0]

    def _target_of(self, size: Size) -> moderngl.Framebuffer:
        if self._target is None or self._target.size != (size.width, size.height):
            old = self._target_parts()
            self._target = self._ctx.framebuffer([self._ctx.texture((size.width, size.height), 4)])
            for part in old:  # not before: moderngl binds again what was in use when it made the new one
                part.release()
            self._shown = None
        return self._target

    def _target_parts(self) -> list[Any]:
        return [] if self._target is None else [self._target, *self._target.color_attachments]


class _Choice(NamedTuple):
    """What is to be drawn next."""

    triangles: Triangles
    shown: Triangles | None
    """What the picture shows, that they were held against."""
    damage: list[_Box]
    """Rectangles in points."""
    goes: dict[_Box, list[Run]]
    """What to draw within each,"""
    corners: Any
    """and the indices that that is of."""


class _Mesh:
    """A vertex array whose buffers grow. Parameters: `ctx`; `program`, the panel's."""

    def __init__(self, ctx: moderngl.Context, program: moderngl.Program) -> None:
        self._ctx, self._program = ctx, program
        self._parts: tuple[moderngl.Buffer, moderngl.Buffer, moderngl.VertexArray] | None = None

    def write(self, vertices: U8, indices: Any) -> moderngl.VertexArray:
        """The vertex array, with these in its buffers."""
        parts = self._parts
        if parts is None or parts[0].size < vertices.nbytes or parts[1].size < indices.nbytes:
            self.release()
            corners = self._ctx.buffer(reserve=max(1 << 12, 2 * vertices.nbytes), dynamic=True)
            order = self._ctx.buffer(reserve=max(1 << 12, 2 * indices.nbytes), dynamic=True)
            array = self._ctx.vertex_array(
                self._program,
                [(corners, "2f 2f 4f1", "place", "texel", "colour")],
                index_buffer=order,
                index_element_size=4,
            )
            parts = self._parts = (corners, order, array)
        if indices.nbytes:
            for buffer, values in ((parts[0], vertices), (parts[1], indices)):
                buffer.orphan()  # what the GPU still reads is left to it
                buffer.write(np.ascontiguousarray(values))
        return parts[2]

    def release(self) -> None:
        """Free it. Idempotent."""
        for one in reversed(self._parts or ()):
            one.release()
        self._parts = None


def _pixels(
    one: tuple[float, float, float, float],
    other: tuple[float, float, float, float],
    size: Size,
    scale: float,
) -> tuple[int, int, int, int] | None:
    """Where both rectangles (in points, y down) overlap as (left, bottom, width, height) in pixels, y up."""
    left = max(0, math.floor(max(one[0], other[0]) * scale))
    top = max(0, math.floor(max(one[1], other[1]) * scale))
    right = min(size.width, math.ceil(min(one[2], other[2]) * scale))
    bottom = min(size.height, math.ceil(min(one[3], other[3]) * scale))
    if right <= left or bottom <= top:
        return None
    return left, size.height - bottom, right - left, bottom - top
