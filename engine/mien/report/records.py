"""The lines of a ledger, sorted by kind and each checked: what a hostile or broken one says is left out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Final

from mien.observe import TABLE

Record = dict[str, object]

MOST_FRAMES: Final = 10**9
"""No schedule is longer: at 240 frames a second that is 48 days."""
_MOST: Final = 1e12
"""Of any other number: as milliseconds 31 years, as samples 8 months."""
_MOST_SHOWN: Final = 40
"""Characters of a value that are quoted."""

_NUMBERS: Final = frozenset(
    metric.field or metric.name
    for metric in (*TABLE.frame, *TABLE.turn)
    if metric.kind != "field" or metric.unit
) | {"frame", "ms", "at_ms", "generation"}
"""Fields that hold numbers; others are text, or of a later version."""


@dataclass(slots=True)
class Records:
    """The records of one run."""

    frames: list[Record] = field(default_factory=list)
    """Their numbers ascend, and so do the times at which they were due."""
    turns: list[Record] = field(default_factory=list)
    pauses: list[Record] = field(default_factory=list)
    totals: Record | None = None
    """The last line; None when the run was cut off."""
    continued: bool = False
    """Whether the file says that the run goes on in another."""
    next_run: int | None = None
    """The line at which another run begins."""
    damaged: list[str] = field(default_factory=list)
    """One phrase for each line that is wrong, in order: `line 7: work_ms is NaN`."""
    cut: bool = False
    """The only damage is a last line that is cut off."""

    def take(self, record: Record) -> list[str]:
        """Put a record where it belongs; those of kinds that a later version has nowhere. What is wrong."""
        kind = record.get("kind")
        if not isinstance(kind, str):
            return [f"kind is {_quoted(kind)}"]
        if kind == "frame" and "frame" in record:
            self.frames.append(record)
        elif kind == "turn":
            self.turns.append(record)
        elif kind in ("gc", "gap"):
            self.pauses.append(record)
        elif kind == "totals":
            self.totals = record
        elif kind == "continued":
            self.continued = True
        return []


def sorted_records(lines: Sequence[str]) -> Records:
    """Sort and check all lines behind the head. What is wrong in one is left out of it, and told."""
    found = Records()
    last, due = -1.0, 0.0
    unread = 0
    for at, line in enumerate(lines[1:], start=2):
        if not line.strip():
            continue
        record = parsed(line)
        if record is None:
            unread = at
            found.damaged.append(f"line {at} cannot be read")
            continue
        kind = record.get("kind")
        if kind == "run":
            found.next_run = at
            break
        wrong = _mend(record) if kind in ("frame", "turn", "gc", "gap") else []
        if kind == "frame":
            wrong += _out_of_order(record, last, due)
            if "frame" in record:
                last = number(record["frame"]) or 0.0
                due = number(record.get("scheduled_ms")) or due
        wrong += found.take(record)
        if wrong:
            found.damaged.append(f"line {at}: {wrong[0]}")
    found.cut = len(found.damaged) == 1 and unread == len(lines) and found.totals is None
    return found


def parsed(line: str) -> Record | None:
    """A line as an object of JSON; None when it is none."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def number(value: object) -> float | None:
    """A number that can be one of a run, or None."""
    if isinstance(value, int | float) and -_MOST <= value <= _MOST:
        return float(value)
    return None


def _mend(record: Record) -> list[str]:
    """Take out values that cannot be; a phrase for each."""
    wrong = []
    for name in _NUMBERS & record.keys():
        value = record[name]
        if value is not None and number(value) is None:
            wrong.append(f"{name} is {_quoted(value)}")
            del record[name]
    cause = record.get("cause")
    # Of a later version there may be others.
    plain = isinstance(cause, str) and len(cause) <= _MOST_SHOWN and cause.isprintable()
    if cause is not None and not plain:
        wrong.append(f"the cause is {_quoted(cause)}")
        del record["cause"]
    return wrong


def _out_of_order(record: Record, last: float, due: float) -> list[str]:
    """A frame without a number of its own is none; one that was due before its predecessor has no time."""
    index, own = number(record.get("frame")), number(record.get("scheduled_ms"))
    wrong = []
    if index is None or index != int(index) or not 0 <= index <= MOST_FRAMES:
        wrong.append(f"frame is {_quoted(record.pop('frame', None))}")
    elif index <= last:
        del record["frame"]
        wrong.append(f"frame {index:.0f} comes after frame {last:.0f}")
    elif own is not None and own < due:
        del record["scheduled_ms"]
        wrong.append(f"scheduled_ms is {own:g}, less than in a frame before")
    return wrong


def _quoted(value: object) -> str:
    if isinstance(value, float) and not isfinite(value):
        return {"nan": "NaN", "inf": "infinite", "-inf": "minus infinite"}[str(value)]
    text = json.dumps(value)
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}..."
