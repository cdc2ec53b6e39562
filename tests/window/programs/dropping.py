"""Files of all kinds are dropped on a window, as a desktop drops them."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import glfw
from hands import Drag, Hands, tell

import mien
from mien.dropping import Dropping

folder = Path(sys.argv[1])
told: dict[str, Any] = {}
notes: list[str] = []
heard: list[Any] = []
with mien.open_window({"wren": "wren", "otto": "otto"}, size=(320, 180), playout="null", room=2) as window:
    hands = Hands(window)
    drag = Drag(hands.desk, lambda: hands.frames(1))
    window.on_note = notes.append

    def until(over: Callable[[], bool]) -> None:
        end_s = time.monotonic() + 100
        while not over() and time.monotonic() < end_s:
            window.frame()
            heard.extend(window.events())

    def drop(on: str | None, *paths: Path) -> None:
        left, top = glfw.get_window_pos(window._handle)
        if on is None:
            place = (1.0, 1.0)
        else:
            head = window.bounds(on, "head")
            place = (head.x + head.width / 2, head.y + head.height / 2)
        count = len(notes)
        drag.drop(glfw.get_x11_window(window._handle), (left + place[0], top + place[1]), paths)
        until(lambda: len(notes) > count and not notes[-1].startswith("reading "))

    hands.frames(3)
    drop("wren", folder / "tiny")
    told["refused by a window alone"] = notes[-1]

    def told_by(sentence: str) -> None:
        notes.append(sentence)

    with Dropping(window, told_by) as dropping:
        window.on_drop = dropping.drop
        drop("wren", folder / "tiny")
        told["a character"] = [notes[-1], window.sources["wren"].name]
        drop("otto", folder / "art.ora")
        until(lambda: any(note.startswith("shown: art") for note in notes))
        told["art"] = [notes[-1], list(window.cast)]
        until(lambda: not window.loading)
        drop(None, folder / "tiny")
        told["joins"] = [notes[-1], list(window.on_stage)]
        count = len(notes)
        drag.drop(
            glfw.get_x11_window(window._handle),
            (glfw.get_window_pos(window._handle)[0] + 2, glfw.get_window_pos(window._handle)[1] + 2),
            [folder / "a.wav"],
        )
        until(lambda: any(event.kind == "finished" for event in heard))
        told["told of it"] = notes[-1]
        told["spoken"] = [(event.kind, event.speaker) for event in heard if event.kind != "word"]
        for name in ("notes.txt", "picture.png", "broken.mien", "broken.psd", "gone.wav"):
            drop(None, folder / name)
            told[name] = notes[-1]
        drop(None, folder / "talk")
        told["conversation"] = notes[-1]
        until(lambda: not window.idle)
        until(lambda: window.idle)
        hands.frames(2)
        told["after it"] = list(window.on_stage)
    told["stays open"] = window.frame()
told["stalls"] = window.ledger.count("gl_alloc_after_ready_total")
tell(told)
