"""Frames that need every program once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mien.composite.rows import (
    BLEND,
    BOUNDS,
    CLIPPED,
    FLOATS,
    FOLLOWERS,
    INVERSE_X,
    INVERSE_Y,
    OPACITY,
    TAP_COUNT,
    TAPS,
    TINT,
    WEIGHTS,
    FrameRows,
)
from mien.types import Blend, Size

_Case = tuple[float, float, Blend, int, int]
"""Scale and turn of the inverse map, blend mode, taps, rows of the unit."""

_ARITHMETIC: Final[tuple[_Case, ...]] = (
    (1.0, 0.0, Blend.NORMAL, 1, 1),
    *((1.0, 0.1, Blend.NORMAL, 1, members) for members in range(1, 8)),
    *((1.0, 0.0, Blend.NORMAL, taps, 1) for taps in (2, 4)),
    *((2.0, 0.1, Blend.NORMAL, 1, members) for members in (1, 2)),
)
_OTHERS: Final[tuple[_Case, ...]] = (
    *((scale, 0.1, Blend.HUE, 1, 1) for scale in (1.0, 2.0)),
    (1.0, 0.0, Blend.PASS_THROUGH, 1, 1),
)


def every_kind(max_rows: int, size: Size, surfaces: tuple[FrameRows, ...]) -> Iterator[FrameRows]:
    """Frames with clip groups of all sizes that have a program, upright and turned, fading, in other modes.

    A pixel each, of rows without weight, over one that hides all below it: drivers finish a program when its
    first pixel is drawn. Few frames, since each is waited for.
    """
    for cases, turned in ((_ARITHMETIC, 0.0), (_OTHERS, 0.1)):
        left = [case for case in cases if case[-1] <= max_rows]
        while left:
            frame = FrameRows(max_rows, size)
            frame.surfaces = surfaces
            for surface in surfaces:
                surface.reset()
            if left[0][-1] < max_rows:
                # A planner that knows no page takes what may hide all below it at its word.
                _fill(frame, 1.0, turned, Blend.NORMAL, 1, 1)
                frame.rows[0, [OPACITY, WEIGHTS.start, *range(FLOATS)[TINT]]] = 1.0
            while left and frame.count + left[0][-1] <= max_rows:
                case = left.pop(0)
                _fill(frame, *case)
                for surface in surfaces:
                    if surface.count + case[-1] <= surface.capacity:
                        _fill(surface, *case)
            yield frame


def _fill(frame: FrameRows, scale: float, turned: float, mode: Blend, taps: int, members: int) -> None:
    rows = frame.claim(members)
    rows[:, BOUNDS] = (0.0, 0.0, 1.0, 1.0)
    rows[:, INVERSE_X] = (scale, turned, 0.0)
    rows[:, INVERSE_Y] = (-turned, scale, 0.0)
    rows[:, BLEND] = mode
    rows[:, TAP_COUNT] = taps
    # Texels of the page's gutter: what is read does not matter, that something is does.
    rows[:, TAPS] = (1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 2.0, 2.0) * 4
    rows[1:, CLIPPED] = 1.0
    rows[0, FOLLOWERS] = members - 1
