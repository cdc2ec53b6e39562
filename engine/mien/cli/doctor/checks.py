"""The checks that may crash, as a program: `python -m mien.cli.doctor.checks window|sound|gpu|speed`."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Final

from mien.cli.doctor.finding import UPDATE, Finding
from mien.messages import printable

Tell = Callable[[str], None]
"""Hears what is being done."""


def window(tell: Tell) -> Iterable[Finding]:
    """Whether glfw can open this display."""
    import glfw

    display = printable(os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY") or "")
    if not glfw.init():
        yield Finding("window", "note", f"glfw cannot open {display}", "check that the display is reachable")
        return
    version = ".".join(map(str, glfw.get_version()))
    glfw.terminate()
    yield Finding("window", "ok", f"glfw {version} on {display or 'desktop'}")


def sound(tell: Tell) -> Iterable[Finding]:
    """The device that sound goes to."""
    try:
        import sounddevice
    except OSError:
        yield Finding(
            "sound",
            "note",
            "PortAudio is not installed",
            "apt-get install libportaudio2; until then `mien play` is silent",
        )
        return
    try:
        device = sounddevice.query_devices(kind="output")
    except (sounddevice.PortAudioError, ValueError):
        yield Finding("sound", "note", "no output device", "`mien play` keeps time without sound")
        return
    yield Finding("sound", "ok", f"{device['name']}, {device['default_samplerate']:.0f} Hz")


def gpu(tell: Tell) -> Iterable[Finding]:
    """Every GL device, the one that is taken, and its pictures."""
    # Heavy, and broken installations fail here.
    from mien.cli.doctor.renderer import examine_renderer

    yield from examine_renderer(tell)


def speed(tell: Tell) -> Iterable[Finding]:
    """What size and rate are held."""
    from mien.cli.doctor.speed import measure
    from mien.errors import MienError

    try:
        yield measure(tell)
    except MienError as error:
        yield Finding("speed", "wrong", str(error), UPDATE)


CHECKS: Final[dict[str, Callable[[Tell], Iterable[Finding]]]] = {
    "window": window,
    "sound": sound,
    "gpu": gpu,
    "speed": speed,
}


def main(name: str) -> None:
    """Run a check, printing what it finds as it is found."""
    try:
        for finding in CHECKS[name](_tell):
            _say(asdict(finding))
    except Exception as error:  # a doctor that falls over tells nothing
        _say(asdict(Finding(name, "missing", f"{type(error).__name__}: {error}")))


def _tell(doing: str) -> None:
    _say({"tell": doing})


def _say(value: object) -> None:
    print(json.dumps(value), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
