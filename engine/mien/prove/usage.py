"""Which programs used how much of the cores, by what the system says of each."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from itertools import takewhile
from pathlib import Path
from typing import Final, NamedTuple

TICKS: Final = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
"""In a second."""
_NAMED: Final = 4
"""Programs that are named, the busiest."""


class _Used(NamedTuple):
    """What a process has used, seconds of cores."""

    above: int
    """Who began it."""
    own: float
    ended: float
    """What those used that it began and waited for, and theirs."""


_NONE: Final = _Used(0, 0.0, 0.0)


def text_of(path: Path) -> str:
    """What stands in a file of the system; empty where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def used_by(pid: int, root: Path = Path("/")) -> float:
    """Seconds of cores that a process has used; 0 where nothing is known of it."""
    stat = text_of(root / "proc" / str(pid) / "stat").rpartition(")")[2].split()
    return (int(stat[11]) + int(stat[12])) / TICKS if len(stat) > 12 else 0.0


class Tree:
    """What a process and all that it began have used, those that have ended too. Parameters: `pid`, `root`:
    where /proc is."""

    def __init__(self, pid: int, root: Path = Path("/")) -> None:
        self._pid, self._root = pid, root
        self._before: dict[int, _Used] = {}
        self._total = 0.0

    def used(self) -> float:
        """Seconds of cores so far. It never falls: what a process has used that nobody waits for was counted
        while it ran."""
        now = self._tree()
        # Less than before: the number is another process's by now.
        inherited = {
            pid: max(0.0, one.ended - self._before.get(pid, _NONE).ended) for pid, one in now.items()
        }
        # Of a process that has ended and was waited for, only what was not counted while it ran is new.
        for gone, last in self._before.items():
            heir = last.above
            while heir in self._before and heir not in now:
                heir = self._before[heir].above
            counted = last.own + last.ended
            if gone not in now and heir in now and inherited[heir] >= counted - 2 / TICKS:
                inherited[heir] -= min(inherited[heir], counted)
        for pid, one in now.items():
            self._total += max(0.0, one.own - self._before.get(pid, _NONE).own) + inherited[pid]
        self._before = now
        return self._total

    def _tree(self) -> dict[int, _Used]:
        found: dict[int, _Used] = {}
        for folder in (self._root / "proc").glob("[0-9]*"):
            stat = text_of(folder / "stat").rpartition(")")[2].split()
            if len(stat) > 14:
                user, system, *ended = (int(word) / TICKS for word in stat[11:15])
                found[int(folder.name)] = _Used(int(stat[1]), user + system, sum(ended))
        return {number: one for number, one in found.items() if self._is_in(number, found)}

    def _is_in(self, number: int, found: Mapping[int, _Used]) -> bool:
        above: int | None = number
        while above is not None and above != self._pid:
            above = found[above].above if above in found else None
        return above is not None


def programs(root: Path = Path("/")) -> dict[tuple[int, str], float]:
    """Seconds of cores that each process has used, by its number and name."""
    found = {}
    for folder in (root / "proc").glob("[0-9]*"):
        name = _named(folder)
        if name:
            found[int(folder.name), name] = used_by(int(folder.name), root)
    return found


def _named(folder: Path) -> str:
    """A program's name; of Python's what it runs, for a dozen of `python` say nothing."""
    name = text_of(folder / "comm").strip()
    if name.startswith("python"):
        words = [word for word in text_of(folder / "cmdline").split("\0")[1:] if word]
        options = list(takewhile(lambda word: word.startswith("-"), words))
        told = next(iter(words[len(options) :]), "")
        # Behind -c (or -Pc) stands a program as its text.
        if told and not any(re.fullmatch("-[A-Za-z]*c", word) for word in options):
            name = f"{name} {Path(told).name}"
    return name


def busiest(
    before: Mapping[tuple[int, str], float],
    after: Mapping[tuple[int, str], float],
    seconds: float,
    own: set[int],
) -> tuple[tuple[str, float], ...]:
    """Which programs used most, by name, and how many cores each: those with 0.02 or more, `_NAMED` at
    most."""
    used: dict[str, float] = {}
    for (pid, name), total in after.items():
        if pid not in own:
            used[name] = used.get(name, 0.0) + max(0.0, total - before.get((pid, name), 0.0)) / max(
                seconds, 1e-9
            )
    busy = sorted(((n, v) for n, v in used.items() if v >= 0.02), key=lambda one: -one[1])
    return tuple(busy[:_NAMED])
