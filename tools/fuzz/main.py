"""The command line of the fuzzer."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from random import Random

from fuzz.child import CPU_S, Outcome, screened, tried
from fuzz.formats import FORMATS, Format, warm_up
from fuzz.guards import Watch
from fuzz.samples import build, canaries

OUT = Path(__file__).parents[2] / "out" / "fuzz"

_BATCH = 25
"""Inputs that are read one after the other in one process, before any is suspect."""

_LONGEST = 8 << 20
"""Most bytes of an input: changes that repeat others' repetitions would make files larger than the limits."""

_KEPT = 3
"""Most inputs that are kept of one fault."""


@dataclass(frozen=True, slots=True)
class Find:
    """An input that was taken badly."""

    index: int
    """Of the mutation; below 0 for an input that is none."""
    data: bytes
    outcome: Outcome


class Bench:
    """The folders that inputs of one format are tried in. A context manager."""

    def __init__(self, name: str) -> None:
        self.format: Format = FORMATS[name]
        self._folder = tempfile.TemporaryDirectory(prefix="fuzz-")
        top = Path(self._folder.name)
        self._home, self._log = top / "home", top / "printed"
        for folder in (self._home, top / "made"):
            folder.mkdir()
        build(self._home)
        self.samples = warm_up(name, top / "made")
        self._path = self._home / self.format.place
        self._watch = Watch(*canaries(self._home))

    def tried(self, data: bytes, cpu_s: int = CPU_S) -> Outcome:
        """Read an input in a process of its own, in the folder that it belongs in."""
        self._path.write_bytes(data)
        self._watch.opened()
        outcome = tried(self.format.read, self._path, self._home, self._log, cpu_s)
        if names := self._watch.opened():
            said = f"opened {', '.join(names[:5])}"
            return replace(outcome, fault="outside", where=names[0], detail=said)
        return outcome

    def screened(self, inputs: Sequence[Callable[[], bytes]]) -> list[Outcome]:
        """The outcomes of the first of these inputs: of all up to one that is taken badly."""
        self._watch.opened()
        found = screened(self.format.read, inputs, self._path, self._home, self._log)
        return [] if self._watch.opened() else found  # whichever it was: each is tried alone

    def input(self, seed: int, index: int, name: str) -> bytes:
        """The mutation of that number: the same for the same seed."""
        random = Random(f"{name} {seed} {index}")
        sample = random.choice(self.samples)
        return self.format.mutate(sample, random, self.samples)[:_LONGEST]

    def __enter__(self) -> Bench:
        return self

    def __exit__(self, *_: object) -> None:
        self._watch.close()
        self._folder.cleanup()


@dataclass(slots=True)
class Tally:
    """How the inputs of a format were taken."""

    counts: Counter[str] = field(default_factory=Counter)
    slowest_s: float = 0.0
    largest_bytes: int = 0

    def add(self, outcome: Outcome) -> None:
        """One more."""
        self.counts[outcome.fault or ("read" if outcome.detail == "read" else "refused")] += 1
        self.slowest_s = max(self.slowest_s, outcome.cpu_s)
        self.largest_bytes = max(self.largest_bytes, outcome.peak_bytes)

    def __str__(self) -> str:
        counts = ", ".join(f"{count} {what}" for what, count in self.counts.most_common())
        return f"{counts}; at most {self.slowest_s:.2f} s and {self.largest_bytes / 1e6:.0f} MB"


def fuzzed(bench: Bench, name: str, indices: Iterable[int], seed: int, tally: Tally) -> Iterator[Find]:
    """The mutations that were taken badly, as they are found."""
    for i, data in enumerate(bench.format.lures):
        outcome = bench.tried(data)
        if outcome.fault:
            yield Find(-1 - i, data, outcome)
    left = list(indices)
    while left:
        batch, left = left[:_BATCH], left[_BATCH:]
        fine = bench.screened([partial(bench.input, seed, index, name) for index in batch])
        for outcome in fine:
            tally.add(outcome)
        left = batch[len(fine) + 1 :] + left
        for index in batch[len(fine) : len(fine) + 1]:
            data = bench.input(seed, index, name)
            outcome = bench.tried(data)
            tally.add(outcome)
            if outcome.fault:
                yield Find(index, data, outcome)


def kept(find: Find, name: str, seed: int, out: Path) -> Path:
    """The find as a file, beside it what happened and how to replay it."""
    out.mkdir(parents=True, exist_ok=True)
    path = out / f"{name}-{seed}-{find.index}{Path(FORMATS[name].place).suffix}"
    path.write_bytes(find.data)
    command = f"python tools/fuzz.py --format {name} --replay {_shown(path)}"
    text = f"{command}\n{find.outcome.fault}: {find.outcome.where}\n{find.outcome.detail}\n"
    path.with_name(path.name + ".txt").write_text(text, "utf-8", "backslashreplace")
    return path


def _shown(path: Path) -> str:
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description="Read broken files of a format, each in a process of its own with 500 MB and 5 s. "
        "Wrong is a crash, an exception that Mien did not mean, more time or memory, a socket, a file that "
        "was not given, and a message that cannot be printed or is very long.",
        epilog="Exit status: 0 when nothing is wrong, 1 when something is.",
    )
    add = parser.add_argument
    add("--format", required=True, action="append", choices=(*FORMATS, "all"), help="may be repeated")
    add("--mutations", type=int, default=2000, metavar="N", help="of each format (default: 2000)")
    add("--first", type=int, default=0, metavar="I", help="number of the first (default: 0)")
    add("--seed", type=int, default=7, help="the same one makes the same inputs (default: 7)")
    add("--out", type=Path, default=OUT, metavar="FOLDER", help="for what is found (default: out/fuzz)")
    add("--replay", type=Path, metavar="FILE", help="try this file and print what happens")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run; 1 when something was found."""
    arguments = _parser().parse_args(argv)
    names = list(FORMATS) if "all" in arguments.format else arguments.format
    if arguments.replay:
        with Bench(names[0]) as bench:
            outcome = bench.tried(arguments.replay.read_bytes())
        print(f"{outcome.fault or 'fine'}: {outcome.where}\n{outcome.detail}")
        print(f"{outcome.cpu_s:.2f} s of processor time, {outcome.peak_bytes / 1e6:.0f} MB")
        return bool(outcome.fault)
    found = [_run(name, arguments) for name in names]
    return int(any(found))


def _run(name: str, arguments: argparse.Namespace) -> bool:
    """Fuzz one format; whether something was found."""
    began, tally, faults = time.monotonic(), Tally(), Counter[str]()
    indices = range(arguments.first, arguments.first + arguments.mutations)
    with Bench(name) as bench:
        for data in bench.samples:
            outcome = bench.tried(data)
            if outcome.fault or outcome.detail != "read":
                print(f"{name}: a good sample is not read: {outcome.fault} {outcome.detail}", file=sys.stderr)
                return True
        for find in fuzzed(bench, name, indices, arguments.seed, tally):
            fault = f"{find.outcome.fault}: {find.outcome.where}"
            faults[fault] += 1
            if faults[fault] <= _KEPT:
                path = kept(find, name, arguments.seed, arguments.out)
                last = (find.outcome.detail.strip().splitlines() or [""])[-1]
                print(f"{name}: {fault}: {last[:200]!r}")
                print(f"    python tools/fuzz.py --format {name} --replay {_shown(path)}", flush=True)
    print(f"{name}: {len(indices)} inputs in {time.monotonic() - began:.0f} s: {tally}", flush=True)
    return bool(faults)
