"""Rectangles go to the cheapest program that can draw them, a group always as one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    fused_variants,
    quad_variants,
)
from mien.composite.plan.fuse import fuse
from mien.composite.plan.fused_tiles import (
    IS_EXACT,
    IS_OTHER,
    IS_SIMPLE,
    MOST_PARTS,
    STAGE,
    USED,
    FusedTiles,
    are_simple,
)
from mien.composite.plan.occlude import Groups
from mien.composite.plan.planner import Plan, Planner
from mien.composite.plan.row_classes import EXACT as UPRIGHT
from mien.composite.plan.row_classes import PAGED, SIMPLE, RowClasses
from mien.composite.plan.seen import Seen
from mien.composite.rows import BLEND, CLIPPED, OPACITY, SAMPLE_COUNT, TINT, WEIGHTS
from mien.types import Affine, Blend, Bools, Indices, Size

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
    plan = Planner(Size(16, 16), None, "fused").plan(frame, frame.rows[: frame.count])
    assert plan is not None
    return plan


def plain(count: int, **kind: Any) -> list[Slot]:
    atlas = Atlas(256, 16)
    drawings = [atlas.add(solid(8, 8, (9, 9, 9, 9))) for _ in range(2)]
    return [slot(*drawings, opacity=0.5, **kind) for _ in range(count)]


def parts_of(plan: Plan) -> list[list[int]]:
    return [[part for part in one if part >= 0] for one in plan.fused.parts.tolist()]


def test_tiles_of_few_parts_are_drawn_in_one_go() -> None:
    plan = planned(plain(MOST_PARTS))
    assert not len(plan.summed) and not len(plan.quads.rects)
    assert parts_of(plan) == [[4 * row for row in range(MOST_PARTS)]]
    assert plan.fused.kinds.tolist() == [IS_OTHER + MOST_PARTS] and not plan.fused.several
    assert planned(plain(2), Affine()).fused.kinds.tolist() == [IS_EXACT + 2]


def test_tiles_of_more_parts_are_drawn_in_several_goes_that_divide_no_group() -> None:
    plan = planned(plain(2 * MOST_PARTS + 1))
    assert [len(one) for one in parts_of(plan)] == [MOST_PARTS, MOST_PARTS, 1]
    assert (plan.fused.kinds // STAGE).tolist() == [0, 1, 2]
    assert plan.fused.several == 3 and len(plan.summed) == 1
    clipped = [*plain(MOST_PARTS - 1), *plain(1), *plain(2, clip=True)]
    assert parts_of(planned(clipped)) == [[0, 4, 8, 12, 16, 20, 24], [28, 32, 36]]


@pytest.mark.parametrize(
    ("slots", "affine"),
    [
        ([*plain(1), *plain(MOST_PARTS, clip=True)], TURNED),
        (plain(1, blend=Blend.HUE), TURNED),
        (plain(1), Affine(a=0.4, d=0.4)),
    ],
    ids=["a group of too many", "another mode", "minified"],
)
def test_all_others_are_drawn_group_by_group(slots: list[Slot], affine: Affine) -> None:
    plan = planned(slots, affine)
    assert len(plan.summed) == 1 and not len(plan.fused.tiles)
    assert len(plan.quads.rects) == 1


def test_the_samples_of_a_crossfade_are_parts_of_one_row() -> None:
    assert parts_of(planned(plain(2), mix={0: 0.5, 1: 0.5})) == [[0, 1, 4]]


Row = tuple[int, int, bool]
"""In which tiles it is seen, as bits; how many samples it has; whether it is clipped to the one below."""


@given(
    st.lists(st.tuples(st.integers(0, 15), st.integers(1, 4), st.booleans()), max_size=24), st.integers(1, 5)
)
def test_fused_tiles_list_what_is_seen_bottom_first_and_never_divide_a_group(
    rows: list[Row], tiles: int
) -> None:
    groups = Groups(*_groups(rows))
    classes = RowClasses()
    bits = [PAGED | SIMPLE * (k % 3 < 2) | UPRIGHT * (k % 4 < 2) for k in range(len(rows))]
    classes.bits = np.array(bits, np.intp)
    classes.samples = np.array([samples for _, samples, _ in rows], np.intp)
    pairs = [
        (tile, row)
        for tile in range(tiles)
        for row, (mask, _, _) in enumerate(rows)
        if (mask >> tile) & 1 and (rows[groups.base[row]][0] >> tile) & 1
    ]
    tile, row = (np.array([pair[k] for pair in pairs], np.intp) for k in range(2))
    once, several, beyond = fuse(Seen(tile, row), classes, groups)
    assert (np.diff(several.kinds) >= 0).all()
    assert (once.kinds < STAGE).all() and not set(once.tiles) & set(several.tiles)
    fused = [
        (int(t), int(kind), one)
        for each in (once, several)
        for t, kind, one in zip(each.tiles, each.kinds, each.parts.tolist(), strict=True)
    ]
    refused = np.zeros(tiles, np.bool_)
    refused[beyond] = True
    for number in range(tiles):
        own = [r for t, r in pairs if t == number]
        wanted = [4 * r + nth for r in own for nth in range(rows[r][1])]
        sizes: dict[int, int] = {}
        for r in own:
            base = int(groups.base[r])
            sizes[base] = sizes.get(base, 0) + rows[r][1]
        assert refused[number] == any(size > MOST_PARTS for size in sizes.values())
        goes = [one for t, _, one in fused if t == number]
        if refused[number]:
            assert not goes
            continue
        assert [part for one in goes for part in one if part >= 0] == wanted
        kinds = [kind for t, kind, _ in fused if t == number]
        assert [kind // STAGE for kind in kinds] == [*range(len(goes))]
        assert [kind & USED for kind in kinds] == [sum(part >= 0 for part in one) for one in goes]
        for one in goes[1:]:
            assert not groups.clipped[one[0] // 4] and one[0] % 4 == 0


def _groups(rows: list[Row]) -> tuple[Indices, Bools]:
    clipped = np.array([k > 0 and clip for k, (_, _, clip) in enumerate(rows)], np.bool_)
    base = np.maximum.accumulate(np.where(clipped, 0, np.arange(len(rows))))
    return base, clipped


@pytest.mark.parametrize(
    ("column", "value"),
    [
        (BLEND, Blend.MULTIPLY),
        (CLIPPED, 1.0),
        (OPACITY, 0.5),
        (SAMPLE_COUNT, 2.0),
        (WEIGHTS.start, 0.9),
        (TINT.start + 1, 0.99),
        (TINT.stop - 1, 0.5),
    ],
)
def test_a_row_that_is_not_shown_as_it_is_makes_its_tiles_no_simple_ones(column: int, value: float) -> None:
    atlas = Atlas(256, 16)
    slots = [slot(atlas.add(solid(8, 8, (9, 9, 9, 9)))) for _ in range(3)]
    rows = frame_of(slots, (16, 16)).rows[:3].copy()
    parts = np.full((3, MOST_PARTS), -1, np.int32)
    parts[0, :2], parts[1, :3] = (0, 8), (0, 4, 8)
    assert are_simple(parts, RowClasses().update(rows, None).bits).tolist() == [True, True, True]
    rows[1, column] = value
    assert are_simple(parts, RowClasses().update(rows, None).bits).tolist() == [True, False, True]


def test_simple_tiles_have_programs_of_their_own_unless_they_are_exact_or_go_on() -> None:
    def variants(*kinds: int, exact: bool = True) -> list[int]:
        several = len(kinds) if max(kinds) >= STAGE else 0
        parts = np.full((len(kinds), MOST_PARTS), -1, np.int32)
        return fused_variants(
            FusedTiles(np.arange(len(kinds)), parts, np.array(kinds), several), exact=exact
        ).tolist()

    assert variants(IS_EXACT + 1, IS_EXACT + 8) == [0, 5]
    assert (
        variants(IS_OTHER + 1, IS_OTHER + 8) == [6, 11] == variants(IS_EXACT + 1, IS_EXACT + 8, exact=False)
    )
    assert (
        variants(IS_SIMPLE + 1, IS_SIMPLE + 8)
        == [15, 20]
        == variants(IS_SIMPLE + 1, IS_SIMPLE + 8, exact=False)
    )
    assert variants(STAGE + IS_OTHER + 1, 3 * STAGE + IS_OTHER + 8) == [12, 14]
