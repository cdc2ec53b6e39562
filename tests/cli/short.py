"""A conversation of a moment, and the command line in a process of its own."""

from __future__ import annotations

import subprocess
import sys
import wave
from pathlib import Path
from typing import Any

SMALL = ("--size", "64x64", "--fps", "20")


def short(folder: Path, title: str = "Short") -> Path:
    """A conversation of 50 ms."""
    folder.mkdir(exist_ok=True)
    with wave.open(str(folder / "one.wav"), "wb") as file:
        file.setparams((1, 2, 24_000, 0, "NONE", ""))
        file.writeframes(b"\0\x10\0\xf0" * 600)
    (folder / "conversation.toml").write_text(
        f'format = 1\ntitle = "{title}"\n[[cast]]\nkey = "otto"\ncharacter = "otto"\n'
        '[[turn]]\nkey = "one"\nspeaker = "otto"\naudio = "one.wav"\n',
        encoding="utf-8",
    )
    return folder


def mien(*arguments: object, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run `mien` as a user does."""
    command = [sys.executable, "-W", "error", "-m", "mien.cli", *map(str, arguments)]
    told = {
        "stdout": subprocess.PIPE,
        "stderr": subprocess.PIPE,
        "text": True,
        "timeout": 240,
        "check": False,
    }
    return subprocess.run(command, **(told | options))
