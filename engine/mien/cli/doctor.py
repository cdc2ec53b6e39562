"""`mien doctor`: what this machine has, and what to do about what it lacks."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, Literal

from rich.console import Console
from rich.table import Table

from mien.errors import MienError
from mien.types import Size

if TYPE_CHECKING:
    from mien.composite.gl.egl import Device


State = Literal["ok", "note", "missing"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report."""

    what: str
    state: State
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
        _devices,
        _renderer,
        _drawing,
        _speed,
        _window,
        _device,
        *(lambda suffix=suffix: _codecs(suffix) for suffix in (".mp4", ".webm")),
        _assets,
    )
    findings = []
    for check in checks:
        try:
            findings.append(check())
        except MienError as error:
            findings.append(Finding(check.__name__.strip("_"), "missing", str(error)))
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


def _devices() -> Finding:
    from mien.cli.gpu_access import obstacles
    from mien.composite.gl import tried
    from mien.composite.gl.context import DEVICE_INDEX
    from mien.composite.gl.egl import devices

    if not sys.platform.startswith("linux"):
        return Finding(
            "GL devices", "note", "listed on Linux only", "Windows and macOS: believed, not tested"
        )
    found = tried()
    lines = [f"{device}: {says}" if works else f"refused: {says}" for device, says, works in found]
    advice = obstacles(devices(), os.environ.get("NVIDIA_DRIVER_CAPABILITIES"))
    if wanted := os.environ.get(DEVICE_INDEX):
        lines.append(f"{DEVICE_INDEX}={wanted} allows this one only")
    elif len(found) > 1:
        advice.append(f"{DEVICE_INDEX}=N takes another than the first that works.")
    works = any(one[2] for one in found)
    state: State = "missing" if not works else "note" if advice and not _hardware(found) else "ok"
    return Finding("GL devices", state, "\n".join(lines) or "EGL lists none", "\n".join(advice))


def _hardware(found: Sequence[tuple[Device, str, bool]]) -> bool:
    return any(works and not device.software for device, _, works in found)


def _renderer() -> Finding:
    from mien.composite.gl import Compositor, choose_strategy, is_software, open_headless

    context = open_headless()
    try:
        strategy, why = choose_strategy(context)
        with Compositor(context, Size(16, 16), 16, 1, 1, strategy, private=True) as compositor:
            compositor.warm_up()
        version = f"GL {context.version_code / 100:.1f}"
        found = f"{context.info['GL_RENDERER']}, {version}, strategy {strategy} ({why})"
        if is_software(context):
            remedy = "a software renderer: the same pictures, only slower"
            return Finding("headless GL", "note", found, remedy)
        return Finding("headless GL", "ok", found)
    finally:
        context.release()


def _drawing() -> Finding:
    from mien.cli.drawing_check import compare

    difference = compare()
    if difference.fine:
        return Finding("drawing", "ok", str(difference))
    return Finding(
        "drawing",
        "missing",
        str(difference),
        "update the GL driver; MIEN_STRATEGY=loop or =fetch draws in another way; GLCONTEXT_DEVICE_INDEX "
        "takes another device; LIBGL_ALWAYS_SOFTWARE=1 has Mesa's software renderer draw",
    )


def _speed() -> Finding:
    from mien.cli.drawing_check import held

    clauses, fine = held()
    remedy = "" if fine else "draw a size that it holds: --size; other programs' load counts as well"
    return Finding("speed", "ok" if fine else "note", "\n".join(clauses), remedy)


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
