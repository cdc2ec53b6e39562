"""What this machine has beside a GPU: Python, a window system, sound, codecs, packages."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable
from functools import partial
from importlib.metadata import PackageNotFoundError, version

from mien.cli.doctor.apart import apart
from mien.cli.doctor.finding import Finding
from mien.cli.doctor.speech import examine_speech
from mien.cli.doctor.window import examine_window
from mien.cli.memory import ADDRESSES, DATA, LEAST_OF_A_CONTAINER, allowed, container, too_little
from mien.installing import pip_install
from mien.observe.speed import LOOPS, REFERENCE_US, loop_us
from mien.thread_priority import AHEAD, BEHIND, Granted, granted


def examine_machine() -> list[Finding]:
    """Everything but the GPU. Never raises."""
    checks: tuple[tuple[str, Callable[[], Finding]], ...] = (
        ("machine", _python),
        ("processor", _processor),
        ("threads", _threads),
        ("memory", _memory),
        ("window", examine_window),
        ("sound", _device),
        ("speech", examine_speech),
        *((f"{suffix} files", partial(_codecs, suffix)) for suffix in (".mp4", ".webm")),
        ("bundled", _assets),
    )
    findings = [guarded(what, check) for what, check in checks]
    for name in ("moderngl", "glfw", "numpy", "av", "pillow", "sounddevice", "rich"):
        findings.append(_package(name, needed=True))
    for name, use in _USES.items():
        findings.append(_package(name, needed=False, use=use))
    return findings


def guarded(what: str, check: Callable[[], Finding]) -> Finding:
    """What a check finds; when it fails itself, that: a doctor that falls over tells nothing."""
    try:
        return check()
    except Exception as error:
        return Finding(what, "missing", f"{type(error).__name__}: {error}")


_USES = {
    "resvg-py": "redraw the bundled characters from their vectors",
    "psd-tools": "draw Photoshop files with `mien still`",
    "prometheus-client": "serve metrics with `mien play --metrics-port`",
}
"""What packages are for that Mien runs without."""
_SLOW = 0.5
"""Share of the reference machine's speed below which it is worth a word."""


def _python() -> Finding:
    cores = os.cpu_count() or 1
    return Finding("machine", "ok", f"Python {platform.python_version()}, {platform.system()}, {cores} cores")


def _loop_us() -> float:
    return loop_us(20 * LOOPS)


def _processor(time: Callable[[], float] = _loop_us) -> Finding:
    took_us = time()
    speed = REFERENCE_US / took_us
    found = (
        f"runs Python at {speed:.0%} of the reference machine's speed (a known loop takes {took_us:.0f} us)"
    )
    figures = {"loop_us": round(took_us, 1), "reference_us": REFERENCE_US}
    slow = speed < _SLOW
    remedy = "see whether it saves power, or is hot; else frames take as much longer" if slow else ""
    return Finding("processor", "note" if slow else "ok", found, remedy, figures)


def _threads(granted: Callable[[], Granted] = granted) -> Finding:
    found = granted()
    figures = {"behind": found.behind, "ahead": found.ahead, "by_session": found.by_session}
    if not found.behind:
        return Finding(
            "threads", "ok", "the system has no priority for one thread: all are alike", "", figures
        )
    text = f"pages are loaded {BEHIND} steps of nice behind; live stages run "
    text += f"{-AHEAD} ahead" if found.ahead else "as others do: the system refuses to put them ahead"
    if found.by_session:
        text += "; steps count within a session only (kernel.sched_autogroup_enabled)"
    remedy = (
        "" if found.ahead else f"to allow it: ulimit -e {20 - AHEAD} (nice, in /etc/security/limits.conf)"
    )
    return Finding("threads", "ok", text, remedy, figures)


def _device() -> Finding:
    remedy = "`mien play --silent` asks for no sound device; update PortAudio and the sound server"
    return next(apart("sound", "sound", "note", remedy))


def _memory() -> Finding:
    limits = {
        "this process|": allowed(ADDRESSES),
        "this process| of data": allowed(DATA),
        "this container|": container(),
    }
    told = [
        whose.replace("|", f" may use {limit / 1e6:.0f} MB")
        for whose, limit in limits.items()
        if limit is not None
    ]
    if complaint := too_little(to_draw=True):
        found, _, remedy = complaint.partition(":")
        return Finding("memory", "missing", found, remedy.strip(" ."))
    tight = (container() or LEAST_OF_A_CONTAINER) < LEAST_OF_A_CONTAINER
    remedy = "1280x720 with two characters takes some 400 MB: allow more, or draw smaller" if tight else ""
    return Finding("memory", "note" if tight else "ok", "; ".join(told) or "no limit is set", remedy)


def _codecs(suffix: str) -> Finding:
    from mien.stage.encoders import encoder_for

    video, audio = encoder_for(suffix, "video"), encoder_for(suffix, "audio")
    if video and audio:
        return Finding(f"{suffix} files", "ok", f"{video}, {audio}")
    return Finding(
        f"{suffix} files", "note", f"no encoder for {'video' if not video else 'audio'}", "reinstall av"
    )


def _assets() -> Finding:
    from mien.catalog import bundled_names

    characters, conversations = bundled_names("characters"), bundled_names("conversations")
    found = f"characters {', '.join(characters)}; conversations {', '.join(conversations)}"
    return Finding("bundled", "ok" if characters and conversations else "missing", found)


def _package(name: str, *, needed: bool, use: str = "") -> Finding:
    try:
        return Finding(name, "ok", version(name))
    except PackageNotFoundError:
        remedy = pip_install(name) + (f", to {use}" if use else "")
        return Finding(name, "missing" if needed else "note", "not installed", remedy)
