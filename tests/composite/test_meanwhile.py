"""Who waits for a compositor sees that something goes on."""

from __future__ import annotations

import ctypes

import moderngl
import pytest

from mien.composite.gl import Compositor, CompositorOptions
from mien.composite.gl.current import loader_of
from mien.errors import Closed
from mien.types import Size

SIZE = Size(64, 64)


def opened(ctx: moderngl.Context, options: CompositorOptions) -> Compositor:
    return Compositor(ctx, SIZE, 64, 1, 4, options=options)


@pytest.mark.parametrize("strategy", ["fetch", "loop"])
def test_something_else_is_done_after_each_program_that_is_linked_and_each_that_draws_first(
    ctx: moderngl.Context, strategy: str
) -> None:
    called: list[int] = []
    there: list[Compositor] = []
    options = CompositorOptions(
        strategy=strategy,  # type: ignore[arg-type]
        meanwhile=lambda: called.append(there[0].counters.draws if there else 0),
    )
    with opened(ctx, options) as compositor:
        assert len(called) == compositor.counters.compiles > 3
        called.clear()
        there.append(compositor)
        compositor.warm_up()
        assert called == list(range(1, len(called) + 1)) and len(called) > 3


@pytest.mark.parametrize("nth", [1, 4])
def test_what_is_raised_there_ends_it_and_all_is_freed(ctx: moderngl.Context, nth: int) -> None:
    left = [nth]

    def closed() -> None:
        left[0] -= 1
        if not left[0]:
            raise Closed("nobody waits.")

    before = programs_of(ctx)
    with pytest.raises(Closed):
        opened(ctx, CompositorOptions(meanwhile=closed))
    assert programs_of(ctx) == before
    with opened(ctx, CompositorOptions()) as compositor:
        compositor.warm_up()


def programs_of(ctx: moderngl.Context) -> int:
    """How many programs and shaders the context has."""
    find = loader_of(ctx).load_opengl_function
    asks = [ctypes.CFUNCTYPE(ctypes.c_ubyte, ctypes.c_uint)(find(n)) for n in ("glIsProgram", "glIsShader")]
    return sum(bool(ask(name)) for name in range(500) for ask in asks)
