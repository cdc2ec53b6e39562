"""Rectangles go to the cheapest program that can draw them, a group always as one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mien.composite.plan.emit import Plan
from mien.composite.plan.fused_tiles import MOST_PARTS, fuse

from composite.scenes import Atlas, frame_of, slot, solid
from mien.character import Slot
from mien.composite.gl.shader_variants import (
    ANY,
    EXACT,
    FADE,
    GROUP,
    MINIFIED_TOO,
    MIX,
    SHRUNK,
    quad_variants,
)
from mien.composite.plan.planner import Planner
from mien.composite.plan.row_classes import PAGED, RowClasses
from mien.composite.rows import CLIPPED
from mien.types import Affine, Blend, Size

TURNED = Affine(1.1, 0.1, -0.1, 1.1)


def variants(
    modes: list[Blend], clips: list[bool], affine: Affine = TURNED, mix: dict[int, float] | None = None
) -> list[int]:
    atlas = Atlas(256, 16)
    slots = [
        slot(
            atlas.add(solid(8, 8, (9, 9, 9, 9))), atlas.add(solid(8, 8, (5, 5, 5, 5))), blend=mode, clip=clip
        )
        for mode, clip in zip(modes, clips, strict=True)
    ]
    frame = frame_of(slots, (16, 16), affine, mixes=[mix] if mix else [])
    rows = frame.rows[: frame.count]
    bases = np.flatnonzero(rows[:, CLIPPED] == 0)
    return quad_variants(RowClasses().update(rows, None), bases, np.diff(bases, append=len(rows))).tolist()


@pytest.mark.parametrize("mode", [Blend.NORMAL, Blend.MULTIPLY, Blend.SCREEN, Blend.PLUS])
def test_arithmetic_modes_take_the_plain_program(mode: Blend) -> None:
    assert variants([mode], [False]) == [GROUP]


@pytest.mark.parametrize("mode", [Blend.OVERLAY, Blend.SOFT_LIGHT, Blend.HUE])
def test_other_modes_take_the_one_that_can_do_all(mode: Blend) -> None:
    assert variants([mode], [False]) == [ANY]
    assert variants([Blend.NORMAL, mode], [False, True]) == [ANY]


def test_whole_pixel_moves_are_copied_and_others_filtered() -> None:
    assert variants([Blend.NORMAL], [False], Affine(tx=3.0, ty=-2.0)) == [EXACT]
    assert variants([Blend.NORMAL], [False], Affine(tx=3.5)) == [GROUP]
    assert variants([Blend.NORMAL], [False], Affine(a=2.0, d=2.0)) == [GROUP]


def test_what_is_minified_takes_the_wider_filter() -> None:
    small = Affine(a=0.4, d=0.4)
    assert variants([Blend.NORMAL], [False], small) == [SHRUNK]
    assert variants([Blend.HUE], [False], small) == [ANY + MINIFIED_TOO]
    assert variants([Blend.NORMAL] * 2, [False, True], small) == [FADE + MINIFIED_TOO]


def test_a_clip_group_is_drawn_whole_by_the_program_of_its_size() -> None:
    assert variants([Blend.NORMAL] * 4, [False, True, True, False]) == [GROUP + 1, GROUP]
    assert variants([Blend.NORMAL] * 7, [False] + [True] * 6) == [FADE]


def test_of_a_clip_group_only_what_shows_in_a_rectangle_is_asked_for() -> None:
    atlas = Atlas(256, 16)
    modes = (Blend.NORMAL, Blend.NORMAL, Blend.HUE)
    slots = [slot(atlas.add(solid(8, 8, (9, 9, 9, 9))), blend=m, clip=k > 0) for k, m in enumerate(modes)]
    frame = frame_of(slots, (16, 16), TURNED)
    classes = RowClasses().update(frame.rows[:3], None)
    assert quad_variants(classes, np.array((0, 0, 0)), np.array((1, 2, 3))).tolist() == [
        GROUP,
        GROUP + 1,
        ANY,
    ]


def test_a_crossfade_takes_its_group_along() -> None:
    mix = {0: 0.5, 1: 0.5}
    assert variants([Blend.NORMAL] * 2, [False, False], mix=mix) == [MIX, GROUP]
    assert variants([Blend.NORMAL] * 2, [False, True], mix=mix) == [FADE]
    assert variants([Blend.NORMAL], [False], Affine(), mix=mix) == [MIX]


def planned(slots: list[Slot], affine: Affine = TURNED, mix: dict[int, float] | None = None) -> Plan:
    frame = frame_of(slots, (16, 16), affine, mixes=[mix] if mix else [])
    plan = Planner(Size(16, 16), None, fuses=True).plan(frame, frame.rows[: frame.count])
    assert plan is not None
    return plan


def plain(count: int, **kind: Any) -> list[Slot]:
    atlas = Atlas(256, 16)
    drawings = [atlas.add(solid(8, 8, (9, 9, 9, 9))) for _ in range(2)]
    return [slot(*drawings, opacity=0.5, **kind) for _ in range(count)]


def test_tiles_of_few_parts_are_drawn_in_one_go() -> None:
    plan = planned(plain(MOST_PARTS))
    assert plan.deep_spans == 0 and len(plan.quads) == 0
    assert plan.fused.parts.tolist() == [[4 * row for row in range(MOST_PARTS)]]
    assert not plan.fused.exact.any()
    assert planned(plain(2), Affine()).fused.exact.all()


@pytest.mark.parametrize(
    ("slots", "affine"),
    [
        (plain(MOST_PARTS + 1), TURNED),
        (plain(1, blend=Blend.HUE), TURNED),
        (plain(1), Affine(a=0.4, d=0.4)),
    ],
    ids=["too many", "another mode", "minified"],
)
def test_all_others_are_drawn_group_by_group(slots: list[Slot], affine: Affine) -> None:
    plan = planned(slots, affine)
    assert plan.deep_spans == 1 and not len(plan.fused.rects)
    assert len(plan.quads) == len(slots)


def test_the_samples_of_a_crossfade_are_parts_of_one_row() -> None:
    assert planned(plain(2), mix={0: 0.5, 1: 0.5}).fused.parts[0, :4].tolist() == [0, 1, 4, -1]


@given(st.lists(st.tuples(st.integers(0, 15), st.integers(1, 4)), max_size=12), st.integers(1, 5))
def test_fused_tiles_list_what_shows_bottom_first(rows: list[tuple[int, int]], tiles: int) -> None:
    shows = np.array([[(mask >> tile) & 1 == 1 for tile in range(tiles)] for mask, _ in rows], np.bool_)
    shows = shows.reshape(len(rows), tiles)
    classes = RowClasses()
    classes.bits = np.full(len(rows), PAGED)
    classes.samples = np.array([samples for _, samples in rows], np.intp)
    wanted = [
        [
            4 * row + sample
            for row, (_, samples) in enumerate(rows)
            if shows[row, tile]
            for sample in range(samples)
        ]
        for tile in range(tiles)
    ]
    deep, parts = fuse(shows, classes)
    assert deep.tolist() == [len(one) > MOST_PARTS for one in wanted]
    fitting = [one for one in wanted if len(one) <= MOST_PARTS]
    assert [[part for part in one if part >= 0] for one in parts.tolist()] == fitting
