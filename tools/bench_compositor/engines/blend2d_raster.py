"""Blend2D, the fastest of the libraries."""

from __future__ import annotations

import tempfile
from pathlib import Path

import blend2d
import numpy as np
from PIL import Image

from bench_compositor.layers import Group, Layer, artwork, times_white
from bench_compositor.timeline import Timeline
from mien.types import U8, Blend

_OVER, _PLUS, _ATOP, _COPY, _IN, _SCREEN, _MODULATE = (
    blend2d.BLCompOp.SRC_OVER,
    blend2d.BLCompOp.PLUS,
    blend2d.BLCompOp.SRC_ATOP,
    blend2d.BLCompOp.SRC_COPY,
    blend2d.BLCompOp.DST_IN,
    blend2d.BLCompOp.SCREEN,
    blend2d.BLCompOp.MODULATE,
)


class Blend2dRaster:
    """A prepared image per drawing (PRGB32), contexts that stay open, one scratch image for groups."""

    note = "one thread: its Python bindings open contexts without worker threads; they copy the picture out"

    def __init__(self, timeline: Timeline) -> None:
        art = artwork(timeline)
        self._frames = art.frames
        size = timeline.scenario.size
        self._target = blend2d.BLImage(*size)
        self._scratch = blend2d.BLImage(*size)
        self._mix = blend2d.BLImage(*size)
        self._onto = [blend2d.BLContext(i) for i in (self._target, self._scratch, self._mix)]
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "image.png"
            self._background = _image(timeline.background, path)
            self._plain = [_image(i, path) for i in art.images]
            self._white = [_image(times_white(i), path) for i in art.images]
            screened = _under_screens(art.frames)
            self._filled = [
                _image(_filled(image), path) if i in screened else None for i, image in enumerate(art.images)
            ]
        self._zero = blend2d.BLPoint(0, 0)
        self._points: dict[tuple[int, int], blend2d.BLPoint] = {}
        self._matrices: dict[tuple[float, ...], blend2d.Matrix2D] = {}
        self._rects: dict[tuple[int, int, int, int], blend2d.BLRect] = {}
        self._areas: dict[tuple[int, int, int, int], blend2d.BLRectI] = {}

    def draw(self, k: int) -> U8:
        target = self._onto[0]
        target.comp_op = _COPY
        target.blit_image(self._zero, self._background)
        for group in self._frames[k]:
            if group.clipped:
                self._group(group)
            else:
                self._row(group.base, target)
        target.flush()
        picture: U8 = self._target.getDataAsNumPy()
        return picture

    def _row(self, layer: Layer, target: blend2d.BLContext) -> None:
        """A row that nothing is clipped to, onto the opaque picture."""
        if len(layer.samples) > 1:
            self._mixed(layer)
            mode = {Blend.NORMAL: _OVER, Blend.MULTIPLY: blend2d.BLCompOp.MULTIPLY, Blend.SCREEN: _SCREEN}
            self._from(self._mix, target, layer, mode[layer.blend])
        elif layer.blend == Blend.MULTIPLY:
            self._sample(target, self._white, layer, 0, _MODULATE, layer.opacity * layer.samples[0].weight)
        else:
            mode_of = _OVER if layer.blend == Blend.NORMAL else _SCREEN
            self._sample(target, self._plain, layer, 0, mode_of, layer.opacity * layer.samples[0].weight)

    def _group(self, group: Group) -> None:
        base, scratch = group.base, self._onto[1]
        scratch.comp_op = blend2d.BLCompOp.CLEAR
        scratch.fill_rect(self._rect(base.bounds))
        # Screen onto a base with soft edges: over its colours without alpha, which is put back at the end.
        screened = any(layer.blend == Blend.SCREEN for layer in group.clipped)
        if screened:
            self._sample(scratch, self._filled, base, 0, _OVER, 1.0)
        elif len(base.samples) > 1:
            for i, sample in enumerate(base.samples):
                self._sample(scratch, self._plain, base, i, _PLUS, sample.weight)
        else:
            self._sample(scratch, self._plain, base, 0, _OVER, base.samples[0].weight)
        for layer in group.clipped:
            if layer.blend == Blend.MULTIPLY:
                self._sample(
                    scratch, self._white, layer, 0, _MODULATE, layer.opacity * layer.samples[0].weight
                )
            elif layer.blend == Blend.SCREEN:
                self._sample(scratch, self._plain, layer, 0, _SCREEN, layer.opacity * layer.samples[0].weight)
            elif len(layer.samples) > 1:
                self._mixed(layer)
                self._from(self._mix, scratch, layer, _ATOP)
            else:
                self._sample(scratch, self._plain, layer, 0, _ATOP, layer.opacity * layer.samples[0].weight)
        if screened:
            self._sample(scratch, self._plain, base, 0, _IN, 1.0)
        self._from(self._scratch, self._onto[0], base, _OVER)

    def _mixed(self, layer: Layer) -> None:
        """A crossfade: the weighted sum of its drawings, in the second scratch image."""
        mix = self._onto[2]
        mix.comp_op = blend2d.BLCompOp.CLEAR
        mix.fill_rect(self._rect(layer.bounds))
        for i, sample in enumerate(layer.samples):
            self._sample(mix, self._plain, layer, i, _PLUS, sample.weight)
        mix.flush()

    def _from(
        self, image: blend2d.BLImage, onto: blend2d.BLContext, layer: Layer, mode: blend2d.BLCompOp
    ) -> None:
        left, top, right, bottom = layer.bounds
        area = self._areas.get(layer.bounds)
        if area is None:
            area = self._areas[layer.bounds] = blend2d.BLRectI(left, top, right - left, bottom - top)
        onto.comp_op = mode
        onto.global_alpha = layer.opacity
        onto.blit_image(self._point((left, top)), image, area)
        onto.global_alpha = 1.0

    def _sample(
        self,
        onto: blend2d.BLContext,
        images: list[blend2d.BLImage],
        layer: Layer,
        i: int,
        mode: blend2d.BLCompOp,
        opacity: float,
    ) -> None:
        sample = layer.samples[i]
        onto.comp_op = mode
        if opacity != 1.0:
            onto.global_alpha = opacity
        if sample.at is not None:
            onto.blit_image(self._point(sample.at), images[sample.image])
        else:
            matrix = self._matrices.get(sample.matrix)
            if matrix is None:
                matrix = self._matrices[sample.matrix] = blend2d.Matrix2D(*sample.matrix)
            onto.transform(matrix)
            onto.blit_image(self._zero, images[sample.image])
            onto.reset_transform()
        if opacity != 1.0:
            onto.global_alpha = 1.0

    def _point(self, at: tuple[int, int]) -> blend2d.BLPoint:
        point = self._points.get(at)
        if point is None:
            point = self._points[at] = blend2d.BLPoint(*at)
        return point

    def _rect(self, bounds: tuple[int, int, int, int]) -> blend2d.BLRect:
        rect = self._rects.get(bounds)
        if rect is None:
            left, top, right, bottom = bounds
            rect = self._rects[bounds] = blend2d.BLRect(left, top, right - left, bottom - top)
        return rect


def _under_screens(frames: tuple[tuple[Group, ...], ...]) -> set[int]:
    """Images that a screen layer is clipped to."""
    return {
        sample.image
        for groups in frames
        for group in groups
        if any(layer.blend == Blend.SCREEN for layer in group.clipped)
        for sample in group.base.samples
    }


def _filled(image: U8) -> U8:
    """The image's colours without its alpha, continued three pixels beyond its edges; opaque."""
    alpha = image[..., 3:].astype(np.float64)
    colour = image[..., :3] * 255.0 / np.maximum(alpha, 1.0)
    known = alpha > 0
    for _ in range(3):
        total, count = np.zeros_like(colour), np.zeros_like(alpha)
        for axis in (0, 1):
            for step in (-1, 1):
                near = np.roll(known, step, axis)
                total += np.roll(colour, step, axis) * near
                count += near
        grown = ~known & (count > 0)
        colour = np.where(grown, total / np.maximum(count, 1.0), colour)
        known |= grown
    out = np.full(image.shape, 255, np.uint8)
    out[..., :3] = np.clip(np.rint(colour * known), 0, 255)
    # Where the edge of the rectangle is antialiased, putting the alpha back would leave a line.
    out[:2] = out[-2:] = 0
    out[:, :2] = out[:, -2:] = 0
    return out


def _image(pixels: U8, path: Path) -> blend2d.BLImage:
    """The bindings take pixels from files only. They keep BGRA; handed RGBA they keep that order."""
    alpha = pixels[..., 3:].astype(np.float64)
    straight = np.rint(pixels[..., :3] * 255.0 / np.maximum(alpha, 1.0)).clip(0, 255).astype(np.uint8)
    swapped = np.concatenate((straight[..., ::-1], pixels[..., 3:]), axis=2)
    Image.fromarray(swapped, "RGBA").save(path, compress_level=0)
    image = blend2d.BLImage()
    image.readFromFile(str(path))
    return image


def make(timeline: Timeline) -> Blend2dRaster:
    return Blend2dRaster(timeline)
