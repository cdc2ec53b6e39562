"""Poses become rows: what shows something, where, and no more."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from composite.characters import character
from composite.scenes import frame_of, placed, slot
from mien.character import Drawing, Joint
from mien.composite import CharacterRows, FrameRows, PictureRows
from mien.composite.rows import (
    BLEND,
    BOUNDS,
    CLIPPED,
    CLIPPED_ROWS,
    IDENTITY,
    INVERSE_X,
    INVERSE_Y,
    OPACITY,
    SAMPLE_COUNT,
    SAMPLES,
    TINT,
    WEIGHTS,
)
from mien.errors import FrameFull, MienError
from mien.types import CHANNEL_INDEX, Affine, Blend, Pose, Rect, Size


def drawing(x: int = 0, y: int = 0, width: int = 10, height: int = 10, page: int = 0) -> Drawing:
    return Drawing("d", page, Rect(20, 30, width, height), (x, y))


def test_a_row_says_where_its_pixels_come_from_and_go_to() -> None:
    frame = frame_of([slot(drawing(5, 6), blend=Blend.SCREEN, opacity=0.5)], (100, 80), Affine(tx=10, ty=20))
    row = frame.rows[0]
    assert row[BOUNDS].tolist() == [13, 24, 27, 38]  # 1.5 pixels around (15, 26) .. (25, 36), rounded out
    assert row[INVERSE_X].tolist() == [1, 0, -10] and row[INVERSE_Y].tolist() == [0, 1, -20]
    assert (row[OPACITY], row[BLEND], row[SAMPLE_COUNT]) == (0.5, Blend.SCREEN, 1)
    assert row[TINT].tolist() == [1, 1, 1, 1]
    assert row[WEIGHTS].tolist() == [1, 0, 0, 0]
    assert row[SAMPLES][:8].tolist() == [1, 15, 24, 0, 18.5, 28.5, 31.5, 41.5]


def test_bounds_end_at_the_frame() -> None:
    frame = frame_of([slot(drawing(-5, -5)), slot(drawing(95, 75))], (100, 80))
    assert frame.rows[:2, BOUNDS].tolist() == [[0, 0, 7, 7], [93, 73, 100, 80]]


@pytest.mark.parametrize("place", [(-12, 0), (0, -12), (102, 0), (0, 82)])
def test_what_is_off_the_frame_has_no_row(place: tuple[int, int]) -> None:
    assert frame_of([slot(drawing(*place))], (100, 80)).count == 0


def test_what_shows_nothing_has_no_row() -> None:
    slots = [slot(drawing()), slot(drawing(), opacity=0.0), slot(), slot(drawing())]
    frame = frame_of(slots, (100, 80), mixes=[{-1: 1.0}, {0: 1.0}, {-1: 1.0}, {0: 0.0}])
    assert frame.count == 0


def test_live_samples_come_first_and_keep_their_weight() -> None:
    slots = [slot(drawing(page=3), drawing(page=4), drawing(page=5))]
    frame = frame_of(slots, (100, 80), mixes=[{-1: 0.5, 2: 0.2, 0: 0.0, 1: 0.3}])
    row = frame.rows[0]
    assert row[SAMPLE_COUNT] == 2
    assert row[WEIGHTS].tolist() == pytest.approx([0.2, 0.3, 0, 0])
    assert row[SAMPLES].reshape(4, 8)[:2, 3].tolist() == [5, 4]


def test_a_pose_that_changes_back_gives_the_same_rows() -> None:
    from mien.composite import SlotRows

    slots = SlotRows([slot(drawing(), drawing(30, 30))])
    frame = FrameRows(8, Size(100, 80))
    ones = np.ones(1, np.float32)
    weights = np.array([[1, 0, 0, 0]], np.float32)
    for pick in (0, 1, 0):
        slots.append(
            frame,
            placed(Affine(), 1),
            np.array([[pick, -1, -1, -1]], np.int32),
            weights,
            ones,
            1.0,
            (1, 1, 1, 1),
        )
    frame.rows[:3, IDENTITY] = 0.0
    assert np.array_equal(frame.rows[0], frame.rows[2])
    assert not np.array_equal(frame.rows[0], frame.rows[1])


def test_clipped_rows_follow_their_base_and_stay_in_its_bounds() -> None:
    slots = [
        slot(drawing(10, 10)),
        slot(drawing(5, 12), clip=True),
        slot(drawing(50, 50), clip=True),  # beside the base: not drawn
        slot(drawing(11, 5), clip=True),
        slot(drawing(40, 40)),
    ]
    frame = frame_of(slots, (100, 80))
    rows = frame.rows[: frame.count]
    assert rows[:, CLIPPED_ROWS].tolist() == [2, 0, 0, 0]
    assert rows[:, CLIPPED].tolist() == [0, 1, 1, 0]
    assert rows[1, BOUNDS].tolist() == [8, 10, 17, 22]


def test_opacity_of_the_whole_reaches_clipped_rows_through_their_base() -> None:
    slots = [slot(drawing(), opacity=0.5), slot(drawing(), opacity=0.8, clip=True)]
    frame = frame_of(slots, (100, 80), opacity=0.5)
    assert frame.rows[:2, OPACITY].tolist() == pytest.approx([0.25, 0.8])


def test_a_clipped_slot_with_nothing_below_is_drawn_plainly() -> None:
    frame = frame_of([slot(drawing(), clip=True), slot(drawing())], (100, 80))
    assert frame.rows[:2, CLIPPED].tolist() == [0, 0]


@pytest.mark.parametrize("broken", [np.nan, np.inf, -np.inf])
def test_a_broken_affine_hides_its_layer_and_is_counted(broken: float) -> None:
    world = placed(Affine(), 3)
    world[1, 0, 2] = broken
    frame = frame_of([slot(drawing(k)) for k in range(3)], (100, 80), world)
    assert (frame.count, frame.hidden_total) == (2, 1)
    assert np.isfinite(frame.rows[:2]).all()


def test_a_layer_scaled_to_nothing_is_left_out() -> None:
    frame = frame_of([slot(drawing())], (100, 80), Affine(a=0.0))
    assert (frame.count, frame.hidden_total) == (0, 0)


def test_a_frame_that_is_full_says_how_many_rows_are_needed() -> None:
    frame = FrameRows(2, Size(100, 80))
    picture = PictureRows(drawing())
    picture.fill(frame, Affine())
    picture.fill(frame, Affine())
    with pytest.raises(FrameFull, match="room for 2 rows and 3 are needed") as caught:
        picture.fill(frame, Affine())
    assert isinstance(caught.value, MienError) and isinstance(caught.value, ValueError)
    assert frame.count == 2


def test_a_frame_has_room_for_at_least_one_row() -> None:
    with pytest.raises(ValueError, match="capacity cannot be 0: give room"):
        FrameRows(0)


def test_a_character_hangs_on_its_joints_and_stands_where_it_is_placed() -> None:
    joints = (Joint("root", -1, (0.0, 0.0)), Joint("head", 0, (0.0, 0.0), move={"head_yaw": (6.0, 0.0)}))
    base, head = slot(drawing(page=1)), slot(drawing())
    rows = CharacterRows(
        character((base, type(head)("head", head.drawings, 0, joint=1)), joints), page_base=2
    )
    pose = Pose.empty(2)
    pose.picks[:, 0] = 0
    pose.channels[CHANNEL_INDEX["head_yaw"]] = 1.0
    frame = FrameRows(8, Size(100, 80))
    rows.fill(frame, pose, Affine(a=2.0, d=2.0, tx=20.0, ty=10.0), tint=(1.0, 0.5, 1.0, 1.0))
    assert frame.rows[:2, BOUNDS].tolist() == [[17, 7, 43, 33], [29, 7, 55, 33]]
    assert frame.rows[0, SAMPLES][3] == 3
    assert frame.rows[0, TINT].tolist() == [1, 0.5, 1, 1]


def test_rows_below_can_be_kept_while_those_above_are_refilled() -> None:
    frame = FrameRows(8, Size(100, 80))
    picture = PictureRows(drawing(), blend=Blend.PLUS)
    picture.fill(frame, Affine())
    kept = frame.rows[0].copy()
    for _ in range(5):
        frame.count = 1
        picture.fill(frame, Affine(tx=3.0))
    assert frame.count == 2
    assert np.array_equal(frame.rows[0], kept)
    frame.reset()
    assert frame.count == 0


def test_filling_a_frame_again_and_again_holds_no_more_memory() -> None:
    slots = tuple(slot(drawing(k, k), drawing(k + 1, k)) for k in range(40))
    rows, pose, frame = CharacterRows(character(slots)), Pose.empty(40), FrameRows(64, Size(100, 80))
    pose.picks[:, 0] = 0

    def fill(k: int) -> None:
        frame.reset()
        pose.picks[k % 40, 0] = k % 2
        rows.fill(frame, pose, Affine(tx=k % 7))

    for k in range(50):
        fill(k)
    tracemalloc.start()
    try:
        fill(0)
        before, _ = tracemalloc.get_traced_memory()
        for k in range(200):
            fill(k)
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < 4096
