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
from mien.composite.warps import Warps, cell_side, fitted
from mien.mesh import Mesh
from mien.types import F32, F64, I32, Bools

_LEAST: Final = 1e-3
"""Pixels of the frame. A grid that moves nothing further bends nothing, and its slots are drawn exactly."""
_BEYOND: Final = 0.25
"""Pixels by which the fit of a cell may reach further than the grid."""
_INSIDE: Final = 1e-9
"""Of what is between two points, by which a place at the last is before it."""
_OUTWARDS: Final = np.array((1.0, 1.0, -1.0, -1.0), np.float32)
_NOWHERE: Final = np.float32(1e9)
_MOST_CELLS: Final = 32_768
"""Of all meshes of a frame; six characters at 3840x2160 take a third. What finds no room is not bent, and is
told of."""


class CastMeshes:
    """All meshes of some characters. What is broken bends nothing; ignore floating-point errors around it.

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
        # Of each slot, its mesh; of those without one, what comes after all meshes.
        self._mesh_of = np.full(sum(len(one.slots) for one in characters), len(meshes))
        self._mesh_of[self._slot] = self._mesh
        self._spread = np.zeros((2, 2, len(self._mesh_of)))
        cells = [_most_cells(characters[c], mesh, self._side, frame) for c, mesh in meshes]
        self._room = min(sum(cells), _MOST_CELLS)
        short = compress(meshes, np.cumsum(cells) > _MOST_CELLS)
        self.told = _told(frame, [f"{characters[c].name}'s {mesh.name}" for c, mesh in short])
        """A sentence on meshes that may bend nothing, since those before them may take all cells."""
        frame.warp_cells += self._room + len(meshes)
        self._grids = MeshMoves(characters)
        self._held = HeldMeshes(characters, joints, self._grids.first)
        # To the left and top, and from the other side to the right and bottom; of the least and the most.
        self._ends = np.stack((self._grids.ends, -self._grids.ends))[:, :, None]
        boxes = np.array([mesh.box for _, mesh in meshes], np.float64)
        lasts = np.array([mesh.grid for _, mesh in meshes], np.intp) - 1
        self._origin = boxes[:, :2]
        self._density = lasts / (boxes[:, 2:] - boxes[:, :2])
        wide = lasts[:, 0] + 1
        self._lines = np.stack((wide, self._grids.starts))
        self._lasts = lasts.T - _INSIDE
        # Of each point that below it; beyond the last line nothing is asked for.
        points = np.arange(int(self._grids.counts.sum()))
        self._below = np.minimum(points + np.repeat(wide, self._grids.counts), points[-1])
        # As of the last `move`.
        self._as = b""
        self._world = np.zeros((len(meshes), 2, 3))
        # Frame to columns and lines of the grid.
        self._to_grid = np.zeros((len(meshes), 2, 3))
        self._active: Bools = np.zeros(len(meshes), np.bool_)
        # Of points how far they have moved on the frame; and how much further those to their right, those
        # below, and those at the right of these than what both give. Each x and y.
        self._moves: F64 = np.zeros((4, 2, len(points)))
        # As of the last `bend`; no warps: it was of other moves.
        self._looked = b""
        self._warps: Warps | None = None
        self._lay_out(np.zeros((len(meshes), 4), np.int32))

    def move(self, channels: F32, swings: F32, placed: F64, held: HeldJoints | None = None) -> F64:
        """Move the grids. (2, 2, slots): what is added to the left and top, and to the right and bottom as
        they are from the other side, of what each slot covers.

        `channels`: (characters, len(CHANNELS)); `swings`: (segments,) of all; `placed`: (joints, 2, 3), to
        the frame; `held`: which of those stand where they stood. What bends hardly on them is held too.
        """
        world = placed.take(self._joint, axis=0)
        if held is None or not (held.stands.take(self._joint) < held.times).any():
            moved = self._grids.of(channels[None], swings[None])[0]
        else:
            all_channels = np.concatenate((held.channels, channels[None]))
            moves = self._grids.of(all_channels, np.concatenate((held.swings, swings[None])))
            times = self._held.times(moves, world[:, :, :2], held).take(self._grids.mesh)
            moved = moves[times, :, np.arange(len(times))].T
        if (key := moved.tobytes() + world.tobytes()) != self._as:
            self._as, self._world, self._warps = key, world, None
            self._reach(moved)
        return self._spread

    def _reach(self, moved: F64) -> None:
        """The patterns are moved by `moved` (2, patterns) on the canvas: how far that is on the frame."""
        maps = self._world.take(self._grids.mesh, axis=0).T
        moved = maps[0] * moved[0] + maps[1] * moved[1]
        self._grids.points(moved, self._moves[0])
        # What patterns do together is no more than what each does.
        reach = np.add.reduceat((moved * self._ends).min(axis=1), self._grids.first, axis=2)
        self._to_grid = _inverse(self._world)
        self._to_grid[:, :, 2] -= self._origin
        self._to_grid *= self._density[:, :, None]
        # What is broken is not active (NaN is not more than anything), nor what lies flat: no place is in it.
        self._active = reach.reshape(4, -1).min(axis=0) < -_LEAST
        self._active &= np.isfinite(self._to_grid).all(axis=(1, 2))
        ends = np.zeros((2, 2, len(self._active) + 1))
        np.minimum(reach, 0.0, out=ends[:, :, :-1])
        ends[:, :, :-1] -= _BEYOND
        ends[:, :, :-1][:, :, ~self._active] = 0.0
        self._spread = ends.take(self._mesh_of, axis=2)

    def bend(self, rows: F32, shows: Bools, frame: FrameRows) -> None:
        """Add the warps of the grids to the frame, and their numbers to the rows (slots, FLOATS) that they
        bend. `shows`: (slots,) which of them do."""
        self._look(rows, shows)
        if self._warps is None:
            # What is broken has no cells, and is worked out all the same.
            self._warps = self._empty.with_cells(self._cells())
        first = frame.add_warps(self._warps)
        rows[self._slot, WARP] = self._numbers if first == 0 else self._numbered(first)

    def _numbered(self, first: int) -> F64:
        """(bent slots,) what says which warp bends each, of warps behind so many others."""
        there = (self._empty.sizes > 0)[self._mesh]
        return np.where(there, self._mirror * (self._mesh + (first + 2)), self._unbent)

    def _look(self, rows: F32, shows: Bools) -> None:
        """Find the columns and lines of cells under what each mesh bends: none under what is still."""
        # Right and bottom the other way round, so that all are least, and rounded down.
        each = rows[self._slot, BOUNDS]
        each *= _OUTWARDS
        each[~shows.take(self._slot)] = _NOWHERE
        ends = np.minimum.reduceat(each, self._first_slot)
        ends *= 1.0 / self._side
        np.floor(ends, out=ends)
        if (key := ends.tobytes() + self._active.tobytes()) == self._looked:
            return
        self._looked = key
        wide, high = -(ends[:, :2] + ends[:, 2:]).T
        there = self._active & (np.minimum(wide, high) > 0.0)
        there &= (wide * high * there).cumsum() <= self._room
        ends *= _OUTWARDS
        ends[~there] = 0.0
        self._lay_out(ends.astype(np.int32))

    def _lay_out(self, spans: I32) -> None:
        """Cells are those of `spans` (meshes, 4)."""
        self._empty, self._warps = Warps.of(self._side, spans, None), None
        self._numbers = self._numbered(0)
        self._corners = CellCorners(spans, self._side)
        self._most = self._lasts.take(self._corners.of, axis=1)
        self._line = self._lines.take(self._corners.of, axis=1)

    def _cells(self) -> F32:
        """(8, cells) of all spans, as in `Warps.cells`."""
        corners, moves = self._corners, self._moves
        np.subtract(moves[0, :, 1:], moves[0, :, :-1], out=moves[1, :, :-1])
        moves[2:] = moves[:2].take(self._below, axis=2)
        moves[2:] -= moves[:2]
        places = corners.places
        share = np.empty((2, places.shape[1]))
        for mesh, own in corners.own:
            np.matmul(self._to_grid[mesh], places[:, own], out=share[:, own])
        np.maximum(share, 0.0, out=share)
        np.minimum(share, self._most, out=share)
        column, line = whole = share.astype(np.intp)
        share -= whole
        line *= self._line[0]
        line += column
        line += self._line[1]
        moved, right, below, beyond = moves.take(line, axis=2)
        right *= share[0]
        moved += right
        beyond *= share[0]
        below += beyond
        below *= share[1]
        moved += below
        lies = (places[:2] - moved).astype(np.float32)
        return fitted(lies.take(corners.of_cells, axis=1), corners.middles, self._side)


def _inverse(maps: F64) -> F64:
    """(n, 2, 3) the other way round; nothing finite for those that have none."""
    a, c, tx, b, d, ty = maps.reshape(-1, 6).T
    by = 1.0 / (a * d - b * c)
    found: F64 = np.empty((len(maps), 2, 3))
    found[:, 0, 0], found[:, 0, 1], found[:, 0, 2] = d * by, -c * by, (c * ty - d * tx) * by
    found[:, 1, 0], found[:, 1, 1], found[:, 1, 2] = -b * by, a * by, (b * tx - a * ty) * by
    return found


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
