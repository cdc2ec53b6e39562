"""What else the machine did during a run, looked at from outside of the process that runs."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Final, NamedTuple

from mien.prove.machine import cores
from mien.prove.usage import TICKS, Tree, busiest, programs, text_of, used_by

LOOK_S: Final = 0.25
_BUSY: Final = (0, 1, 2, 5, 6)  # user, nice, system, irq, softirq: proc_stat(5)
_STOLEN: Final = 7


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
    work_us: float | None = None
    """Processor time of a piece of work that is always the same, the median over the run, microseconds."""
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
            "work_us": self.work_us,
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
        None if ticks is None else sum(ticks[i] for i in _BUSY) / TICKS,
        None if ticks is None else ticks[_STOLEN] / TICKS,
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


class Watch:
    """Looks at the machine while a `with` block runs; `seen` then says what there was. `pid`: whose run it
    is."""

    def __init__(self, pid: int, *, tree: bool = False) -> None:
        self._named: tuple[tuple[str, float], ...] = ()
        self._pid = pid
        self._tree = Tree(pid) if tree else None
        self._looks: list[Look] = []
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="mien-prove-watch", daemon=True)

    def _own(self) -> float:
        if self._tree is not None:
            return self._tree.used()
        return used_by(self._pid) + time.process_time()

    def _watch(self) -> None:
        while True:
            self._looks.append(look(self._own))
            if self._done.wait(LOOK_S):
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


def _words(path: Path) -> list[str]:
    return next(iter(text_of(path).splitlines()), "").split()


def _number(path: Path) -> float | None:
    try:
        return float(text_of(path))
    except ValueError:
        return None


def _told(path: Path, line: str, begins: str) -> float | None:
    """Seconds, of microseconds in the word that begins so (or the last) of the line that begins so."""
    for text in text_of(path).splitlines():
        words = text.split()
        if words[:1] == [line] and words[-1].startswith(begins):
            return int(words[-1].removeprefix(begins)) / 1e6
    return None
