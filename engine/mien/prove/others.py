"""What else the machine did during a run, looked at from outside of the process that runs."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Final, NamedTuple

from mien.prove.machine import cores

LOOK_S: Final = 0.25
_BUSY: Final = (0, 1, 2, 5, 6)  # user, nice, system, irq, softirq: proc_stat(5)
_STOLEN: Final = 7
_TICKS: Final = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
_NAMED: Final = 4
"""Programs that are named, the busiest."""


class Look(NamedTuple):
    """All counters at one moment, since the machine or the process began. None: the system does not say."""

    at_ns: int
    busy_s: float | None
    """Time of all cores on which something ran."""
    stolen_s: float | None
    own_s: float
    """Of `busy_s`, what the process that is measured used, and what looks at it."""
    waiting_s: float | None
    """Time in which something that could run had no core (PSI)."""
    throttled_s: float | None
    """Time for which a container's limit stopped all of it."""
    hot: int | None
    """Times that a core was slowed for its heat."""
    mhz: float | None
    """Clock of the cores, in the mean."""
    celsius: float | None
    """Of the hottest place."""


@dataclass(frozen=True, slots=True)
class Others:
    """What the machine did beside a run."""

    at_ns: list[int] = field(default_factory=list)
    """Monotonic time of the end of each span that was looked at; `LOOK_S` each."""
    others: list[float] = field(default_factory=list)
    """Share of all cores that other programs used in it, 0..1."""
    stolen: list[float] = field(default_factory=list)
    """Share that the hypervisor gave to other machines, 0..1."""
    waiting: float | None = None
    """Share of the run in which something that could run had no core, 0..1. The run's own threads count."""
    throttled: float | None = None
    """Share of the run for which a limit of the container stopped it."""
    hot: int | None = None
    mhz: float | None = None
    celsius: float | None = None
    pauses: tuple[tuple[float, float], ...] = ()
    """When a process that only wants to run was kept from it for 0.05 s or more, and for how long: seconds
    since the run's first frame, and seconds."""
    programs: tuple[tuple[str, float], ...] = ()
    """The busiest other programs, and how many cores each used."""

    @property
    def mean(self) -> float | None:
        """Share of all cores that other programs used over the run."""
        return sum(self.others) / len(self.others) if self.others else None

    @property
    def stolen_mean(self) -> float | None:
        """Share that the hypervisor took over the run."""
        return sum(self.stolen) / len(self.stolen) if self.stolen else None

    @property
    def worst_second(self) -> float | None:
        """Share that others and the hypervisor had in the second in which they had most."""
        taken = [a + b for a, b in zip(self.others, self.stolen, strict=True)]
        if not taken:
            return None
        span_s = (self.at_ns[-1] - self.at_ns[0]) / 1e9 / max(1, len(taken) - 1) or LOOK_S
        width = min(len(taken), max(1, round(1 / span_s)))
        return max(sum(taken[i : i + width]) / width for i in range(len(taken) - width + 1))

    def as_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        return {
            "others_share": self.mean,
            "stolen_share": self.stolen_mean,
            "worst_second_share": self.worst_second,
            "waiting_share": self.waiting,
            "throttled_share": self.throttled,
            "slowed_for_heat": self.hot,
            "mhz": self.mhz,
            "celsius": self.celsius,
            "pauses": [{"at_s": at, "seconds": length} for at, length in self.pauses],
            "programs": [{"name": name, "cores": used} for name, used in self.programs],
        }


def look(
    own: Callable[[], float], root: Path = Path("/"), now_ns: Callable[[], int] = time.monotonic_ns
) -> Look:
    """One look. `own`: seconds of cores that were used by what is no other program; `root`: where /proc
    is."""
    stat = _words(root / "proc/stat")[1:9]
    ticks = [int(word) for word in stat] if len(stat) == 8 else None
    cpu = root / "sys/devices/system/cpu"
    clocks = [v for p in cpu.glob("cpu*/cpufreq/scaling_cur_freq") if (v := _number(p)) is not None]
    heats = [
        v for p in (root / "sys/class/thermal").glob("thermal_zone*/temp") if (v := _number(p)) is not None
    ]
    hot = [v for p in cpu.glob("cpu*/thermal_throttle/core_throttle_count") if (v := _number(p)) is not None]
    return Look(
        now_ns(),
        None if ticks is None else sum(ticks[i] for i in _BUSY) / _TICKS,
        None if ticks is None else ticks[_STOLEN] / _TICKS,
        own(),
        _told(root / "proc/pressure/cpu", "some", "total="),
        _told(root / "sys/fs/cgroup/cpu.stat", "throttled_usec", ""),
        int(sum(hot)) if hot else None,
        sum(clocks) / len(clocks) / 1000 if clocks else None,
        max(heats) / 1000 if heats else None,
    )


def between(looks: list[Look], programs: tuple[tuple[str, float], ...] = (), on: int | None = None) -> Others:
    """What happened between the first look and the last. `on`: how many cores there are."""
    if len(looks) < 2:
        return Others()
    on = on or os.cpu_count() or cores()
    found = Others()
    for before, after in pairwise(looks):
        span_s = (after.at_ns - before.at_ns) / 1e9 * on
        if before.busy_s is None or after.busy_s is None or span_s <= 0:
            continue
        busy = after.busy_s - before.busy_s - (after.own_s - before.own_s)
        found.at_ns.append(after.at_ns)
        found.others.append(min(1.0, max(0.0, busy / span_s)))
        found.stolen.append(min(1.0, max(0.0, ((after.stolen_s or 0) - (before.stolen_s or 0)) / span_s)))
    first, last = looks[0], looks[-1]
    whole_s = (last.at_ns - first.at_ns) / 1e9

    def share(name: str) -> float | None:
        a, b = getattr(first, name), getattr(last, name)
        return None if a is None or b is None or whole_s <= 0 else max(0.0, (b - a) / whole_s)

    clocks, heats = ([v for x in looks if (v := getattr(x, n)) is not None] for n in ("mhz", "celsius"))
    return Others(
        found.at_ns,
        found.others,
        found.stolen,
        share("waiting_s"),
        share("throttled_s"),
        None if first.hot is None or last.hot is None else last.hot - first.hot,
        sum(clocks) / len(clocks) if clocks else None,
        max(heats) if heats else None,
        programs=programs,
    )


def used_by(pid: int, root: Path = Path("/")) -> float:
    """Seconds of cores that a process has used; 0 where nothing is known of it."""
    stat = _text(root / "proc" / str(pid) / "stat").rpartition(")")[2].split()
    return (int(stat[11]) + int(stat[12])) / _TICKS if len(stat) > 12 else 0.0


def used_by_tree(pid: int, root: Path = Path("/")) -> float:
    """Seconds of cores that a process and all that it began have used, those that have ended too."""
    found: dict[int, tuple[int, float]] = {}
    for folder in (root / "proc").glob("[0-9]*"):
        stat = _text(folder / "stat").rpartition(")")[2].split()
        if len(stat) > 14:
            found[int(folder.name)] = (int(stat[1]), sum(map(int, stat[11:15])) / _TICKS)
    total = 0.0
    for number, (_, used) in found.items():
        above: int | None = number
        while above is not None and above != pid:
            above = found[above][0] if above in found else None
        total += used if above == pid else 0.0
    return total


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
    name = _text(folder / "comm").strip()
    if name.startswith("python"):
        words = [word for word in _text(folder / "cmdline").split("\0")[1:] if word]
        told = next((word for word in words if not word.startswith("-")), "")
        if words[:1] != ["-c"] and told:
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


class Watch:
    """Looks at the machine while a `with` block runs; `seen` then says what there was. `pid`: whose run it
    is."""

    def __init__(self, pid: int, *, tree: bool = False) -> None:
        self._named: tuple[tuple[str, float], ...] = ()
        self._pid, self._tree = pid, tree
        self._looks: list[Look] = []
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="mien-prove-watch", daemon=True)

    def _own(self) -> float:
        if self._tree:
            return used_by_tree(self._pid)
        return used_by(self._pid) + time.process_time()

    def _watch(self) -> None:
        while True:
            self._looks.append(look(self._own))
            if self._done.wait(LOOK_S * (4 if self._tree else 1)):
                return

    def __enter__(self) -> Watch:
        self._before, self._begun = programs(), time.monotonic()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()
        seconds = time.monotonic() - self._begun
        # Which of many short processes were ours is not known behind them.
        self._named = (
            () if self._tree else busiest(self._before, programs(), seconds, {self._pid, os.getpid()})
        )

    def seen(self, since_ns: int = 0) -> Others:
        """What there was since that monotonic time; behind the block."""
        return between([one for one in self._looks if one.at_ns >= since_ns], self._named)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _words(path: Path) -> list[str]:
    return next(iter(_text(path).splitlines()), "").split()


def _number(path: Path) -> float | None:
    try:
        return float(_text(path))
    except ValueError:
        return None


def _told(path: Path, line: str, begins: str) -> float | None:
    """Seconds, of microseconds in the word that begins so (or the last) of the line that begins so."""
    for text in _text(path).splitlines():
        words = text.split()
        if words[:1] == [line] and words[-1].startswith(begins):
            return int(words[-1].removeprefix(begins)) / 1e6
    return None
