"""The one-screen verdict at the end of a run."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table

from mien.observe import Ledger


def print_verdict(
    ledger: Ledger,
    *,
    title: str,
    facts: Mapping[str, str],
    warnings: Sequence[str],
    as_json: bool,
) -> None:
    """Say how the run went: a sentence, then the figures behind it."""
    if as_json:
        print(json.dumps({"file": title, **facts, **ledger.totals(), "warnings": list(warnings)}, indent=2))
        return
    console = Console(highlight=False)
    table = Table(show_header=False, box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(style="dim")
    table.add_column()
    for name, value in facts.items():
        table.add_row(name, value)
    for name, value in _figures(ledger):
        table.add_row(name, value)
    good = not _faults(ledger)
    verdict = (
        "[green]clean[/], nothing missed, dropped or made up"
        if good
        else "[yellow]" + ", ".join(_faults(ledger)) + "[/]"
    )
    console.print(f"[bold]{title}[/]: {verdict}")
    console.print(table)
    for warning in warnings:
        console.print(f"[yellow]note[/] {warning}")


def _faults(ledger: Ledger) -> list[str]:
    """What a viewer could have noticed."""
    faults = []
    if ledger.l1_misses:
        faults.append(f"{ledger.l1_misses} drawings were not resident when needed")
    if ledger.frames_dropped:
        faults.append(f"{ledger.frames_dropped} frames dropped")
    if ledger.underruns:
        faults.append(f"{ledger.underruns} audio underruns")
    if ledger.concealed_samples:
        faults.append(f"{ledger.concealed_samples / 48:.0f} ms of sound concealed")
    if ledger.shader_compile_after_ready_total or ledger.gl_alloc_after_ready_total:
        faults.append("GL objects were made after ready")
    if ledger.realtime and ledger.frames_produced > ledger.frames_on_time:
        faults.append(f"{ledger.frames_produced - ledger.frames_on_time} frames late")
    return faults


def _figures(ledger: Ledger) -> list[tuple[str, str]]:
    cpu, worst = ledger.frame_cpu_ms, ledger.worst
    frames = f"{ledger.frames_produced} of {ledger.frames_expected} expected"
    if ledger.realtime:
        frames += f", {ledger.frames_on_time} on time"
    budget = f"; {ledger.interval_ms:.1f} ms keep time" if ledger.realtime else "; a file keeps time anyhow"
    figures = [
        ("frames", frames),
        ("frame time", f"median {cpu.quantile(0.5):.1f} ms, p99 {cpu.quantile(0.99):.1f} ms{budget}"),
    ]
    if worst:
        stages = f"build {worst.build_ms:.1f}, draw {worst.draw_ms:.1f}, readback {worst.readback_ms:.1f}"
        figures.append(
            ("worst frame", f"{worst.frame_cpu_ms:.1f} ms at {worst.at_sample / 48_000:.2f} s ({stages})")
        )
    rebuild = ledger.l1_rebuild_us
    cost = f"median {rebuild.quantile(0.5):.0f} us, p99 {rebuild.quantile(0.99):.0f} us"
    figures += [
        ("face updates", f"{ledger.l1_rebuild_total} changes of drawings, as uniform updates: {cost}"),
        ("misses", f"{ledger.l1_misses} drawings, {ledger.upload_events_total} uploads after ready"),
        ("audio", f"{ledger.underruns} underruns, {ledger.concealed_samples / 48:.0f} ms concealed"),
    ]
    skew = ledger.skew_ms
    if skew.count:
        spread = f"median {skew.quantile(0.5):.1f} ms, p99 {skew.quantile(0.99):.1f} ms"
        figures.append(("A/V skew", f"{spread}, worst {skew.max:.1f} ms"))
    return figures
