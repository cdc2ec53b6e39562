"""GPU time comes late, without waiting, and from renderers that can tell it only."""

from __future__ import annotations

import moderngl
import pytest

from mien.composite.gl.counters import Counters
from mien.composite.gl.timer import GpuTimer


def draw(ctx: moderngl.Context) -> None:
    target = ctx.framebuffer([ctx.texture((64, 64), 4)])
    target.clear(0.5)
    target.release()


def test_a_renderer_that_is_not_trusted_gives_no_time(ctx: moderngl.Context) -> None:
    counters = Counters()
    timer = GpuTimer(ctx, counters, trusted=False)
    for _ in range(8):
        with timer:
            draw(ctx)
        ctx.finish()
        assert timer.take() is None
    assert counters.allocations == 0
    timer.release(alive=True)
    assert counters.freed == 0


def test_times_come_once_each_and_the_newest_wins(ctx: moderngl.Context) -> None:
    counters = Counters()
    timer = GpuTimer(ctx, counters, trusted=True)
    assert timer.take() is None
    for _ in range(3):
        for _ in range(3):
            with timer:
                draw(ctx)
        ctx.finish()
        took = timer.take()
        assert took is not None and took >= 0.0
        assert timer.take() is None
    timer.release(alive=True)
    timer.release(alive=True)
    assert counters.allocations == counters.freed == 4


def test_a_gpu_that_is_behind_is_neither_waited_for_nor_overrun(
    ctx: moderngl.Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    timer = GpuTimer(ctx, Counters(), trusted=True)
    monkeypatch.setattr(timer, "_available", lambda *_: None)
    for _ in range(10):
        with timer:
            draw(ctx)
        assert timer.take() is None
    assert timer._started == 4
    monkeypatch.undo()
    ctx.finish()
    assert timer.take() is not None
    timer.release(alive=True)
