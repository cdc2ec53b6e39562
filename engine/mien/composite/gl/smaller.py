"""Frames that are drawn smaller than they are, with fewer pixels, and filtered up to their size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import moderngl
import numpy as np

from mien.composite.gl.counters import Counters
from mien.composite.gl.functions import Functions
from mien.composite.gl.programs import ENLARGE, Program, Programs
from mien.composite.gl.rectangles import Rectangle, around_all
from mien.composite.scaled import scaled_size
from mien.types import U8, Size


@dataclass(frozen=True, slots=True)
class _Level:
    """What frames of one scale are drawn into."""

    texture: moderngl.Texture
    framebuffer: moderngl.Framebuffer
    source: moderngl.Texture
    """What is filtered up: the same, or where `pixels` of it are put with red and blue exchanged."""
    pixels: U8 | None
    """(h, w, 4) uint8, on a software renderer."""


class Smaller:
    """A target for each scale, and `whole`, which they are filtered up into; for a compositor of this size.

    On a software renderer that takes 1.5 ms of processor time for 1280x720, if both textures are BGRA, and
    5.7 if not; everything else is drawn in RGBA. So the small picture, which is there in memory, is brought
    to a BGRA texture as it is, red and blue exchanged, and read back the same way.

    Parameters: `scales` below 1; `viewport` of all that programs draw into; `frame`, the frame's own
    framebuffer, into which a GPU filters. All is made at once: a change of scale makes nothing.
    """

    def __init__(
        self,
        ctx: moderngl.Context,
        functions: Functions,
        size: Size,
        viewport: Size,
        scales: Sequence[float],
        frame: moderngl.Framebuffer,
        counters: Counters,
        *,
        software: bool,
    ) -> None:
        self._ctx, self._functions, self._size, self._counters = ctx, functions, size, counters
        self._made: list[moderngl.Texture | moderngl.Framebuffer] = []
        self._names: list[int] = []
        self.exchanged = software
        """Whether `whole` has red and blue exchanged."""
        self.whole = frame
        """The frame at its size, once `enlarge` has been called."""
        try:
            self._levels = {scale: self._level(scaled_size(size, scale), viewport) for scale in scales}
            if software:
                self.whole = ctx.framebuffer([self._bgra(size)])
                self._own(self.whole)
        except BaseException:
            self.release()
            raise
        self.scale = 1.0
        """At which the frame was drawn last."""
        self._box: Rectangle | None = None

    def link(self, programs: Programs) -> None:
        """Compile what `enlarge` needs."""
        self._programs = programs
        self._program: Program = programs.link(ENLARGE, "enlarge.frag.glsl")

    def framebuffer(self, scale: float) -> moderngl.Framebuffer:
        """What a frame of this scale below 1 is drawn into."""
        return self._levels[scale].framebuffer

    def texture(self, scale: float) -> moderngl.Texture:
        """The same as a texture."""
        return self._levels[scale].texture

    def drawn(self, scale: float, box: Rectangle) -> None:
        """A rectangle of the frame (left, top, right, bottom) is new, drawn at this scale, 1 included."""
        before = self._box if scale == self.scale else None
        self.scale, self._box = scale, None
        if scale != 1.0:
            self._box = box if before is None else around_all((before, box))

    def enlarge(self) -> bool:
        """Have what is new filtered up into `whole`, which on software waits. False if nothing is new."""
        box, self._box = self._box, None
        if box is None:
            return False
        level = self._levels[self.scale]
        width, height = level.texture.size
        if level.pixels is not None:
            level.framebuffer.use()
            self._functions.read(level.pixels, [(0, 0, width, height)])
            self._functions.write_exchanged(level.source, level.pixels)
        left, top, right, bottom = box
        unit_x, unit_y = self.scale / width, self.scale / height
        viewport = (left, top, right - left, bottom - top)
        self._functions.use_framebuffer(self.whole.glo, viewport)
        self._functions.asked += viewport[2] * viewport[3]
        self._programs.use("picture", level.source)
        self._program.set(
            "part", (left * unit_x, top * unit_y, (right - left) * unit_x, (bottom - top) * unit_y)
        )
        self._program.draw_full(corners=6)
        return True

    def warm_up(self) -> None:
        """Do it once: drivers finish a program when its first pixel is drawn."""
        for scale in self._levels:
            self.drawn(scale, (0, 0, 1, 1))
            self.enlarge()
        self.drawn(1.0, (0, 0, 1, 1))

    def release(self) -> None:
        """Free all of it."""
        for one in self._made:
            one.release()
            self._counters.freed += 1
        for name in self._names:
            self._functions.delete_texture(name)
        self._made.clear()
        self._names.clear()

    def _level(self, size: Size, viewport: Size) -> _Level:
        texture = self._ctx.texture(size, 4)
        self._own(texture)
        _at_edges(texture)
        framebuffer = self._ctx.framebuffer([texture])
        self._own(framebuffer)
        framebuffer.clear()
        framebuffer.viewport = (0, 0, *viewport)
        if not self.exchanged:
            return _Level(texture, framebuffer, texture, None)
        pixels = np.zeros((size.height, size.width, 4), np.uint8)
        return _Level(texture, framebuffer, self._bgra(size), pixels)

    def _bgra(self, size: Size) -> moderngl.Texture:
        """A texture that moderngl does not make."""
        name = self._functions.make_bgra_texture(size)
        self._names.append(name)
        texture = self._ctx.external_texture(name, size, 4, 0, "f1")
        self._own(texture)
        _at_edges(texture)
        return texture

    def _own(self, one: moderngl.Texture | moderngl.Framebuffer) -> None:
        self._made.insert(0, one)
        self._counters.allocations += 1


def _at_edges(texture: moderngl.Texture) -> None:
    texture.filter = (moderngl.LINEAR, moderngl.LINEAR)
    texture.repeat_x = texture.repeat_y = False
