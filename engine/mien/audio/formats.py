"""Containers that are opened: those that hold their own sound, by FFmpeg's names.

Left out are all that name other files or machines (concat, hls, dash, sdp, rtsp, ...), devices, pictures,
subtitles, and games' videos. Adding one here is a decision: read its demuxer first.
"""

from __future__ import annotations

from typing import Final

from mien.errors import AudioRejected
from mien.messages import did_you_mean, quoted

_COMMON = "aac flac matroska mov mp3 mp4 m4a ogg wav webm"
_OTHERS = (
    "ac3 aiff amr amrnb amrwb ape apm argo_asf asf au avi caf dts dtshd eac3 flv gsm kvag loas mlp mpc mpc8 "
    "mpeg mpegts nut oma qcp qoa shn sln sox tak truehd tta voc w64 wv xwma 3gp"
)
_HEADLESS = (
    "alaw f32be f32le f64be f64le g722 mulaw s16be s16le s24be s24le s32be s32le s8 u16be u16le u24be u24le "
    "u32be u32le u8"
)
FORMATS: Final = frozenset(f"{_COMMON} {_OTHERS} {_HEADLESS}".split())


def known_format(name: str | None) -> str | None:
    """The name of a container that a host gives, in FFmpeg's spelling. Raises AudioRejected for others."""
    if name is None:
        return None
    known = name.strip().lower()
    known = {"opus": "ogg", "oga": "ogg", "adts": "aac"}.get(known, known)
    if known not in FORMATS:
        raise AudioRejected(
            f"an encoded feed of {quoted(name)}: not a container that holds its own sound; "
            + did_you_mean(known, _COMMON.split(), f"give one of {', '.join(_COMMON.split())}, or None.")
        )
    return known
