"""Renderers that can do little: what they can is drawn, what they cannot is said with what to do."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast
from unittest.mock import MagicMock

import moderngl
import numpy as np
import pytest

from composite.gles import NoGles, gles_context
from composite.scenes import random_frame
from composite.timeline import page
from mien.composite.gl import Compositor, CompositorOptions, attach, programs
from mien.composite.gl.checks import check_limits, check_renderer
from mien.composite.gl.counters import Counters
from mien.composite.gl.loop import Loop
from mien.composite.gl.sizes import Sizes
from mien.composite.reference import composite
from mien.errors import RendererUnavailable
from mien.types import Size

LARGEST, LAYERS = 2048, 256


@pytest.fixture
def small(ctx: moderngl.Context, monkeypatch: pytest.MonkeyPatch) -> moderngl.Context:
    """As of a renderer with the limits that many older ones have."""
    monkeypatch.setitem(ctx.info, "GL_MAX_TEXTURE_SIZE", LARGEST)
    monkeypatch.setitem(ctx.info, "GL_MAX_ARRAY_TEXTURE_LAYERS", LAYERS)
    return ctx


@pytest.mark.parametrize(
    ("size", "side", "rows", "pages", "said"),
    [
        (Size(2560, 1440), 2048, 64, 1, r"a frame's side: 2560 .* 2048; draw a smaller frame"),
        (Size(640, 360), 4096, 64, 1, r"an atlas page's side: 4096 .* 2048; draw a smaller frame, or split"),
        (Size(640, 360), 64, 2049, 1, r"the most rows of a frame: 2049 .* 2048; open it for fewer rows"),
        (Size(640, 360), 64, 64, 257, r"the number of atlas pages: 257 .* 256; .* page budget"),
        (Size(0, 360), 64, 64, 1, r"sizes must be at least 1: frame \(0, 360\)"),
    ],
)
def test_what_a_small_renderer_cannot_hold_is_said_with_what_to_do(
    small: moderngl.Context, size: Size, side: int, rows: int, pages: int, said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        check_limits(small, size, Size(side, side), pages, rows, 0)


@pytest.mark.parametrize("largest", [1024, 64], ids=["the least of GL 3.3", "several lines"])
def test_lists_take_the_lines_that_a_small_renderer_has(
    ctx: moderngl.Context, monkeypatch: pytest.MonkeyPatch, largest: int
) -> None:
    """At 64 the 400 tiles of this frame need more entries than a line has."""
    monkeypatch.setitem(ctx.info, "GL_MAX_TEXTURE_SIZE", largest)
    size, pages = Size(64, 63), [page(np.random.default_rng(1), 0)[:48, :48]]
    with Compositor(ctx, size, 48, 1, 40, options=CompositorOptions(strategy="loop")) as compositor:
        compositor.upload_page(0, pages[0])
        for seed in range(12):
            frame = random_frame(np.random.default_rng(seed), size, (48, 48), 1)
            compositor.draw(frame)
            assert np.abs(compositor.read() - composite(frame, pages) * 255.0).max() <= 1.0, seed


def sizes(rows: int) -> Sizes:
    """Of a frame of one tile."""
    return Sizes(Size(8, 8), Size(8, 8), 1, [rows], [])


def test_lists_that_are_too_long_are_said_with_what_to_do() -> None:
    renderer, other = MagicMock(info={"GL_MAX_TEXTURE_SIZE": LARGEST}), MagicMock()
    with pytest.raises(ValueError, match="2048 lines of 2048 hold; make the frame smaller, or open it for"):
        Loop(renderer, other, other, other, other, sizes(LARGEST**2 + 1), Counters())
    Loop(renderer, other, other, other, other, sizes(LARGEST**2), Counters())


def test_a_context_of_opengl_es_is_refused_in_a_sentence() -> None:
    refused = pytest.raises(RendererUnavailable, match=r"is OpenGL ES 3.* needs desktop OpenGL 3\.3")
    try:
        with gles_context(), refused:
            attach()
    except NoGles as reason:
        pytest.skip(str(reason))


def test_a_compositor_refuses_opengl_es_too() -> None:
    """Of a program that made the context with moderngl."""
    es = SimpleNamespace(info={"GL_VERSION": "OpenGL ES 3.2 Mesa 22.3.6"}, version_code=320)
    with pytest.raises(RendererUnavailable, match=r"is OpenGL ES 3\.2 .* needs desktop OpenGL 3\.3"):
        check_limits(cast(moderngl.Context, es), Size(8, 8), Size(8, 8), 1, 1, 0)


def test_an_old_opengl_is_refused_in_a_sentence() -> None:
    old = SimpleNamespace(info={"GL_VERSION": "3.1 Mesa 22.3.6"}, version_code=310)
    with pytest.raises(RendererUnavailable, match=r"is OpenGL 3\.1 .* needs 3\.3"):
        check_renderer(cast(moderngl.Context, old))


def test_a_program_that_does_not_compile_is_said_with_what_to_do(
    ctx: moderngl.Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(programs, "shader_source", lambda name, macros: "#version 330 core\nnonsense")
    with pytest.raises(RendererUnavailable, match=r"does not compile .*glsl \(.*\): .* MIEN_STRATEGY=loop"):
        Compositor(ctx, Size(8, 8), 16, 1, 4, options=CompositorOptions(strategy="loop"))
