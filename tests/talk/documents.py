"""A conversation document that uses every key, and a folder to write changed copies of it to."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

DOCUMENT: dict[str, Any] = {
    "format": 1,
    "title": "Soup",
    "seed": 7,
    "fps": 30,
    "stage": {"background": "evening_room", "dim_listeners": 0.1},
    "cast": [
        {"key": "wren", "character": "wren", "place": "left", "voice": "flite slt"},
        {"key": "otto", "character": "../otto", "place": [0.75, 1.1], "size": 0.8, "on_stage": False},
    ],
    "turn": [
        {
            "key": "hi",
            "speaker": "wren",
            "audio": "audio/a.opus",
            "text": "[happy] Oh, hello! [surprised] Wait...",
            "gap_ms": 120,
            "words": [["Oh,", 0.1, 0.3], ["hello!", 0.3, 0.9], ["Wait...", 1.2, 1.8]],
            "cues": [
                {"at_s": 0.5, "nod": 0.6},
                {"at_s": 0.7, "gaze": [0.25, -0.5]},
                {"at_s": 0.9, "gesture": "rest"},
                {"at_s": 1, "slot": "glasses", "drawing": False},
                {"at_s": 1.1, "nod": True},
                {"at_s": 1.2, "enter": "otto", "place": ["left", 1.1], "size": 0.9, "side": "left"},
                {"at_s": 1.3, "move": True, "place": 0.5, "size": 2, "seconds": 0.5},
                {"at_s": 1.4, "swap": ["wren", "otto"], "transition": "slide"},
                {"at_s": 1.5, "swap": "otto"},
                {"at_s": 1.6, "leave": "otto", "side": "right", "transition": "fade"},
            ],
            "visemes": {"scheme": "oculus", "marks": [["sil", 0.0, 0.1], ["aa", 0.1, 0.4]]},
        },
        {"key": "no", "speaker": "otto", "audio": "audio/b.wav", "text": "[skeptical] None. [sad] Some."},
    ],
}


def toml(value: object) -> str:
    """A value as inline TOML."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(str(k))} = {toml(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        # JSON's escapes are TOML's, but for DEL, which TOML wants escaped as well.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, datetime.date):
        return value.isoformat()
    return repr(value)


class Folder:
    """A conversation folder with the audio files that `DOCUMENT` names."""

    def __init__(self, path: Path) -> None:
        self.path = path
        (path / "audio").mkdir(exist_ok=True)
        for name in ("a.opus", "b.wav"):
            (path / "audio" / name).write_bytes(b"not opened")

    def write(self, document: dict[str, Any]) -> Path:
        """Write the document as conversation.toml."""
        file = self.path / "conversation.toml"
        file.write_text(
            "".join(f"{json.dumps(str(k))} = {toml(v)}\n" for k, v in document.items()), encoding="utf-8"
        )
        return file
