"""Refusals before any GL call, layers that cannot be drawn, and crowds."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import moderngl
import numpy as np
import pytest

from composite.scenes import Atlas, frame_of, noise, placed, slot, solid
from mien.character import Drawing
from mien.composite import FrameRows, SlotRows
from mien.composite.gl import Compositor, CompositorOptions
from mien.errors import FrameFull, PageMissing
from mien.types import MAX_MIXED, Affine, Rect, Size

SIZE = Size(32, 24)
OFFSCREEN = Size(16, 12)


def opened(ctx: moderngl.Context, strategy: str, frame: FrameRows, rows: int) -> Compositor:
    name: Literal["fetch", "loop"] = "fetch" if strategy == "fetch" else "loop"
    return Compositor(
        ctx, frame.size, 48, 1, rows, offscreens=frame.offscreens, options=CompositorOptions(strategy=name)
    )


def test_offscreens_are_refused_before_anything_is_sent(ctx: moderngl.Context, strategy: str) -> None:
    frame = FrameRows(8, SIZE)
    frame.add_offscreen(2, OFFSCREEN)
    with opened(ctx, strategy, frame, 8) as compositor:
        crowd = FrameRows(8, SIZE)
        crowd.add_offscreen(3, OFFSCREEN)
        crowd.offscreens[0].claim(3)
        with pytest.raises(FrameFull, match="3 rows in a frame and room for 2"):
            compositor.draw(crowd)
        with pytest.raises(ValueError, match="offscreens"):
            compositor.draw(FrameRows(8, SIZE))
        for block, number in ((frame, -2), (frame.offscreens[0], -1), (frame, 1)):
            frame.reset()
            part = frame_of([slot(Drawing("d", number, Rect(2, 2, 8, 8), (0, 0)))], block.size)
            block.claim(1)[:] = part.rows[:1]
            with pytest.raises(PageMissing, match=rf"{'offscreen layer' if number < 0 else 'page'} "):
                compositor.draw(frame)
        assert (compositor.counters.uploads, compositor.counters.draws) == (0, 0)


def test_what_is_nowhere_is_hidden_counted_and_never_sent(ctx: moderngl.Context, strategy: str) -> None:
    atlas = Atlas(48, 48)
    slots = [slot(atlas.add(solid(6, 6, (255, 0, 0, 255)), (6 * k, 0))) for k in range(3)]
    world = placed(Affine(), 3)
    world[1, 0, 2], world[2, 1, 1] = np.nan, np.inf
    frame = frame_of(slots, SIZE, world)
    assert (frame.count, frame.hidden_total) == (1, 2)
    assert np.isfinite(frame.rows[: frame.count]).all()
    with opened(ctx, strategy, frame, 8) as compositor:
        compositor.upload_page(0, atlas.page)
        compositor.draw(frame)
        shown = compositor.read()
    assert shown[:6, :6, 3].all() and not shown[:, 6:].any()


@pytest.mark.parametrize("layers", [200, 500])
def test_twice_the_layers_are_twice_the_bytes_and_no_more_draws(
    ctx: moderngl.Context, strategy: str, layers: int
) -> None:
    def cost(count: int) -> tuple[int, int, int]:
        """Draws, bytes and writes of a frame of which every layer has moved."""
        drawing = Drawing("d", 0, Rect(4, 4, 20, 20), (0, 0))
        rows = SlotRows([slot(drawing, opacity=0.5) for _ in range(count)])
        frame = FrameRows(count, Size(256, 192))
        picks = np.full((count, MAX_MIXED), -1, np.int32)
        weights = np.zeros((count, MAX_MIXED), np.float32)
        picks[:, 0], weights[:, 0] = 0, 1.0
        world = placed(Affine(), count)
        world[:, 0, 2], world[:, 1, 2] = np.arange(count) * 37 % 230, np.arange(count) * 11 % 170
        with opened(ctx, strategy, frame, count) as compositor:
            compositor.upload_page(0, noise(np.random.default_rng(1), 48, 48))
            for step in range(2):
                before = replace(compositor.counters)
                world[:, 0, 2] += 0.5
                frame.reset()
                rows.append(frame, world, picks, weights, np.ones(count, np.float32), 1.0, (1.0,) * 4)
                assert frame.count == count, step
                compositor.draw(frame)
            after = compositor.counters
        return (
            after.draws - before.draws,
            after.upload_bytes - before.upload_bytes,
            after.uploads - before.uploads,
        )

    once, twice = cost(layers), cost(2 * layers)
    # Tiles are a draw by how many parts they have, whatever the number of tiles; deep ones one more for each
    # further MOST_PARTS.
    assert twice[0] <= 2 * once[0]
    assert twice[1] <= 2.1 * once[1]
    assert twice[2] <= once[2] + 1


def test_rows_that_were_filled_before_are_those_that_new_ones_would_be() -> None:
    """What is kept from frame to frame is never stale: a mix whose weights change keeps its drawings."""
    atlas = Atlas(64, 16)
    near, far = atlas.add(solid(6, 6, (9, 9, 9, 9)), (1, 1)), atlas.add(solid(6, 6, (9, 9, 9, 9)), (20, 12))
    kept = SlotRows([slot(near, far)])
    picks = np.array([[0, 1, -1, -1]], np.int32)
    for part in (1.0, 0.5, 0.0, 1.0):
        weights = np.array([[part, 1.0 - part, 0.0, 0.0]], np.float32)
        frames = []
        for rows in (kept, SlotRows([slot(near, far)])):
            frame = FrameRows(2, SIZE)
            rows.append(
                frame, placed(Affine(), 1), picks, weights, np.ones(1, np.float32), 1.0, (1.0, 1.0, 1.0, 1.0)
            )
            frames.append(frame.rows[: frame.count])
        assert np.array_equal(frames[0], frames[1]), part
