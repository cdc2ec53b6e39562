"""A run of which a turn was not heard is not called clean, by any command, and does not end well."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli.short import SMALL, mien, short
from mien.cli import main
from mien.report import reports_of


@pytest.mark.parametrize("command", ["render", "play"])
def test_a_turn_that_is_no_sound_is_the_verdict_and_the_status(command: str, tmp_path: Path) -> None:
    folder, ledger = short(tmp_path / "talk"), tmp_path / "run.jsonl"
    (folder / "one.wav").write_bytes(b"garbage\n")
    how = ("-o", tmp_path / "a.mp4") if command == "render" else ("--headless", "--silent")
    done = mien(command, folder, *SMALL, *how, "--ledger", ledger)
    verdict = next(line for line in done.stdout.splitlines() if "turns" in line)
    assert (done.returncode, verdict == done.stdout.splitlines()[0]) == (1, True), done.stdout
    assert "1 of 1 turns was not heard" in verdict and "clean" not in done.stdout
    (report,) = reports_of([ledger])
    assert "1 of 1 turns was not heard" in report.verdict
    assert not report.passes
    totals = json.loads(ledger.read_text(encoding="utf-8").splitlines()[-1])
    assert totals["turns_unheard_total"] == 1


def test_a_turn_that_was_heard_in_part_is_not_called_clean(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, ledger = short(tmp_path / "talk"), tmp_path / "run.jsonl"
    sound = (folder / "one.wav").read_bytes()
    (folder / "one.wav").write_bytes(sound[: len(sound) * 2 // 3])
    place = str(tmp_path / "a.mp4")
    assert main(["render", str(folder), *SMALL, "-o", place, "--ledger", str(ledger)]) == 0
    told = capsys.readouterr().out
    assert "1 of 1 turns was heard only in part" in told.splitlines()[0] and "clean" not in told
    (report,) = reports_of([ledger])
    assert "1 of 1 turns was heard only in part" in report.verdict and not report.passes


def test_a_turn_that_was_heard_changes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place, ledger = tmp_path / "a.mp4", tmp_path / "run.jsonl"
    folder = short(tmp_path / "talk")
    assert main(["render", str(folder), *SMALL, "-o", str(place), "--ledger", str(ledger)]) == 0
    assert "clean" in capsys.readouterr().out
    (report,) = reports_of([ledger])
    assert "heard" not in report.verdict
