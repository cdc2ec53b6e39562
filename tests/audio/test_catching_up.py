"""A live feed that has fallen behind: pauses first, then faster, then left out; and the mouth with it."""

from __future__ import annotations

import numpy as np
import pytest

from mien.audio import JitterBuffer, JitterState, Sequencer, TurnAudio
from mien.audio.arrival import DelayHistogram
from mien.audio.catching_up import (
    BEGIN,
    END,
    LONGEST_PERIOD,
    MOST_BEHIND,
    PAUSE_KEPT,
    SHORTEST_PERIOD,
    CatchingUp,
    period_of,
)
from mien.audio.counters import JitterCounters
from mien.audio.pauses import Pauses
from mien.audio.turn import Chunk, End
from mien.audio.voice import Voice
from mien.types import F32

MS = 48
PACKET = 20 * MS
RATE = 48_000


def vowel(n: int, hertz: float = 120.0) -> F32:
    """A voice's vowel: eight harmonics."""
    t = np.arange(n) / RATE
    waves = [np.sin(2 * np.pi * hertz * k * t + k) / k for k in range(1, 9)]
    return np.asarray(0.2 * np.sum(waves, axis=0), np.float32)


def talk(seconds: float, word_ms: int = 350, pause_ms: int = 150) -> F32:
    """Words of a vowel, with pauses."""
    word = vowel(word_ms * MS)
    edge = np.linspace(0, 1, 10 * MS, dtype=np.float32)
    word[: 10 * MS] *= edge
    word[-10 * MS :] *= edge[::-1]
    once = np.concatenate((word, np.zeros(pause_ms * MS, np.float32)))
    n = round(seconds * RATE)
    return np.tile(once, -(-n // len(once)))[:n]


class Call:
    """A sender in real time, and who listens: pulls of 10 ms, packets of 20."""

    def __init__(self, sound: F32, *, live: bool = True, delays: DelayHistogram | None = None) -> None:
        self.sound, self.counters = sound, JitterCounters()
        self.turn = TurnAudio("t", live=True, catches_up=live)
        self.voice = Voice(self.turn, -1.0, self.counters, delays or DelayHistogram())
        self.now = self.sent = 0
        self.heard: list[F32] = []
        self.worst = 0

    @property
    def behind(self) -> int:
        """Samples between what is said and what is heard."""
        return self.now - self.voice.jitter.position

    def send(self, until: int) -> None:
        """Everything that was said before sample `until` comes."""
        for at in range(self.sent, min(until, len(self.sound)) - PACKET + 1, PACKET):
            piece = self.sound[at : at + PACKET]
            rows = np.zeros((2, 15), np.float32)
            loud = np.abs(piece.reshape(2, 480)).max(axis=1) > 0.05
            rows[:, 0], rows[:, 5] = ~loud, loud
            self.turn.inbox.append(Chunk(at, piece, at // 480, rows, loud.astype(np.float32)))
            self.sent = at + PACKET

    def runs(self, seconds: float, frozen: bool = False) -> None:
        for _ in range(round(seconds * 100)):
            self.now += 480
            if not frozen:
                self.send(self.now)
            self.voice.drain(self.now)
            if self.voice.jitter.startable or self.voice.emitted:
                self.heard.append(self.voice.pull(480, self.now))

    def frozen_for(self, seconds: float) -> None:
        self.runs(2.0)
        self.runs(seconds, frozen=True)


def accounted(call: Call) -> None:
    """What was heard is what came, less what was taken out, and what was made up."""
    counters, heard = call.counters, sum(map(len, call.heard))
    out = (
        counters.removed_samples_for_acceleration
        - counters.inserted_samples_for_deceleration
        + counters.removed_pause_samples
        + counters.samples_skipped
    )
    pending = call.voice._pending
    assert heard + pending == (
        call.voice.jitter.position + counters.concealed_samples - counters.samples_lost - out
    )


def test_speech_is_played_late_and_whole_after_a_freeze() -> None:
    call = Call(talk(40), live=False)
    call.frozen_for(5.0)
    call.runs(20.0)
    assert call.behind > 4.9 * RATE
    assert call.counters.samples_skipped == call.counters.removed_pause_samples == 0


def test_live_it_is_a_second_behind_at_once_and_in_time_some_seconds_later() -> None:
    call = Call(talk(40))
    call.frozen_for(5.0)
    call.runs(0.1)
    # What is beyond the second is in pauses that are known, and will be shortened as they come.
    assert call.behind - call.voice.jitter.target <= MOST_BEHIND + 0.3 * 5 * RATE + BEGIN
    call.runs(8.0)
    assert call.behind <= call.voice.jitter.target + BEGIN + PACKET
    counters = call.counters
    assert 0 < counters.samples_skipped < 3.6 * RATE
    assert counters.removed_pause_samples > 0.5 * RATE
    assert counters.removed_samples_for_acceleration > 0.1 * RATE
    accounted(call)
    before = counters.samples_skipped, counters.removed_pause_samples
    call.runs(5.0)
    # In time again, nothing is taken out any more.
    assert (counters.samples_skipped, counters.removed_pause_samples) == before


def test_pauses_give_what_they_can_before_any_speech_is_left_out() -> None:
    call = Call(talk(40, word_ms=300, pause_ms=700))
    call.frozen_for(3.0)
    call.runs(8.0)
    assert call.counters.samples_skipped == 0
    assert call.counters.removed_pause_samples > 2 * RATE
    assert call.behind <= call.voice.jitter.target + BEGIN + PACKET
    accounted(call)


def test_speech_without_pauses_plays_at_most_a_tenth_faster_at_its_pitch() -> None:
    for hertz in (90.0, 120.0, 210.0):
        call = Call(vowel(20 * RATE, hertz))
        call.frozen_for(0.9)
        call.heard.clear()
        before = call.voice.jitter.position
        call.runs(2.0)
        assert call.counters.samples_skipped == call.counters.removed_pause_samples == 0
        faster = (call.voice.jitter.position - before) / (2.0 * RATE)
        assert 1.05 < faster <= 1.1 + 0.002 + 0.02  # by what is held back at its end
        sound = np.concatenate(call.heard)[-RATE:]
        spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
        peak = float(np.argmax(spectrum[50:300]) + 50)
        assert abs(peak - hertz) <= 1.5
        # No step of the sound is steeper than its own steepest.
        assert np.abs(np.diff(sound)).max() <= 1.3 * np.abs(np.diff(call.sound)).max()


def test_a_sender_in_time_is_left_as_it_is_to_the_bit() -> None:
    delays = DelayHistogram()
    Call(talk(10), delays=delays).runs(8.0)  # until they are known there is a drift to be made good
    call = Call(talk(10), delays=delays)
    call.runs(8.0)
    heard = np.concatenate(call.heard)
    np.testing.assert_array_equal(heard, call.sound[: len(heard)])
    assert call.counters.removed_samples_for_acceleration == 0


def test_the_mouth_goes_with_the_sound_that_is_heard() -> None:
    call = Call(talk(40))
    call.frozen_for(5.0)
    call.runs(12.0)
    heard = np.concatenate(call.heard)
    n = len(heard) // 480
    loud = np.abs(heard[: n * 480].reshape(n, 480)).max(axis=1) > 0.05
    mouth = call.turn.track.loudness[:n] > 0.5
    wrong = loud != mouth
    # Words begin and end within a frame or two of the mouth's; never is it off by a word.
    assert wrong[-400:].mean() < 0.06 and wrong.mean() < 0.1
    runs = np.split(wrong, np.flatnonzero(np.diff(wrong)) + 1)
    assert max(len(run) for run in runs if run[0]) <= 8
    assert call.turn.track.visemes[:n].sum(axis=1) == pytest.approx(1)


@pytest.mark.parametrize("seed", range(4))
def test_whatever_a_network_does_every_sample_is_accounted_for_and_the_mouth_keeps_step(seed: int) -> None:
    rng = np.random.default_rng(seed)
    noise = rng.normal(0, 0.002, 15 * RATE).astype(np.float32)
    call = Call((talk(15, 300, 200) if seed % 2 else vowel(15 * RATE, 180.0)) + noise)
    while not call.voice.finished:
        if rng.random() < 0.01:
            call.runs(float(rng.uniform(0, 4)), frozen=True)
        if rng.random() < 0.02 and call.sent < len(call.sound) - PACKET:
            call.sent += PACKET  # and this one never comes
        call.runs(0.02)
        if call.sent >= len(call.sound) - 2 * PACKET:
            call.turn.inbox.append(End(call.sent))
            call.voice.drain(call.now)
            while not call.voice.finished:
                call.heard.append(call.voice.pull(480, call.now))
    accounted(call)
    heard = np.concatenate(call.heard)
    n = len(heard) // 480
    loud = np.abs(heard[: n * 480].reshape(n, 480)).max(axis=1) > 0.05
    mouth = call.turn.track.loudness[:n] > 0.5
    assert np.isfinite(heard).all() and (loud != mouth).mean() < 0.08


def test_the_turn_ends_when_its_last_sample_has_been_heard() -> None:
    call = Call(talk(6))
    call.frozen_for(3.0)
    call.now = len(call.sound)
    call.send(call.now)
    call.turn.inbox.append(End(call.sent))
    while not call.voice.finished:
        call.voice.drain(call.now)
        call.heard.append(call.voice.pull(480, call.now))
        assert sum(map(len, call.heard)) < 10 * RATE
    assert call.voice.jitter.position == call.sent and call.voice.remaining == 0
    accounted(call)


@pytest.mark.parametrize("runs_s", [0.1, 0.33, 1.0])
def test_an_interruption_in_a_hurry_falls_to_silence(runs_s: float) -> None:
    sequencer = Sequencer()
    call = Call(talk(40))
    call.frozen_for(2.0)
    call.runs(runs_s)
    before = float(np.concatenate(call.heard)[-1])
    call.voice.flush(384)
    rest = []
    while not call.voice.finished:
        rest.append(call.voice.pull(480, call.now))
        assert len(rest) < 10
    sound = np.concatenate((np.array([before], np.float32), *rest))
    assert len(sound) <= 384 + 192 + 2
    assert np.abs(np.diff(sound)).max(initial=0.0) <= 1.3 * np.abs(np.diff(call.sound)).max()
    assert abs(sound[-1]) < 0.01 and sequencer.idle


def test_only_while_it_plays_does_it_hurry() -> None:
    buffer = JitterBuffer(100)
    hurry = CatchingUp(buffer)
    assert len(hurry.pull(480)[0]) == 0 and buffer.state is JitterState.IDLE
    buffer.put(vowel(RATE // 2), 0)
    hurry.came(vowel(RATE // 2), 0)
    assert len(hurry.pull(480)[0]) == 480
    while buffer.held > 100 + BEGIN:
        hurry.pull(480)
    assert buffer.counters.removed_samples_for_acceleration > 0
    assert END < BEGIN and hurry.pending < 3 * 480


# -- periods and pauses -----------------------------------------------------------------------------


@pytest.mark.parametrize("hertz", [70.0, 100.0, 133.0, 200.0, 390.0])
def test_a_period_is_found_to_the_sample(hertz: float) -> None:
    found = period_of(vowel(1440, hertz))
    # Of a high voice, several periods may fit as well as one.
    assert SHORTEST_PERIOD <= found <= LONGEST_PERIOD
    assert abs(found / (RATE / hertz) - round(found / (RATE / hertz))) < 0.02


def test_noise_has_no_period() -> None:
    noise = np.random.default_rng(1).normal(0, 0.1, (20, 1440)).astype(np.float32)
    assert not any(period_of(piece) for piece in noise)
    assert period_of(np.zeros(1440, np.float32)) == 0


def test_pauses_are_known_before_they_are_heard_and_forgotten_after() -> None:
    pauses = Pauses()
    sound = talk(2.0, 400, 100)
    for at in range(0, len(sound), PACKET):
        pauses.came(sound[at : at + PACKET], at)
    assert pauses.ahead(0) == pytest.approx(4 * 100 * MS, abs=4 * 20 * MS)
    assert pauses.ahead(450 * MS) == pytest.approx(3 * 100 * MS + 50 * MS, abs=4 * 20 * MS)
    assert pauses.ahead(len(sound)) == 0
    assert pauses.quiet(sound[420 * MS : 480 * MS]) and not pauses.quiet(sound[100 * MS : 160 * MS])
    assert PAUSE_KEPT < 100 * MS


def test_of_a_call_in_time_no_more_pauses_are_remembered_than_have_not_been_played() -> None:
    call, most = Call(talk(30.0)), 0
    assert call.voice._hurry is not None
    for _ in range(25):
        call.runs(1.0)
        most = max(most, len(call.voice._hurry._pauses))
    assert 0 < most <= 3
