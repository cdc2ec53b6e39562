"""The meshes of some characters in a frame: channels to grids, and those to the frame's warps.

A grid lies still on the canvas, in the frame of its joint, and says for each place how far what is seen there
has come. That is asked for the corners of the frame's cells alone, for all meshes in one go.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress
from typing import Final

import numpy as np

from mien.character import Character
from mien.composite.cell_corners import CellCorners
from mien.composite.held_joints import HeldJoints
from mien.composite.held_meshes import HeldMeshes
from mien.composite.mesh_moves import MeshMoves
from mien.composite.rows import BOUNDS, WARP, FrameRows
from mien.composite.warps import C128, Warps, cell_side, fitted
from mien.mesh import Mesh
from mien.types import F32, F64, I32, Bools, Indices

_LEAST: Final = 1e-3
"""Pixels of the frame. A grid that moves nothing further bends nothing, and its slots are drawn exactly."""
_BEYOND: Final = 0.25
"""Pixels by which the fit of a cell may reach further than the grid."""
_MOST_CELLS: Final = 32_768
"""Of all meshes of a frame; six characters at 3840x2160 take a third. What finds no room is not bent, and is
told of."""


class CastMeshes:
    """All meshes of some characters.

    Parameters: `frame` that they bend, to whose `warp_cells` theirs are added; `joints` and `slots`: the
    number, among all, of the first of each character's.
    """

    def __init__(
        self, characters: Sequence[Character], frame: FrameRows, joints: Sequence[int], slots: Sequence[int]
    ) -> None:
        meshes = [(c, mesh) for c, character in enumerate(characters) for mesh in character.meshes]
        self._side = cell_side(frame.size)
        self._joint = np.array([joints[c] + mesh.joint for c, mesh in meshes], np.intp)
        bent = [
            (k, slots[c] + s, characters[c].slots[s])
            for k, (c, mesh) in enumerate(meshes)
            for s in mesh.slots
        ]
        self._mesh = np.array([k for k, _, _ in bent], np.intp)
        self._slot = np.array([s for _, s, _ in bent], np.intp)
        self._unbent = np.array(
            [0.0 if slot.mask is None else -1.0 if slot.mask.flip_x else 1.0 for _, _, slot in bent],
            np.float32,
        )
        self._mirror = np.where(self._unbent < 0.0, -1.0, 1.0)
        self._first_slot = np.searchsorted(self._mesh, np.arange(len(meshes)))
        self._spread = np.zeros((sum(len(one.slots) for one in characters), 2, 2))
        cells = [_most_cells(characters[c], mesh, self._side, frame) for c, mesh in meshes]
        self._room = min(sum(cells), _MOST_CELLS)
        short = compress(meshes, np.cumsum(cells) > _MOST_CELLS)
        self.told = _told(frame, [f"{characters[c].name}'s {mesh.name}" for c, mesh in short])
        """A sentence on meshes that may bend nothing, since those before them may take all cells."""
        frame.warp_cells += self._room + len(meshes)
        self._grids = MeshMoves(characters)
        self._held = HeldMeshes(characters, joints, self._grids.starts)
        boxes = np.array([mesh.box for _, mesh in meshes], np.float64)
        lasts = np.array([mesh.grid for _, mesh in meshes], np.intp) - 1
        self._origin = boxes[:, :2]
        self._density = lasts / (boxes[:, 2:] - boxes[:, :2])
        self._limits = np.stack((*lasts.T, self._grids.starts, lasts[:, 0] + 1))
        # As of the last `move`.
        self._drive = np.zeros(0)
        self._world = np.zeros((len(meshes), 2, 3))
        self._moves: C128 = np.zeros(int(self._grids.counts.sum()), np.complex128)
        self._active: Bools = np.zeros(len(meshes), np.bool_)
        # As of the last `bend`; no warps: it was of other moves.
        self._warps: Warps | None = None
        self._spans: I32 = np.zeros((len(meshes), 4), np.int32)
        self._corners = CellCorners(self._spans, self._side)

    def move(self, channels: F32, swings: F32, placed: F64, held: HeldJoints | None = None) -> F64:
        """Move the grids. (slots, 2, 2): what is added to the left and top, and to the right and bottom as
        they are from the other side, of what each slot covers.

        `channels`: (characters, len(CHANNELS)); `swings`: (segments,) of all; `placed`: (joints, 2, 3), to
        the frame; `held`: which of those stand where they stood. What bends hardly on them is held too.
        """
        world = placed.take(self._joint, axis=0)
        with np.errstate(all="ignore"):
            if held is None or not (held.stands.take(self._joint) < held.times).any():
                drives = self._grids.drives(channels[None], swings[None])
                points, drive = self._grids.of(drives)[0], drives[0]
            else:
                all_channels = np.concatenate((held.channels, channels[None]))
                drives = self._grids.drives(all_channels, np.concatenate((held.swings, swings[None])))
                moves = self._grids.of(drives)
                times = self._held.times(moves, world[:, :, :2], held)
                drive, points = self._grids.replaced(drives, times), moves[-1]
                for k in (times < held.times).nonzero()[0].tolist():
                    own = self._grids.own[k]
                    points[own] = moves[times[k], own]
            if not (np.array_equal(drive, self._drive) and np.array_equal(world, self._world)):
                self._drive, self._world, self._warps = drive, world, None
                self._reach(points)
        return self._spread

    def _reach(self, points: F64) -> None:
        """The grids are moved by `points` (points, 2) on the canvas: how far that is on the frame."""
        moves = self._moves.view(np.float64).reshape(-1, 2)
        for linear, own in zip(self._world[:, :, :2], self._grids.own, strict=True):
            np.matmul(points[own], linear.T, out=moves[own])
        x, y, starts = self._moves.real, self._moves.imag, self._grids.starts
        low = np.stack([np.minimum.reduceat(part, starts) for part in (x, y)], axis=1)
        high = np.stack([np.maximum.reduceat(part, starts) for part in (x, y)], axis=1)
        # What is broken is not active: NaN is not more than anything.
        self._active = np.maximum(-low, high).max(axis=1) > _LEAST
        ends = np.stack((np.minimum(low, 0.0), np.minimum(-high, 0.0)), axis=1) - _BEYOND
        ends[~self._active] = 0.0
        self._spread = np.zeros_like(self._spread)
        self._spread[self._slot] = ends[self._mesh]

    def bend(self, rows: F32, shows: Bools, frame: FrameRows) -> None:
        """Add the warps of the grids to the frame, and their numbers to the rows (slots, FLOATS) that they
        bend. `shows`: (slots,) which of them do."""
        spans = self._spans_of(rows, shows)
        if not np.array_equal(spans, self._spans):
            self._spans, self._corners, self._warps = spans, CellCorners(spans, self._side), None
        if self._warps is None:
            self._warps = Warps.of(self._side, spans, self._cells())
        first = frame.add_warps(self._warps)
        there = (spans[:, 2] > spans[:, 0])[self._mesh]
        rows[self._slot, WARP] = np.where(there, self._mirror * (self._mesh + (first + 2)), self._unbent)

    def _spans_of(self, rows: F32, shows: Bools) -> I32:
        """(meshes, 4) the columns and lines of cells under what each bends; empty for what is still."""
        bounds, seen = rows[self._slot, BOUNDS], shows[self._slot, None]
        low = np.where(seen, bounds[:, :2], np.float32(np.inf))
        high = np.where(seen, bounds[:, 2:], np.float32(-np.inf))
        low = np.minimum.reduceat(low, self._first_slot)
        high = np.maximum.reduceat(high, self._first_slot)
        there = self._active & (low < high).all(axis=1)
        ends = np.zeros((len(there), 4))
        ends[there, :2] = np.floor(low[there] / self._side)
        ends[there, 2:] = np.ceil(high[there] / self._side)
        sizes = (ends[:, 2] - ends[:, 0]) * (ends[:, 3] - ends[:, 1])
        ends[np.cumsum(sizes) > self._room] = 0.0
        spans: I32 = ends.astype(np.int32)
        return spans

    def _cells(self) -> F32:
        """(cells, 2, 4) of all spans, as in `Warps.table`."""
        corners = self._corners
        counts, places = corners.counts, corners.places
        to_grid = np.zeros((len(counts), 2, 3))
        some = counts > 0
        to_grid[some] = _inverse(self._world[some])
        to_grid[:, :, 2] -= self._origin
        to_grid *= self._density[:, :, None]
        by_x, by_y, by = np.repeat(to_grid.transpose(2, 1, 0), counts, axis=2)
        limits = np.repeat(self._limits, counts, axis=1)
        # Along x and along y, each (2, corners).
        share = by_x * places.real
        share += by_y * places.imag
        share += by
        np.minimum(np.maximum(share, 0.0, out=share), limits[:2], out=share)
        points = np.minimum(share.astype(np.intp), limits[:2] - 1)
        share -= points
        (across, down), (_, _, start, wide) = share, limits
        at = start + points[1] * wide + points[0]
        upper = self._between(at, across)
        at += wide
        places = places - (upper + (self._between(at, across) - upper) * down)
        top_left, top_right, bottom_left, bottom_right = (places.take(one) for one in corners.of_cells)
        return fitted((top_left, top_right, bottom_left, bottom_right), corners.middles, self._side)

    def _between(self, at: Indices, share: F64) -> C128:
        """How far what is between points `at` and the next ones has moved."""
        first = self._moves.take(at)
        moved: C128 = first + (self._moves.take(at + 1) - first) * share
        return moved


def _inverse(maps: F64) -> F64:
    """(n, 2, 3) the other way round."""
    a, c, tx, b, d, ty = maps.reshape(-1, 6).T
    by = 1.0 / (a * d - b * c)
    found: F64 = np.stack(
        (d * by, -c * by, (c * ty - d * tx) * by, -b * by, a * by, (b * tx - a * ty) * by), axis=1
    )
    return found.reshape(-1, 2, 3)


def _told(frame: FrameRows, short: Sequence[str]) -> str:
    """Of meshes that may find no cells; nothing if there are none."""
    if not short:
        return ""
    (width, height), which = frame.size, f"{'mesh' if len(short) == 1 else 'meshes'} {', '.join(short)}"
    return (
        f"a frame of {width}x{height} has no room for all that bends: the {which} may bend nothing; "
        "show a smaller frame or fewer characters, or bend fewer slots."
    )


def _most_cells(character: Character, mesh: Mesh, side: int, frame: FrameRows) -> int:
    """How many cells a mesh may ever have: of its slots' drawings half as large again, turned and swung."""
    boxes = [mesh.box]
    for s in mesh.slots:
        for drawing in character.slots[s].drawings:
            (x, y), (_, _, wide, high) = drawing.offset, drawing.region
            boxes.append((x, y, x + wide, y + high))
    left, top, right, bottom = np.array(boxes, np.float64).T
    sides = (right.max() - left.min(), bottom.max() - top.min())
    cells = [
        min(1.5 * one / side + 3.0, -(-most // side)) for one, most in zip(sides, frame.size, strict=True)
    ]
    return int(cells[0] + 1) * int(cells[1] + 1)
