#!/usr/bin/env python3
"""Write what proofs found into docs/validation.md: `tools/validation_tables.py PROOF.json...`, files that
`mien prove --json` wrote: a line for each, and the last in full. No figure there is typed by hand."""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from pathlib import Path
from typing import Any, Final

from mien.prove.plain import plain
from mien.prove.players import name_of

PAGE: Final = Path(__file__).parents[1] / "docs/validation.md"
BEGIN: Final = "<!-- Made by tools/validation_tables.py from the JSON of mien prove. -->"
END: Final = "<!-- End of what was made. -->"
_SIDES: Final = (
    ("missed_per_1000", "frames late or never shown, of 1000"),
    ("over_budget_per_1000", "frames that took longer than an interval, of 1000"),
    ("frame_ms_p50", "frame time, median, ms"),
    ("frame_ms_p99", "frame time, p99, ms"),
    ("frame_ms_worst", "longest frame, ms"),
    ("longest_missed", "longest run of frames missed"),
    ("pictures_missing_per_1000", "pictures missing when needed, of 1000 frames"),
    ("gap_ms", "silence added between turns, most of a run, ms"),
)


_PLACES: Final = r" --(json|html|ledgers) \S+"
"""Where results were written says nothing."""


def number(found: Any) -> str:
    """A figure, and its interval."""
    if found is None:
        return "-"
    if isinstance(found, dict):
        if found["low"] == found["high"]:
            return plain(found["value"])
        return f"{plain(found['value'])} ({plain(found['low'])} to {plain(found['high'])})"
    return plain(found)


def _found(stall: dict[str, Any]) -> str:
    return "not seen" if stall["found_ms"] is None else f"{stall['found_ms']:.1f}"


def section(proof: dict[str, Any]) -> list[str]:
    """One proof."""
    machine, plan = proof["machine"], proof["plan"]
    renderer = next(run["renderer"] for run in proof["runs"] if run["player"] == "mien")
    lines = [
        f"### {proof['begun'][:10]}, {plan['runs']} runs of {plan['seconds']:g} s of each: "
        f"{proof['verdict']}",
        "",
        f"`{re.sub(_PLACES, '', proof['command'])}`. "
        f"{machine.get('processor', '')}, {machine['cores']} cores; {renderer}. "
        f"Bounds: SHA-256 "
        f"`{proof['thresholds_sha256'][:16]}...`.",
        "",
        f"> {proof['sentence']}",
        "",
        "| claim | bound | found | |",
        "|---|---|---:|---|",
    ]
    lines += [
        f"| {c['says']} | {c['bound']} | {number(c['found'])} | {c['state']} |" for c in proof["claims"]
    ]
    players, figures = plan["players"], proof["figures"]
    lines += ["", f"| | {' | '.join(map(name_of, players))} |", "|---|" + "---:|" * len(players)]
    for name, says in _SIDES:
        sides = (number(figures.get(f"{one}.{name}")) for one in players)
        lines.append(f"| {says} | {' | '.join(sides)} |")
    missed = Counter(one["cause"] or "not recorded" for one in proof["missed"])
    causes = ", ".join(f"`{cause}` {count}" for cause, count in missed.most_common())
    lines += ["", f"Frames that Mien missed, by cause: {causes or 'there were none'}."]
    lines += [f"- {name_of(one)} was left out: {why}" for one, why in plan.get("left_out", {}).items()]
    for run in proof["runs"]:
        if run["disturbed"]:
            lines.append(f"- {name_of(run['player'])}, run {run['round']}: {'; '.join(run['disturbed'])}")
    for run in proof.get("runs_set_aside", ()):
        why = "; ".join(run["disturbed"])
        lines.append(f"- {name_of(run['player'])}, run {run['round']}, was set aside and made again: {why}")
    for one in proof.get("surfaces_set_aside", ()):
        lines.append(f"- {one['surface']} was watched again: {one['disturbed']}")
    for one in proof["surfaces"]:
        if not one["stalls"]:
            lines.append(
                f"- {one['surface']}: {one['shown']} of {one['frames']} frames seen, {one['repeated']} "
                f"stood twice, "
                f"{len(one['disagreements'])} disagreements with the ledger"
            )
        else:
            stalls = (
                f"{stall['size_ms']:.1f} in the {stall['where']}: {_found(stall)}" for stall in one["stalls"]
            )
            lines.append(
                f"- {one['surface']}, stalls put in and what the observer found, ms: {'; '.join(stalls)}"
            )
    lines += [f"- {name} was not watched: {why}" for name, why in proof["unseen"].items()]
    return [*lines, ""]


def side_by_side(proofs: list[dict[str, Any]]) -> list[str]:
    """A line for each of several; none for one alone."""
    if len(proofs) < 2:
        return []
    players = list(dict.fromkeys(who for one in proofs for who in one["plan"]["players"]))
    missed = [f"{name_of(one)} missed, of 1000" for one in players]
    heads = [
        "begun (UTC)",
        "frame",
        "verdict",
        "claims that hold",
        "made again",
        *missed,
        "99 of 100 frames of Mien, ms",
        "stalls found to, ms",
    ]
    lines = [
        f"### {len(proofs)} proofs: {sum(one['verdict'] == 'pass' for one in proofs)} passed",
        "",
        f"| {' | '.join(heads)} |",
        "|---|---|---|" + "---:|" * (len(heads) - 3),
    ]
    for proof in proofs:
        figures = proof["figures"]
        met = sum(one["state"] == "met" for one in proof["claims"])
        stalls = [stall for one in proof["surfaces"] for stall in one["stalls"]]
        off = [abs(one["found_ms"] - one["size_ms"]) for one in stalls if one["found_ms"] is not None]
        unseen = f", {len(stalls) - len(off)} not seen" if len(off) < len(stalls) else ""
        cells = [
            proof["begun"][:16].replace("T", " "),
            "x".join(map(str, proof["plan"]["size"])),
            proof["verdict"],
            f"{met} of {len(proof['claims'])}",
            str(sum(len(proof.get(f"{one}_set_aside", ())) for one in ("runs", "surfaces"))),
            *(number(figures.get(f"{one}.missed_per_1000")) for one in players),
            number(figures.get("mien.frame_ms_p99")),
            (f"{max(off):.1f}" if off else "-") + unseen,
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return [*lines, "", "The last of them in full:", ""]


def main(paths: list[str]) -> int:
    """Write it; returns the exit status."""
    if not paths or paths[0].startswith("-"):
        print(__doc__)
        return 0 if paths[:1] in (["-h"], ["--help"]) else 2
    text = PAGE.read_text(encoding="utf-8")
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    proofs = [json.loads(Path(path).read_text(encoding="utf-8")) for path in paths]
    made = [*side_by_side(proofs), *section(proofs[-1])]
    PAGE.write_text(f"{head}{BEGIN}\n\n" + "\n".join(made) + f"\n{END}{tail}", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
