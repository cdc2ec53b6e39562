"""What moves the points of meshes: for each channel, and each segment of what hangs, how far it moves each
point. All of it is linear, so that a grid in motion is one product."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np

from mien.character import Character
from mien.composite.warps import C128
from mien.easing import eased
from mien.mesh import Ball, Hang, Mesh
from mien.types import CHANNEL_INDEX, CHANNELS, F64

SOFT: Final = 0.35
"""Of a segment's length, over which a hang bends at its beginning: it has no corner."""


def driven_fields(character: Character) -> list[dict[int, C128]]:
    """Of each mesh what moves its points, by drivers: channels, then the segments of all that hangs.

    Each (points,) complex, line by line: canvas pixels per unit.
    """
    found = []
    segment = len(CHANNELS)
    for mesh in character.meshes:
        points = mesh_points(mesh)
        fields: dict[int, C128] = {}
        for driver, moves in _moves(character, mesh, points, segment):
            fields[driver] = fields.get(driver, 0.0) + moves
        segment += sum(len(hang.segments) for hang in mesh.hangs)
        found.append(fields)
    return found


def mesh_points(mesh: Mesh) -> C128:
    """(points along y, along x) complex: where they lie on the canvas."""
    left, top, right, bottom = mesh.box
    x, y = np.linspace(left, right, mesh.grid.width), np.linspace(top, bottom, mesh.grid.height)
    points: C128 = x[None, :] + 1j * y[:, None]
    return points


def depth(ball: Ball, points: C128) -> F64:
    """How near the viewer places are on a ball: 1 in its middle, 0 at its rim, no less than -1."""
    x = (points.real - ball.centre[0]) / ball.radius[0]
    y = (points.imag - ball.centre[1]) / ball.radius[1]
    square = x * x + y * y
    # As a sphere is seen from its back (stereographic): smooth, also where the rim is left.
    found: F64 = (1.0 - square) / (1.0 + square)
    return found


def turned_by(character: Character, joint: int) -> Mapping[str, float]:
    """Channel -> degrees that a joint turns on the canvas per unit, with those above it."""
    found: dict[str, float] = {}
    while joint >= 0:
        for channel, degrees in character.joints[joint].rotate.items():
            found[channel] = found.get(channel, 0.0) + degrees
        joint = character.joints[joint].parent
    return found


def _moves(character: Character, mesh: Mesh, points: C128, segment: int) -> Iterator[tuple[int, C128]]:
    """(driver, what it moves each point by) of a mesh, whose first segment is driver `segment`."""
    if mesh.ball is not None:
        deep: C128 = depth(mesh.ball, points).reshape(-1).astype(np.complex128)
        for channel, by in mesh.ball.move.items():
            yield CHANNEL_INDEX[channel], deep * complex(*by)
    high, wide = points.shape
    for channel, values in mesh.rows.items():
        yield CHANNEL_INDEX[channel], np.repeat(_spread(values, high), wide)
    for channel, values in mesh.columns.items():
        yield CHANNEL_INDEX[channel], np.tile(_spread(values, wide), high)
    for hang in mesh.hangs:
        bends = hang_bends(hang, points)
        for channel, degrees in turned_by(character, mesh.joint).items():
            if hang.gravity:
                yield CHANNEL_INDEX[channel], (bends[0] * -hang.gravity * np.radians(degrees)).reshape(-1)
        for one, bend in zip(hang.segments, bends, strict=True):
            # Behind a turn to the right it hangs to the left: as turned clockwise about its root.
            yield segment, (bend * np.radians(one.swing)).reshape(-1)
            segment += 1


def hang_bends(hang: Hang, points: C128) -> C128:
    """(segments, *points) what each point moves by for a radian that each segment turns clockwise."""
    root, along = complex(*hang.root), complex(*hang.tip) - complex(*hang.root)
    length = abs(along)
    there = (points - root) * np.conj(along / length)
    down, across = np.minimum(there.real / length, 1.0), np.abs(there.imag)
    share = np.ones(points.shape)
    if hang.width:
        share = eased(2.0 - across / hang.width)
    count = len(hang.segments)
    bends = np.empty((count, *points.shape), np.complex128)
    for k in range(count):
        # How far below the segment's beginning, of the whole length; it gathers way softly.
        begins, soft = k / count, SOFT / count
        below = np.maximum(down - begins, 0.0)
        below = np.where(below < soft, below * below / (2.0 * soft), below - soft / 2.0)
        bends[k] = share * below * length * (1j * along / length)
    return bends


def _spread(values: Sequence[tuple[float, float]], count: int) -> C128:
    """Evenly spaced values at so many places, smoothly: a cubic through them (Catmull-Rom)."""
    given = np.array([complex(*value) for value in values])
    if len(given) == 1:
        return np.full(count, given[0])
    at = np.linspace(0.0, len(given) - 1.0, count)
    first = np.minimum(at.astype(np.intp), len(given) - 2)
    t = at - first
    padded = np.concatenate((2.0 * given[:1] - given[1:2], given, 2.0 * given[-1:] - given[-2:-1]))
    a, b, c, d = (padded[first + k] for k in range(4))
    found: C128 = b + 0.5 * t * (c - a + t * (2.0 * a - 5.0 * b + 4.0 * c - d + t * (3.0 * (b - c) + d - a)))
    return found
