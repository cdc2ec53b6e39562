"""A frame can be drawn before all programs are ready for others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import moderngl
import numpy as np
import pytest

import mien
from composite.scenes import noise, random_frame
from mien.composite.gl import Compositor, CompositorOptions
from mien.composite.gl.shader_variants import ONLY_ALONE, ONLY_SEVERAL
from mien.composite.gl.strategy import Prepared, _needed
from mien.stage.offline import Stage
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


def drawn_with(stage: Stage) -> set[tuple[int, bool]]:
    """Programs of a stage's frames from here on, and whether each drew what adds up first; filled as they are
    drawn."""
    found: set[tuple[int, bool]] = set()
    strategy = stage._compositor._gl.strategy
    prepare = strategy.prepare

    def prepared(blocks: Any) -> Prepared:
        made = prepare(blocks)
        found.update(_needed(made))
        return made

    strategy.prepare = prepared  # type: ignore[method-assign]
    return found


@pytest.fixture
def talking(strategy: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """Two with hair that bends before a room, small: many layers in a tile."""
    monkeypatch.setenv("MIEN_STRATEGY", strategy)
    with mien.open_stage(
        {"wren": "wren", "otto": "otto"}, size=(256, 144), background="evening_room"
    ) as stage:
        yield stage


def test_every_program_has_drawn_into_what_it_draws_into(talking: Stage, strategy: str) -> None:
    """Else a driver would finish it in a frame; and none into what it never does, which takes as long."""
    warm = talking._compositor._gl.strategy._warm._done  # type: ignore[attr-defined]
    before, found = set(warm), drawn_with(talking)
    for expression in ("happy", "surprised", "neutral"):
        talking.set_expression("wren", expression)
        for _ in range(8):
            talking.frame()
        talking._compositor._planning.draw_all()
        talking.frame()
    assert found and found <= before
    if strategy == "fetch":
        assert {is_layer for _, is_layer in found} == {True, False}
        fused = talking._compositor._gl.strategy._fused  # type: ignore[attr-defined]
        never = {(id(fused[nth]), True) for nth in ONLY_ALONE} | {
            (id(fused[nth]), False) for nth in ONLY_SEVERAL
        }
        assert len(never) == 10 and not never & before


@pytest.mark.parametrize("seed", range(12))
def test_what_random_frames_draw_with_is_finished(ctx: moderngl.Context, strategy: str, seed: int) -> None:
    with opened(ctx, strategy) as compositor:
        compositor.warm_up()
        made = compositor._gl.strategy
        frame = random_frame(np.random.default_rng(seed), SIZE, (48, 48), 1)
        blocks = [one for one in compositor._planning.blocks(frame, 1.0) if one is not None]
        assert _needed(made.prepare(blocks)) <= made._warm._done  # type: ignore[attr-defined]


def test_few_programs_draw_a_first_picture_that_is_the_same_to_the_bit(
    strategy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIEN_STRATEGY", strategy)
    told: list[Any] = []

    class Shown(Stage):
        def _at_first(self, compositor: Compositor) -> None:
            rows = self._show.player.tick(-1, self._show.script.view(-1))
            compositor.warm_up_for(rows)
            compositor.draw(rows)
            told.extend((compositor.counters.compiles, compositor.read().copy()))
            compositor._planning.draw_all()
            compositor.draw(rows)  # as all frames are
            told.append(compositor.read().copy())

    with Shown({"wren": "wren", "otto": "otto"}, size=Size(256, 144), background="evening_room"):
        few, first, again = told
    assert np.array_equal(first, again) and len(np.unique(first)) > 50
    assert few <= 6
