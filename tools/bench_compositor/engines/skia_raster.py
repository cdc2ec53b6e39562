"""Skia on the CPU."""

from __future__ import annotations

import numpy as np
import skia

from bench_compositor.layers import Group, Layer, artwork, complement, light_only, times_white
from bench_compositor.timeline import Timeline
from mien.types import U8, Blend


class SkiaRaster:
    """One canvas on the picture itself; clip groups and mixes are layers of their own (`saveLayer`)."""

    note = ""

    def __init__(self, timeline: Timeline) -> None:
        art = artwork(timeline)
        self._frames = art.frames
        self._background = timeline.background
        self._picture = np.empty_like(timeline.background)
        self._surface = skia.Surface(self._picture, colorType=skia.kRGBA_8888_ColorType)
        self._canvas = self._surface.getCanvas()
        self._plain = [_image(i) for i in art.images]
        self._white = [_image(times_white(i)) for i in art.images]
        self._dark = [_image(complement(i)) for i in art.images]
        self._light = [_image(light_only(i)) for i in art.images]
        self._linear = skia.SamplingOptions(skia.FilterMode.kLinear)
        self._nearest = skia.SamplingOptions(skia.FilterMode.kNearest)
        self._matrices: dict[tuple[float, ...], skia.Matrix] = {}

    def draw(self, k: int) -> U8:
        np.copyto(self._picture, self._background)
        for group in self._frames[k]:
            self._group(group)
        return self._picture

    def _group(self, group: Group) -> None:
        canvas, base = self._canvas, group.base
        modes = {
            Blend.NORMAL: skia.BlendMode.kSrcOver,
            Blend.MULTIPLY: skia.BlendMode.kMultiply,
            Blend.SCREEN: skia.BlendMode.kScreen,
        }
        if not group.clipped:
            self._layer(base, self._plain, modes[base.blend])
            return
        paint = skia.Paint(BlendMode=modes[base.blend], Alphaf=base.opacity)
        canvas.saveLayer(skia.Rect(*base.bounds), paint)
        self._layer(base, self._plain, skia.BlendMode.kSrcOver, opaque=True)
        for layer in group.clipped:
            if layer.blend == Blend.NORMAL:
                self._layer(layer, self._plain, skia.BlendMode.kSrcATop)
            elif layer.blend == Blend.MULTIPLY:
                self._layer(layer, self._white, skia.BlendMode.kModulate)
            else:
                self._layer(layer, self._dark, skia.BlendMode.kModulate)
                self._layer(layer, self._light, skia.BlendMode.kSrcATop)
        canvas.restore()

    def _layer(
        self, layer: Layer, images: list[skia.Image], mode: skia.BlendMode, opaque: bool = False
    ) -> None:
        opacity = 1.0 if opaque else layer.opacity
        if len(layer.samples) == 1:
            self._sample(layer, 0, images, mode, layer.samples[0].weight * opacity)
            return
        assert mode != skia.BlendMode.kModulate, "no clipped multiply or screen layer fades in the timeline"
        self._canvas.saveLayer(skia.Rect(*layer.bounds), skia.Paint(BlendMode=mode, Alphaf=opacity))
        for i, sample in enumerate(layer.samples):
            self._sample(layer, i, images, skia.BlendMode.kPlus, sample.weight)
        self._canvas.restore()

    def _sample(
        self, layer: Layer, i: int, images: list[skia.Image], mode: skia.BlendMode, opacity: float
    ) -> None:
        sample, canvas = layer.samples[i], self._canvas
        paint = skia.Paint(BlendMode=mode, Alphaf=opacity)
        if sample.at is not None:
            canvas.drawImage(images[sample.image], *sample.at, self._nearest, paint)
            return
        matrix = self._matrices.get(sample.matrix)
        if matrix is None:
            a, b, c, d, tx, ty = sample.matrix
            matrix = self._matrices[sample.matrix] = skia.Matrix.MakeAll(a, c, tx, b, d, ty, 0, 0, 1)
        canvas.save()
        canvas.concat(matrix)
        canvas.drawImage(images[sample.image], 0, 0, self._linear, paint)
        canvas.restore()


def _image(pixels: U8) -> skia.Image:
    return skia.Image.fromarray(
        np.ascontiguousarray(pixels),
        colorType=skia.kRGBA_8888_ColorType,
        alphaType=skia.kPremul_AlphaType,
        copy=True,
    )


def make(timeline: Timeline) -> SkiaRaster:
    return SkiaRaster(timeline)
