"""A mesh on a held joint is held as it was bent only while no point of it is off by more than allowed."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from composite.characters import character
from composite.test_rows import drawing, slot
from mien.character import Character, Joint
from mien.composite import CastRows, FrameRows, cast_meshes
from mien.composite.mesh_fields import driven_fields, mesh_points
from mien.composite.rows import WARP
from mien.mesh import Ball, Hang, Mesh, Segment
from mien.types import CHANNEL_INDEX, CHANNELS, F32, F64, Affine, Size

SIZE = Size(120, 110)
PLACES = (Affine(1.2, 0.1, -0.1, 1.2, 12.0, 2.0), Affine(a=0.9, d=0.9, tx=20.0, ty=5.0))
BOX = (10.0, 10.0, 60.0, 70.0)
TWO = (Segment(1.0, 0.3, 12.0), Segment(0.7, 0.3, 12.0))
FACE = Mesh(
    "face",
    (0, 1),
    1,
    Size(4, 5),
    BOX,
    ball=Ball((35.0, 40.0), (25.0, 30.0), {"head_yaw": (9.0, 0.0)}),
    rows={"jaw": ((0.0, 0.0), (0.0, 3.0))},
)
LOCK = Mesh("lock", (2,), 1, Size(3, 6), BOX, hangs=(Hang((35.0, 10.0), (35.0, 70.0), 0.0, 0.4, TWO),))
JOINTS = (
    Joint("body", -1, (40.0, 90.0), {"body_sway": 3.0}, {"body_sway": (6.0, 0.0)}),
    Joint("head", 0, (40.0, 60.0), {"head_roll": 5.0}, {"head_yaw": (7.0, 2.0)}),
    Joint("nose", 1, (40.0, 40.0), {}, {"head_yaw": (4.0, 0.0)}),
)
SEGMENTS = 2


def figure() -> Character:
    slots = (
        replace(slot(drawing(14, 12)), joint=1),
        replace(slot(drawing(24, 32)), name="nose", joint=2),
        replace(slot(drawing(20, 18)), name="lock", joint=1),
        replace(slot(drawing(30, 60)), name="body", joint=0),
    )
    return replace(character(slots, JOINTS), meshes=(FACE, LOCK))


class Cast:
    """Two figures with meshes that can be held, and the same two that cannot."""

    def __init__(self, times: int = 2) -> None:
        cast = [figure(), figure()]
        self.frame, self.other = FrameRows(16, SIZE), FrameRows(16, SIZE)
        self.rows, self.exact = (
            CastRows(cast, (0, 0), self.frame, coarse=times),
            CastRows(cast, (0, 0), self.other),
        )
        assert self.rows.held is not None
        self.held = self.rows.held
        for rows in (self.rows, self.exact):
            for pose in rows.poses:
                pose.picks[:, 0] = 0

    def fill(self, channels: F32, swings: F32) -> tuple[F32, F32]:
        """The rows and the table of warps: of channels (characters, CHANNELS), swings (segments,)."""
        for rows, frame in ((self.rows, self.frame), (self.exact, self.other)):
            for k, pose in enumerate(rows.poses):
                pose.channels[:] = channels[k]
                pose.swings[:] = swings[k * SEGMENTS : (k + 1) * SEGMENTS]
            frame.reset()
            rows.fill(frame, PLACES, [(1.0, 1.0, 1.0, 1.0)] * 2)
        return self.frame.rows[: self.frame.count].copy(), self.frame.warps.table.copy()

    def off_px(self) -> list[F64]:
        """Of each mesh by how much each of its points is off, on the frame."""
        found = []
        for k in range(2):
            at = 0
            for mesh in (FACE, LOCK):
                points = mesh_points(mesh).reshape(-1)
                joint = k * len(JOINTS) + mesh.joint
                own = slice(at + k * 38, at + k * 38 + len(points))
                at += len(points)
                shown, wanted = (
                    rows._placed[joint] @ np.stack((points.real, points.imag, np.ones(len(points))))
                    + moves_of(rows)[:, own]
                    for rows in (self.rows, self.exact)
                )
                found.append(np.hypot(*(shown - wanted)))
        return found


def moves_of(rows: CastRows) -> np.ndarray:
    assert rows._meshes is not None
    return rows._meshes._moves[0]


def near(values: F32, rng: np.random.Generator, by: float) -> F32:
    return (values + rng.uniform(-by, by, values.shape)).astype(np.float32)


def random(rng: np.random.Generator) -> tuple[F32, F32]:
    return (
        rng.uniform(-0.5, 0.5, (2, len(CHANNELS))).astype(np.float32),
        rng.uniform(-0.5, 0.5, 2 * SEGMENTS).astype(np.float32),
    )


@pytest.mark.parametrize("seed", range(3))
def test_no_point_is_off_by_more_than_allowed(seed: int) -> None:
    rng, cast = np.random.default_rng(seed), Cast()
    held = bent = 0
    for _ in range(60):
        channels, swings = random(rng)
        for at, by in enumerate((0.1, 0.02)):
            cast.held.channels[at], cast.held.swings[at] = near(channels, rng, by), near(swings, rng, by)
        cast.held.reach_px = float(rng.choice([1 / 8, 1 / 2]))
        cast.fill(channels, swings)
        off = cast.off_px()
        assert all((one <= cast.held.reach_px * 1.001).all() for one in off)
        held += sum(bool(one.max() > 0.0) for one in off)
        bent += sum(bool(np.ptp(one) > 1e-3) for one in off)
    assert 60 * 4 > held >= bent > 40


def test_a_mesh_is_held_with_its_joint_or_not_at_all() -> None:
    cast, still = Cast(1), np.zeros(2 * SEGMENTS, np.float32)
    cast.held.reach_px = 1 / 8
    channels = np.zeros((2, len(CHANNELS)), np.float32)
    yaw = CHANNEL_INDEX["head_yaw"]
    channels[0, yaw] = 0.5
    # The joint of the nose moves by 11 px per unit, and the middle of the face by 7 more.
    for away, held in ((0.003, True), (0.2, False)):
        cast.held.channels[0, :, yaw] = channels[:, yaw] + away
        cast.fill(channels, still)
        moved = not np.array_equal(moves_of(cast.rows), moves_of(cast.exact))
        assert (moved, cast.held.count > 0) == (held, held)


def test_warps_and_rows_stay_as_they_are_to_the_bit_while_they_are_held() -> None:
    rng, cast = np.random.default_rng(1), Cast(1)
    cast.held.reach_px = 1 / 8
    channels, swings = random(rng)
    cast.held.channels[0], cast.held.swings[0] = channels, swings
    seen, warps = [], []
    for by in (0.0, 1e-3, -1e-3):
        now = channels + np.float32(by)
        now[:, CHANNEL_INDEX["jaw"]] = channels[:, CHANNEL_INDEX["jaw"]]
        seen.append(cast.fill(now, swings + np.float32(by)))
        warps.append(cast.frame.warps)
    assert all(np.array_equal(a, b) for one, other in pairwise(seen) for a, b in zip(one, other, strict=True))
    assert warps[0] is warps[1] is warps[2]
    assert not np.array_equal(seen[2][1], cast.other.warps.table)


def test_a_jaw_moves_a_mesh_that_is_held() -> None:
    cast, still = Cast(1), np.zeros(2 * SEGMENTS, np.float32)
    cast.held.reach_px = 1 / 8
    channels = np.zeros((2, len(CHANNELS)), np.float32)
    cast.held.channels[0, :, CHANNEL_INDEX["head_yaw"]] = 0.002
    channels[:, CHANNEL_INDEX["jaw"]] = 0.5
    cast.fill(channels, still)
    assert moves_of(cast.rows)[1, 19] == pytest.approx(1.2 * 1.5, abs=0.01)
    assert moves_of(cast.rows)[0, 9] != moves_of(cast.exact)[0, 9]


def test_what_was_filled_before_does_not_matter() -> None:
    rng, cast, other = np.random.default_rng(2), Cast(), Cast()
    scenes = []
    for _ in range(12):
        channels, swings = random(rng)
        scenes.append(
            (
                channels,
                swings,
                near(np.stack([channels] * 2), rng, 0.01),
                near(np.stack([swings] * 2), rng, 0.01),
            )
        )

    def shown(by: Cast, nth: int) -> tuple[F32, F32]:
        channels, swings, by.held.channels[:], by.held.swings[:] = scenes[nth]
        by.held.reach_px = 1 / 2
        return by.fill(channels, swings)

    wanted = [shown(cast, nth) for nth in range(len(scenes))]
    for nth in rng.permutation(np.repeat(np.arange(len(scenes)), 2)).tolist():
        for one, right in zip(shown(other, nth), wanted[nth], strict=True):
            assert np.array_equal(one, right)


def test_with_nothing_allowed_all_is_as_where_nothing_can_be_held() -> None:
    rng, cast = np.random.default_rng(4), Cast()
    for reach_px in (0.5, 0.0, 0.5, 0.0):
        channels, swings = random(rng)
        cast.held.channels[:], cast.held.swings[:] = near(channels, rng, 0.01), near(swings, rng, 0.01)
        cast.held.reach_px = reach_px
        rows, table = cast.fill(channels, swings)
        same = np.array_equal(rows, cast.other.rows[: cast.other.count])
        same &= np.array_equal(table, cast.other.warps.table)
        assert same == (reach_px == 0.0)


def test_a_broken_swing_is_of_now_and_bends_nothing() -> None:
    rng, cast = np.random.default_rng(5), Cast(1)
    cast.held.reach_px = 0.5
    channels, swings = random(rng)
    cast.held.channels[0], cast.held.swings[0] = channels, swings
    swings = swings.copy()
    swings[0] = np.nan
    rows, _ = cast.fill(channels, swings)
    assert (np.abs(rows[2, WARP]), np.abs(rows[0, WARP])) == (0.0, 2.0)


def test_what_finds_no_room_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    def told(most: int) -> str:
        monkeypatch.setattr(cast_meshes, "_MOST_CELLS", most)
        return CastRows([figure(), figure()], (0, 0), FrameRows(16, SIZE)).short_of_cells

    assert told(10_000) == ""
    assert "the meshes test's face, test's lock may" in told(150)
    assert told(10).count("test's") == 4


def test_the_fields_of_all_meshes_are_those_of_each() -> None:
    """Two characters, whose channels and segments are their own."""
    rng, cast = np.random.default_rng(6), Cast(1)
    channels, swings = random(rng)
    cast.fill(channels, swings)
    at = 0
    for k, place in enumerate(PLACES):
        values = [*channels[k].tolist(), *swings[k * SEGMENTS : (k + 1) * SEGMENTS].tolist()]
        for mesh, fields in zip((FACE, LOCK), driven_fields(figure()), strict=True):
            moved = np.sum([values[driver] * field for driver, field in fields.items()], axis=0)
            linear = cast.exact._placed[k * len(JOINTS) + mesh.joint, :, :2]
            wanted = linear @ np.stack((moved.real, moved.imag))
            own = moves_of(cast.exact)[:, at : at + len(moved)]
            assert np.allclose(own, wanted, atol=1e-4)
            at += len(moved)
        assert place.a > 0.0
