"""A face that is opened twice at once, given up, or closed meanwhile: one stage, and none that stays."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from mien.agents import drawing
from mien.agents.face import Face
from mien.errors import Closed


class Slow:
    """In the place of a stage, which takes its time to open."""

    made: list[Slow]
    may: threading.Event
    begun: threading.Event

    def __init__(self, *_: Any) -> None:
        self.closed = threading.Event()
        self.made.append(self)  # before the wait: who is opened after it may be there sooner
        self.begun.set()
        assert self.may.wait(60)

    def close(self) -> None:
        self.closed.set()


@pytest.fixture(autouse=True)
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    Slow.made, Slow.may, Slow.begun = [], threading.Event(), threading.Event()
    monkeypatch.setattr(drawing, "PacedStage", Slow)
    yield
    assert all(stage.closed.wait(60) for stage in Slow.made)


async def begins() -> None:
    assert await asyncio.to_thread(Slow.begun.wait, 60)


def test_who_opens_it_at_once_with_another_has_the_same() -> None:
    async def run() -> None:
        face = Face()
        opening = [asyncio.create_task(face.open()) for _ in range(2)]
        await begins()
        Slow.may.set()
        await asyncio.gather(*opening)
        await face.aclose()

    asyncio.run(run())
    assert len(Slow.made) == 1


def test_one_that_is_given_up_while_it_is_opened_does_not_stay_and_may_be_opened_anew() -> None:
    async def run() -> None:
        face = Face()
        opening = asyncio.create_task(face.open())
        await begins()
        opening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await opening
        Slow.may.set()
        await face.open()
        await face.aclose()

    asyncio.run(run())
    assert len(Slow.made) == 2


def test_one_that_is_closed_while_it_is_opened_does_not_stay() -> None:
    async def run() -> None:
        face = Face()
        opening = asyncio.create_task(face.open())
        await begins()
        closing = asyncio.create_task(face.aclose())
        await asyncio.sleep(0)
        Slow.may.set()
        with pytest.raises(Closed):
            await opening
        await closing

    asyncio.run(run())
    assert len(Slow.made) == 1
