"""Host and machine by turns, and what must be the same each time that is looked."""

from __future__ import annotations

import gc
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

from soak.host import Host
from soak.process import open_files, resident, threads
from soak.world import Load, World

ACTS_A_SECOND: Final = 1.5
LOADS_A_MINUTE: Final = 4.0
CHANGES_AN_HOUR: Final = 20.0
"""Of the sound device: another, none, one again."""
SLEEPS_AN_HOUR: Final = 2.0
LOADS: Final[tuple[Load, ...]] = ("host", "gpu_wait", "gil")
SLACK: Final = 12 << 20
"""Bytes that the C heap may take and keep: 6.5 MB were seen where others left it half of its frames."""
PER_TURN: Final = 512
"""Bytes that a turn may leave: nothing is known to stay, and an event of the script would be some 100."""
IN_A_ROW: Final = 16
"""Looks at one of which at least no more may have stayed than that: what leaks does so at all of them. In the
first two hours of a run the heap grew at seven in a row, by a megabyte at most, and hardly after that."""
SETTLES_S: Final = 3.0
"""Within which threads close what they had open, once nothing is queued."""
QUIET_S: Final = 90.0
"""Longest that a conversation which is not added to may last: what is queued, heard to its end."""


@dataclass(frozen=True)
class Told:
    """What is so after some hours."""

    hours: float
    turns: int
    shown: int
    late: int
    left_out: int
    loads: int
    megabytes: float
    held: dict[str, int]
    """What must not be more than at a look before."""
    wrong: tuple[str, ...]
    """What must not be, in sentences; empty: all is well."""


def grown(memory: Sequence[tuple[int, int]]) -> list[str]:
    """What is wrong with memory, in sentences. `memory`: bytes and turns so far, at each look."""
    wrong = []
    (first, turns_first), (last, turns_last) = memory[0], memory[-1]
    if last - first > SLACK + (turns_last - turns_first) * PER_TURN:
        wrong.append(f"memory has grown by {(last - first) / 1e6:.1f} MB in {turns_last - turns_first} turns")
    row = memory[-IN_A_ROW - 1 :]
    stays = all(after[0] - one[0] > (after[1] - one[1]) * PER_TURN for one, after in pairwise(row))
    if len(row) > IN_A_ROW and stays:
        wrong.append(
            f"memory has grown at each of the last {IN_A_ROW} looks, by {(last - row[0][0]) / 1e6:.1f} MB"
        )
    return wrong


class Run:
    """A run of a seed in a world. Parameters: `chance`, which decides all; `folder`, for files."""

    def __init__(self, world: World, chance: random.Random, folder: Path) -> None:
        self.chance = chance
        self.world = world
        self.host = Host(world.stage, chance, folder)
        self._held: dict[str, int] = {}
        self._memory: list[tuple[int, int]] = []
        """Bytes in memory and turns so far, at each look."""

    def hours(self, hours: float, every: float) -> Iterator[Told]:
        """Look each so many hours, until so many are over, or something is wrong."""
        while True:
            until = min(hours, self.world.hours + every)
            while self.world.hours < until:
                self.step()
            told = self.look()
            yield told
            if told.wrong or self.world.hours >= hours:
                return

    def step(self) -> None:
        """A frame, and what happens before it."""
        chance, world = self.chance, self.world
        fps = world.fps
        if chance.random() < ACTS_A_SECOND / fps:
            self.host.act()
        if chance.random() < LOADS_A_MINUTE / 60 / fps:
            self._load()
        if chance.random() < CHANGES_AN_HOUR / 3600 / fps:
            world.device_changes(chance)
        if chance.random() < SLEEPS_AN_HOUR / 3600 / fps:
            world.sleep(chance.choice((1.5, 60.0, 3600.0 * 8)))
        world.frame()

    def look(self) -> Told:
        """Let what is queued be heard, and compare with the first look."""
        world, host = self.world, self.host
        host.be_done()
        frames = 0
        while not (world.stage.idle and not host.open):
            world.frame()
            host.hear()
            frames += 1
            if frames > QUIET_S * world.fps:
                host.wrong.append(f"turns without an end: {', '.join(sorted(host.open)[:5])}")
                break
        gc.collect()
        held = self._settled()
        memory = resident()
        self._memory.append((memory, host.said))
        wrong = [*world.watch.wrong, *host.wrong]
        if self._held:
            for name, count in held.items():
                if count > self._held[name]:
                    wrong.append(f"{name}: {count}, and {self._held[name]} at a look before")
                self._held[name] = min(count, self._held[name])
            wrong += grown(self._memory)
        else:
            self._held = dict(held)
        ledger = world.stage.ledger
        accounted = ledger.frames_produced + ledger.frames_dropped
        if accounted != ledger.frames_expected:
            wrong.append(f"{ledger.frames_expected} frames were due, and {accounted} are accounted for")
        return Told(
            world.hours,
            host.said,
            world.watch.seen["shown"],
            world.watch.seen["late"],
            world.watch.seen["left out"],
            world.loads.total(),
            memory / 1e6,
            held,
            tuple(wrong),
        )

    def _settled(self) -> dict[str, int]:
        """What is held, once threads have closed what they had open: frames go on meanwhile, for a while."""
        held = self._counts()
        for _ in range(round(SETTLES_S * self.world.fps)):
            if self._held and all(count <= self._held[name] for name, count in held.items()):
                break
            self.world.frame()
            self.host.hear()
            held = self._counts()
        return held

    def _counts(self) -> dict[str, int]:
        counters = self.world.stage._compositor.counters
        return {
            "files": open_files(),
            "threads": threads(),
            "GL objects": counters.allocations - counters.freed,
            "compiles": counters.compiles,
            "fences": counters.fences - counters.fences_freed,
        }

    def _load(self) -> None:
        chance, world = self.chance, self.world
        kind = chance.choice(LOADS)
        if kind == "gpu_wait":
            world.load(kind, chance.uniform(5, 120), chance.randrange(1, 40))
        else:
            world.load(kind, chance.choice((chance.uniform(1, 30), chance.uniform(30, 400))))
