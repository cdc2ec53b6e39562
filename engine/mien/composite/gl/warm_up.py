"""Frames that need every program once."""

from __future__ import annotations

from collections.abc import Iterator

from mien.composite.rows import (
    BLEND,
    BOUNDS,
    CLIPPED,
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

_LARGEST_GROUP = 8


def every_kind(max_rows: int, size: Size, surfaces: tuple[FrameRows, ...]) -> Iterator[FrameRows]:
    """Frames with clip groups of all sizes that have a program, upright and turned, fading, in other modes.

    A pixel each, of rows without weight: drivers finish a program when its first pixel is drawn.
    """
    for scale, turned, mode, taps, members in (
        (1.0, 0.0, Blend.NORMAL, 1, 1),
        *((1.0, 0.1, Blend.NORMAL, 1, members) for members in range(1, _LARGEST_GROUP)),
        *((1.0, 0.0, Blend.NORMAL, taps, 1) for taps in (2, 4)),
        *((scale, 0.1, Blend.HUE, 1, 1) for scale in (1.0, 2.0)),
        *((2.0, 0.1, Blend.NORMAL, 1, members) for members in (1, 2)),
        (1.0, 0.0, Blend.PASS_THROUGH, 1, 1),
    ):
        if members > max_rows:
            continue
        frame = FrameRows(max_rows, size)
        frame.surfaces = surfaces
        for surface in surfaces:
            surface.reset()
            if members <= surface.capacity:
                _fill(surface, scale, turned, mode, taps, members)
        _fill(frame, scale, turned, mode, taps, members)
        yield frame
    for turned in (0.0, 0.1):
        frame = FrameRows(max_rows, size)
        frame.surfaces = surfaces
        for block in (*surfaces, frame):
            block.reset()
            _fill(block, 1.0, turned, Blend.NORMAL, 1, 1)
            # A planner that knows no page takes what may hide all below it at its word.
            block.rows[0, [OPACITY, WEIGHTS.start, *range(TINT.start, TINT.stop)]] = 1.0
        yield frame


def _fill(frame: FrameRows, scale: float, turned: float, mode: Blend, taps: int, members: int) -> None:
    rows = frame.claim(members)
    rows[:, BOUNDS] = (0.0, 0.0, 1.0, 1.0)
    rows[:, INVERSE_X] = (scale, turned, 0.0)
    rows[:, INVERSE_Y] = (-turned, scale, 0.0)
    rows[:, BLEND] = mode
    rows[:, TAP_COUNT] = taps
    rows[:, WEIGHTS] = 0.0
    # Texels of the page's gutter: what is read does not matter, that something is does.
    rows[:, TAPS] = (1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 2.0, 2.0) * 4
    rows[1:, CLIPPED] = 1.0
    rows[0, FOLLOWERS] = members - 1
