"""The video file surface: what is on the disk when, and what is not."""

from __future__ import annotations

import gc
import threading
import warnings
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

import mien
from mien import threads
from mien.errors import Closed, NotWritable, ScriptError
from mien.stage.encoders import PRESETS, options_of
from mien.stage.video_file import VideoFile
from mien.types import Size

SIZE = Size(64, 48)


def encoder_of(file: VideoFile) -> Any:
    """What encodes it, of a file that is encoded here."""
    return file._encoding.encoder


def write(file: VideoFile, frames: int) -> None:
    t = np.arange(1600) / 48_000
    for i in range(frames):
        picture = np.full((48, 64, 4), (20 * i % 256, 90, 160, 255), np.uint8)
        tone = (0.2 * np.sin(2 * np.pi * 440 * t)).astype(np.float32)
        file.write(picture, np.stack([tone, tone], axis=1))


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".webm", ".mov"])
def test_every_container_holds_all_frames_and_as_much_sound(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"a{suffix}"
    with VideoFile(path, SIZE, 30) as file:
        write(file, 30)
    with av.open(str(path)) as container:
        frames = [frame.to_ndarray(format="rgb24")[24, 32] for frame in container.decode(video=0)]
        container.seek(0)
        samples = sum(block.samples for block in container.decode(audio=0))
    assert len(frames) == 30
    assert abs(samples - 48_000) <= 2048
    assert all(abs(int(frame[0]) - 20 * i % 256) <= 6 for i, frame in enumerate(frames) if 20 * i < 256)


def alpha_of(path: Path) -> list[Any]:
    """(h, w) uint8 for each frame."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        name = stream.codec_context.name
        if name != "vp9":
            return [frame.to_ndarray(format="rgba")[..., 3] for frame in container.decode(video=0)]
        # FFmpeg's own decoder knows nothing of the alpha.
        decoder: Any = av.CodecContext.create("libvpx-vp9", "r")
        found = []
        for packet in container.demux(stream):
            if packet.size:
                found += [frame.to_ndarray(format="rgba")[..., 3] for frame in decoder.decode(packet)]
        return found


@pytest.mark.parametrize(("suffix", "frames"), [(".webm", 12), (".apng", 12), (".gif", 6)])
def test_what_is_transparent_stays_so_where_a_file_can_hold_it(
    suffix: str, frames: int, tmp_path: Path
) -> None:
    path = tmp_path / f"a{suffix}"
    size = (64, 48) if suffix == ".webm" else (63, 47)
    with VideoFile(path, size, 30, alpha=True) as file:
        for i in range(12):
            picture = np.zeros((size[1], size[0], 4), np.uint8)
            picture[8:40, i : i + 32] = (200, 40, 20, 255)
            file.write(picture, np.zeros((1600, 2), np.float32))
    alphas = alpha_of(path)
    assert len(alphas) == frames
    step = 12 // frames
    for i, alpha in enumerate(alphas):
        assert alpha.shape == (size[1], size[0])
        assert alpha[20, i * step + 16] > 250 and alpha[20, i * step + 32 + 8] < 5 and alpha[2, 2] < 5
    with av.open(str(path)) as container:
        assert len(container.streams.audio) == (suffix == ".webm")
        colour = next(container.decode(video=0)).to_ndarray(format="rgb24")[20, 16]
    assert np.abs(colour.astype(int) - (200, 40, 20)).max() < 30


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_a_file_that_can_hold_no_alpha_is_refused_where_it_is_asked_for(suffix: str, tmp_path: Path) -> None:
    with pytest.raises(NotWritable, match=r"has no alpha; end the name with \.webm or \.apng or \.gif\."):
        VideoFile(tmp_path / f"a{suffix}", SIZE, 30, alpha=True)
    assert not list(tmp_path.iterdir())


def test_until_it_is_finished_an_older_file_of_that_name_is_untouched(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"old")
    with pytest.raises(RuntimeError), VideoFile(str(path), (64, 48), "30000/1001") as file:
        write(file, 3)
        raise RuntimeError("the host fell over")
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.mp4"]


def test_of_two_recordings_to_one_name_both_are_whole_and_the_last_to_finish_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    with VideoFile(path, SIZE, 30) as second:
        with VideoFile(path, SIZE, 30) as first:
            write(first, 5)
            write(second, 9)
        with av.open(str(path)) as container:
            assert sum(1 for _ in container.decode(video=0)) == 5
    with av.open(str(path)) as container:
        assert sum(1 for _ in container.decode(video=0)) == 9
    assert [p.name for p in tmp_path.iterdir()] == ["a.mp4"]


def test_a_folder_with_a_colon_in_its_name_is_no_protocol(tmp_path: Path) -> None:
    path = tmp_path / "http:" / "host" / "a.mp4"
    path.parent.parent.mkdir()
    with VideoFile(path, SIZE, 30) as file:
        write(file, 2)
    assert path.is_file()


def test_an_interrupted_recording_is_a_playable_file(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    with pytest.raises(KeyboardInterrupt), VideoFile(path, SIZE, 30) as file:
        write(file, 12)
        raise KeyboardInterrupt
    with av.open(str(path)) as container:
        assert sum(1 for _ in container.decode(video=0)) == 12


def test_what_cannot_be_written_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    (tmp_path / "folder.mp4").mkdir()
    for name, size, message in (
        ("a.avi", SIZE, "one of .mp4"),
        ("a", SIZE, "suffix"),
        ("a.mp4", Size(63, 48), "use 64x48"),
        ("folder.mp4", SIZE, "is a folder"),
    ):
        with pytest.raises(NotWritable, match=message):
            VideoFile(tmp_path / name, size, 30)
    assert [p.name for p in tmp_path.iterdir()] == ["folder.mp4"]


def test_a_closed_file_takes_no_more_frames(tmp_path: Path) -> None:
    file = VideoFile(tmp_path / "a.mp4", SIZE, 30)
    write(file, 2)
    file.close()
    file.close()
    with pytest.raises(Closed):
        write(file, 1)


def test_a_quicker_preset_is_told_to_the_encoder_and_still_holds_every_frame(tmp_path: Path) -> None:
    sizes = {}
    for preset in ("ultrafast", "medium"):
        path = tmp_path / f"{preset}.mp4"
        with VideoFile(path, SIZE, 30, preset=preset) as file:
            write(file, 30)
        with av.open(str(path)) as container:
            assert sum(1 for _ in container.decode(video=0)) == 30
        sizes[preset] = path.read_bytes()
    assert sizes["ultrafast"] != sizes["medium"]


def test_the_quick_presets_keep_the_macroblock_tree_and_no_preset_is_lossier_than_another() -> None:
    told = {preset: options_of("libx264", preset) for preset in PRESETS}
    assert {preset for preset, options in told.items() if "mbtree" in options} == {"ultrafast", "superfast"}
    assert {options["crf"] for options in told.values()} == {"17"}


def test_beside_a_stage_h264_leaves_the_renderer_its_cores() -> None:
    assert options_of("libx264", "superfast", live=True)["threads"] == "1"
    assert "threads" not in options_of("libx264", "superfast")


def test_a_preset_that_the_encoder_does_not_have_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(NotWritable, match=r"presets are of H\.264"):
        VideoFile(tmp_path / "a.webm", SIZE, 30, preset="fast")
    with pytest.raises(ScriptError, match="did you mean 'superfast'"):
        VideoFile(tmp_path / "a.mp4", SIZE, 30, preset="superfst")
    assert list(tmp_path.iterdir()) == []


def test_a_picture_of_another_size_or_type_is_refused(tmp_path: Path) -> None:
    with VideoFile(tmp_path / "a.mp4", SIZE, 30) as file:
        write(file, 1)
        for picture in (np.zeros((48, 64, 3), np.uint8), np.zeros((48, 64, 4), np.float32)):
            with pytest.raises(ScriptError, match=r"give one of \(48, 64, 4\) uint8"):
                file.write(picture, np.zeros((0, 2), np.float32))  # type: ignore[arg-type]


def test_an_encoder_that_stands_still_holds_back_who_draws_after_a_few_pictures(tmp_path: Path) -> None:
    """Memory stays bounded, and an older picture is not drawn over before it is encoded."""
    stand, go = threading.Event(), threading.Event()

    class Standing:
        def __init__(self, stream: Any) -> None:
            self.stream = stream

        def encode(self, frame: object) -> Any:
            stand.set()
            go.wait()
            return self.stream.encode(frame)

    path = tmp_path / "a.mp4"
    with VideoFile(path, SIZE, 30) as file:
        encoder_of(file).video = Standing(encoder_of(file).video)
        written = 0

        def draw() -> None:
            nonlocal written
            picture = np.zeros((48, 64, 4), np.uint8)
            for i in range(12):
                picture[:] = (20 * i, 90, 160, 255)
                file.write(picture, np.zeros((0, 2), np.float32))
                written = i + 1

        drawing = threading.Thread(target=draw)
        drawing.start()
        assert stand.wait(20)
        while written < 4:
            drawing.join(0.001)
        # The fifth waits until the encoder is done with one.
        assert drawing.is_alive()
        assert written == 4
        go.set()
        drawing.join()
    with av.open(str(path)) as container:
        reds = [int(frame.to_ndarray(format="rgb24")[24, 32, 0]) for frame in container.decode(video=0)]
    assert len(reds) == 12
    assert all(abs(red - 20 * i) <= 6 for i, red in enumerate(reds))


class _FullDisk:
    """A stream that takes frames and fails when it is flushed."""

    def encode(self, frame: object) -> list[object]:
        if frame is None:
            raise OSError(28, "No space left on device")
        return []


def test_a_disk_that_fills_up_at_the_very_end_is_an_error_and_no_hang(tmp_path: Path) -> None:
    file = VideoFile(tmp_path / "a.mp4", SIZE, 30)
    encoder_of(file).video = _FullDisk()
    write(file, 2)
    with pytest.raises(NotWritable, match="No space left"):
        file.close()
    assert list(tmp_path.iterdir()) == []


def test_what_fails_for_another_reason_than_space_is_not_told_to_free_some(tmp_path: Path) -> None:
    class Refusing:
        def encode(self, frame: object) -> list[object]:
            raise OSError(5, "Input/output error")

    file = VideoFile(tmp_path / "a.mp4", SIZE, 30)
    encoder_of(file).video = Refusing()
    write(file, 1)
    with pytest.raises(NotWritable, match="Input/output error") as told:
        file.close()
    assert "free some space" not in str(told.value)


def test_an_encoder_that_fails_where_threads_are_short_says_how_many_it_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FFmpeg says `Generic error in an external library` then."""

    class Refusing:
        def encode(self, frame: object) -> list[object]:
            raise av.error.ExternalError(-542398533, "Generic error in an external library")

    for enough in (True, False):
        monkeypatch.setattr(threads, "can_start", lambda number, enough=enough: enough)
        monkeypatch.setattr(threads, "cores", lambda: 2)
        file = VideoFile(tmp_path / "a.mp4", SIZE, 30)
        encoder_of(file).video = Refusing()
        write(file, 1)
        with pytest.raises(NotWritable, match=r"a\.mp4: ") as told:
            file.close()
        short = "a.mp4: encoding takes up to 8 threads, and not so many could be started"
        assert (short in str(told.value)) == (not enough)
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_while_the_file_is_finished_waits_until_it_is_playable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.mp4"
    file = VideoFile(path, SIZE, 30)
    write(file, 12)
    wait, presses = file._encoding.thread.wait, iter(range(8))  # more than the queue has places

    def impatient() -> None:
        if next(presses, None) is not None:
            raise KeyboardInterrupt
        wait()

    monkeypatch.setattr(file._encoding.thread, "wait", impatient)
    with pytest.raises(KeyboardInterrupt):
        file.close()
    with av.open(str(path)) as container:
        assert sum(1 for _ in container.decode(video=0)) == 12
    assert [p.name for p in tmp_path.iterdir()] == ["a.mp4"]


def test_an_end_that_is_told_twice_is_one(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    file = VideoFile(path, (16, 16), 30)
    file.write(np.full((16, 16, 4), 255, np.uint8), np.zeros((1600, 2), np.float32))
    for _ in range(2):
        file._end(True)
    file._encoding.thread.wait()
    file.close()
    with av.open(str(path)) as video:
        assert sum(1 for _ in video.decode(video=0)) == 1


def test_a_file_that_nobody_closed_is_given_up_with_a_warning(tmp_path: Path) -> None:
    file = VideoFile(tmp_path / "a.mp4", SIZE, 30)
    write(file, 3)
    thread = file._encoding.thread
    with pytest.warns(ResourceWarning, match=r"a\.mp4: a VideoFile was dropped, and"):
        del file
        gc.collect()
    thread.wait()
    assert list(tmp_path.iterdir()) == []
    with warnings.catch_warnings():  # one that was closed is dropped without a word
        warnings.simplefilter("error")
        with VideoFile(tmp_path / "b.mp4", SIZE, 30) as closed:
            write(closed, 1)
        del closed
        gc.collect()


def test_no_thread_for_the_encoder_is_a_sentence_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none_left(_: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", none_left)
    with pytest.raises(NotWritable, match=r"a\.mp4: no thread more could be started") as told:
        VideoFile(tmp_path / "a.mp4", SIZE, 30)
    assert told.traceback and list(tmp_path.iterdir()) == []


def test_frames_that_several_threads_write_at_once_are_all_there_each_with_its_sound(tmp_path: Path) -> None:
    with VideoFile(tmp_path / "a.mkv", SIZE, 30) as file:
        threads = [threading.Thread(target=write, args=(file, 25)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    with av.open(str(tmp_path / "a.mkv")) as container:
        assert sum(1 for _ in container.decode(video=0)) == 100
    with av.open(str(tmp_path / "a.mkv")) as container:
        assert sum(frame.samples for frame in container.decode(audio=0)) >= 100 * 1600


def test_sound_beyond_full_scale_is_cut_and_what_a_mask_hides_is_refused(tmp_path: Path) -> None:
    picture = np.zeros((48, 64, 4), np.uint8)
    with VideoFile(tmp_path / "a.mkv", SIZE, 30) as file:
        hidden = np.ma.masked_invalid(np.full((1600, 2), np.nan, np.float32))
        with pytest.raises(ScriptError, match="sound holds NaN"):
            file.write(picture, hidden)
        file.write(picture, np.full((1600, 2), 6.0, np.float32))
        file.write(picture, np.zeros((1600, 2), np.float32))
    with av.open(str(tmp_path / "a.mkv")) as container:
        assert max(np.abs(frame.to_ndarray()).max() for frame in container.decode(audio=0)) < 2.0


def test_an_encoder_that_refuses_leaves_nothing_open_and_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = []
    really_open = av.open

    class Refusing:
        def __init__(self, *args: object, **options: object) -> None:
            self.container = really_open(*args, **options)  # type: ignore[call-overload]
            self.closed = False
            opened.append(self)

        def add_stream(self, *args: object, **options: object) -> None:
            raise ValueError("no such layout")

        def close(self) -> None:
            self.closed = True
            self.container.close()

    monkeypatch.setattr(av, "open", Refusing)
    with pytest.raises(NotWritable, match="no such layout"):
        VideoFile(tmp_path / "a.mp4", SIZE, 30)
    assert [container.closed for container in opened] == [True]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "name",
    ["12:30.mp4", "file:x.mp4", "-.mp4", "%d.mp4", "pipe:1.mkv", "ü ☺.webm", f"{'n' * 251}.mp4"],
)
def test_every_name_that_the_system_takes_is_taken(name: str, tmp_path: Path) -> None:
    with VideoFile(tmp_path / name, SIZE, 30) as file:
        write(file, 3)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_relative_name_with_a_colon_is_a_file_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with VideoFile(Path("12:30.mp4"), SIZE, 30) as file:
        write(file, 3)
    assert [path.name for path in tmp_path.iterdir()] == ["12:30.mp4"]


def test_a_name_too_long_for_the_system_is_refused_before_the_first_frame(tmp_path: Path) -> None:
    with pytest.raises(NotWritable, match="cannot be written"):
        VideoFile(tmp_path / f"{'n' * 252}.mp4", SIZE, 30)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("suffix", [".mp4", ".webm"])
def test_a_broadcast_rate_is_kept_and_picture_and_sound_are_of_one_length(
    tmp_path: Path, suffix: str
) -> None:
    path, frames = tmp_path / f"out{suffix}", 61
    with mien.open_stage({"wren": "wren"}, size=(64, 48), fps=29.97) as stage:
        assert str(stage.fps) == "29.97"
        with VideoFile(path, Size(64, 48), stage.fps) as video:
            for _ in range(frames):
                picture = stage.frame()
                video.write(picture, stage.sound)
    with av.open(str(path)) as file:
        stream = file.streams.video[0]
        assert stream.average_rate == Fraction(30000, 1001)
        times = [float(frame.pts * frame.time_base) for frame in file.decode(video=0)]
    assert len(times) == frames
    assert abs(times[-1] - 60 * 1001 / 30000) < 0.002
    with av.open(str(path)) as file:
        heard = sum(frame.samples for frame in file.decode(audio=0))
    assert abs(heard / 48_000 - frames * 1001 / 30000) < 1.5 / 29.97


def test_what_is_no_picture_or_no_sound_is_refused_and_nothing_of_it_is_written(tmp_path: Path) -> None:
    path, picture, sound = tmp_path / "a.mp4", np.full((48, 64, 4), 255, np.uint8), np.zeros((1600, 2))
    silence = sound.astype(np.float32)
    bad: list[tuple[Any, Any]] = [
        (None, silence),
        ([1], silence),
        (picture, None),
        (picture, sound),
        (picture, silence[:, 0]),
        (picture, np.zeros((1600, 3), np.float32)),
        *((picture, np.full_like(silence, level)) for level in (np.nan, np.inf, -np.inf, 1e30)),
    ]
    with VideoFile(path, SIZE, 30) as file:
        write(file, 2)
        for shown, heard in bad:
            with pytest.raises(ScriptError, match=r"picture|sound"):
                file.write(shown, heard)
        file.write(picture, silence[:0])
    with av.open(str(path)) as container:
        assert sum(1 for _ in container.decode(video=0)) == 3
