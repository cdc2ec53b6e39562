"""What commands say while they work, on a terminal."""

from __future__ import annotations

import io
import sys

import pytest

from mien.cli import doctor, main
from mien.cli.console import asides
from mien.cli.doctor.finding import Finding
from mien.cli.progress import Outlook, RenderProgress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("what", ["bar", "doctor"])
def test_nothing_is_put_in_place_of_the_streams(monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    out, err = Terminal(), Terminal()
    monkeypatch.setattr("sys.stdout", out)
    monkeypatch.setattr("sys.stderr", err)
    monkeypatch.setenv("TERM", "xterm")
    seen = []

    def look(*_: object, **__: object) -> list[Finding]:
        seen.append((sys.stdout, sys.stderr))
        return []

    if what == "bar":
        with RenderProgress(asides(), Outlook((), 30.0, 0.0, 1.0)):
            look()
    else:
        monkeypatch.setattr(doctor, "examine", look)
        assert main(["doctor"]) == 0
        assert "looking around" in err.getvalue()
    assert seen == [(out, err)]


def test_a_bar_on_a_terminal_ends_and_lines_beside_it_are_written(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    with RenderProgress(asides(), Outlook((), 30.0, 0.0, 1.0)) as progress:
        progress.frame(30, ())
        asides().print("beside")
    assert "rendering" in terminal.getvalue() and "beside" in terminal.getvalue()
