"""Feeds: what may be pushed, where it belongs, how much is held, and what is forgotten."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from functools import partial
from typing import Any

import numpy as np
import pytest

from interrupting import interrupted_at
from mien.audio import AudioCounters, AudioSession, EncodedFeed, PcmFeed, TurnAudio, queues
from mien.audio.decode import MAX_OUTSTANDING
from mien.audio.queues import LONGEST_JUMP_S, FeedKind, PcmQueue
from mien.errors import AudioRejected, Closed, FeedFull

Encode = Callable[..., bytes]
PACKET = 960


def said(
    pushes: list[tuple[np.ndarray, int | None]], rate: int = 48_000
) -> tuple[np.ndarray, TurnAudio, AudioCounters]:
    """What is heard of a feed, on the left, its turn, and what was counted."""
    with AudioSession() as session:
        feed = PcmFeed(rate)
        turn = session.say("t", feed, pan=-1)
        for samples, at in pushes:
            feed.push(samples, at)
        feed.end()
        out = []
        while not session.idle:
            out.append(session.pull(480)[:, 0])
        position = session.drain_events()[-1]
        assert position.key == "t"
        heard = np.concatenate(out)[: turn.samples_decoded]
        return heard, turn, session.counters()


def packets(sound: np.ndarray, order: list[int], n: int = PACKET) -> list[tuple[np.ndarray, int | None]]:
    return [(sound[i * n : (i + 1) * n], i * n) for i in order]


@pytest.mark.parametrize("order", [[1, 0, 2, 3, 4], [0, 1, 3, 2, 4], [0, 4, 3, 2, 1]])
def test_packets_out_of_order_are_heard_in_theirs(order: list[int], tone: np.ndarray) -> None:
    sound = tone[: 5 * PACKET]
    heard, turn, counters = said(packets(sound, order))
    np.testing.assert_array_equal(heard, sound)
    assert counters.chunks_reordered > 0
    assert (counters.samples_lost, counters.concealed_samples, counters.chunks_duplicate) == (0, 0, 0)
    assert turn.track.length == 5 * PACKET // 480


def test_packets_that_come_twice_are_heard_once(tone: np.ndarray) -> None:
    sound = tone[: 5 * PACKET]
    heard, _, counters = said(packets(sound, [0, 1, 1, 2, 3, 2, 4]))
    np.testing.assert_array_equal(heard, sound)
    assert (counters.chunks_duplicate, counters.samples_discarded) == (2, 2 * PACKET)


def test_a_packet_that_never_comes_costs_its_own_time(tone: np.ndarray) -> None:
    sound = tone[: 6 * PACKET]
    heard, turn, counters = said(packets(sound, [0, 1, 2, 4, 5]))
    assert len(heard) == len(sound) and counters.samples_lost == PACKET
    np.testing.assert_array_equal(heard[: 3 * PACKET], sound[: 3 * PACKET])
    np.testing.assert_array_equal(heard[4 * PACKET + 384 :], sound[4 * PACKET + 384 :])
    assert turn.track.length == 6 * PACKET // 480


def test_the_longest_time_that_may_be_left_out_is_waited_for_and_no_longer(tone: np.ndarray) -> None:
    begins = PACKET + LONGEST_JUMP_S * 48_000
    assert begins + 48_000 < MAX_OUTSTANDING
    heard, turn, _ = said([(tone[:PACKET], 0), (tone[:PACKET], begins)])
    assert turn.samples_decoded == len(heard) == begins + PACKET
    np.testing.assert_array_equal(heard[-480:], tone[PACKET - 480 : PACKET])


def test_the_mouth_stays_open_over_a_short_hole_and_closes_over_a_long_one(tone: np.ndarray) -> None:
    t = np.arange(60 * PACKET) / 48_000
    sound = np.sum([0.2 * np.sin(2 * np.pi * 140 * k * t + k) / k for k in range(1, 9)], axis=0)
    loudness = []
    for gone in (1, 3, 30):
        order = [i for i in range(60) if not 20 <= i < 20 + gone]
        _, turn, _ = said(packets(sound.astype(np.float32), order))
        assert turn.track.length == 120
        loudness.append(turn.track.loudness[40 : 40 + 2 * gone].min())
    assert loudness[0] > 0.5 and loudness[1] > 0.5 and loudness[2] == 0


def test_packets_that_overlap_those_before_them_add_what_is_new(tone: np.ndarray) -> None:
    heard, _, counters = said([(tone[:1000], 0), (tone[500:2000], 500), (tone[2000:3000], None)])
    np.testing.assert_array_equal(heard, tone[:3000])
    assert counters.samples_discarded == 500


@pytest.mark.parametrize("rate", [8_000, 16_000, 44_100])
def test_packets_of_other_rates_are_put_in_their_places_too(rate: int) -> None:
    n = rate // 50
    sound = (0.4 * np.sin(2 * np.pi * 200 * np.arange(10 * n) / rate)).astype(np.float32)
    whole, _, _ = said(packets(sound, list(range(10)), n), rate)
    heard, _, counters = said(packets(sound, [0, 1, 2, 4, 3, 5, 6, 6, 7, 9, 8], n), rate)
    assert len(heard) == len(whole) and counters.samples_lost <= 4  # between two converters: a rounding
    # A packet that was overtaken is converted alone, and begins and ends without its neighbours.
    edge, off = 20 * 48_000 // rate, np.abs(heard - whole)  # 20 samples of the feed
    assert off.max() < 0.25 and not (off[: 3 * PACKET - edge] > 2e-3).any()
    assert not (off[5 * PACKET + edge : 8 * PACKET - edge] > 2e-3).any()
    assert not (off[3 * PACKET + edge : 4 * PACKET - edge] > 2e-3).any()


def test_positions_that_cannot_be_are_refused() -> None:
    feed = PcmFeed(8_000)
    feed.push(np.zeros(80, np.int16))
    for at, words in ((-1, "sample -1"), (10**9, "come to 80"), ("3", "'3'"), (1.5, "1.5")):
        with pytest.raises(AudioRejected, match=words):
            feed.push(np.zeros(80, np.int16), at)  # type: ignore[arg-type]
    feed.push(np.zeros(80, np.int16), np.int64(80))  # type: ignore[arg-type]
    assert feed.held_s == 0.02


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: PcmFeed("48000"), "'48000' as its rate"),  # type: ignore[arg-type]
        (lambda: PcmFeed(None), "None as its rate"),  # type: ignore[arg-type]
        (lambda: PcmFeed(44_100.5), "44100.5 as its rate"),  # type: ignore[arg-type]
        (lambda: PcmFeed(float("nan")), "nan as its rate"),  # type: ignore[arg-type]
        (lambda: PcmFeed(True), "True as its rate"),
        (lambda: PcmFeed(48_000, None), "None as its number of channels"),  # type: ignore[arg-type]
        (lambda: PcmFeed(48_000, 0), "give 1 to 64"),
        (lambda: PcmFeed(48_000, 65), "give 1 to 64"),
        (lambda: PcmFeed(48_000, kind="fast"), "'fast'; give"),  # type: ignore[arg-type]
        (lambda: PcmFeed(48_000, kind=[]), r"\[\]; give"),  # type: ignore[arg-type]
        (lambda: PcmFeed(48_000, most_s=0), "give seconds above 0"),
        (lambda: PcmFeed(48_000, most_s="9"), "give seconds above 0"),  # type: ignore[arg-type]
        (lambda: PcmFeed(48_000).push(None), "samples cannot be None: push"),  # type: ignore[arg-type]
        (lambda: PcmFeed(48_000).push("loud"), "samples cannot be 'loud': push"),  # type: ignore[arg-type]
        (lambda: PcmFeed(48_000).push([[1], [1, 2]]), "rows of different lengths"),  # type: ignore[arg-type]
        (lambda: PcmFeed(48_000, 2).push(np.zeros((2, 2, 2), np.int16)), r"\(2, 2, 2\)"),
        (lambda: EncodedFeed(7), "of 7; name"),  # type: ignore[arg-type]
        (lambda: EncodedFeed(""), "of ''; name"),
        (lambda: EncodedFeed("foo"), "of 'foo': not a container"),
        (lambda: EncodedFeed().fail(None), "reason cannot be None: give"),  # type: ignore[arg-type]
        (lambda: EncodedFeed(most_bytes=None), "None as its number of bytes"),  # type: ignore[arg-type]
    ],
)
def test_what_a_feed_cannot_be_is_one_sentence(make: Callable[[], object], words: str) -> None:
    with pytest.raises(AudioRejected, match=words) as refused:
        make()
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("shape", [(480,), (240, 2)])
@pytest.mark.parametrize(
    ("value", "words"),
    [
        (np.nan, "hold NaN or infinity: push finite"),
        (np.inf, "hold NaN or infinity: push finite"),
        (-np.inf, "hold NaN or infinity: push finite"),
        (-32767.0, r"reach 32767, and float32 is heard in -1\.\.1: divide samples of 16 bits by 32768"),
    ],
)
def test_samples_that_can_be_no_sound_are_refused(shape: tuple[int, ...], value: float, words: str) -> None:
    feed, samples = PcmFeed(48_000, len(shape)), np.full(shape, 0.5, np.float32)
    feed.push(samples)
    samples[100] = value
    with pytest.raises(AudioRejected, match=words):
        feed.push(samples)
    feed.push(samples[:0])
    assert feed.held_s == len(samples) / 48_000  # what was refused was left out whole


def test_a_rate_may_be_any_whole_number() -> None:
    for rate in (48_000, 48_000.0, np.int32(48_000)):
        assert PcmFeed(rate).rate == 48_000  # type: ignore[arg-type]


# -- how much is held -------------------------------------------------------------------------------


def test_a_feed_holds_so_much_and_says_so() -> None:
    feed = PcmFeed(8_000, most_s=1.0)
    feed.push(np.zeros(7_000, np.int16))
    with pytest.raises(FeedFull, match=r"holds 0\.9 s and was to take 0\.2 s more, of 1 s at most"):
        feed.push(np.zeros(1_600, np.int16))
    assert feed.held_s == 7 / 8  # what was refused was left out whole
    feed.push(np.zeros(1_000, np.int16))
    assert not feed.wait_for_room(0.1, timeout_s=0)
    assert PcmFeed(8_000, most_s=1.0).wait_for_room(1.0, timeout_s=0)
    with pytest.raises(FeedFull, match=r"never has room for 9 s: it holds 1 s at most; push less"):
        feed.wait_for_room(9.0)
    with pytest.raises(FeedFull):
        PcmFeed(48_000).push(np.zeros(20 * 60 * 48_000, np.int16))


def test_what_waits_for_room_goes_on_as_the_turn_is_played(tone: np.ndarray) -> None:
    feed = PcmFeed(48_000, most_s=0.1)
    most = 0.0

    def host() -> None:
        nonlocal most
        for _ in range(50):
            assert feed.wait_for_room(960 / 48_000, timeout_s=30)
            feed.push(tone[:960])
            most = max(most, feed.held_s)
        feed.end()

    with AudioSession() as session:
        turn = session.say("t", feed, pan=-1)
        thread = threading.Thread(target=host)
        thread.start()
        thread.join(30)
        assert not thread.is_alive()
        while not session.idle:
            session.pull(4800)
        assert turn.damaged is None and turn.samples_decoded == 48_000 and 0 < most <= 0.1


@pytest.mark.parametrize("feed", [PcmFeed(48_000, most_s=0.02), EncodedFeed(most_bytes=960)])
def test_who_waits_for_room_is_not_left_waiting_for_a_turn_that_is_over(feed: Any) -> None:
    pcm = isinstance(feed, PcmFeed)
    chunk, room = (np.zeros(960, np.int16), 0.02) if pcm else (b"." * 960, 960)
    feed.push(chunk)
    answers: list[bool] = []
    waiting = threading.Thread(target=lambda: answers.append(feed.wait_for_room(room)))
    waiting.start()
    with AudioSession() as session:
        session.say("t", feed)
        session.interrupt()
        session.pull(480)
        waiting.join(20)
    assert answers == [True]
    feed.push(chunk)
    feed.push(chunk)  # to nobody
    assert not feed.queue.held


def test_encoded_bytes_are_bounded_and_pump_waits_for_room(encode: Encode, tone: np.ndarray) -> None:
    data = encode(np.tile(tone, 8), "wav", "pcm_s16le")
    feed = EncodedFeed("wav", most_bytes=8192)
    feed.push(data[:8000])
    with pytest.raises(FeedFull, match="holds 8000 bytes and was to take 500 more, of 8192 at most"):
        feed.push(data[8000:8500])
    feed = EncodedFeed("wav", most_bytes=8192)
    most = 0

    async def service() -> AsyncIterator[bytes]:
        nonlocal most
        for at in range(0, len(data), 5000):
            most = max(most, feed.queue.held)
            yield data[at : at + 5000]
        yield data[:20_000]  # more than it holds: taken alone

    with AudioSession() as session:
        turn = session.say("t", feed)
        asyncio.run(feed.pump(service()))
        while not session.idle:
            session.pull(4800)
        assert turn.samples_decoded >= 8 * 24_000 and 0 < most <= 8192


def test_pcm_of_16_bits_is_held_as_16_bits() -> None:
    feed = PcmFeed(48_000)
    chunk = np.arange(-480, 480, dtype=np.int16)
    feed.push(chunk)
    chunk[:] = 0  # the host's own: it may use it again
    held = feed.queue.peek()
    assert held is not None and held.samples.dtype == np.int16 and held.samples[0] == -480


def all_decoded(session: AudioSession, turn: TurnAudio, samples: int) -> None:
    while turn.samples_decoded < samples:
        session._worker.progress.clear()
        session._worker.progress.wait(0.1)


# -- what is behind --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["speech", "live"])
def test_only_a_live_feed_leaves_out_what_is_too_late(kind: FeedKind, tone: np.ndarray) -> None:
    with AudioSession() as session:
        feed = PcmFeed(48_000, kind=kind)
        turn = session.say("t", feed)
        for _ in range(10):
            feed.push(tone)  # 5 s at once
        all_decoded(session, turn, 240_000)
        feed.end()
        pulled = 0
        while not session.idle:
            session.pull(480)
            pulled += 480
        skipped = session.counters().samples_skipped
        assert turn.samples_decoded == 240_000
        assert (skipped > 0, pulled < 150_000) == ((True, True) if kind == "live" else (False, False))


def test_an_encoded_feed_may_be_live_too(encode: Encode, tone: np.ndarray) -> None:
    with AudioSession() as session:
        feed = EncodedFeed("wav", kind="live")
        turn = session.say("t", feed)
        feed.push(encode(np.tile(tone, 10), "wav", "pcm_s16le"))
        all_decoded(session, turn, 230_000)
        feed.end()
        while not session.idle:
            session.pull(480)
        assert turn.catches_up and session.counters().samples_skipped > 0


# -- what is forgotten ------------------------------------------------------------------------------


def test_a_feed_that_its_host_forgets_ends_and_the_next_turn_speaks(encode: Encode, tone: np.ndarray) -> None:
    with AudioSession() as session:
        feed, encoded = PcmFeed(48_000), EncodedFeed()
        first, second = session.say("a", feed), session.say("b", encoded)
        third = session.say("c", encode(tone, "wav", "pcm_s16le"))
        feed.push(tone)
        encoded.push(encode(tone, "mp3", "libmp3lame"))
        queues = feed.queue, encoded.queue
        del feed, encoded
        gc.collect()
        assert all(queue.ended for queue in queues)  # or the session would wait for ever
        while not session.idle:
            session.pull(4800)
        assert first.damaged == "feed of 48000 Hz is damaged: its host dropped it without end()."
        assert first.samples_decoded == 24_000 and third.samples_decoded == 24_000
        assert second.damaged is not None and "its host dropped it without end()" in second.damaged
        assert second.samples_decoded >= 24_000 and third.damaged is None


@pytest.mark.parametrize("make", [partial(PcmFeed, 48_000), EncodedFeed])
def test_a_feed_ends_with_its_block_and_says_what_left_it_early(
    make: Callable[[], Any], encode: Encode, tone: np.ndarray
) -> None:
    sound = tone if make is not EncodedFeed else encode(tone, "wav", "pcm_s16le")
    with AudioSession() as session:
        with make() as feed:
            first = session.say("a", feed)
            feed.push(sound)
        with pytest.raises(ZeroDivisionError), make() as broken:
            second = session.say("b", broken)
            broken.push(sound)
            raise ZeroDivisionError("no more words")
        with closing(make()) as closed:
            third = session.say("c", closed)
            closed.push(sound)
        assert feed.ended and broken.ended and closed.ended
        while not session.idle:
            session.pull(4800)
    assert first.damaged is None and third.damaged is None
    assert second.damaged is not None and "its host stopped" in second.damaged
    assert "no more words" in second.damaged
    assert first.samples_decoded == second.samples_decoded == third.samples_decoded == 24_000


def test_a_feed_that_was_ended_may_be_forgotten() -> None:
    with AudioSession() as session:
        feed = PcmFeed(48_000)
        turn = session.say("a", feed)
        feed.end()
        with pytest.raises(Closed):
            feed.push(np.zeros(10, np.int16))
        del feed
        while not session.idle:
            session.pull(4800)
        assert turn.damaged is None


def test_single_samples_that_wait_are_joined_and_those_being_taken_stay_as_they_are() -> None:
    """Each chunk takes the decoder 0.2 ms: of 24 000 single samples 5 s for half a second of sound."""
    queue = PcmQueue(48_000, "speech", 10)
    sound = np.arange(1000, dtype=np.int16)
    queue.push(sound[:1], None)
    first = queue.peek()
    for at in range(1, 1000):
        queue.push(sound[at : at + 1], at)
    assert queue.peek() is first and queue.held == 1000
    taken = []
    while (chunk := queue.peek()) is not None:
        taken.append(chunk)
        queue.drop()
    assert [(chunk.at, len(chunk.samples)) for chunk in taken] == [(0, 1), (1, 480), (481, 480), (961, 39)]
    np.testing.assert_array_equal(np.concatenate([chunk.samples for chunk in taken]), sound)
    assert queue.held == 0


def test_only_what_follows_at_once_in_the_same_samples_is_joined() -> None:
    queue = PcmQueue(48_000, "speech", 10)
    whole, real = np.zeros(4, np.int16), np.zeros(4, np.float32)
    pushed: list[tuple[Any, int]] = [(whole, 0), (whole, 4), (whole, 12), (whole, 8), (real, 12), (real, 16)]
    for samples, at in pushed:
        queue.push(samples, at)
    places = []
    while (chunk := queue.peek()) is not None:
        places.append((chunk.at, len(chunk.samples), chunk.samples.dtype.kind))
        queue.drop()
    assert places == [(0, 4, "i"), (4, 4, "i"), (12, 4, "i"), (8, 4, "i"), (12, 8, "f")]


def test_a_handler_of_a_signal_may_push_at_any_line_of_a_push() -> None:
    pushed = np.full(4, 5, np.int16)
    line, interrupted = 0, True
    while interrupted:
        queue = PcmQueue(48_000, "speech", 10)
        for _ in range(2):
            queue.push(pushed, None)
        interrupted = interrupted_at(
            line,
            partial(queue.push, pushed, None),
            (queues.__file__,),
            partial(queue.push, pushed, None),
        )
        chunks = list(queue._chunks)
        ends = np.cumsum([len(chunk.samples) for chunk in chunks])
        assert [chunk.at for chunk in chunks] == [0, *ends[:-1]], line
        assert queue.held == ends[-1] == (16 if interrupted else 12), line
        line += 1
    assert line > 10
