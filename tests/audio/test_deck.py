"""Pauses and replays, to the sample."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from mien.audio.deck import Deck
from mien.audio.events import Ended
from mien.audio.history import History
from mien.audio.mixing import Unmixed
from mien.audio.playout import NullPlayout
from mien.audio.sequencer import Sequencer
from mien.audio.turn import Chunk, End, TurnAudio
from mien.clock import SAMPLE_RATE, VirtualClock
from mien.types import F32

RAMP = 240


class Counted(Sequencer):
    """Of which every sample is its own number, and so never 0."""

    def pull(self, n: int) -> F32:
        out = np.repeat(np.arange(self.position + 1, self.position + n + 1, dtype=np.float32)[:, None], 2, 1)
        super().pull(n)
        return out


def numbers(sound: F32) -> list[int]:
    """Which of the session's samples are in it, without the ramps, which are no whole numbers."""
    return [int(x) for x in sound[:, 0] if x and x == int(x)]


def test_nothing_is_lost_or_heard_twice_through_any_pauses() -> None:
    rng = np.random.default_rng(3)
    deck, heard = Deck(Counted(), live=True), []
    for _ in range(400):
        deck.paused = bool(rng.random() < 0.3)
        heard.append(deck.pull(int(rng.integers(1, 1500))))
    sound = np.concatenate(heard)
    deck.paused = False
    sound = np.concatenate((sound, deck.pull(480)))
    ramps = [x for x in sound[:, 0].tolist() if x != int(x)]
    got = numbers(sound)
    # A ramp may hold whole numbers by chance: what is left of them without is in order.
    assert sorted(set(got)) == list(range(1, deck.session + 1)) and ramps
    assert deck.position == len(sound)


def test_a_stage_that_is_not_live_has_no_ramps() -> None:
    deck = Deck(Counted())
    sound = [deck.pull(100)]
    deck.paused = True
    sound.append(deck.pull(100))
    assert not sound[1].any()
    deck.paused = False
    sound.append(deck.pull(100))
    assert numbers(np.concatenate(sound)) == list(range(1, 201))


def test_sound_that_stops_fades_beside_the_sessions_samples_and_comes_back_so() -> None:
    deck = Deck(Counted(), live=True)
    deck.pull(4800)
    deck.paused = True
    stopped = deck.pull(960)[:, 0]
    assert stopped[0] < 4800 and not stopped[RAMP:].any() and (np.diff(stopped[:RAMP]) < 0).all()
    deck.paused = False
    again = deck.pull(960)[:, 0]
    assert again[RAMP] == 4801 and (np.diff(again[: RAMP + 1]) > 0).all()
    assert again[-1] == 4801 + 960 - RAMP - 1


def test_the_time_that_is_heard_stands_still_with_the_sound() -> None:
    deck = Deck(Counted(), live=True)
    deck.pull(1000)
    deck.paused = True
    deck.pull(500)
    deck.pull(500)
    deck.paused = False
    deck.pull(1000)
    times = [deck.at(played) for played in range(3000)]
    assert times[:1000] == list(range(1000))
    assert times[1000 : 2000 + RAMP] == [1000] * (1000 + RAMP)
    assert times[2000 + RAMP :] == list(range(1000, 2000 - RAMP))


def test_what_was_played_is_replayed_and_then_it_goes_on() -> None:
    deck = Deck(Counted(), history=SAMPLE_RATE)
    first = deck.pull(5000)
    deck.seek(1234)
    assert (deck.session, deck.replays, deck.at(deck.position)) == (1234, True, 1234)
    again = deck.pull(4000)
    assert np.array_equal(again[:3766], first[1234:])
    assert numbers(again[3766:]) == list(range(5001, 5235)) and not deck.replays
    assert deck.at(deck.position) == deck.session


def test_what_was_gone_to_is_the_time_at_once_whatever_a_device_still_holds() -> None:
    deck = Deck(Counted(), history=SAMPLE_RATE, live=True)
    deck.pull(10_000)
    deck.seek(2_000)
    assert {deck.at(played) for played in range(9_000, 10_001, 100)} == {2_000}
    deck.pull(1_000)
    assert deck.at(10_500) == 2_500 and deck.at(9_999) == 2_000


def test_a_pause_holds_where_it_was_gone_to() -> None:
    deck = Deck(Counted(), history=SAMPLE_RATE, live=True)
    deck.pull(10_000)
    deck.paused = True
    deck.pull(480)
    deck.seek(3_000)
    deck.pull(480)
    assert deck.at(deck.position) == 3_000 and deck.session == 3_000
    deck.paused = False
    assert 3_001 in numbers(deck.pull(480))


def test_a_time_that_was_gone_to_and_stopped_before_it_played_is_the_time_at_once() -> None:
    deck = Deck(Counted(), history=SAMPLE_RATE, live=True)
    deck.pull(10_000)
    deck.seek(2_000)
    deck.paused = True
    deck.pull(480)
    assert {deck.at(played) for played in range(9_000, 10_481, 10)} == {2_000}


class ToldBetween(Deck):
    """A deck that another thread tells to stop, or to go on, between any two looks at whether it is to."""

    chance = np.random.default_rng(5)

    @property
    def paused(self) -> bool:  # type: ignore[override]
        return bool(self.chance.random() < 0.5)

    @paused.setter
    def paused(self, paused: bool) -> None:
        pass


def test_the_time_goes_with_the_sound_whenever_another_thread_pauses() -> None:
    deck = ToldBetween(Counted(), history=SAMPLE_RATE, live=True)
    for k in range(50):
        deck.pull(480)
        assert deck.at(deck.position) == deck.session
        if k % 7 == 0:
            deck.seek(deck.session // 2)
            assert deck.at(deck.position) == deck.session
            deck.pull(480)
            assert deck.at(deck.position) == deck.session


def test_what_is_passed_over_is_not_played_and_a_pause_told_meanwhile_stays() -> None:
    deck = Deck(Counted(), live=True)
    deck.pull(480)
    assert deck.stand_aside() == 480
    deck.pass_over(1000)
    assert not numbers(deck.pull(960)[RAMP:])
    deck.paused = True
    assert deck.seek(None) == 1480 and not deck.passed_over
    assert not deck.pull(480).any() and deck.at(deck.position) == deck.session == 1480
    deck.paused = False
    assert numbers(deck.pull(960))[0] == 1481


class Slow(Sequencer):
    """Stands within a pull until it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.within, self.go_on = threading.Event(), threading.Event()

    def pull(self, n: int) -> F32:
        self.within.set()
        self.go_on.wait()
        return super().pull(n)


def test_what_stands_aside_is_where_it_was_said_to_be() -> None:
    slow = Slow()
    deck = Deck(slow, live=True)
    player = threading.Thread(target=deck.pull, args=(480,))
    player.start()
    slow.within.wait()
    threading.Timer(0.0, slow.go_on.set).start()
    # Not before the pull that has begun is over, which moves it.
    assert deck.stand_aside() == deck.session == 480
    player.join()
    deck.pull(480)
    assert deck.session == 480


def test_what_was_passed_over_is_mixed_when_it_is_gone_back_to() -> None:
    def session() -> Deck:
        sequencer = Sequencer()
        for k, gap in enumerate((0, -2_000, 500)):
            turn = TurnAudio(str(k))
            wave = np.sin(np.arange(20_000, dtype=np.float32) * np.float32(0.01 * (k + 1)))
            turn.inbox.extend(
                (Chunk(0, wave, 0, np.zeros((0, 15), np.float32), np.zeros(0, np.float32)), End(20_000))
            )
            sequencer.queue(turn, gap, pan=0.3 * k)
        return Deck(sequencer, history=2 * SAMPLE_RATE)

    played, passed = session(), session()
    wanted = np.concatenate([played.pull(1_600) for _ in range(40)])
    for n in (30_000, 20, 33_980):
        passed.pass_over(n)
    assert any(isinstance(block, Unmixed) for block in passed.history._blocks)
    assert np.array_equal(passed.history.read(0, 64_000), wanted)
    assert not any(isinstance(block, Unmixed) for block in passed.history._blocks)
    passed.seek(10_000)
    assert np.array_equal(passed.pull(20_000), wanted[10_000:30_000])
    taken = session()
    taken.pass_over(64_000)
    for one in (taken, played):
        one.history.hush(29_000, 384)
    assert np.array_equal(taken.history.read(0, 64_000), played.history.read(0, 64_000))


def test_playing_in_time_goes_on_through_a_pause() -> None:
    clock, deck = VirtualClock(), Deck(Counted(), live=True)
    playout = NullPlayout(deck, clock, threaded=False)  # type: ignore[arg-type]
    playout.start()
    for k in range(100):
        deck.paused = 30 <= k < 60
        clock.advance_ns(10_000_000)
        playout.pump()
    assert playout.position() == SAMPLE_RATE
    assert deck.at(playout.position()) == pytest.approx(0.7 * SAMPLE_RATE, abs=RAMP)


def test_history_is_bounded_and_silence_takes_no_memory() -> None:
    history, at = History(48_000), 0
    for k in range(3_000):
        block = np.full((480, 2), float(k % 2), np.float32)
        history.add(at, block)
        at += 480
    assert len(history._blocks) < 100 + 300
    assert sum(block is None for block in history._blocks) >= len(history._blocks) // 2 - 1
    kept = history.read(at - 48_000, 48_000)
    assert np.array_equal(kept[:, 0], np.repeat(np.arange(2_900, 3_000) % 2, 480))
    assert not history.read(0, 100).any()


def test_without_history_nothing_is_kept() -> None:
    deck = Deck(Counted())
    deck.pull(4_800)
    assert not deck.history._blocks


def fed(stands: range) -> Sequencer:
    """A feed that comes in real time, 10 ms each, on a timeline that stands still for some of them."""
    sequencer, turn = Sequencer(), TurnAudio("fed", live=True)
    sequencer.queue(turn)
    visemes = np.zeros((1, 15), np.float32)
    visemes[:, 0] = 1.0
    for k in range(600):
        turn.inbox.append(Chunk(480 * k, np.full(480, 0.1, np.float32), k, visemes, np.zeros(1, np.float32)))
        if k in stands:
            sequencer.stand()
        else:
            sequencer.pull(480)
    return sequencer


def test_what_a_feed_pushes_while_time_stands_still_is_not_late_for_it() -> None:
    assert fed(range(200, 300)).target == fed(range(0)).target


def test_who_is_interrupted_while_time_stands_still_ends_with_what_was_pulled() -> None:
    sequencer, turn = Sequencer(), TurnAudio("x")
    turn.inbox.append(
        Chunk(0, np.ones(48_000, np.float32), 0, np.zeros((0, 15), np.float32), np.zeros(0, np.float32))
    )
    turn.inbox.append(End(48_000))
    sequencer.queue(turn)
    sequencer.pull(1000)
    sequencer.stand()
    sequencer.interrupt()
    sequencer.stand()
    sequencer.stand()
    assert list(sequencer.events)[1:] == [Ended(1000, "x", 1000, True)] and sequencer.idle
    assert not sequencer.pull(1000).any()
