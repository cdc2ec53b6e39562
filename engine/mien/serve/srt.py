"""SRT: by FFmpeg's libraries where they were built with it, else by a program that is given MPEG-TS."""

from __future__ import annotations

import shutil
import subprocess
from contextlib import suppress
from functools import cache
from typing import Final

import av

from mien.errors import ScriptError

_ASKED_S: Final = 10.0


@cache
def is_built_in() -> bool:
    """Whether PyAV's libraries speak it. Its wheels' do not."""
    try:
        av.open("srt://127.0.0.1:0", timeout=0.1).close()
    except av.error.ProtocolNotFoundError:
        return False
    except (OSError, ValueError, av.FFmpegError):
        return True
    return True


def command_for(address: str) -> list[str] | None:
    """The program that sends MPEG-TS, which it reads from standard input, there; None: there is none."""
    if (transmit := shutil.which("srt-live-transmit")) is not None:
        return [transmit, "-quiet", "file://con", address]
    if (ffmpeg := shutil.which("ffmpeg")) is not None and _knows_srt(ffmpeg):
        quiet = [ffmpeg, "-nostdin", "-hide_banner", "-loglevel", "error"]
        return [*quiet, "-f", "mpegts", "-i", "pipe:0", "-c", "copy", "-f", "mpegts", address]
    return None


@cache
def _knows_srt(ffmpeg: str) -> bool:
    with suppress(OSError, subprocess.SubprocessError):
        asked = [ffmpeg, "-hide_banner", "-protocols"]
        told = subprocess.run(
            asked, stdin=subprocess.DEVNULL, capture_output=True, timeout=_ASKED_S, check=False
        )
        return b"srt" in told.stdout.split()
    return False


def check_srt(told_as: str) -> None:
    """Raise ScriptError where nothing here speaks it. `told_as`: the address, without what is secret."""
    if not is_built_in() and command_for("") is None:
        raise ScriptError(
            f"{told_as}: this PyAV has no SRT, and neither srt-live-transmit nor an ffmpeg that has it was "
            "found; install one (apt install srt-tools, or ffmpeg), or send rtmp:// or tcp://."
        )
