"""How a command ends: one rule of exit statuses, whatever stops it."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import av
import pytest

from cli.short import mien, short
from mien import threads
from mien.cli import inspect, main, memory
from mien.cli.early import is_the_program
from mien.cli.stopping import Stopped, stoppable, stopped_by

_STOPPED_WHILE_IMPORTING = """
import os, signal, sys

class Stop:
    def find_spec(self, name, path=None, target=None):
        if name == "numpy":
            os.kill(os.getpid(), signal.{name})

sys.meta_path.insert(0, Stop())
from mien.cli import main
sys.exit(main(["render"]))
"""


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_command_that_is_stopped_while_it_loads_says_so_and_no_more(name: str, tmp_path: Path) -> None:
    code = _STOPPED_WHILE_IMPORTING.format(name=name)
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert ran.stderr == "mien: stopped.\n"
    assert ran.returncode == 128 + getattr(signal, name)
    assert not list(tmp_path.iterdir())


def test_ctrl_c_while_the_first_modules_are_read_leaves_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("""
import os, signal, sys

class Stop:
    def find_spec(self, name, path=None, target=None):
        if name == "mien.cli.memory":
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Stop())
""")
    found = os.pathsep.join((str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])))
    ran = subprocess.run(
        [sys.executable, "-m", "mien.cli", "doctor"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": found},
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (-signal.SIGINT, "", "")


def test_only_the_command_itself_has_ctrl_c_end_it_before_it_listens() -> None:
    for argv, started_as, own in (
        (["-m"], ["python", "-m", "mien.cli", "doctor"], True),
        (["/usr/bin/mien", "doctor"], ["python", "/usr/bin/mien", "doctor"], True),
        (["C:\\Scripts\\mien.exe"], ["C:\\Scripts\\mien.exe"], True),
        (["-m"], ["python", "-m", "host"], False),
        (["-c"], ["python", "-c", "import mien.cli"], False),
        ([""], ["python"], False),
        ([], [], False),
    ):
        assert is_the_program(argv, started_as) == own, argv


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_command_that_is_stopped_while_a_text_is_executed_has_its_status(name: str, tmp_path: Path) -> None:
    (tmp_path / "stopped.py").write_text(f"""
import sys
from types import SimpleNamespace
import mien.cli
stop = "import os, signal; os.kill(os.getpid(), signal.{name})\\nwhile True: pass"
sys.modules["mien.cli.command"] = SimpleNamespace(run=lambda _: exec(stop))
sys.exit(mien.cli.main())
""")
    command = [sys.executable, "-m", "stopped"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (ran.stderr, ran.returncode) == ("mien: stopped.\n", 128 + getattr(signal, name))


@pytest.mark.parametrize("moment", ["told", "long after", "at exit", "in the teardown"])
def test_a_second_signal_does_not_change_the_exit_status(moment: str, tmp_path: Path) -> None:
    code = f"""
import atexit, os, signal, sys

class Again:
    def __del__(self, kill=os.kill, pid=os.getpid(), again=signal.SIGTERM):
        kill(pid, again)

def status():
    import mien.cli
    sys.argv = ["mien", "render"]
    ended = mien.cli.main()
    if {moment == "long after"}:
        mien.cli.stopping._LOST_S = 0.0
    if {moment in ("told", "long after")}:
        os.kill(os.getpid(), signal.SIGTERM)
    if {moment == "at exit"}:
        atexit.register(os.kill, os.getpid(), signal.SIGHUP)
    if {moment == "in the teardown"}:
        sys.modules["again"] = Again()
    return ended
""" + _STOPPED_WHILE_IMPORTING.format(name="SIGINT").replace('main(["render"])', "status()")
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert (ran.stderr, ran.returncode) == ("mien: stopped.\n", 130)


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_what_is_not_stopped_is_killed_as_ever_when_it_has_ended(name: str) -> None:
    code = (
        "import os, signal\nfrom mien.cli.stopping import stoppable\n"
        f"with stoppable(to_the_end=True): pass\nos.kill(os.getpid(), signal.{name})"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (-getattr(signal, name), "")


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_service_that_is_stopped_keeps_what_was_rendered(name: str, tmp_path: Path) -> None:
    output = tmp_path / "a.mp4"
    command = [sys.executable, "-W", "error", "-m", "mien.cli", "render", "night_shift", "-o", str(output)]
    with subprocess.Popen(
        [*command, "--size", "64x36", "--ledger", str(tmp_path / "a.jsonl")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stderr is not None
        while not running.stderr.readline().startswith("rendering: "):
            pass
        running.send_signal(getattr(signal, name))
        err = running.communicate(timeout=120)[1]
    assert running.returncode == 128 + getattr(signal, name)
    assert err.endswith("mien: stopped; what was rendered so far is in the file.\n")
    with av.open(str(output)) as file:
        assert sum(1 for _ in file.decode(video=0)) > 0
    assert (tmp_path / "a.jsonl").read_text().splitlines()[-1].startswith('{"kind":"totals"')
    assert {path.name for path in tmp_path.iterdir()} == {"a.mp4", "a.jsonl"}


def test_what_the_program_around_had_set_for_signals_is_put_back() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)]
    with pytest.raises(Stopped), stoppable():
        os.kill(os.getpid(), signal.SIGTERM)
    assert [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)] == before


def test_what_is_told_again_while_a_command_ends_is_ignored_until_somebody_insists() -> None:
    with pytest.raises(KeyboardInterrupt), stoppable():
        try:
            os.kill(os.getpid(), signal.SIGINT)
        finally:
            for _ in range(8):
                os.kill(os.getpid(), signal.SIGTERM)
    code = (
        "import os, signal\nfrom mien.cli.stopping import stoppable\n"
        "with stoppable():\n  for _ in range(10):\n    try: os.kill(os.getpid(), signal.SIGTERM)\n"
        "    except KeyboardInterrupt: pass\nprint('still there')"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (-signal.SIGTERM, "")


def test_a_library_that_crashes_when_its_callbacks_raise_is_left_to_finish() -> None:
    ended: list[bool] = []
    library = {"__name__": "moderngl.somewhere", "ended": ended}
    exec("def link(callback):\n    callback()\n    ended.append(True)", library)

    def callback() -> None:
        os.kill(os.getpid(), signal.SIGTERM)

    with pytest.raises(Stopped), stoppable():
        library["link"](callback)  # type: ignore[operator]
        assert ended == [True]
        threading.Event().wait(60)  # the signal comes again
        pytest.fail("it did not come again")


def test_a_signal_that_is_ignored_stays_so() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with stoppable():
            os.kill(os.getpid(), signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)


def test_each_signal_has_its_status_and_the_sentence_says_what_is_kept(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert stopped_by(KeyboardInterrupt()) == 130
    assert stopped_by(Stopped(signal.SIGTERM), "it is kept") == 143
    assert capsys.readouterr().err == "mien: stopped.\nmien: stopped; it is kept.\n"


def test_play_that_is_stopped_ends_as_render_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from mien.stage.live import LiveStage

    def pressed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(LiveStage, "run", pressed)
    assert main(["play", str(short(tmp_path / "c")), "--headless", "--silent", "--size", "64x64"]) == 130


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (MemoryError(), "there is not enough memory for this; allow more"),
        (RuntimeError("can't start new thread"), "no thread more could be started"),
        (OSError(errno.EMFILE, "Too many open files", "a.toml"), "no file more could be opened"),
    ],
)
def test_what_the_system_does_not_give_is_a_sentence(
    error: Exception, told: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def none_left(_: object) -> int:
        raise error

    monkeypatch.setattr(inspect, "run", none_left)
    assert main(["inspect"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"mien: {told}")


def test_a_library_that_gets_no_threads_while_it_is_loaded_is_no_ctrl_c(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """OpenBLAS raises SIGINT then (`ulimit -u 1`, as an ordinary user)."""

    def none_left(_: object) -> None:
        raise RuntimeError("can't start new thread")

    def loaded(_: object) -> int:
        signal.raise_signal(signal.SIGINT)
        return 0

    monkeypatch.setitem(sys.modules, "mien.cli.command", SimpleNamespace(run=loaded))
    assert main(["inspect"]) == 130
    monkeypatch.setattr(threading.Thread, "start", none_left)
    assert main(["inspect"]) == 1
    said, told = capsys.readouterr().err.splitlines()
    assert said == "mien: stopped." and told == f"mien: {threads.NO_THREADS}"


@pytest.mark.parametrize("command", ["still", "render", "play"])
def test_who_draws_has_threads_for_it_or_says_so(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With some, llvmpipe waited for ever for those that it did not get (`ulimit -u 12`)."""
    start = threading.Thread.start
    running = list[threading.Thread]()

    def limited(thread: threading.Thread) -> None:
        running[:] = [one for one in running if one.is_alive()]
        if len(running) == 9:
            raise RuntimeError("can't start new thread")
        start(thread)
        running.append(thread)

    monkeypatch.setattr(threading.Thread, "start", limited)
    assert threads.can_start(9) and threads.can_start(9)
    assert main([command]) == 1
    told = capsys.readouterr().err.splitlines()[-1]
    assert told.startswith("mien: drawing takes up to ") and "not so many could be started" in told
    assert not any(one.is_alive() for one in running)


@pytest.mark.skipif(sys.platform == "win32", reason="limits memory, as POSIX systems can")
@pytest.mark.parametrize(
    ("kind", "megabytes"), [*((memory.ADDRESSES, one) for one in (300, 500, 900, 1100)), (memory.DATA, 315)]
)
def test_too_little_memory_is_a_sentence_and_no_crash(
    kind: memory.Kind, megabytes: int, tmp_path: Path
) -> None:
    import resource

    def little() -> None:
        resource.setrlimit(getattr(resource, kind.resource), (megabytes * 1_000_000,) * 2)

    ran = mien("render", "-o", tmp_path / "a.mp4", preexec_fn=little)
    assert ran.returncode == 1
    (line,) = ran.stderr.splitlines()
    assert line.startswith(f"mien: this process may use {megabytes} MB of {kind.name}, and needs ")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("kind", [memory.ADDRESSES, memory.DATA])
def test_a_limit_that_is_enough_or_none_is_not_complained_of(
    kind: memory.Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    for limit in (None, kind.to_draw):
        monkeypatch.setattr(memory, "allowed", {kind: limit}.get)
        assert memory.too_little(to_draw=True) == ""
    monkeypatch.setattr(memory, "allowed", {kind: kind.to_start - 1}.get)
    assert f"{kind.name}, and needs {kind.to_start // 10**6}:" in memory.too_little(to_draw=False)
