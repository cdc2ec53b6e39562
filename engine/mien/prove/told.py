"""What a ledger tells of the frames that carry marks."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from mien.errors import FormatError
from mien.messages import shown_path


@dataclass(frozen=True, slots=True)
class Line:
    """A frame that was shown, as the ledger has it."""

    frame: int
    """On the schedule; what is left out between two are frames that were not shown."""
    mark: int
    at: int
    scheduled_ms: float
    presented_ms: float
    begun_ms: float | None = None
    """None: as presented. A window's picture may be seen before the call that swaps has returned, but not
    before its frame was begun."""
    drawn_ms: float = 0.0
    """What drawing, swapping and reading it took."""
    made_ms: float = 0.0
    """All of its parts but what its host kept."""


@dataclass(frozen=True, slots=True)
class Told:
    """A run, as its ledger tells it."""

    lines: tuple[Line, ...]
    interval_ms: float
    origin_ns: int | None = None
    """What the lines' times count from, by the machine's monotonic clock; None: it is not known."""
    restarts: int = 0
    """Engines that ended meanwhile and were replaced."""


def told_by(path: Path) -> Told:
    """What a ledger's file says. Raises FormatError where it has no frames with marks, or no end."""
    lines, totals = [], None
    for text in path.read_text(encoding="utf-8").splitlines():
        line = json.loads(text)
        if line["kind"] == "frame" and line.get("mark") is not None:
            lines.append(
                Line(
                    line["frame"],
                    line["mark"],
                    line["at_sample"],
                    line["scheduled_ms"],
                    line["presented_ms"],
                    line["begun_ms"],
                    line["draw_ms"] + line["swap_ms"] + line["readback_ms"],
                    line["work_ms"] - line["host_ms"],
                )
            )
        elif line["kind"] == "totals":
            totals = line
    if not lines or totals is None:
        lacks = "no frame with a mark" if totals else "no last line"
        raise FormatError(f"{shown_path(path)}: the ledger has {lacks}; run it again, to its end.")
    return Told(tuple(lines), totals["frame_interval_ms"], totals.get("origin_ns"))
