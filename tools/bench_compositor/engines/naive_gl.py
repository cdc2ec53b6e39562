"""OpenGL as one would first write it: a draw per layer, uniforms, fixed blending, the whole frame read."""

from __future__ import annotations

from typing import Any

import moderngl
import numpy as np

from bench_compositor.layers import Group, Layer, artwork
from bench_compositor.timeline import Timeline
from mien.composite.gl import open_headless
from mien.types import U8, Blend

_VERTEX = """
#version 330 core
uniform vec4 linear;  // a, b, c, d
uniform vec2 move;
uniform vec2 extent;
uniform vec2 frame;
in vec2 corner;
out vec2 at;
void main() {
    at = corner;
    vec2 p = corner * extent;
    vec2 place = vec2(linear.x * p.x + linear.z * p.y, linear.y * p.x + linear.w * p.y) + move;
    gl_Position = vec4(place / frame * 2.0 - 1.0, 0.0, 1.0);
}
"""
_FRAGMENT = """
#version 330 core
uniform sampler2D image;
uniform float opacity;
in vec2 at;
out vec4 colour;
void main() { colour = texture(image, at) * opacity; }
"""
_GROUP = """
#version 330 core
uniform sampler2D image;
uniform float opacity;
out vec4 colour;
void main() { colour = texelFetch(image, ivec2(gl_FragCoord.xy), 0) * opacity; }
"""
Factors = Any
"""Source and target factor of colour, then of alpha; moderngl's stub knows the pair for both only."""
_Z, _ONE = moderngl.ZERO, moderngl.ONE
_LESS_ALPHA, _LESS_COLOUR = moderngl.ONE_MINUS_SRC_ALPHA, moderngl.ONE_MINUS_SRC_COLOR
_DST_COLOUR, _DST_ALPHA = moderngl.DST_COLOR, moderngl.DST_ALPHA
# Right over an opaque picture.
_OVER = {
    Blend.NORMAL: (_ONE, _LESS_ALPHA, _ONE, _LESS_ALPHA),
    Blend.MULTIPLY: (_DST_COLOUR, _LESS_ALPHA, _Z, _ONE),
    Blend.SCREEN: (_ONE, _LESS_COLOUR, _Z, _ONE),
}
# Right within a clip group: the alpha stays.
_WITHIN = {
    Blend.NORMAL: (_DST_ALPHA, _LESS_ALPHA, _Z, _ONE),
    Blend.MULTIPLY: (_DST_COLOUR, _LESS_ALPHA, _Z, _ONE),
    Blend.SCREEN: (_DST_ALPHA, _LESS_COLOUR, _Z, _ONE),
}
_SUM: Factors = (_ONE, _ONE, _ONE, _ONE)


class NaiveGl:
    """Textures per drawing; clip groups and mixes go through a second target."""

    note = ""

    def __init__(self, timeline: Timeline) -> None:
        art = artwork(timeline)
        self._frames = art.frames
        self._ctx = ctx = open_headless()
        size = timeline.scenario.size
        self._picture = np.empty_like(timeline.background)
        self._shown = [ctx.texture(size, 4) for _ in range(3)]
        self._targets = [ctx.framebuffer([texture]) for texture in self._shown]
        self._below = ctx.framebuffer([ctx.texture(size, 4, timeline.background.tobytes())])
        self._images = [ctx.texture((i.shape[1], i.shape[0]), 4, i.tobytes()) for i in art.images]
        for texture in self._images:
            texture.repeat_x = texture.repeat_y = False
        corners = np.array(((0, 0), (1, 0), (0, 1), (1, 1)), np.float32)
        buffer = ctx.buffer(corners.tobytes())
        self._program = ctx.program(_VERTEX, _FRAGMENT)
        self._quad = ctx.vertex_array(self._program, [(buffer, "2f", "corner")])
        self._copy = ctx.program(_VERTEX, _GROUP)
        self._copy_quad = ctx.vertex_array(self._copy, [(buffer, "2f", "corner")])
        for program in (self._program, self._copy):
            program["frame"] = size
        self._copy["linear"] = (1.0, 0.0, 0.0, 1.0)
        ctx.enable_only(moderngl.BLEND)

    def draw(self, k: int) -> U8:
        self._ctx.copy_framebuffer(self._targets[0], self._below)
        self._targets[0].use()
        for group in self._frames[k]:
            if group.clipped:
                self._group(group)
            else:
                self._layer(group.base, 0, _OVER[group.base.blend], group.base.opacity)
        self._targets[0].read_into(self._picture, components=4, alignment=1)
        return self._picture

    def _group(self, group: Group) -> None:
        base = group.base
        self._begin(1, base)
        self._layer(base, 1, _OVER[Blend.NORMAL], 1.0)
        for layer in group.clipped:
            self._layer(layer, 1, _WITHIN[layer.blend], layer.opacity)
        self._end(1, 0, base, _OVER[base.blend], base.opacity)

    def _layer(self, layer: Layer, target: int, factors: Factors, opacity: float) -> None:
        if len(layer.samples) == 1:
            self._sample(layer, 0, factors, layer.samples[0].weight * opacity)
            return
        self._begin(2, layer)
        for i, sample in enumerate(layer.samples):
            self._sample(layer, i, _SUM, sample.weight)
        self._end(2, target, layer, factors, opacity)

    def _begin(self, target: int, layer: Layer) -> None:
        left, top, right, bottom = layer.bounds
        self._targets[target].use()
        self._targets[target].clear(viewport=(left, top, right - left, bottom - top))

    def _end(self, target: int, below: int, layer: Layer, factors: Factors, opacity: float) -> None:
        left, top, right, bottom = layer.bounds
        self._targets[below].use()
        self._ctx.blend_func = factors
        self._shown[target].use(0)
        self._copy["move"] = (left, top)
        self._copy["extent"] = (right - left, bottom - top)
        self._copy["opacity"] = opacity
        self._copy_quad.render(moderngl.TRIANGLE_STRIP)

    def _sample(self, layer: Layer, i: int, factors: Factors, opacity: float) -> None:
        sample = layer.samples[i]
        texture = self._images[sample.image]
        texture.use(0)
        self._ctx.blend_func = factors
        a, b, c, d, tx, ty = sample.matrix
        self._program["linear"] = (a, b, c, d)
        self._program["move"] = sample.at or (tx, ty)
        self._program["extent"] = texture.size
        self._program["opacity"] = opacity
        self._quad.render(moderngl.TRIANGLE_STRIP)


def make(timeline: Timeline) -> NaiveGl:
    return NaiveGl(timeline)
