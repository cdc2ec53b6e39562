"""Conversations of a moment and of a second, and the command line in a process of its own."""

from __future__ import annotations

import shutil
import subprocess
import sys
import wave
from pathlib import Path
from typing import Any

from art.build import tiny_character
from mien.catalog import bundled

SMALL = ("--size", "64x64", "--fps", "20")


def short(folder: Path, title: str = "Short") -> Path:
    """A conversation of 50 ms, spoken by a few rectangles, which a process has read in no time."""
    folder.mkdir(exist_ok=True)
    tiny_character(folder / "tiny")
    with wave.open(str(folder / "one.wav"), "wb") as file:
        file.setparams((1, 2, 24_000, 0, "NONE", ""))
        file.writeframes(b"\0\x10\0\xf0" * 600)
    (folder / "conversation.toml").write_text(
        f'format = 1\ntitle = "{title}"\n[[cast]]\nkey = "tiny"\ncharacter = "./tiny"\n'
        '[[turn]]\nkey = "one"\nspeaker = "tiny"\naudio = "one.wav"\n',
        encoding="utf-8",
    )
    return folder


def brief(folder: Path) -> Path:
    """Two bundled characters, of whom one says something that takes a second. Of longer conversations all is
    decoded, however little is shown."""
    folder.mkdir(exist_ok=True)
    shutil.copy(bundled("conversations", "forecast") / "audio" / "5-suits-you.opus", folder / "one.opus")
    (folder / "conversation.toml").write_text(
        'format = 1\n[stage]\nbackground = "evening_room"\n[[cast]]\nkey = "wren"\ncharacter = "wren"\n'
        '[[cast]]\nkey = "otto"\ncharacter = "otto"\n'
        '[[turn]]\nkey = "one"\nspeaker = "wren"\naudio = "one.opus"\ntext = "[happy] It [nod] suits you."\n',
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
