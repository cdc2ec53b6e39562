"""Sound and picture of a rendered file, held against each other: a mouth that flashes where it beeps."""

from __future__ import annotations

import wave
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np
import pytest

from art.build import box, tiny_character, tiny_document, tiny_parts
from end_to_end.test_render import mien
from talk.documents import toml

SECONDS, TURNS, FPS, RATE = 12, 3, 30, 24_000
BEEP_S = 0.3


def beeps(turn: int) -> list[float]:
    """Where the beeps of a turn begin, in seconds from its start: never in step with the frames."""
    rng = np.random.default_rng(turn)
    return [round(float(k + rng.uniform(0.1, 0.6)), 3) for k in range(SECONDS // TURNS - 1)]


class Seen(NamedTuple):
    """When each beep was heard and each flash was seen, in seconds of the file."""

    heard: np.ndarray
    flashed: np.ndarray
    video_s: float
    audio_s: float


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    folder = tmp_path_factory.mktemp("beeps")
    # A mouth that is not there until it is wide open, and then is all of the face.
    parts = tiny_parts()
    parts["mouth/rest"] = (box(1, 1, (0, 0, 0, 255)), (31, 42))
    parts["mouth/open"] = (box(32, 40, (255, 255, 255, 255)), (16, 12))
    parts["head/main"] = (box(32, 40, (20, 20, 20, 255)), (16, 12))
    tiny_character(folder / "cast/tiny", tiny_document(), parts)
    turns = []
    for i in range(TURNS):
        sound = np.zeros(SECONDS // TURNS * RATE)
        marks: list[list[object]] = []
        for begun in beeps(i):
            at = round(begun * RATE)
            n = round(BEEP_S * RATE)
            sound[at : at + n] = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(n) / RATE)
            marks.append(["aa", begun, round(begun + BEEP_S, 3)])
        with wave.open(str(folder / f"{i}.wav"), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE)
            file.writeframes((sound * 32767).astype("<i2").tobytes())
        visemes = {"scheme": "oculus", "marks": marks}
        turns.append({"key": str(i), "speaker": "t", "audio": f"{i}.wav", "visemes": visemes})
    document = {"format": 1, "cast": [{"key": "t", "character": "cast/tiny"}], "turn": turns}
    text = "".join(f"{key} = {toml(value)}\n" for key, value in document.items())
    (folder / "conversation.toml").write_text(text)
    ran = mien("render", str(folder), "-o", str(folder / "a.mp4"), "--size", "64x80", "--fps", str(FPS))
    assert ran.returncode == 0, ran.stderr
    return look_at(folder / "a.mp4")


def look_at(path: Path) -> Seen:
    """Onsets in the file, as a player would show and sound them: by presentation times."""
    shown: list[tuple[float, float]] = []
    samples: list[np.ndarray] = []
    with av.open(str(path)) as file:
        streams = {stream.type: stream for stream in file.streams}
        for frame in file.decode(streams["video"]):
            shown.append((float(frame.pts * frame.time_base), float(frame.to_ndarray(format="gray").mean())))
        file.seek(0)
        first = None
        for block in file.decode(streams["audio"]):
            first = float(block.pts * block.time_base) if first is None else first
            samples.append(block.to_ndarray().reshape(block.layout.nb_channels, -1).mean(axis=0))
            rate = block.sample_rate
        ends = [float(streams[kind].duration * streams[kind].time_base) for kind in ("video", "audio")]
    sound = np.concatenate(samples)
    power = np.convolve(sound**2, np.ones(rate // 500) / (rate // 500), "same")
    times, grey = (np.array(column) for column in zip(*shown, strict=True))
    return Seen(
        (first or 0.0) + onsets(power > power.max() / 4) / rate,
        times[onsets(grey > (grey.min() + grey.max()) / 2)],
        *ends,
    )


def onsets(on: np.ndarray) -> np.ndarray:
    """Where a run of true begins."""
    return np.flatnonzero(on[1:] & ~on[:-1]) + 1


def test_every_beep_has_its_flash(seen: Seen) -> None:
    assert len(seen.heard) == len(seen.flashed) == TURNS * len(beeps(0))


def test_a_flash_is_within_a_frame_of_its_beep_from_the_first_to_the_last(seen: Seen) -> None:
    late = seen.flashed - seen.heard
    assert np.abs(late).max() <= 1 / FPS, late
    # And it does not drift: the last turn's are as late as the first one's, on average.
    per_turn = late.reshape(TURNS, -1).mean(axis=1)
    assert np.ptp(per_turn) < 0.5 / FPS


def test_the_beeps_are_where_they_were_put_and_the_streams_end_together(seen: Seen) -> None:
    put = np.concatenate([np.array(beeps(i)) + i * SECONDS / TURNS for i in range(TURNS)])
    offset = seen.heard - put
    assert np.ptp(offset) < 0.003 and np.abs(offset).max() < 0.005
    assert seen.video_s == pytest.approx(seen.audio_s, abs=1 / FPS)
    assert all(b - a > BEEP_S for a, b in pairwise(put))
