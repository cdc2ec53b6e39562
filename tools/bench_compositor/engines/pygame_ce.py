"""pygame-ce: surfaces, special blend flags, and rotozoom for what moves."""

from __future__ import annotations

import math
import os

os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")

import numpy as np
import pygame

from bench_compositor.layers import Group, Layer, Sample, artwork, complement, light_only, times_white
from bench_compositor.timeline import Timeline
from mien.types import U8, Blend


class PygameCe:
    """Surfaces of 32 bits with premultiplied alpha, drawn into the picture's own memory."""

    note = "moves layers to whole pixels, turns and scales them evenly: it has no affine transform"

    def __init__(self, timeline: Timeline) -> None:
        art = artwork(timeline)
        self._frames = art.frames
        self._background = timeline.background
        self._picture = np.empty_like(timeline.background)
        size = timeline.scenario.size
        self._target = pygame.image.frombuffer(self._picture.data, size, "RGBA")
        self._plain = [_surface(i) for i in art.images]
        self._white = [_surface(times_white(i)) for i in art.images]
        self._dark = [_surface(complement(i)) for i in art.images]
        self._light = [_surface(light_only(i)) for i in art.images]
        self._rest = [_surface(np.repeat(255 - i[..., 3:], 4, axis=2)) for i in art.images]
        self._alpha = [_surface(np.repeat(i[..., 3:], 4, axis=2)) for i in art.images]
        self._over = [_surface(np.zeros((size.height, size.width, 4), np.uint8)) for _ in range(3)]

    def draw(self, k: int) -> U8:
        np.copyto(self._picture, self._background)
        for group in self._frames[k]:
            base = group.base
            if group.clipped:
                self._blit_group(group)
            elif base.blend == Blend.NORMAL:
                surface, at = self._content(base, self._plain, 0)
                self._target.blit(surface, at, special_flags=pygame.BLEND_PREMULTIPLIED)
            elif base.blend == Blend.MULTIPLY:
                surface, at = self._content(base, self._white, 255)
                self._target.blit(surface, at, special_flags=pygame.BLEND_RGBA_MULT)
            else:
                surface, at = self._content(base, self._dark, 255)
                self._target.blit(surface, at, special_flags=pygame.BLEND_RGBA_MULT)
                surface, at = self._content(base, self._light, 0)
                self._target.blit(surface, at, special_flags=pygame.BLEND_RGBA_ADD)
        return self._picture

    def _blit_group(self, group: Group) -> None:
        base = group.base
        content, at = self._content(base, self._plain, 0)
        if base.opacity == 1.0 and len(base.samples) == 1:
            content = content.copy()
        alpha, _ = self._content(base, self._alpha, 0)
        for layer in group.clipped:
            factor = {Blend.NORMAL: self._rest, Blend.MULTIPLY: self._white, Blend.SCREEN: self._dark}
            surface, there = self._content(layer, factor[layer.blend], 255)
            there = (there[0] - at[0], there[1] - at[1])
            content.blit(surface, there, special_flags=pygame.BLEND_RGBA_MULT)
            if layer.blend != Blend.MULTIPLY:
                light = self._plain if layer.blend == Blend.NORMAL else self._light
                surface, _ = self._content(layer, light, 0)
                if surface in light:
                    surface = surface.copy()
                surface.blit(alpha, (-there[0], -there[1]), special_flags=pygame.BLEND_RGBA_MULT)
                content.blit(surface, there, special_flags=pygame.BLEND_RGBA_ADD)
        if group.base.opacity < 1.0:
            content = _faded(content, base.opacity)
        self._target.blit(content, at, special_flags=pygame.BLEND_PREMULTIPLIED)

    def _content(
        self, layer: Layer, images: list[pygame.Surface], fill: int
    ) -> tuple[pygame.Surface, tuple[int, int]]:
        """A layer's picture and its place; mixes are summed, what lies outside is `fill`."""
        opacity = layer.opacity
        if len(layer.samples) == 1 and layer.samples[0].weight * opacity == 1.0:
            return _placed(images[layer.samples[0].image], layer.samples[0], fill)
        left, top, right, bottom = layer.bounds
        total = pygame.Surface((right - left, bottom - top), pygame.SRCALPHA, 32, _MASKS)
        total.fill((fill, fill, fill, fill))
        for sample in layer.samples:
            surface, at = _placed(images[sample.image], sample, fill)
            there = (at[0] - left, at[1] - top)
            if fill:
                # Sums of factors: take away what each takes from white.
                inverse = pygame.Surface(surface.get_size(), pygame.SRCALPHA, 32, _MASKS)
                inverse.fill((255, 255, 255, 255))
                inverse.blit(surface, (0, 0), special_flags=pygame.BLEND_RGBA_SUB)
                total.blit(
                    _faded(inverse, sample.weight * opacity), there, special_flags=pygame.BLEND_RGBA_SUB
                )
            else:
                total.blit(
                    _faded(surface, sample.weight * opacity), there, special_flags=pygame.BLEND_RGBA_ADD
                )
        return total, (left, top)


_MASKS = (0x000000FF, 0x0000FF00, 0x00FF0000, 0xFF000000)


def _placed(image: pygame.Surface, sample: Sample, fill: int) -> tuple[pygame.Surface, tuple[int, int]]:
    if sample.at is not None:
        return image, sample.at
    a, b, c, d, tx, ty = sample.matrix
    width, height = image.get_size()
    x, y = a * width / 2 + c * height / 2 + tx, b * width / 2 + d * height / 2 + ty
    angle = -math.degrees(math.atan2(b - c, a + d))
    scale = math.sqrt(abs(a * d - b * c))
    if abs(angle) > 0.02 or abs(scale - 1) * max(width, height) > 0.5:
        if fill:
            # rotozoom brings in transparent black from outside: turn what is taken from white instead.
            inverse = pygame.Surface((width, height), pygame.SRCALPHA, 32, _MASKS)
            inverse.fill((255, 255, 255, 255))
            inverse.blit(image, (0, 0), special_flags=pygame.BLEND_RGBA_SUB)
            turned = pygame.transform.rotozoom(inverse, angle, scale)
            image = pygame.Surface(turned.get_size(), pygame.SRCALPHA, 32, _MASKS)
            image.fill((255, 255, 255, 255))
            image.blit(turned, (0, 0), special_flags=pygame.BLEND_RGBA_SUB)
        else:
            image = pygame.transform.rotozoom(image, angle, scale)
        width, height = image.get_size()
    return image, (round(x - width / 2), round(y - height / 2))


def _faded(surface: pygame.Surface, opacity: float) -> pygame.Surface:
    share = round(255 * opacity)
    out = surface.copy()
    out.fill((share, share, share, share), special_flags=pygame.BLEND_RGBA_MULT)
    return out


def _surface(pixels: U8) -> pygame.Surface:
    return pygame.image.frombytes(
        np.ascontiguousarray(pixels).tobytes(), (pixels.shape[1], pixels.shape[0]), "RGBA"
    )


def make(timeline: Timeline) -> PygameCe:
    return PygameCe(timeline)
