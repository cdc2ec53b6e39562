"""What the tests of agents share: a clock for a loop, a face on it, speech, a stage that draws nothing."""

from __future__ import annotations

import asyncio
import heapq
from collections import deque
from collections.abc import Callable
from itertools import count
from typing import Any, NamedTuple

import av
import numpy as np

import mien
from mien.agents.drawing import WHO
from mien.agents.face import Face
from mien.agents.segments import I16

RATE = 24_000


class Pace:
    """A clock of a loop: when nobody has anything to do now, it is as late as the next one waits for.

    `turns`: of the loop, in which whatever can be done now is done, before time goes on.
    """

    def __init__(self, turns: int = 8) -> None:
        self._now_ns, self._turns = 0, turns
        self._sleepers: list[tuple[int, int, asyncio.Future[None]]] = []
        self._order = count()
        self._ticking: asyncio.Task[None] | None = None

    def now_ns(self) -> int:
        return self._now_ns

    @property
    def now_s(self) -> float:
        return self._now_ns / 1e9

    async def sleep_until_ns(self, deadline_ns: int) -> None:
        woken = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (deadline_ns, next(self._order), woken))
        if self._ticking is None or self._ticking.done():
            self._ticking = asyncio.create_task(self._tick())
        await woken

    async def sleep(self, seconds: float) -> None:
        await self.sleep_until_ns(self._now_ns + round(seconds * 1e9))

    async def _tick(self) -> None:
        while self._sleepers:
            for _ in range(self._turns):
                await asyncio.sleep(0)
            deadline_ns, _, woken = heapq.heappop(self._sleepers)
            if not woken.done():
                self._now_ns = max(self._now_ns, deadline_ns)
                woken.set_result(None)


async def at_once(what: Callable[[], Any]) -> Any:
    """In the place of a thread: time does not go on meanwhile."""
    return what()


def led(face: Face, stage: Any = None, takes_s: float = 0.0) -> Face:
    """Draw on the loop's thread; `stage`: in the place of a real one; `takes_s`: of each frame."""
    pace: Any = face._pace

    async def drawn(what: Callable[[], Any]) -> Any:
        out = what()
        await pace.sleep(takes_s)
        return out

    face._drawing._on_thread = drawn if takes_s else at_once
    if stage is not None:
        face._drawing._opened = lambda: stage
    return face


def mouth_is_open(stage: Any) -> bool:
    """In the picture that was drawn last."""
    (slot,) = [one for one in stage.slots(WHO) if one.name == "mouth"]
    return bool(slot.shown[0][0] != "neutral_sil")


def marked(face: Face) -> Face:
    """Draw whether the mouth is open into the first row of each picture: 255, else 0."""
    draw = face._drawing._draw

    def mark(stage: Any, picture: Any, *more: Any) -> Any:
        drawn = draw(stage, picture, *more)
        if picture is not None:
            picture[0] = 255 * mouth_is_open(stage)
        return drawn

    face._drawing._draw = mark  # type: ignore[method-assign, assignment]
    return face


def sentence() -> I16:
    """Of a bundled conversation, (n,) int16 at RATE."""
    with av.open(str(mien.bundled("conversations", "hello") / "audio" / "1-good-evening.opus")) as file:
        resampler = av.AudioResampler("s16", "mono", RATE)
        parts = [part for frame in file.decode(audio=0) for part in resampler.resample(frame)]
    return np.concatenate([part.to_ndarray()[0] for part in parts])


def speech(seconds: float, rate: int = RATE, seed: int = 0) -> I16:
    """(n,) int16: a vowel four times a second; no two seeds give the same samples."""
    n = round(seconds * rate)
    t = np.arange(n) / rate
    voice = np.sin(2 * np.pi * 150 * t) + 0.5 * np.sin(2 * np.pi * 700 * t)
    noise = np.random.default_rng(seed).integers(-40, 40, n)
    return (voice * 8000 * (np.sin(2 * np.pi * 4 * t) > 0) + noise).astype(np.int16)


class Told(NamedTuple):
    """What is asked of an event, or of a turn that plays."""

    turn: str
    position_s: float = 0.0
    kind: str = "finished"


class Turn:
    """One of a `Still`."""

    def __init__(self, key: str, feed: Any) -> None:
        self.key, self.feed, self.played = key, feed, 0
        feed.queue.attach(lambda: None)
        self.come = 0

    def hear(self) -> int:
        """Samples at 48 kHz that have come."""
        queue = self.feed.queue
        while (chunk := queue.peek()) is not None:
            self.come += len(chunk.samples)
            queue.drop()
        return self.come * 48_000 // self.feed.rate


class Still:
    """In the place of a stage: turns go on with its frames and nothing is drawn. For many hours of it."""

    def __init__(self, fps: int = 30) -> None:
        self._fps = fps
        self._turns: deque[Turn] = deque()
        self._events: list[Told] = []
        self._stands = False

    def say(self, who: str, feed: Any, key: str) -> None:
        self._turns.append(Turn(key, feed))

    def interrupt(self) -> None:
        self._turns.clear()

    def pause(self) -> None:
        self._stands = True

    def resume(self) -> None:
        self._stands = False

    def frame(self, out: Any) -> None:
        room = 0 if self._stands else 48_000 // self._fps
        while room and self._turns:
            turn = self._turns[0]
            n = min(room, turn.hear() - turn.played)
            turn.played += n
            room -= n
            if not (turn.feed.ended and not turn.feed.pending and turn.played >= turn.hear()):
                break
            self._events.append(Told(turn.key))
            self._turns.popleft()

    def pass_over(self) -> None:
        self.frame(None)

    def playing(self) -> list[Told]:
        return [Told(turn.key, turn.played / 48_000) for turn in list(self._turns)[:1]]

    def events(self) -> list[Told]:
        events, self._events = self._events, []
        return events

    def close(self) -> None:
        pass
