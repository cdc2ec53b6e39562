"""A frame can be drawn before all programs are ready for others."""

from __future__ import annotations

import moderngl
import numpy as np
import pytest

from composite.scenes import noise, random_frame
from mien.composite.gl import Compositor, CompositorOptions
from mien.types import U8, Size

SIZE = Size(32, 24)


def opened(ctx: moderngl.Context, strategy: str, calls: list[int] | None = None) -> Compositor:
    options = CompositorOptions(
        strategy=strategy,  # type: ignore[arg-type]
        later=calls is not None,
        meanwhile=None if calls is None else lambda: calls.append(1),
    )
    compositor = Compositor(ctx, SIZE, 48, 1, 64, options=options)
    compositor.upload_page(0, noise(np.random.default_rng(1), 48, 48))
    return compositor


def drawn(compositor: Compositor, seed: int) -> U8:
    out = np.empty((24, 32, 4), np.uint8)
    compositor.draw(random_frame(np.random.default_rng(seed), SIZE, (48, 48), 1))
    compositor.read_into(out)
    return out


@pytest.mark.parametrize("strategy", ["fetch", "loop"])
def test_only_what_the_frame_takes_is_linked_and_the_picture_is_the_same(
    ctx: moderngl.Context, strategy: str
) -> None:
    with opened(ctx, strategy) as whole:
        whole.warm_up()
        every, pictures = whole.counters.compiles, [drawn(whole, seed) for seed in range(6)]
    calls: list[int] = []
    with opened(ctx, strategy, calls) as soon:
        assert soon.counters.compiles == 0 and not calls
        soon.warm_up_for(random_frame(np.random.default_rng(0), SIZE, (48, 48), 1))
        needed = soon.counters.compiles
        assert 0 < needed < every and len(calls) >= needed
        assert np.array_equal(drawn(soon, 0), pictures[0])
        assert soon.counters.compiles == needed, "drawn by what was ready"
        soon.warm_up()
        assert soon.counters.compiles == every
        allocations = soon.counters.allocations
        for seed, picture in enumerate(pictures):
            assert np.array_equal(drawn(soon, seed), picture)
        assert (soon.counters.compiles, soon.counters.allocations) == (every, allocations)
    assert soon.counters.freed == soon.counters.allocations


@pytest.mark.parametrize("strategy", ["fetch", "loop"])
def test_who_never_warms_up_is_drawn_for_all_the_same(ctx: moderngl.Context, strategy: str) -> None:
    with opened(ctx, strategy) as whole, opened(ctx, strategy, []) as soon:
        for seed in range(6):
            assert np.array_equal(drawn(soon, seed), drawn(whole, seed))
        assert soon.counters.compiles < whole.counters.compiles
    assert soon.counters.freed == soon.counters.allocations


def test_a_program_that_was_finished_for_a_frame_is_not_drawn_with_again(
    ctx: moderngl.Context, strategy: str
) -> None:
    calls: list[int] = []
    with opened(ctx, strategy, calls) as soon:
        soon.warm_up_for(random_frame(np.random.default_rng(0), SIZE, (48, 48), 1))
        early = len(calls)
        soon.warm_up()
        both = len(calls)
    calls.clear()
    with opened(ctx, strategy, calls) as at_once:
        at_once.warm_up()
        assert 0 < early < both == len(calls)
