"""Files that are dropped on a window, by real events of a desktop."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
from PIL import Image

from art.build import tiny_character
from cli.short import short
from importing.drawn import named, ora
from window.running import run


def test_what_is_dropped_is_shown_spoken_or_refused_in_a_sentence(display: str, tmp_path: Path) -> None:
    tiny_character(tmp_path / "tiny")
    ora(tmp_path / "art.ora", named())
    shutil.copy(short(tmp_path / "talk") / "one.wav", tmp_path / "a.wav")
    (tmp_path / "notes.txt").write_text("notes", encoding="utf-8")
    Image.fromarray(np.zeros((8, 8, 4), np.uint8)).save(tmp_path / "picture.png")
    for name in ("broken.mien", "broken.psd"):
        (tmp_path / name).write_bytes(b"nothing of the kind")
    told = run(display, "dropping.py", str(tmp_path))
    assert told["refused by a window alone"] == "this window takes no files."
    assert told["a character"] == ["shown: tiny, as wren", "tiny"]
    assert told["art"][0] == "shown: art, as otto" and told["art"][1] == ["wren", "otto"]
    assert told["joins"] == ["shown: tiny", ["wren", "otto", "tiny"]]
    assert told["told of it"].endswith(" speaks a.wav")
    assert [kind for kind, _ in told["spoken"]] == ["started", "finished"]
    assert "is nothing that can be shown; drop a character" in told["notes.txt"]
    assert "is one picture; drop a folder of them" in told["picture.png"]
    for name in ("broken.mien", "broken.psd", "notes.txt", "picture.png"):
        assert told[name].startswith("kept what is shown: ") and name in told[name], told[name]
    assert told["gone.wav"].endswith("gone.wav is not there any more.")
    assert told["conversation"] == "queued: Short"
    assert told["after it"] == ["tiny"]
    assert told["stays open"] and told["stalls"] == 0
