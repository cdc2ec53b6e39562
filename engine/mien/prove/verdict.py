"""How the claims of a proof stand, all together: the verdict, and its words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from mien.prove.thresholds import Claim, Figure, State

Verdict = Literal["pass", "fail", "disturbed"]


@dataclass(frozen=True, slots=True)
class Judged:
    """A claim, its figure, and how it stands."""

    claim: Claim
    figure: Figure
    state: State


def verdict_of(states: Sequence[State]) -> Verdict:
    """A claim that was missed or not shown fails, whatever else; one that depends on a disturbed run leaves
    it open."""
    if any(state in ("missed", "not shown") for state in states):
        return "fail"
    return "disturbed" if "disturbed" in states else "pass"


def claims_told(claims: Sequence[Judged]) -> str:
    """How many hold, and what became of the others, in words without a full stop: what could not be judged is
    no failure, and is counted by itself."""
    names: dict[State, list[str]] = {}
    for one in claims:
        names.setdefault(one.state, []).append(one.claim.says)
    unseen = len(names.get("not looked at", ()))
    judged, met = len(claims) - unseen, len(names.get("met", ()))
    if met == judged:
        parts = [f"all {judged} claims{' that were looked at' if unseen else ''} hold"]
    else:
        parts = [f"{met or 'no'} claim{' holds' if met < 2 else 's hold'}"]
    falls_short: tuple[tuple[State, str], ...] = (
        ("missed", "missed"),
        ("not shown", "not shown by so few frames (more --runs may)"),
    )
    for state, how in falls_short:
        if count := len(names.get(state, ())):
            parts.append(f"{count} {_were(count)} {how}")
    if unseen:
        parts.append(f"{unseen} {_were(unseen)} not looked at")
    if count := len(names.get("disturbed", ())):
        parts.append(f"{count} could not be judged: the machine was disturbed")
    text = ", ".join(parts)
    for state, _ in falls_short:
        text += f"; {state}: {'; '.join(names[state])}" if state in names else ""
    return text


def _were(count: int) -> str:
    return "was" if count == 1 else "were"
