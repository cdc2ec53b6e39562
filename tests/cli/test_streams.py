"""What has become of the program's streams costs the work nothing."""

from __future__ import annotations

import os
import subprocess
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mien.cli import streams
from mien.cli.console import asides
from mien.cli.progress import Outlook, RenderProgress
from mien.cli.streams import Unfailing

MUCH = "x" * 1000 + "\n"


@contextmanager
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[int, int]]:
    """A terminal as standard error: its two ends. Nobody waits for it. No fixture: pytest puts its own
    standard error in place between those and the test."""
    monkeypatch.setattr(streams, "_PATIENCE_S", 0.0)
    monkeypatch.setenv("TERM", "xterm")
    outer, inner = os.openpty()
    with monkeypatch.context() as patch, os.fdopen(inner, "w", encoding="utf-8", closefd=False) as file:
        patch.setattr("sys.stderr", file)
        yield outer, inner
    os.close(outer)
    os.close(inner)


def test_a_terminal_that_is_held_costs_what_is_said_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    read = b""
    with terminal(monkeypatch) as (outer, inner):
        said = Unfailing()
        said.write("before\n")
        termios.tcflow(inner, termios.TCOOFF)
        said.write("lost\n")
        with RenderProgress(asides(), Outlook((), 30.0, 0.0, 100.0)) as progress:
            for done in range(200):
                progress.frame(done, ())
        termios.tcflow(inner, termios.TCOON)
        said.write("after\n")
        while b"after" not in read:
            read += os.read(outer, 1 << 16)
    assert read == b"before\r\nafter\r\n"


def test_a_terminal_that_nobody_reads_is_written_until_it_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    with terminal(monkeypatch) as (outer, inner):
        said = Unfailing()
        for _ in range(1000):
            said.write(MUCH)
        assert os.read(outer, 100) == b"x" * 100
        assert os.get_blocking(inner)  # it is others' as well


def test_a_pipe_that_nobody_reads_is_written_until_it_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "_PATIENCE_S", 0.0)
    outer, inner = os.pipe()
    with os.fdopen(outer, "rb", buffering=0) as reader, os.fdopen(inner, "w", encoding="ascii") as file:
        monkeypatch.setattr("sys.stderr", file)
        said = Unfailing()
        for _ in range(1000):
            said.write(MUCH)
        assert 1000 < len(reader.read(1 << 20)) < 500_000
        said.write("as it is: \N{SNOWMAN}\n")
        assert reader.read(100) == b"as it is: \\u2603\n"


@pytest.mark.skipif(sys.platform == "win32", reason="closes streams by a shell")
def test_no_file_becomes_a_stream_that_is_closed(tmp_path: Path) -> None:
    code = f"""
import os, sys
import mien.cli
sys.argv = ["mien", "--version"]
try:
    mien.cli.main()
finally:
    fd = os.open({str(tmp_path / "file")!r}, os.O_WRONLY | os.O_CREAT)
    os.write(fd, str(fd).encode())
"""
    shell = ["sh", "-c", 'exec "$0" "$@" <&- >&- 2>&-', sys.executable, "-c", code]
    assert subprocess.run(shell, check=False).returncode == 0
    assert int((tmp_path / "file").read_text()) > 2
