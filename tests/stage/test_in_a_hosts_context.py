"""A stage in a program's own GL context: frames over its scene, and as a texture."""

from __future__ import annotations

from collections.abc import Iterator

import moderngl
import numpy as np
import pytest

import mien
from mien.composite.gl import open_headless
from mien.composite.gl.context import second_context
from mien.errors import ContextLost, ScriptError

ONE = {"wren": "wren"}
SIZE = (96, 72)


@pytest.fixture
def ctx() -> Iterator[moderngl.Context]:
    with open_headless() as context:
        yield context
    context.release()


def test_frames_there_are_those_of_a_context_of_its_own(ctx: moderngl.Context) -> None:
    with (
        mien.open_stage(ONE, size=SIZE, seed=5) as own,
        mien.open_stage(ONE, size=SIZE, seed=5, context=ctx) as there,
    ):
        for _ in range(4):
            assert np.array_equal(own.frame(), there.frame())


def test_a_frame_is_drawn_over_the_hosts_scene_and_offered_as_a_texture(ctx: moderngl.Context) -> None:
    screen = ctx.simple_framebuffer((200, 100))
    screen.use()
    screen.clear(0.0, 0.0, 1.0, 1.0)
    with (
        mien.open_stage(ONE, size=SIZE, background=mien.TRANSPARENT) as own,
        mien.open_stage(ONE, size=SIZE, background=mien.TRANSPARENT, context=ctx) as stage,
    ):
        stage.draw()
        stage.draw_to(screen, (50, 10, *SIZE))
        picture = own.frame()
        texture = np.frombuffer(stage.texture.read(), np.uint8).reshape(SIZE[1], SIZE[0], 4)
        assert ctx.fbo is screen
    assert np.array_equal(texture, picture)
    shown = np.frombuffer(screen.read(components=4), np.uint8).reshape(100, 200, 4)[::-1]
    inside = shown[100 - 10 - SIZE[1] : 100 - 10, 50 : 50 + SIZE[0]]
    expected = picture + (1 - picture[..., 3:] / 255) * np.array([0, 0, 255, 255])
    assert np.abs(inside - expected).max() <= 1
    assert (shown[:, :50] == (0, 0, 255, 255)).all()


def test_two_stages_share_the_hosts_context(ctx: moderngl.Context) -> None:
    with (
        mien.open_stage(ONE, size=SIZE, context=ctx) as a,
        mien.open_stage({"otto": "otto"}, size=SIZE, context=ctx) as b,
        mien.open_stage({"otto": "otto"}, size=SIZE) as alone,
    ):
        first = a.frame()
        assert np.array_equal(b.frame(), alone.frame())
        assert not np.array_equal(first, b.frame())


def test_the_renderer_has_a_name_when_the_hosts_context_is_not_current() -> None:
    with open_headless() as own:
        name = str(own.info["GL_RENDERER"])
        host = second_context(own)  # as a host's that was never asked for its name
        host._info = None  # type: ignore[attr-defined]
        stage = mien.open_stage(ONE, size=SIZE, context=host)
        assert stage.renderer == name and host._info is None  # type: ignore[attr-defined]
        stage.close()
    own.release()


def test_what_cannot_be_drawn_to_is_refused_and_leaves_no_error_in_the_hosts_context(
    ctx: moderngl.Context,
) -> None:
    screen = ctx.simple_framebuffer((64, 48))
    released = ctx.simple_framebuffer((8, 8))
    released.release()
    screen.use()
    screen.clear(0.0, 0.0, 1.0, 1.0)
    with mien.open_stage(ONE, size=SIZE, context=ctx) as stage:
        stage.draw()
        for viewport in (
            (0, 0, -64, 48),
            (0, 0, 64, -1),
            (0, 0, 1 << 40, 48),
            (0.5, 0, 64, 48),
            (0, 0, 64),
            "0064",
            None,
        ):
            with pytest.raises(ScriptError, match="viewport cannot be"):
                stage.draw_to(screen, viewport)  # type: ignore[arg-type]
        for target in (12345, released, -1, 2**40, None, "screen", True):
            with pytest.raises(ScriptError, match="framebuffer to draw to cannot be"):
                stage.draw_to(target, (0, 0, 64, 48))  # type: ignore[arg-type]
        with pytest.raises(ScriptError, match="incomplete"):
            stage.draw_to(0, (0, 0, 64, 48))  # a context without a window has no such framebuffer
        assert ctx.error == "GL_NO_ERROR" and ctx.fbo is screen
        assert np.frombuffer(screen.read(components=4), np.uint8).reshape(-1, 4)[:, 2].min() == 255
        stage.draw_to(screen, (-10, -10, 84, 68))  # over the edges is fine
        stage.draw_to(screen, (0, 0, 0, 0))  # a window that is minimized
        assert ctx.error == "GL_NO_ERROR"
        assert stage.frame().any()


def test_a_context_that_was_released_is_named_as_such() -> None:
    ctx = open_headless()
    stage = mien.open_stage(ONE, size=SIZE, context=ctx)
    stage.draw()
    ctx.release()
    for call in (stage.draw, stage.frame, lambda: stage.texture):
        with pytest.raises(ContextLost, match=r"that this stage or compositor draws in was released: .*\.$"):
            call()
    stage.close()
    with pytest.raises(ContextLost, match=r"the GL context given was released: give one that is there\.$"):
        mien.open_stage(ONE, size=SIZE, context=ctx)


def test_over_is_true_or_false(ctx: moderngl.Context) -> None:
    with mien.open_stage(ONE, size=SIZE, context=ctx) as stage:
        stage.draw()
        with pytest.raises(ScriptError, match="over cannot be 'x': give True"):
            stage.draw_to(0, (0, 0, 8, 8), over="x")  # type: ignore[arg-type]
