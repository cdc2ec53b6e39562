"""OpenCV on numpy arrays."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from bench_compositor.layers import Group, Layer, Sample, artwork, complement, light_only, times_white
from bench_compositor.timeline import Timeline
from mien.types import Blend

Bounds = tuple[int, int, int, int]
Pixels = npt.NDArray[Any]
"""(h, w, 4) uint8; OpenCV's own types are wider."""


class OpenCv:
    """Every layer is `below * factor + colour`, with both pictures prepared, warped where the layer moves."""

    note = ""

    def __init__(self, timeline: Timeline) -> None:
        art = artwork(timeline)
        self._frames = art.frames
        self._background = timeline.background
        self._picture = np.empty_like(timeline.background)
        self._plain = art.images
        self._light = [light_only(i) for i in art.images]
        self._factor = {
            Blend.NORMAL: [np.repeat(255 - i[..., 3:], 4, axis=2) for i in art.images],
            Blend.MULTIPLY: [times_white(i) for i in art.images],
            Blend.SCREEN: [complement(i) for i in art.images],
        }
        self._matrices: dict[tuple[object, Bounds], np.ndarray] = {}

    def draw(self, k: int) -> Pixels:
        picture = self._picture
        np.copyto(picture, self._background)
        for group in self._frames[k]:
            left, top, right, bottom = group.base.bounds
            below = picture[top:bottom, left:right]
            if group.clipped:
                self._over(below, self._clip(group), group.base.opacity)
            else:
                self._onto(below, group.base, group.base.bounds, None)
        return picture

    def _clip(self, group: Group) -> Pixels:
        base = group.base
        content = self._content(base, self._plain, base.bounds, 0)
        if base.samples[0].at is not None and len(base.samples) == 1:
            content = content.copy()  # it may be a view of the drawing
        alpha = cv2.extractChannel(content, 3)
        alpha = cv2.merge((alpha, alpha, alpha, alpha))
        for layer in group.clipped:
            left, top, right, bottom = layer.bounds
            x, y = left - base.bounds[0], top - base.bounds[1]
            there = slice(y, y + bottom - top), slice(x, x + right - left)
            self._onto(content[there], layer, layer.bounds, alpha[there])
        return content

    def _onto(self, below: Pixels, layer: Layer, bounds: Bounds, alpha: Pixels | None) -> None:
        """`alpha`: of the clip group, or None on the opaque picture."""
        factor = self._content(layer, self._factor[layer.blend], bounds, 255)
        light = None
        if layer.blend != Blend.MULTIPLY:
            images = self._plain if layer.blend == Blend.NORMAL else self._light
            light = self._content(layer, images, bounds, 0)
            if alpha is not None:
                light = cv2.multiply(light, alpha, scale=1 / 255)
        if layer.opacity < 1.0:
            factor = cv2.addWeighted(factor, layer.opacity, factor, 0, 255 * (1 - layer.opacity))
            if light is not None:
                light = cv2.convertScaleAbs(light, alpha=layer.opacity)
        cv2.multiply(below, factor, below, 1 / 255)
        if light is not None:
            cv2.add(below, light, below)

    def _over(self, below: Pixels, content: Pixels, opacity: float) -> None:
        if opacity < 1.0:
            content = cv2.convertScaleAbs(content, alpha=opacity)
        rest = cv2.bitwise_not(cv2.extractChannel(content, 3))
        cv2.multiply(below, cv2.merge((rest, rest, rest, rest)), below, 1 / 255)
        cv2.add(below, content, below)

    def _content(
        self, layer: Layer, images: list[Pixels] | tuple[Pixels, ...], bounds: Bounds, fill: int
    ) -> Pixels:
        samples = layer.samples
        if len(samples) == 1 and samples[0].weight == 1.0:
            return self._placed(images[samples[0].image], samples[0], bounds, fill)
        total = np.full((bounds[3] - bounds[1], bounds[2] - bounds[0], 4), float(fill), np.float32)
        for sample in samples:
            total += sample.weight * (
                self._placed(images[sample.image], sample, bounds, fill).astype(np.float32) - fill
            )
        return np.rint(total).astype(np.uint8)

    def _placed(self, image: Pixels, sample: Sample, bounds: Bounds, fill: int) -> Pixels:
        left, top, right, bottom = bounds
        if sample.at is not None:
            x, y = left - sample.at[0], top - sample.at[1]
            if (
                x >= 0
                and y >= 0
                and x + right - left <= image.shape[1]
                and y + bottom - top <= image.shape[0]
            ):
                return image[y : y + bottom - top, x : x + right - left]
        matrix = self._matrices.get((sample.matrix, bounds))
        if matrix is None:
            a, b, c, d, tx, ty = sample.matrix
            # OpenCV counts from the centres of pixels.
            tx, ty = tx - left + (a + c - 1) / 2, ty - top + (b + d - 1) / 2
            matrix = self._matrices[sample.matrix, bounds] = np.array(((a, c, tx), (b, d, ty)))
        placed: Pixels = cv2.warpAffine(
            image,
            matrix,
            (right - left, bottom - top),
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_CONSTANT,
            borderValue=(fill, fill, fill, fill),
        )
        return placed


def make(timeline: Timeline) -> OpenCv:
    return OpenCv(timeline)
