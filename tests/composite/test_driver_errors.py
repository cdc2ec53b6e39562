"""What the driver reports is asked for, and comes as a sentence."""

from __future__ import annotations

from collections.abc import Iterator

import moderngl
import pytest

from composite.gl_state import Gl
from mien.composite import FrameRows
from mien.composite.gl import Compositor, CompositorOptions, open_headless
from mien.errors import ContextLost, OutOfGpuMemory, RendererUnavailable
from mien.types import Size

SIZE = Size(8, 6)


@pytest.fixture
def own() -> Iterator[moderngl.Context]:
    """A context that nobody else draws in: its errors are ours."""
    context = open_headless()
    yield context
    context.release()


def test_no_room_for_pages_is_said_at_opening_and_leaves_nothing_behind(own: moderngl.Context) -> None:
    side, layers = int(own.info["GL_MAX_TEXTURE_SIZE"]), int(own.info["GL_MAX_ARRAY_TEXTURE_LAYERS"])
    with pytest.raises(
        OutOfGpuMemory, match=rf"no memory for {layers} atlas pages of {side}x{side}"
    ) as caught:
        Compositor(own, SIZE, side, layers, 1, options=CompositorOptions(private=True))
    assert isinstance(caught.value, MemoryError)
    with Compositor(own, SIZE, 16, 1, 1, options=CompositorOptions(private=True)) as compositor:
        assert compositor.draw(FrameRows(1, SIZE, (1.0, 0.0, 0.0, 1.0)))
        assert compositor.read()[0, 0, 0] == 255


def test_an_error_of_the_driver_is_raised_with_its_name_at_the_next_reading(own: moderngl.Context) -> None:
    with Compositor(own, SIZE, 16, 1, 1, options=CompositorOptions(private=True)) as compositor:
        compositor.draw(FrameRows(1, SIZE))
        with compositor.current():
            Gl(own).Enable(0xDEAD)
        with pytest.raises(RendererUnavailable, match="GL_INVALID_ENUM when it drew"):
            compositor.read()
        assert compositor.read().shape == (6, 8, 4), "told once"


def test_running_out_of_memory_in_a_frame_is_raised(
    own: moderngl.Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Compositor(own, SIZE, 16, 1, 1, options=CompositorOptions(private=True)) as compositor:
        compositor.draw(FrameRows(1, SIZE))
        codes = iter((0x0505, 0))
        monkeypatch.setattr(compositor._gl.errors, "_get_error", lambda: next(codes, 0))
        with pytest.raises(OutOfGpuMemory, match="ran out of memory"):
            compositor.read()


@pytest.mark.parametrize(
    ("status", "reason"),
    [(0x8253, "by what was drawn"), (0x8254, "by another program"), (0x8255, "for no known reason")],
)
def test_a_reset_of_the_gpu_is_a_lost_context(
    own: moderngl.Context, monkeypatch: pytest.MonkeyPatch, status: int, reason: str
) -> None:
    with Compositor(own, SIZE, 16, 1, 1, options=CompositorOptions(private=True)) as compositor:
        if compositor._gl.errors._get_status is None:
            assert own.version_code < 450
            pytest.skip("this driver tells nothing of resets")
        frame = FrameRows(1, SIZE)
        compositor.draw(frame)
        compositor.read()
        monkeypatch.setattr(compositor._gl.errors, "_get_status", lambda: status)
        frame.clear = (1.0, 1.0, 1.0, 1.0)
        with pytest.raises(ContextLost, match=reason):
            compositor.draw(frame)


def test_errors_of_the_program_are_not_taken_for_ours(own: moderngl.Context) -> None:
    with own, Compositor(own, SIZE, 16, 1, 1) as compositor:
        frame = FrameRows(1, SIZE)
        compositor.draw(frame)
        Gl(own).Enable(0xDEAD)
        compositor.read()
        frame.clear = (1.0, 1.0, 1.0, 1.0)
        compositor.draw(frame)
        assert Gl(own).GetError() == 0x0500, "the program finds its error where it left it"
