"""In a program's own context: whatever the program has set, the picture is right and the state stays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import moderngl
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from composite.gl_state import Gl, disturbances, reset, snapshot
from mien.character import Drawing
from mien.composite import FrameRows, PictureRows
from mien.composite.gl import Compositor, CompositorOptions, open_headless
from mien.types import U8, Affine, Blend, Rect, Size

SIZE = Size(48, 80)
"""Higher than two tiles: a frame that is drawn upside down is another."""


class Program:
    """A program with a context of its own, in which a compositor draws, too."""

    def __init__(self, ctx: moderngl.Context, strategy: str) -> None:
        self.ctx = ctx
        self.disturb = disturbances(ctx)
        self.screen = ctx.framebuffer([ctx.texture((64, 90), 4), ctx.texture((64, 90), 4)])
        reset(ctx)
        self.page: U8 = np.zeros((32, 32, 4), np.uint8)
        self.page[2:26, 2:30] = (100, 40, 20, 128)
        self.page[6:12, 4:20] = (10, 200, 30, 255)
        self.frame = FrameRows(3, SIZE)
        drawing = Drawing("d", 0, Rect(2, 2, 28, 24), (0, 0))
        self.below, self.above = PictureRows(drawing), PictureRows(drawing, blend=Blend.SCREEN)
        chosen: Literal["loop", "fetch"] = "loop" if strategy == "loop" else "fetch"
        self.compositor = Compositor(ctx, SIZE, 32, 1, 3, options=CompositorOptions(strategy=chosen))
        self.compositor.upload_page(0, self.page)
        self.compositor.warm_up(self.screen)

    def place(self, x: float) -> FrameRows:
        self.frame.reset()
        self.below.fill(self.frame, Affine(tx=x, ty=3))
        self.above.fill(self.frame, Affine(tx=x + 9.5, ty=1), opacity=0.7)
        return self.frame

    def shown(self, x: float) -> U8:
        """The frame, which then is over what the screen shows."""
        self.compositor.upload_page(0, self.page)
        self.compositor.draw(self.place(x))
        picture = self.compositor.read().copy()
        self.compositor.blit_to(self.screen, (3, 2, 48, 80))
        return picture

    def on_screen(self) -> bytes:
        """Both attachments of the screen."""
        return bytes(self.screen.read(components=4)) + bytes(self.screen.read(components=4, attachment=1))

    def paint_screen(self) -> None:
        self.screen.clear(0.2, 0.4, 0.6, 1.0)


@pytest.fixture(scope="module", params=["fetch", "loop"])
def program(request: pytest.FixtureRequest) -> Iterator[Program]:
    with open_headless() as ctx:
        if request.param == "fetch" and "GL_EXT_shader_framebuffer_fetch" not in ctx.extensions:
            pytest.skip("this renderer's shaders cannot read their target")
        opened = Program(ctx, request.param)
        yield opened
        reset(ctx)
        opened.compositor.close()
    ctx.release()


def expected(program: Program, x: float) -> tuple[U8, bytes]:
    reset(program.ctx)
    program.paint_screen()
    program.compositor.draw(program.place(x + 1))
    return program.shown(x), program.on_screen()


@settings(max_examples=30)
@given(data=st.data())
def test_whatever_a_program_has_set_the_picture_is_right_and_the_state_stays(
    program: Program, data: st.DataObject
) -> None:
    check(program, data.draw(st.lists(st.sampled_from(sorted(program.disturb)), unique=True, min_size=2)))


def test_each_disturbance_alone_changes_nothing(program: Program) -> None:
    for name in program.disturb:
        check(program, [name])


def check(program: Program, names: list[str]) -> None:
    """That the frame and the screen come out right after these disturbances, and that the state stays."""
    picture, screen = expected(program, 4.25)
    program.compositor.draw(program.place(5.25))
    reset(program.ctx)
    program.paint_screen()
    for name in names:
        program.disturb[name]()
    before = snapshot(program.ctx)
    again = program.shown(4.25)
    after = snapshot(program.ctx)
    changed = {name: (before[name], after[name]) for name in before if before[name] != after[name]}
    assert not changed, names
    assert np.array_equal(again, picture), names
    reset(program.ctx)
    assert program.on_screen() == screen, names
    assert Gl(program.ctx).GetError() == 0


def test_each_disturbance_changes_the_state(program: Program) -> None:
    for name, disturb in program.disturb.items():
        reset(program.ctx)
        before = snapshot(program.ctx)
        disturb()
        assert snapshot(program.ctx) != before, name
    reset(program.ctx)


def test_opening_and_closing_leave_the_state_too(program: Program) -> None:
    for disturb in program.disturb.values():
        disturb()
    before = snapshot(program.ctx)
    with Compositor(program.ctx, SIZE, 32, 1, 3, options=CompositorOptions(pixel_buffers=True)) as other:
        other.upload_page(0, program.page)
        other.warm_up(program.screen)
        other.draw(program.place(2.0))
        other.begin_read(1)
        while other.take_read() is None:
            pass
        assert other.picture.any()
    after = snapshot(program.ctx)
    assert {name: (before[name], after[name]) for name in before if before[name] != after[name]} == {}
    reset(program.ctx)


def test_a_program_that_was_deleted_while_in_use_is_no_error(program: Program) -> None:
    gl = Gl(program.ctx)
    reset(program.ctx)
    source = "#version 330\nvoid main() { gl_Position = vec4(0); }"
    fragment = "#version 330\nout vec4 c; void main() { c = vec4(1); }"
    doomed = program.ctx.program(vertex_shader=source, fragment_shader=fragment)
    gl.UseProgram(doomed.glo)
    gl.DeleteProgram(doomed.glo)
    assert program.shown(3.0).any()
    assert gl.GetError() == 0
    reset(program.ctx)


def test_a_pending_transform_feedback_goes_on(program: Program) -> None:
    if program.ctx.version_code < 400:
        pytest.skip("OpenGL 4.0 can pause transform feedback")
    gl = Gl(program.ctx)
    reset(program.ctx)
    assert gl.GetError() == 0
    source = "#version 330\nout float v; void main() { v = 1.0; gl_Position = vec4(0); }"
    feeding = program.ctx.program(vertex_shader=source, varyings=("v",))
    buffer = program.ctx.buffer(reserve=64)
    gl.UseProgram(feeding.glo)
    gl.BindBufferBase(0x8C8E, 0, buffer.glo)
    gl.BeginTransformFeedback(0)
    assert program.shown(7.0).any()
    gl.EndTransformFeedback()
    assert gl.GetError() == 0
    reset(program.ctx)
