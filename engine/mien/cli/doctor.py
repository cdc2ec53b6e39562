"""`mien doctor`: what this machine has, and what to do about what it lacks."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Literal

from rich.console import Console
from rich.table import Table

from mien.errors import MienError
from mien.types import Size


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report."""

    what: str
    state: Literal["ok", "note", "missing"]
    found: str
    remedy: str = ""


def add_to(commands: Any) -> None:
    """Register the command."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "doctor", help="say what this machine has, and what to do about what is missing"
    )
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Examine and print; 1 when something needed for rendering is missing."""
    findings = examine()
    if arguments.json:
        print(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        table = Table(show_header=False, box=None, pad_edge=False)
        marks = {"ok": "[green]ok[/]", "note": "[yellow]note[/]", "missing": "[red]missing[/]"}
        for finding in findings:
            text = finding.found + (f"\n[dim]{finding.remedy}[/]" if finding.remedy else "")
            table.add_row(marks[finding.state], finding.what, text)
        Console().print(table)
    return int(any(finding.state == "missing" for finding in findings))


def examine() -> list[Finding]:
    """Everything that `mien` can meet on a machine. Never raises."""
    checks: tuple[Callable[[], Finding], ...] = (
        _python,
        _renderer,
        _window,
        _device,
        *(lambda suffix=suffix: _codecs(suffix) for suffix in (".mp4", ".webm")),
        _assets,
    )
    findings = []
    for check in checks:
        try:
            findings.append(check())
        except Exception as error:  # a doctor that falls over tells nothing
            findings.append(Finding(check.__name__.strip("_"), "missing", f"{type(error).__name__}: {error}"))
    for name in ("moderngl", "glfw", "numpy", "av", "pillow", "sounddevice", "rich"):
        findings.append(_package(name, needed=True))
    findings.append(
        _package("resvg-py", needed=False, use="redraw the bundled characters from their vectors")
    )
    findings.append(_package("psd-tools", needed=False, use="draw Photoshop files with `mien still`"))
    findings.append(
        _package("prometheus-client", needed=False, use="serve metrics with `mien play --metrics-port`")
    )
    return findings


def _python() -> Finding:
    cores = os.cpu_count() or 1
    return Finding("machine", "ok", f"Python {platform.python_version()}, {platform.system()}, {cores} cores")


def _renderer() -> Finding:
    from mien.composite.gl import Compositor, choose_strategy, is_software, open_headless

    try:
        context = open_headless()
    except MienError as error:
        return Finding("headless GL (EGL)", "missing", str(error))
    try:
        strategy, why = choose_strategy(context)
        with Compositor(context, Size(16, 16), 16, 1, 1, strategy) as compositor:
            compositor.warm_up()
        version = f"GL {context.version_code / 100:.1f}"
        found = f"{context.info['GL_RENDERER']}, {version}, strategy {strategy} ({why})"
        if is_software(context):
            remedy = "a software renderer: the same pictures, only slower"
            return Finding("headless GL (EGL)", "note", found, remedy)
        return Finding("headless GL (EGL)", "ok", found)
    except MienError as error:
        return Finding("drawing", "missing", str(error))
    finally:
        context.release()


def _window() -> Finding:
    display = os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY")
    if sys.platform.startswith("linux") and not display:
        return Finding(
            "window",
            "note",
            "no display",
            "`mien play` needs a desktop session or Xvfb; `mien render` does not",
        )
    import glfw

    if not glfw.init():
        return Finding("window", "note", f"glfw cannot open {display}", "check that the display is reachable")
    glfw.terminate()
    return Finding("window", "ok", f"glfw {'.'.join(map(str, glfw.get_version()))} on {display or 'desktop'}")


def _device() -> Finding:
    try:
        import sounddevice
    except OSError:
        return Finding(
            "sound",
            "note",
            "PortAudio is not installed",
            "apt-get install libportaudio2; until then `mien play` is silent",
        )
    try:
        device = sounddevice.query_devices(kind="output")
    except (sounddevice.PortAudioError, ValueError):
        return Finding("sound", "note", "no output device", "`mien play` runs on a silent, paced sink")
    return Finding("sound", "ok", f"{device['name']}, {device['default_samplerate']:.0f} Hz")


def _codecs(suffix: str) -> Finding:
    from mien.stage.video_file import encoder_for

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
        remedy = f"pip install {name}" + (f", to {use}" if use else "")
        return Finding(name, "missing" if needed else "note", "not installed", remedy)
