"""The proof as one HTML page that needs nothing else: uPlot, its data and its style are in it."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from importlib.resources import files
from typing import Final

import numpy as np

from mien.prove.figures import column
from mien.prove.page_html import paragraph, tag, whole
from mien.prove.page_parts import claims, golden, machine, missed, runs, surfaces, what_it_is
from mien.prove.players import name_of
from mien.prove.plotter import plotter
from mien.prove.proof import Proof, missed_frames
from mien.prove.recount import Recount
from mien.prove.runs import Run
from mien.report.run_file import RunFile
from mien.types import F64

__all__ = ["page", "plotter"]

_VERDICTS: Final = {
    "pass": "Every claim holds.",
    "fail": "Not every claim holds.",
    "disturbed": "The machine was disturbed: it stays open.",
}


def page(proof: Proof) -> str:
    """A whole HTML document. Raises PackageMissing where uPlot is not installed."""
    draws = plotter()
    style = draws.style + files("mien.prove").joinpath("page.css").read_text(encoding="utf-8")
    script = files("mien.prove").joinpath("page.js").read_text(encoding="utf-8")
    told = json.dumps(_told(proof), separators=(",", ":")).replace("</", "<\\/")
    size = f"{proof.plan.size.width}x{proof.plan.size.height}"
    parts = (
        tag("h1", "Does Mien hold its frames?"),
        paragraph(f"{proof.plan.conversation} at {size}, {proof.begun}, made by `mien prove`", "under"),
        f'<section class="verdict {proof.verdict}"><b>{_headline(proof)}</b>'
        f"<p>{whole(proof.sentence)}</p></section>",
        what_it_is(proof),
        claims(proof),
        _plots(),
        missed(proof),
        surfaces(proof),
        golden(proof),
        runs(proof),
        machine(proof, draws.version),
    )
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>mien prove: {proof.verdict}</title><style>{style}</style></head>"
        f"<body><main>{''.join(parts)}</main>"
        f'<script type="application/json" id="told">{told}</script>'
        f"<script>/* uPlot: MIT licence, (c) Leon Sorokin */\n{draws.script}</script>"
        f"<script>{script}</script></body></html>\n"
    )


def _headline(proof: Proof) -> str:
    if proof.verdict == "pass" and any(one.state == "not looked at" for one in proof.claims):
        return "Every claim that was looked at holds."
    return _VERDICTS[proof.verdict]


def _plots() -> str:
    return (
        tag("h2", "Every frame")
        + paragraph(
            "The runs stand behind each other in the order in which they were made. The dashed line is one "
            "frame "
            "interval; a frame that takes longer is missed by a loop that draws when it is due. Mien "
            "begins a "
            "frame an interval ahead, so that one over the line can be in time: what counts is the plot "
            "below it. "
            "A red mark on the axis is a frame that was late or never shown. Where more than two in a row "
            "were never shown the line ends, and a frame by itself is a dot.",
        )
        + '<div class="bar"><button id="whole" type="button">whole</button>'
        "<span>drag or turn the wheel to zoom, shift and wheel to move, double click for the "
        "whole</span></div>"
        '<div class="plot" id="frames"></div><div class="plot" id="delays"></div>'
        '<div class="plot" id="load"></div>'
    )


def _told(proof: Proof) -> dict[str, object]:
    """What the page's script plots."""
    missing = {run: list[int]() for run in range(len(proof.runs))}
    for player in proof.plan.players:
        numbers = {run.round: i for i, run in enumerate(proof.runs) if run.player == player}
        for frame in missed_frames(proof.runs, player):
            missing[numbers[frame.run]].append(frame.frame)
    return {
        "interval_ms": proof.interval_ms,
        "players": [{"key": one, "name": name_of(one)} for one in proof.plan.players],
        "runs": [_run(run, missing[number]) for number, run in enumerate(proof.runs)],
        "seen": [_seen(one) for one in proof.looked.recounts if not one.stalls],
    }


def _run(run: Run, missing: Sequence[int]) -> dict[str, object]:
    file = run.file
    since_s = [round((at - run.started_ns) / 1e9, 3) for at in run.others.at_ns]
    return {
        "name": run.name,
        "player": run.player,
        "interval_s": (file.interval_ms or 1000 / 30) / 1000,
        "work": _encoded(_scheduled(file, "frame_ms")),
        "delay": _encoded(_scheduled(file, "delay_ms")),
        "missed": [frame - file.first_frame for frame in missing],
        "load_s": since_s,
        "others": [round(v, 4) for v in run.others.others],
        "stolen": [round(v, 4) for v in run.others.stolen],
    }


def _seen(recount: Recount) -> dict[str, str]:
    return {"name": recount.surface, "apart": _encoded(np.diff(np.array(recount.shown_at_ms, np.float64)))}


def _scheduled(file: RunFile, name: str) -> F64:
    """One value for each frame of the schedule, (n,); NaN for what was never shown or is not known."""
    values = np.full(file.frames_expected, np.nan)
    told = column(file, name)
    if told is not None:
        values[file.frames["frame"].astype(int) - file.first_frame] = told
    return values


def _encoded(values: F64) -> str:
    """32-bit floats, little-endian, in base64."""
    return base64.b64encode(values.astype("<f4").tobytes()).decode()
