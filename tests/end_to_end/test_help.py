"""What `mien` says when it is told nothing."""

from __future__ import annotations

import pytest

from mien.cli import main


def test_without_a_command_the_help_is_shown_and_it_is_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    told = capsys.readouterr()
    assert told.out.startswith("usage: mien")
    assert "render" in told.out
    assert not told.err
