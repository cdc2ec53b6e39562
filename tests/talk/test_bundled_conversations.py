"""The conversations that ship with Mien: whole, clean sound in every format, times that fit it."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from mien.talk import Turn, cues_of, load_conversation

FOLDER = Path(__file__).parents[2] / "assets" / "conversations"
NAMES = ("forecast", "hello", "night_shift")
TURNS = [(name, turn) for name in NAMES for turn in load_conversation(FOLDER / name).turns]


def _decoded(turn: Turn) -> tuple[str, int, np.ndarray]:
    """Codec, sample rate of the file, and its samples as mono float32 at 48 kHz."""
    with av.open(str(turn.audio)) as container:
        stream = container.streams.audio[0]
        resampler = av.AudioResampler("flt", "mono", 48_000)
        blocks = [block for frame in container.decode(stream) for block in resampler.resample(frame)]
        blocks += resampler.resample(None)
        return stream.codec_context.name, stream.rate, np.concatenate([b.to_ndarray()[0] for b in blocks])


@pytest.fixture(scope="module")
def sound() -> dict[tuple[str, str], tuple[str, int, np.ndarray]]:
    return {(name, turn.key): _decoded(turn) for name, turn in TURNS}


def test_they_are_as_long_as_promised(sound: dict[tuple[str, str], tuple[str, int, np.ndarray]]) -> None:
    length = {name: sum(len(s[2]) for key, s in sound.items() if key[0] == name) / 48_000 for name in NAMES}
    assert 12 < length["forecast"] < 25
    assert 18 < length["hello"] < 27
    assert 95 < length["night_shift"] < 150
    assert sum(name == "night_shift" for name, _ in TURNS) >= 14


@pytest.mark.parametrize("name", ["hello", "night_shift"])
def test_every_codec_and_several_rates_are_in_each(
    name: str, sound: dict[tuple[str, str], tuple[str, int, np.ndarray]]
) -> None:
    codecs = {codec for key, (codec, _, _) in sound.items() if key[0] == name}
    assert {"opus", "flac", "pcm_s16le", "pcm_f32le"} <= codecs
    assert any(codec.startswith("mp3") for codec in codecs)
    assert len({rate for key, (_, rate, _) in sound.items() if key[0] == name}) >= 4


@pytest.mark.parametrize(("name", "turn"), TURNS, ids=[f"{name}-{turn.key}" for name, turn in TURNS])
def test_each_turn_is_even_in_level_and_its_times_fit_its_sound(
    name: str, turn: Turn, sound: dict[tuple[str, str], tuple[str, int, np.ndarray]]
) -> None:
    _, _, samples = sound[name, turn.key]
    duration_s = len(samples) / 48_000
    assert np.abs(samples).max() < 10 ** (-1 / 20)
    assert -23 < 10 * np.log10(np.mean(samples**2)) < -19
    assert np.abs(samples[:48]).max() < 0.01
    assert np.abs(samples[-48:]).max() < 0.01
    marks = turn.timings.marks if turn.timings else ()
    ends = [word.end_s for word in turn.words] + [end for _, _, end in marks]
    assert all(end <= duration_s + 0.03 for end in ends)
    assert all(0 <= at_s <= duration_s for at_s, _ in cues_of(turn, duration_s))
    if turn.words:
        assert " ".join(word.text for word in turn.words) == turn.text


def test_they_show_a_range_of_emotion_and_both_ways_of_moving_the_mouth() -> None:
    labels = {cue.value for name, turn in TURNS if name == "night_shift" for cue in turn.cues}
    assert labels >= {"happy", "joy", "surprised", "sad", "angry", "thinking", "embarrassed"}
    assert labels >= {"skeptical", "relaxed", "worried"}
    for name in NAMES:
        timed = [turn.timings is not None for other, turn in TURNS if other == name]
        assert any(timed)
        assert not all(timed)


def test_they_are_small() -> None:
    assert sum(file.stat().st_size for file in FOLDER.rglob("*") if file.is_file()) < 4_000_000
