"""Runs held against their targets, and against each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from mien.messages import printable
from mien.observe import TABLE, MetricTable
from mien.observe.metric import Unit
from mien.report.figures import Figures, figures_of
from mien.report.machine import Machine, machine_of
from mien.report.run_file import RunFile, read_run
from mien.report.speed import Speed, speed_of
from mien.report.targets import State, Target, targets_of
from mien.report.verdict import Cause, WorstFrame, causes_of, sentence, worst_frames
from mien.report.written import LONGEST

_FACTS: Final = ("command", "conversation", "size", "fps", "renderer", "sound", "paced_by")


@dataclass(frozen=True, slots=True)
class Result:
    """One figure against its target."""

    target: Target
    value: float | None
    state: State
    bound: str
    """The target in words: `<= 8 ms`."""


@dataclass(frozen=True, slots=True)
class Report:
    """Everything there is to say about one run."""

    name: str
    run: RunFile
    figures: Figures
    verdict: str
    causes: tuple[Cause, ...]
    machine: Machine | None
    """None when the run did not record it."""
    speed: Speed | None
    """None when the run did not time it."""
    worst: tuple[WorstFrame, ...]
    results: tuple[Result, ...]

    def having(self, state: State) -> tuple[Result, ...]:
        """The results of one state."""
        return tuple(result for result in self.results if result.state == state)

    @property
    def facts(self) -> list[tuple[str, str]]:
        """What was run and what with: names and values, as far as the file says."""
        header = self.run.header
        return [(name, _fact(header[name])) for name in _FACTS if header.get(name) is not None]

    @property
    def about_machine(self) -> str | None:
        """What the machine had left, and how fast it was; None when nothing was recorded."""
        return "; ".join(str(one) for one in (self.machine, self.speed) if one is not None) or None

    @property
    def passes(self) -> bool:
        """No target was missed, and the file is whole: half a run proves nothing."""
        return self.run.whole and not self.having("missed")

    def as_dict(self) -> dict[str, object]:
        """Plain values for JSON; None: not recorded."""
        return {
            "name": self.name,
            "file": str(self.run.path),
            "run": {k: v for k, v in self.run.header.items() if k != "kind"},
            "realtime": self.run.realtime,
            "seconds": round(self.run.seconds, 3),
            "verdict": self.verdict,
            "warnings": list(self.run.warnings),
            "causes": [asdict(cause) for cause in self.causes],
            "machine": self.machine.as_dict() if self.machine else None,
            "speed": self.speed.as_dict() if self.speed else None,
            "worst_frames": [asdict(frame) for frame in self.worst],
            "figures": dict(self.figures),
            "targets": [
                {"figure": r.target.figure, "value": r.value, "target": r.bound, "state": r.state}
                for r in self.results
            ],
            "passes": self.passes,
        }


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of several runs."""

    figure: str
    says: str
    unit: Unit
    values: tuple[float | None, ...]
    ratios: tuple[float | None, ...]
    """Each against the first; None where one is not recorded or the first is 0."""


def reports_of(paths: Sequence[Path], table: MetricTable = TABLE) -> tuple[Report, ...]:
    """Read and judge runs by a table of metrics, in the order given. Raises LedgerUnreadable."""
    runs = zip(map(read_run, paths), _names(paths), strict=True)
    return tuple(report_of(run, name, table) for run, name in runs)


def report_of(run: RunFile, name: str, table: MetricTable = TABLE) -> Report:
    """Judge one run."""
    figures = figures_of(run, table)
    machine = machine_of(run)
    speed = speed_of(run)
    causes = causes_of(run, machine, speed)
    results = tuple(_result(target, run, figures) for target in targets_of(table))
    verdict = sentence(run, figures, causes)
    return Report(name, run, figures, verdict, causes, machine, speed, worst_frames(run), results)


def comparison(reports: Sequence[Report], table: MetricTable = TABLE) -> tuple[Row, ...]:
    """The figures that runs are compared by; those that no run has are left out."""
    rows = []
    for metric in table.metrics:
        for figure in metric.figures:
            name = figure.name_of(metric.name)
            values = tuple(report.figures.get(name) for report in reports)
            if figure.compared and any(value is not None for value in values):
                base = values[0]
                ratios = tuple(v / base if v is not None and base else None for v in values)
                rows.append(Row(name, figure.says, metric.unit, values, ratios))
    return tuple(rows)


def shown(value: float | None, unit: str = "") -> str:
    """A figure for people. Two decimals for what is measured, none for what is counted."""
    if value is None:
        return "not recorded"
    whole = value == int(value) and unit not in ("ms", "us")
    text = f"{value:,.0f}" if whole else f"{value:,.2f}"
    unit = "frame" if unit == "frames" and value == 1 else unit
    return f"{text.replace(',', ' ')} {unit}".strip()


def _result(target: Target, run: RunFile, figures: Figures) -> Result:
    value = figures[target.figure]
    state = target.state(value, run.interval_ms, realtime=run.realtime)
    return Result(target, value, state, _bound(target, run.interval_ms))


def _bound(target: Target, interval_ms: float | None) -> str:
    bounds = target.bounds(interval_ms)
    if bounds is None:
        return f"<= {target.most:g} frame intervals"
    least, most = bounds
    low_only = least is not None and most == float("inf")
    sign, limit = (">=", least) if low_only and least is not None else ("<=", most)
    return f"{sign} {limit:.4g} {target.unit}".strip() if limit else f"{limit:.0f}"


def _fact(value: object) -> str:
    if isinstance(value, list):
        text = "x".join("?" if one is None else str(one) for one in value)
    else:
        text = f"{value:.4g}" if isinstance(value, float) else str(value)
    return printable(text, LONGEST)  # a header may be a megabyte


def _names(paths: Sequence[Path]) -> tuple[str, ...]:
    """The shortest of stem, name and path that tells the runs apart."""
    for names in ([p.stem for p in paths], [p.name for p in paths], [str(p) for p in paths]):
        if len(set(names)) == len(names):
            return tuple(names)
    return tuple(f"{path} ({n})" for n, path in enumerate(paths, start=1))
