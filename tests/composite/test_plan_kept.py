"""What a plan keeps from frame to frame is what it would find anew, and nearly all of it is kept."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from composite.test_coverage import BOX, TILE, coverage_of, random_pages, random_rows
from composite.timeline import PAGE, PAGE_COUNT, Timeline, page
from mien.art import LoadedCharacter, load_character
from mien.catalog import bundled
from mien.composite import CharacterRows, FrameRows
from mien.composite.gl.rectangles import area, as_rectangles, covering, covering_tiles, fewer
from mien.composite.plan.coverage import Coverage
from mien.composite.plan.footprints import Footprints
from mien.composite.plan.planner import Drawn, Plan, Planner
from mien.composite.plan.tiles import Tiles
from mien.composite.rows import BOUNDS, IDENTITY, INVERSE_X, INVERSE_Y
from mien.motion import Performer
from mien.script import Event, ExpressionSet, GestureSet, Script
from mien.types import F32, Affine, Pose, Size

SIZE = Size(320, 384)


@pytest.fixture(scope="module")
def wren() -> LoadedCharacter:
    return load_character(bundled("characters", "wren"), scale=lambda canvas: SIZE.height / canvas.height)


def frames_of(loaded: LoadedCharacter, count: int, changes: Sequence[Event] = ()) -> list[F32]:
    """The rows of her with nothing to say, 30 a second: breath, sway, blinks and glances."""
    character = loaded.character
    performer, script = Performer(character, "wren", 1), Script(1)
    for event in changes:
        script.append(event)
    pose = Pose.empty(len(character.slots))
    frame, rows = FrameRows(128, SIZE), CharacterRows(character)
    place = Affine(tx=(SIZE.width - character.canvas[0]) // 2)
    found = []
    for k in range(count):
        frame.reset()
        rows.fill(frame, performer.pose(script, k * 1600, pose), place)
        found.append(frame.rows[: frame.count].copy())
    return found


def expressive(loaded: LoadedCharacter, count: int) -> list[F32]:
    """The same with another expression or gesture, one of all that she has, in every fifth frame."""
    expressions, gestures = [*loaded.character.expressions], [*loaded.character.gestures]
    names = [*expressions, *gestures]
    changes: list[Event] = []
    for k in range(count // 5):
        name = names[k % len(names)]
        kind = ExpressionSet if k % len(names) < len(expressions) else GestureSet
        changes.append(kind(8000 * k, "wren", name))
    return frames_of(loaded, count, changes)


@pytest.fixture(scope="module")
def talk(wren: LoadedCharacter) -> list[F32]:
    """The rows of 150 frames."""
    return expressive(wren, 150)


def goes(plan: Plan) -> list[tuple[int, int, list[int], bool]]:
    fused = plan.fused
    each = zip(fused.tiles.tolist(), fused.kinds.tolist(), fused.parts.tolist(), strict=True)
    return sorted((*one, k < fused.several) for k, one in enumerate(each))


@pytest.mark.parametrize("drawn", ["fused", "groups", "lists"])
def test_a_plan_that_is_kept_is_the_plan_of_a_new_planner(wren: LoadedCharacter, drawn: Drawn) -> None:
    coverage = coverage_of([*wren.pages])
    kept, frame = Planner(SIZE, coverage, drawn), FrameRows(128, SIZE)
    for number, rows in enumerate(frames_of(wren, 20)):
        own, new = kept.plan(frame, rows), Planner(SIZE, coverage, drawn).plan(frame, rows)
        assert own is not None and new is not None
        wanted = new.seen.of(own.where)
        assert np.array_equal(own.seen.tile, wanted.tile), number
        assert np.array_equal(own.seen.row, wanted.row), number
        assert goes(own) == [one for one in goes(new) if own.where[one[0]]], number


@pytest.mark.parametrize(("drawn", "side"), [("fused", None), ("lists", 32), ("groups", None)])
def test_a_plan_is_kept_through_all_that_rows_can_do_and_pages_that_are_learnt_meanwhile(
    drawn: Drawn, side: int | None
) -> None:
    """Rows that come, go, change places, drawings, modes and what clips them; pages that a stream brings."""
    compared = 0
    for seed in range(2):
        scene, rng = Timeline(seed), np.random.default_rng(seed)
        coverage = Coverage(Size(PAGE, PAGE), PAGE_COUNT)
        kept = Planner(scene.frame.size, coverage, drawn, side)
        for number in range(80):
            if rng.random() < 0.1:
                index = int(rng.integers(PAGE_COUNT))
                coverage.set_page(index, page(rng, index))
            scene.step()
            rows = scene.frame.rows[: scene.frame.count].copy()
            own = kept.plan(scene.frame, rows)
            if own is None:
                continue
            new = Planner(scene.frame.size, coverage, drawn, side).plan(scene.frame, rows)
            assert new is not None
            wanted = new.seen.of(own.where)
            assert np.array_equal(own.seen.tile, wanted.tile), (seed, number)
            assert np.array_equal(own.seen.row, wanted.row), (seed, number)
            assert goes(own) == [one for one in goes(new) if own.where[one[0]]], (seed, number)
            compared += 1
    assert compared > 70


@pytest.mark.parametrize("drawn", ["fused", "groups", "lists"])
def test_a_change_of_expression_makes_no_plan_anew(
    wren: LoadedCharacter, talk: list[F32], drawn: Drawn
) -> None:
    """Rows come and go with it; what is known of the others stays, and is what a new planner finds."""
    coverage = coverage_of([*wren.pages])
    kept, frame = Planner(SIZE, coverage, drawn), FrameRows(128, SIZE)
    came = gone = 0
    before: set[float] = set()
    for number, rows in enumerate(talk):
        now = set(rows[:, IDENTITY].tolist())
        came, gone, before = came + len(now - before), gone + len(before - now), now
        own = kept.plan(frame, rows)
        if number % 3:  # of five frames in which something changes one is looked at, by turns
            continue
        new = Planner(SIZE, coverage, drawn).plan(frame, rows)
        assert own is not None and new is not None
        wanted = new.seen.of(own.where)
        assert np.array_equal(own.seen.tile, wanted.tile), number
        assert np.array_equal(own.seen.row, wanted.row), number
        assert goes(own) == [one for one in goes(new) if own.where[one[0]]], number
    assert came > 55 and gone > 5
    assert kept.anew == 1


def test_many_rows_that_come_to_lie_on_other_tiles_at_once_make_no_plan_anew() -> None:
    """Of a large cast more rows do in a frame than a small one has: what it costs grows with the cast."""
    rng = np.random.default_rng(5)
    pages = random_pages(rng)
    frame = FrameRows(400, BOX)
    for _ in range(36):
        some = random_rows(rng, pages)
        frame.claim(some.count)[:] = some.rows[: some.count]
    rows = frame.rows[: frame.count].copy()
    rows[:, IDENTITY] = np.arange(len(rows))
    kept, frame = Planner(BOX, coverage_of(pages), "fused"), FrameRows(400, BOX)
    kept.plan(frame, rows)
    moved = len(rows) // 4
    assert moved > 24
    for k in range(4):
        which = slice(k * moved, (k + 1) * moved)
        rows[which, BOUNDS] = np.clip(rows[which, BOUNDS] + (-TILE, 0, TILE, 0), 0, (*BOX, *BOX))
        own, new = kept.plan(frame, rows), Planner(BOX, coverage_of(pages), "fused").plan(frame, rows)
        assert own is not None and new is not None
        assert goes(own) == [one for one in goes(new) if own.where[one[0]]], k
    assert kept.anew == 1


def test_in_motion_few_tiles_are_looked_at_and_fewer_are_fused_anew(wren: LoadedCharacter) -> None:
    planner, frame = Planner(SIZE, coverage_of([*wren.pages]), "fused"), FrameRows(128, SIZE)
    rows = frames_of(wren, 60)
    planner.plan(frame, rows[0])
    first = planner.counts()
    drawn = 0
    for one in rows[1:]:
        plan = planner.plan(frame, one)
        assert plan is not None
        drawn += len(plan.damage)
    looked, fused = (now - then for now, then in zip(planner.counts(), first, strict=True))
    pairs, tiles = first
    assert looked < 0.25 * pairs * len(rows)
    assert fused < 0.1 * drawn
    assert drawn > 0.5 * tiles * len(rows)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), speed=st.sampled_from((0.01, 0.2, 3.0)))
def test_tiles_that_are_not_looked_at_show_what_they_showed(seed: int, speed: float) -> None:
    """Rows that turn, shear and move at any speed, and lie on other tiles or are cut otherwise."""
    rng = np.random.default_rng(seed)
    pages = random_pages(rng)
    coverage = coverage_of(pages)
    rows = (frame := random_rows(rng, pages)).rows[: frame.count]
    kept, before = Footprints(Tiles(BOX, TILE), coverage), None
    for _ in range(20):
        own = kept.of(rows)
        assert np.array_equal(own.codes, Footprints(Tiles(BOX, TILE), coverage).of(rows).codes)
        if before is not None and own.fresh is not None:
            assert not (own.codes != before)[~own.fresh].any()
        before = own.codes.copy()
        rows[:, INVERSE_X.start : INVERSE_X.start + 2] += rng.normal(0.0, 0.001 * speed, (len(rows), 2))
        rows[:, INVERSE_Y.start : INVERSE_Y.start + 2] += rng.normal(0.0, 0.001 * speed, (len(rows), 2))
        rows[:, [INVERSE_X.stop - 1, INVERSE_Y.stop - 1]] += rng.normal(0.0, speed, (len(rows), 2))
        if rng.random() < 0.3:
            edge = rows[:, BOUNDS] + rng.integers(-3, 4, (len(rows), 4))
            rows[:, BOUNDS] = np.clip(edge, 0, (*BOX, *BOX))


@given(st.lists(st.tuples(*(st.integers(0, 11),) * 2, *(st.integers(1, 6),) * 2), max_size=8))
def test_rectangles_to_read_are_joined_as_one_by_one(blocks: list[tuple[int, int, int, int]]) -> None:
    tiles = Tiles(Size(190, 185), 16)
    which = np.zeros((tiles.down, tiles.across), np.bool_)
    for x, y, wide, high in blocks:
        which[y : y + high, x : x + wide] = True
    spans = tiles.joined(which.reshape(-1))
    drawn = np.zeros((185, 190), np.intp)
    for left, top, right, bottom in spans:
        drawn[top:bottom, left:right] += 1
    assert np.array_equal(drawn, which.repeat(16, 0).repeat(16, 1)[:185, :190])
    assert sorted(fewer(covering(spans))) == sorted(fewer(as_rectangles(spans)))
    assert covering_tiles(tiles, which.reshape(-1)) == covering(spans)
    assert tiles.pixels(which.reshape(-1).nonzero()[0]) == area(as_rectangles(spans))


def test_a_layer_squeezed_to_a_line_takes_no_more_memory_than_others() -> None:
    rng = np.random.default_rng(2)
    pages = random_pages(rng)
    rows = (frame := random_rows(rng, pages)).rows[: frame.count]
    rows[:, INVERSE_X.start] = 1e6
    footprints = Footprints(Tiles(BOX, TILE), coverage_of(pages))
    shows = footprints.of(rows)
    assert shows.codes.any(axis=0).all() and footprints._silhouettes is not None
    assert len(footprints._silhouettes.codes) <= 1 << 20
