"""What `mien prove` prints: the bounds before it runs, and what came of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from rich.console import Console
from rich.table import Table

from mien.cli.console import NOTE, print_table, say, screen, styled
from mien.prove.plain import plain
from mien.prove.players import name_of
from mien.prove.proof import Proof, bursts, missed_frames
from mien.prove.runs import Plan
from mien.prove.statistics import Interval, exact_share
from mien.prove.thresholds import Figure, Thresholds

_STYLES = {
    "met": "green",
    "missed": "bold red",
    "not shown": "red",
    "disturbed": "yellow",
    "not looked at": "dim",
}
_VERDICTS = {"pass": "bold green", "fail": "bold red", "disturbed": "bold yellow"}
_MISSED_SHOWN = 20
_ALIKE_SHOWN: Final = 5
"""Sentences that only differ by their numbers: more would bury the rest."""
_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?")


def print_plan(
    plan: Plan,
    thresholds: Thresholds,
    facts: Mapping[str, str],
    fps: float,
    unseen: Mapping[str, str] | None = None,
) -> None:
    """What will be run, where, and what it will be held to. `fps`: of the conversation; `unseen`: surfaces of
    which it is known that they cannot be watched, and why."""
    console = screen()
    size = f"{plan.size.width}x{plan.size.height}"
    length = f"{plan.runs} run{'' if plan.runs == 1 else 's'} of {plain(plan.seconds, 6)} s each"
    say(
        console,
        f"{length}: {', '.join(map(name_of, plan.players))} in turn and back, {plan.conversation} at {size}, "
        f"seed {plan.seed}, load {plan.load}",
    )
    say(console, ("; ".join(f"{name}: {value}" for name, value in facts.items()), "dim"))
    say(console, f"held to (sha256 of the thresholds {thresholds.sha256}):")
    table = _table("claim", "bound", "why")
    for claim in thresholds.claims:
        table.add_row(claim.says, claim.text(1000 / fps), claim.why)
    print_table(console, table)
    frames = int(plan.runs * plan.seconds * fps)
    best = 1000 * exact_share(0, frames)[1]
    bound = next(c.most for c in thresholds.claims if c.figure == "mien.missed_per_1000")
    if bound is not None and best > bound:
        say(
            console,
            NOTE,
            f"{frames} frames show at best {plain(best, 2)} of 1000 missed, whatever they do; ask for more "
            "--seconds or --runs.",
        )
    if plan.repeats:
        say(
            console,
            f"a run or a surface that others disturb is made again, {plan.repeats} times at most of each; "
            "what was set aside is listed",
        )
    for surface, why in (unseen or {}).items():
        say(console, NOTE, f"the surface {surface} will not be watched: {why}")
    if plan.runs % 2:
        say(
            console,
            NOTE,
            "an odd number of runs is not balanced: who began goes on beginning; ask for an even one.",
        )


def print_proof(proof: Proof) -> None:
    """What came of it."""
    console = screen()
    table = _table("claim", "bound", "found", "")
    for one in proof.claims:
        style = _STYLES[one.state]
        table.add_row(
            one.claim.says,
            one.claim.text(proof.interval_ms),
            figure_text(one.figure),
            styled((one.state, style)),
        )
    print_table(console, table)
    for run, why in zip(proof.runs, proof.disturbed, strict=True):
        for clause in why:
            say(console, NOTE, f"{run.name}: {clause}")
    for run, why in ((one.run, one.why) for one in proof.aside):
        say(console, NOTE, f"{run.name} was set aside and made again: {'; '.join(why)}")
    for surface, why_disturbed in proof.looked.aside:
        say(console, NOTE, f"the surface {surface} was watched again: {why_disturbed}")
    for player, why_not in proof.plan.left_out.items():
        say(console, NOTE, f"{name_of(player)} was left out: {why_not}")
    for surface, why_not in proof.looked.unseen.items():
        say(console, NOTE, f"the surface {surface} was not watched: {why_not}")
    for surface, clauses in proof.beside.items():
        for clause in clauses:
            say(console, NOTE, f"while the surface {surface} was watched {clause}")
    _print_few_of_each(
        console, (f"{one.surface}: {told}" for one in proof.looked.recounts for told in one.disagreements)
    )
    missed = bursts(missed_frames(proof.runs))
    for row in missed[:_MISSED_SHOWN]:
        say(
            console,
            f"  Mien, run {row.first.run}, {row.which}, at {row.first.at_s:.2f} s: {row.how}, because "
            f"{row.because}",
        )
    left = len(missed) - _MISSED_SHOWN
    if left > 0:
        say(console, f"  and {left} times more: --json and --html name each")
    say(console, (proof.verdict, _VERDICTS[proof.verdict]), f": {proof.sentence}")


def _print_few_of_each(console: Console, sentences: Iterable[str]) -> None:
    """Those that only differ by their numbers together, and of each kind the first few."""
    kinds: dict[str, list[str]] = {}
    for sentence in sentences:
        kinds.setdefault(_NUMBER.sub("#", sentence), []).append(sentence)
    for alike in kinds.values():
        for sentence in alike[:_ALIKE_SHOWN]:
            say(console, NOTE, sentence)
        if (left := len(alike) - _ALIKE_SHOWN) > 0:
            say(console, f"  and {left} more like it: --json has each")


def figure_text(figure: Figure) -> str:
    """A figure, and its interval where it has one."""
    if figure is None:
        return "-"
    if isinstance(figure, Interval):
        return f"{plain(figure.value)} ({plain(figure.low)} to {plain(figure.high)})"
    return plain(figure)


def _table(*heads: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim", title=None)
    for head in heads:
        table.add_column(styled(head))
    return table
