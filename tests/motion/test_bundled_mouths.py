"""A bundled conversation, three seeds: a mouth is seen for two pictures, alone, and closes in every pause."""

from __future__ import annotations

from itertools import groupby

import numpy as np
import pytest

import mien
from mien.audio import AudioSession
from mien.character import Character
from mien.clock import SAMPLE_RATE
from mien.motion.faces import Faces
from mien.motion.mouth import Lips
from mien.motion.prosody import coming, spoken
from mien.script import Script, TurnStarted
from mien.stage.cast import cast_of
from mien.stage.show import Show
from mien.talk import load_conversation
from mien.talk.director import Director, Place
from mien.talk.session import Session
from mien.types import Pose, Size

FPS = 30
LENGTH_S = 25
QUIET = 0.14
"""24 dB below the voice's loudest."""
PAUSE = 15
"""Frames of 10 ms."""


@pytest.fixture(scope="module")
def cast() -> dict[str, Character]:
    conversation = load_conversation(mien.bundled("conversations", "hello"))
    with AudioSession("offline") as audio:
        return Show(cast_of(conversation), Size(96, 54), audio).characters


@pytest.mark.parametrize("seed", range(3))
def test_every_mouth_is_seen_and_alone_and_every_pause_closes(cast: dict[str, Character], seed: int) -> None:
    conversation = load_conversation(mien.bundled("conversations", "hello"))
    script = Script(seed)
    parts = {key: (Faces(one), Lips(one), Pose.empty(len(one.slots))) for key, one in cast.items()}
    drawn: dict[str, list[int]] = {key: [] for key in cast}
    said: dict[str, tuple[TurnStarted, list[float]]] = {}
    with AudioSession("offline") as audio:
        places = {key: Place(100.0 + 300 * i, 50.0, one) for i, (key, one) in enumerate(cast.items())}
        session = Session(audio, cast, Director(seed, places), script)
        for turn in conversation.turns:
            session.queue(turn)
        for index in range(LENGTH_S * FPS):
            at, following = (k * SAMPLE_RATE // FPS for k in (index, index + 1))
            audio.pull(following - at)
            session.advance(at)
            for key, (faces, lips, pose) in parts.items():
                lanes = script.lanes(key)
                turns = spoken(lanes, at)
                slot = cast[key].mouth.slot
                lips.apply(lanes, faces.mix(lanes, at), turns, coming(lanes, at, turns), at, pose)
                assert pose.weights[slot].tolist() == [1.0, 0.0, 0.0, 0.0]
                drawn[key].append(int(pose.picks[slot, 0]))
            for event in script.floor:
                if isinstance(event, TurnStarted) and event.track.length:
                    said[event.turn] = (event, event.track.loudness.tolist())
            script.seal(at)
    assert len(said) >= 5
    pauses = 0
    for key, rows in drawn.items():
        runs = [len(list(run)) for _, run in groupby(rows)]
        assert len(runs) > 50
        assert min(runs[1:-1]) >= 2
        moods = cast[key].mouth.moods.values()
        closed = {shapes[viseme] for shapes in moods for viseme in (0, 1)}
        for started, loudness in said.values():
            if started.character == key:
                for first, last in quiet_within(loudness):
                    frames = np.arange(len(rows)) * SAMPLE_RATE // FPS
                    begins, ends = (started.at + hop * 480 for hop in (first, last))
                    shown = {rows[i] for i in np.flatnonzero((frames >= begins) & (frames < ends))}
                    if shown:
                        pauses += 1
                        assert shown & closed, f"{key} at {begins / SAMPLE_RATE:.2f} s"
    assert pauses >= 5


def quiet_within(loudness: list[float]) -> list[tuple[int, int]]:
    """(first, end) of the pauses between two loud frames."""
    found: list[tuple[int, int]] = []
    at = 0
    for quiet, run in groupby(value < QUIET for value in loudness):
        n = len(list(run))
        if quiet and n > PAUSE and 0 < at < len(loudness) - n:
            found.append((at, at + n))
        at += n
    return found
