"""Stress is answered as people do: brows before the voice, the head with it, later if it is known later."""

from __future__ import annotations

import numpy as np
import pytest

from mien.lipsync.track import SpeechTrack
from mien.motion import Performer
from mien.motion.prosody import LEAD
from mien.script import Script, TurnComing, TurnEnded, TurnStarted
from mien.types import CHANNEL_INDEX, F32, F64, VISEMES
from motion.cast import blank, character, script_of, seconds

FIRST = seconds(1)
HOP = 480


def stressed(seed: int, frames: int = 1600) -> tuple[F32, F32]:
    """Loudness of syllables, some of them stressed, at no steady pace; and their pitch."""
    rng = np.random.default_rng(seed)
    loudness, pitch = np.zeros(frames, np.float32), np.zeros(frames, np.float32)
    at = 0
    while at < frames - 60:
        n, strong = int(rng.integers(10, 26)), rng.random() < 0.35
        hump = np.sin(np.pi * (np.arange(n) + 0.5) / n) ** 0.7
        loudness[at : at + n] = hump * (rng.uniform(0.8, 1.0) if strong else rng.uniform(0.25, 0.5))
        pitch[at : at + n] = 3.0 * hump if strong else -1.0
        at += n + (int(rng.integers(15, 50)) if rng.random() < 0.15 else int(rng.integers(0, 4)))
    return loudness, pitch


def track_of(loudness: F32, pitch: F32, ahead: int | None = None) -> SpeechTrack:
    """As pushed sound of which so many frames are known ahead; None: all of it."""
    rows = np.zeros((len(loudness), len(VISEMES)), np.float32)
    rows[:, 0] = 1.0
    track = SpeechTrack()
    if ahead is None:
        track.append(rows, loudness, pitch)
    else:
        track.append(rows[:ahead], loudness[:ahead], pitch[:ahead])
        for i in range(ahead, len(loudness)):
            track.append(rows[i : i + 1], loudness[i : i + 1], pitch[i : i + 1], shown=i - ahead + 3)
    track.finish()
    return track


def moved(script: Script, end: int) -> tuple[F64, F64]:
    """(times,) every 10 ms from FIRST on: what the voice does to the head, downwards, and to a brow."""
    speaks, rests = Performer(character(), "a", 1), Performer(character(), "a", 1)
    still = script_of()
    out = blank()
    rows = []
    for at in range(FIRST, end, HOP):
        with_voice = speaks.pose(script, at, out).channels.copy()
        rows.append(with_voice - rests.pose(still, at, out).channels)
    difference = np.array(rows)
    return -difference[:, CHANNEL_INDEX["head_pitch"]], difference[:, CHANNEL_INDEX["brow_left_y"]]


def lag_ms(moves: F64, loudness: F32) -> float:
    """By how much movement is behind loudness where they are most alike."""
    best, found = -np.inf, 0
    a = loudness.astype(np.float64) - loudness.mean()
    for lag in range(-40, 41):
        b = np.roll(moves - moves.mean(), -lag)[60:-60]
        r = float((a[60:-60] * b).sum() / np.sqrt((a[60:-60] ** 2).sum() * (b * b).sum()))
        if r > best:
            best, found = r, lag
    return 10.0 * found


@pytest.mark.parametrize("seed", range(4))
def test_the_head_goes_with_stress_and_brows_before_both(seed: int) -> None:
    loudness, pitch = stressed(seed)
    script = script_of(
        TurnComing(FIRST - seconds(0.5), "a", "1", FIRST, track_of(loudness, pitch)),
        TurnStarted(FIRST, "a", "1", track_of(loudness, pitch)),
    )
    head, brow = moved(script, FIRST + len(loudness) * HOP)
    head_lag, brow_lag = lag_ms(head, loudness), lag_ms(brow, loudness)
    assert -30 <= head_lag <= 50
    assert -80 <= brow_lag <= 0
    assert brow_lag < head_lag


@pytest.mark.parametrize("ahead", [2, 8])
def test_what_is_known_later_is_answered_later_and_without_a_jump(ahead: int) -> None:
    loudness, pitch = stressed(5, 900)
    script = script_of(TurnStarted(FIRST, "a", "1", track_of(loudness, pitch, ahead)))
    head, brow = moved(script, FIRST + len(loudness) * HOP)
    late = 10.0 * (LEAD - ahead)
    assert 0.3 * late < lag_ms(brow, loudness) + 50 < 1.4 * late
    assert np.abs(np.diff(brow)).max() < 0.12 and np.abs(np.diff(head)).max() < 0.12


def test_a_high_voice_lifts_the_brows_more_than_a_low_one_as_loud() -> None:
    loudness, pitch = stressed(6, 900)
    lifted = []
    for sign in (1.0, -1.0):
        script = script_of(TurnStarted(FIRST, "a", "1", track_of(loudness, np.float32(sign) * pitch.clip(0))))
        lifted.append(moved(script, FIRST + 900 * HOP)[1].max())
    assert lifted[0] > 1.15 * lifted[1]


def test_an_announced_turn_lifts_the_brows_before_its_first_sound_and_no_other_does() -> None:
    loudness, pitch = stressed(2, 300)
    said = track_of(loudness, pitch)
    started = TurnStarted(FIRST, "a", "1", said)
    before = FIRST - seconds(0.05)
    performer, out = Performer(character(), "a", 1), blank()
    brow = CHANNEL_INDEX["brow_left_y"]
    still = performer.pose(script_of(), before, out).channels[brow].item()
    announced = script_of(TurnComing(FIRST - seconds(0.5), "a", "1", FIRST, said), started)
    assert performer.pose(announced, before, out).channels[brow].item() > still + 0.1
    assert performer.pose(script_of(started), before, out).channels[brow].item() == still


@pytest.mark.parametrize("late_s", [None, 0.0, 0.04, 0.15, 0.6])
def test_nothing_jumps_where_an_announced_turn_is_late_or_never_comes(late_s: float | None) -> None:
    loudness, pitch = stressed(3, 300)
    said = track_of(loudness, pitch)
    events: list[object] = [TurnComing(FIRST - seconds(0.5), "a", "1", FIRST, said)]
    if late_s is not None:
        events.append(TurnStarted(FIRST + seconds(late_s), "a", "1", said))
        events.append(TurnEnded(FIRST + seconds(late_s + 1.3), "a", "1", True))
    script, performer, out = script_of(*events), Performer(character(), "a", 1), blank()
    rows = [
        performer.pose(script, at, out).channels.copy()
        for at in range(FIRST - seconds(0.6), FIRST + seconds(2.5), 200)
    ]
    steps = np.abs(np.diff(np.array(rows), axis=0)).max(axis=0)
    for name in ("head_pitch", "brow_left_y", "body_lean", "bounce"):
        assert steps[CHANNEL_INDEX[name]] < 0.06, name


def test_what_was_shown_is_shown_again_when_more_has_come_to_light_since() -> None:
    loudness, pitch = stressed(4, 500)
    rows = np.eye(len(VISEMES), dtype=np.float32)[
        np.random.default_rng(3).integers(0, 15, 500).repeat(9)[:500]
    ]
    growing = SpeechTrack()
    script = script_of(TurnStarted(FIRST, "a", "1", growing))
    performer, out, seen = Performer(character(), "a", 1), blank(), []
    for i in range(480):
        n = growing.length
        if (i * 7) % 5 < 3:  # it comes in bursts, never more than some frames ahead of what is played
            growing.append(rows[n : i + 6], loudness[n : i + 6], pitch[n : i + 6], shown=i + 2 if i else 0)
        pose = performer.pose(script, FIRST + i * HOP + 77, out)
        seen.append((pose.channels.tobytes(), pose.picks.tobytes()))
    growing.append(rows[growing.length :], loudness[growing.length :], pitch[growing.length :], shown=482)
    for i in reversed(range(480)):
        pose = performer.pose(script, FIRST + i * HOP + 77, out)
        assert (pose.channels.tobytes(), pose.picks.tobytes()) == seen[i], i


def test_nothing_jumps_where_a_short_turn_is_followed_at_once_by_another() -> None:
    loudness, pitch = stressed(5, 300)
    said, half = track_of(loudness, pitch), seconds(0.5)
    second = FIRST + seconds(0.4)
    script = script_of(
        TurnComing(FIRST - half, "a", "1", FIRST, said),
        TurnComing(FIRST, "a", "2", second, said),
        TurnStarted(FIRST, "a", "1", said),
        TurnEnded(second, "a", "1"),
        TurnStarted(second, "a", "2", said),
        TurnEnded(second + seconds(2), "a", "2"),
    )
    performer, out = Performer(character(), "a", 1), blank()
    times = range(FIRST - seconds(0.6), FIRST + seconds(1.5), 200)
    rows = np.array([performer.pose(script, at, out).channels.copy() for at in times])
    steps = np.abs(np.diff(rows, axis=0)).max(axis=0)
    for name in ("head_pitch", "brow_left_y"):
        assert steps[CHANNEL_INDEX[name]] < 0.06, name
