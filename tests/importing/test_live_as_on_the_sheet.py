"""What a live stage shows of an imported character, once it has settled, is what its contact sheet shows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from importing import drawn
from importing.drawn import LEFT, RIGHT, Thing
from importing.test_ways_of_naming import imported, on_a_figure
from mien.art import load_character
from mien.character import LID_SHAPES, Character
from mien.clock import SAMPLE_RATE
from mien.motion.performer import Performer
from mien.motion.still import still_pose
from mien.script import ExpressionSet, Script
from mien.stage.picture import Portrait
from mien.types import CHANNEL_INDEX, U8, Pose


def simple(wide: int = 12, radius: int = 5) -> tuple[Thing, ...]:
    """Eyes that are a white ellipse, so wide to each side, with a dark disc in it."""
    eyes = [
        thing
        for side, x in (("left", LEFT), ("right", RIGHT))
        for thing in (
            Thing(f"iris {side}", drawn.ellipse(x, drawn.EYES, radius, radius, (20, 20, 20))),
            Thing(f"white {side}", drawn.ellipse(x, drawn.EYES, wide, 11, drawn.WHITE)),
        )
    ]
    brows = (Thing("brow left", drawn.brow(LEFT)), Thing("brow right", drawn.brow(RIGHT)))
    return on_a_figure(*brows, *eyes, Thing("mouth", drawn.LINE))


@pytest.fixture(params=[simple, drawn.named, drawn.japanese], ids=lambda kind: str(kind.__name__))
def character(request: pytest.FixtureRequest, tmp_path: Path) -> Character:
    kind: Callable[[], tuple[Thing, ...]] = request.param
    imported(drawn.ora(tmp_path / "art.ora", kind()), tmp_path / "made")
    return load_character(tmp_path / "made").character


def shown(pose: Pose, slot: int) -> int:
    """The drawing of a slot that is seen most."""
    return int(pose.picks[slot][np.argmax(pose.weights[slot])])


def test_each_expression_settles_to_the_drawings_of_the_sheet_and_to_its_brows(character: Character) -> None:
    lids = [*character.lids.left, *character.lids.right]
    others = [slot for slot in range(len(character.slots)) if slot not in lids]

    def are_same(one: Pose, other: Pose, slots: list[int]) -> bool:
        return [shown(one, slot) for slot in slots] == [shown(other, slot) for slot in slots]

    for expression, face in character.expressions.items():
        script = Script(0)
        script.append(ExpressionSet(0, "a", expression))
        performer, pose = Performer(character, "a", 0), Pose.empty(len(character.slots))
        still = still_pose(character, expression)
        brows, same = [], []
        for tenth in range(40, 115, 3):
            performer.pose(script, tenth * SAMPLE_RATE // 10, pose)
            assert are_same(pose, still, others), expression
            if performer.blink < 0.02:
                same.append(are_same(pose, still, lids))
                brows.append(pose.channels.copy())
        assert len(same) > 15
        if face.lids[0] in (*LID_SHAPES, "closed"):  # for a moment at first, and then now and again
            times = range(0, SAMPLE_RATE, SAMPLE_RATE // 30)
            same = [any(are_same(performer.pose(script, at, pose), still, lids) for at in times)]
        assert np.mean(same) > 0.9, expression
        settled = np.median(brows, axis=0)
        for channel in ("brow_left_y", "brow_right_y", "brow_left_tilt", "brow_right_tilt"):
            index = CHANNEL_INDEX[channel]
            assert abs(settled[index] - still.channels[index]) < 0.15, (expression, channel)


def test_an_iris_of_simple_eyes_stays_off_the_rim_wherever_an_expression_looks(tmp_path: Path) -> None:
    imported(drawn.ora(tmp_path / "art.ora", simple()), tmp_path / "made")
    with Portrait(tmp_path / "made") as portrait:
        plain = _dark(portrait.draw(still_pose(portrait.character)))
        for expression in ("thinking", "surprised"):
            # Nothing of it is cut off by the white.
            assert _dark(portrait.draw(still_pose(portrait.character, expression))) > 0.95 * plain, expression


def test_a_small_iris_stays_off_the_rim_wherever_the_eyes_go_and_yet_they_look_about(tmp_path: Path) -> None:
    # As far as a quarter of it beyond the white, as large ones go, it would be cut by a seventh.
    imported(drawn.ora(tmp_path / "art.ora", simple(9, 4)), tmp_path / "made")
    with Portrait(tmp_path / "made") as portrait:
        character = portrait.character
        pose = still_pose(character)
        plain = _dark(portrait.draw(pose))
        for x in (-1, 1):
            for y in (-1, 1):
                pose.channels[CHANNEL_INDEX["gaze_x"]], pose.channels[CHANNEL_INDEX["gaze_y"]] = x, y
                assert _dark(portrait.draw(pose)) > 0.95 * plain, (x, y)
        assert min(character.gaze.x[1], -character.gaze.x[0]) >= 4


def _dark(picture: U8) -> float:
    """How much is seen of the irises, in pixels."""
    return float(np.clip((150 - picture[96:132, 50:150, :3].max(axis=-1).astype(float)) / 130, 0, 1).sum())
