"""The report: Markdown tables and a plot, written by the tool so that no figure is typed by hand."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bench_compositor.check import MEAN_ALLOWED
from bench_compositor.engines import ENGINES
from bench_compositor.figures import STATISTICS, Figure, figures, targets
from bench_compositor.machine import Machine
from bench_compositor.measure import SLOW_ROUND_S, Result
from bench_compositor.timeline import Scenario

_COLOURS = {
    "pillow": "#9a9a9a",
    "opencv": "#b58b5a",
    "pygame": "#6a9a5b",
    "skia": "#4f86c0",
    "blend2d": "#2f4f8f",
    "naive-gl": "#b06bb0",
    "mien-full": "#f0a35e",
    "mien": "#d9480f",
    "mien-coarse": "#6e2106",
}


@dataclass(frozen=True, slots=True)
class Report:
    """A run of the benchmark."""

    machine: Machine
    command: str
    frames: int
    rounds: int
    results: list[Result]
    note: str = ""
    """What a reader should know of this run."""


def markdown(report: Report, picture: str) -> str:
    """The report as Markdown. `picture`: file name of the plot beside it, or empty."""
    machine = report.machine
    versions = ", ".join(f"{name} {version}" for name, version in machine.versions.items())
    lines = [
        "# Compositor benchmark",
        "",
        "Written by `tools/bench_compositor.py`; no figure here was typed by hand.",
        "",
        f"- Command: `{report.command}`",
        f"- Processor: {machine.processor}, {machine.cores} cores; {machine.system}",
        f"- Renderer: {machine.renderer}",
        f"- Date: {machine.date}",
        f"- Versions: {versions}",
        *([f"- {report.note}"] if report.note else []),
        "",
        f"Timelines of {report.frames} frames at 30 a second. `real` is a conversation of two characters, in "
        "which everything moves in every frame: what the product draws. `idle` are the same two with nothing "
        f"to say. The others are a script in which little moves: {_shares(report)}. Every engine "
        "runs in a process of its own, is given the same rows in its own form before the clock starts, and "
        "ends each frame with the picture in a numpy array.",
        "",
        "**The library peers redraw everything in each frame** (the background is copied, not drawn), except "
        "Pillow, which keeps finished pictures of a character's latest states. Mien redraws and reads back "
        "only what changed; *Mien without damage* redraws everything, as the peers do.",
        "",
        "At rest the drawings stand on whole pixels, where the libraries copy lines of pixels without "
        "filtering; in sway every layer is filtered.",
        "",
    ]
    if picture:
        lines += [f"![Milliseconds a frame by engine and kind of frame]({picture})", ""]
    lines += _targets(report)
    for result in report.results:
        lines += _scenario(result)
    lines += [
        "## How it is measured",
        "",
        f"Milliseconds a frame: the median of {report.rounds} interleaved rounds; in brackets the lowest and "
        f"highest round. An engine whose first round takes more than {SLOW_ROUND_S:g} s is timed in that "
        "round only. talk, fade and sway are medians of the changed frames of their kind (breath counts as "
        "sway); mean, p95 and p99 are of all frames; processor is the median of the processor time of all "
        "threads.",
        "",
        "Before that each engine's pictures are compared with the specification (`composite/reference.py`) "
        f"on some eight frames; one whose mean difference is above {MEAN_ALLOWED:g} of 255 is not timed. "
        "Mien's figures are drawing and reading; filling its rows from poses is the line below each table, "
        "and no peer is charged for the like.",
        "",
    ]
    return "\n".join(lines)


def _shares(report: Report) -> str:
    scripted = [one for one in report.results if Scenario.parse(one.scenario).scripted]
    kinds = scripted[0].kinds if scripted else []
    words = {
        "unchanged": "talk in which nothing changes",
        "talk": "talk with changes",
        "fade": "crossfades of an expression over 220 ms",
        "sway": "motion of head and body, and breath",
    }
    return ", ".join(f"{text} {100 * kinds.count(k) / max(1, len(kinds)):.0f} %" for k, text in words.items())


def _targets(report: Report) -> list[str]:
    rows = targets(report.results)
    if not rows:
        return []
    lines = ["## Targets", "", "| | scenario | target | measured | |", "|---|---|---:|---:|---|"]
    for row in rows:
        unit = f" {row.unit}" if row.unit else ""
        lines.append(
            f"| {row.what} | {row.scenario} | <= {row.limit:g}{unit} | {row.measured:.3g}{unit} "
            f"| {'met' if row.met else '**missed**'} |"
        )
    return [*lines, ""]


def _scenario(result: Result) -> list[str]:
    of = {key: figures(result, one) for key, one in result.engines.items() if one.rounds}
    shown = [name for name in STATISTICS if any(name in found for found in of.values())]
    lines = [f"## {result.scenario}", "", f"{result.layers} layers above the background.", ""]
    if not of:
        return [*lines, *(f"- {one.excluded}" for one in result.engines.values()), ""]
    lines += [
        f"| engine | {' | '.join(shown)} | mean / Blend2D | processor / Blend2D | largest, mean difference |",
        f"|---|{'---:|' * (len(shown) + 3)}",
    ]
    peer = of.get("blend2d", {})
    for key, found in of.items():
        one = result.engines[key]
        cells = [_cell(found.get(name)) for name in shown]
        ratios = [
            f"{found[name].value / peer[name].value:.2f}" if name in peer else "-"
            for name in ("mean", "processor")
        ]
        cells += [*ratios, f"{one.largest}, {one.mean:.3f}"]
        lines.append(f"| {ENGINES[key][1]} | {' | '.join(cells)} |")
    lines.append("")
    lines += ["Python of Mien in a changed frame, median:", ""]
    if Scenario.parse(result.scenario).scripted:
        lines += [f"- rows from poses (`CharacterRows.fill`), not in the table: {result.fill_ms:.3f} ms"]
    else:
        lines += ["- rows from the performer, not in the table: see `--cpu-only`"]
    facts = result.engines["mien"].facts if "mien" in result.engines else {}
    if facts.get("plan_ms") is not None:
        lines.append(f"- the plan of what to draw again, in the table: {facts['plan_ms']:.3f} ms")
    if facts.get("frame_gpu_ms") is not None:
        lines.append(
            f"On the GPU: {facts['frame_gpu_ms']:.3f} ms a frame by timer queries; "
            f"{facts['frames_per_second']:.0f} frames a second when drawn without reading."
        )
    lines.append("")
    for key, one in result.engines.items():
        if one.excluded:
            lines.append(f"- {one.excluded}")
        elif one.note:
            lines.append(f"- {ENGINES[key][1]}: {one.note}")
    return [*lines, ""]


def _cell(figure: Figure | None) -> str:
    if figure is None:
        return "-"
    if figure.low == figure.high:
        return f"{figure.value:.3g}"
    return f"{figure.value:.3g} ({figure.low:.3g}..{figure.high:.3g})"


_PLOTTED = ("unchanged", "talk", "fade", "sway", "real", "p99", "processor")
_WIDE = 50
"""Times the least figure of a plot that its most is, from which its scale is logarithmic."""


def plot(report: Report, path: Path) -> bool:
    """Draw a PNG; False where there is nothing to draw or no matplotlib to draw with."""
    try:
        import matplotlib

        matplotlib.use("Agg")
        from matplotlib import pyplot
    except ImportError:
        print("no plot: pip install matplotlib")
        return False
    results = [result for result in report.results if any(one.rounds for one in result.engines.values())]
    if not results:
        return False
    count = len(results)
    figure, axes = pyplot.subplots(count, 1, figsize=(9, 3.1 * count), squeeze=False, layout="constrained")
    for axis, result in zip(axes[:, 0], results, strict=True):
        timed = {key: figures(result, one) for key, one in result.engines.items() if one.rounds}
        kinds = [kind for kind in _PLOTTED if any(kind in found for found in timed.values())]
        width = 0.84 / max(1, len(timed))
        for i, (key, found) in enumerate(timed.items()):
            places = [x + i * width for x, kind in enumerate(kinds) if kind in found]
            heights = [found[kind].value for kind in kinds if kind in found]
            axis.bar(places, heights, width * 0.92, color=_COLOURS[key], label=ENGINES[key][1])
        values = [found[kind].value for found in timed.values() for kind in kinds if kind in found]
        if max(values) > _WIDE * min(values):
            # Lengths of bars mean nothing then; from 0 on, small ones could not be seen.
            axis.set_yscale("log")
            axis.yaxis.set_major_formatter("{x:g}")
        axis.set_ylabel("ms a frame")
        axis.set_title(result.scenario, loc="left", fontsize=10)
        axis.set_xticks([x + 0.42 - width / 2 for x in range(len(kinds))], kinds)
        axis.grid(axis="y", alpha=0.3)
        axis.set_axisbelow(True)
        axis.spines[["top", "right"]].set_visible(False)
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, fontsize=8, ncols=4, loc="outside upper center", frameon=False)
    figure.savefig(path, dpi=110)
    pyplot.close(figure)
    return True
