"""The comparison as Markdown, written by the tool so that no figure is typed by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bench_compositor.machine import Machine
from mien.prove.old_way.figures import Figures, pooled


@dataclass(frozen=True, slots=True)
class Report:
    """All rounds of both programs."""

    machine: Machine
    renderer: str
    """What Mien drew with."""
    sizing: str
    command: str
    conversation: str
    size: str
    load: str
    legacy: list[Figures]
    mien: list[Figures]


def ratio(legacy: float, mien: float) -> str:
    """How many times the old figure is Mien's."""
    if mien == 0.0:
        return "-" if legacy == 0.0 else "to 0"
    return f"{legacy / mien:.3g} x"


def markdown(report: Report) -> str:
    """The whole page."""
    legacy, mien, machine = pooled(report.legacy), pooled(report.mien), report.machine
    lines = [
        "# Against the old way",
        "",
        "Written by `tools/bench_against_legacy.py`; no figure here was typed by hand.",
        "",
        f"- Command: `{report.command}`",
        f"- Processor: {machine.processor}, {machine.cores} cores; {machine.system}",
        f"- Renderer: {report.renderer}; the old way: Pillow, on the CPU",
        f"- Date: {machine.date}",
        f"- {report.conversation} at {report.size}, load: {report.load}; {len(report.legacy)} round(s) of "
        "each, in turn, each in a process of its own, in real time",
        f"- The old way: {report.sizing}",
        "",
        "| | the old way | Mien | ratio |",
        "|---|---:|---:|---:|",
    ]
    rows: list[tuple[str, float, float]] = [
        ("worst frame, ms", legacy.worst_ms, mien.worst_ms),
        ("p99 of frames, ms", legacy.p99_ms, mien.p99_ms),
        ("median frame, ms", legacy.median_ms, mien.median_ms),
        ("L1 misses per 1000 frames", legacy.misses_per_1000, mien.misses_per_1000),
        ("frames over budget per 1000", legacy.over_budget_per_1000, mien.over_budget_per_1000),
        ("frames late or dropped per 1000", legacy.missed_per_1000, mien.missed_per_1000),
        ("late frames", legacy.late, mien.late),
        ("dropped frames", legacy.dropped, mien.dropped),
        ("frames expected", legacy.expected, mien.expected),
    ]
    for name, take in (
        ("time to first audio, ms", "first_audio_ms"),
        ("silence added between turns, ms", "gaps_ms"),
    ):
        old, new = getattr(legacy, take), getattr(mien, take)
        if old and new:
            rows.append((f"{name}: median", float(np.median(old)), float(np.median(new))))
            rows.append((f"{name}: largest", max(old), max(new)))
    lines += [f"| {name} | {old:.3g} | {new:.3g} | {ratio(old, new)} |" for name, old, new in rows]
    lines += ["", _misses(legacy.miss_ms), "", *_rounds(report), ""]
    return "\n".join(lines)


def _misses(miss_ms: Sequence[float]) -> str:
    if not miss_ms:
        return "The old way had no miss."
    return (
        f"Misses of the old way took {min(miss_ms):.0f}-{max(miss_ms):.0f} ms, {np.mean(miss_ms):.0f} in the "
        f"mean, and there were {len(miss_ms)}. Frames are counted on the schedule; a frame is late when it "
        "is there more than a frame interval after it was due, over budget when it keeps the frame's thread "
        "for longer than one. Mien's thread begins a frame, and hands it over an interval later: the "
        "renderer's own threads draw meanwhile. Its threads run ahead of others where the system grants "
        "it, as in `mien play`."
    )


def _rounds(report: Report) -> list[str]:
    lines = ["| round | worst: old way | worst: Mien | over budget: old way | over budget: Mien |"]
    lines.append("|---:|---:|---:|---:|---:|")
    for number, (old, new) in enumerate(zip(report.legacy, report.mien, strict=True), 1):
        lines.append(
            f"| {number} | {old.worst_ms:.1f} ms | {new.worst_ms:.1f} ms "
            f"| {old.over_budget} | {new.over_budget} |"
        )
    return lines
