"""A session whose audio is a list of events, driven as a host would at some rate: no files, no threads."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import numpy as np

from mien.audio import AudioSession, Coming, Ended, SequencerEvent, Started
from mien.audio.turn import TurnAudio
from mien.clock import SAMPLE_RATE
from mien.motion import Performer
from mien.observe.stops import Stops
from mien.script import Script
from mien.talk.director import Director, Place
from mien.talk.session import Session
from mien.talk.turns import Cue, Turn
from mien.types import F64
from motion.cast import blank, character, seconds, track


class Audio:
    """Plays what the test says that it plays."""

    failure: str | None = None
    stops: Stops | None = None

    def __init__(self) -> None:
        self.happened: list[SequencerEvent] = []

    def say(self, key: str, source: object, **options: object) -> TurnAudio:
        return TurnAudio(key, track(20))

    def drain_coming(self) -> list[Coming]:
        return []

    def drain_events(self, until: int | None = None) -> list[SequencerEvent]:
        happened, self.happened = self.happened, []
        return happened


class Rig:
    """A session whose frames are those of a host that runs at some rate."""

    def __init__(self, fps: int, seed: int = 3) -> None:
        self.audio = Audio()
        cast_of = {"a": character("a"), "b": character("b")}
        places = {"a": Place(100, 50, cast_of["a"]), "b": Place(500, 50, cast_of["b"])}
        self.script = Script(seed)
        self.session = Session(cast(AudioSession, self.audio), cast_of, Director(seed, places), self.script)
        self.fps = fps
        self.index = 0

    @property
    def next_at(self) -> int:
        return self.index * SAMPLE_RATE // self.fps

    def run(self, until_s: float, each_frame: Callable[[float], Cue | None] = lambda t: None) -> None:
        """Frames before `until_s`; before each the host tells "a" something, or nothing."""
        while self.next_at < seconds(until_s):
            cue = each_frame(self.next_at / SAMPLE_RATE)
            if cue is not None:
                self.session.post(cue, "a", self.next_at)
            self.step()

    def step(self) -> None:
        """One frame."""
        self.session.advance(self.next_at)
        self.script.seal(self.next_at)
        self.index += 1

    def begin_turn(self, who: str, key: str = "t", cues: tuple[Cue, ...] = ()) -> None:
        """A turn begins with the next frame."""
        self.session.queue(Turn(key, who, b"sound", cues=cues))
        self.audio.happened.append(Started(self.next_at, key))

    def end_turn(self, key: str = "t") -> None:
        """It ends there."""
        self.audio.happened.append(Ended(self.next_at, key, 480, False))

    def channels(self, *times_s: float) -> F64:
        """(times, channels) of "a"."""
        performer = Performer(character("a"), "a", 3)
        rows = [performer.pose(self.script, seconds(t), blank()).channels.copy() for t in times_s]
        return np.array(rows, np.float64)
