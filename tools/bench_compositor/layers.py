"""A timeline's rows in the form that a drawing library wants: trimmed pictures, matrices, groups of layers.

All of it is worked out before anything is timed, so that the libraries pay for drawing only.
"""

from __future__ import annotations

from dataclasses import dataclass

from bench_compositor.timeline import Timeline
from mien.composite.rows import CLIPPED_ROWS
from mien.prove.old_way.layers import (
    Group,
    Layer,
    Sample,
    complement,
    layer_of,
    light_only,
    times_white,
)
from mien.types import U8

__all__ = [
    "Artwork",
    "Group",
    "Layer",
    "Sample",
    "artwork",
    "complement",
    "light_only",
    "times_white",
]


@dataclass(frozen=True, slots=True, eq=False)
class Artwork:
    """What the peers draw."""

    images: tuple[U8, ...]
    """(h, w, 4) uint8 premultiplied, mirrored ones mirrored already, with a transparent edge."""
    frames: tuple[tuple[Group, ...], ...]
    """Of each frame, bottom to top, without the background."""


def artwork(timeline: Timeline) -> Artwork:
    """Everything above the background. Equal layers of successive frames are one object."""
    images: list[U8] = []
    known: dict[tuple[float, ...], int] = {}
    rows_seen: dict[bytes, Layer] = {}
    frames = []
    for k in range(len(timeline.kinds)):
        groups: list[Group] = []
        for owner in range(timeline.scenario.characters):
            i, end = int(timeline.counts[k, owner]), int(timeline.counts[k, owner + 1])
            while i < end:
                layers = []
                clipped = int(timeline.rows[k, i, CLIPPED_ROWS])
                for row in timeline.rows[k, i : i + 1 + clipped]:
                    key = row.tobytes()
                    if key not in rows_seen:
                        rows_seen[key] = layer_of(row, timeline.pages, images, known)
                    layers.append(rows_seen[key])
                groups.append(Group(layers[0], tuple(layers[1:]), owner))
                i += 1 + clipped
        frames.append(tuple(groups))
    return Artwork(tuple(images), tuple(frames))
