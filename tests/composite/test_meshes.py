"""Meshes: what channels and swings make of grids, and grids of warps."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from composite.characters import character
from composite.scenes import Atlas, noise
from mien.character import Joint, Slot
from mien.composite import FrameRows
from mien.composite.cast_rows import CastRows
from mien.composite.character_rows import CharacterRows
from mien.composite.mesh_fields import depth, driven_fields, hang_bends, mesh_points
from mien.composite.reference import composite
from mien.composite.rows import BOUNDS, WARP, warp_numbers
from mien.composite.slot_rows import SlotRows
from mien.composite.warps import FLAT, warped_places
from mien.mesh import Ball, Hang, Mesh, Segment
from mien.types import CHANNEL_INDEX, CHANNELS, Affine, Pose, Size

BOX = (0.0, 0.0, 100.0, 100.0)
YAW, BREATH, ROLL = (CHANNEL_INDEX[name] for name in ("head_yaw", "breath", "head_roll"))
FRAME = Size(140, 130)


def mesh(**fields: object) -> Mesh:
    return Mesh("m", (0,), 0, Size(11, 11), BOX, **fields)  # type: ignore[arg-type]


def test_a_ball_is_deepest_in_its_middle_and_its_rim_stays() -> None:
    ball = Ball((50.0, 40.0), (40.0, 20.0))
    points = np.array([50 + 40j, 90 + 40j, 50 + 60j, 50 + 10j, 70 + 40j])
    assert depth(ball, points).tolist() == pytest.approx([1.0, 0.0, 0.0, -1.25 / 3.25, 0.6])


def test_rows_and_columns_are_spread_evenly_and_smoothly() -> None:
    rows = mesh(rows={"breath": ((0.0, -8.0), (0.0, 0.0), (0.0, 0.0))})
    (fields,) = driven_fields(replace(character(), meshes=(rows,)))
    moved = fields[BREATH].reshape(11, 11)
    assert (moved == moved[:, :1]).all()
    assert moved[[0, 5, 10], 0].imag.tolist() == [-8.0, 0.0, 0.0]
    assert -8.0 < moved[2, 0].imag < 0.0
    (fields,) = driven_fields(replace(character(), meshes=(mesh(columns={"jaw": ((3.0, 0.0), (1.0, 0.0))}),)))
    assert fields[CHANNEL_INDEX["jaw"]].reshape(11, 11)[4].real.tolist() == pytest.approx(
        np.linspace(3, 1, 11)
    )


def test_a_hang_stays_at_its_root_and_turns_below_it() -> None:
    hang = Hang((50.0, 20.0), (50.0, 100.0), 0.0, 0.0, (Segment(1, 0.3, 10), Segment(1, 0.3, 10)))
    points = mesh_points(mesh())
    first, second = hang_bends(hang, points)
    assert (first[:3] == 0.0).all()
    assert (second[:6] == 0.0).all()
    # Of a radian: 80 pixels below the root, but for the soft beginning; to the left.
    assert first[10, 3] == pytest.approx(-(80 - 0.175 * 40))
    assert second[10, 3] == pytest.approx(-(40 - 0.175 * 40))


def test_a_hang_of_some_width_leaves_what_is_beside_it() -> None:
    hang = Hang((30.0, 0.0), (30.0, 100.0), 10.0, 0.0, (Segment(1, 0.3, 10),))
    (bend,) = hang_bends(hang, mesh_points(mesh()))
    assert bend[10, [2, 3, 4]] == pytest.approx([bend[10, 3]] * 3)
    assert bend[10, [0, 1, 5, 6]].tolist() == [0.0, 0.0, 0.0, 0.0]


def test_gravity_takes_back_what_all_joints_above_turn() -> None:
    joints = (Joint("neck", -1, (50, 90), {"head_roll": 2.0}), Joint("head", 0, (50, 50), {"head_roll": 4.0}))
    hang = Hang((50.0, 0.0), (50.0, 100.0), 0.0, 0.5, (Segment(1, 0.3, 10),))
    one = replace(character(joints=joints), meshes=(replace(mesh(hangs=(hang,)), joint=1),))
    (fields,) = driven_fields(one)
    (bend,) = hang_bends(hang, mesh_points(mesh()))
    assert fields[ROLL] == pytest.approx((bend * -0.5 * np.radians(6.0)).reshape(-1))
    assert fields[len(CHANNELS)] == pytest.approx((bend * np.radians(10.0)).reshape(-1))


JOINTS = (Joint("root", -1, (50.0, 100.0), {"body_sway": 5.0}, {"head_yaw": (7.0, 3.0)}),)
TURNING = mesh(
    ball=Ball((50.0, 50.0), (50.0, 50.0), {"head_yaw": (16.0, 0.0), "head_pitch": (0.0, -10.0)}),
    hangs=(Hang((50.0, 10.0), (50.0, 100.0), 0.0, 0.0, (Segment(1, 0.3, 12), Segment(1, 0.3, 12))),),
)


def turning(atlas: Atlas, count: int = 1) -> tuple[FrameRows, CastRows]:
    drawing = atlas.add(noise(np.random.default_rng(1), 100, 100))
    ones = [
        replace(character((Slot("s", (drawing,), 0, 0),), JOINTS), meshes=(TURNING,)) for _ in range(count)
    ]
    frame = FrameRows(8, FRAME)
    return frame, CastRows(ones, (0,) * count, frame)


def show(frame: FrameRows, rows: CastRows, yaw: float, swing: float, sway: float = 0.0) -> None:
    frame.reset()
    for pose in rows.poses:
        pose.picks[:, 0] = 0
        pose.channels[[YAW, CHANNEL_INDEX["head_pitch"], CHANNEL_INDEX["body_sway"]]] = yaw, yaw, sway
        pose.swings[:] = swing
    rows.fill(
        frame, [Affine(1.1, 0.0, 0.0, 1.1, 15.3, 8.6)] * len(rows.poses), [(1, 1, 1, 1)] * len(rows.poses)
    )


def test_each_cell_is_where_the_grid_says() -> None:
    """At the corners of cells exactly, but of those whose twist is left out; turned and swung as far as it
    goes, on a drawing of 6 cells."""
    frame, rows = turning(Atlas(128, 128))
    show(frame, rows, 1.0, 1.0, sway=1.0)
    assert warp_numbers(frame.rows[:1]).tolist() == [1]
    left, top, right, bottom = frame.rows[0, BOUNDS].astype(int)
    y, x = np.mgrid[top:bottom, left:right] + 0.5
    seen = np.stack(warped_places(frame.warps, 1, x, y))
    wanted = np.stack(_by_the_grid(rows, x, y))
    assert np.abs(seen - np.stack((x, y))).max() > 20.0
    assert np.mean(np.hypot(*(seen - wanted))) < 0.5
    y, x = np.mgrid[16:112:16, 16:128:16].astype(np.float64)
    seen, wanted = np.stack(warped_places(frame.warps, 1, x, y)), np.stack(_by_the_grid(rows, x, y))
    off = np.abs(seen - wanted)
    assert off.max() <= FLAT
    assert (off < 1e-4).mean() > 0.8


def _by_the_grid(rows: CastRows, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where places of the frame would lie, by the grid: written down once more, plainly."""
    (fields,) = driven_fields(replace(character((), JOINTS), meshes=(TURNING,)))
    values = [*rows.poses[0].channels.tolist(), *rows.poses[0].swings.tolist()]
    moves = sum(values[driver] * field for driver, field in fields.items()).reshape(11, 11)
    world = rows._placed[0]
    inverse = np.linalg.inv(world[:, :2])
    at = np.einsum("ij,jhw->ihw", inverse, np.stack((x, y)) - world[:, 2, None, None]) / 10.0
    at = np.clip(at, 0.0, 10.0)
    column, line = (np.minimum(one.astype(int), 9) for one in at)
    u, v = at[0] - column, at[1] - line
    moved = (
        moves[line, column] * (1 - u) * (1 - v)
        + moves[line, column + 1] * u * (1 - v)
        + moves[line + 1, column] * (1 - u) * v
        + moves[line + 1, column + 1] * u * v
    )
    on_frame = np.einsum("ij,jhw->ihw", world[:, :2], np.stack((moved.real, moved.imag)))
    return x - on_frame[0], y - on_frame[1]


@pytest.mark.parametrize("yaw", [-1.0, 0.6])
@pytest.mark.parametrize("swing", [-1.0, 1.0])
def test_the_bounds_of_what_is_bent_cut_nothing_off(yaw: float, swing: float) -> None:
    atlas = Atlas(128, 128)
    frame, rows = turning(atlas)
    show(frame, rows, yaw, swing)
    own = composite(frame, [atlas.page])
    frame.rows[0, BOUNDS] = (0, 0, *FRAME)
    assert np.array_equal(composite(frame, [atlas.page]), own)


def test_at_rest_nothing_is_bent() -> None:
    atlas = Atlas(128, 128)
    frame, rows = turning(atlas)
    show(frame, rows, 0.0, 0.0)
    assert frame.rows[0, WARP] == 0.0
    assert frame.warps.count == 1
    assert len(frame.warps.table) == 1
    plain = FrameRows(8, FRAME)
    show(
        plain, CastRows([replace(character((Slot("s", (atlas_drawing(),), 0, 0),), JOINTS))], (0,)), 0.0, 0.0
    )
    assert np.array_equal(plain.rows[0], frame.rows[0])


def atlas_drawing():  # type: ignore[no-untyped-def]
    return Atlas(128, 128).add(noise(np.random.default_rng(1), 100, 100))


def test_two_characters_bend_each_by_its_own_pose() -> None:
    frame, rows = turning(Atlas(128, 128), 2)
    rows.poses[0].swings[:] = 0.0
    for pose, yaw in zip(rows.poses, (1.0, -0.5), strict=True):
        pose.picks[:, 0] = 0
        pose.channels[YAW] = yaw
    frame.reset()
    rows.fill(frame, [Affine(tx=10.0), Affine(tx=30.0)], [(1, 1, 1, 1)] * 2)
    assert warp_numbers(frame.rows[:2]).tolist() == [1, 2]
    for number, (middle, moved) in enumerate(((60.0 + 7.0, 16.0), (80.0 - 3.5, -8.0)), start=1):
        x, y = np.array([[middle]]), np.array([[53.0 if number == 1 else 48.5]])
        assert warped_places(frame.warps, number, x, y)[0] - x == pytest.approx(-moved, abs=2.0)


def test_what_is_hidden_or_broken_is_not_bent() -> None:
    frame, rows = turning(Atlas(128, 128))
    show(frame, rows, float("nan"), 0.0)
    assert (frame.count, len(frame.warps.table)) == (0, 1)
    show(frame, rows, 1.0, 0.0)
    rows.poses[0].picks[:] = -1
    frame.reset()
    rows.fill(frame, [Affine()], [(1, 1, 1, 1)])
    assert (frame.count, len(frame.warps.table)) == (0, 1)


def test_a_mesh_whose_joint_lies_flat_bends_nothing_of_what_hangs_on_others() -> None:
    """As of an eyelid that is drawn up altogether: no place of the frame is in such a grid."""
    flat = Joint("lid", 0, (50.0, 50.0), scale={"breath": (0.0, -1.0)})
    drawing = (atlas := Atlas(128, 128)).add(noise(np.random.default_rng(1), 100, 100))
    one = character((Slot("s", (drawing,), 0, 0),), (*JOINTS, flat))
    frame = FrameRows(8, FRAME)
    rows = CastRows([replace(one, meshes=(replace(TURNING, joint=1),))], (0,), frame)
    rows.poses[0].channels[BREATH] = 1.0
    show(frame, rows, 1.0, 1.0)
    assert (frame.count, len(frame.warps.table)) == (1, 1)
    assert composite(frame, [atlas.page]).any()
    rows.poses[0].channels[BREATH] = 0.5
    show(frame, rows, 1.0, 1.0)
    assert len(frame.warps.table) > 1


def test_more_cells_than_there_is_room_for_leave_the_last_meshes_as_they_are() -> None:
    frame, rows = turning(Atlas(128, 128), 2)
    assert rows._meshes is not None
    rows._meshes._room = 90
    show(frame, rows, 1.0, 0.0)
    assert warp_numbers(frame.rows[:2]).tolist() == [1, 0]


def test_a_character_without_meshes_has_no_part_in_it() -> None:
    frame = FrameRows(8, FRAME)
    rows = CastRows([character((Slot("s", (atlas_drawing(),), 0, 0),))], (0,), frame)
    assert (rows._meshes, frame.warp_cells) == (None, 0)
    assert isinstance(rows._slots, SlotRows)
    assert rows._slots.spread is None


def test_without_a_frame_meshes_bend_nothing() -> None:
    one = replace(character((Slot("s", (atlas_drawing(),), 0, 0),), JOINTS), meshes=(TURNING,))
    frame, pose = FrameRows(8, FRAME), Pose.empty(1, 2)
    pose.picks[0, 0], pose.channels[YAW] = 0, 1.0
    CharacterRows(one).fill(frame, pose, Affine())
    assert (frame.count, frame.warps.count) == (1, 0)
