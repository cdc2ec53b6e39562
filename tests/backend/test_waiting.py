"""What waits between a host and its engine: pictures that nobody takes, and a stage that does not open."""

from __future__ import annotations

import threading
from collections import deque
from typing import Any

import numpy as np
import pytest

from mien.backend import child, messages
from mien.backend.showing import Showing
from mien.errors import RendererUnavailable


class Engine:
    """That is told, and does nothing."""

    def __init__(self) -> None:
        self.told: list[Any] = []

    def send(self, message: object) -> None:
        self.told.append(message)


class Waiting(Showing):
    """A backend of which two pictures wait."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._lost, self._held, self._runs = [], None, False
        self._of: Any = Engine()
        self._frames = deque(
            messages.Shown(slot, slot, 0, 0, False, 0, np.full((4, 2), slot + 1, np.float32).tobytes())
            for slot in range(2)
        )

    def _check(self) -> None:
        pass


def test_the_sound_of_pictures_that_are_given_back_at_rest_comes_with_the_next() -> None:
    backend = Waiting()
    backend.rest()
    assert [message.slot for message in backend._of.told] == [0, 1]
    assert [part[0, 0] for part in backend._lost] == [1.0, 2.0]


def test_an_engine_that_does_not_open_its_stage_is_given_up_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(child, "OPENS_S", 0.05)
    monkeypatch.setattr(child, "_CODE", "import threading; threading.Event().wait()")
    engine = child.EngineProcess(messages.Open((), {}, 4096), lambda *_: None, lambda _: None)
    with pytest.raises(RendererUnavailable, match=r"has not opened its stage within 0\.05 s"):
        engine.open()
    engine.end()
