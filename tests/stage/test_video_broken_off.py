"""A video file whose calls Ctrl-C breaks off, or a handler of a signal within them writes and closes."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from interrupting import interrupted_at
from mien import interrupts
from mien.errors import Closed
from mien.stage import encoder, encoder_apart, encoding, video_file
from mien.stage.video_file import VideoFile

FILES = (video_file.__file__, encoding.__file__, encoder.__file__)
PICTURE, SOUND = np.full((16, 16, 4), 200, np.uint8), np.zeros((1600, 2), np.float32)


def press() -> None:
    raise KeyboardInterrupt


def frames(path: Path) -> int:
    with av.open(str(path)) as container:
        return sum(1 for _ in container.decode(video=0))


def encoders_end() -> None:
    gc.collect()
    for thread in threading.enumerate():
        if thread.name == "mien-encode":
            thread.join(20)
            assert not thread.is_alive()


def on_a_thread(work: Callable[[], object]) -> None:
    """A test that would wait for ever fails."""
    done = list[object]()
    thread = threading.Thread(target=lambda: done.append(work()), daemon=True)
    thread.start()
    thread.join(60)
    assert done


@pytest.mark.parametrize("files", [FILES, (interrupts.__file__,)], ids=["calls", "waits"])
def test_ctrl_c_at_any_line_leaves_the_file_whole_or_gone(tmp_path: Path, files: tuple[str, ...]) -> None:
    """At each fifth of them: all, from five beginnings, take minutes."""
    path, line, hit = tmp_path / "a.mp4", 0, True
    while hit:
        written = list[int]()

        def record(written: list[int] = written) -> None:
            with VideoFile(path, (16, 16), 30) as file:
                for number in range(2):
                    file.write(PICTURE, SOUND)
                    written.append(number)

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            with suppress(KeyboardInterrupt):
                hit = interrupted_at(line, record, files, press)
            encoders_end()
        names = [one.name for one in tmp_path.iterdir()]
        assert names == ["a.mp4"] or not (names or written), line
        if names:
            assert len(written) <= frames(path) <= len(written) + 1, line
            path.unlink()
        line += 5
    assert line > 50


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="descriptors are looked at")
@pytest.mark.parametrize("begun", [False, True], ids=["before it begins", "when it has begun"])
def test_ctrl_c_at_the_start_of_its_thread_leaves_neither_file_nor_shared_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, begun: bool
) -> None:
    def shared() -> set[str]:
        opened = Path("/proc/self/fd").iterdir()
        return {link.name for link in opened if "mien-shared" in os.path.realpath(link)}

    start = encoding.start_thread

    def broken_off(thread: threading.Thread) -> None:
        if begun:
            start(thread)
        press()

    def none(*_: object, **__: object) -> None:
        raise OSError(11, "Resource temporarily unavailable")

    encoders_end()
    before = shared()
    monkeypatch.setattr(encoder_apart, "begin_python", none)  # which a busy machine lets wait
    monkeypatch.setattr(encoding, "start_thread", broken_off)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        with pytest.raises(KeyboardInterrupt):
            VideoFile(tmp_path / "a.mp4", (16, 16), 30, live=True)
        encoders_end()
    assert shared() == before and not list(tmp_path.iterdir())


def test_who_goes_on_after_ctrl_c_in_a_write_can_write_as_before(tmp_path: Path) -> None:
    """Four copies of pictures were lost with them, and the next was waited for, for ever."""

    def record() -> int:
        with VideoFile(tmp_path / "a.mp4", (16, 16), 30) as file:
            line, hit = 0, True
            while hit:
                with suppress(KeyboardInterrupt):
                    hit = interrupted_at(line, partial(file.write, PICTURE, SOUND), FILES, press)
                line += 1
        return line

    on_a_thread(record)
    assert frames(tmp_path / "a.mp4") > 1


def test_handlers_within_handlers_may_write_however_many_there_are(tmp_path: Path) -> None:
    """Each held a copy while the next one waited for one: with four, for ever."""
    left = 8

    class Interrupted(np.ndarray[Any, np.dtype[np.uint8]]):
        """While it is copied a handler writes another."""

        def __array_function__(self, function: Any, *given: Any) -> Any:
            nonlocal left
            if function is np.copyto and left:
                left -= 1
                file.write(self, SOUND)
            return super().__array_function__(function, *given)

    with VideoFile(tmp_path / "a.mp4", (16, 16), 30) as file:
        on_a_thread(lambda: file.write(PICTURE.view(Interrupted), SOUND))
    assert frames(tmp_path / "a.mp4") == 9


def test_a_handler_that_closes_within_a_write_ends_the_file_and_no_frame_is_lost_unsaid(
    tmp_path: Path,
) -> None:
    line, hit = 0, True
    while hit:
        path, written = tmp_path / f"{line}.mp4", 1
        file = VideoFile(path, (16, 16), 30)
        file.write(PICTURE, SOUND)
        with suppress(Closed):
            hit = interrupted_at(line, partial(file.write, PICTURE, SOUND), FILES, file.close)
            written = 2
        file.close()
        assert frames(path) == written, line
        line += 1
    assert line > 10


def test_a_write_that_waits_is_told_when_the_file_is_closed(tmp_path: Path) -> None:
    waiting, go = threading.Semaphore(0), threading.Event()
    file = VideoFile(tmp_path / "a.mp4", (16, 16), 30)
    encode = file._encoding.encoder.encode

    def stand(*given: object) -> None:
        waiting.release()
        go.wait()
        encode(*given)  # type: ignore[arg-type]

    file._encoding.encoder.encode = stand  # type: ignore[assignment,method-assign]
    told = list[Closed]()

    def write() -> None:
        with suppress(Closed):
            while True:
                file.write(PICTURE, SOUND)
        told.append(Closed())

    writer = threading.Thread(target=write)
    writer.start()
    waiting.acquire()
    file._encoding.end(True)
    writer.join(20)
    assert told
    go.set()
    file.close()
    assert 1 <= frames(tmp_path / "a.mp4") <= 4


def test_a_program_that_ctrl_c_ends_at_the_end_of_the_block_leaves_the_video(tmp_path: Path) -> None:
    """What was raised holds the file to the end of the program."""
    code = """
import sys
import numpy as np
from mien.stage.video_file import VideoFile
def trace(frame, event, _):
    if frame.f_code is VideoFile.__exit__.__code__:
        raise KeyboardInterrupt
sys.settrace(trace)
with VideoFile(sys.argv[1], (16, 16), 30) as file:
    for _ in range(9):
        file.write(np.zeros((16, 16, 4), np.uint8), np.zeros((1600, 2), np.float32))
"""
    path = tmp_path / "a.mp4"
    ran = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, timeout=120, check=False
    )
    assert ran.stderr.rstrip().endswith("KeyboardInterrupt") and ran.returncode
    assert [one.name for one in tmp_path.iterdir()] == ["a.mp4"]
    assert frames(path) == 9
