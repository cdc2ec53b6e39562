"""Rows go to the cheapest program that can draw them, a group always as one."""

from __future__ import annotations

import pytest

from composite.scenes import Atlas, frame_of, slot, solid
from mien.composite.gl.fetch import row_kinds
from mien.types import Affine, Blend

EXACT, FADE, ANY = 0, 7, 8
TURNED = Affine(0.9, 0.1, -0.1, 0.9)


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
    return [int(kind) for kind in row_kinds(frame.rows[: frame.count])]


@pytest.mark.parametrize("mode", [Blend.NORMAL, Blend.MULTIPLY, Blend.SCREEN, Blend.PLUS])
def test_arithmetic_modes_take_the_plain_program(mode: Blend) -> None:
    assert kinds([mode], [False]) == [1]


@pytest.mark.parametrize("mode", [Blend.OVERLAY, Blend.SOFT_LIGHT, Blend.HUE])
def test_other_modes_take_the_one_that_can_do_all(mode: Blend) -> None:
    assert kinds([mode], [False]) == [ANY]
    assert kinds([Blend.NORMAL, mode], [False, True]) == [ANY, ANY]


def test_whole_pixel_moves_are_copied_and_others_filtered() -> None:
    assert kinds([Blend.NORMAL], [False], Affine(tx=3.0, ty=-2.0)) == [EXACT]
    assert kinds([Blend.NORMAL], [False], Affine(tx=3.5)) == [1]
    assert kinds([Blend.NORMAL], [False], Affine(a=2.0, d=2.0)) == [1]


def test_a_clip_group_is_drawn_whole_by_the_program_of_its_size() -> None:
    assert kinds([Blend.NORMAL] * 4, [False, True, True, False]) == [3, 3, 3, 1]
    assert kinds([Blend.NORMAL] * 7, [False] + [True] * 6) == [FADE] * 7


def test_a_crossfade_takes_its_group_along() -> None:
    mix = {0: 0.5, 1: 0.5}
    assert kinds([Blend.NORMAL] * 2, [False, False], mix=mix) == [FADE, 1]
    assert kinds([Blend.NORMAL] * 2, [False, True], mix=mix) == [FADE, FADE]
    assert kinds([Blend.NORMAL], [False], Affine(), mix=mix) == [FADE]
