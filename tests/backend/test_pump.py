"""What a host pushes on its way to an engine, and to the one that takes its place."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

from mien.audio import EncodedFeed, PcmFeed
from mien.backend import feeding
from mien.backend.coding import from_host
from mien.backend.feeding import Feeds, Pump
from mien.backend.messages import FeedEnds, PcmSound, Pushed, Told
from mien.talk import VisemeTimings

WAIT_S = 30


class Sent:
    """What an engine was sent."""

    def __init__(self) -> None:
        self.pieces: list[Any] = []
        self.changed = threading.Condition()

    def __call__(self, message: bytes) -> None:
        with self.changed:
            self.pieces.append(from_host(message))
            self.changed.notify_all()

    def until(self, n: int) -> list[Any]:
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.pieces) >= n, WAIT_S)
            return list(self.pieces)


def test_what_is_told_of_a_mouth_goes_to_the_engine_and_to_the_next() -> None:
    feed, sent, again = PcmFeed(48_000), Sent(), Sent()
    pump = Pump(7, feed.queue, sent)
    pump.start()
    feed.push_timings(VisemeTimings("words", (("hello", 0.1, 0.4),)), offset_s=1.0)
    feed.push(np.ones(480, np.float32))
    assert {type(piece) for piece in sent.until(2)} == {Told, Pushed}
    pump.again(again)
    told = next(piece for piece in again.until(2) if isinstance(piece, Told))
    assert (told.feed, told.scheme, told.marks) == (7, "words", (("hello", 1.1, 1.4),))
    pump.close()
    feeds = Feeds()
    feeds.take(told)  # before its turn
    engines = feeds.open(PcmSound(7, 48_000, "speech"))
    assert engines.queue.told.is_told


def test_a_live_feed_of_hours_is_kept_for_minutes_and_another_engine_passes_over_the_rest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(feeding, "_MOST_KEPT", 4000)
    feed, sent, again = PcmFeed(1000, kind="live"), Sent(), Sent()
    pump = Pump(1, feed.queue, sent)
    pump.start()
    for k in range(400):
        feed.push(np.full(500, k, np.int16))
        sent.until(k + 1)
        pump.room(500 * (k + 1))
    assert len(pump._kept) == 4
    pump.again(again)
    pieces = again.until(4)
    assert [piece.at for piece in pieces[-4:]] == [500 * k for k in range(396, 400)]
    engines = Feeds().open(PcmSound(1, 1000, "live"))
    for piece in pieces:
        assert isinstance(engines, PcmFeed)
        engines.push(np.frombuffer(piece.data, np.int16), piece.at)  # none is refused
    pump.close()


def test_an_encoded_feed_whose_beginning_is_not_kept_ends_with_the_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(feeding, "_MOST_KEPT", 4000)
    feed, sent, again = EncodedFeed(), Sent(), Sent()
    pump = Pump(1, feed.queue, sent)
    pump.start()
    for k in range(9):
        feed.push(bytes(1000))
        sent.until(k + 1)
    pump.again(again)
    assert isinstance(end := again.until(1)[0], FeedEnds) and "not kept" in str(end.failure)
    pump.close()
