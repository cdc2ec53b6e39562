"""Whatever becomes of a turn, exactly one event tells of its end, and says how far it was heard."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import mien
from art.build import tiny_character
from mien.audio import AudioInput
from mien.errors import MienError
from mien.testing import Timeline, open_on
from stage.test_stage import tone

EXAMPLES = 4
TURNS = 125
FPS = 10
"""So that few frames take long."""


class Host:
    """Says turns of all kinds, stops them in all ways, and hears what is told of them."""

    def __init__(self, stage: mien.LiveStage, seed: int) -> None:
        self.stage = stage
        self.chance = random.Random(seed)
        self.said: set[str] = set()
        self.told: list[mien.TurnEvent] = []
        self._feeds: list[mien.PcmFeed] = []
        self._sounds: tuple[Callable[[], AudioInput], ...] = (
            lambda: tone(self.chance.choice((0.02, 0.3, 1.0))),
            lambda: b"no sound at all",
            lambda: "nowhere.wav",
            lambda: tone(0.5)[:200],
            self._pushed,
            self._lost,
            self._open,
        )

    def act(self) -> None:
        """One thing that hosts do."""
        act = self.chance.choices(
            (self._say, self.stage.interrupt, self.stage.pause, self.stage.resume, self._seek, self._frames,
             self._feed_ends, self._hear),
            (12, 2, 2, 3, 2, 8, 3, 3),
        )[0]  # fmt: skip
        act()

    def _say(self) -> None:
        key = f"turn {len(self.said)}"
        sound = self.chance.choice(self._sounds)()
        gap = self.chance.choice((0.0, 0.0, 0.3, -0.2))
        try:
            self.stage.say(self.chance.choice(("a", "b")), sound, "Hello you", gap_s=gap, key=key)
        except MienError:
            return  # refused, and so none of it is told
        self.said.add(key)

    def _pushed(self) -> mien.PcmFeed:
        feed = mien.PcmFeed(16_000)
        feed.push(np.full(8000, 0.1, np.float32))
        feed.push_timings(mien.VisemeTimings("oculus", (("aa", 0.0, 0.4),)))
        feed.end()
        return feed

    def _lost(self) -> mien.PcmFeed:
        """Nobody keeps it: it ends when it is collected."""
        feed = mien.PcmFeed(16_000)
        feed.push(np.full(3000, 0.1, np.float32))
        return feed

    def _open(self) -> mien.PcmFeed:
        self._feeds.append(feed := self._lost())
        return feed

    def _feed_ends(self) -> None:
        if self._feeds:
            feed = self._feeds.pop(self.chance.randrange(len(self._feeds)))
            feed.push(np.full(1000, 0.1, np.float32))
            feed.end()

    def _seek(self) -> None:
        span = self.stage.timeline
        to = self.chance.uniform(span.first_s, span.last_s)
        if to - span.now_s < 2.0:  # what is passed over is waited for
            self.stage.seek(to)

    def _frames(self) -> None:
        for _ in range(self.chance.randrange(1, 4)):
            self.stage.frame()

    def _hear(self) -> None:
        self.told += self.stage.events()


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of a few rectangles: what becomes of turns is the same whoever speaks them."""
    return tiny_character(tmp_path_factory.mktemp("art") / "tiny")


@pytest.mark.slow
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=(Phase.generate,),
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(seed=st.integers(0, 2**32))
def test_of_five_hundred_turns_each_has_one_end_also_where_the_stage_is_closed_in_the_middle(
    tiny: Path, seed: int
) -> None:
    with open_on(
        Timeline(), {"a": tiny, "b": tiny}, size=(32, 24), fps=FPS, history_s=20, quality="fixed"
    ) as stage:
        host = Host(stage, seed)
        while len(host.said) < TURNS:
            host.act()
    host.told += stage.events()
    assert stage.events() == []
    ends = [event for event in host.told if event.kind in ("finished", "dropped")]
    assert Counter(event.turn for event in ends) == dict.fromkeys(host.said, 1)
    began = Counter(event.turn for event in host.told if event.kind == "started")
    assert began == {event.turn: 1 for event in ends if event.kind == "finished"}
    for event in ends:
        assert (event.at is None) == (event.kind == "dropped")
        assert 0.0 <= event.position_s <= 1.1
    order = {event.turn: i for i, event in enumerate(host.told) if event.kind == "started"}
    assert all(order[event.turn] < i for i, event in enumerate(host.told) if event.kind == "finished")
    assert {turn.state for turn in stage.turns()} <= {"done", "dropped"}
