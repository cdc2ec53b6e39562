"""A host that says turns of all kinds, stops them in all ways, and hears what is told of them."""

from __future__ import annotations

import io
import random
import wave
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, TypeVar

import numpy as np

import mien
from mien.audio import AudioInput
from mien.errors import MienError

Way = TypeVar("Way")

WHO: Final = ("wren", "a", "b")
EXPRESSIONS: Final = ("happy", "sad", "angry", "surprised", "neutral", "joy")
GESTURES: Final = ("", "wave", "shrug")
RATES: Final = (8_000, 16_000, 24_000, 48_000)
TEXTS: Final = ("", "Yes.", "[happy] Oh, that is good to hear!", "[sad] No. [neutral] Well.")
OPEN_FEEDS: Final = 4
"""Most feeds that are not ended at once: the host of a conversation has one or two."""


def tone(seconds: float, rate: int = 16_000, pitch: float = 180.0) -> bytes:
    """A WAV file of something that a mouth moves to."""
    at = np.arange(round(seconds * rate)) / rate
    loud = 0.3 * (0.6 + 0.4 * np.sin(2 * np.pi * 4 * at))
    sound = loud * np.sign(np.sin(2 * np.pi * pitch * at)) * np.sin(2 * np.pi * 3.1 * pitch * at)
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(rate)
        written.writeframes((sound * 32767).astype("<i2").tobytes())
    return file.getvalue()


def one_of(chance: random.Random, ways: Sequence[tuple[int, Way]]) -> Way:
    """One of them, by their weights."""
    return chance.choices([way for _, way in ways], [weight for weight, _ in ways])[0]


class Host:
    """Does one thing after the other, whatever `chance` says. `stage`: of `wren`, `a` and `b`.

    Parameters: `folder`, to keep sound files in.
    """

    def __init__(self, stage: mien.LiveStage, chance: random.Random, folder: Path) -> None:
        self.stage = stage
        self.chance = chance
        self.acts: Counter[str] = Counter()
        """What was done, and how often."""
        self.open: set[str] = set()
        """Turns that were said and of whose end nothing was told."""
        self.ends: Counter[str] = Counter()
        """How turns ended."""
        self.wrong: list[str] = []
        """What must not be, in sentences."""
        self.said = 0
        self._begun: set[str] = set()
        self._feeds: list[mien.PcmFeed] = []
        self._file = folder / "turn.wav"
        self._file.write_bytes(tone(0.4))
        self._sounds: tuple[tuple[int, Callable[[], AudioInput]], ...] = (
            (12, self._wav),
            (3, lambda: self._file),
            (2, lambda: self._wav()[: self.chance.randrange(20, 4000)]),
            (1, lambda: b"no sound at all"),
            (1, lambda: "nowhere.wav"),
            (6, self._whole_feed),
            (2, self._lost_feed),
            (6, self._open_feed),
        )
        self._ways: tuple[tuple[int, Callable[[], object]], ...] = (
            (10, self._say),
            (8, self._push),
            (4, self._feed_ends),
            (2, stage.interrupt),
            (1, stage.pause),
            (3, stage.resume),
            (1, self._seek),
            (4, self._express),
            (3, self._look),
            (2, self._gesture),
            (1, self._wear),
            (1, self._nod),
            (1, self._move),
            (1, self._leave),
            (2, self._enter),
            (6, self.hear),
        )

    def act(self) -> None:
        """One thing that hosts do."""
        act = one_of(self.chance, self._ways)
        self.acts[act.__name__.strip("_")] += 1
        act()

    def hear(self) -> None:
        """Take the events: each turn has one end."""
        for event in self.stage.events():
            if event.kind == "started":
                if event.turn in self._begun or event.turn not in self.open:
                    self.wrong.append(f"turn {event.turn} began twice, or after its end")
                self._begun.add(event.turn)
            elif event.kind in ("finished", "dropped"):
                self.ends[event.kind] += 1
                if event.turn not in self.open:
                    self.wrong.append(f"turn {event.turn} had a second end: {event.kind}")
                if event.kind == "finished" and event.turn not in self._begun:
                    self.wrong.append(f"turn {event.turn} is finished and never began")
                self.open.discard(event.turn)
                self._begun.discard(event.turn)

    def be_done(self) -> None:
        """End every feed, and let what is paused go on: what is queued is heard then."""
        for feed in self._feeds:
            feed.end()
        self._feeds.clear()
        self.stage.resume()
        self.stage.seek(self.stage.timeline.last_s)

    def _say(self) -> None:
        make = one_of(self.chance, self._sounds)
        key = f"turn {self.said}"
        gap = self.chance.choice((0.0, 0.0, 0.3, -0.2))
        text = self.chance.choice(TEXTS)
        try:
            self.stage.say(self.chance.choice(WHO), make(), text, gap_s=gap, key=key)
        except MienError:
            return  # refused, and so none of it is told
        self.said += 1
        self.open.add(key)

    def _wav(self) -> bytes:
        seconds = self.chance.choice((0.02, 0.3, 1.0, 2.5))
        return tone(seconds, self.chance.choice(RATES), self.chance.uniform(90, 300))

    def _whole_feed(self) -> mien.PcmFeed:
        feed = self._lost_feed()
        feed.push_timings(mien.VisemeTimings("oculus", (("aa", 0.0, 0.2), ("PP", 0.2, 0.3))))
        feed.end()
        return feed

    def _lost_feed(self) -> mien.PcmFeed:
        """Nobody keeps it: it ends when it is collected."""
        feed = mien.PcmFeed(self.chance.choice(RATES))
        feed.push(np.full(self.chance.randrange(1, 8000), 0.1, np.float32))
        return feed

    def _open_feed(self) -> mien.PcmFeed:
        if len(self._feeds) >= OPEN_FEEDS:
            self._feed_ends()
        self._feeds.append(feed := self._lost_feed())
        return feed

    def _push(self) -> None:
        if self._feeds:
            feed = self.chance.choice(self._feeds)
            n = self.chance.randrange(1, 12_000)
            feed.push(np.sin(np.arange(n) * 0.05).astype(np.float32) * self.chance.random())

    def _feed_ends(self) -> None:
        if self._feeds:
            self._feeds.pop(self.chance.randrange(len(self._feeds))).end()

    def _seek(self) -> None:
        span = self.stage.timeline
        to = self.chance.uniform(span.first_s, span.last_s)
        if to - span.now_s < 2.0:  # what is passed over is waited for
            self.stage.seek(to)

    def _express(self) -> None:
        self._told(lambda who: self.stage.set_expression(who, self.chance.choice(EXPRESSIONS)))

    def _look(self) -> None:
        at = self.chance.choice((*WHO, "viewer", (self.chance.uniform(-1, 1), self.chance.uniform(-1, 1))))
        self._told(lambda who: self.stage.look_at(who, at))

    def _gesture(self) -> None:
        self._told(lambda who: self.stage.gesture(who, self.chance.choice(GESTURES)))

    def _wear(self) -> None:
        self._told(lambda who: self.stage.wear(who, "blush", self.chance.choice(("soft", "", None))))

    def _nod(self) -> None:
        self._told(lambda who: self.stage.nod(who, self.chance.uniform(-1, 1)))

    def _move(self) -> None:
        size = self.chance.uniform(0.5, 1.5)
        self._told(lambda who: self.stage.move(who, size=size, seconds=self.chance.choice((0.0, 0.4))))

    def _leave(self) -> None:
        if len(self.stage.on_stage) > 1:
            self._told(lambda who: self.stage.leave(who, side=self.chance.choice(("left", "right"))))

    def _enter(self) -> None:
        self._told(self.stage.enter)

    def _told(self, tell: Callable[[str], object]) -> None:
        """Tell somebody; who lacks what is asked for says so, and nothing changes."""
        try:
            tell(self.chance.choice(WHO))
        except MienError:
            self.acts["refused"] += 1
