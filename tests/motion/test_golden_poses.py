"""The bundled conversations move as they did: every half second of them, held to stored poses.

`python tests/motion/test_golden_poses.py` writes `golden_poses.npz` anew, when motion is meant to change.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import mien
from mien.audio import AudioSession
from mien.clock import SAMPLE_RATE
from mien.stage.cast import cast_of
from mien.stage.show import Show
from mien.talk import load_conversation
from mien.types import F32, Pose, Size

GOLDEN = Path(__file__).with_name("golden_poses.npz")
FPS = 30
EVERY = 15
LENGTHS_S = {"hello": 27, "night_shift": 60}
TOLERANCE = 1e-4
"""What another system's sine and decoder may change; the smallest thing that can be seen is 1e-2."""


def row(pose: Pose) -> F32:
    """All of a pose as one row of float32."""
    parts = (pose.channels, pose.picks.ravel(), pose.weights.ravel(), pose.opacity)
    return np.concatenate([part.astype(np.float32) for part in parts])


def poses(name: str) -> dict[str, F32]:
    """By "conversation/character": (poses, values) float32."""
    conversation = load_conversation(mien.bundled("conversations", name))
    with AudioSession("offline") as audio:
        show = Show(cast_of(conversation), Size(96, 54), audio, seed=conversation.seed)
        for turn in conversation.turns:
            show.session.queue(turn)
        rows: dict[str, list[F32]] = {f"{name}/{actor.key}": [] for actor in show.player.actors}
        heard = 0
        for index in range(0, LENGTHS_S[name] * FPS, EVERY):
            at, following = (k * SAMPLE_RATE // FPS for k in (index, index + 1))
            audio.pull(following - heard)
            heard = following
            show.tick(at)  # a pose is made of its time alone: those between are not worked out
            for actor in show.player.actors:
                rows[f"{name}/{actor.key}"].append(row(actor.pose))
    return {key: np.stack(found) for key, found in rows.items()}


@pytest.mark.parametrize("name", LENGTHS_S)
def test_the_bundled_conversations_move_as_they_did(name: str) -> None:
    golden = np.load(GOLDEN)
    found = poses(name)
    assert set(found) == {key for key in golden.files if key.startswith(f"{name}/")}
    for key, rows in found.items():
        off = np.abs(rows - golden[key]).max(axis=1)
        assert rows.shape == golden[key].shape
        assert off.max() <= TOLERANCE, f"{key}: pose {int(off.argmax())} is off by {off.max():.4f}"


if __name__ == "__main__":
    np.savez_compressed(GOLDEN, **{key: rows for name in LENGTHS_S for key, rows in poses(name).items()})  # type: ignore[arg-type]
