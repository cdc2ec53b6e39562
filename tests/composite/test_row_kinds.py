"""Rectangles go to the cheapest program that can draw them, a group always as one."""

from __future__ import annotations

import numpy as np
import pytest

from composite.scenes import Atlas, frame_of, slot, solid
from mien.composite.gl.kinds import (
    ANY,
    EXACT,
    FADE,
    GROUP,
    MINIFIED_TOO,
    MIX,
    SHRUNK,
    quad_kinds,
    row_classes,
)
from mien.composite.rows import CLIPPED
from mien.types import Affine, Blend

TURNED = Affine(1.1, 0.1, -0.1, 1.1)


def kinds(
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
    return quad_kinds(row_classes(rows), bases, np.diff(bases, append=len(rows))).tolist()


@pytest.mark.parametrize("mode", [Blend.NORMAL, Blend.MULTIPLY, Blend.SCREEN, Blend.PLUS])
def test_arithmetic_modes_take_the_plain_program(mode: Blend) -> None:
    assert kinds([mode], [False]) == [GROUP]


@pytest.mark.parametrize("mode", [Blend.OVERLAY, Blend.SOFT_LIGHT, Blend.HUE])
def test_other_modes_take_the_one_that_can_do_all(mode: Blend) -> None:
    assert kinds([mode], [False]) == [ANY]
    assert kinds([Blend.NORMAL, mode], [False, True]) == [ANY]


def test_whole_pixel_moves_are_copied_and_others_filtered() -> None:
    assert kinds([Blend.NORMAL], [False], Affine(tx=3.0, ty=-2.0)) == [EXACT]
    assert kinds([Blend.NORMAL], [False], Affine(tx=3.5)) == [GROUP]
    assert kinds([Blend.NORMAL], [False], Affine(a=2.0, d=2.0)) == [GROUP]


def test_what_is_minified_takes_the_wider_filter() -> None:
    small = Affine(a=0.4, d=0.4)
    assert kinds([Blend.NORMAL], [False], small) == [SHRUNK]
    assert kinds([Blend.HUE], [False], small) == [ANY + MINIFIED_TOO]
    assert kinds([Blend.NORMAL] * 2, [False, True], small) == [FADE + MINIFIED_TOO]


def test_a_clip_group_is_drawn_whole_by_the_program_of_its_size() -> None:
    assert kinds([Blend.NORMAL] * 4, [False, True, True, False]) == [GROUP + 2, GROUP]
    assert kinds([Blend.NORMAL] * 7, [False] + [True] * 6) == [FADE]


def test_of_a_clip_group_only_what_shows_in_a_rectangle_is_asked_for() -> None:
    atlas = Atlas(256, 16)
    modes = (Blend.NORMAL, Blend.NORMAL, Blend.HUE)
    slots = [slot(atlas.add(solid(8, 8, (9, 9, 9, 9))), blend=m, clip=k > 0) for k, m in enumerate(modes)]
    frame = frame_of(slots, (16, 16), TURNED)
    classes = row_classes(frame.rows[:3])
    assert quad_kinds(classes, np.array((0, 0, 0)), np.array((1, 2, 3))).tolist() == [GROUP, GROUP + 1, ANY]


def test_a_crossfade_takes_its_group_along() -> None:
    mix = {0: 0.5, 1: 0.5}
    assert kinds([Blend.NORMAL] * 2, [False, False], mix=mix) == [MIX, GROUP]
    assert kinds([Blend.NORMAL] * 2, [False, True], mix=mix) == [FADE]
    assert kinds([Blend.NORMAL], [False], Affine(), mix=mix) == [MIX]
