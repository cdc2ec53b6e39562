"""The table of what became of a set of pictures: a line for each picture and each eye, not for each layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from typing import Final

from mien.importing.drafts import Row

MADE: Final = "made"
"""The folder that layers lie in which are not in the set."""

DIFFERS: Final = "by where the pictures of the set differ"
FIGURE: Final = "figure"


def told(
    rows: Sequence[Row], shown: Mapping[str, tuple[str, str]], plain: str, unsure: Set[str]
) -> list[Row]:
    """Rows as a user reads them.

    `shown`: layers of pictures, as rows have them -> the picture, and the slot and drawing that show what it
    changes. `plain`: what the plain picture is called; `unsure`: of `eye` and `mouth` those whose place was
    guessed.
    """
    drawn = {row.became for row in rows if row.layer and not _is_made(row)}
    lent = drawn & {row.became for row in rows if _is_made(row)}
    out: list[Row] = []
    joined: dict[str, Row] = {}
    for row in rows:
        if row.layer in shown:
            key, into = shown[row.layer]
            own, word = Row(key, row.status, into, _why(into)), into
        elif _is_made(row):
            if row.became in drawn:  # what one face has, and another shows
                continue
            own = Row("", "made", row.became, row.why or row.layer.removeprefix(f"{MADE}/"))
            key, _, word = row.became.partition(": ")
            if key.startswith("eye") and row.why == DIFFERS:
                own.why = f"of the eye in {plain}"
            key = f"{MADE}/{key if key.startswith('eye') else row.layer}"
        else:
            own, key, word = _guessed(row, unsure), f"{row.layer}: {row.became}", ""
            if row.became in lent:
                own = replace(own, why=f"{own.why}; the plain face opens its mouth so, too")
        if key in joined:
            joined[key].became += f", {word}"
        else:
            out.append(own)
            joined[key] = own
    return out


def _is_made(row: Row) -> bool:
    return row.layer.startswith(f"{MADE}/")


def _why(into: str) -> str:
    if into == FIGURE:
        return "the plain picture"
    return "another pose, shown whole" if into.startswith(FIGURE) else "what this picture changes"


def _guessed(row: Row, unsure: Set[str]) -> Row:
    """A row of a picture, as guessed where the place is."""
    part = "mouth" if row.became.startswith("mouth") else "eye"
    if row.why != DIFFERS or part not in unsure:
        return row
    return replace(row, status="guessed", why=f"by its place: {DIFFERS.removeprefix('by ')}")
