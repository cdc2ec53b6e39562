"""The bundled characters' arms: no seam at any angle, one hand at a time, gestures that all can do."""

from __future__ import annotations

from math import atan2, degrees

import numpy as np
import pytest

import mien
from mien.art import load_character
from mien.character import Character
from mien.composite.rig import Rig
from mien.motion import Performer
from mien.motion.still import still_pose
from mien.script import GestureSet, Script
from mien.stage.picture import Portrait
from mien.types import CHANNEL_INDEX, Pose

CAST = ("wren", "otto", "mizzle")
HEIGHT = 640
RADIUS = 28
"""Half of a sleeve's width at the elbow, less the outline, at that height."""
HAND = 150
"""Canvas pixels from a wrist to the tips of its fingers."""


@pytest.fixture(scope="module")
def cast() -> dict[str, Character]:
    paths = {who: mien.bundled("characters", who) for who in CAST}
    return {who: load_character(path, scale=HEIGHT / 1280).character for who, path in paths.items()}


def elbow(character: Character, pose: Pose, side: str) -> tuple[float, float]:
    """Where the elbow is on the canvas."""
    out = np.zeros((len(character.joints), 2, 3))
    Rig(character).affines(pose.channels, out)
    j = next(j for j, joint in enumerate(character.joints) if joint.name == f"fore_{side}")
    x, y = out[j] @ np.array([*character.joints[j].pivot, 1.0])
    return float(x), float(y)


@pytest.mark.parametrize("who", CAST)
def test_no_seam_opens_at_the_elbow_at_any_angle_in_use(cast: dict[str, Character], who: str) -> None:
    character = cast[who]
    with Portrait(mien.bundled("characters", who), HEIGHT) as portrait:
        for side, most in (("left", 1.0), ("right", -0.95)):
            for share in np.linspace(0.0, 1.0, 6):
                pose = still_pose(character)
                pose.channels[CHANNEL_INDEX[f"elbow_{side}"]] = share * most
                pose.channels[CHANNEL_INDEX[f"shoulder_{side}"]] = 0.1 * share * np.sign(most)
                x, y = elbow(character, pose, side)
                alpha = portrait.draw(pose)[..., 3]
                rows, columns = np.mgrid[0 : alpha.shape[0], 0 : alpha.shape[1]]
                inside = (columns + 0.5 - x) ** 2 + (rows + 0.5 - y) ** 2 < RADIUS**2
                assert inside.sum() > 2000
                assert alpha[inside].min() == 255, f"{side} elbow at {share:.1f}"


@pytest.mark.parametrize("who", CAST)
def test_forearms_are_up_when_they_are_held(cast: dict[str, Character], who: str) -> None:
    character = cast[who]
    out = np.zeros((len(character.joints), 2, 3))
    names = [joint.name for joint in character.joints]
    for gesture, side in (("explain", "left"), ("chin", "right")):
        Rig(character).affines(still_pose(character, gesture=gesture).channels, out)
        a, b = out[names.index(f"fore_{side}")][:, 0]
        assert 130 < -degrees(atan2(b, a)) % 360.0 < 200, "the forearm is up, and leans a little"


@pytest.mark.parametrize("who", CAST)
def test_no_gesture_reaches_over_a_neighbour_on_its_way_there_or_back(
    cast: dict[str, Character], who: str
) -> None:
    """A forearm that comes up or goes down stretched out to the side lies over whoever stands there."""
    character = cast[who]
    width, _ = character.canvas
    rig, out = Rig(character), np.zeros((len(character.joints), 2, 3))
    pose = Pose.empty(len(character.slots))
    for gesture in character.motions:
        script = Script(0)
        script.append(GestureSet(0, "a", gesture))
        script.append(GestureSet(2 * 48_000, "a", ""))
        performer = Performer(character, "a", 0)
        for at in range(0, 3 * 48_000, 2400):
            performer.pose(script, at, pose)
            rig.affines(pose.channels, out)
            for j, joint in enumerate(character.joints):
                if joint.name.startswith("hand_"):
                    x, y = joint.pivot
                    tip = out[j] @ np.array([x, y + HAND * character.scale, 1.0])
                    assert 0.0 < tip[0] < width, f"{gesture} at {at / 48_000:.2f} s"


@pytest.mark.parametrize("who", CAST)
def test_every_hand_is_one_drawing_whatever_is_asked_for_when(cast: dict[str, Character], who: str) -> None:
    character = cast[who]
    rng = np.random.default_rng(5)
    names = ["", *character.gestures]
    script = Script(0)
    for at in np.sort(rng.integers(0, 20 * 48_000, 60)).tolist():
        script.append(GestureSet(int(at), "a", str(rng.choice(names))))
    performer, pose = Performer(character, "a", 0), Pose.empty(len(character.slots))
    hands = [s for s, slot in enumerate(character.slots) if slot.name.startswith(("hand_", "fore_"))]
    assert len(hands) == 4
    seen = set()
    for at in range(0, 21 * 48_000, 800):
        performer.pose(script, at, pose)
        assert (pose.weights[hands].max(axis=1) == 1.0).all()
        seen |= {(s, int(pose.picks[s, 0])) for s in hands}
    assert len(seen) >= 10


def test_the_cast_can_do_the_same_gestures(cast: dict[str, Character]) -> None:
    all_do = set(cast["wren"].gestures)
    assert all_do >= {"rest", "explain", "offer", "beat", "point", "chin"}
    for character in cast.values():
        assert set(character.gestures) == all_do
        assert set(character.motions) == all_do - {"rest"}
