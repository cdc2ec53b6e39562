"""What a panel is made of: triangles, and which parts of it differ from the panel before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from mien.types import F32, U8

VERTEX_BYTES: Final = 20
"""Place in points (2 float32), place in the texture (2 float32), colour (4 uint8)."""
CELL_X: Final = 32
CELL_Y: Final = 8
"""Points: the panel is compared in cells of this size."""

U64 = npt.NDArray[np.uint64]
_OF_WORDS: Final = np.array(
    [0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x27D4EB2F165667C5, 0xD6E8FEB86659FD93],
    np.uint64,
)
_OF_CORNERS: Final = np.array([0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53, 0x94D049BB133111EB], np.uint64)


@dataclass(frozen=True, slots=True)
class Run:
    """Triangles, one behind the other, that sample one texture within one rectangle."""

    texture: int
    """Its GL name."""
    clip: tuple[float, float, float, float]
    """Left, top, right, bottom in points."""
    first: int
    """Its first corner among the indices."""
    count: int
    """Corners: three of each triangle."""


@dataclass(slots=True)
class Triangles:
    """A panel as triangles, in the order in which they are drawn."""

    vertices: U8
    """(n, VERTEX_BYTES) uint8, C-contiguous."""
    indices: npt.NDArray[np.uint32]
    """(corners,) uint32."""
    runs: Sequence[Run]
    size: tuple[float, float]
    """Of the panel, in points."""
    boxes: F32 = field(init=False)
    """(4, triangles) float32: left, top, right, bottom of each in points, within its clip."""
    cells: U64 = field(init=False)
    """(rows, columns) uint64: a sum of what lies there. Two panels look the same where theirs are equal."""

    def __post_init__(self) -> None:
        self.boxes = self._boxes()
        self.cells = self._cells()

    def damage(self, before: Triangles | None) -> list[tuple[float, float, float, float]]:
        """Rectangles (left, top, right, bottom, in points) outside of which both look the same.

        All of it where there was none before, or of another size.
        """
        if before is None or before.size != self.size:
            return [(0.0, 0.0, *self.size)]
        differ = self.cells != before.cells
        found: list[tuple[float, float, float, float]] = []
        for row in np.flatnonzero(differ.any(axis=1)).tolist():
            columns = np.flatnonzero(differ[row])
            left, right = float(columns[0] * CELL_X), float((columns[-1] + 1) * CELL_X)
            top, bottom = float(row * CELL_Y), float((row + 1) * CELL_Y)
            if found and found[-1][3] == top:
                above = found.pop()
                left, top, right = min(left, above[0]), above[1], max(right, above[2])
            found.append((left, top, right, bottom))
        return found

    def within(self, rectangle: tuple[float, float, float, float]) -> npt.NDArray[np.bool_]:
        """(triangles,) bool: which of them may show within a rectangle, in points."""
        left, top, right, bottom = rectangle
        x0, y0, x1, y1 = self.boxes
        return (x0 < right) & (x1 > left) & (y0 < bottom) & (y1 > top)

    def _boxes(self) -> F32:
        places = self.vertices.view(np.float32).reshape(len(self.vertices), 5)[:, :2]
        corners = places[self.indices].reshape(-1, 3, 2)
        counts = [run.count // 3 for run in self.runs]
        clips = np.repeat(np.array([run.clip for run in self.runs], np.float32).reshape(-1, 4), counts, axis=0)
        low = np.maximum(np.minimum(np.minimum(corners[:, 0], corners[:, 1]), corners[:, 2]), clips[:, :2])
        high = np.minimum(np.maximum(np.maximum(corners[:, 0], corners[:, 1]), corners[:, 2]), clips[:, 2:])
        return np.concatenate([low, high], axis=1).T.copy()

    def _cells(self) -> U64:
        columns, rows = (int(-(-side // cell)) for side, cell in zip(self.size, (CELL_X, CELL_Y), strict=True))
        # A sum over rectangles of cells: what each adds is written at its corners and summed up afterwards.
        # All of it modulo 2**64, so that nothing is left over.
        corners = np.zeros((rows + 1) * (columns + 1), np.uint64)
        x0, y0, x1, y1 = self.boxes
        seen = (x1 > x0) & (y1 > y0) & (x1 > 0) & (y1 > 0) & (x0 < self.size[0]) & (y0 < self.size[1])
        marks = self._marks()[seen]
        # What smooths an edge reaches over it by less than a point.
        left = np.clip((x0[seen] - 1) // CELL_X, 0, columns - 1).astype(np.intp)
        right = np.clip((x1[seen] + 1) // CELL_X, 0, columns - 1).astype(np.intp) + 1
        top = np.clip((y0[seen] - 1) // CELL_Y, 0, rows - 1).astype(np.intp)
        bottom = np.clip((y1[seen] + 1) // CELL_Y, 0, rows - 1).astype(np.intp) + 1
        wide = columns + 1
        np.add.at(corners, top * wide + left, marks)
        np.subtract.at(corners, top * wide + right, marks)
        np.subtract.at(corners, bottom * wide + left, marks)
        np.add.at(corners, bottom * wide + right, marks)
        sums = corners.reshape(rows + 1, wide).cumsum(axis=0, dtype=np.uint64).cumsum(axis=1, dtype=np.uint64)
        return sums[:-1, :-1]

    def _marks(self) -> U64:
        """(triangles,) uint64: a number that says all that a triangle is, its texture and clip included."""
        words = self.vertices.view(np.uint32).reshape(len(self.vertices), 5)
        # Which of several triangles is drawn first is known from what they are: a panel is laid out in one order.
        vertices = _mixed((words * _OF_WORDS).sum(axis=1, dtype=np.uint64))
        of_runs = np.array([hash((run.texture, run.clip)) & (2**64 - 1) for run in self.runs], np.uint64)
        marks = np.repeat(of_runs, [run.count // 3 for run in self.runs])
        marks = marks + (vertices[self.indices].reshape(-1, 3) * _OF_CORNERS).sum(axis=1, dtype=np.uint64)
        return _mixed(marks)


def _mixed(values: U64) -> U64:
    values = values ^ (values >> np.uint64(29))
    values = values * np.uint64(0xBF58476D1CE4E5B9)
    return values ^ (values >> np.uint64(32))
