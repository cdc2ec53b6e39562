"""A clip beside frames that must not be late is encoded by a process of its own; nothing is lost by it."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from mien.errors import NotWritable
from mien.stage import encoder_apart
from mien.stage.encoder import Encoder
from mien.stage.encoder_apart import EncoderApart
from mien.stage.encoder_child import has_room
from mien.stage.video_file import VideoFile
from mien.types import F32, U8

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no memory can be handed to a process there")

SIZE = (64, 48)


def picture(level: int) -> U8:
    made = np.full((SIZE[1], SIZE[0], 4), level, np.uint8)
    made[..., 3] = 255
    return made


def tone(count: int) -> F32:
    wave = 0.5 * np.sin(np.arange(count) * (2 * np.pi * 440 / 48_000), dtype=np.float32)
    return np.repeat(wave[:, None], 2, 1)


def process_of(file: VideoFile) -> Any:
    """Of a file that has begun to encode."""
    encoding = file._encoding
    encoding._changed.wait_until(lambda: encoding._has_frames or encoding.failure is not None)
    return encoding.encoder


@pytest.mark.parametrize("suffix", [".mp4", ".webm", ".apng", ".gif"])
def test_it_holds_every_picture_and_all_of_the_sound(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    with VideoFile(path, SIZE, 25, live=True, alpha=suffix != ".mp4") as file:
        for nth in range(12):
            file.write(picture(20 * nth), tone(1920))
        encoder = process_of(file)
        assert isinstance(encoder, EncoderApart)
        pid = encoder.pid
    assert pid is not None and not Path(f"/proc/{pid}").exists()
    with av.open(str(path)) as container:
        levels = [int(one.to_ndarray(format="rgb24")[24, 32, 0]) for one in container.decode(video=0)]
    assert len(levels) == 12
    assert all(abs(level - 20 * nth) <= 8 for nth, level in enumerate(levels))
    if suffix in (".mp4", ".webm"):
        with av.open(str(path)) as container:
            heard = np.concatenate([one.to_ndarray() for one in container.decode(audio=0)], axis=1)
        assert heard.shape[1] >= 12 * 1920
        assert 0.3 < np.abs(heard[:, 1920 : 11 * 1920]).max() < 0.7


def test_a_picture_that_is_not_in_the_shared_memory_is_encoded_as_well(tmp_path: Path) -> None:
    """As after Ctrl-C within a write, which loses a place of it."""
    with VideoFile(tmp_path / "a.mp4", SIZE, 25, live=True) as file:
        for nth in range(6):
            file._encoding._spare.clear()
            file.write(picture(40 * nth), tone(0))
    with av.open(str(tmp_path / "a.mp4")) as container:
        levels = [int(one.to_ndarray(format="rgb24")[24, 32, 0]) for one in container.decode(video=0)]
    assert all(abs(level - 40 * nth) <= 8 for nth, level in enumerate(levels)) and len(levels) == 6


@pytest.mark.parametrize(
    "how",
    [
        "none can be started",
        "it fails at once",
        "it cannot open the file",
        "its encoders take no such pictures",
    ],
)
def test_where_there_can_be_no_process_it_is_encoded_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise OSError(11, "Resource temporarily unavailable")

    if how == "none can be started":
        monkeypatch.setattr(encoder_apart, "begin_python", refused)
    elif how == "it fails at once":
        monkeypatch.setattr(encoder_apart, "_CODE", "import os; os._exit(3)")
    elif how == "its encoders take no such pictures":
        monkeypatch.setattr(encoder_apart, "_CODE", """print('{"error": "Invalid argument"}')""")
    else:
        monkeypatch.setattr(encoder_apart.json, "dumps", lambda told: json_of_another_folder(tmp_path, told))
    with VideoFile(tmp_path / "a.mp4", SIZE, 25, live=True) as file:
        for nth in range(6):
            file.write(picture(nth), tone(1920))
        assert isinstance(process_of(file), Encoder)
    with av.open(str(tmp_path / "a.mp4")) as container:
        assert sum(1 for _ in container.decode(video=0)) == 6
    assert [one.name for one in tmp_path.iterdir()] == ["a.mp4"]


def json_of_another_folder(folder: Path, told: dict[str, Any]) -> str:
    return repr({**told, "path": str(folder / "none" / "a.mp4"), "size": list(told["size"])}).replace(
        "'", '"'
    )


def test_a_process_that_is_killed_is_told_in_a_sentence_and_leaves_nothing(tmp_path: Path) -> None:
    file = VideoFile(tmp_path / "a.mp4", SIZE, 25, live=True)
    file.write(picture(1), tone(1920))
    pid = process_of(file).pid
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(NotWritable, match=r"a\.mp4: the process that encodes has ended \(status -9\), as wh"):
        for _ in range(50):
            file.write(picture(1), tone(1920))
        file.close()
    file.close(keep=False)
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits of another process are set")
def test_a_disk_that_is_full_is_told_as_where_it_is_encoded_here(tmp_path: Path) -> None:
    import resource

    file = VideoFile(tmp_path / "a.apng", SIZE, 25, live=True)
    file.write(picture(1), tone(0))
    resource.prlimit(process_of(file).pid, resource.RLIMIT_FSIZE, (2000, 2000))
    noise = np.random.default_rng(1).integers(0, 255, (SIZE[1], SIZE[0], 4), np.uint8)
    with pytest.raises(NotWritable, match=r"a\.apng: cannot be written \(File too large\)"):
        for _ in range(60):
            file.write(noise, tone(0))
        file.close()
    file.close(keep=False)
    assert not list(tmp_path.iterdir())


def test_it_ends_with_the_program_that_asks(tmp_path: Path) -> None:
    file = VideoFile(tmp_path / "a.mp4", SIZE, 25, live=True)
    file.write(picture(1), tone(0))
    process = process_of(file)._process
    process.stdin.close()  # as a program that is killed leaves it
    assert process.wait(20) == 0
    file.close(keep=False)
    assert not list(tmp_path.iterdir())


def test_where_all_cores_are_wanted_it_does_not_step_aside() -> None:
    assert has_room(450, 300)
    assert not has_room(3000, 300)


def test_one_that_does_not_answer_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder_apart, "_OPENS_S", 0.0)
    monkeypatch.setattr(encoder_apart, "_CODE", "import sys; sys.stdin.read()")
    path = tmp_path / "a.mp4"
    with VideoFile(path, SIZE, 25, live=True) as file:
        file.write(picture(99), tone(1920))
        assert isinstance(process_of(file), Encoder)
    assert path.stat().st_size > 100
