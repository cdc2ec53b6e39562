"""The tables of a proof's page."""

from __future__ import annotations

from typing import Final

import numpy as np

from mien.prove.figures import found_well, of_run
from mien.prove.looks import STALLED_SIZE
from mien.prove.old_way.state import Sizing
from mien.prove.page_html import number, paragraph, range_of, shown, table, tag, whole
from mien.prove.peers import PEERS
from mien.prove.players import PLAYERS, name_of
from mien.prove.proof import Proof, bursts, missed_frames
from mien.prove.recount import Recount, Stall
from mien.prove.statistics import CONFIDENCE, REPLICATES
from mien.report.written import written

_MOST: Final = 500
"""Missed frames that are listed; the rest is in the JSON."""
_SIDES: Final = (
    ("missed_per_1000", "frames late or never shown, of 1000"),
    ("over_budget_per_1000", "frames that took longer than an interval, of 1000"),
    ("frame_ms_p50", "what a frame took, ms: median"),
    ("frame_ms_p99", "the same: 99 of 100 at most"),
    ("frame_ms_worst", "the same: the longest"),
    ("delay_ms_worst", "latest frame, ms behind its time"),
    ("pictures_missing_per_1000", "pictures that were missing when needed, of 1000 frames"),
    ("longest_missed", "longest run of frames missed"),
    ("gap_ms", "silence added between turns, most of a run, ms"),
)

_PEER: Final = (
    "Mien's motion, sound, schedule and priority, with that library for the compositor, on the processor: "
    "each frame is drawn whole, every layer of it. Unlike Mien it bends no layer and dims no listener."
)


def what_it_is(proof: Proof) -> str:
    """For who reads nothing else."""
    text = (
        "A live character has a picture due every "
        f"{proof.interval_ms:.1f} ms. The way this was done before composited a finished picture of each "
        "expression on the processor and kept it; whenever an expression came that was not kept, frames "
        "were late. "
        "Here both ways play the same conversation in real time, in turn, each in a process of its own, "
        "from the "
        "same seeds. What Mien had to reach was written down first (below). The figures come from each "
        "run's record "
        "of frames; other processes that share nothing with Mien then look at the surfaces themselves, "
        "count the "
        "marked frames, and are held to the record."
    )
    return f"<p>{whole(text)}</p>"


def claims(proof: Proof) -> str:
    """What was asked, before; and what was found."""
    rows = [
        f"<tr><td>{written(one.claim.says)}<br><small>{written(one.claim.why)}</small></td>"
        f"<td>{written(one.claim.text(proof.interval_ms))}</td><td class=found>{shown(one.figure)}</td>"
        f"<td>{range_of(one, proof.interval_ms)}</td>"
        f'<td class="{one.state.replace(" ", "-")}">{one.state}</td></tr>'
        for one in proof.claims
    ]
    note = (
        f"Between brackets: where the figure would lie in {CONFIDENCE:.0%} of repetitions, from "
        f"{REPLICATES} draws "
        "of runs and of blocks of one second (BCa bootstrap). The end nearer to the bound has to keep it, "
        "so few "
        "frames prove nothing. Where nothing was counted the interval is that of Clopper and Pearson. Red: "
        "the bound."
    )
    players = proof.plan.players
    pairs = [
        f"<tr><td>{written(says)}</td>"
        + "".join(f"<td class=n>{shown(proof.figures.get(f'{one}.{name}'))}</td>" for one in players)
        + "</tr>"
        for name, says in _SIDES
    ]
    peers = "".join(paragraph(f"{name_of(one)}: {_PEER}", "note") for one in players if one not in PLAYERS)
    peers += "".join(
        paragraph(f"{name_of(one)} was left out: {why}", "note") for one, why in proof.plan.left_out.items()
    )
    return (
        tag("h2", "What Mien had to reach, and what was found")
        + "<p>These bounds are a file of Mien, printed before the first run. Its SHA-256: "
        f'<code class="hash">{proof.thresholds.sha256}</code></p>'
        + table(("claim", "bound", "found", "", ""), rows)
        + paragraph(note, "note")
        + tag("h3", "Side by side")
        + table(("", *(f"n:{name_of(one)}" for one in players)), pairs)
        + peers
    )


def missed(proof: Proof) -> str:
    """Every frame of Mien's that was late or never shown, with its cause."""
    frames = missed_frames(proof.runs)
    numbers = {run.round: i for i, run in enumerate(proof.runs) if run.player == "mien"}
    old = missed_frames(proof.runs, "legacy")
    head = tag("h2", "Every frame that Mien missed")
    text = f"The old way missed {len(old)} frames in as many runs."
    if not frames:
        return head + paragraph(f"There is none. {text}")
    told = bursts(frames)
    rows = [
        f'<tr><td><a href="#run{numbers[one.first.run]}-frame{one.first.frame}">run {one.first.run}, '
        f"{one.which}</a></td><td class=n>{one.first.at_s:.2f} s</td><td class=n>{one.how}</td>"
        f"<td>{written(one.because)}</td>"
        f"<td class=n>{'-' if one.first.others is None else f'{one.first.others:.0%}'}</td></tr>"
        for one in told[:_MOST]
    ]
    rest = f" The first {_MOST} lines are shown; the JSON has every frame." if len(told) > _MOST else ""
    return (
        head
        + paragraph(
            f"{len(frames)} frame{'' if len(frames) == 1 else 's'}. {text}{rest}"
            " A cause is what would have made the frame on time, had it "
            f"been absent.",
        )
        + table(("frame", "n:due at", "n:what became of it", "because", "n:cores that others had"), rows)
    )


def surfaces(proof: Proof) -> str:
    """What other processes saw."""
    head = tag("h2", "What others saw") + paragraph(
        "Each surface was watched by a process of its own that reads marks in the pictures, with its own "
        "clock. It is "
        "held to the ledger frame by frame. Then it is watched again, in frames of "
        f"{STALLED_SIZE.width}x{STALLED_SIZE.height} where they were larger, with stalls put in on purpose: "
        "an observer that finds nothing must have been able to find something.",
    )
    disturbed = "".join(
        paragraph(f"Disturbed while {name} was watched: {'; '.join(why)}", "note")
        for name, why in proof.beside.items()
        if why
    )
    disturbed += "".join(
        paragraph(f"Set aside, and watched again: {name}. {why}", "note") for name, why in proof.looked.aside
    )
    unseen = disturbed + "".join(
        paragraph(f"Not watched: {name}. {why}", "note") for name, why in proof.looked.unseen.items()
    )
    if not proof.looked.recounts:
        return f"{head}<p><b>No surface was watched.</b></p>{unseen}"
    rows = [_recount(one) for one in proof.looked.recounts]
    stalls = [
        f"<tr><td>{written(one.surface)}</td><td>{stall.where}</td><td class=n>{stall.at_frame}</td>"
        f"<td class=n>{stall.size_ms:.0f} ms</td>{_found(stall)}</tr>"
        for one in proof.looked.recounts
        for stall in one.stalls
    ]
    plot = (
        '<div class="plot" id="seen"></div>' if any(not one.stalls for one in proof.looked.recounts) else ""
    )
    heads = (
        "surface", "n:frames", "n:seen", "n:stood twice", "n:never seen", "n:out of order", "n:sound minus "
        "picture, ms",
        "against the ledger",
    )  # fmt: skip
    found = (
        tag("h3", "Stalls put in, and found")
        + table(("surface", "in", "n:at frame", "n:put in", "n:found"), stalls)
        if stalls
        else ""
    )
    return head + table(heads, rows) + plot + found + unseen


def golden(proof: Proof) -> str:
    """Whether the pictures are right."""
    if not proof.golden:
        return ""
    rows = [
        f"<tr><td>{written(one.name)}</td><td class=n>{one.worst}</td><td class=n>{one.beyond:.2%}</td>"
        f'<td class="{"met" if one.same else "missed"}">{"the same" if one.same else "different"}</td></tr>'
        for one in proof.golden
    ]
    return (
        tag("h2", "Whether the pictures are right")
        + paragraph("Frames that were kept when they were right, drawn again on this machine.")
        + table(("golden frame", "n:largest difference, of 255", "n:beyond the tolerance", ""), rows)
    )


def runs(proof: Proof) -> str:
    """A line for each run that counts, and for each that was set aside."""
    kept = zip(proof.runs, proof.disturbed, ["disturbed"] * len(proof.runs), strict=True)
    aside = [(one.run, one.why, "set aside, and made again") for one in proof.aside]
    names = list(of_run(proof.runs[0]))
    rows = []
    for run, why, how in (*kept, *aside):
        figures = of_run(run)
        cells = "".join(f"<td class=n>{number(figures[name])}</td>" for name in names)
        note = f"<br><small>{how}: {written('; '.join(why))}</small>" if why else ""
        seen = run.others
        load = "".join(
            f"<td class=n>{'-' if v is None else f'{v:.0%}'}</td>"
            for v in (seen.mean, seen.stolen_mean, seen.waiting)
        )
        load += f"<td class=n>{'-' if seen.work_us is None else f'{seen.work_us:.1f}'}</td>"
        rows.append(f"<tr><td>{written(run.name)}{note}</td>{cells}{load}</tr>")
    heads = ["run, in order", *(f"n:{name}" for name in names)]
    heads += ["n:others", "n:stolen", "n:waiting", "n:fixed work, us"]
    return (
        tag("h2", "Every run")
        + table(heads, rows)
        + paragraph(
            "Fewer pixels, coarser steps: what Mien's governor did to have frames in time. Others, stolen: "
            "share of all "
            "cores that other programs and other virtual machines had. Waiting: share of the time in which "
            "something "
            "that could run had no core, the run's own threads among it. Fixed work: processor time of a "
            "piece of work that is always the same; more where the cores are slower. A run is set aside for "
            "what others did on the machine, never for its frames, "
            f"{proof.plan.repeats} times at most; no figure above is of it, but for missing drawings, late "
            "work and added silence, which nothing excuses.",
            "note",
        )
    )


def machine(proof: Proof, uplot: str) -> str:
    """Where it was run, how to repeat it, and what it does not show."""
    renderers = dict.fromkeys(str(run.answer.get("renderer")) for run in proof.runs)
    facts = {**proof.machine, "renderers": "; ".join(renderers), "plots": f"uPlot {uplot}"}
    packages = ["'mien[prove]'", *(PEERS[one].package for one in proof.plan.players if one in PEERS)]
    rows = "".join(f"<dt>{written(name)}</dt><dd>{written(value)}</dd>" for name, value in facts.items())
    limits = (
        "It is one machine, and says nothing of yours: repeat it there. The timed runs hand frames to "
        "memory, with a "
        "sound output that keeps real time and plays nothing; what windows and streams add is in what the "
        "observers "
        "saw. The old way is a program written anew after the figures of the one that Mien replaced, with "
        "the "
        "same cost of a miss, not that program itself; its sizing: "
        f"{Sizing()}. Mien's frame thread runs ahead of other threads where the system grants it, as in "
        "`mien play`; the old way's runs as others do. The intervals take runs for alike, and blocks of one "
        "second for independent."
    )
    return (
        tag("h2", "The machine")
        + f"<dl>{rows}</dl>"
        + tag("h2", "Repeat it")
        + f"<pre>pip install {' '.join(packages)}\n{written(proof.command)}</pre>"
        + tag("h2", "What this does not show")
        + f"<p>{whole(limits)}</p>"
    )


def _found(stall: Stall) -> str:
    """What was found of a stall; where that is off by more than an interval and a half, by how much."""
    if stall.found_ms is None:
        return '<td class="n missed">not seen</td>'
    found = f"{stall.found_ms:.0f} ms"
    if found_well(stall):
        return f"<td class=n>{found}</td>"
    off = stall.found_ms - stall.size_ms
    return f'<td class="n missed">{found}: {abs(off):.0f} ms too {"much" if off > 0 else "little"}</td>'


def _recount(one: Recount) -> str:
    skew = "-"
    if one.av_ms:
        skew = f"{np.median(one.av_ms):.0f} ({min(one.av_ms):.0f} to {max(one.av_ms):.0f})"
    said = "agrees on every frame"
    if one.disagreements:
        said = f"{len(one.disagreements)} disagreements: {one.disagreements[0]}"
    style = "missed" if one.disagreements else "met"
    what = "; stalls put in" if one.stalls else ""
    return (
        f"<tr><td>{written(one.surface + what)}<br><small>{written(one.observer)}</small></td>"
        f"<td class=n>{one.frames}</td><td class=n>{one.shown}</td><td class=n>{one.repeated}</td>"
        f"<td class=n>{one.missing}</td><td class=n>{one.out_of_order}</td><td class=n>{skew}</td>"
        f'<td class="{style}">{written(said)}</td></tr>'
    )
