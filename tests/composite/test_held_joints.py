"""A joint is held where it stood only while nothing on it is off by more than allowed; faces go on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from composite.characters import character
from composite.test_cast_rows import calls
from composite.test_rig import BODY, GAZE, GLINT, HEAD, IRIS, LAMP
from composite.test_rows import drawing, slot
from mien.character import Character, Joint, Slot
from mien.composite import CastRows, FrameRows
from mien.composite.held_joints import FACE
from mien.types import CHANNEL_INDEX, CHANNELS, F32, F64, Affine, Size

SIZE = Size(120, 120)
BROW = Joint("brow", 1, (44.0, 30.0), move={"brow_left_y": (0.0, -6.0)})
LASH = Joint("lash", 2, (40.0, 40.0))
JOINTS = (BODY, HEAD, IRIS, GLINT, LAMP, BROW, LASH)
FOLLOWERS = {2: 1, 3: 1, 5: 1, 6: 1}
"""What moves with the head: iris, glint, brow, and the lash on the iris."""
FACES = [CHANNEL_INDEX[name] for name in FACE]
PLACES = (Affine(), Affine(a=1.5, d=1.5, tx=7.0, ty=-3.0))


def figure(shift: int = 0) -> Character:
    slots = tuple(replace(on(j), name=f"s{j}") for j in range(len(JOINTS)))
    return replace(character((*slots, replace(on(1, 20 + shift), name="more")), JOINTS, gaze=GAZE))


def on(joint: int, at: int = 0) -> Slot:
    return replace(slot(drawing(10 + 4 * joint + at, 12 + 3 * joint)), joint=joint)


class Cast:
    """Two figures that can be held, and the same two that cannot."""

    def __init__(self, times: int = 2) -> None:
        cast = [figure(), figure(5)]
        self.rows, self.exact = CastRows(cast, (0, 0), coarse=times), CastRows(cast, (0, 0))
        self.frame, self.other = FrameRows(64, SIZE), FrameRows(64, SIZE)
        assert self.rows.held is not None
        self.held = self.rows.held
        for rows in (self.rows, self.exact):
            for pose in rows.poses:
                pose.picks[:, 0] = 0

    def fill(self, channels: F32) -> F32:
        """The rows of these channels, (characters, CHANNELS)."""
        for rows, frame in ((self.rows, self.frame), (self.exact, self.other)):
            for pose, values in zip(rows.poses, channels, strict=True):
                pose.channels[:] = values
            frame.reset()
            rows.fill(frame, PLACES, [(1.0, 1.0, 1.0, 1.0)] * 2)
        return self.frame.rows[: self.frame.count].copy()

    @property
    def placed(self) -> F64:
        return self.rows._placed

    @property
    def where(self) -> F64:
        return self.exact._placed

    def off_px(self) -> F64:
        """(joints,) by how much the corners of what hangs on each are off."""
        found = []
        for k, one in enumerate((figure(), figure(5))):
            for j in range(len(JOINTS)):
                corners = np.array(
                    [
                        (d.offset[0] + x * d.region.width, d.offset[1] + y * d.region.height, 1.0)
                        for s in one.slots
                        if s.joint == j
                        for d in s.drawings
                        for x in (0, 1)
                        for y in (0, 1)
                    ]
                )
                apart = self.placed[k * len(JOINTS) + j] - self.where[k * len(JOINTS) + j]
                found.append(np.hypot(*(apart @ corners.T)).max())
        return np.array(found)


def near(channels: F32, rng: np.random.Generator, by: float) -> F32:
    """Channels that differ by up to so much."""
    return (channels + rng.uniform(-by, by, channels.shape)).astype(np.float32)


@pytest.mark.parametrize("seed", range(4))
def test_no_corner_is_off_by_more_than_allowed_and_what_is_not_held_is_exact(seed: int) -> None:
    rng, cast = np.random.default_rng(seed), Cast()
    held = 0
    for _ in range(60):
        channels = rng.uniform(-0.5, 0.5, (2, len(CHANNELS))).astype(np.float32)
        cast.held.channels[0] = near(channels, rng, 0.06)
        cast.held.channels[1] = near(channels, rng, 0.02)
        cast.held.reach_px = float(rng.choice([1 / 8, 1 / 2]))
        cast.fill(channels)
        assert (cast.off_px() <= cast.held.reach_px).all()
        exact = (cast.placed == cast.where).all(axis=(1, 2))
        assert cast.held.count == np.count_nonzero(~exact)
        held += cast.held.count
    assert 60 < held < 60 * 14 - 60


def test_what_is_near_enough_of_the_coarsest_time_is_taken_first() -> None:
    cast, channels = Cast(), np.zeros((2, len(CHANNELS)), np.float32)
    cast.held.reach_px = 0.5
    cast.held.channels[0, :, CHANNEL_INDEX["head_yaw"]] = 0.02
    cast.held.channels[1, :, CHANNEL_INDEX["head_yaw"]] = 0.01
    cast.fill(channels)
    assert cast.placed[1, 0, 2] == pytest.approx(8.0 * 0.02)
    cast.held.channels[0, :, CHANNEL_INDEX["head_yaw"]] = 0.1  # 0.8 px
    cast.fill(channels)
    assert cast.placed[1, 0, 2] == pytest.approx(8.0 * 0.01)
    cast.held.channels[1] = cast.held.channels[0]
    cast.fill(channels)
    assert np.array_equal(cast.placed[1], cast.where[1])


def test_eyes_and_brows_move_on_a_head_that_is_held_as_they_do_on_it() -> None:
    rng, cast = np.random.default_rng(3), Cast(1)
    cast.held.reach_px = 0.5
    for _ in range(20):
        channels = np.zeros((2, len(CHANNELS)), np.float32)
        cast.held.channels[0] = near(channels, rng, 0.003)
        channels[:, FACES] = rng.uniform(-1, 1, (2, len(FACES)))
        cast.fill(channels)
        assert cast.held.count == 14
        for maps in (cast.placed, cast.where):
            assert np.isfinite(maps).all()
        for joint, head in FOLLOWERS.items():
            own, shown = (
                np.linalg.inv(_square(maps[head])) @ _square(maps[joint])
                for maps in (cast.where, cast.placed)
            )
            assert np.allclose(own, shown, atol=1e-12)
            assert not np.allclose(cast.where[joint], cast.where[head])


def _square(affine: F64) -> F64:
    return np.vstack((affine, (0.0, 0.0, 1.0)))


def test_a_face_is_not_held_without_its_head_nor_the_head_without_it() -> None:
    cast, channels = Cast(1), np.zeros((2, len(CHANNELS)), np.float32)
    cast.held.reach_px = 0.5
    for roll in np.linspace(0.0, 0.2, 60):
        cast.held.channels[0, :, CHANNEL_INDEX["head_roll"]] = roll
        cast.fill(channels)
        moved = (cast.placed != cast.where).any(axis=(1, 2))
        for k in (0, len(JOINTS)):
            assert len({bool(moved[k + joint]) for joint in (1, *FOLLOWERS)}) == 1
    assert not moved.any()


def test_rows_stay_as_they_are_to_the_bit_while_their_joint_is_held() -> None:
    cast, rng = Cast(1), np.random.default_rng(1)
    cast.held.reach_px = 1 / 8
    rest = rng.uniform(-0.3, 0.3, (2, len(CHANNELS))).astype(np.float32)
    seen = []
    for by in (0.0, 1e-3, 2e-3):
        cast.held.channels[0] = rest
        channels = rest + np.float32(by)
        channels[:, FACES] = rest[:, FACES]
        seen.append(cast.fill(channels))
    assert np.array_equal(seen[0], seen[1]) and np.array_equal(seen[0], seen[2])
    assert cast.held.count == 14


def test_with_nothing_allowed_rows_are_those_of_joints_where_they_are() -> None:
    cast, rng = Cast(), np.random.default_rng(2)
    for reach_px in (0.5, 0.0, 0.5, 0.0):
        channels = rng.uniform(-0.3, 0.3, (2, len(CHANNELS))).astype(np.float32)
        cast.held.channels[:] = near(channels, rng, 0.01)
        cast.held.reach_px = reach_px
        for _ in range(2):
            rows = cast.fill(channels)
        assert np.array_equal(rows, cast.other.rows[: cast.other.count]) == (reach_px == 0.0)


def test_what_a_broken_channel_hides_is_hidden_and_the_rest_is_held() -> None:
    cast, channels = Cast(1), np.zeros((2, len(CHANNELS)), np.float32)
    cast.held.reach_px = 0.5
    channels[0, CHANNEL_INDEX["bounce"]] = np.nan
    rows = cast.fill(channels)
    assert len(rows) == 2 * len(figure().slots) - 1
    cast.held.channels[0, 0, CHANNEL_INDEX["bounce"]] = np.nan
    channels[:] = 0.001
    assert len(cast.fill(channels)) == 2 * len(figure().slots)
    assert cast.held.count == 13


def test_what_has_not_moved_and_what_nothing_hangs_on_is_not_counted_as_held() -> None:
    bare = replace(figure(), slots=(on(1),))
    rows, frame = CastRows([bare], (0,), coarse=1), FrameRows(8, SIZE)
    assert rows.held is not None
    rows.held.reach_px = 0.5
    counts = []
    for by in (0.0, 0.001):
        rows.poses[0].channels[:] = by
        rows.fill(frame, PLACES[:1], [(1.0, 1.0, 1.0, 1.0)])
        counts.append(rows.held.count)
    assert counts == [0, 1]


def test_all_times_are_posed_at_once_however_many_there_are() -> None:
    counted = []
    for times in (1, 4):
        cast = Cast(times)
        cast.held.reach_px = 0.5
        cast.fill(np.zeros((2, len(CHANNELS)), np.float32))
        frame, tints = FrameRows(64, SIZE), [(1.0, 1.0, 1.0, 1.0)] * 2
        for pose in cast.rows.poses:
            pose.channels[:] = 0.01
        counted.append(calls(lambda c=cast, f=frame, t=tints: c.rows.fill(f, PLACES, t)))  # type: ignore[misc]
    assert counted[1] == counted[0] < 65
