"""A rig follows the joint model that characters are written in."""

from __future__ import annotations

import math

import numpy as np
import pytest

from composite.characters import character
from mien.character import Gaze, Joint
from mien.composite import Rig
from mien.types import CHANNEL_INDEX, CHANNELS, F64, Affine

BODY = Joint("body", -1, (50.0, 100.0), rotate={"body_sway": 10.0}, scale={"breath": (0.02, 0.06)})
HEAD = Joint("head", 0, (50.0, 60.0), {"head_roll": 20.0, "body_sway": -4.0}, {"head_yaw": (8.0, 1.0)})
IRIS = Joint("iris", 1, (40.0, 40.0))
GLINT = Joint("glint", 1, (42.0, 38.0))
LAMP = Joint("lamp", -1, (0.0, 0.0), move={"bounce": (0.0, 5.0)})
JOINTS = (BODY, HEAD, IRIS, GLINT, LAMP)
GAZE = Gaze((-14.0, 12.0), (-8.0, 9.0), irises=(2,), glints=(3,), glint_follow=0.25)


def posed(**channels: float) -> F64:
    values = np.zeros(len(CHANNELS), np.float32)
    for name, value in channels.items():
        values[CHANNEL_INDEX[name]] = value
    out = np.empty((len(JOINTS), 2, 3))
    Rig(character(joints=JOINTS, gaze=GAZE)).affines(values, out)
    return out


def by_hand(channels: dict[str, float]) -> list[Affine]:
    """The sentence in Joint's docstring, one joint after the other."""
    maps: list[Affine] = []
    for j, joint in enumerate(JOINTS):
        angle = math.radians(sum(joint.rotate.get(c, 0.0) * v for c, v in channels.items()))
        sx = 1.0 + sum(joint.scale.get(c, (0.0, 0.0))[0] * v for c, v in channels.items())
        sy = 1.0 + sum(joint.scale.get(c, (0.0, 0.0))[1] * v for c, v in channels.items())
        tx = sum(joint.move.get(c, (0.0, 0.0))[0] * v for c, v in channels.items())
        ty = sum(joint.move.get(c, (0.0, 0.0))[1] * v for c, v in channels.items())
        follow = 1.0 if j in GAZE.irises else GAZE.glint_follow if j in GAZE.glints else 0.0
        for value, ends, axis in ((channels["gaze_x"], GAZE.x, "x"), (channels["gaze_y"], GAZE.y, "y")):
            look = follow * (ends[1] * value if value > 0 else -ends[0] * value)
            tx, ty = (tx + look, ty) if axis == "x" else (tx, ty + look)
        px, py = joint.pivot
        own = (
            Affine(tx=-px, ty=-py)
            .then(Affine(a=sx, d=sy))
            .then(Affine(math.cos(angle), math.sin(angle), -math.sin(angle), math.cos(angle)))
            .then(Affine(tx=px + tx, ty=py + ty))
        )
        maps.append(own.then(maps[joint.parent]) if joint.parent >= 0 else own)
    return maps


def test_at_rest_every_joint_is_where_it_was_drawn() -> None:
    assert np.array_equal(posed(), np.tile(np.eye(3)[:2], (len(JOINTS), 1, 1)))


@pytest.mark.parametrize("seed", range(8))
def test_joints_turn_scale_and_move_about_their_pivots_parents_first(seed: int) -> None:
    values = np.random.default_rng(seed).uniform(-1, 1, len(CHANNELS)).astype(np.float32).tolist()
    channels = dict(zip(CHANNELS, values, strict=True))
    for affine, expected in zip(posed(**channels), by_hand(channels), strict=True):
        a, b, c, d, tx, ty = expected
        assert np.allclose(affine, [[a, c, tx], [b, d, ty]], atol=1e-9)


def test_a_positive_angle_is_clockwise_on_screen() -> None:
    head = posed(head_roll=1.0)[1]
    x, y = head @ (50.0, 0.0, 1.0)  # a point straight above the pivot
    assert x > 50.0 and y > 0.0


@pytest.mark.parametrize(
    ("gaze", "iris"), [((-1, 0), (-14, 0)), ((1, 0), (12, 0)), ((0, -1), (0, -8)), ((0.5, 1), (6, 9))]
)
def test_irises_move_by_the_gaze_range_and_glints_follow_less(
    gaze: tuple[float, float], iris: tuple[float, float]
) -> None:
    out = posed(gaze_x=gaze[0], gaze_y=gaze[1])
    assert out[2, :, 2].tolist() == list(iris)
    assert out[3, :, 2].tolist() == [iris[0] * 0.25, iris[1] * 0.25]
    assert np.array_equal(out[1], np.eye(3)[:2])


def test_gaze_beyond_its_range_stays_inside_the_eye() -> None:
    assert posed(gaze_x=3.0, gaze_y=-7.0)[2, :, 2].tolist() == [12.0, -8.0]


def test_a_broken_channel_breaks_only_what_it_drives() -> None:
    with np.errstate(all="ignore"):
        out = posed(head_roll=math.nan, gaze_x=math.nan, bounce=0.5)
    assert np.isfinite(out[[0, 4]]).all()
    assert not np.isfinite(out[[1, 2, 3]]).all(axis=(1, 2)).any()
