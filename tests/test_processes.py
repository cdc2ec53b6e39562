"""Processes of our own: they are Pythons that can run what this one runs, and nothing is left of them."""

from __future__ import annotations

import multiprocessing.spawn
import os
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from backend.test_backend import wait_for_end
from mien import processes
from mien.art.layered import read_layered
from mien.backend.backend import _check_can_start
from mien.errors import ImageRejected, RendererUnavailable
from mien.importing.importer import Importer
from mien.processes import NoPython, begin, begin_python, end, let_multiprocessing_start, python
from mien.shared_memory import can_work_apart
from mien.speech import espeak
from mien.split.local import LocalPool
from mien.stage import window_probe

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="programs are shell scripts here")


@pytest.fixture(autouse=True)
def looked_for_anew(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    named = multiprocessing.spawn.get_executable()
    monkeypatch.setattr(processes, "_found", {})
    yield
    multiprocessing.set_executable(os.fsdecode(named))


def script(path: Path, text: str) -> str:
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


class Host:
    """A program that embeds Python: what `sys.executable` is there writes down that it was begun."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self._begun = folder / "begun"
        self.program = script(folder / "host", f"echo $$ >> {self._begun}")
        patch.setattr(sys, "executable", self.program)
        patch.setattr(sys, "_base_executable", self.program, raising=False)
        multiprocessing.set_executable(self.program)  # as it is where nobody has named another
        self._folder, self._patch = folder, patch

    def without_library(self) -> None:
        """Nothing lies beside Python's library, as in a program that has it in an archive."""
        for name in ("prefix", "exec_prefix", "base_prefix", "base_exec_prefix"):
            self._patch.setattr(sys, name, str(self._folder / "library"))

    @property
    def was_begun(self) -> bool:
        return self._begun.exists()


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    return Host(tmp_path, monkeypatch)


def ran(path: str) -> str:
    """What it says of itself."""
    code = "import sys; print(*sys.version_info[:2])"
    return subprocess.run([path, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def said(process: subprocess.Popen[bytes]) -> str:
    assert process.stdout is not None
    try:
        return process.stdout.read().decode().strip()
    finally:
        end(process)


def test_a_python_starts_the_interpreter_that_runs_it() -> None:
    assert python() == sys.executable


def test_a_program_that_embeds_python_starts_the_python_beside_its_library(host: Host) -> None:
    assert ran(python()) == f"{sys.version_info.major} {sys.version_info.minor}"
    assert said(begin_python("print(sys.path)")) == str(sys.path)
    assert not host.was_begun


def test_no_part_of_mien_begins_a_program_that_embeds_python_again(
    host: Host, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DISPLAY", ":no-such-display")
    host.without_library()
    job: Any = None
    svg = tmp_path / "a.svg"
    svg.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><rect width="4" height="4"/></svg>'
    )
    why = "host is no Python that could be started, and none of version 3[.]1"
    with pytest.raises(
        RendererUnavailable, match=f"a Backend starts a Python of its own, and {why}.*open_live"
    ):
        _check_can_start()
    with pytest.raises(
        RendererUnavailable, match=f"split over Pythons of its own, and {why}.*leave the workers"
    ):
        LocalPool(job, 2)
    with pytest.raises(ImageRejected, match=f"a.svg: an SVG is drawn by a process of its own, and {why}"):
        read_layered(svg)
    assert not can_work_apart()
    window_probe.refuse_crashing()
    importer = Importer(tmp_path / "no.psd", tmp_path / "made")
    with pytest.raises(OSError):
        importer.make()
    assert importer.pid is None
    importer.close()
    with pytest.raises(NoPython):
        espeak.worker_command()
    assert not host.was_begun


def test_espeak_ng_speaks_by_its_program_where_no_python_can_be_started(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    host.without_library()
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(espeak.NotInstalled):
        espeak.EspeakNg("en", 1.0, 1.0, 10.0, lambda _: None)


def test_a_python_of_another_version_is_not_started_and_is_named(
    host: Host, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    host.without_library()
    other = script(tmp_path / "bin" / "python3", "echo 'cpython-27  9223372036854775807'")
    monkeypatch.setattr(sys, "executable", other)
    with pytest.raises(NoPython, match=f"; {other} is no {sys.implementation.cache_tag} "):
        python()


def test_the_python_that_was_named_to_multiprocessing_is_the_one(host: Host, tmp_path: Path) -> None:
    before = next(iter(processes._candidates("", f"{sys.version_info[0]}.{sys.version_info[1]}")))
    named = script(tmp_path / "mine" / "app-python", f'exec {before} "$@"')
    host.without_library()
    multiprocessing.set_executable(named)
    assert python() == named
    let_multiprocessing_start()
    assert os.fsdecode(multiprocessing.spawn.get_executable()) == named


def test_multiprocessing_begins_pythons_where_it_would_begin_the_program_again(host: Host) -> None:
    multiprocessing.set_executable(host.program)
    let_multiprocessing_start()
    assert os.fsdecode(multiprocessing.spawn.get_executable()) == python() != host.program


def test_a_packaged_program_has_no_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    with pytest.raises(NoPython, match="this program is packaged and has no Python to start"):
        python()


def test_nothing_is_imported_of_the_folder_that_the_program_is_in(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit(9)")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [one for one in sys.path if one])
    assert said(begin_python("import json; print('ours')")) == "ours"


_WAITS = "print('begun', flush=True)\nsys.stdin.read()\nprint('told')"
_STAYS = (
    "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "print('begun', flush=True)\nwhile True: time.sleep(60)"
)


def test_who_ends_by_itself_is_not_killed() -> None:
    process = begin_python(_WAITS)
    assert process.stdout is not None and process.stdout.readline() == b"begun\n"
    end(process, 60.0)
    assert process.returncode == 0 and process.stdout.closed


def test_who_does_not_end_is_told_to_and_then_killed_and_a_second_end_does_nothing() -> None:
    process = begin_python(_STAYS)
    assert process.stdout is not None and process.stdout.readline() == b"begun\n"
    end(process, 0.001)
    assert process.returncode == -9
    end(process)


def test_what_a_process_has_started_ends_with_it() -> None:
    process = begin(["sh", "-c", "sleep 600 & echo $!; wait"])
    assert process.stdout is not None
    child = int(process.stdout.readline())
    end(process)
    wait_for_end(child)


_LEAVES = """
from mien.processes import begin_python
begun = begin_python({code!r}, stdin=subprocess.DEVNULL)
begun.stdout.readline()
print(begun.pid, flush=True)
"""


def test_what_was_begun_ends_with_python_also_where_nobody_ends_it() -> None:
    code = "import subprocess" + _LEAVES.format(code=_STAYS)
    left = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    wait_for_end(int(left.stdout))


ENGINE = str(Path(processes.__file__).parents[1])
"""Where Mien is, which an editable install has not on `sys.path`."""
_EMBEDS = r"""
#include <Python.h>
#include <string.h>
int main(int argc, char **argv) {
    if (argc > 1 && argv[1][0] == '-') { printf("begun again\n"); return 9; }
    PyConfig config;
    PyConfig_InitIsolatedConfig(&config);
    PyConfig_SetBytesString(&config, &config.home, HOME);
    if (argc > 2) PyConfig_SetBytesString(&config, &config.program_name, argv[0]);
    if (PyStatus_Exception(Py_InitializeFromConfig(&config))) return 8;
    PyConfig_Clear(&config);
    FILE *file = fopen(argv[1], "r");
    int status = PyRun_SimpleFile(file, argv[1]);
    return Py_FinalizeEx() || status;
}
"""
_IN_HOST = """
import sys
sys.path[:0] = {path!r}
from mien.processes import begin_python
with begin_python("import numpy; print(sys.version_info[:2], numpy.__version__)") as process:
    print(sys.executable.rpartition("/")[2], process.stdout.read().decode().strip())
"""


@pytest.mark.slow
@pytest.mark.parametrize("named", [True, False], ids=["its name is the program's", "without a name"])
def test_a_program_in_c_that_embeds_python_starts_a_python_with_its_packages(
    tmp_path: Path, *, named: bool
) -> None:
    import numpy

    about = sysconfig.get_config_vars()
    library = str(about.get("LIBDIR"))
    (tmp_path / "host.c").write_text(_EMBEDS)
    built = subprocess.run(
        ["cc", "-o", str(tmp_path / "host"), str(tmp_path / "host.c"), f'-DHOME="{sys.base_prefix}"',
         f"-I{sysconfig.get_path('include')}", f"-L{library}", f"-Wl,-rpath,{library}",
         f"-lpython{about['LDVERSION']}"],
        capture_output=True, check=False,
    ) if Path("/usr/bin/cc").exists() else None  # fmt: skip
    if built is None or built.returncode:
        pytest.skip("no C compiler, or no library of Python to embed")
    (tmp_path / "script.py").write_text(_IN_HOST.format(path=[ENGINE, *filter(None, sys.path)]))
    more = ["named"] if named else []
    told = subprocess.run(
        [str(tmp_path / "host"), str(tmp_path / "script.py"), *more],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    assert ("host" in told.stdout.split()[0]) == named
    assert told.stdout.strip().endswith(f"{sys.version_info[:2]} {numpy.__version__}")
