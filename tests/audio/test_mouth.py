"""The mouth from sound alone: on synthetic sound, and on the speech of the bundled conversation."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mien.audio import MouthAnalyser
from mien.lipsync.analyser import _STRETCH, LOOK_AHEAD_MS, two_shapes
from mien.lipsync.shapes import PAUSE
from mien.lipsync.timed import TimedMouth
from mien.lipsync.track import OPEN
from mien.types import VISEMES

HELLO = Path(__file__).parents[2] / "assets" / "conversations" / "hello"
SPOKEN = {1: "1-good-evening.opus", 4: "4-at-home.flac"}
VOWELS = [VISEMES.index(name) for name in ("aa", "E", "I", "O", "U")]


@cache
def speech(turn: int) -> np.ndarray:
    with av.open(str(HELLO / "audio" / SPOKEN[turn])) as container:
        resampler = av.AudioResampler("flt", "mono", 48_000)
        frames = [*container.decode(audio=0), None]
        parts = [out.to_ndarray()[0] for frame in frames for out in resampler.resample(frame)]
    return np.concatenate(parts)


def spoken_shapes(turn: int, frames: int) -> np.ndarray:
    """(frames,) the viseme that the synthesizer had in mind."""
    shapes = np.zeros(frames, np.int64)
    for label, start, end in json.loads((HELLO / "timing" / f"{turn}-visemes.json").read_text()):
        shapes[round(start * 100) : round(end * 100)] = VISEMES.index(label)
    return shapes


def analyse(samples: np.ndarray, cuts: list[int] | None = None) -> tuple[np.ndarray, np.ndarray]:
    analyser = MouthAnalyser()
    parts = [analyser.push(part) for part in np.split(samples, sorted(cuts or []))]
    parts.append(analyser.finish())
    return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 30_000), max_size=40))
def test_frames_do_not_depend_on_how_the_sound_was_chunked(cuts: list[int]) -> None:
    sound = speech(4)[20_000:50_000]
    whole, chunked = analyse(sound), analyse(sound, cuts)
    np.testing.assert_array_equal(whole[0], chunked[0])
    np.testing.assert_array_equal(whole[1], chunked[1])


def words_of(turn: int, late_s: float = 0.0) -> TimedMouth:
    """What is spelled, when it is said, or so much later."""
    words = json.loads((HELLO / "timing" / f"{turn}-words.json").read_text())
    return TimedMouth([(start + late_s, word, end - start) for word, start, end in words], "words")


@pytest.mark.parametrize(("turn", "late_s"), [(1, 0.0), (4, 0.0), (4, 0.03)])
def test_the_mouth_follows_words_with_their_sound_better_than_either(turn: int, late_s: float) -> None:
    """Also where the words' times are 30 ms late."""
    told = words_of(turn, late_s)
    analyser = MouthAnalyser(told.aligned())
    fused = np.concatenate((analyser.push(speech(turn))[0], analyser.finish()[0]))
    heard, spelled = analyse(speech(turn))[0], told.rows(0, len(fused))
    said = spoken_shapes(turn, len(fused))
    wanted = np.convolve(np.array(OPEN)[said], np.array([1, 2, 3, 2, 1]) / 9, "same")

    def follows(rows: np.ndarray) -> tuple[float, float]:
        return float((rows.argmax(axis=1) == said).mean()), float(np.corrcoef(rows @ OPEN, wanted)[0, 1])

    for right, openness in (follows(heard), follows(spelled)):
        assert follows(fused)[0] > right + 0.02 and follows(fused)[1] > openness + 0.03


@pytest.mark.parametrize("silent", [6, 40])
def test_within_words_a_moment_of_silence_is_a_sound_of_theirs_and_a_longer_one_a_pause(silent: int) -> None:
    sound, start = speech(4).copy(), 74  # within the open vowel of `sounds`
    sound[480 * start : 480 * (start + silent)] = 0
    analyser = MouthAnalyser(words_of(4).aligned())
    told = np.concatenate((analyser.push(sound)[0], analyser.finish()[0])) @ np.array(OPEN)
    alone = analyse(sound)[0] @ np.array(OPEN)
    assert not alone[start + 2 : start + silent - 2].any()
    assert told[start : start + 6].min() > 0.1
    assert not told[start + PAUSE + 2 : start + silent - 2].any()


def test_what_is_told_does_not_depend_on_how_the_sound_was_chunked() -> None:
    sound, told = speech(4)[:40_000], words_of(4)
    whole, pieces = MouthAnalyser(told.aligned()), MouthAnalyser(told.aligned())
    at_once = np.concatenate((whole.push(sound)[0], whole.finish()[0]))
    parts = [pieces.push(part)[0] for part in np.array_split(sound, 37)]
    np.testing.assert_array_equal(at_once, np.concatenate((*parts, pieces.finish()[0])))


def test_words_are_known_as_soon_as_sound_alone() -> None:
    with_words, alone = MouthAnalyser(words_of(4).aligned()), MouthAnalyser()
    for at in range(0, 40_000, 480):
        some = speech(4)[at : at + 480]
        assert len(with_words.push(some)[0]) == len(alone.push(some)[0])


@pytest.mark.parametrize("n", [0, 1, 479, 480, 481, 4800, 4801])
def test_there_is_a_frame_for_every_10_ms_that_have_begun(n: int) -> None:
    visemes, loudness = analyse(speech(4)[20_000 : 20_000 + n])
    assert visemes.shape == (-(-n // 480), 15) and loudness.shape == (-(-n // 480),)
    assert visemes.dtype == loudness.dtype == np.float32


def test_a_frame_is_known_60_ms_after_its_sound_at_the_latest() -> None:
    analyser = MouthAnalyser()
    known = 0
    for i in range(200):
        known += len(analyser.push(speech(4)[i * 480 : (i + 1) * 480])[1])
        assert known >= i + 1 - 6
    assert LOOK_AHEAD_MS <= 60


def test_what_comes_later_never_changes_a_frame() -> None:
    sound = speech(4)[:48_000]
    before = MouthAnalyser().push(sound)
    after = MouthAnalyser().push(np.concatenate((sound, speech(1)[60_000:80_000])))
    np.testing.assert_array_equal(before[0], after[0][: len(before[0])])


@pytest.mark.parametrize("turn", SPOKEN)
def test_rows_sum_to_1_and_blend_at_mosttwo_shapes(turn: int) -> None:
    visemes, loudness = analyse(speech(turn))
    np.testing.assert_allclose(visemes.sum(axis=1), 1, atol=1e-5)
    assert visemes.min() >= 0 and (visemes > 0).sum(axis=1).max() <= 2
    assert loudness.min() >= 0 and loudness.max() <= 1


def likely(**shares: float) -> np.ndarray:
    """(15,) float32 likelihoods of a frame."""
    return np.array([shares.get(name, 0.0) for name in VISEMES], np.float32)


@pytest.mark.parametrize(
    "frame",
    [
        likely(aa=0.5, kk=0.3, O=0.2),
        likely(E=0.4, aa=0.35, SS=0.25),
        likely(nn=0.5, sil=0.2, aa=0.3),
        likely(I=0.55, PP=0.25, kk=0.2),
    ],
)
def test_in_doubt_the_likeliest_shape_is_the_strongest_and_the_jaw_follows_the_average(
    frame: np.ndarray,
) -> None:
    row = two_shapes(frame[None], np.zeros(1, bool))[0]
    assert row.argmax() == frame.argmax() and (row > 0).sum() <= 2 and row.sum() == pytest.approx(1)
    assert row @ np.array(OPEN) == pytest.approx(_STRETCH * frame @ np.array(OPEN), abs=1e-5)


@pytest.mark.parametrize("frame", [likely(PP=0.6, nn=0.25, aa=0.15), likely(sil=0.75, aa=0.25)])
def test_lips_that_meet_more_likely_than_not_meet_whatever_the_average_says(frame: np.ndarray) -> None:
    row = two_shapes(frame[None], np.zeros(1, bool))[0]
    assert row @ np.array(OPEN) < 0.11 < frame @ np.array(OPEN)


def test_silence_keeps_the_mouth_closed_and_closes_it_at_once() -> None:
    visemes, loudness = analyse(np.zeros(9600, np.float32))
    assert np.all(visemes[:, 0] == 1) and not loudness.any()
    loud = speech(4)[20_000:60_000]
    end = int(np.argmax(np.abs(loud[20_000:]) > 0.1)) + 20_000  # stop in the middle of a vowel
    visemes, loudness = analyse(np.concatenate((loud[:end], np.zeros(9600, np.float32))))
    closed_from = -(-end // 480) + 1
    assert np.all(visemes[closed_from:, 0] == 1)
    assert not loudness[closed_from:].any()


def test_noise_far_below_speech_does_not_move_the_mouth() -> None:
    noise = np.random.default_rng(1).normal(0, 3e-4, 48_000).astype(np.float32)
    visemes, _ = analyse(noise)
    assert np.all(visemes[:, 0] == 1)


@pytest.mark.parametrize("gain", [0.1, 0.5, 1.0])
@pytest.mark.parametrize("turn", SPOKEN)
def test_speech_opens_closes_and_changes_the_mouth_at_any_level(turn: int, gain: float) -> None:
    visemes, loudness = analyse(speech(turn) * np.float32(gain))
    meant = spoken_shapes(turn, len(visemes))
    shown = visemes.argmax(axis=1)
    seconds = len(shown) / 100
    vowels = np.isin(meant, VOWELS)
    assert (shown == meant).mean() > 0.45  # 15 shapes; always `aa` would be right in 0.15
    assert np.isin(shown[vowels], VOWELS).mean() > 0.7
    assert 8 < np.count_nonzero(np.diff(shown)) / seconds < 22
    assert loudness[vowels].mean() > 3 * loudness[meant == 0].mean()
    assert loudness[vowels].mean() > 0.4


def test_lips_meet_on_most_closures() -> None:
    met = []
    for turn in SPOKEN:
        visemes, _ = analyse(speech(turn))
        meant = spoken_shapes(turn, len(visemes)) == VISEMES.index("PP")
        edges = np.flatnonzero(np.diff(np.concatenate(([0], meant.astype(np.int8), [0]))))
        closed = visemes[:, VISEMES.index("PP")] + visemes[:, 0]
        for start, end in zip(edges[::2], edges[1::2], strict=True):
            met.append(bool(closed[max(0, start - 2) : end + 2].max() > 0.6))
    assert len(met) >= 4 and np.mean(met) >= 0.7


def test_a_telephone_voice_moves_the_mouth_as_a_studio_voice_does() -> None:
    sound = speech(4)
    spectrum = np.fft.rfft(sound)
    spectrum[int(3600 / 48_000 * len(sound)) :] = 0
    studio, telephone = analyse(sound), analyse(np.fft.irfft(spectrum, len(sound)).astype(np.float32))
    assert (studio[0].argmax(axis=1) == telephone[0].argmax(axis=1)).mean() > 0.5
    openness = [(1 - rows[:, 0] - rows[:, 1]) * loud for rows, loud in (studio, telephone)]
    assert np.corrcoef(*openness)[0, 1] > 0.9


def same_mouth(sound: np.ndarray, other: np.ndarray) -> float:
    """Share of frames with the same strongest shape."""
    return float((analyse(sound)[0].argmax(axis=1) == analyse(other)[0].argmax(axis=1)).mean())


@pytest.mark.parametrize(("gain_db", "least"), [(-30, 0.85), (-15, 0.97), (6, 0.97)])
@pytest.mark.parametrize("turn", SPOKEN)
def test_a_quiet_and_a_loud_voice_move_the_same_mouth(turn: int, gain_db: float, least: float) -> None:
    sound = speech(turn)
    changed = sound * np.float32(10 ** (gain_db / 20))
    assert same_mouth(sound, changed) > least
    loudness = [analyse(samples)[1] for samples in (sound, changed)]
    assert np.corrcoef(loudness[0], loudness[1])[0, 1] > least


@pytest.mark.parametrize(("rate", "least"), [(8_000, 0.6), (16_000, 0.9), (22_050, 0.95), (44_100, 0.99)])
def test_sound_of_any_rate_moves_the_same_mouth(rate: int, least: float) -> None:
    sound = speech(1)
    spectrum = np.fft.rfft(sound)
    spectrum[round(rate / 2 / 48_000 * len(sound)) :] = 0
    assert same_mouth(sound, np.fft.irfft(spectrum, len(sound)).astype(np.float32)) > least


@pytest.mark.parametrize("noise_db", [-60, -50])
def test_a_rooms_noise_before_the_first_word_leaves_the_mouth_at_rest(noise_db: float) -> None:
    noise = np.random.default_rng(3).normal(0, 10 ** (noise_db / 20), 28_800).astype(np.float32)
    visemes, _ = analyse(np.concatenate((noise, speech(1))))
    assert visemes[5:50, 0].mean() > 0.9
