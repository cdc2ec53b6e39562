"""A clip and stills by real keys, while a tone is heard."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from hands import Hands, tell

import mien
from mien.errors import NotWritable
from mien.stage import recorder

folder, suffix = Path(sys.argv[1]), sys.argv[2]
os.chdir(folder)
t = np.arange(48_000 * 3) / 48_000
speech = (0.3 * np.sin(2 * np.pi * 300 * t)).astype(np.float32)
feed = mien.PcmFeed(48_000)
feed.push(speech)
feed.end()
notes: list[str] = []
close, may_end = recorder.VideoFile.close, threading.Event()


def closed(file: Any, *, keep: bool = True) -> None:
    """As on a busy machine, and on a full disk."""
    if keep:
        may_end.wait(60)
        if file.path.name == "lost.mp4":
            raise NotWritable("lost.mp4: cannot be written (No space left on device).")
    close(file, keep=keep)


recorder.VideoFile.close = closed  # type: ignore[method-assign,assignment]
told: dict[str, Any] = {}
background = mien.TRANSPARENT if suffix != "mp4" else None
window = mien.open_window(
    {"wren": "wren"}, size=(160, 90), playout="null", title="A/B", background=background
)


def broken(note: str) -> None:
    """A listener that fails, once the window has said what it waits for."""
    notes.append(note)
    if "writing named" in note:
        may_end.set()
        raise ValueError(note)


with suppress(ValueError), window:
    hands = Hands(window)
    hands.frames(1)
    told["title at first"] = window._told_as_title
    sentence = f"kept what is shown: {'wide/' * 30}character.toml is broken."
    window.note(sentence, "wren")
    hands.frames(1)
    told["whole"] = [window._told_as_title.startswith(sentence), window.noted == sentence]
    told["on the screen"] = len(hands.desk.windows(sentence))
    window.note("", "wren")
    hands.frames(1)
    told["title again"] = [window._told_as_title, window.noted]
    window.title = "Fox"
    hands.frames(1)
    told["called otherwise"] = [window._told_as_title, window._camera.title]
    window.title = "A/B"
    window.on_note = notes.append
    window.record_as = suffix
    hands.point(10, 10)
    window.say("wren", feed)
    hands.frames(5)
    counted = window.ledger.frames_expected
    hands.desk.key("r")
    hands.frames(60)
    told["recording"] = window.recording is not None
    told["title"] = window._told_as_title
    hands.desk.key("r")
    hands.frames(2)
    told["frames"] = window.ledger.frames_expected - counted
    told["stopped"] = window.recording is None
    clip = window.writing
    told["being written"] = [window._told_as_title, window.noted, str(clip)]
    may_end.set()
    while window.writing is not None:
        hands.frames(1)
    hands.frames(1)
    told["there"] = [window._told_as_title, window.noted, window.writing]
    hands.desk.key("s")
    hands.frames(2)
    hands.desk.key("s")
    while sum(note.startswith("saved ") for note in notes) < 3:
        hands.frames(1)
    window.record("lost.mp4")
    hands.frames(3)
    window.stop_recording()
    while "lost" not in window.noted or "writing" in window.noted:
        hands.frames(1)
    told["lost"] = window.noted
    may_end.clear()
    second = window.record("named.mp4")
    try:
        window.record()
    except mien.ScriptError as error:
        told["twice"] = str(error)
    hands.frames(3)
    first = len(notes)
    window.on_note = broken
told["as it closed"] = notes[first:]
told["drops"] = window.ledger.count("clip_frames_dropped_total")
told["stalls"] = window.ledger.count("gl_alloc_after_ready_total")
told["notes"] = notes
told["files"] = sorted(path.name for path in folder.iterdir())
tell(told)
