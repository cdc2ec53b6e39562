"""A clip of a live stage: each frame shows what was seen at its time, and no frame waits for it."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from mien.clock import FrameRate
from mien.errors import NotWritable
from mien.stage import encoding
from mien.stage import recorder as module
from mien.stage.camera import Camera, free_name
from mien.stage.recorder import Recorder
from mien.types import F32, U8, Size

SIZE, RATE = Size(65, 49), FrameRate.of(30)
STEP = 1600
NOON = time.strptime("2026-03-04 12:00:05", "%Y-%m-%d %H:%M:%S")


def picture(level: int) -> U8:
    made = np.full((SIZE.height, SIZE.width, 4), level, np.uint8)
    made[..., 3] = 255
    return made


def ramp(start: int, count: int) -> F32:
    """Sound that tells which sample it is."""
    return np.repeat(((np.arange(start, start + count) % 9600) / 9600).astype(np.float32)[:, None], 2, 1)


class Film:
    """What came to a VideoFile."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.levels: list[int] = []
        self.sound: list[F32] = []
        self.gate = threading.Event()
        self.gate.set()
        write = module.VideoFile.write

        def written(file: Any, picture: U8, sound: F32) -> None:
            self.gate.wait()
            self.levels.append(int(picture[0, 0, 0]))
            self.sound.append(sound)
            write(file, picture, sound)

        monkeypatch.setattr(module.VideoFile, "write", written)
        # What comes to it is looked at, and not what encodes it.
        monkeypatch.setattr(encoding, "can_work_apart", lambda: False)


@pytest.fixture
def film(monkeypatch: pytest.MonkeyPatch) -> Film:
    return Film(monkeypatch)


def recorder(path: Path, told: list[str] | None = None) -> Recorder:
    heard = told if told is not None else []
    return Recorder(path, SIZE, RATE, alpha=False, done=lambda _, wrong: heard.append(wrong))


def test_frames_are_placed_by_the_sound_and_the_picture_before_fills_what_was_left_out(
    film: Film, tmp_path: Path
) -> None:
    told: list[str] = []
    clip = recorder(tmp_path / "a.mp4", told)
    first = 48_123
    # Frame 3 was left out, frame 5 is the same as the one before; all of them are a little late or early.
    for nth, off, other in (
        (0, 0, True),
        (1, 30, True),
        (2, -40, True),
        (4, 25, True),
        (5, 0, False),
        (6, 9, True),
    ):
        clip.add(first + nth * STEP + off, picture(10 * nth) if other else None, ramp(nth * STEP, STEP))
        if nth == 4:
            clip.add(first + 4 * STEP + 25, None, ramp(3 * STEP, 0))
    clip.end()
    clip.end()
    clip.wait()
    assert film.levels == [0, 10, 20, 20, 40, 40, 60]
    sound = np.concatenate(film.sound)
    assert len(sound) == 7 * STEP
    assert np.array_equal(sound[: 3 * STEP], ramp(0, 3 * STEP))
    assert told == [""] and clip.ended
    with av.open(str(tmp_path / "a.mp4")) as container:
        assert sum(1 for _ in container.decode(video=0)) == 7
        assert (container.streams.video[0].width, container.streams.video[0].height) == (64, 48)


def test_where_the_encoder_is_too_slow_nobody_waits_and_the_picture_before_stays(
    film: Film, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_MOST_WAITING", 3)
    film.gate.clear()
    clip = recorder(tmp_path / "a.mkv")
    for nth in range(30):
        clip.add(nth * STEP, picture(8 * nth), ramp(nth * STEP, STEP))
    assert clip.dropped == 27
    film.gate.set()
    clip.end()
    clip.wait()
    assert film.levels == [0, 8, *[16] * 28]
    assert np.array_equal(np.concatenate(film.sound), ramp(0, 30 * STEP)), "all of the sound is there"


def test_a_stage_that_goes_back_is_followed(film: Film, tmp_path: Path) -> None:
    clip = recorder(tmp_path / "a.mkv")
    for nth, at in enumerate((90, 91, 92, 10, 11, 12)):
        clip.add(at * STEP, picture(10 * nth), ramp(0, STEP))
    clip.end()
    clip.wait()
    assert film.levels[:2] == [0, 10] and film.levels[-2:] == [40, 50] and len(film.levels) == 5


def test_a_clip_of_nothing_leaves_no_file_and_is_told(tmp_path: Path) -> None:
    told: list[str] = []
    clip = recorder(tmp_path / "a.mp4", told)
    clip.end()
    clip.wait()
    assert not list(tmp_path.iterdir())
    assert told == [f"{tmp_path / 'a.mp4'} was not saved: no frame was shown of it."]


def test_what_cannot_be_written_is_told_when_it_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(NotWritable):
        recorder(tmp_path / "file" / "a.mp4")
    with pytest.raises(NotWritable, match="suffix"):
        recorder(tmp_path / "a.avi")

    def full(*_: object) -> None:
        raise NotWritable("a.mp4: the disk is full.")

    monkeypatch.setattr(module.VideoFile, "write", full)
    told: list[str] = []
    clip = recorder(tmp_path / "a.mp4", told)
    for nth in range(3):
        clip.add(nth * STEP, picture(1), ramp(0, STEP))
    clip.wait()
    assert told == ["a.mp4: the disk is full."] and clip.ended
    assert [one.name for one in tmp_path.iterdir()] == ["file"]


def test_files_are_named_by_title_and_time_and_none_is_written_over(tmp_path: Path) -> None:
    first = free_name(tmp_path, 'Soup: "a/b"\n', ".png", NOON)
    assert first.name == "Soup a b 2026-03-04 12.00.05.png"
    first.touch()
    assert free_name(tmp_path, 'Soup: "a/b"', ".png", NOON).name == "Soup a b 2026-03-04 12.00.05 (2).png"
    assert free_name(tmp_path, "..", ".mp4", NOON).name == "Mien 2026-03-04 12.00.05.mp4"
    assert len(free_name(tmp_path, "x" * 300, ".mp4", NOON).name) < 120


class Reads:
    """A compositor whose picture arrives only for who waits."""

    def __init__(self) -> None:
        self.begun = 0
        self.merged = False
        """Whether the last reading may become part of the next."""

    def begin_read(self, number: int, *, merge: bool = True) -> None:
        self.begun, self.merged = number, merge

    def take_read(self, *, wait: bool = False) -> tuple[int, U8] | None:
        return (self.begun, picture(100)) if wait else None


@pytest.fixture
def camera(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Camera:
    monkeypatch.chdir(tmp_path)
    counted: Any = None  # no clip, no count
    compositor: Any = Reads()
    return Camera(compositor, counted, SIZE, RATE, alpha=False, title="", dropped=counted)


def test_stills_that_are_not_written_yet_have_names_of_their_own(camera: Camera) -> None:
    paths = [camera.still(None) for _ in range(5)]
    assert len(set(paths)) == 5
    camera.drawn(0, changed=True)
    camera.close()
    assert all(path.is_file() for path in paths)


def test_a_still_of_the_last_frame_is_written_and_one_of_no_frame_is_told(camera: Camera) -> None:
    camera.still("last.png")
    camera.drawn(0, changed=True)
    camera.look()
    camera.still("never.png")
    camera.close()
    assert Path("last.png").is_file() and not Path("never.png").exists()
    assert sorted(camera.said) == [
        "never.png was not saved: no frame was shown after it was wanted.",
        f"saved {Path('last.png').absolute()}",
    ]


def test_a_still_waits_for_a_frame_that_is_exact_and_the_next_frame_for_the_still(camera: Camera) -> None:
    path, reads = camera.still("a.png"), camera._compositor
    assert isinstance(reads, Reads)
    camera.drawn(0, changed=True, exact=False)
    assert (camera.wants_still, reads.begun) == (True, 0)
    camera.drawn_exact(0)
    assert (camera.wants_still, reads.begun, reads.merged) == (False, 1, False)
    assert [camera.look(), camera.look()] == [True, False]
    camera.close()
    assert path.is_file()


class Late:
    """A compositor whose pictures arrive a frame after they were drawn, and what is heard beside."""

    def __init__(self) -> None:
        self.drawn: list[tuple[int, int]] = []
        """Number and level of what was not taken yet."""
        self.level = 0
        self.heard = 0

    def begin_read(self, number: int, *, merge: bool = True) -> None:
        self.drawn.append((number, self.level))

    def take_read(self, *, wait: bool = False) -> tuple[int, U8] | None:
        if not self.drawn:
            return None
        number, level = self.drawn[-1] if wait else self.drawn.pop(0)
        if wait:
            self.drawn.clear()
        return number, picture(level)

    def position(self) -> int:
        return self.heard

    def between(self, start: int, end: int) -> F32:
        return ramp(start, end - start)


class Rolling:
    """A camera, and frames that are drawn before it: frame n shows level 10 n."""

    dropped = 0

    def __init__(self) -> None:
        stage: Any = self
        self.late = Late()
        late: Any = self.late
        self.camera = Camera(late, late, SIZE, RATE, alpha=False, title="", dropped=stage)

    def frames(self, numbers: range) -> None:
        for nth in numbers:
            self.late.heard, self.late.level = nth * STEP, 10 * nth
            self.camera.look()
            self.camera.drawn(nth * STEP, changed=True)


@pytest.mark.parametrize("goes_on", [True, False], ids=["frames go on", "the window is closed"])
def test_a_clip_ends_with_the_frame_that_was_seen_last(film: Film, tmp_path: Path, goes_on: bool) -> None:
    roll = Rolling()
    path = roll.camera.record(tmp_path / "a.mkv", ".mkv")
    roll.frames(range(5))
    roll.camera.stop()
    assert roll.camera.recording is None
    if goes_on:
        roll.frames(range(5, 8))
    roll.camera.close()
    assert film.levels == [0, 10, 20, 30, 40]
    assert list(roll.camera.said) == [f"saved {path}"]


def test_a_clip_is_being_written_from_its_end_until_it_is_there(film: Film, tmp_path: Path) -> None:
    roll = Rolling()
    film.gate.clear()
    path = roll.camera.record(tmp_path / "a.mkv", ".mkv")
    roll.frames(range(5))
    assert roll.camera.writing is None
    roll.camera.stop()
    seen = [roll.camera.writing]
    assert not path.is_file()
    film.gate.set()
    roll.camera.close()
    assert [*seen, roll.camera.writing] == [path, None] and path.is_file()


def test_a_clip_that_begins_while_frames_of_the_one_before_are_under_way_has_its_own(
    film: Film, tmp_path: Path
) -> None:
    roll = Rolling()
    for nth, name in enumerate(("a.mkv", "b.mkv")):
        roll.camera.record(tmp_path / name, ".mkv")
        roll.frames(range(4 * nth, 4 * nth + 4))
        roll.camera.stop()
    roll.camera.close()
    assert sorted(film.levels) == [0, 10, 20, 30, 40, 50, 60, 70]


def test_ctrl_c_while_a_clip_is_finished_waits_until_it_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wait, pressed = Recorder.wait, [KeyboardInterrupt()]

    def interrupted(self: Recorder) -> None:
        if pressed:
            raise pressed.pop()
        wait(self)

    monkeypatch.setattr(Recorder, "wait", interrupted)
    roll = Rolling()
    path = roll.camera.record(tmp_path / "a.mkv", ".mkv")
    roll.frames(range(5))
    with pytest.raises(KeyboardInterrupt):
        roll.camera.close()
    assert list(roll.camera.said) == [f"saved {path}"] and path.is_file()
