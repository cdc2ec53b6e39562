"""The queue as other threads see it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from mien.audio import TurnAudio
from mien.talk.tags import say
from mien.talk.turn_log import TurnLog


class Asked(deque[Any]):
    """Turns that are over, of which somebody asks just when one more is."""

    def __init__(self, entries: Iterable[Any] = (), maxlen: int | None = None) -> None:
        super().__init__(entries, maxlen)
        self.ask: Callable[[], object] = lambda: None

    def append(self, entry: Any) -> None:
        self.ask()
        super().append(entry)
        self.ask()


class Overtaken(dict[str, Any]):
    """Turns that are not over, one of which is just when somebody has read them, once or again."""

    def __init__(self) -> None:
        super().__init__()
        self.then: list[Callable[[], object]] = []

    def copy(self) -> dict[str, Any]:
        found = super().copy()
        if self.then:
            self.then.pop()()
        return found


def test_a_turn_is_seen_once_whenever_it_ends() -> None:
    log = TurnLog()
    seen: list[list[str]] = []
    over, waiting = Asked(), Overtaken()
    log._over, log._open = over, waiting
    log.queued(say("wren", b"", "Hello", key="a"), TurnAudio("a"))
    log.started("a", 0)
    over.ask = lambda: seen.append([one.key for one in log.at(0, 0, ())])
    log.ended("a", 100, 100, interrupted=False)
    assert seen == [["a"], ["a"]]
    over.ask = lambda: None
    for looks in (1, 2):
        log.queued(say("wren", b"", "Hello", key="b"), TurnAudio("b"))
        log.started("b", 100)
        waiting.then = [lambda: log.ended("b", 200, 100, interrupted=False), *[lambda: None] * (looks - 1)]
        assert [one.key for one in log.at(0, 0, ())] == ["a", *"b" * looks]
