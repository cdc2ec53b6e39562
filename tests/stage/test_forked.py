"""In a process that was forked after a stage was opened, everything that draws says at once what to do."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import mien
from mien.composite.gl import forked
from mien.errors import ContextLost

_OPEN = 'stage = mien.open_stage({"wren": "wren"}, size=(64, 64)); stage.frame()\n'
_PROGRAM = """
import os, sys, mien
BEFORE
for number, in_child in enumerate(CHILDREN):
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        try:
            exec(in_child)
            print("drew")
        except mien.MienError as error:
            print(type(error).__name__, error)
        sys.stdout.flush()
        os._exit(0)
    os.waitpid(child, 0)
AFTER
"""


def told(before: str, in_children: list[str], after: str = "") -> list[str]:
    """The lines that a program prints, errors last. Children, each doing one of these, are forked off it one
    by one between `before` and `after`."""
    code = _PROGRAM.replace("BEFORE", before).replace("CHILDREN", repr(in_children)).replace("AFTER", after)
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True
    )
    return (ran.stdout + ran.stderr).splitlines()


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
def test_a_child_is_told_to_be_spawned_and_the_parent_is_not_harmed() -> None:
    close = "stage.frame(); stage.close(); print('parent drew')"
    frame, closed, *rest = told(_OPEN, ["stage.frame()", "stage.close()", "pass"], close)
    assert frame.startswith("ContextLost ") and '"spawn"' in frame
    assert closed.startswith("ContextLost ") and '"spawn"' in closed
    assert rest == ["drew", "parent drew"]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
def test_a_child_of_a_process_whose_stage_was_closed_is_told_to_be_spawned() -> None:
    (said,) = told(_OPEN + "stage.close()", ['mien.open_stage({"wren": "wren"}, size=(64, 64))'])
    assert said.startswith("RendererUnavailable ") and '"spawn"' in said


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
def test_a_fork_before_the_first_stage_is_fine() -> None:
    assert told("", [f"{_OPEN.strip()}; stage.close()"]) == ["drew"]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
def test_a_child_that_ends_within_the_block_or_forgets_the_stage_ends_as_it_meant_to() -> None:
    ends = "with stage:\n    raise mien.ScriptError('its own')"
    drops = "stage = None; import gc; gc.collect()"
    after = "stage.frame(); stage.close(); print('parent drew')"
    assert told(_OPEN, [ends, drops], after) == ["ScriptError its own", "drew", "parent drew"]


_VIDEO = """import numpy as np
from pathlib import Path
from mien.stage.video_file import VideoFile
from mien.types import Size
video = VideoFile(Path("PATH"), Size(16, 16), 10)
one = np.zeros((16, 16, 4), np.uint8), np.zeros((4800, 2), np.float32)
video.write(*one)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
def test_a_video_is_written_by_the_process_that_opened_it_alone(tmp_path: Path) -> None:
    """Its thread is not there in a child: the fifth picture was waited for, for ever."""
    before = _VIDEO.replace("PATH", str(tmp_path / "a.mp4"))
    calls = ["[video.write(*one) for _ in range(9)]", "video.close()"]
    *said, last = told(before, calls, "video.write(*one); video.close(); print('parent wrote')")
    assert len(said) == len(calls)
    for line in said:
        assert line.startswith("Closed ") and "was forked off the one that writes the video" in line
    assert last == "parent wrote" and (tmp_path / "a.mp4").stat().st_size > 500


_HELD = """import threading
import numpy as np
feed = mien.PcmFeed(48_000)
held, over, add = threading.Event(), threading.Event(), feed.queue._add
def hold(chunk):
    held.set()
    over.wait()
    add(chunk)
feed.queue._add = hold
holder = threading.Thread(target=feed.push, args=(np.zeros(480, np.int16),))
holder.start()
held.wait()
feed.queue._add = add
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
def test_a_feed_takes_sound_in_a_child_also_if_a_thread_of_the_parent_was_at_it() -> None:
    push = "feed.push(np.zeros(480, np.int16)); feed.end(); assert feed.queue.peek()"
    said = told(_HELD, [push], f"over.set(); holder.join(); {push}; print('parent pushed')")
    assert said == ["drew", "parent pushed"]


_TAKEN = """import asyncio
import numpy as np
from mien.audio import AudioSession
session = AudioSession("offline")
pcm, encoded = mien.PcmFeed(48_000, most_s=0.1), mien.EncodedFeed(most_bytes=9)
session.say("a", pcm)
session.say("b", encoded)
async def more():
    for _ in range(9):
        yield bytes(5)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
def test_what_is_spoken_by_the_parent_is_told_so_in_a_child() -> None:
    """Nobody takes it there: room was waited for, for ever."""
    calls = [
        "[pcm.wait_for_room(0.1) and pcm.push(np.zeros(4800, np.int16)) for _ in range(9)]",
        "[encoded.wait_for_room(5) and encoded.push(bytes(5)) for _ in range(9)]",
        "asyncio.run(encoded.pump(more()))",
        "session.say('c', mien.PcmFeed(48_000))",
        "session.pull(100)",
    ]
    said = told(_TAKEN, calls, "encoded.end(); pcm.end(); session.close()")
    assert len(said) == len(calls)
    for line in said:
        assert line.startswith("Closed ") and "the process that this one was forked off" in line


_FORKS = """import os, signal, sys
import numpy as np
from interrupting import interrupted_at
from mien.audio import queues
def fork():
    global child
    child = os.fork()
def push():
    feed.push(data)
    feed.wait_for_room()
    feed.end()
line, child = 0, 1
while child:
    child = None
    feed, data = FEED
    if not interrupted_at(line, push, (queues.__file__,), fork):
        break
    held = feed.queue.held
    feed.queue.drop() if hasattr(feed.queue, "drop") else feed.queue.read(99)
    assert held == len(data) and feed.queue.held == 0 and feed.ended
    if child == 0:
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0, line
    line += 1
print(line > 15)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
@pytest.mark.parametrize(
    "feed", ["mien.PcmFeed(48_000), np.zeros(480, np.int16)", "mien.EncodedFeed(), bytes(99)"]
)
def test_a_handler_that_forks_within_a_push_goes_on_in_both(feed: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", "import mien\n" + _FORKS.replace("FEED", feed)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    )
    assert ran.stdout + ran.stderr == "True\n"


def test_what_is_told_in_a_child_is_refused_before_any_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread that held one when the process was forked is not there to release it."""
    with mien.open_stage({"otto": "otto"}, size=(32, 24)) as stage, monkeypatch.context() as child:
        child.setattr(stage._show.session._events, "_lock", None)  # whoever takes one fails
        child.setattr(stage, "_naming", None)
        child.setattr(stage._told, "_lock", None)
        child.setattr(forked._process, "is_forked", True)
        for tell in (
            lambda: stage.say("otto", b""),
            lambda: stage.look_at("otto", "viewer"),
            stage.interrupt,
            stage.events,
        ):
            with pytest.raises(ContextLost, match="spawn"):
                tell()
