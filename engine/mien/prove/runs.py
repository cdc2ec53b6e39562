"""Runs in alternation, each in a process of its own that is watched from outside."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median
from typing import Any, Final, NamedTuple

from mien.errors import MienError
from mien.processes import python
from mien.prove.loads import watched
from mien.prove.others import Others, Watch
from mien.prove.plain import plain
from mien.prove.played import LONGEST_START_S
from mien.prove.players import PLAYERS, name_of
from mien.prove.statistics import alternation
from mien.report import RunFile, read_run
from mien.types import Size

_SLOWER: Final = 4
"""Times that the old way may take as long as its frames on a full machine before it is called hung."""


class ProofFailed(MienError, RuntimeError):
    """A run of a proof could not be made."""


class LeftOut(NamedTuple):
    """A peer that could not play, and was not asked again: a proof is of the old way and Mien."""

    player: str
    why: str
    """A sentence."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is run."""

    conversation: str
    size: Size
    runs: int
    """Of each player."""
    seconds: float
    load: str
    """What disturbs the runs on purpose: one of `mien.prove.loads.LOADS`."""
    seed: int
    """Round n, from 1, moves its characters by the seed `seed + n - 1`, for every player the same."""
    players: Sequence[str] = PLAYERS
    left_out: Mapping[str, str] = field(default_factory=dict)
    """Peers that were to play and could not, and why: a sentence each."""
    repeats: int = 0
    """Runs of the old way and of Mien that are made again in all, of those that something disturbed; and as
    many of surfaces that are watched again."""

    def without(self, left_out: Mapping[str, str]) -> Plan:
        """The plan as it was followed. `left_out`: as the field."""
        players = tuple(one for one in self.players if one not in left_out)
        return replace(self, players=players, left_out={**self.left_out, **left_out})


@dataclass(frozen=True, slots=True)
class Run:
    """One run of one player."""

    player: str
    round: int
    """From 1."""
    file: RunFile
    others: Others
    started_ns: int
    """Monotonic time of its first frame's schedule."""
    answer: dict[str, Any]
    """What the process said: `renderer`, and of the old way `sizing`."""

    @property
    def name(self) -> str:
        """For people."""
        return f"{name_of(self.player)}, run {self.round}"


@dataclass(frozen=True, slots=True)
class SetAside:
    """A run that was disturbed, and made again."""

    run: Run
    why: tuple[str, ...]
    """What disturbed it: a clause each."""


def ledgers_of(players: Sequence[str], runs: int, repeats: int = 0) -> list[str]:
    """The names of the files that so many runs of each player write, and those that may be set aside."""
    return [
        name
        for player in players
        for number in range(1, runs + 1)
        for name in (
            _ledger(player, number),
            *(_aside(player, number, k + 1) for k in range(repeats if player in PLAYERS else 0)),
        )
    ]


def _ledger(player: str, number: int) -> str:
    return f"{player}-{number}.jsonl"


def _aside(player: str, number: int, which: int) -> str:
    return f"{player}-{number}-disturbed-{which}.jsonl"


def perform(
    plan: Plan, folder: Path, say: Callable[[str], object] = lambda _: None
) -> Iterator[Run | LeftOut]:
    """Run it all; each run as it ends, or which peer could not. Ledgers are written to `folder`. `say` is
    told what begins.

    Raises ProofFailed with the sentence of a run of another that could not be made, OSError.
    """
    left_out: set[str] = set()
    done = dict.fromkeys(plan.players, 0)
    order = alternation(plan.players, plan.runs)
    for number, player in enumerate(order, 1):
        if player in left_out:
            continue
        done[player] += 1
        say(f"run {number} of {len(order)}: {name_of(player)}")
        path = folder / _ledger(player, done[player])
        try:
            yield _one(plan, player, done[player], path)
        except ProofFailed as error:
            if player in PLAYERS:
                raise
            say(f"{name_of(player)} is left out: {error}")
            left_out.add(player)
            yield LeftOut(player, str(error))


def made_again(
    plan: Plan,
    runs: Sequence[Run],
    disturbed: Callable[[Sequence[Run]], Sequence[Sequence[str]]],
    folder: Path,
    say: Callable[[str], object] = lambda _: None,
) -> tuple[list[Run], list[SetAside]]:
    """The runs that count, and those set aside: while one of the old way's or Mien's was disturbed, and
    `plan.repeats` are left, it is made again. `disturbed`: what disturbed each of some runs.

    What counts is chosen by what others did on the machine, never by how a run ended. Raises as `perform`.
    """
    kept, aside = list(runs), list[SetAside]()
    while len(aside) < plan.repeats:
        why = disturbed(kept)
        which = next((i for i, one in enumerate(kept) if why[i] and one.player in PLAYERS), None)
        if which is None:
            break
        old = kept[which]
        say(f"{old.name} was disturbed and is made again: {why[which][0]}")
        aside.append(SetAside(old, tuple(why[which])))
        times = sum(one.run.player == old.player and one.run.round == old.round for one in aside)
        path = folder / _ledger(old.player, old.round)
        path.replace(folder / _aside(old.player, old.round, times))
        kept[which] = _one(plan, old.player, old.round, path)
    return kept, aside


def _one(plan: Plan, player: str, number: int, path: Path) -> Run:
    told = {
        "player": player,
        "conversation": plan.conversation,
        "size": list(plan.size),
        "seconds": plan.seconds,
        "load": plan.load,
        "ledger": str(path),
        "seed": plan.seed + number - 1,
    }
    longest_s, begun_s = LONGEST_START_S + _SLOWER * plan.seconds, time.monotonic()
    with _process([python(), "-m", "mien.prove.worker", json.dumps(told)], longest_s) as process:
        with watched() as witness, Watch(process.pid) as watch:
            assert process.stdout is not None
            said = process.stdout.read()
        process.wait()
    lines = said.splitlines()
    # Not of one that was done: this program may have been stopped meanwhile, by Ctrl-Z.
    if process.returncode and time.monotonic() - begun_s >= longest_s:
        raise ProofFailed(
            f"the process of {name_of(player)} was not done with {plain(plan.seconds, 6)} s of frames in "
            f"{longest_s:.0f} s: a driver hangs, or the machine is too busy; `mien doctor` tries the driver."
        )
    if process.returncode or not lines:
        raise ProofFailed(
            f"the process of {name_of(player)} ended with status {process.returncode} before it was done; "
            "what it said stands above. `mien doctor` says what this machine lacks."
        )
    answer = json.loads(lines[-1])
    if "error" in answer:
        raise ProofFailed(answer["error"])
    started_ns = answer["started_ns"]
    since = [(at - started_ns / 1e9, length) for at, length in witness.pauses]
    work = [took for at, took in witness.work if at > started_ns / 1e9]
    others = replace(
        watch.seen(started_ns),
        pauses=tuple(one for one in since if one[0] > 0),
        work_us=median(work) / 1000 if work else None,
    )
    return Run(player, number, read_run(path), others, started_ns, answer)


@contextmanager
def _process(command: list[str], longest_s: float) -> Iterator[subprocess.Popen[str]]:
    """A process that hears no Ctrl-C of ours, and is ended with the block, or after so many seconds."""
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    limit = threading.Timer(longest_s, process.kill)
    limit.daemon = True
    limit.start()
    try:
        yield process
    finally:
        limit.cancel()
        if process.poll() is None:
            process.kill()
        if process.stdin is not None:
            process.stdin.close()
        if process.stdout is not None:
            process.stdout.close()
        process.wait()
