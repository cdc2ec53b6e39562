"""One GL context for each module of tests, closed with it: a process must not hold two at a time."""

from __future__ import annotations

from collections.abc import Iterator

import moderngl
import numpy as np
import pytest

from composite.scenes import Draw, Renderers
from mien.composite.gl import open_headless


@pytest.fixture(autouse=True)
def strict_arithmetic() -> Iterator[None]:
    with np.errstate(all="raise", under="ignore"):
        yield


@pytest.fixture(scope="module")
def ctx() -> Iterator[moderngl.Context]:
    with open_headless() as context:
        yield context
    context.release()


@pytest.fixture(scope="module")
def renderers(ctx: moderngl.Context) -> Iterator[Renderers]:
    opened = Renderers(ctx)
    yield opened
    opened.close()


@pytest.fixture(params=["fetch", "loop"])
def strategy(request: pytest.FixtureRequest, ctx: moderngl.Context) -> str:
    """Each strategy that this renderer can do."""
    name = str(request.param)
    if name == "fetch" and "GL_EXT_shader_framebuffer_fetch" not in ctx.extensions:
        pytest.skip("this renderer's shaders cannot read their target")
    return name


@pytest.fixture(params=["reference", "fetch", "loop"])
def draw(request: pytest.FixtureRequest, ctx: moderngl.Context, renderers: Renderers) -> Draw:
    """The reference, and each strategy that this renderer can do."""
    name = str(request.param)
    if name == "fetch" and "GL_EXT_shader_framebuffer_fetch" not in ctx.extensions:
        pytest.skip("this renderer's shaders cannot read their target")
    return renderers.render(name)
