"""The one-screen verdict at the end of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rich.console import Console
from rich.table import Table

from mien import messages
from mien.cli.console import NOTE, print_table, say, screen, show_json, styled
from mien.observe import Ledger, totals_of
from mien.observe.frame_times import PARTS
from mien.observe.metric import Metric
from mien.observe.why_late import why_late
from mien.types import Size

_PARTS_TOLD: Final = 3
"""Parts of the worst frame that are told, the longest."""

SOFTWARE_PIXELS = 960 * 540
"""As many as a software renderer on two cores draws in time."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """What was drawn, and with what: whether a smaller picture is worth trying depends on it."""

    size: Size
    is_software: bool
    """Whether the renderer runs on the CPU."""


def advice(ledger: Ledger, drawn: Drawn) -> str | None:
    """What to try next, once a run has shown that it helps; None when there is nothing to gain.

    A smaller picture helps where pixels are drawn on the CPU, frames were shown late or left out, and most
    that took too long did so in drawing or reading back.
    """
    late = ledger.frames_late + ledger.frames_dropped
    pixels = sum(ledger.frames_over_budget[cause] for cause in ("gpu_wait", "readback"))
    scale = (SOFTWARE_PIXELS / (drawn.size.width * drawn.size.height)) ** 0.5
    helps = drawn.is_software and scale < 1 and 2 * pixels > ledger.over_budget
    if not (ledger.realtime and late and helps):
        return None
    # Even numbers: what is filmed of a window should be a video too.
    width, height = (max(2, 2 * round(side * scale / 2)) for side in drawn.size)
    return (
        f"drawn in software, without a GPU, and {late} of {ledger.frames_expected} frames were late or left "
        f"out; try --size {width}x{height}"
    )


def tell_foreseen(console: Console, complaints: Sequence[str]) -> None:
    """Before a run: what of the conversation its cast cannot follow."""
    for complaint in complaints:
        say(console, NOTE, complaint)


def print_verdict(
    ledger: Ledger,
    *,
    title: str,
    facts: Mapping[str, str],
    warnings: Sequence[str],
    as_json: bool,
    drawn: Drawn | None = None,
) -> None:
    """Say how the run went: a sentence, the figures behind it, and what to try next if `drawn` is told."""
    tip = None if drawn is None else advice(ledger, drawn)
    notes = [*warnings, *([tip] if tip else [])]
    totals = totals_of(ledger)
    if as_json:
        show_json({"file": title, **facts, **totals, "warnings": notes})
        return
    console = screen()
    table = Table(show_header=False, box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(style="dim")
    table.add_column()
    for name, value in (*facts.items(), *_figures(ledger, totals)):
        table.add_row(name, styled(value))
    faults = _faults(ledger.table.metrics, totals)
    verdict = ((", ".join(faults), "yellow"),) if faults else (("clean", "green"), f": {_clean(ledger)}")
    say(console, (messages.printable(title, messages.LONGEST_PATH), "bold"), ": ", *verdict)
    print_table(console, table)
    for note in notes:
        say(console, NOTE, note)


def _clean(ledger: Ledger) -> str:
    frames = "every frame was shown in time" if ledger.realtime else "every frame is in the file"
    return f"{frames}, every drawing was there when it was needed, and the sound has no gap"


def _faults(metrics: Sequence[Metric], totals: Mapping[str, object]) -> list[str]:
    """What a viewer could have noticed, as the table of metrics says it."""
    bad = [(metric.fault, totals[metric.name]) for metric in metrics if metric.fault and totals[metric.name]]
    turns = totals["turns_total"]
    said_of = (
        fault.format(count, s="" if count == 1 else "s", was="was" if count == 1 else "were", turns=turns)
        for fault, count in bad
    )
    return list(dict.fromkeys(said_of))


def _figures(ledger: Ledger, totals: Mapping[str, object]) -> list[tuple[str, str]]:
    cpu, worst = ledger.histogram("frame_cpu_ms"), ledger.worst
    frames = f"{ledger.frames_produced} of {ledger.frames_expected} expected"
    if ledger.realtime:
        frames += f", {ledger.frames_on_time} on time"
    budget = (
        f"; a frame has {ledger.interval_ms:.1f} ms"
        if ledger.realtime
        else ", which does not change the file"
    )
    figures = [
        ("frames", frames),
        ("frame time", f"median {cpu.quantile(0.5):.1f} ms, p99 {cpu.quantile(0.99):.1f} ms{budget}"),
    ]
    if worst:
        most = sorted(zip(worst.parts, PARTS, strict=True), reverse=True)[:_PARTS_TOLD]
        parts = ", ".join(f"{name.removesuffix('_ms').replace('_', ' ')} {ms:.1f}" for ms, name in most)
        took = (
            f"{sum(worst.parts):.1f} ms with its waits, at {worst.scheduled_ms / 1000:.2f} s (most: {parts})"
        )
        figures.append(("worst frame", took))
    if ledger.realtime and (ledger.over_budget or ledger.frames_late or ledger.frames_dropped):
        figures.append(("causes", why_late(ledger)))
    if coarse := ledger.count("frames_coarse_total"):
        figures.append(("slow parts", f"in coarser steps in {coarse} frames, to be in time"))
    if scaled := ledger.count("frames_scaled_total"):
        figures.append(("pixels", f"{scaled} frames drawn with fewer, to be in time: {_scales(ledger)}"))
    rebuild = ledger.histogram("l1_rebuild_us")
    cost = f"median {rebuild.quantile(0.5):.0f} us, p99 {rebuild.quantile(0.99):.0f} us"
    changes = ledger.count("l1_rebuild_total")
    misses, uploads = ledger.count("l1_miss_total"), ledger.count("upload_events_total")
    underruns, concealed = ledger.count("audio_underruns_total"), totals["audio_concealed_ms"]
    figures += [
        ("face updates", f"{changes} changes of drawings, each of which took {cost} of processor time"),
        ("misses", f"{misses} drawings not there when needed, {uploads} uploads after the start"),
        ("audio", f"{underruns} underruns, {concealed:.0f} ms concealed"),
    ]
    skew = ledger.histogram("av_skew_ms")
    if skew.count:
        spread = f"median {skew.quantile(0.5):.1f} ms, p99 {skew.quantile(0.99):.1f} ms"
        figures.append(("A/V skew", f"{spread}, worst {skew.max:.1f} ms"))
    return figures


def _scales(ledger: Ledger) -> str:
    """How many frames were drawn at which share of their width and height."""
    counts = sorted(ledger.frames_scaled_by_scale.items(), reverse=True)
    return ", ".join(f"{count} at {float(scale):.0%} of width and height" for scale, count in counts if count)
