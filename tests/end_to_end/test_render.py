"""The main job on real input: the bundled short conversation to a file, probed with PyAV."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from cli.short import brief
from mien.catalog import bundled
from mien.cli import main
from mien.stage.offline import Stage
from mien.stage.quiet import TAIL_S
from mien.talk import load_conversation
from mien.talk.events import TurnEvent
from mien.types import F32

WIDTH, HEIGHT, FPS = 256, 144, 15


def mien(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", "-m", "mien.cli", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("render")
    ran = mien(
        "render", "hello", "-o", str(folder / "a.mp4"), "--size", f"{WIDTH}x{HEIGHT}", "--fps", str(FPS),
        "--ledger", str(folder / "a.jsonl"), "--json",
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    frames, sound = [], []
    with av.open(str(folder / "a.mp4")) as file:
        streams = {stream.type: stream for stream in file.streams}
        video_s = float(streams["video"].duration * streams["video"].time_base)
        audio_s = float(streams["audio"].duration * streams["audio"].time_base)
        for frame in file.decode(streams["video"]):
            frames.append(frame.to_ndarray(format="gray"))
        file.seek(0)
        for block in file.decode(streams["audio"]):
            sound.append(block.to_ndarray())
    ledger = [json.loads(line) for line in (folder / "a.jsonl").read_text().splitlines()]
    return {
        "folder": folder,
        "verdict": json.loads(ran.stdout),
        "ledger": ledger,
        "frames": np.stack(frames),
        "sound": np.concatenate(sound, axis=1),
        "video_s": video_s,
        "audio_s": audio_s,
    }


@pytest.fixture(scope="module")
def played() -> tuple[F32, list[TurnEvent]]:
    """The same conversation on a stage of few pixels, and few frames, which sound the same: all its sound,
    (n, 2), and what it told."""
    sound, told = [], []
    with Stage.of(load_conversation(bundled("conversations", "hello")), size=(32, 32), fps=4) as stage:
        for _ in stage.frames():
            sound.append(stage.sound.copy())
            told += stage.events()
    return np.concatenate(sound), told


def test_both_streams_are_there_and_as_long_as_each_other(rendered: dict[str, Any]) -> None:
    frames = len(rendered["frames"])
    assert rendered["verdict"]["frames_produced_total"] == frames
    assert rendered["video_s"] == pytest.approx(frames / FPS, abs=1e-6)
    assert abs(rendered["video_s"] - rendered["audio_s"]) < 1 / FPS
    assert frames / FPS > 15


def test_nothing_was_missed_concealed_or_made_after_ready(rendered: dict[str, Any]) -> None:
    verdict = rendered["verdict"]
    for zero in (
        "l1_miss_total",
        "upload_events_total",
        "shader_compile_after_ready_total",
        "gl_alloc_after_ready_total",
        "audio_underruns_total",
        "audio_concealed_ms",
        "frames_dropped_total",
    ):
        assert verdict[zero] == 0, zero
    assert verdict["warnings"] == []


def test_the_ledger_has_a_record_of_every_frame(rendered: dict[str, Any]) -> None:
    records = [line for line in rendered["ledger"] if line["kind"] == "frame"]
    assert [record["frame"] for record in records] == list(range(len(rendered["frames"])))
    assert [record["at_sample"] for record in records] == [i * 48_000 // FPS for i in range(len(records))]
    assert sum(record["l1_rebuilds"] for record in records) > 100
    assert any(record["speaking"] for record in records)


def test_the_file_sounds_as_the_turns_do(
    rendered: dict[str, Any], played: tuple[F32, list[TurnEvent]]
) -> None:
    """Speech lies in the file where the script says it does, to within a frame."""
    heard, _ = played
    n = min(len(heard), rendered["sound"].shape[1])
    ours = np.abs(heard[:n]).max(axis=1)
    file = np.abs(rendered["sound"][:, :n]).max(axis=0)
    hop = 480
    a = ours[: n // hop * hop].reshape(-1, hop).max(axis=1)
    b = file[: n // hop * hop].reshape(-1, hop).max(axis=1)
    scores = {shift: float(np.corrcoef(a[20:-20], np.roll(b, shift)[20:-20])[0, 1]) for shift in range(-8, 9)}
    best = max(scores, key=lambda shift: scores[shift])
    assert abs(best) * hop / 48_000 <= 1 / FPS
    assert scores[best] > 0.98


def test_mouths_move_with_the_sound_and_rest_in_silence(
    rendered: dict[str, Any], played: tuple[F32, list[TurnEvent]]
) -> None:
    """In each turn the speaker's mouth changes in every third frame at least; in the tail nobody's does."""
    conversation = load_conversation(bundled("conversations", "hello"))
    with Stage.of(conversation, size=(WIDTH, HEIGHT), fps=FPS) as stage:
        boxes = {key: stage.bounds(key, "mouth") for key in ("wren", "otto")}
    _, spans = played
    frames = rendered["frames"].astype(np.int16)
    changes = np.abs(np.diff(frames, axis=0)) > 16
    started = {event.turn: event for event in spans if event.kind == "started"}
    ended = {event.turn: event for event in spans if event.kind == "finished"}
    assert len(started) == len(ended) == len(conversation.turns)
    for turn in conversation.turns:
        x, y, width, height = boxes[turn.speaker]
        first, last = (round(e.at / 48_000 * FPS) for e in (started[turn.key], ended[turn.key]))  # type: ignore[operator]
        region = changes[first:last, y : y + height, x : x + width]
        # A shape is held for two frames, and in pauses the mouth is shut.
        assert (region.sum(axis=(1, 2)) > 2).mean() > 0.33, turn.key
    quiet = changes[-round(0.5 * TAIL_S * FPS) :]
    for x, y, width, height in boxes.values():
        moving = quiet[:, y : y + height, x : x + width].mean(axis=(1, 2))
        assert moving.max() < 0.08


def test_the_same_command_twice_gives_identical_frames(tmp_path: Path) -> None:
    videos, talk = [], str(brief(tmp_path / "talk"))
    for name in ("a.mp4", "b.mp4"):
        assert (
            main(["render", talk, "-o", str(tmp_path / name), "--size", "192x108", "--seconds", "0.5"]) == 0
        )
        with av.open(str(tmp_path / name)) as file:
            videos.append([frame.to_ndarray(format="gray") for frame in file.decode(video=0)])
    assert len(videos[0]) == len(videos[1]) == 15
    for number, (one, other) in enumerate(zip(*videos, strict=True)):
        assert np.array_equal(one, other), f"frame {number} differs"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("render", "helo"), "did you mean 'hello'?"),
        (("render", "nowhere/conversation.toml"), "no such file"),
        (("render", "hello", "-o", "out.avi"), "suffix"),
        (("render", "hello", "-o", "x.mp4", "--size", "641x360"), "even"),
        (("render", "hello", "-o", "/proc/nowhere/x.mp4"), "choose another place"),
        (("render", "hello", "-o", "..", "--size", "64x36"), "is a folder"),
        (("still", "wrem"), "did you mean 'wren'?"),
        (("still", "wren", "--expression", "hapyy"), "did you mean 'happy'?"),
        (("still", "wren", "-o", "x.jpg"), ".png"),
        (("still", "wren", "--gesture", "chn"), "did you mean 'chin'?"),
        (
            ("inspect", "nosuch"),
            "characters (mizzle, otto, wren) and conversations (forecast, hello, night_shift, open_door)",
        ),
        (("pack", "nobody"), "not among the bundled"),
        (("still", __file__), "is not a character"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_mistake_gets_one_sentence_and_no_traceback(
    arguments: tuple[str, ...],
    sentence: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 1
    told = capsys.readouterr()
    assert sentence in told.err and not told.out
    assert "Traceback" not in told.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("option", "value", "advice"),
    [("--size", "wide", "write width x height"), ("--seconds", "-1", "write seconds above 0")],
)
def test_an_unplayable_option_is_refused_by_the_command_line(
    option: str, value: str, advice: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["render", "hello", option, value])
    assert ended.value.code == 2
    assert advice in capsys.readouterr().err


def test_a_part_is_as_long_as_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    small = ["--size", "64x36", "--seconds", "0.5", "--json"]
    assert main(["render", str(brief(tmp_path / "talk")), "-o", str(tmp_path / "a.mp4"), *small]) == 0
    assert json.loads(capsys.readouterr().out)["frames_produced_total"] == 15
