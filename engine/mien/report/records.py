"""The lines of a ledger, sorted by kind and each checked: what a hostile or broken one says is left out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from math import isfinite
from typing import Final, TextIO

from mien.observe import TABLE
from mien.report.columns import Columns

Record = dict[str, object]

_FLAGS: Final = ("interrupted", "damaged")
"""Of turns."""

MOST_FRAMES: Final = 10**9
"""No schedule is longer: at 240 frames a second that is 48 days."""
_MOST: Final = 1e12
"""Of any other number: as milliseconds 31 years, as samples 8 months."""
_LEAST: Final = 1e-9
"""What is nearer to 0 is 0: no clock tells less, and a ratio to it is no number."""
_LONGEST_LINE: Final = 1 << 20
"""Characters; one of Mien's has about a thousand."""
_MOST_EVENTS: Final = 1_000_000
"""Turns and pauses: some days of talk."""
_MOST_DEEP: Final = 20
"""Lists and objects inside each other; Mien writes two. What is read is written down again, for which Python
has so much stack."""
_MOST_SHOWN: Final = 40
"""Characters of a value that are quoted."""

NUMBERS: Final = frozenset(
    metric.field or metric.name
    for metric in (*TABLE.frame, *TABLE.turn)
    if metric.kind != "field" or metric.unit
) | {"frame", "ms", "at_ms", "generation"}
"""Fields that hold numbers; others are text, or of a later version."""


@dataclass(slots=True)
class Records:
    """The records of one run."""

    frames: Columns = field(default_factory=lambda: Columns(NUMBERS))
    """Their numbers ascend, and so do the times at which they were due."""
    causes: list[str] = field(default_factory=list)
    """One a frame; empty where the file does not say."""
    turns: list[Record] = field(default_factory=list)
    pauses: list[Record] = field(default_factory=list)
    totals: Record | None = None
    """The last line; None when the run was cut off."""
    continued: bool = False
    """Whether the file says that the run goes on in another."""
    next_run: int | None = None
    """The line at which another run begins."""
    first_damage: str = ""
    """A phrase for the first line that is wrong: `line 7: work_ms is NaN`; empty where none is."""
    damaged: int = 0
    """How many lines are wrong."""
    cut: bool = False
    """The only damage is a last line that is cut off."""

    _known_causes: dict[str, str] = field(default_factory=dict)

    def damage(self, phrase: str) -> None:
        """One more line is wrong."""
        self.first_damage = self.first_damage or phrase
        self.damaged += 1

    def take(self, record: Record) -> list[str]:
        """Put a record where it belongs; those of kinds that a later version has nowhere. What is wrong."""
        kind = record.get("kind")
        if not isinstance(kind, str):
            return [f"kind is {_quoted(kind)}"]
        if kind == "frame" and "frame" in record:
            cause = str(record.pop("cause", None) or "")
            self.causes.append(self._known_causes.setdefault(cause, cause))
            del record["kind"]
            self.frames.add({name: number(value) for name, value in record.items()})
        elif kind in ("turn", "gc", "gap"):
            if len(self.turns) + len(self.pauses) == _MOST_EVENTS:
                return [f"turns and pauses beyond the first {_MOST_EVENTS} are not read"]
            if kind == "turn":
                numbers: Record = {name: record[name] for name in NUMBERS & record.keys()}
                self.turns.append(numbers | {name: bool(record.get(name)) for name in _FLAGS})
            else:
                self.pauses.append({"kind": kind, "ms": record.get("ms")})
        elif kind == "totals":
            self.totals = record
        elif kind == "continued":
            self.continued = True
        return []


def lines_of(file: TextIO) -> Iterator[str]:
    """The lines of a file, as long as a ledger's may be; a longer one is something that cannot be read."""
    while line := file.readline(_LONGEST_LINE):
        whole = True
        while len(line) == _LONGEST_LINE and not line.endswith("\n"):
            whole, line = False, file.readline(_LONGEST_LINE)
        yield line if whole else "too long"


def sorted_records(lines: Iterable[str]) -> Records:
    """Sort and check all lines behind the head. What is wrong in one is left out of it, and told."""
    found = Records()
    last, due = -1.0, 0.0
    unread = at = 0
    for at, line in enumerate(lines, start=2):
        if not line.strip():
            continue
        record = parsed(line)
        if record is None:
            unread = at
            found.damage(f"line {at} cannot be read")
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
            found.damage(f"line {at}: {wrong[0]}")
    found.cut = found.damaged == 1 and unread == at and found.totals is None
    return found


def parsed(line: str) -> Record | None:
    """A line as an object of JSON; None when it is none."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) and not _is_deep(line, value) else None


def _is_deep(line: str, value: object) -> bool:
    if line.count("[") + line.count("{") <= _MOST_DEEP:
        return False
    level = [value]
    for _ in range(_MOST_DEEP):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
    return bool(level)


def finite(value: object) -> object:
    """A value of JSON with None for numbers that JSON has no word for."""
    if isinstance(value, dict):
        return {key: finite(one) for key, one in value.items()}
    if isinstance(value, list):
        return [finite(one) for one in value]
    return None if isinstance(value, float) and not isfinite(value) else value


def number(value: object) -> float | None:
    """A number that can be one of a run, or None."""
    if isinstance(value, int | float) and -_MOST <= value <= _MOST:
        return float(value) if abs(value) >= _LEAST else 0.0
    return None


def _mend(record: Record) -> list[str]:
    """Take out values that cannot be; a phrase for each."""
    wrong = []
    for name in NUMBERS & record.keys():
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
