"""Fonts of the system's that have some letters: fontconfig says which, and the usual folders elsewhere."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

_WAIT_S: Final = 10.0
_LARGEST: Final = 64 << 20
"""Bytes of a file that is read."""
_KINDS: Final = (".ttf", ".otf", ".ttc")
_LIKED: Final = ("notosanscjk", "sourcehansans", "notosans", "gothic", "droidsans", "sans")
_DISLIKED: Final = (
    "bold",
    "black",
    "light",
    "thin",
    "serif",
    "mincho",
    "mono",
    "italic",
    "oblique",
    "condensed",
)

_WINDOWS: Final = {
    "cjk": ("YuGothR.ttc", "YuGothM.ttc", "meiryo.ttc", "msgothic.ttc", "msyh.ttc", "msjh.ttc", "simsun.ttc"),
    "hangul": ("malgun.ttf", "gulim.ttc"),
}
_MAC: Final = {
    "cjk": (
        "ヒラギノ角ゴシック W3.ttc", "Hiragino Sans GB.ttc", "PingFang.ttc", "STHeiti Light.ttc",
        "Supplemental/Arial Unicode.ttf",
    ),
    "hangul": ("AppleSDGothicNeo.ttc", "Supplemental/Arial Unicode.ttf"),
}  # fmt: skip


class Found(NamedTuple):
    """A font."""

    data: bytes
    """The file."""
    number: int
    """Which of those in it."""


def find(script: str, letters: str) -> Found | None:
    """A font that has some letters; None where none is known of. Takes up to seconds: for a thread of its
    own."""
    for path, number in _candidates(script, letters):
        try:
            if path.suffix.lower() in _KINDS and path.stat().st_size <= _LARGEST:
                return Found(path.read_bytes(), number)
        except OSError:
            continue
    return None


def _candidates(script: str, letters: str) -> Iterator[tuple[Path, int]]:
    """Files, the best first, each with the number of the font in it."""
    if sys.platform == "win32":
        folder = Path(os.environ.get("WINDIR", r"C:\Windows")) / "Fonts"
        yield from ((folder / name, 0) for name in _WINDOWS.get(script, ()))
    elif sys.platform == "darwin":
        folder = Path("/System/Library/Fonts")
        yield from ((folder / name, 0) for name in _MAC.get(script, ()))
    yield from _of_fontconfig(letters)


def _of_fontconfig(letters: str) -> list[tuple[Path, int]]:
    """Those that fontconfig knows to have all of the letters."""
    wanted = " ".join(f"{ord(one):x}" for one in letters)
    try:
        said = subprocess.run(
            ["fc-list", "-f", "%{file}\t%{index}\n", f":charset={wanted}"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_WAIT_S,
            check=True,
        ).stdout.decode("utf-8", "surrogateescape")
    except (OSError, subprocess.SubprocessError):
        return []
    found = []
    for line in said.splitlines():
        file, _, number = line.partition("\t")
        if number.isdecimal():
            found.append((Path(file), int(number) & 0xFFFF))  # above: which of a variable font's
    return sorted(found, key=lambda one: (_rank(one[0].name), one))


def _rank(name: str) -> tuple[int, int]:
    plain = name.lower().replace("-", "").replace(" ", "")
    liked = next((k for k, one in enumerate(_LIKED) if one in plain), len(_LIKED))
    return sum(one in plain for one in _DISLIKED), liked
