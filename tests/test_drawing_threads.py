"""With how many threads a software renderer draws."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mien import drawing_threads as module
from mien.drawing_threads import VARIABLE, cores, drawing_threads, threads_for


@pytest.mark.parametrize(
    ("available", "threads"), [(2, 4), (1, 2), (0.5, 1), (0.1, 1), (1.2, 3), (8, 16), (64, 16)]
)
def test_there_are_two_for_each_core(available: float, threads: int) -> None:
    assert threads_for(available) == threads


def told(monkeypatch: pytest.MonkeyPatch, own: str | None) -> tuple[str | None, str | None]:
    """What a driver finds that is opened here, and what is left behind."""
    monkeypatch.delenv(VARIABLE, raising=False)
    if own is not None:
        monkeypatch.setenv(VARIABLE, own)
    monkeypatch.setattr(module, "cores", lambda: 4.0)
    with drawing_threads():
        within = os.environ.get(VARIABLE)
    return within, os.environ.get(VARIABLE)


def test_the_driver_is_told_and_programs_that_are_started_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(monkeypatch, None) == ("8", None)


def test_what_the_user_says_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(monkeypatch, "7") == ("7", "7")


def test_it_is_taken_back_where_opening_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    with pytest.raises(RuntimeError), drawing_threads():
        raise RuntimeError
    assert VARIABLE not in os.environ


def grouped(folder: Path, lines: str, files: dict[str, str]) -> float:
    """The cores of a process in such control groups."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    folder.mkdir(parents=True, exist_ok=True)
    own = folder / "own"
    own.write_text(lines)
    return cores(folder, own)


def test_a_containers_quota_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    assert grouped(tmp_path / "none", "0::/\n", {}) == 8
    assert grouped(tmp_path / "open", "0::/\n", {"cpu.max": "max 100000\n"}) == 8
    assert grouped(tmp_path / "two", "0::/\n", {"cpu.max": "150000 100000\n"}) == 1.5
    # The least of those that a group lies in; a path that is the host's.
    nested = {"a/cpu.max": "300000 100000\n", "a/b/cpu.max": "max 100000\n"}
    assert grouped(tmp_path / "nested", "0::/a/b\n", nested) == 3
    assert grouped(tmp_path / "host", "0::/docker/x\n", {"cpu.max": "200000 100000\n"}) == 2


def test_version_1_of_control_groups_counts_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    files = {"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}
    assert grouped(tmp_path / "open", "4:memory:/m\n1:cpu:/\n", files) == 8
    files |= {"cpu/x/cpu.cfs_quota_us": "50000\n", "cpu/x/cpu.cfs_period_us": "100000\n"}
    assert grouped(tmp_path / "half", "1:cpu:/x\n", files) == 0.5
