"""Pillow as characters were drawn before: one finished picture per state of a character, kept in a cache."""

from __future__ import annotations

from collections import OrderedDict

import numpy as np
from PIL import Image

from bench_compositor.layers import Artwork, Group, artwork, complement, times_white
from bench_compositor.timeline import Timeline
from mien.prove.old_way.pillow_layers import PillowLayers
from mien.types import U8

_CACHED = 64


class PillowCached(PillowLayers):
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


def make(timeline: Timeline) -> PillowCached:
    return PillowCached(timeline)
