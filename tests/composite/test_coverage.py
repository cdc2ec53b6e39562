"""What the planner leaves out is what nobody could have seen."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from composite.scenes import GUTTER, noise, slot
from composite.timeline import PAGE_COUNT, SIZE, Timeline, page
from mien.character import Drawing
from mien.composite import FrameRows, SlotRows
from mien.composite.plan.coverage import CELL, Coverage
from mien.composite.plan.footprints import Footprints
from mien.composite.plan.planner import Planner
from mien.composite.plan.silhouettes import HIDES
from mien.composite.plan.tiles import Tiles
from mien.composite.reference import composite, content
from mien.composite.rows import BLEND, CLIPPED, CLIPPED_ROWS, OPACITY
from mien.types import F64, I32, MAX_MIXED, U8, Blend, Bytes, Rect, Size

TILE = 16
BOX = Size(64, 48)


def coverage_of(pages: list[U8]) -> Coverage:
    height, width = pages[0].shape[:2]
    coverage = Coverage(Size(width, height), len(pages))
    for index, pixels in enumerate(pages):
        coverage.set_page(index, pixels)
    return coverage


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), width=st.integers(5, 40), height=st.integers(5, 40))
def test_cells_show_something_and_are_opaque_as_their_pixels_are(seed: int, width: int, height: int) -> None:
    rng = np.random.default_rng(seed)
    pages = [noise(rng, height, width) for _ in range(2)]
    for pixels in pages:
        pixels[rng.random((height, width)) < 0.8] = 0
        pixels[: height // 2, : width // 2, 3] = 255
        pixels[rng.integers(height + 1) :] = 0  # as at the foot of most pages
    coverage = coverage_of(pages)
    lines, columns = -(-height // CELL), -(-width // CELL)
    for number, pixels in enumerate(pages):
        some, whole = coverage.part(number, Rect(0, 0, columns, lines))
        for line in range(lines):
            for column in range(columns):
                cell = pixels[line * CELL : (line + 1) * CELL, column * CELL : (column + 1) * CELL, 3]
                assert bool(some[line, column]) == bool(cell.any())
                assert bool(whole[line, column]) == bool((cell == 255).all())


def test_a_page_that_was_not_learnt_shows_nothing() -> None:
    some, whole = Coverage(Size(16, 16), 1).part(0, Rect(0, 0, 8, 8))
    assert not some.any() and not whole.any()


def test_what_is_known_of_a_page_stays_while_it_goes_and_comes_again() -> None:
    rng = np.random.default_rng(3)
    pages = [noise(rng, 64, 64)]
    coverage = coverage_of(pages)
    footprints = Footprints(Tiles(BOX, TILE), coverage)
    rows = random_rows(rng, pages).rows
    footprints.of(rows)
    assert footprints._silhouettes is not None
    known = footprints._silhouettes.count
    for _ in range(20):
        coverage.set_page(0, pages[0].copy())
        footprints.of(rows)
    assert footprints._silhouettes.count == known
    coverage.set_page(0, np.zeros((64, 64, 4), np.uint8))
    assert not footprints.of(rows).codes.any()


@pytest.mark.parametrize("seed", range(4))
def test_a_part_of_a_page_is_learnt_as_the_whole_is_and_what_lies_apart_is_no_other(seed: int) -> None:
    rng = np.random.default_rng(seed)
    pixels = np.zeros((70, 90, 4), np.uint8)
    whole, parts = (Coverage(Size(90, 70), 2) for _ in range(2))
    lefts, tops = (grid.ravel().astype(np.float32) for grid in np.meshgrid(np.arange(90), np.arange(70)))
    ones = np.ones_like(lefts)
    for _ in range(30):
        (left, right), (top, bottom) = (np.sort(rng.integers(0, side, 2)).tolist() for side in (91, 71))
        pixels[top:bottom, left:right, 3] = rng.choice([0, 200, 255], (bottom - top, right - left))
        before = parts.versions(ones, lefts, tops)
        parts.set_part(1, Rect(left, top, right - left, bottom - top), pixels)
        whole.set_page(1, pixels)
        for mine, its in zip(*(one.part(1, Rect(0, 0, 45, 35)) for one in (parts, whole)), strict=True):
            assert np.array_equal(mine, its)
        other = (parts.versions(ones, lefts, tops) != before).reshape(70, 90)
        assert other[top:bottom, left:right].all()
        apart = np.ones_like(other)
        apart[max(0, top - 17) : bottom + 17, max(0, left - 17) : right + 17] = False
        assert not other[apart].any()


def test_what_was_known_of_pages_that_are_others_now_leaves_its_place_to_what_is_new() -> None:
    rng = np.random.default_rng(5)
    pages = [noise(rng, 64, 64)]
    coverage = coverage_of(pages)
    footprints = Footprints(Tiles(BOX, TILE), coverage)
    rows = random_rows(rng, pages).rows
    known = footprints._silhouettes
    assert known is not None
    footprints.of(rows)
    once = known.count
    for _ in range(60):
        pages[0] = noise(rng, 64, 64)
        coverage.set_page(0, pages[0])
        found = footprints.of(rows).codes
        assert known.count <= max(64, 2 * once) and len(known.table) <= max(64, 2 * once)
        assert len(known._numbers) < len(known.table) and len(known.codes) == 1 << 20
    assert np.array_equal(found, Footprints(Tiles(BOX, TILE), coverage).of(rows).codes)


def random_rows(rng: np.random.Generator, pages: list[U8]) -> FrameRows:
    """Turned, skewed, mirrored, mixed slots of any size; some of them opaque."""
    slots, world = [], []
    for _ in range(6):
        drawings = []
        for name in ("a", "b"):
            width, height = (int(n) for n in rng.integers(2, 50, 2))
            x, y = (int(n) for n in rng.integers(GUTTER, 64 - GUTTER - np.array((width, height)) + 1))
            at = (int(rng.integers(-30, BOX.width)), int(rng.integers(-30, BOX.height)))
            region = Rect(x, y, width, height)
            drawings.append(
                Drawing(name, int(rng.integers(len(pages))), region, at, bool(rng.random() < 0.5))
            )
        slots.append(slot(*drawings, clip=bool(rng.random() < 0.3)))
        linear = np.eye(2) * float(rng.choice((0.3, 1.0, 1.0, 1.7)))
        if rng.random() < 0.6:
            linear = linear + rng.normal(0.0, 0.4, (2, 2))
        world.append(np.concatenate((linear, rng.uniform(-15, 15, (2, 1))), axis=1))
    picks = np.full((6, MAX_MIXED), -1, np.int32)
    weights = np.zeros((6, MAX_MIXED), np.float32)
    picks[:, 0], weights[:, 0] = 0, 1.0
    mixed = rng.random(6) < 0.3
    picks[mixed, 1], weights[mixed, :2] = 1, 0.5
    frame = FrameRows(8, BOX, (0.1, 0.2, 0.3, 1.0))
    SlotRows(slots).append(
        frame, np.array(world), picks, weights, np.ones(6, np.float32), 1.0, (1.0, 1.0, 1.0, 1.0)
    )
    return frame


def codes(frame: FrameRows, pages: list[U8]) -> Bytes:
    """(rows, tiles) what each row of the frame shows of each tile."""
    tiles = Tiles(BOX, TILE)
    shows = Footprints(tiles, coverage_of(pages)).of(frame.rows[: frame.count])
    return shows.codes.T


def random_pages(rng: np.random.Generator) -> list[U8]:
    """One of patches on nothing, one opaque."""
    patches, full = noise(rng, 64, 64), noise(rng, 64, 64)
    patches[rng.random((16, 16)).repeat(4, 0).repeat(4, 1) < 0.7] = 0
    full[..., 3] = 255
    return [patches, full]


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_where_a_row_shows_nothing_it_is_transparent_and_where_it_hides_it_is_opaque(seed: int) -> None:
    rng = np.random.default_rng(seed)
    pages = random_pages(rng)
    rows = random_rows(rng, pages)
    found = codes(rows, pages)
    for row, own in zip(rows.rows[: rows.count].astype(np.float64), found, strict=True):
        shown: F64 = content(row, pages, [], *BOX)[..., 3] * row[OPACITY]
        for (left, top, right, bottom), code in zip(Tiles(BOX, TILE).rects, own, strict=True):
            part = shown[top:bottom, left:right]
            if code == 0:
                assert part.max() == 0.0
            if code == HIDES:
                assert part.min() > 1.0 - 1e-9
                assert row[BLEND] == Blend.NORMAL


def test_coverage_is_not_merely_cautious() -> None:
    """Rows upright on whole pixels: what is empty or full a cell or two further on is found out."""
    pages = [np.zeros((64, 64, 4), np.uint8), np.full((64, 64, 4), 255, np.uint8)]
    frame = FrameRows(2, BOX)
    drawings = [Drawing("d", k, Rect(2, 2, 60, 44), (0, 0)) for k in range(2)]
    picks = np.full((2, MAX_MIXED), -1, np.int32)
    picks[:, 0] = 0
    weights = np.zeros((2, MAX_MIXED), np.float32)
    weights[:, 0] = 1.0
    world = np.tile(np.eye(2, 3), (2, 1, 1))
    SlotRows([slot(one) for one in drawings]).append(
        frame, world, picks, weights, np.ones(2, np.float32), 1.0, (1.0, 1.0, 1.0, 1.0)
    )
    empty, full = codes(frame, pages)
    assert not empty.any()
    # At its edges a tile may need what lies beside the drawing.
    assert full.reshape(3, 4).tolist() == [[1, 1, 1, 1], [1, 2, 2, 1], [1, 1, 1, 1]]


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_what_the_plan_leaves_out_changes_nothing(seed: int) -> None:
    """Each tile, drawn by the reference with only the groups, and of them only the depths, that it says."""
    rng = np.random.default_rng(seed)
    pages = random_pages(rng)
    frame = random_rows(rng, pages)
    rows = frame.rows[: frame.count]
    plan = Planner(BOX, coverage_of(pages), side=TILE).plan(frame, rows)
    assert plan is not None and len(plan.damage) == 12
    whole = composite(frame, pages)
    for tile in plan.damage:
        left, top, right, bottom = plan.grid.rects[tile]
        few = FrameRows(8, BOX, frame.clear)
        for row in plan.seen.row[plan.seen.tile == tile]:
            few.claim(1)[0] = rows[row]
        own = few.rows[: few.count]
        own[:, CLIPPED_ROWS] = 0.0
        for k in np.flatnonzero(own[:, CLIPPED] != 0.0):
            own[np.flatnonzero(own[:k, CLIPPED] == 0.0)[-1], CLIPPED_ROWS] += 1.0
        assert np.abs(composite(few, pages) - whole)[top:bottom, left:right].max() < 1e-9


@pytest.mark.parametrize("seed", range(2))
def test_tiles_planned_after_small_changes_cover_all_that_differs(seed: int) -> None:
    """Brute force: wherever the reference's picture differs from the last one's, the plan has a tile."""
    scene = Timeline(seed)
    pages = [page(np.random.default_rng(k), k) for k in range(PAGE_COUNT)]
    coverage = coverage_of(pages)
    blocks = (*scene.frame.offscreens, scene.frame)
    planners = [Planner(block.size, coverage) for block in blocks]
    last: F64 = np.full((SIZE.height, SIZE.width, 4), -1.0)
    for _ in range(25):
        scene.step()
        redrawn: list[I32 | None] = []
        for planner, block in zip(planners, blocks, strict=True):
            plan = planner.plan(block, block.rows[: block.count], redrawn)
            redrawn.append(None if plan is None else plan.box)
        now = composite(scene.frame, pages)
        differs = np.abs(now - last).max(axis=2) > 1e-9
        if plan is not None:
            for left, top, right, bottom in plan.grid.rects[plan.damage]:
                differs[top:bottom, left:right] = False
        assert not differs.any()
        last = now
