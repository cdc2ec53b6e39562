"""What a panel is made of: triangles, and which parts of it differ from the panel before."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
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

F64 = npt.NDArray[np.float64]
_OF_WORDS: Final = (
    0x9E3779B97F4A7C15,
    0xC2B2AE3D27D4EB4F,
    0x165667B19E3779F9,
    0x27D4EB2F165667C5,
    0xD6E8FEB86659FD93,
)
_OF_CORNERS: Final = (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53, 0x94D049BB133111EB)


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
    _kept_boxes: F32 | None = field(init=False, default=None)
    _kept_marks: F64 | None = field(init=False, default=None)
    _kept_cells: F64 | None = field(init=False, default=None)

    # All of them are worked out when they are asked for, in another frame than that in which it was laid out.

    @property
    def boxes(self) -> F32:
        """(4, triangles) float32: left, top, right, bottom of each in points, within its clip."""
        if self._kept_boxes is None:
            self._kept_boxes = self._boxes()
        return self._kept_boxes

    @property
    def cells(self) -> F64:
        """(rows, columns) float64, whole numbers: a sum of what lies there. Two panels look the same where
        theirs are equal."""
        if self._kept_cells is None:
            self._kept_cells = self._cells()
        return self._kept_cells

    @property
    def sums(self) -> Iterator[tuple[str, Callable[[], object]]]:
        """What is still to be worked out for `cells`, step by step, each with a name."""
        if self._kept_boxes is None:
            yield "boxes", lambda: self.boxes
        if self._kept_cells is None:
            if self._kept_marks is None:
                yield "marks", lambda: self.marks
            yield "cells", lambda: self.cells

    @property
    def marks(self) -> F64:
        """(triangles,) float64, 32 bits: says all that each is, texture and clip included.

        Which of several is drawn first is not in it: a panel is laid out in one order.
        """
        if self._kept_marks is None:
            self._kept_marks = self._marks()
        return self._kept_marks

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
        within: npt.NDArray[np.bool_] = (x0 < right) & (x1 > left) & (y0 < bottom) & (y1 > top)
        return within

    def _boxes(self) -> F32:
        places = self.vertices.view(np.float32).reshape(len(self.vertices), 5)
        one, two, three = (self.indices[k::3] for k in range(3))
        clips = np.array([run.clip for run in self.runs], np.float32).reshape(-1, 4)
        clips = np.repeat(clips.T, [run.count // 3 for run in self.runs], axis=1)
        boxes = np.empty((4, len(one)), np.float32)
        for axis in (0, 1):
            place = np.ascontiguousarray(places[:, axis])
            a, b, c = place[one], place[two], place[three]
            np.maximum(np.minimum(np.minimum(a, b), c), clips[axis], out=boxes[axis])
            np.minimum(np.maximum(np.maximum(a, b), c), clips[axis + 2], out=boxes[axis + 2])
        return boxes

    def _cells(self) -> F64:
        columns, rows = (
            int(-(-side // cell)) for side, cell in zip(self.size, (CELL_X, CELL_Y), strict=True)
        )
        # A sum over rectangles of cells: what each adds is written at its corners and summed up afterwards.
        # Marks have 32 bits, so that 2**20 triangles add up exactly.
        x0, y0, x1, y1 = self.boxes
        seen = (x1 > x0) & (y1 > y0)
        marks = np.where(seen, self.marks, 0.0)
        # What smooths an edge reaches over it by less than a point.
        left = np.clip((x0 - 1) * (1 / CELL_X), 0, columns - 1).astype(np.int32)
        right = np.clip((x1 + 1) * (1 / CELL_X), 0, columns - 1).astype(np.int32) + 1
        wide = columns + 1
        top = np.clip((y0 - 1) * (1 / CELL_Y), 0, rows - 1).astype(np.int32) * wide
        bottom = np.clip((y1 + 1) * (1 / CELL_Y), 0, rows - 1).astype(np.int32) * wide + wide
        most = (rows + 1) * wide
        corners = np.bincount(top + left, marks, most) - np.bincount(top + right, marks, most)
        corners += np.bincount(bottom + right, marks, most) - np.bincount(bottom + left, marks, most)
        return corners.reshape(rows + 1, wide).cumsum(axis=0).cumsum(axis=1)[:-1, :-1]

    def _marks(self) -> F64:
        words = self.vertices.view(np.uint32).reshape(len(self.vertices), 5)
        vertices = np.zeros(len(words), np.uint64)
        for k, factor in enumerate(_OF_WORDS):
            vertices += words[:, k] * np.uint64(factor)
        vertices = _mixed(vertices)
        of_runs = np.array([hash((run.texture, run.clip)) & (2**64 - 1) for run in self.runs], np.uint64)
        marks = np.repeat(of_runs, [run.count // 3 for run in self.runs])
        for k, factor in enumerate(_OF_CORNERS):
            marks += vertices[self.indices[k::3]] * np.uint64(factor)
        return (_mixed(marks) >> np.uint64(32)).astype(np.float64)


def _mixed(values: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    values = (values ^ (values >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
    return values ^ (values >> np.uint64(32))
