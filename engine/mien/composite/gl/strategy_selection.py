"""Which way of drawing suits a renderer."""

from __future__ import annotations

import os
from typing import Final, Literal

import moderngl

from mien.composite.gl.context import is_software
from mien.composite.gl.fetch import Fetch
from mien.errors import RendererUnavailable

StrategyName = Literal["fetch", "loop"]

OVERRIDE: Final = "MIEN_STRATEGY"
"""Environment variable that decides instead: `fetch` or `loop`."""


def choose_strategy(ctx: moderngl.Context) -> tuple[StrategyName, str]:
    """The strategy for this renderer, and why. Raises RendererUnavailable for an override that cannot be.

    On a processor a loop over layers costs every pixel the branches of all, 20 times what rectangles do that
    read the pixel below them: `fetch` where shaders can read their target. A GPU has branches for nothing and
    seldom lets shaders read their target, and what costs is the number of draws: `loop`, which has one.
    """
    wanted = os.environ.get(OVERRIDE, "")
    if wanted == "loop":
        return "loop", f"{OVERRIDE} says so"
    if wanted == "fetch":
        if not Fetch.available(ctx):
            raise RendererUnavailable(
                f"{OVERRIDE}=fetch, but shaders of {ctx.info['GL_RENDERER']} cannot read their target: "
                "use loop, or unset it."
            )
        return "fetch", f"{OVERRIDE} says so"
    if wanted:
        raise RendererUnavailable(f"{OVERRIDE}={wanted} is not a strategy: use fetch or loop, or unset it.")
    if not is_software(ctx):
        return "loop", "a GPU: one draw a frame"
    if Fetch.available(ctx):
        return "fetch", "a software renderer whose shaders can read their target"
    return "loop", "shaders of this renderer cannot read their target"


def named_strategy(ctx: moderngl.Context, name: Literal["auto"] | StrategyName) -> StrategyName:
    """Of that name; `auto`: as `choose_strategy`."""
    return choose_strategy(ctx)[0] if name == "auto" else name
