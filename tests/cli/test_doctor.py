"""`mien doctor` finds out what is there, what is drawn wrong, and what is too slow, and says what to do."""

from __future__ import annotations

import errno
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from cli.short import SMALL, mien, short
from mien.cli import doctor, main, memory
from mien.cli.doctor import machine, renderer
from mien.cli.doctor.access import nvidia, render_nodes, settings, shader_cache
from mien.cli.doctor.apart import apart
from mien.cli.doctor.finding import Finding, State
from mien.cli.doctor.machine import guarded
from mien.cli.doctor.renderer import judged, listed
from mien.cli.doctor.speech import examine_speech
from mien.cli.doctor.speed import FIRST, LARGER, SMALLER, Timed, Timer, measure, sizes, timed, verdict
from mien.composite.gl.survey import Surveyed
from mien.errors import RendererUnavailable
from mien.shader_cache import OFF
from mien.speech import espeak, piper
from mien.stage import window_probe
from mien.stage.drawing_check import Checked
from mien.stage.window_probe import refuse_crashing
from mien.thread_priority import Granted
from mien.types import Size


def nodes(folder: Path, count: int) -> Path:
    (folder / "card0").touch()
    for k in range(count):
        (folder / f"renderD{128 + k}").touch()
    return folder


def test_without_a_render_node_it_says_how_a_container_gets_one(tmp_path: Path) -> None:
    found = render_nodes(nodes(tmp_path, 0))
    assert found.state == "note" and "no render node" in found.found
    assert "docker run --device /dev/dri" in found.remedy


def test_a_node_that_may_not_be_opened_is_named_with_its_group(tmp_path: Path) -> None:
    folder = nodes(tmp_path, 2)
    closed = folder / "renderD129"
    found = render_nodes(folder, lambda node: node != closed, lambda _: "render")
    assert found.state == "note" and found.found.startswith(f"{closed}, of group render, may not be opened")
    assert "sudo usermod -aG render $USER" in found.remedy and f"stat -c %g {closed}" in found.remedy
    assert found.figures["nodes"] == {str(folder / "renderD128"): True, str(closed): False}


def test_a_group_without_a_name_is_no_reason_to_fall_over(tmp_path: Path) -> None:
    def unknown(_: Path) -> str:
        raise KeyError("gid 993")

    assert "group render" in render_nodes(nodes(tmp_path, 1), lambda _: False, unknown).found


def test_nodes_that_can_be_opened_are_fine(tmp_path: Path) -> None:
    found = render_nodes(nodes(tmp_path, 1), lambda _: True)
    assert (found.state, found.remedy) == ("ok", "")


def test_of_nvidia_nothing_is_said_where_there_is_none(tmp_path: Path) -> None:
    assert nvidia(tmp_path, {}) is None


@pytest.mark.parametrize("has", [None, "compute,utility"])
def test_a_container_without_graphics_is_told_the_capability(tmp_path: Path, has: str | None) -> None:
    environ = {"NVIDIA_VISIBLE_DEVICES": "all"} | ({} if has is None else {"NVIDIA_DRIVER_CAPABILITIES": has})
    found = nvidia(tmp_path, environ)
    assert found is not None and found.state == "note"
    assert f"NVIDIA_DRIVER_CAPABILITIES is {has or 'not set'}" in found.found
    assert "NVIDIA_DRIVER_CAPABILITIES=graphics" in found.remedy


def test_nvidias_device_without_its_egl_is_told_and_with_it_is_fine(tmp_path: Path) -> None:
    (tmp_path / "dev").mkdir()
    (tmp_path / "dev/nvidiactl").touch()
    found = nvidia(tmp_path, {})
    assert found is not None and "EGL has no driver for it" in found.found
    vendors = tmp_path / "usr/share/glvnd/egl_vendor.d"
    vendors.mkdir(parents=True)
    (vendors / "10_nvidia.json").touch()
    found = nvidia(
        tmp_path, {"NVIDIA_VISIBLE_DEVICES": "0", "NVIDIA_DRIVER_CAPABILITIES": "compute, graphics"}
    )
    assert found is not None and (found.state, found.remedy) == ("ok", "")


def test_settings_that_decide_are_named_and_others_are_not() -> None:
    found = settings({"MIEN_STRATEGY": "loop", "GLCONTEXT_DEVICE_INDEX": "1", "HOME": "/root"})
    assert found.state == "note"
    assert "GLCONTEXT_DEVICE_INDEX=1: the only EGL device that is tried" in found.found
    assert "MIEN_STRATEGY=loop: how is drawn" in found.found and "HOME" not in found.found
    assert settings({"HOME": "/root"}).state == "ok"


def test_what_the_environment_says_begins_no_line_of_a_finding(tmp_path: Path) -> None:
    forged = "\x1b[2J\nGPU: works"
    told = [
        settings({"MIEN_STRATEGY": forged, f"MIEN_{forged}": ""}).found,
        shader_cache({"HOME": f"{tmp_path}/{forged}/no"}).found,
        getattr(nvidia(tmp_path, {"NVIDIA_DRIVER_CAPABILITIES": forged}), "found", ""),
    ]
    for found in told:
        assert r"\x1b[2J\nGPU: works" in found
        assert not any(line.startswith("GPU") for line in found.split("\n"))


def test_where_shaders_are_kept_is_a_folder_that_can_be_written_or_a_note(tmp_path: Path) -> None:
    assert shader_cache({"HOME": str(tmp_path)}).found == f"{tmp_path / '.cache'} can be written"
    off = shader_cache({"HOME": str(tmp_path), OFF: "True"})
    assert off.state == "note" and off.found.startswith(f"{OFF}=True: drivers keep no compiled shaders")
    assert shader_cache({"HOME": str(tmp_path), OFF: "0"}).state == "ok"
    for environ in ({"HOME": "/dev/null"}, {"HOME": ""}):
        found = shader_cache(environ)
        assert found.state == "note" and found.remedy == "set HOME to a folder that you may write"
        assert found.found.startswith(
            f"HOME={environ['HOME']}: no folder can be written there, so that drivers"
        )


def test_each_device_has_a_line_with_what_came_of_it() -> None:
    surveyed = (
        Surveyed(0, "device 0 (/dev/dri/renderD128)", "/dev/dri/renderD128", False, refused="EGL_BAD_ACCESS"),
        Surveyed(2, "device 2 (GPU)", "", False, "NVIDIA", "4.6"),
        Surveyed(1, "device 1 (software)", "", True, "llvmpipe", "4.5"),
    )
    refused, taken, spare = listed(surveyed, 2)
    assert (refused.state, refused.found) == ("note", "refused: EGL_BAD_ACCESS")
    assert "/dev/dri/renderD128 must be open to this user" in refused.remedy
    assert taken.found == "taken: NVIDIA, 4.6" and taken.figures["taken"]
    assert spare.found == "works, not taken: llvmpipe, 4.5" and not spare.figures["taken"]


def test_wrong_pictures_are_told_in_pixels() -> None:
    right, wrong = Checked("people", 0, 100, 0.5), Checked("modes", 7, 100, 31.2)
    assert judged([right, right], "X").state == "ok"
    found = judged([right, wrong], "X")
    assert found.state == "wrong"
    assert found.found == "X draws wrong pictures: modes: 7 of 100 pixels off by up to 31.20 of 255"
    assert "GLCONTEXT_DEVICE_INDEX" in found.remedy


def test_an_error_just_over_the_tolerance_is_not_rounded_to_it() -> None:
    assert "up to 1.27 of 255" in judged([Checked("modes", 1, 100, 1.27)], "X").found


def test_a_software_renderer_is_not_advised_to_be_one_nor_called_right_before_it_is_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wrong = (Checked("modes", 7, 100, 31.2),)
    monkeypatch.setattr(renderer, "check_drawing", lambda _: wrong)
    monkeypatch.setattr(renderer, "is_software", lambda _: True)
    found = list(renderer.examine_renderer(lambda _: None))
    headless, drawing = found[-2:]
    assert (headless.what, drawing.state) == ("headless GL", "wrong")
    assert "same pictures" not in headless.remedy
    assert "MIEN_STRATEGY" not in drawing.remedy and "LIBGL_ALWAYS_SOFTWARE" not in drawing.remedy
    monkeypatch.setattr(renderer, "is_software", lambda _: False)
    assert "MIEN_STRATEGY" in list(renderer.examine_renderer(lambda _: None))[-1].remedy


def taking(ms_a_megapixel: float, software: bool = True, asked: list[Size] | None = None) -> Timer:
    """A machine of this speed."""

    def time(size: Size) -> Timed:
        if asked is not None:
            asked.append(size)
        ms = ms_a_megapixel * size.width * size.height / 1e6
        return Timed(size, ms, 1.2 * ms, 60, software)

    return time


@pytest.mark.parametrize(
    ("ms_a_megapixel", "asked"),
    [
        (1.0, [FIRST, *LARGER]),
        (9.0, [FIRST, LARGER[0]]),
        (20.0, [FIRST, SMALLER[0]]),
        (40.0, [FIRST, *SMALLER[:2]]),
        (60.0, [FIRST, *SMALLER[:2]]),
        (1000.0, [FIRST, *SMALLER[2:]]),
    ],
)
def test_sizes_are_tried_until_60_fps_are_held_or_no_longer(ms_a_megapixel: float, asked: list[Size]) -> None:
    tried: list[Size] = []
    found = list(sizes(taking(ms_a_megapixel, asked=tried)))
    assert tried == asked == [one.size for one in found]


def test_a_smaller_size_is_advised_only_where_it_was_measured_to_help() -> None:
    slow = measure(lambda _: None, taking(60.0))
    assert slow.state == "note" and "--size 640x360 is the largest size here that holds 30 fps" in slow.remedy
    assert measure(lambda _: None, taking(20.0)).remedy == ""
    assert "--size" not in measure(lambda _: None, taking(60.0, software=False)).remedy
    assert "--size" not in measure(lambda _: None, taking(9000.0)).remedy


def test_the_speed_is_told_in_words_and_figures() -> None:
    found = verdict([Timed(FIRST, 18.0, 24.0, 60, True), Timed(SMALLER[0], 10.0, 13.6, 60, True)], busy=0.5)
    assert found.found.splitlines() == [
        "1280x720: holds 30 fps; takes 18 ms a frame, 95% within 24 ms",
        "960x540: holds 30 and 60 fps; takes 10 ms a frame, 95% within 14 ms",
        "measured while other programs had about 50% of the processor",
    ]
    assert found.figures["sizes"][1] == {
        "size": [1280, 720],
        "median_ms": 18.0,
        "p95_ms": 24.0,
        "frames": 60,
        "holds": {"30": True, "60": False},
    }


def test_synthesizers_are_named_with_their_voices_and_how_to_get_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Nothing was said of them."""

    def answers(**said: object) -> None:
        line = json.dumps({"bytes": 0, **said})
        spoken = json.dumps({"rate": 1, "words": [], "phones": [], "bytes": 0})
        script = f"import sys\nprint({line!r}, flush=True)\nsys.stdin.readline()\nprint({spoken!r})"
        monkeypatch.setattr(espeak, "worker_command", lambda: [sys.executable, "-I", "-S", "-c", script])

    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv(piper.VARIABLE, str(tmp_path / "voices"))
    monkeypatch.setattr(piper, "is_installed", lambda: False)
    answers(error="library", kind="LookupError")
    none = examine_speech()
    assert (none.state, none.found) == ("note", "piper: not installed\nespeak-ng: not installed")
    assert "apt install espeak-ng" in none.remedy and "pip install piper-tts" in none.remedy
    answers(ready=True, voices=["de", "en", "en-gb"])
    one = examine_speech()
    assert one.state == "ok" and one.figures == {"espeak-ng": ["de", "en", "en-gb"]}
    assert one.found.splitlines()[1] == "espeak-ng: de, en, and 1 more (`mien doctor --json` lists them)"
    assert "piper sounds like people: install it" in one.remedy
    answers(error="its data is not installed", kind="RuntimeError")
    monkeypatch.setattr(piper, "is_installed", lambda: True)
    broken = examine_speech()
    assert broken.state == "note" and "espeak-ng could not speak it: its data is not" in broken.found
    assert "piper: it has no voice" in broken.found and "piper.download_voices" in broken.remedy
    (tmp_path / "voices").mkdir()
    for name in ("en_US-joe-medium.onnx", "en_US-joe-medium.onnx.json"):
        (tmp_path / "voices" / name).touch()
    both = examine_speech()
    assert both.state == "ok" and both.found.startswith("piper: en_US-joe-medium\n") and not both.remedy


def test_a_check_that_fails_itself_is_a_line_and_no_traceback() -> None:
    def broken() -> Finding:
        raise OSError("no such thing")

    assert guarded("sound", broken) == Finding("sound", "missing", "OSError: no such thing")


@pytest.mark.parametrize("state", ["wrong", "missing"])
def test_the_command_ends_with_1_where_pictures_are_wrong_or_none_and_shows_brackets(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], state: State
) -> None:
    def examine(tell: Callable[[str], None], *, quick: bool) -> list[Finding]:
        tell("looking")
        return [Finding("drawing", state, "X draws [wrong] pictures"), Finding("machine", "ok", "fine")]

    monkeypatch.setattr(doctor, "examine", examine)
    assert main(["doctor"]) == 1
    assert "X draws [wrong] pictures" in capsys.readouterr().out
    assert main(["doctor", "--json"]) == 1
    assert [one["state"] for one in json.loads(capsys.readouterr().out)] == [state, "ok"]


def asked(**environ: str) -> tuple[int, dict[str, dict[str, object]]]:
    """What `mien doctor --quick --json` says in a process with these variables."""
    ran = subprocess.run(
        [sys.executable, "-m", "mien.cli", "doctor", "--quick", "--json"],
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.stdout and not ran.stderr, ran.stderr
    return ran.returncode, {finding["what"]: finding for finding in json.loads(ran.stdout)}


def test_this_machine_draws_right() -> None:
    status, found = asked()
    assert status == 0 and found["drawing"]["state"] == "ok" and found["headless GL"]["found"]
    assert all(finding["state"] in ("ok", "note") for finding in found.values())
    assert "speed" not in found


def drawing(monkeypatch: pytest.MonkeyPatch, **environ: str) -> dict[str, Finding]:
    """What it finds out of OpenGL where these variables are set."""
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    return {finding.what: finding for finding in apart("gpu", "headless GL", "missing", "update it")}


def test_a_driver_that_draws_nothing_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    found = drawing(monkeypatch, GALLIUM_NOOP="1")
    if "NOOP" not in found["headless GL"].found:
        pytest.skip("not Mesa's: it cannot be told to draw nothing")
    assert found["drawing"].state == "wrong" and "draws wrong pictures" in found["drawing"].found
    assert "GALLIUM_NOOP=1" in settings().found


def test_a_device_that_is_not_there_is_named_beside_those_that_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = drawing(monkeypatch, GLCONTEXT_DEVICE_INDEX="99")
    assert found["headless GL"].state == "missing"
    assert "GLCONTEXT_DEVICE_INDEX=99 is none of the EGL devices here" in found["headless GL"].found
    assert any(what.startswith("EGL device") for what in found)


def test_a_gl_that_is_too_old_is_refused_device_by_device(monkeypatch: pytest.MonkeyPatch) -> None:
    found = drawing(monkeypatch, MESA_GL_VERSION_OVERRIDE="2.1", LIBGL_ALWAYS_SOFTWARE="1")
    if found["headless GL"].state == "ok":
        pytest.skip("not Mesa's: its version cannot be lowered")
    assert found["headless GL"].state == "missing"
    devices = [finding for what, finding in found.items() if what.startswith("EGL device")]
    assert devices and all("has no OpenGL 3.3 core" in one.found for one in devices)


class Ticking:
    """A clock that is a millisecond later whenever it is asked."""

    def __init__(self) -> None:
        self._ms = 0

    def now_ns(self) -> int:
        self._ms += 1
        return self._ms * 1_000_000

    def sleep_until_ns(self, deadline_ns: int) -> None:
        raise AssertionError("nothing here waits")


def test_frames_of_the_bundled_conversation_are_timed() -> None:
    found = timed(Size(64, 36), Ticking())
    assert (found.size, found.frames, found.median_ms, found.nearly_all_ms) == (Size(64, 36), 60, 1.0, 1.0)


def library(folder: Path, name: str, code: str) -> dict[str, str]:
    """The environment of a process that has another library of this name."""
    (folder / f"{name}.py").write_text(code)
    return {"PYTHONPATH": str(folder), "DISPLAY": ":77"}


@pytest.mark.skipif(sys.platform == "win32", reason="signals have other names there")
def test_a_library_that_crashes_is_named_with_its_signal_and_the_rest_is_told(tmp_path: Path) -> None:
    crash = "import os, signal\ndef init(): os.kill(os.getpid(), signal.SIGSEGV)\n"
    crash += "ERROR_REPORTING = False\ndef get_time(): pass\ndef get_error(): return 0x10001, b''\n"
    environ = library(tmp_path, "glfw", crash)
    (tmp_path / "sounddevice.py").write_text("import os; os.abort()")
    status, found = asked(**environ)
    assert status == 0, "neither is needed to render"
    assert found["window"]["found"] == "crashed (SIGSEGV)" and "WAYLAND_DISPLAY" in str(
        found["window"]["remedy"]
    )
    assert found["sound"]["found"] == "crashed (SIGABRT)" and "--silent" in str(found["sound"]["remedy"])
    assert found["drawing"]["state"] == "ok"
    ran = mien("play", short(tmp_path / "c"), *SMALL, "--silent", env=environ)
    assert (ran.returncode, ran.stdout) == (1, "")
    *_, line = ran.stderr.splitlines()
    assert line.startswith("mien: no window can be opened: glfw crashed (SIGSEGV); see whether another")


@pytest.mark.skipif(sys.platform == "win32", reason="signals have other names there")
@pytest.mark.parametrize(
    ("init", "told"),
    [
        ("os.kill(os.getpid(), signal.SIGSEGV)", "crashed (SIGSEGV)"),
        ("threading.Event().wait()", "gave no answer within 2 s"),
        ("return False", ""),
        ("raise RuntimeError", ""),
    ],
)
def test_who_opens_a_window_in_a_program_is_told_what_would_have_ended_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, init: str, told: str
) -> None:
    code = f"import os, signal, threading\ndef init(): {init}\n"
    for name, value in library(tmp_path, "glfw", code).items():
        monkeypatch.setenv(name, value)
    monkeypatch.syspath_prepend(tmp_path)
    # The stand-in is a module, and brings no library.
    monkeypatch.setattr(window_probe, "brought_along", lambda: None)
    with pytest.raises(RendererUnavailable, match=re.escape(told)) if told else nullcontext():
        refuse_crashing(2)


def test_a_program_that_is_not_python_is_not_started_to_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":77")
    monkeypatch.setattr("subprocess.run", lambda *_, **__: pytest.fail("was started"))
    for executable in ("/opt/blender/blender", "", None):
        monkeypatch.setattr(sys, "executable", executable)
        refuse_crashing()


def test_nothing_of_the_folder_that_a_command_is_started_in_is_run(tmp_path: Path) -> None:
    """A conversation's folder may hold `json.py`, and whoever plays it is there."""
    for name in ("json", "ctypes", "glfw", "sounddevice", "numpy", "mien", "argparse"):
        (tmp_path / f"{name}.py").write_text(f"open({str(tmp_path / 'was run')!r}, 'a').write({name!r})\n")
    script = (
        tmp_path.parent / f"{tmp_path.name}-mien.py"
    )  # as the installed command: its folder is not this one
    script.write_text("import sys\nfrom mien.cli import main\nsys.exit(main())\n")
    for command in (["doctor", "--quick"], ["play", "hello", "--silent", "--seconds", "0.1"]):
        subprocess.run(
            [sys.executable, str(script), *command],
            cwd=tmp_path,
            env={**os.environ, "DISPLAY": ":77", "WAYLAND_DISPLAY": ""},
            capture_output=True,
            check=False,
        )
    assert not (tmp_path / "was run").exists()


def test_a_driver_that_crashes_is_told_with_what_it_was_doing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    crash = "import os, signal\n_moderngl = None\nos.kill(os.getpid(), signal.SIGBUS)\n"
    for name, value in library(tmp_path, "moderngl", crash).items():
        monkeypatch.setenv(name, value)
    monkeypatch.syspath_prepend(tmp_path)
    (found,) = apart("gpu", "headless GL", "missing", "update it")
    assert (found.state, found.found, found.remedy) == ("missing", "crashed (SIGBUS)", "update it")


def test_where_no_process_can_be_started_that_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """It ended with `standard output cannot be written (Too many open files)`."""

    def refused(*_: object, **__: object) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(subprocess, "Popen", refused)
    (found,) = apart("gpu", "headless GL", "missing", "update it")
    assert found.state == "missing" and "no process could be started" in found.found
    assert "Too many open files" in found.found and "ulimit" in found.remedy


def test_what_a_library_prints_in_no_encoding_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prints = "import os\nos.write(1, b'\\xff\\xfe\\n')\nraise OSError"
    for name, value in library(tmp_path, "sounddevice", prints).items():
        monkeypatch.setenv(name, value)
    monkeypatch.syspath_prepend(tmp_path)
    (found,) = apart("sound", "sound", "note", "")
    assert found.found == "PortAudio is not installed"


def test_a_check_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hang = "import sys\nfrom mien.cli.doctor.checks import _tell\n_tell('waiting')\nsys.stdin = None\n"
    hang += "import threading; threading.Event().wait()\n"
    for name, value in library(tmp_path, "sounddevice", hang).items():
        monkeypatch.setenv(name, value)
    monkeypatch.syspath_prepend(tmp_path)
    heard: list[str] = []
    (found,) = apart("sound", "sound", "note", "", heard.append, silent_s=0.5)
    assert found.found.startswith("gave no answer within 0.5 s")


@pytest.mark.skipif(sys.platform == "win32", reason="signals have other names there")
@pytest.mark.parametrize(
    ("gpu", "silent_s", "states"),
    [
        ("ok", 0.2, ["ok", "note"]),
        ("ok", 90.0, ["ok", "wrong"]),
        ("wrong", 90.0, ["wrong", "note"]),
        ("missing", 90.0, ["missing"]),
    ],
)
def test_what_draws_right_is_not_missing_because_nobody_could_say_how_fast(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gpu: State, silent_s: float, states: list[str]
) -> None:
    def check(name: str, what: str, *more: Any, silent: Any = None) -> Iterator[Finding]:
        if name == "gpu":
            return iter([Finding("drawing", gpu, "")])
        state, remedy, tell = more
        return apart(name, what, state, remedy, tell, silent_s, silent=silent)

    does = "threading.Event().wait()" if silent_s < 1 else "os.abort()"
    for name, value in library(tmp_path, "moderngl", f"import os, threading; {does}").items():
        monkeypatch.setenv(name, value)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(doctor, "apart", check)
    monkeypatch.setattr(doctor, "nvidia", lambda: None)
    found = list(doctor._gpu(lambda _: None, quick=False))
    assert [one.state for one in found] == states
    if "note" in states[1:] and gpu == "ok":
        assert found[1].found.startswith("gave no answer within 0.2 s")
        assert "less to do" in found[1].remedy


@pytest.mark.parametrize(
    ("granted", "says", "remedy"),
    [
        (Granted(False, False, False), "no priority for one thread", False),
        (Granted(True, False, True), "refuses to put them ahead; steps count within a session", True),
        (
            Granted(True, True, False),
            "10 steps of nice behind; live stages run 5 ahead",
            False,
        ),
    ],
)
def test_what_the_system_grants_threads_is_said(granted: Granted, says: str, remedy: bool) -> None:
    found = machine._threads(lambda: granted)
    assert (found.state, says in found.found, bool(found.remedy)) == ("ok", True, remedy)


def test_a_slow_processor_is_said_in_words_and_in_figures() -> None:
    fine, slow = machine._processor(lambda: 80.0), machine._processor(lambda: 200.0)
    assert (fine.state, fine.remedy) == ("ok", "")
    assert fine.found.startswith("runs Python at 100% of the reference machine's speed")
    assert (slow.state, slow.figures) == ("note", {"loop_us": 200.0, "reference_us": 80.0})
    assert slow.found.startswith("runs Python at 40%") and slow.remedy


def test_a_container_of_little_memory_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "container", lambda: 300_000_000)
    monkeypatch.setattr(memory, "allowed", {}.get)
    monkeypatch.setattr(machine, "allowed", {}.get)
    found = machine._memory()
    assert found.state == "note" and found.found == "this container may use 300 MB"
    monkeypatch.setattr(memory, "allowed", {memory.DATA: 300_000_000}.get)
    found = machine._memory()
    assert found.state == "missing" and "300 MB of data, and needs 800" in found.found
    assert found.remedy == "raise the limit (`ulimit -d unlimited`)"
