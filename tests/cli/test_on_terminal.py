"""What commands say while they work, on a terminal."""

from __future__ import annotations

import io

import pytest

from mien.cli.console import asides
from mien.cli.progress import Outlook, RenderProgress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_bar_on_a_terminal_ends_and_lines_beside_it_are_written(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    with RenderProgress(asides(), Outlook((), 30.0, 0.0, 1.0)) as progress:
        progress.frame(30, ())
        asides().print("beside")
    assert "rendering" in terminal.getvalue() and "beside" in terminal.getvalue()
