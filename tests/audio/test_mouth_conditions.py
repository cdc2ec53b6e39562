"""The mouth from sound alone: where nobody speaks, where little is heard, and in voices never fitted to."""

from __future__ import annotations

import json
import sys
from functools import cache
from pathlib import Path

import av
import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))

from bench_mouth.clips import SENTENCES, Clip, Espeak, ToolMissing
from bench_mouth.figures import OPENNESS, figures
from fit_mouth.disturb import at_rate, breath, in_room
from mien.audio import MouthAnalyser
from mien.types import VISEMES

HELLO = Path(__file__).parents[2] / "assets" / "conversations" / "hello"
SECOND = 48_000
OPEN = 0.15
"""A mouth that is open less than this has closed lips."""

T = np.arange(3 * SECOND) / SECOND
MAINS = np.sum([np.sin(2 * np.pi * 50 * k * T) / k for k in range(1, 8)], axis=0) / 0.87


@cache
def speech() -> np.ndarray:
    with av.open(str(HELLO / "audio" / "4-at-home.flac")) as container:
        resampler = av.AudioResampler("flt", "mono", SECOND)
        frames = [*container.decode(audio=0), None]
        parts = [out.to_ndarray()[0] for frame in frames for out in resampler.resample(frame)]
    return np.concatenate(parts)


def meant() -> np.ndarray:
    """(k,) how far the shapes that the synthesizer had in mind open the mouth, as fast as lips move."""
    shapes = np.zeros(-(-len(speech()) // 480), np.int64)
    for label, start, end in json.loads((HELLO / "timing" / "4-visemes.json").read_text()):
        shapes[round(start * 100) : round(end * 100)] = VISEMES.index(label)
    return np.convolve(OPENNESS[shapes], np.array([1, 2, 3, 2, 1]) / 9, "same")


def rows(sound: np.ndarray) -> np.ndarray:
    analyser = MouthAnalyser()
    return np.concatenate((analyser.push(sound.astype(np.float32))[0], analyser.finish()[0]))


def opened(sound: np.ndarray) -> np.ndarray:
    return rows(sound) @ OPENNESS


STEADY = {
    "mains at -20 dBFS": 0.1 * MAINS,
    "mains at -60 dBFS": 0.001 * MAINS,
    "440 Hz": 0.5 * np.sin(2 * np.pi * 440 * T),
    "200 Hz": 0.1 * np.sin(2 * np.pi * 200 * T),
    "1 kHz": 0.3 * np.sin(2 * np.pi * 1000 * T),
    "a chord": 0.1 * np.sum([np.sin(2 * np.pi * hz * T) for hz in (220, 277, 330)], axis=0),
    "noise at -40 dBFS": np.random.default_rng(1).normal(0, 0.01, len(T)),
    "noise at -20 dBFS": np.random.default_rng(2).normal(0, 0.1, len(T)),
    "a step of 16 bits": np.random.default_rng(3).integers(-1, 2, len(T)) / 32768,
}


@pytest.mark.parametrize("name", STEADY)
def test_what_never_changes_does_not_open_the_mouth(name: str) -> None:
    assert (opened(STEADY[name]) < OPEN).mean() > 0.95


@pytest.mark.parametrize(
    "tone", [0.3 * np.sin(2 * np.pi * 440 * T), np.sign(np.sin(2 * np.pi * 120 * T))], ids=["sine", "square"]
)
def test_a_tone_that_begins_on_the_way_closes_the_mouth_within_700_ms(tone: np.ndarray) -> None:
    assert (opened(tone * (T > 0.5))[120:] < OPEN).all()


def test_hum_before_the_first_word_and_beneath_the_speech_changes_little() -> None:
    sound = np.concatenate((np.zeros(SECOND), speech() / np.abs(speech()).max()))
    hum = 0.01 * np.resize(MAINS[:SECOND], len(sound))
    clear, humming = opened(sound), opened(sound + hum)
    assert (humming[:95] < OPEN).all()
    assert np.corrcoef(clear, humming)[0, 1] > 0.85


@pytest.mark.parametrize("seed", range(4))
def test_a_breath_before_the_first_word_leaves_the_mouth_closed_or_nearly(seed: int) -> None:
    rng = np.random.default_rng(seed)
    sound = rng.normal(0, 1e-4, SECOND)
    drawn = breath(20_000, rng)
    sound[12_000:32_000] += 0.06 * drawn
    assert opened(sound)[:75].max() < 0.4
    assert rows(sound)[:75, [VISEMES.index("TH"), VISEMES.index("FF")]].max() < 0.5


@pytest.mark.parametrize(("peak_db", "least"), [(-55, 0.7), (-60, 0.7), (-70, 0.6)])
def test_a_whispered_level_moves_the_mouth(peak_db: float, least: float) -> None:
    quiet = speech() * 10 ** (peak_db / 20) / np.abs(speech()).max()
    assert np.corrcoef(opened(quiet), meant())[0, 1] > least


@pytest.mark.parametrize(("over_db", "least"), [(20, 0.55), (40, 0.6), (60, 0.4)])
def test_an_overdriven_voice_is_no_tone_though_its_level_never_changes(over_db: float, least: float) -> None:
    square = np.clip(speech() * 10 ** (over_db / 20) / np.abs(speech()).max(), -1, 1)
    there, said = opened(square), meant()
    assert np.corrcoef(there, said)[0, 1] > least
    assert (there > OPEN).mean() > 0.85 * (said > OPEN).mean()


@pytest.mark.parametrize(("direct_db", "least"), [(0, 0.6), (6, 0.7)])
def test_a_room_does_not_hold_the_mouth_open(direct_db: float, least: float) -> None:
    sound = np.concatenate((speech(), np.zeros(SECOND)))
    there = opened(in_room(sound.astype(np.float32), 0.4, direct_db, np.random.default_rng(4)))
    said = meant()
    assert np.corrcoef(there[: len(said)], said)[0, 1] > least
    assert (there[len(said) + 20 :] < OPEN).all()


@pytest.mark.parametrize(("higher", "least"), [(1.3, 0.7), (0.78, 0.65)])
def test_small_and_large_people_move_the_mouth(higher: float, least: float) -> None:
    there, said = opened(at_rate(speech(), higher)), meant()
    at = np.minimum(np.arange(len(there)) * higher, len(said) - 1).astype(int)
    assert np.corrcoef(there, said[at])[0, 1] > least


def test_a_voice_that_was_not_fitted_to_is_followed() -> None:
    try:
        espeak = Espeak()
    except ToolMissing as missing:
        pytest.skip(str(missing))
    clips: list[Clip] = [espeak.say(text, "en-us+Annie", 160) for text in SENTENCES]
    found = figures(clips, [rows(clip.samples) for clip in clips], 1.0)
    assert found.visemes > 0.6 and found.openness > 0.65
    assert found.closures > 0.85 and found.false_closures < 0.15
