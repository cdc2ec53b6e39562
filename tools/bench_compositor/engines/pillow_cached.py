"""Pillow as characters were drawn before: one finished picture per state of a character, kept in a cache."""

from __future__ import annotations

from collections import OrderedDict

import numpy as np
from PIL import Image, ImageChops

from bench_compositor.layers import Artwork, Group, Layer, Sample, artwork, complement, times_white
from bench_compositor.timeline import Timeline
from mien.types import U8, Blend

_CACHED = 64


class PillowCached:
    """A hit is two pastes; a miss composites the character layer by layer."""

    note = f"the {_CACHED} latest states of a character are kept as finished pictures"

    def __init__(self, timeline: Timeline) -> None:
        art = artwork(timeline)
        self._art: Artwork = art
        self._background = Image.fromarray(timeline.background, "RGBA")
        size = timeline.scenario.size
        self._picture = np.empty((size.height, size.width, 4), np.uint8)
        # Premultiplied, as transforms want it; and what multiply and screen layers need, made once.
        self._plain = [Image.frombuffer("RGBa", i.shape[1::-1], i, "raw", "RGBa", 0, 1) for i in art.images]
        self._white = [Image.fromarray(times_white(i)[..., :3].copy(), "RGB") for i in art.images]
        self._dark = [Image.fromarray(complement(i)[..., :3].copy(), "RGB") for i in art.images]
        self._straight = [image.convert("RGBA") for image in self._plain]
        # A state is its rows. Hashing them is not charged to Pillow: the keys are made here.
        self._states: list[list[tuple[bytes, tuple[Group, ...]]]] = []
        for k, groups in enumerate(art.frames):
            line = []
            for owner in range(timeline.scenario.characters):
                start, end = int(timeline.counts[k, owner]), int(timeline.counts[k, owner + 1])
                key = bytes([owner]) + timeline.rows[k, start:end].tobytes()
                line.append((key, tuple(group for group in groups if group.owner == owner)))
            self._states.append(line)
        self._cache: OrderedDict[bytes, tuple[Image.Image, tuple[int, int]]] = OrderedDict()

    def draw(self, k: int) -> U8:
        frame = self._background.copy()
        for key, groups in self._states[k]:
            found = self._cache.get(key)
            if found is None:
                found = self._cache[key] = self._character(groups)
                if len(self._cache) > _CACHED:
                    self._cache.popitem(last=False)
            else:
                self._cache.move_to_end(key)
            frame.alpha_composite(found[0], found[1])
        self._picture[...] = np.asarray(frame)
        return self._picture

    def forget(self) -> None:
        """Empty the cache: a round begins without what the round before has drawn."""
        self._cache.clear()

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


def make(timeline: Timeline) -> PillowCached:
    return PillowCached(timeline)
