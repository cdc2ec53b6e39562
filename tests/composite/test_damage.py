"""Only what changed is drawn again, and nobody can tell."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Literal

import moderngl
import numpy as np
import pytest

from composite.timeline import PAGE, PAGE_COUNT, SIZE, Timeline, page
from mien.art import load_character
from mien.catalog import bundled
from mien.composite import CharacterRows, FrameRows
from mien.composite.gl import Compositor, CompositorOptions, fetch
from mien.composite.gl.functions import Functions
from mien.composite.gl.shader_variants import fused_variants
from mien.composite.plan.fused_tiles import IS_OTHER, IS_SIMPLE, FusedTiles
from mien.motion.still import still_pose
from mien.types import CHANNEL_INDEX, Affine, Indices, Size


def opened(ctx: moderngl.Context, strategy: str, frame: FrameRows, damage: bool) -> Compositor:
    name: Literal["fetch", "loop"] = "fetch" if strategy == "fetch" else "loop"
    offscreens = frame.offscreens
    return Compositor(
        ctx,
        SIZE,
        PAGE,
        PAGE_COUNT,
        frame.capacity,
        offscreens=offscreens,
        options=CompositorOptions(strategy=name, damage=damage),
    )


def test_a_long_timeline_looks_as_if_every_frame_were_drawn_whole(
    ctx: moderngl.Context, strategy: str
) -> None:
    scene = Timeline(0)
    rng = np.random.default_rng(0)
    into = np.zeros((SIZE.height, SIZE.width, 4), np.uint8)
    with (
        opened(ctx, strategy, scene.frame, True) as kept,
        opened(ctx, strategy, scene.frame, False) as whole,
    ):
        for index in range(PAGE_COUNT - 1):  # the last comes later: until then its layers show nothing
            for compositor in (kept, whole):
                compositor.upload_page(index, page(np.random.default_rng(index), index))
        for number in range(120):
            renewed = scene.new_page()
            if renewed is not None:
                for compositor in (kept, whole):
                    compositor.upload_page(*renewed)
            scene.step()
            kept.draw(scene.frame)
            whole.draw(scene.frame)
            whole.read_into(into)
            if rng.random() < 0.6:  # else what several draws changed is read at once
                assert np.array_equal(kept.read(), into), number
            if number % 20 == 0:
                again = np.empty_like(into)
                kept.read_into(again)
                assert np.array_equal(again, into), number
        assert np.array_equal(kept.read(), into)
        assert kept.counters.unchanged > 20
        assert kept.counters.pixels < 0.7 * whole.counters.pixels
        assert kept.counters.read_bytes < whole.counters.read_bytes


class Wren:
    """The bundled character, and the compositor for her."""

    def __init__(self, size: Size | None = None, height: int = 360) -> None:
        loaded = load_character(bundled("characters", "wren"), scale=lambda canvas: height / canvas.height)
        self.loaded, self.character = loaded, loaded.character
        self.size = size or Size(*loaded.character.canvas)
        self.frame = FrameRows(128, self.size, (0.25, 0.5, 0.75, 1.0))
        self.rows = CharacterRows(self.character, 0, self.frame)

    def compositor(self, ctx: moderngl.Context, strategy: str, damage: bool = True) -> Compositor:
        opened = Compositor(
            ctx,
            self.size,
            self.loaded.page_size,
            len(self.loaded.pages),
            self.frame.capacity,
            offscreens=self.frame.offscreens,
            warp_cells=self.frame.warp_cells,
            options=CompositorOptions(strategy="fetch" if strategy == "fetch" else "loop", damage=damage),
        )
        for index, pixels in enumerate(self.loaded.pages):
            opened.upload_page(index, pixels)
        return opened

    def show(self, viseme: str | None = None, expression: str = "neutral", **channels: float) -> FrameRows:
        pose = still_pose(self.character, expression, viseme)
        for name, value in channels.items():
            pose.channels[CHANNEL_INDEX[name]] += value
        canvas = self.character.canvas
        self.frame.reset()
        at = Affine(tx=(self.size.width - canvas.width) // 2, ty=self.size.height - canvas.height)
        self.rows.fill(self.frame, pose, at)
        return self.frame


@pytest.fixture(scope="module")
def wren() -> Wren:
    return Wren()


def test_a_real_character_looks_as_if_every_frame_were_drawn_whole(
    ctx: moderngl.Context, strategy: str, wren: Wren
) -> None:
    into = np.empty((wren.size.height, wren.size.width, 4), np.uint8)
    steps: list[dict[str, object]] = [
        {"viseme": "aa"},
        {"viseme": "O", "gaze_x": 0.4},
        {"viseme": "O", "gaze_x": 0.4, "breath": 0.5},
        {"head_roll": 0.3, "sway": 0.2},
        {"head_roll": 0.3, "sway": 0.2, "brow_left_y": 1.0},
        {"expression": "sad"},
        {},
        {"jaw": 1.0},
    ]
    with wren.compositor(ctx, strategy) as kept, wren.compositor(ctx, strategy, False) as whole:
        for step in steps:
            frame = wren.show(**step)  # type: ignore[arg-type]
            kept.draw(frame)
            whole.draw(frame)
            whole.read_into(into)
            assert np.array_equal(kept.read(), into), step


@contextmanager
def no_gl(ctx: moderngl.Context, compositor: Compositor) -> Iterator[None]:
    """Whatever calls the GL within fails: through the context, its objects or `Functions`."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a GL call was made")

    kinds = (
        moderngl.Context,
        moderngl.Texture,
        moderngl.TextureArray,
        moderngl.Framebuffer,
        moderngl.Buffer,
        moderngl.VertexArray,
        moderngl.Program,
        moderngl.Uniform,
        Functions,
    )
    gc.collect()  # what earlier tests have dropped calls the GL when it is freed
    gc.disable()
    try:
        with pytest.MonkeyPatch.context() as patch:
            for kind in kinds:
                for name, value in vars(kind).items():
                    if not name.startswith("__") and (callable(value) or isinstance(value, property)):
                        if name in ("mglo", "extra"):
                            continue
                        guarded = property(refuse, refuse) if isinstance(value, property) else refuse
                        patch.setattr(kind, name, guarded)
            yield
    finally:
        gc.enable()


def test_an_unchanged_frame_makes_no_gl_call(ctx: moderngl.Context, strategy: str, wren: Wren) -> None:
    with wren.compositor(ctx, strategy) as compositor:
        assert compositor.draw(wren.show("aa"))
        picture = compositor.read().copy()
        before = replace(compositor.counters)
        with no_gl(ctx, compositor):
            for _ in range(5):
                assert not compositor.draw(wren.show("aa"))
                assert np.array_equal(compositor.read(), picture)
            with pytest.raises(AssertionError, match="GL call"):
                compositor.draw(wren.show("O"))
        after = compositor.counters
        assert (after.frames - before.frames, after.unchanged - before.unchanged) == (6, 5)
        for name in ("draws", "uploads", "reads", "pixels"):
            assert getattr(after, name) == getattr(before, name), name


def test_a_mouth_draws_and_reads_only_what_is_around_it(ctx: moderngl.Context, strategy: str) -> None:
    wren = Wren(Size(1280, 720), 720)
    with wren.compositor(ctx, strategy) as compositor:
        compositor.draw(wren.show("sil"))
        compositor.read()
        for viseme in ("aa", "O", "PP", "sil"):
            before = replace(compositor.counters)
            assert compositor.draw(wren.show(viseme))
            compositor.read()
            after = compositor.counters
            pixels = after.pixels - before.pixels
            # Tiles of 16 pixels, or of 64 where there are lists of what is seen in them.
            assert 0 < pixels < (6000 if strategy == "fetch" else 17000)
            assert after.read_bytes - before.read_bytes <= 2 * 4 * pixels


def test_simple_tiles_are_to_the_bit_what_the_general_program_draws(
    ctx: moderngl.Context, strategy: str, wren: Wren, monkeypatch: pytest.MonkeyPatch
) -> None:
    if strategy != "fetch":
        pytest.skip("it has no general program for such tiles")
    pictures = []
    kinds: list[Indices] = []

    def as_others(fused: FusedTiles, *, exact: bool = True, few: bool = False) -> Indices:
        kinds.append(fused.kinds)
        others = np.where(
            fused.kinds // 16 * 16 == IS_SIMPLE, fused.kinds - IS_SIMPLE + IS_OTHER, fused.kinds
        )
        return fused_variants(replace(fused, kinds=others), exact=exact, few=few)

    for told in (fused_variants, as_others):
        monkeypatch.setattr(fetch, "fused_variants", told)
        with wren.compositor(ctx, "fetch") as compositor:
            compositor.draw(wren.show(head_roll=0.7, breath=0.5))
            pictures.append(compositor.read().copy())
    assert np.array_equal(pictures[0], pictures[1])
    assert np.count_nonzero(kinds[0] // 16 * 16 == IS_SIMPLE) > 50
