"""A ledger file as columns of numbers, whatever state the file is in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final, TextIO

import numpy as np

from mien.errors import MienError
from mien.messages import near_file, suggestion
from mien.observe.frame_times import PARTS
from mien.report.records import MOST_FRAMES, Records, finite, lines_of, number, parsed, sorted_records
from mien.types import F64

VERSION = 1
"""Of the ledger format that is read; a header without a version is of the first."""

_SHORTEST_MS, _LONGEST_MS = 0.1, 3_600_000.0
"""Of a frame interval that can be."""
_LONGEST_HEAD: Final = 1 << 20
"""Characters of a ledger's first line."""


class LedgerUnreadable(MienError, ValueError):
    """A file is not a ledger, holds no frames, or was written by a newer Mien."""


@dataclass(frozen=True)
class RunFile:
    """One run, as its ledger tells it. What the file does not have is None, never 0."""

    path: Path
    header: Mapping[str, object]
    frames: Mapping[str, F64]
    """By field name: (n,) float64 with one value a frame; NaN where a frame has none."""
    recorded_causes: tuple[str, ...]
    """One a frame; empty where the file does not say."""
    turns: tuple[Mapping[str, object], ...]
    pauses: tuple[Mapping[str, object], ...]
    """Collections of garbage, and late heartbeats."""
    totals: Mapping[str, object] | None
    """The last line; None when the run was cut off."""
    warnings: tuple[str, ...]
    """Sentences on what is wrong with the file."""
    whole: bool
    """Nothing is missing from the file."""

    def column(self, name: str) -> F64 | None:
        """One value a frame, NaN where a frame has none; None when no frame has it."""
        values = self.frames.get(name)
        return None if values is None or np.isnan(values).all() else values

    def known(self, name: str) -> F64 | None:
        """The values of those frames that have one; None when no frame has."""
        values = self.column(name)
        return None if values is None else values[~np.isnan(values)]

    def total(self, name: str) -> object:
        """What the last line says; None when it does not."""
        return None if self.totals is None else self.totals.get(name)

    @cached_property
    def interval_ms(self) -> float | None:
        """T: from the header's fps, the totals, or the schedule itself."""
        fps = number(self.header.get("fps"))
        if fps is not None and 1000 / _LONGEST_MS <= fps <= 1000 / _SHORTEST_MS:
            return 1000 / fps
        told = number(self.total("frame_interval_ms"))
        if told is not None and _SHORTEST_MS <= told <= _LONGEST_MS:
            return told
        due = self.column("scheduled_ms")
        if due is None or len(due) < 2:
            return None
        steps = np.diff(due) / np.diff(self.frames["frame"])
        steps = steps[(steps >= _SHORTEST_MS) & (steps <= _LONGEST_MS)]
        return float(np.median(steps)) if len(steps) else None

    @cached_property
    def realtime(self) -> bool:
        """Whether the run had a schedule to keep. A file that does not say is held to one."""
        told = self.header.get("realtime")
        if isinstance(told, bool):
            return told
        if self.header.get("command") == "render":
            return False
        if self.totals is not None and "present_interval_ms" in self.totals:
            return self.totals["present_interval_ms"] is not None
        return True

    @cached_property
    def at_s(self) -> F64:
        """When each frame was due, in seconds since the run began: (n,)."""
        due = self.column("scheduled_ms")
        if due is not None and not np.isnan(due).any():
            return due / 1000
        return self.frames["frame"] * (self.interval_ms or 1000 / 30) / 1000

    @property
    def first_frame(self) -> int:
        """Where the file begins: 0, or later in an excerpt: a flight record, or a part of a long run."""
        return int(self.frames["frame"][0]) if {"late_frames", "part"} & self.header.keys() else 0

    @property
    def frames_expected(self) -> int:
        """Frames of the schedule that the file covers, shown or not.

        The last line knows of those that were left out behind the last one shown.
        """
        told = number(self.total("frames_expected_total")) or 0
        if told > MOST_FRAMES:
            told = 0
        return max(int(told), int(self.frames["frame"][-1]) + 1) - self.first_frame

    @property
    def seconds(self) -> float:
        """Length of the schedule that the file covers."""
        return self.frames_expected * (self.interval_ms or 1000 / 30) / 1000

    @cached_property
    def work_ms(self) -> F64 | None:
        """All that each frame took: the field, or the sum of those parts that the file has."""
        told = self.column("work_ms")
        if told is not None:
            return told
        parts = [values for name in PARTS if (values := self.column(name)) is not None]
        if parts:
            return np.asarray(np.nansum(parts, axis=0))
        return self.column("frame_cpu_ms")

    @cached_property
    def causes(self) -> tuple[str, ...]:
        """What took longest, of each frame; empty where nothing says."""
        if any(self.recorded_causes):
            return self.recorded_causes
        parts = [(cause, v) for name, cause in PARTS.items() if (v := self.column(name)) is not None]
        if not parts:
            return self.recorded_causes
        longest = np.argmax(np.nan_to_num(np.stack([values for _, values in parts])), axis=0)
        return tuple(parts[index][0] for index in longest)

    @cached_property
    def turn_ends_s(self) -> tuple[float, ...]:
        """Where turns ended, on the time axis of `at_s`."""
        shown = self.column("at_sample")
        if shown is None:
            return ()
        shown = np.nan_to_num(shown)
        ends = [e for turn in self.turns if (e := number(turn.get("at_sample"))) is not None]
        found = np.searchsorted(shown, np.array(ends, np.float64))
        return tuple(float(self.at_s[min(int(i), len(shown) - 1)]) for i in found)


def read_run(path: Path) -> RunFile:
    """Read a ledger. A run that was killed, or lines that are damaged, become warnings.

    Raises LedgerUnreadable for what is no ledger, has no frames, or comes from a newer Mien.
    """
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            header = _header(path, file)
            # What is no ledger is not read to its end: it may be as large as the disk, or have none.
            return _run_file(path, header, sorted_records(lines_of(file)))
    except OSError as error:
        close = near_file(path) if isinstance(error, FileNotFoundError) else None
        remedy = suggestion(close, "name a file written with --ledger.")
        raise LedgerUnreadable(f"{path}: cannot be read ({error.strerror or error}); {remedy}") from error


def _header(path: Path, file: TextIO) -> dict[str, object]:
    """The first line of a ledger. Raises LedgerUnreadable for what is none."""
    head = file.readline(_LONGEST_HEAD)
    header = parsed(head)
    header = None if header is None else {key: finite(value) for key, value in header.items()}
    if header is None or header.get("kind") != "run":
        if not head.strip() and not file.read(_LONGEST_HEAD).strip():
            raise LedgerUnreadable(
                f"{path}: the file is empty; write a ledger with `mien play --ledger FILE`."
            )
        raise LedgerUnreadable(
            f'{path}: line 1 is not the head of a ledger ({{"kind": "run", ...}}); '
            "name a file written with --ledger."
        )
    if header.get("version", VERSION) != VERSION:
        raise LedgerUnreadable(
            f"{path}: the ledger is of another version than {VERSION}, which this Mien reads; update Mien."
        )
    return header


def _run_file(path: Path, header: dict[str, object], records: Records) -> RunFile:
    if not records.frames.count:
        first = f" ({records.first_damage})" if records.damaged else ""
        raise LedgerUnreadable(
            f"{path}: the ledger holds no frames{first}; the run ended before the first, or its lines are "
            "damaged: write it anew with --ledger."
        )
    warnings = _missing(header, records)
    return RunFile(
        path,
        header,
        records.frames,
        tuple(records.causes),
        tuple(records.turns),
        tuple(records.pauses),
        records.totals,
        tuple(warnings),
        whole=not warnings,
    )


def _missing(header: Mapping[str, object], records: Records) -> list[str]:
    """Sentences on what the file does not have."""
    warnings, totals, frames = [], records.totals, records.frames.count
    if "late_frames" in header:
        warnings.append("a flight record: the last seconds before a late frame, not the whole run")
    elif "part" in header:
        part = number(header["part"])
        which = "a part" if part is None else f"part {part:.0f}"
        warnings.append(f"{which} of a longer run: what was before is not in this file")
    if records.next_run is not None:
        warnings.append(f"line {records.next_run} begins another run; it and all after it are left out")
    if records.continued:
        warnings.append("the run goes on in its next part")
    elif totals is None and "late_frames" not in header:
        warnings.append("the run was cut off: the file has no last line, so what is told is up to there")
    # A last line that is cut off says no more than that it is not there.
    if records.damaged and not records.cut:
        rest = "" if records.damaged == 1 else f"; {records.damaged} lines in all"
        warnings.append(f"{records.first_damage}; it is left out{rest}")
    said = number(totals.get("frames_produced_total")) if totals else None
    if said is not None and said != frames and "part" not in header:
        warnings.append(f"the file has {frames} of the {said:.0f} frames that its last line counts")
    return warnings
