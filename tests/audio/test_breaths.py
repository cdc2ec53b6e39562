"""In-breaths and sighs are heard in the sound; hisses, clicks, vowels, coughs and noise are none."""

from __future__ import annotations

import io
import sys
import wave
from pathlib import Path

import av
import numpy as np
import pytest

from audio.test_laughs import syllables, vowel
from mien.audio.resolution import resolve
from mien.audio.turn import Chunk, TurnAudio
from mien.audio.turn_decoding import decode
from mien.clock import SAMPLE_RATE
from mien.lipsync.analyser import MouthAnalyser
from mien.lipsync.track import HeardSound
from mien.types import F32

sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))

from fit_mouth.disturb import breath

CONVERSATIONS = Path(__file__).parents[2] / "assets" / "conversations"


def silence(seconds: float) -> F32:
    return np.random.default_rng(5).normal(0, 1e-4, int(seconds * SAMPLE_RATE)).astype(np.float32)


def words(seed: int = 1) -> F32:
    """About 1.2 s of syllables of which each is another, without the silence around them."""
    return syllables(0.2, 7, 150.0, seed, alike=False)[SAMPLE_RATE // 2 : -SAMPLE_RATE // 2]


LOUD_DB = float(10 * np.log10((words()[: 480 * 100].reshape(-1, 480) ** 2).mean(axis=1).max()))


def at_level(sound: F32, level_db: float) -> F32:
    """A sound so much below the loudest of the words."""
    return np.asarray(sound / sound.std() * 10 ** ((LOUD_DB + level_db) / 20), np.float32)


def drawn(seconds: float, level_db: float, seed: int = 0) -> F32:
    """Air that is drawn in, so much below the loudest of the words."""
    air = breath(int(seconds * SAMPLE_RATE), np.random.default_rng(seed))
    return at_level(air, level_db)


def noise(seconds: float, low_hz: float, high_hz: float, seed: int = 0) -> F32:
    """Noise between two frequencies, of unit power."""
    n = int(seconds * SAMPLE_RATE)
    spectrum = np.fft.rfft(np.random.default_rng(seed).normal(size=n))
    hz = np.fft.rfftfreq(n, 1 / SAMPLE_RATE)
    sound = np.fft.irfft(np.where((hz > low_hz) & (hz < high_hz), spectrum, 0), n)
    return np.asarray(sound / sound.std(), np.float32)


def swelling(sound: F32, swells_s: float, falls_db: float) -> F32:
    """A sound that is at its loudest after `swells_s`, and falls by so much to its end."""
    t = np.arange(len(sound)) / SAMPLE_RATE
    falls = falls_db * np.clip(t - swells_s, 0, None) / (t[-1] - swells_s)
    return np.asarray(sound * np.minimum(t / swells_s, 1) ** 2 * 10 ** (-falls / 20), np.float32)


def sigh(seconds: float = 0.9, seed: int = 0) -> F32:
    """Air that goes out through an open mouth."""
    air = noise(seconds, 300, 4000, seed) + 0.1 * noise(seconds, 4000, 8000, seed + 1)
    return 0.08 * swelling(np.asarray(air, np.float32), 0.14, 36.0)


def heard(*sounds: F32, chunk: int = SAMPLE_RATE) -> list[HeardSound]:
    analyser, sound = MouthAnalyser(), np.concatenate(sounds)
    for at in range(0, len(sound), chunk):
        analyser.push(sound[at : at + chunk])
    analyser.finish()
    return list(analyser.take_heard())


def spoken(between: F32, gap_s: float = 0.12) -> list[HeardSound]:
    """What is heard of a sound between words."""
    return heard(silence(0.3), words(), silence(gap_s), between, silence(gap_s), words(2), silence(0.4))


@pytest.mark.parametrize("seconds", [0.25, 0.4, 0.6])
@pytest.mark.parametrize("level_db", [-20, -28])
@pytest.mark.parametrize("seed", range(2))
def test_an_in_breath_between_words_is_heard_where_it_begins(
    seconds: float, level_db: int, seed: int
) -> None:
    (one,) = spoken(drawn(seconds, level_db, seed))
    begins = 0.3 + len(words()) / SAMPLE_RATE + 0.12
    assert one.kind == "breath"
    assert 0 <= one.frame / 100 - begins < 0.5 * seconds


def test_one_before_the_first_word_is_heard_as_well() -> None:
    (one,) = heard(silence(0.3), drawn(0.4, -22), silence(0.1), words(), silence(0.5))
    assert one.kind == "breath" and 0.3 <= one.frame / 100 < 0.45


def swelled(low_hz: float, high_hz: float, level_db: float) -> F32:
    """0.3 s of noise that swells and fades, some of it at all frequencies, most between two."""
    sound = noise(0.3, low_hz, high_hz) + 0.15 * noise(0.3, 60, 12_000, 1)
    return at_level(sound * np.sin(np.linspace(0, np.pi, len(sound))), level_db)


def test_one_before_a_soft_vowel_is_told_once_though_loud_words_follow() -> None:
    soft = vowel(int(0.28 * SAMPLE_RATE), 140.0, (500, 1250, 2600), np.random.default_rng(0))
    said = (silence(0.3), drawn(0.4, -38), silence(0.1), at_level(soft, -30), words(2), silence(0.5))
    assert [one.kind for one in heard(*said)] == ["breath"]


NO_BREATHS = {
    "silence": silence(0.4),
    "an s": swelled(4500, 8000, -20.0),
    "a sh": swelled(2200, 5500, -22.0),
    "rumbling": swelled(60, 700, -26.0),
    "a hum": at_level(vowel(SAMPLE_RATE // 3, 130.0, (400, 1200, 2500), np.random.default_rng(0)), -24.0),
    "too short": drawn(0.1, -24),
    "clicks": drawn(0.36, -34) + np.tile(np.r_[0.2, np.zeros(2879)], 6).astype(np.float32),
    "too soft": drawn(0.4, -50),
}


@pytest.mark.parametrize("between", NO_BREATHS.values(), ids=NO_BREATHS)
def test_what_is_no_breath_between_words_is_none(between: F32) -> None:
    assert spoken(between) == []


def test_an_h_that_leads_into_its_vowel_is_none() -> None:
    said = heard(silence(0.3), words(), silence(0.2), drawn(0.2, -18), words(2), silence(0.4))
    assert said == []


@pytest.mark.parametrize("level", [1e-3, 1e-2])
def test_noise_that_never_stops_is_none(level: float) -> None:
    said = np.concatenate((silence(0.4), words(), silence(0.5), words(2), silence(1.0)))
    assert heard(said + level * np.random.default_rng(3).normal(size=len(said)).astype(np.float32)) == []


@pytest.mark.parametrize("seconds", [0.6, 0.9, 1.5])
@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("rest_s", [0.0, 0.6])
def test_a_sigh_is_heard_where_air_goes_out_also_at_the_turns_end(
    seconds: float, seed: int, rest_s: float
) -> None:
    (one,) = heard(silence(0.3), words(), silence(0.4), sigh(seconds, seed), silence(rest_s))
    begins = 0.3 + len(words()) / SAMPLE_RATE + 0.4
    assert one.kind == "sigh"
    assert -0.05 < one.frame / 100 - begins < 0.12


def test_a_turn_that_is_a_sigh_alone_sighs() -> None:
    assert [one.kind for one in heard(silence(0.4), sigh(), silence(0.5))] == ["sigh"]


AH = swelling(vowel(SAMPLE_RATE, 140.0, (750, 1250, 2600), np.random.default_rng(0)), 0.14, 36.0)
COUGH = 0.08 * swelling(noise(0.5, 300, 5000), 0.01, 36.0)
BLOWN = 0.08 * swelling(noise(0.9, 300, 5000), 0.1, 3.0)

SHAPES = ((300, 1100), (1600, 4000), (600, 2000), (2500, 4500), (300, 900), (1000, 3000))
WHISPER = 0.08 * swelling(np.concatenate([noise(0.15, *shape, 1) for shape in SHAPES]), 0.14, 36.0)


@pytest.mark.parametrize(
    "sound", [AH, COUGH, BLOWN, WHISPER], ids=["ah", "a cough", "a nose", "whispered words"]
)
def test_a_vowel_a_cough_a_nose_and_whispered_words_are_no_sigh(sound: F32) -> None:
    assert heard(silence(0.3), words(), silence(0.4), sound, silence(0.6)) == []


def test_what_a_word_follows_at_once_is_no_sigh() -> None:
    said = heard(silence(0.3), words(), silence(0.4), sigh(0.6), silence(0.1), words(2), silence(0.6))
    assert "sigh" not in [one.kind for one in said]


def test_they_are_heard_at_the_same_frames_however_the_sound_was_chunked() -> None:
    said = np.concatenate(
        (silence(0.3), drawn(0.4, -22), silence(0.1), words(), silence(0.4), sigh(), silence(0.5), words(2))
    )
    kinds = [one.kind for one in heard(said)]
    assert kinds == ["breath", "sigh"]
    assert heard(said) == heard(said, chunk=480) == heard(said, chunk=7001)


def test_what_is_known_of_the_beginning_does_not_depend_on_what_comes_later() -> None:
    said = np.concatenate((silence(0.3), drawn(0.4, -22), silence(0.1), words(), silence(0.4), sigh()))
    assert heard(said, silence(3.0), words(3), silence(0.5))[:2] == heard(said, silence(0.6))


def test_what_is_heard_goes_with_the_sound_that_a_file_is_decoded_to() -> None:
    said = np.concatenate((silence(0.3), drawn(0.4, -22), silence(0.1), words(), silence(0.4), sigh()))
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setparams((1, 2, SAMPLE_RATE, 0, "NONE", "NONE"))
        out.writeframes(np.round(said * 32767).astype("<i2").tobytes())
    turn = TurnAudio("t")
    for _ in decode(resolve(file.getvalue()), turn, None, lambda source, _: source.open()):
        pass
    told = [one for chunk in turn.inbox if isinstance(chunk, Chunk) for one in chunk.heard]
    assert [one.kind for one in told] == ["breath", "sigh"]


@pytest.mark.parametrize("path", sorted(CONVERSATIONS.rglob("*.flac")), ids=lambda path: path.stem)
def test_synthesized_lines_sigh_nowhere(path: Path) -> None:
    with av.open(str(path)) as container:
        resampler = av.AudioResampler("flt", "mono", SAMPLE_RATE)
        frames = [*container.decode(audio=0), None]
        sound = np.concatenate([out.to_ndarray()[0] for one in frames for out in resampler.resample(one)])
    assert "sigh" not in [one.kind for one in heard(sound)]
