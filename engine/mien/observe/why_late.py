"""Why frames of a run were late, in a sentence: for who looks on, and for the verdict at the end."""

from __future__ import annotations

from mien.observe.causes import BECAUSE
from mien.observe.ledger import Ledger


def why_late(ledger: Ledger, most: int | None = None) -> str:
    """Why frames took too long, were late or left out: as far as it was measured. `most`: so many reasons are
    named, those of most frames, and the others counted; None: all."""
    counts = sorted(ledger.frames_over_budget.items(), key=lambda one: -one[1])
    said_of = [(count, f"because {BECAUSE.get(cause, cause)}") for cause, count in counts if count]
    if most is not None and len(said_of) > most + 1:
        others = said_of[most:]
        said_of = [*said_of[:most], (sum(n for n, _ in others), f"for {len(others)} other reasons")]
    if said_of:
        over = ledger.over_budget
        text = f"{over} frame{'' if over == 1 else 's'} took too long"
        alone = len(said_of) == 1
        return (
            f"{text} {said_of[0][1]}" if alone else f"{text}: {', '.join(f'{n} {why}' for n, why in said_of)}"
        )
    gap = ledger.thread_gap_ms
    stood = f"; Python threads stood still for up to {gap.max:.0f} ms" if gap.count else ""
    return f"no frame took too long by itself: this program was kept from running{stood}"
