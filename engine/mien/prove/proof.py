"""A proof: what was run, what came of it, and the verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Final

import numpy as np

from mien.observe.causes import BECAUSE
from mien.prove.disturbances import by_player, of_machine, of_runs
from mien.prove.figures import figures, of_run, totals
from mien.prove.golden import Compared
from mien.prove.looks import Looked
from mien.prove.runs import Plan, Run, SetAside
from mien.prove.statistics import CONFIDENCE, REPLICATES, Interval
from mien.prove.thresholds import Figure, Thresholds
from mien.prove.verdict import Judged, Verdict, claims_told, verdict_of
from mien.report import report_of

VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Missed:
    """A frame of Mien's that was late or never shown."""

    run: int
    frame: int
    at_s: float
    late_ms: float | None
    """None: it was never shown."""
    cause: str
    others: float | None
    """Share of the cores that others had just then."""


@dataclass(frozen=True, slots=True)
class Burst:
    """Frames in a row that were missed in the same way, for the same cause."""

    first: Missed
    last: Missed
    worst_ms: float | None
    """The latest; None: they were never shown."""

    @property
    def frames(self) -> int:
        """How many."""
        return self.last.frame - self.first.frame + 1

    @property
    def which(self) -> str:
        """In words."""
        one, other = self.first.frame, self.last.frame
        return f"frame {one}" if one == other else f"frames {one} to {other}"

    @property
    def how(self) -> str:
        """What became of them."""
        if self.worst_ms is None:
            return "never shown"
        return f"{'up to ' if self.frames > 1 else ''}{self.worst_ms:.0f} ms late"

    @property
    def because(self) -> str:
        """The cause, in words."""
        return BECAUSE.get(self.first.cause, self.first.cause or "of something that was not recorded")


@dataclass(frozen=True, slots=True)
class Proof:
    """All of it."""

    plan: Plan
    command: str
    """What repeats it."""
    begun: str
    """Date and time, ISO 8601."""
    machine: Mapping[str, str]
    thresholds: Thresholds
    runs: tuple[Run, ...]
    looked: Looked
    golden: tuple[Compared, ...]
    figures: Mapping[str, Figure]
    claims: tuple[Judged, ...]
    disturbed: tuple[tuple[str, ...], ...]
    """What disturbed each run."""
    beside: Mapping[str, tuple[str, ...]]
    """What disturbed observers, by surface."""
    verdict: Verdict
    aside: tuple[SetAside, ...] = ()
    """Runs that were disturbed and made again. Of them are those figures alone that nothing excuses."""

    @property
    def interval_ms(self) -> float:
        """T of the runs."""
        return self.runs[0].file.interval_ms or 1000 / 30

    @property
    def sentence(self) -> str:
        """The verdict in words."""
        return _sentence(self)

    def as_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        return {
            "version": VERSION,
            "verdict": self.verdict,
            "sentence": self.sentence,
            "command": self.command,
            "begun": self.begun,
            "plan": {**asdict(self.plan), "size": list(self.plan.size), "players": list(self.plan.players)},
            "thresholds_sha256": self.thresholds.sha256,
            "statistics": {"confidence": CONFIDENCE, "replicates": REPLICATES, "block_s": 1.0},
            "machine": dict(self.machine),
            "claims": [
                {
                    "figure": one.claim.figure,
                    "says": one.claim.says,
                    "bound": one.claim.text(self.interval_ms),
                    "state": one.state,
                    "found": _plain(one.figure),
                }
                for one in self.claims
            ],
            "figures": {name: _plain(figure) for name, figure in self.figures.items()},
            "runs": [_run_told(run, why) for run, why in zip(self.runs, self.disturbed, strict=True)],
            "runs_set_aside": [_run_told(one.run, one.why) for one in self.aside],
            "missed": [asdict(one) for one in missed_frames(self.runs)],
            "surfaces": [
                {k: v for k, v in asdict(one).items() if k != "indices"} for one in self.looked.recounts
            ],
            "unseen": dict(self.looked.unseen),
            "observers_disturbed": {name: list(why) for name, why in self.beside.items()},
            "surfaces_set_aside": [{"surface": name, "disturbed": why} for name, why in self.looked.aside],
            "golden": [one.as_dict() for one in self.golden],
        }


def prove(
    plan: Plan,
    thresholds: Thresholds,
    runs: Sequence[Run],
    looked: Looked,
    golden: Sequence[Compared],
    facts: Mapping[str, str],
    told: tuple[str, str],
    aside: Sequence[SetAside] = (),
) -> Proof:
    """Judge what was run. `facts`: of the machine; `told`: the command, and when it began; `aside`: what was
    made again."""
    different = sum(not one.same for one in golden) if golden else None
    found = figures(runs, looked.recounts, different, plan.seed)
    found |= _never_excused(thresholds, (*runs, *(one.run for one in aside)))
    uneven = by_player(runs, thresholds.disturbed, plan.load)
    disturbed = of_runs(runs, thresholds.disturbed, plan.load)
    who = {
        "mien": any(why for run, why in zip(runs, disturbed, strict=True) if run.player == "mien"),
        "rivals": any(why for run, why in zip(runs, uneven, strict=True) if run.player in ("legacy", "mien")),
    }
    beside = {name: tuple(of_machine(seen, thresholds.disturbed)) for name, seen in looked.others.items()}
    who["observer"] = any(beside.values())
    interval_ms = runs[0].file.interval_ms or 1000 / 30
    claims = [
        Judged(claim, figure, claim.state(figure, interval_ms, who))
        for claim in thresholds.claims
        for figure in (found.get(claim.figure),)
    ]
    return Proof(
        plan,
        *told,
        facts,
        thresholds,
        tuple(runs),
        looked,
        tuple(golden),
        found,
        tuple(claims),
        tuple(tuple(why) for why in disturbed),
        beside,
        verdict_of([one.state for one in claims]),
        tuple(aside),
    )


def missed_frames(runs: Sequence[Run], player: str = "mien") -> list[Missed]:
    """Every frame that was late or never shown, with its cause: of one never shown that of the frame
    before."""
    found = []
    for run in (one for one in runs if one.player == player):
        file, interval_ms = run.file, run.file.interval_ms or 1000 / 30
        index = file.frames["frame"].astype(int)
        due, shown = file.column("scheduled_ms"), file.column("presented_ms")
        if due is None or shown is None:
            continue
        causes = file.causes
        for i in np.flatnonzero(shown - due > interval_ms):
            found.append(_missed(run, int(index[i]), float(shown[i] - due[i]), causes[i]))
        for frame in np.setdiff1d(
            np.arange(file.first_frame, file.first_frame + file.frames_expected), index
        ):
            # What made it late is in the frame that ended after its time had passed: the last before it.
            before = int(np.searchsorted(index, frame)) - 1
            found.append(_missed(run, int(frame), None, causes[before] if before >= 0 else ""))
    return sorted(found, key=lambda one: (one.run, one.frame))


def bursts(frames: Sequence[Missed]) -> list[Burst]:
    """Missed frames, told in rows."""
    found: list[Burst] = []
    for one in frames:
        end = found[-1] if found else None
        if (
            end is not None
            and (one.run, one.frame, one.cause) == (end.last.run, end.last.frame + 1, end.last.cause)
            and (one.late_ms is None) == (end.last.late_ms is None)
        ):
            worst = None if one.late_ms is None else max(one.late_ms, end.worst_ms or 0.0)
            found[-1] = Burst(end.first, one, worst)
        else:
            found.append(Burst(one, one, one.late_ms))
    return found


def _never_excused(thresholds: Thresholds, runs: Sequence[Run]) -> dict[str, Figure]:
    """The figures of Mien's that no disturbance excuses, of these runs: of those set aside as well."""
    always = {claim.figure for claim in thresholds.claims if not claim.depends}
    told = totals([run for run in runs if run.player == "mien"])
    return {key: value for name, value in told.items() if (key := f"mien.{name}") in always}


def _missed(run: Run, frame: int, late_ms: float | None, cause: str) -> Missed:
    at_s = frame * (run.file.interval_ms or 1000 / 30) / 1000
    ends_s = (np.array(run.others.at_ns) - run.started_ns) / 1e9
    nearest = int(np.searchsorted(ends_s, at_s))
    others = run.others.others[nearest] + run.others.stolen[nearest] if nearest < len(ends_s) else None
    return Missed(run.round, frame, at_s, late_ms, cause, others)


def _run_told(run: Run, why: Sequence[str]) -> dict[str, object]:
    return {
        "player": run.player,
        "round": run.round,
        "renderer": run.answer.get("renderer"),
        "verdict": report_of(run.file, run.name).verdict,
        "figures": of_run(run),
        "machine": run.others.as_dict(),
        "disturbed": list(why),
    }


def _plain(figure: Figure) -> object:
    return figure.as_dict() if isinstance(figure, Interval) else figure


def _sentence(proof: Proof) -> str:
    text = claims_told(proof.claims)
    reasons = list(dict.fromkeys(why for one in proof.disturbed for why in one))
    count = sum(bool(why) for why in proof.disturbed)
    if count:
        text += (
            f"; {count} of {len(proof.runs)} runs {'was' if count == 1 else 'were'} disturbed: {reasons[0]}"
        )
    if again := len(proof.aside):
        were = "run that was disturbed was" if again == 1 else "runs that were disturbed were"
        text += f"; {again} {were} made again"
    observers = [name for name, why in proof.beside.items() if why]
    if observers:
        text += f"; disturbed were the observers of {', '.join(observers)}"
    governor = _governor(proof)
    return f"{text}; {governor}." if governor else f"{text}."


def _governor(proof: Proof) -> str:
    """What Mien's own governor of quality did."""
    fewer, coarse, frames = (
        sum(of_run(run)[name] or 0 for run in proof.runs if run.player == "mien")
        for name in ("fewer pixels", "coarser steps", "frames")
    )
    if not (fewer or coarse):
        return "Mien drew every frame whole"
    parts = [f"{n:.0f} with {how}" for n, how in ((fewer, "fewer pixels"), (coarse, "coarser steps")) if n]
    return f"of {frames:.0f} frames Mien drew {' and '.join(parts)}"
