"""Layers composited with Pillow."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageChops

from mien.prove.old_way.layers import Group, Layer, Sample
from mien.types import Blend


class PillowLayers:
    """Draws groups of layers, from pictures of each drawing that whoever inherits it makes."""

    _plain: list[Image.Image]
    """Premultiplied, RGBa, as transforms want it."""
    _straight: list[Image.Image]
    """RGBA."""
    _white: list[Image.Image]
    """What multiply layers multiply with, RGB."""
    _dark: list[Image.Image]
    """What screen layers multiply with, RGB."""

    def _character(self, groups: tuple[Group, ...]) -> tuple[Image.Image, tuple[int, int]]:
        boxes = np.array([group.base.bounds for group in groups])
        left, top = boxes[:, :2].min(axis=0).tolist()
        right, bottom = boxes[:, 2:].max(axis=0).tolist()
        canvas = Image.new("RGBA", (right - left, bottom - top))
        for group in groups:
            base = group.base
            x, y = base.bounds[0] - left, base.bounds[1] - top
            if base.blend == Blend.NORMAL:
                picture = self._content(base, base.bounds)
                if group.clipped:
                    picture = self._clip(picture, group.clipped, base.bounds)
                if base.opacity < 1.0:
                    picture.putalpha(picture.getchannel("A").point(lambda v, o=base.opacity: round(v * o)))
                canvas.alpha_composite(picture, (x, y))
            else:
                # Multiply and screen keep the alpha of what is below: here that is the opaque figure.
                box = (x, y, x + base.bounds[2] - base.bounds[0], y + base.bounds[3] - base.bounds[1])
                canvas.paste(self._clip(canvas.crop(box), (base,), base.bounds), box)
        return canvas, (left, top)

    def _clip(
        self, picture: Image.Image, layers: tuple[Layer, ...], bounds: tuple[int, int, int, int]
    ) -> Image.Image:
        """Layers onto the colours of a picture; its alpha stays."""
        colour = picture.convert("RGB")
        for layer in layers:
            at = (layer.bounds[0] - bounds[0], layer.bounds[1] - bounds[1])
            box = (*at, at[0] + layer.bounds[2] - layer.bounds[0], at[1] + layer.bounds[3] - layer.bounds[1])
            if layer.blend == Blend.NORMAL:
                content = self._content(layer, layer.bounds)
                mask = content.getchannel("A")
                if layer.opacity < 1.0:
                    mask = mask.point(lambda v, o=layer.opacity: round(v * o))
                colour.paste(content.convert("RGB"), at, mask)
            else:
                below = colour.crop(box)
                images = self._white if layer.blend == Blend.MULTIPLY else self._dark
                factor = self._factor(layer, images)
                if layer.blend == Blend.MULTIPLY:
                    above = ImageChops.multiply(below, factor)
                else:
                    above = ImageChops.screen(below, ImageChops.invert(factor))
                colour.paste(above, box)
        result = colour.convert("RGBA")
        result.putalpha(picture.getchannel("A"))
        return result

    def _content(self, layer: Layer, bounds: tuple[int, int, int, int]) -> Image.Image:
        """A layer's weighted sum: RGBA, straight."""
        if len(layer.samples) == 1 and layer.samples[0].weight == 1.0:
            sample = layer.samples[0]
            if sample.at is not None:
                return self._straight[sample.image].crop(_moved(bounds, sample.at))
            return self._placed(self._plain[sample.image], sample, bounds).convert("RGBA")
        total = Image.new("RGBa", (bounds[2] - bounds[0], bounds[3] - bounds[1]))
        empty = total
        for sample in layer.samples:
            # Sums of premultiplied pictures: blend with nothing weighs, and add.
            share = Image.blend(empty, self._placed(self._plain[sample.image], sample, bounds), sample.weight)
            total = ImageChops.add(total, share)
        return total.convert("RGBA")

    def _factor(self, layer: Layer, images: list[Image.Image]) -> Image.Image:
        bounds = layer.bounds
        white = Image.new("RGB", (bounds[2] - bounds[0], bounds[3] - bounds[1]), "white")
        total = white
        for sample in layer.samples:
            factor = self._placed(images[sample.image], sample, bounds, fill=255)
            weight = sample.weight * layer.opacity
            if weight < 1.0:
                factor = Image.blend(white, factor, weight)
            total = factor if total is white else ImageChops.add(total, factor, 1, -255)
        return total

    def _placed(
        self, image: Image.Image, sample: Sample, bounds: tuple[int, int, int, int], fill: int = 0
    ) -> Image.Image:
        size = (bounds[2] - bounds[0], bounds[3] - bounds[1])
        if sample.at is not None:
            box = _moved(bounds, sample.at)
            if fill == 0 or (min(box[:2]) >= 0 and box[2] <= image.width and box[3] <= image.height):
                return image.crop(box)
            out = Image.new("RGB", size, "white")
            out.paste(image, (-box[0], -box[1]))
            return out
        a, b, c, d, tx, ty = sample.matrix
        det = a * d - b * c
        ia, ic, ib, id_ = d / det, -c / det, -b / det, a / det
        x, y = bounds[0] - tx, bounds[1] - ty
        data = (ia, ic, ia * x + ic * y, ib, id_, ib * x + id_ * y)
        return image.transform(
            size,
            Image.Transform.AFFINE,
            data,
            resample=Image.Resampling.BILINEAR,
            fillcolor=(255, 255, 255) if fill else (0, 0, 0, 0),
        )


def _moved(bounds: tuple[int, int, int, int], at: tuple[int, int]) -> tuple[int, int, int, int]:
    return (bounds[0] - at[0], bounds[1] - at[1], bounds[2] - at[0], bounds[3] - at[1])
