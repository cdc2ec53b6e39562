"""What goes wrong in the middle of a frame, or never stops, does not spoil the frames after it."""

from __future__ import annotations

import moderngl
import numpy as np
import pytest

from composite.scenes import Atlas, frame_of, slot, solid
from mien.composite import FrameRows
from mien.composite.gl import Compositor, CompositorOptions, choose_strategy
from mien.composite.rows import BOUNDS, FLOATS, INVERSE_X, NO_MASK, SAMPLE_COUNT
from mien.errors import MienError
from mien.types import U8, Affine, Size

SIZE = Size(40, 24)
RED, BLUE = (255, 0, 0, 255), (0, 0, 255, 255)


def opened(ctx: moderngl.Context, strategy: str) -> tuple[Compositor, FrameRows, FrameRows]:
    atlas = Atlas(48, 48)
    red, blue = atlas.add(solid(8, 8, RED)), atlas.add(solid(8, 8, BLUE))
    compositor = Compositor(
        ctx, SIZE, 48, 1, 8, options=CompositorOptions(strategy="fetch" if strategy == "fetch" else "loop")
    )
    compositor.upload_page(0, atlas.page)
    compositor.warm_up()
    return (
        compositor,
        frame_of([slot(red)], SIZE, Affine(tx=3)),
        frame_of([slot(red), slot(blue)], SIZE, Affine(tx=9.5)),
    )


def fresh(ctx: moderngl.Context, strategy: str, which: int) -> U8:
    compositor, *frames = opened(ctx, strategy)
    with compositor:
        compositor.draw(frames[which])
        return compositor.read().copy()


@pytest.mark.parametrize("where", ["prepare", "upload", "draw"])
def test_a_frame_that_was_broken_off_is_drawn_by_the_next_call(
    ctx: moderngl.Context, strategy: str, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    compositor, first, second = opened(ctx, strategy)

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with compositor:
        compositor.draw(first)
        with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
            patched.setattr(compositor._gl.strategy, where, interrupted)
            compositor.draw(second)
        assert compositor.draw(second)
        assert np.array_equal(compositor.read(), fresh(ctx, strategy, 1))
        assert compositor.draw(first)
        assert np.array_equal(compositor.read(), fresh(ctx, strategy, 0))


def test_a_window_of_another_size_does_not_bleed_over_the_edges(ctx: moderngl.Context, strategy: str) -> None:
    compositor, *_ = opened(ctx, strategy)
    atlas = Atlas(48, 48)
    top = frame_of([slot(atlas.add(solid(40, 1, RED)))], SIZE)
    texture = ctx.texture((160, 96), 4)
    window = ctx.framebuffer([texture])
    window.clear()  # what is new is not empty on every driver
    with compositor:
        compositor.upload_page(0, atlas.page)
        compositor.draw(top)
        compositor.blit_to(window, (0, 0, 160, 96))
    shown = np.frombuffer(window.read(components=4), np.uint8).reshape(96, 160, 4)[::-1]
    window.release()
    texture.release()
    assert shown[0, :, 0].min() == 255
    assert not shown[12:].any()


def test_frames_that_nobody_reads_take_no_more_memory(ctx: moderngl.Context, strategy: str) -> None:
    compositor, first, second = opened(ctx, strategy)
    with compositor:
        for _ in range(140):  # which are 280
            compositor.draw(first)
            compositor.draw(second)
        assert len(compositor._gl.readback._unread) <= 256
        assert np.array_equal(compositor.read(), fresh(ctx, strategy, 1))


@pytest.mark.parametrize(
    ("where", "value"),
    [(INVERSE_X.start, np.nan), (BOUNDS.start, -1.0), (BOUNDS.stop - 1, 25.0), (SAMPLE_COUNT, 5.0)],
)
def test_rows_that_make_no_sense_are_refused_and_the_next_frame_is_right(
    ctx: moderngl.Context, strategy: str, where: int, value: float
) -> None:
    compositor, first, second = opened(ctx, strategy)
    with compositor:
        compositor.draw(first)
        bad = FrameRows(4, SIZE)
        bad.claim(1)[:] = second.rows[:1]
        bad.rows[0, where] = value
        draws = compositor.counters.draws
        with pytest.raises(ValueError, match=r"NaN|bounds outside"):
            compositor.draw(bad)
        assert compositor.counters.draws == draws
        assert compositor.draw(second)
        assert np.array_equal(compositor.read(), fresh(ctx, strategy, 1))


def test_a_clear_colour_changed_in_place_is_drawn(ctx: moderngl.Context, strategy: str) -> None:
    compositor, *_ = opened(ctx, strategy)
    frame = FrameRows(1, SIZE)
    clear = [0.0, 0.0, 0.0, 0.0]
    frame.clear = clear  # type: ignore[assignment]
    with compositor:
        compositor.draw(frame)
        clear[:] = [0.0, 1.0, 0.0, 1.0]
        assert compositor.draw(frame)
        assert compositor.read()[0, 0].tolist() == [0, 255, 0, 255]


def test_many_offscreens_that_nobody_shows_cost_no_more_than_themselves(ctx: moderngl.Context) -> None:
    frame = FrameRows(1, Size(8, 8))
    for _ in range(min(300, ctx.info["GL_MAX_ARRAY_TEXTURE_LAYERS"])):
        frame.add_offscreen(1, Size(8, 8))
    with Compositor(ctx, frame.size, 48, 1, 1, offscreens=frame.offscreens) as compositor:
        assert compositor.draw(frame)
        assert not compositor.draw(frame)
    assert NO_MASK < -1 - 65536
    assert frame.rows.shape == (1, FLOATS)


def test_strategies_that_are_none_are_refused(ctx: moderngl.Context, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match=r"strategy cannot be 'fecth': did you mean 'fetch'\?"):
        Compositor(ctx, SIZE, 48, 1, 8, options=CompositorOptions(strategy="fecth"))  # type: ignore[arg-type]
    monkeypatch.setenv("MIEN_STRATEGY", "foo")
    with pytest.raises(MienError, match="MIEN_STRATEGY=foo is not a strategy: use fetch or loop"):
        choose_strategy(ctx)
    monkeypatch.setenv("MIEN_STRATEGY", "loop")
    with Compositor(ctx, SIZE, 48, 1, 8) as compositor:
        assert compositor.strategy == "loop"
