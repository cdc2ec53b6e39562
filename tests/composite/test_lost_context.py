"""A context that is gone is said so in a sentence, and closing after it is no error."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pytest

from mien.composite import FrameRows
from mien.composite.gl import Compositor, CompositorOptions, open_headless
from mien.composite.gl.readback import RING
from mien.errors import Closed, ContextLost
from mien.types import Size


@pytest.mark.parametrize("strategy", ["auto", "loop"])
def test_a_lost_context_is_named_and_closing_after_it_is_quiet(strategy: str) -> None:
    size, page = Size(8, 6), np.zeros((16, 16, 4), np.uint8)
    context = open_headless()
    compositor = Compositor(
        context, size, 16, 1, 4, options=CompositorOptions(strategy="loop" if strategy == "loop" else "auto")
    )
    frame = FrameRows(4, size)
    compositor.draw(frame)
    context.release()
    for call in (
        lambda: compositor.draw(frame),
        compositor.read,
        lambda: compositor.read_into(np.zeros((6, 8, 4), np.uint8)),
        lambda: compositor.upload_page(0, page),
        compositor.warm_up,
        compositor.take_read,
        lambda: compositor.begin_read(1),
        lambda: compositor.busy,
    ):
        with pytest.raises(ContextLost, match="context"):
            call()
    compositor.close()
    compositor.close()


@pytest.mark.parametrize("strategy", ["auto", "loop"])
@pytest.mark.parametrize("lost", [False, True], ids=["closed", "lost"])
@pytest.mark.parametrize("buffered", [False, True], ids=["target", "pixel buffers"])
def test_closing_with_readings_under_way_frees_everything(
    strategy: str, lost: bool, buffered: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, size = open_headless(), Size(8, 6)
    name: Literal["auto", "loop"] = "loop" if strategy == "loop" else "auto"
    offscreen = FrameRows(4, size)
    compositor = Compositor(
        context,
        size,
        16,
        1,
        4,
        offscreens=[offscreen],
        options=CompositorOptions(strategy=name, pixel_buffers=buffered),
    )
    counters = compositor.counters
    monkeypatch.setattr(compositor._gl.functions, "reached", lambda fence: False)
    frame = FrameRows(4, size)
    frame.add_offscreen(4, size)
    for number in range(5):
        frame.clear = (number / 5, 0.0, 0.0, 1.0)
        assert compositor.draw(frame)
        compositor.begin_read(number)
    # One behind the last frame, and one behind each reading in a buffer.
    assert counters.fences - counters.fences_freed == 1 + (RING if buffered else 0)
    if lost:
        context.release()
    compositor.close()
    compositor.close()
    assert counters.fences == counters.fences_freed > 0
    assert counters.allocations == counters.freed > 0
    if not lost:
        with pytest.raises(Closed):
            compositor.take_read()
        context.release()
