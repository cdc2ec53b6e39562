"""Bent rows: the GPU is within 1 of 255 of the reference, and damage finds all that a warp moves."""

from __future__ import annotations

from dataclasses import replace

import moderngl
import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from composite.bending import bend, warps_of, waves
from composite.scenes import Atlas, Renderers, frame_of, noise, random_frame, slot
from mien.composite import FrameRows
from mien.composite.gl import Compositor, CompositorOptions
from mien.composite.gl.functions import Functions
from mien.composite.plan.coverage import Coverage
from mien.composite.plan.planner import Planner
from mien.composite.reference import composite
from mien.composite.rows import BOUNDS, EACH_SAMPLE, MASK, OPACITY, WARP, sample_values
from mien.composite.warps import FLAT, NO_WARPS, Warps, cell_side, fitted, warped_places
from mien.errors import FrameFull
from mien.types import F32, U8, Affine, Blend, Rect, Size

PAGE = 48
PAGES = [noise(np.random.default_rng(seed), PAGE, PAGE) for seed in (1, 2)]
TOLERANCE = 1.0


def worst(out: U8, frame: FrameRows, pages: list[U8]) -> float:
    return float(np.abs(out - composite(frame, pages) * 255.0).max())


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(0, 2**32 - 1),
    size=st.sampled_from([(1, 1), (17, 1), (31, 29), (64, 33), (100, 70)]),
)
@example(seed=732751, size=(31, 29))  # a row that bends, and what is clipped to it does not
def test_random_scenes(strategy: str, renderers: Renderers, seed: int, size: tuple[int, int]) -> None:
    rng = np.random.default_rng(seed)
    frame = random_frame(rng, size, (PAGE, PAGE), len(PAGES))
    warps = warps_of(Size(*size), waves(rng, 3, 9.0))
    bend(frame, warps, rng.integers(0, 4, frame.count).tolist())
    assert worst(renderers.render(strategy)(frame, PAGES), frame, PAGES) <= TOLERANCE


@pytest.mark.parametrize(
    "mode", [Blend.NORMAL, Blend.MULTIPLY, Blend.OVERLAY, Blend.HUE], ids=lambda m: m.label
)
@pytest.mark.parametrize("clip", [False, True], ids=["over", "clipped"])
def test_modes_and_clips(strategy: str, renderers: Renderers, mode: Blend, clip: bool) -> None:
    """A base that is bent, and what is clipped to it bent otherwise, and the reverse."""
    rng = np.random.default_rng(mode)
    for numbers in ([1, 2], [1, 0], [0, 1]):
        atlas = Atlas()
        below = slot(atlas.add(noise(rng, 40, 40)))
        above = slot(atlas.add(noise(rng, 40, 40)), blend=mode, opacity=0.9, clip=clip)
        frame = frame_of([below, above], (44, 44), Affine(1.0, 0.05, -0.05, 1.0, 1.3, 0.4))
        bend(frame, warps_of(frame.size, waves(rng, 2, 5.0)), numbers)
        assert worst(renderers.render(strategy)(frame, [atlas.page]), frame, [atlas.page]) <= TOLERANCE


@pytest.mark.parametrize("mirrored", [False, True])
def test_a_mask_bends_with_its_row(strategy: str, renderers: Renderers, mirrored: bool) -> None:
    rng = np.random.default_rng(3)
    atlas = Atlas()
    one, other = atlas.add(noise(rng, 40, 40)), atlas.add(noise(rng, 40, 40))
    frame = frame_of([slot(one)], (44, 44), Affine(tx=2.3, ty=1.7))
    left = other.region[0] + (40 if mirrored else 0)
    frame.rows[0, MASK] = sample_values(
        0, (left, other.region[1]), Rect(*other.region), -1 if mirrored else 1
    )
    bend(frame, warps_of(frame.size, waves(rng, 1, 6.0)), [1])
    assert frame.rows[0, WARP] == (-2.0 if mirrored else 2.0)
    assert worst(renderers.render(strategy)(frame, [atlas.page]), frame, [atlas.page]) <= TOLERANCE


def test_what_is_reduced_and_bent(strategy: str, renderers: Renderers) -> None:
    rng = np.random.default_rng(4)
    for hard in (Blend.NORMAL, Blend.OVERLAY):
        atlas = Atlas()
        slots = [slot(atlas.add(noise(rng, 48, 40)), blend=hard) for _ in range(2)]
        frame = frame_of(slots, (40, 34), Affine(0.7, 0.02, -0.02, 0.4, 4.0, 3.0))
        bend(frame, warps_of(frame.size, waves(rng, 1, 3.0)), [1, 1])
        assert worst(renderers.render(strategy)(frame, [atlas.page]), frame, [atlas.page]) <= TOLERANCE


def test_many_layers_in_a_tile_take_several_goes(strategy: str, renderers: Renderers) -> None:
    rng = np.random.default_rng(5)
    atlas = Atlas(1024, 48)
    slots = [slot(atlas.add(noise(rng, 30, 30)), opacity=0.4) for _ in range(22)]
    frame = frame_of(slots, (34, 34), Affine(tx=1.3, ty=2.2))
    bend(frame, warps_of(frame.size, waves(rng, 2, 4.0)), [k % 3 for k in range(22)])
    assert worst(renderers.render(strategy)(frame, [atlas.page]), frame, [atlas.page]) <= TOLERANCE


def test_layers_of_an_offscreen_layer_are_bent_by_the_frames_warps(
    strategy: str, renderers: Renderers
) -> None:
    rng = np.random.default_rng(6)
    atlas = Atlas()
    inner = frame_of(
        [slot(atlas.add(noise(rng, 40, 40))) for _ in range(2)], (44, 44), Affine(tx=2.4, ty=2.0)
    )
    frame = FrameRows(4, Size(44, 44), (0.1, 0.2, 0.3, 1.0))
    number = frame.add_offscreen(4, frame.size)
    inside = frame.offscreens[number]
    inside.claim(2)[:] = inner.rows[:2]
    row = frame.claim(1)[0]
    row[:] = inner.rows[0]
    row[EACH_SAMPLE[0]] = sample_values(-1 - number, (0.0, 0.0), Rect(0, 0, 44, 44))
    row[4:7], row[8:11] = (1, 0, 0), (0, 1, 0)
    bend(frame, warps_of(frame.size, waves(rng, 1, 5.0)), [0])
    inside.rows[:2, WARP] = 2.0
    inside.rows[:2, :4] = (0, 0, 44, 44)
    assert worst(renderers.render(strategy)(frame, [atlas.page]), frame, [atlas.page]) <= TOLERANCE


def test_a_warp_that_moves_is_drawn_as_if_every_frame_were_drawn_whole(
    ctx: moderngl.Context, strategy: str
) -> None:
    """While rows move, warps move, come and go, and are of more or fewer cells."""
    rng = np.random.default_rng(7)
    size, atlas = Size(150, 110), Atlas()
    drawings = [atlas.add(solid_in_noise(rng)) for _ in range(3)]
    kept, whole = (opened(ctx, strategy, size, atlas.page, damage) for damage in (True, False))
    moves, numbers = waves(rng, 2, 8.0), [1, 2, 0]
    spans = [(0, 0, 10, 7)] * 2
    at = np.array((20.0, 12.0))
    into = np.empty((size.height, size.width, 4), np.uint8)
    drawn = 0
    with kept, whole:
        for step in range(80):
            kind = rng.random()
            if kind < 0.5:
                moves[rng.integers(2), :, 3] += rng.uniform(-0.05, 0.05)
            elif kind < 0.7:
                at = at + rng.uniform(-1.0, 1.0, 2)
            elif kind < 0.8:
                numbers[rng.integers(3)] = int(rng.integers(3))
            elif kind < 0.9:
                spans[rng.integers(2)] = (0, 0, int(rng.integers(1, 11)), int(rng.integers(1, 8)))
            frame = frame_of([slot(one) for one in drawings], size, Affine(1.0, 0.03, -0.03, 1.0, *at))
            bend(frame, warps_of(size, moves, spans), numbers)
            kept.draw(frame)
            whole.draw(frame)
            whole.read_into(into)
            assert np.array_equal(kept.read(), into), step
            drawn = max(drawn, kept.counters.pixels)
        assert kept.counters.unchanged > 2
        assert kept.counters.pixels < whole.counters.pixels


@pytest.mark.parametrize("seed", range(3))
def test_what_is_known_of_rows_holds_while_warps_come_and_go_and_scales_jump(seed: int) -> None:
    """All that a planner keeps is what a new one finds, also of frames that nothing bends among others."""
    rng = np.random.default_rng(seed)
    size, atlas = Size(150, 110), Atlas()
    drawings = [atlas.add(solid_in_noise(rng)) for _ in range(3)]
    coverage = Coverage(Size(*atlas.page.shape[1::-1]), 1)
    coverage.set_page(0, atlas.page)
    kept = Planner(size, coverage, "fused")
    moves, numbers, bent, compared = waves(rng, 2, 8.0), [1, 2, 0], True, 0
    at, scale = np.array((20.0, 12.0)), 1.0
    for step in range(120):
        moves[rng.integers(2)] += waves(rng, 1, 1.0)[0] * rng.choice([0.0, 0.0, 0.1, 3.0])
        at = at + rng.uniform(-2.0, 2.0, 2) * rng.choice([0.0, 1.0])
        scale = float(rng.choice([scale, scale, scale, rng.uniform(0.3, 3.0)]))
        bent = rng.random() < (0.8 if bent else 0.4)
        frame = frame_of([slot(one) for one in drawings], size, Affine(scale, 0.03, -0.03, scale, *at))
        if bent:
            bend(frame, warps_of(size, moves), numbers)
        rows = frame.rows[: frame.count]
        # As of what is bent: what is around it says nothing of whether it is.
        rows[:, BOUNDS] = (0, 0, *size)
        own = kept.plan(frame, rows, warps=frame.warps)
        new = Planner(size, coverage, "fused").plan(frame, rows, warps=frame.warps)
        assert new is not None
        if own is None:
            continue
        compared += 1
        wanted = new.seen.of(own.where)
        assert np.array_equal(own.seen.tile, wanted.tile), step
        assert np.array_equal(own.seen.row, wanted.row), step
    assert compared > 80


def test_frames_of_other_scales_bend_as_much(ctx: moderngl.Context, strategy: str) -> None:
    rng = np.random.default_rng(8)
    size, atlas = Size(128, 96), Atlas()
    y, x = np.mgrid[0:60, 0:90]
    smooth = np.full((60, 90, 4), 255, np.uint8)
    smooth[..., 0], smooth[..., 1] = 128 + 100 * np.sin(x / 14), 128 + 100 * np.cos(y / 11)
    frame = frame_of([slot(atlas.add(smooth))], size, Affine(tx=20.2, ty=15.4))
    bend(frame, warps_of(size, waves(rng, 1, 8.0)), [1])
    with opened(ctx, strategy, size, atlas.page, scales=(1.0, 0.5)) as compositor:
        compositor.draw(frame)
        wanted = compositor.read().copy()
        compositor.scale = 0.5
        compositor.draw(frame)
        apart = np.abs(compositor.read().astype(np.int16) - wanted)[26:65, 32:98]
    assert np.mean(apart) < 1.5


def solid_in_noise(rng: np.random.Generator) -> U8:
    """Opaque in the middle, so that it hides what is below."""
    picture = noise(rng, 60, 34)
    picture[6:54, 3:31, 3] = 255
    return picture


def opened(
    ctx: moderngl.Context,
    strategy: str,
    size: Size,
    page: U8,
    damage: bool = True,
    scales: tuple[float, ...] = (1.0,),
) -> Compositor:
    compositor = Compositor(
        ctx,
        size,
        (page.shape[1], page.shape[0]),
        1,
        8,
        warp_cells=400,
        options=CompositorOptions(
            strategy="fetch" if strategy == "fetch" else "loop", damage=damage, scales=scales
        ),
    )
    compositor.upload_page(0, page)
    compositor.warm_up()
    return compositor


def test_cells_are_the_tiles_of_a_processor() -> None:
    assert [cell_side(Size(*size)) for size in ((1280, 720), (2560, 1440), (3840, 2160))] == [16, 16, 32]


def test_neighbouring_cells_meet_wherever_they_touch() -> None:
    """However the warp bends them."""
    size = Size(320, 320)
    warps = warps_of(size, np.array([[(30.0, 0.08, 0.05, 0.3), (30.0, 0.06, -0.07, 0.9)]]))
    place = np.arange(8.0, 312.0)
    for border in range(16, 320, 16):
        for lines in (False, True):
            before, after = (np.full((1, len(place)), border + by) for by in (-1e-9, 0.0))
            along = place[None]
            sides = [
                np.stack(warped_places(warps, 1, *((along, at) if lines else (at, along))))
                for at in (before, after)
            ]
            assert np.abs(np.diff(sides[1])).max() > 1.5
            assert np.abs(sides[0] - sides[1]).max() < 2e-4


@pytest.mark.parametrize(("by", "kept"), [(0.9, False), (1.1, True), (1.1j, True), (0.9 + 0.9j, False)])
def test_a_twist_is_left_out_that_moves_no_corner_by_a_16th_of_a_pixel(by: complex, kept: bool) -> None:
    places = np.array([24 + 8j + x * 8 + y * 8j + x * y * by * FLAT for y in (-1, 1) for x in (-1, 1)])
    corners = np.stack((places.real, places.imag))[:, :, None].astype(np.float32)
    cell = fitted(corners, np.array(((24.0,), (8.0,)), np.float32), 16).reshape(2, 4)
    twist = by * FLAT / 64.0 * kept
    assert cell[:, 3] == pytest.approx([twist.real, twist.imag], rel=1e-5)
    assert cell[:, :3] == pytest.approx(np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]), abs=1e-5)


def test_only_goes_with_rows_in_twisted_cells_are_drawn_as_twisted() -> None:
    """Of two rows over four tiles one is bent, in the right half by more than a map."""
    atlas = Atlas(256, 64)
    drawings = [atlas.add(noise(np.random.default_rng(k), 16, 64)) for k in range(2)]
    frame = frame_of([slot(one) for one in drawings], (64, 16))
    cells = np.zeros((8, 4), np.float32)
    cells[0] = cells[5] = 1.0
    cells[3, 2:] = 1e-3
    bend(frame, Warps.of(16, np.array([[0, 0, 4, 1]], np.int32), cells), [0, 1])
    planner = Planner(frame.size, None, "fused", 16)
    plan = planner.plan(frame, frame.rows[:2], warps=frame.warps)
    assert plan is not None
    assert plan.fused.tiles[plan.twisted].tolist() == [2, 3]
    frame.warps = Warps.of(16, np.array([[0, 0, 3, 1]], np.int32), cells[:, :3])  # its edge goes on
    plan = planner.plan(frame, frame.rows[:2], warps=frame.warps)
    assert plan is not None
    assert sorted(plan.fused.tiles[plan.twisted].tolist())[-1] == 3


def test_what_a_compositor_was_not_opened_for_is_refused(ctx: moderngl.Context, strategy: str) -> None:
    rng, atlas = np.random.default_rng(9), Atlas()
    size = Size(64, 64)
    frame = frame_of([slot(atlas.add(noise(rng, 8, 8)))], size)
    bend(frame, warps_of(size, waves(rng, 1, 1.0)), [1])
    page = atlas.page
    with Compositor(ctx, size, (page.shape[1], page.shape[0]), 1, 4) as small:
        small.upload_page(0, page)
        with pytest.raises(FrameFull, match="17 cells of warps in a frame and room for 0"):
            small.draw(frame)
    with opened(ctx, strategy, size, page) as compositor:
        frame.rows[0, WARP] = 4.0
        with pytest.raises(ValueError, match="bent by warp 3, and the frame has 1"):
            compositor.draw(frame)
        frame.rows[0, WARP] = 2.0
        frame.rows[0, BOUNDS] = (0, 0, 64, 64)
        frame.warps = replace(frame.warps, side=8)
        with pytest.raises(ValueError, match="the cells of warps are of 8 pixels"):
            compositor.draw(frame)


def test_rows_without_a_warp_cost_what_they_did(ctx: moderngl.Context, strategy: str) -> None:
    """With room for warps as many draws and bytes as without, and no program more but those of bent rows."""
    rng, atlas = np.random.default_rng(10), Atlas()
    size = Size(64, 64)
    frame = frame_of([slot(atlas.add(noise(rng, 20, 20))) for _ in range(3)], size, Affine(tx=3.3, ty=2.2))
    assert frame.warps is NO_WARPS
    assert frame.warp_cells == 0
    found = []
    for cells in (0, 40):
        page = atlas.page
        with Compositor(ctx, size, (page.shape[1], page.shape[0]), 1, 4, warp_cells=cells) as compositor:
            compositor.upload_page(0, page)
            compositor.draw(frame)
            one = compositor.counters
            more = 3 if cells and compositor.strategy == "fetch" else 0
            costs = one.compiles - more, one.allocations - 2 * more, one.draws, one.upload_bytes
            found.append((costs, compositor.read().tobytes()))
    assert found[0] == found[1]


def test_rows_bent_by_a_map_alone_in_each_cell_take_no_draw_more(
    ctx: moderngl.Context, strategy: str
) -> None:
    """Of three rows one is bent, then all."""
    rng, atlas = np.random.default_rng(13), Atlas(256, 64)
    size = Size(64, 64)
    frame = frame_of([slot(atlas.add(noise(rng, 40, 40))) for _ in range(3)], size, Affine(tx=3.3, ty=2.2))
    cells = np.zeros((8, 16), np.float32)
    cells[0] = cells[5] = 1.02
    frame.add_warps(Warps.of(16, np.array([[0, 0, 4, 4]], np.int32), cells))
    draws = []
    for numbers in ([0, 0, 0], [0, 1, 0], [1, 1, 1]):
        frame.rows[:3, WARP] = [2.0 * number for number in numbers]
        with opened(ctx, strategy, size, atlas.page) as compositor:
            before = compositor.counters.draws
            compositor.draw(frame)
            draws.append(compositor.counters.draws - before)
    assert len(set(draws)) == 1


def test_a_table_that_has_not_changed_is_not_sent_again(
    ctx: moderngl.Context, strategy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng, atlas = np.random.default_rng(12), Atlas()
    size = Size(64, 64)
    frame = frame_of([slot(atlas.add(noise(rng, 40, 40)))], size)
    bend(frame, warps_of(size, waves(rng, 2, 5.0)), [1])  # 2 warps of 16 cells each: 34 entries, 8 a line
    sent: list[tuple[int, int]] = []
    write = Functions.write_texture

    def noted(own: Functions, texture: moderngl.Texture, line: int, wide: tuple[int, int], data: F32) -> None:
        sent.append((line - 8, wide[1]))  # the table stands below 8 rows
        write(own, texture, line, wide, data)

    monkeypatch.setattr(Functions, "write_texture", noted)
    with opened(ctx, strategy, size, atlas.page) as compositor:
        for by in (0.0, 0.0, 0.01, 0.0):
            cells = frame.warps.cells.copy()
            cells[3, 17] += by
            if by:
                frame.warps = Warps.of(16, frame.warps.spans, cells)
            frame.rows[0, OPACITY] -= 0.01
            compositor.draw(frame)
        shown = compositor.read().copy()
    assert [one for one in sent if one[0] >= 0] == [(0, 5), (0, 5)]
    with opened(ctx, strategy, size, atlas.page) as compositor:
        compositor.draw(frame)
        assert np.array_equal(compositor.read(), shown)


def test_warps_that_are_added_go_on_behind_those_that_are_there() -> None:
    rng = np.random.default_rng(11)
    frame = FrameRows(2, Size(64, 64))
    one, two = (warps_of(frame.size, waves(rng, count, 4.0)) for count in (1, 2))
    assert (frame.add_warps(one), frame.add_warps(two), frame.warps.count) == (0, 1, 3)
    x, y = np.meshgrid(np.arange(64.0), np.arange(64.0))
    assert np.array_equal(warped_places(frame.warps, 3, x, y), warped_places(two, 2, x, y))
    frame.reset()
    assert frame.warps is NO_WARPS
