"""Tiles of few samples on a GPU: as wide as a renderer allows, and every tile is drawn once."""

from __future__ import annotations

import numpy as np
import pytest

from composite.scenes import random_frame
from mien.composite.gl.shallow_tiles import SIZES, shallow_tiles, sizes_of
from mien.composite.plan.planner import Plan, Planner
from mien.types import Size


def room(vectors: int) -> dict[str, object]:
    return {
        "GL_POINT_SIZE_RANGE": (1.0, 255.0),
        "GL_MAX_FRAGMENT_INPUT_COMPONENTS": 128,
        "GL_MAX_VERTEX_OUTPUT_COMPONENTS": 4 * vectors,
    }


@pytest.mark.parametrize(("vectors", "sizes"), [(15, (1, 2, 3)), (16, (1, 2, 3)), (31, SIZES), (32, SIZES)])
def test_the_widest_programs_are_those_that_a_renderer_has_varyings_for(
    vectors: int, sizes: tuple[int, ...]
) -> None:
    assert sizes_of(room(vectors)) == sizes


@pytest.mark.parametrize("widest", [(1.0, 1.0), (1.0, 63.0), None])
def test_where_points_are_smaller_than_a_tile_all_tiles_have_lists(widest: object) -> None:
    assert sizes_of({**room(32), "GL_POINT_SIZE_RANGE": widest}) == ()


def planned(seed: int) -> Plan:
    frame = random_frame(np.random.default_rng(seed), Size(70, 50), (48, 48), 1)
    plan = Planner(frame.size, None, "lists", 8).plan(frame, frame.rows[: frame.count])
    assert plan is not None
    return plan


@pytest.mark.parametrize("sizes", [(), (1,), SIZES])
def test_every_damaged_tile_is_a_point_or_has_a_list(sizes: tuple[int, ...]) -> None:
    for seed in range(20):
        plan = planned(seed)
        shallow = shallow_tiles(plan, 100, sizes)
        centres = np.stack((plan.grid.centre_x, plan.grid.centre_y), axis=1)
        points = np.zeros(plan.grid.count, np.intp)
        for point in shallow.points:
            points += (centres == point[:2]).all(axis=1)
        damage = np.bincount(plan.damage, minlength=plan.grid.count)
        assert (points + shallow.deep == damage).all(), seed
        assert len(plan.lists(shallow.deep)[0]) == np.count_nonzero(shallow.deep), seed


def test_points_are_of_the_least_program_that_holds_their_parts() -> None:
    for seed in range(20):
        shallow = shallow_tiles(planned(seed), 100, SIZES)
        used = np.count_nonzero(shallow.points[:, 2:] >= 0, axis=1)
        assert (np.array(SIZES)[shallow.variants] >= used).all()
        assert (np.diff(shallow.variants) >= 0).all()
        least = np.array((0, *SIZES))[shallow.variants]
        assert ((least < used) | (used == 0)).all()
