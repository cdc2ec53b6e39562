"""One GL context for each module of tests, closed with it: a process must not hold two at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext

import moderngl
import numpy as np
import pytest

from composite.scenes import Draw, Renderers
from kept_contexts import handed_on, open_kept
from mien.composite.gl import open_headless


@pytest.fixture(autouse=True)
def strict_arithmetic() -> Iterator[None]:
    with np.errstate(all="raise", under="ignore"):
        yield


ONE_BY_ONE = ("test_readback_async.py", "test_scale.py")
"""Files whose tests open a compositor each, of which what is linked is not the claim."""


@pytest.fixture(scope="module")
def ctx(request: pytest.FixtureRequest) -> Iterator[moderngl.Context]:
    kept = request.path.name in ONE_BY_ONE
    with handed_on() if kept else nullcontext():
        with open_kept() if kept else open_headless() as context:
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
