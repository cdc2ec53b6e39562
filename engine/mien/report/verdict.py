"""What a run comes to: one sentence, and why its frames took too long."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mien.observe.causes import BECAUSE
from mien.observe.frame_times import PARTS
from mien.report.figures import Figures, over_budget
from mien.report.machine import Machine
from mien.report.run_file import RunFile
from mien.report.speed import Speed
from mien.types import F64

_UNKNOWN = "of something that was not recorded"
_WORST_SHOWN = 5
_MOST_CAUSES = 20
"""Causes that are told, the most frequent: Mien names fewer, a broken file as many as it has frames."""


@dataclass(frozen=True, slots=True)
class Cause:
    """The frames over budget that are blamed on one thing."""

    cause: str
    """From `mien.observe.CAUSES`; empty where the file does not say."""
    because: str
    """The same in plain words."""
    frames: int
    worst_ms: float
    worst_at_s: float
    starved: int | None
    """Those that would have been on time had their thread not waited for cores that others had, or that were
    due in a crowded second; None: not recorded."""
    slow: int | None
    """Those that the reference machine would have had on time; None: not recorded."""

    @property
    def excuses(self) -> str:
        """In words how many of its frames are the machine's fault, each clause behind a semicolon."""
        text = ""
        if self.starved:
            text += f"; {_part(self.starved, self.frames)}while the machine was short of cores"
        if self.slow:
            text += f"; {_part(self.slow, self.frames)}in time on the reference machine"
        return text


@dataclass(frozen=True, slots=True)
class WorstFrame:
    """One of the longest frames."""

    frame: int
    at_s: float
    work_ms: float
    cause: str
    parts: dict[str, float]
    """Recorded parts in ms that are not 0, longest first."""


def causes_of(run: RunFile, machine: Machine | None = None, speed: Speed | None = None) -> tuple[Cause, ...]:
    """The causes of frames over budget, the most frequent first, `_MOST_CAUSES` at most."""
    flagged, work, interval = over_budget(run), run.work_ms, run.interval_ms
    if flagged is None or work is None or interval is None:
        return ()
    over = np.flatnonzero(flagged)
    starved = _starved(run.column("cores_ms"), work - interval, machine)
    names = np.array(run.causes)[over]
    known, counts = np.unique(names, return_counts=True)
    found = []
    for name in known[np.argsort(-counts, kind="stable")[:_MOST_CAUSES]]:
        these = over[names == name]
        worst = these[np.argmax(work[these])]
        found.append(
            Cause(
                str(name),
                BECAUSE.get(str(name), f"of {name}" if name else _UNKNOWN),
                len(these),
                float(work[worst]),
                float(run.at_s[worst]),
                None if starved is None else int(starved[these].sum()),
                None if speed is None else int(speed.slow[these].sum()),
            )
        )
    return tuple(found)


def _starved(waited: F64 | None, over_ms: F64, machine: Machine | None) -> npt.NDArray[np.bool_] | None:
    if waited is None and machine is None:
        return None
    crowded = machine.crowded if machine is not None else np.zeros(len(over_ms), np.bool_)
    return crowded if waited is None else np.asarray(crowded | (np.nan_to_num(waited) >= over_ms))


def worst_frames(run: RunFile) -> tuple[WorstFrame, ...]:
    """The longest frames, the worst first; none of those of which the file does not tell how long."""
    work = run.work_ms
    if work is None:
        return ()
    found = []
    for index in np.argsort(-work, kind="stable")[: min(_WORST_SHOWN, np.isfinite(work).sum())]:
        parts = {name: float(v[index]) for name in PARTS if (v := run.column(name)) is not None}
        told = {name: ms for name, ms in sorted(parts.items(), key=lambda part: -part[1]) if ms > 0}
        frame = int(run.frames["frame"][index])
        found.append(WorstFrame(frame, float(run.at_s[index]), float(work[index]), run.causes[index], told))
    return tuple(found)


def sentence(run: RunFile, figures: Figures, causes: tuple[Cause, ...]) -> str:
    """How the run went, for somebody who knows nothing of frames."""
    told = _of_realtime(run, figures, causes) if run.realtime else _of_render(figures)
    text = told + _tail(figures) + "."
    return text if run.totals is not None else f"Up to where the file ends: {text[0].lower()}{text[1:]}"


def _of_realtime(run: RunFile, figures: Figures, causes: tuple[Cause, ...]) -> str:
    span = f"{run.seconds:.0f} s" if run.seconds >= 20 else f"{run.seconds:.1f} s"
    late, dropped = figures["frames_late_total"], figures["frames_dropped_total"]
    expected, over = figures["frames_expected_total"], figures["frames_over_budget_total"]
    if late is None:
        text = f"Whether frames were late in {span} was not recorded"
        text += f", and {_were(dropped)} never shown" if dropped else ""
    elif not late and not dropped:
        text = f"No frame was late in {span}"
    else:
        text = f"{late:.0f} of {expected:.0f} frames were shown late"
        text += f" and {dropped:.0f} never" if dropped else ""
        text += f" in {span}"
    if not over:
        return text
    budget = f"{run.interval_ms:.1f} ms"
    joint = ", though " if not late and not dropped else "; "
    return f"{text}{joint}{_frames(over)} took longer than {budget}{_why(over, causes)}"


def _of_render(figures: Figures) -> str:
    dropped, produced = figures["frames_dropped_total"], figures["frames_produced_total"]
    if dropped:
        return f"{dropped:.0f} of {figures['frames_expected_total']:.0f} frames are missing from the file"
    rendered = "The only frame was" if produced == 1 else f"All {produced:.0f} frames were"
    return f"{rendered} rendered; a video file plays at its rate, however long they took"


def _why(over: float, causes: tuple[Cause, ...]) -> str:
    first = causes[0]
    text = f" because {first.because}"
    if first.frames < over:
        text = f", {first.frames} of them{text}"
    starved = sum(cause.starved or 0 for cause in causes)
    if 2 * starved > over:
        text += f", {_part(starved, over)}while the machine was short of cores"
    slow = sum(cause.slow or 0 for cause in causes)
    if 2 * slow > over:
        text += f", and {_part(slow, over)}in time on the reference machine, which is faster than this one"
    return text


def _part(n: float, of: float) -> str:
    """How many of some: nothing where it is one of one."""
    return "" if of == 1 else "all of them " if n == of else f"{n:.0f} of them "


def _tail(figures: Figures) -> str:
    """What went wrong besides, or that nothing did, as far as the file says."""
    scaled, coarse = figures["frames_scaled_total"], figures["frames_coarse_total"]
    misses, underruns = figures["l1_miss_total"], figures["audio_underruns_total"]
    concealed, gap = figures["audio_concealed_ms"], figures["inter_turn_gap_ms"]
    bad, good = [], []
    if scaled:
        bad.append(f"{_frames(scaled)} {_verb(scaled)} drawn with fewer pixels, to be in time")
    elif coarse:
        bad.append(f"in {_frames(coarse)} slow parts moved in coarser steps, to be in time")
    for name, how in (
        ("turns_unheard_total", "not heard"),
        ("turns_partly_heard_total", "heard only in part"),
        ("turns_short_total", "of another length than stated"),
    ):
        if turns := figures[name]:
            bad.append(f"{turns:.0f} of {figures['turns_total']:.0f} turns {_verb(turns)} {how}")
    if misses:
        bad.append(f"{misses:.0f} drawing{'s were' if misses != 1 else ' was'} missing when needed")
    elif misses is not None:
        good.append("every drawing was there when it was needed")
    if underruns:
        bad.append(f"the sound ran dry {underruns:.0f} time{'s' if underruns != 1 else ''}")
    if concealed:
        bad.append(f"{concealed:.0f} ms of sound were made up")
    if gap:
        bad.append(f"{gap:.0f} ms of silence were added between turns")
    if underruns is not None and concealed is not None and not (underruns or concealed or gap):
        good.append("the sound had no gap")
    told = bad or good
    if not told:
        return ""
    return f"; {', '.join(told[:-1])} and {told[-1]}" if told[1:] else f"; {told[0]}"


def _frames(n: float) -> str:
    return f"{n:.0f} frame" + ("" if n == 1 else "s")


def _were(n: float | None) -> str:
    return f"{n:.0f} {_verb(n)}"


def _verb(n: float | None) -> str:
    return "was" if n == 1 else "were"
