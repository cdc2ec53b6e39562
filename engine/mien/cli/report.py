"""`mien report`: what ledgers say, as text, JSON, or a page with plots."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from rich.table import Table

from mien.cli.console import NOTE, print_table, say, screen, show_json, styled, tell
from mien.cli.files import Places, file_name
from mien.part_file import write_whole
from mien.report import Report, comparison, page, reports_of, shown

_STATES = {
    "met": ("met", "green"),
    "missed": ("missed", "bold red"),
    "not recorded": ("not recorded", "dim"),
    "not counted": ("not judged", "dim"),
}


_PAGE = (b"<!DOCTYPE html>",)


def add_to(commands: Any) -> None:
    """Register the command."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "report",
        help="say how runs went, from their ledgers",
        description="Several runs are compared; ratios are to the first.",
        epilog="Exit status: 0; 1 when --gate finds a target missed, or a file cannot be read or written.",
    )
    parser.add_argument(
        "runs",
        nargs="+",
        type=file_name,
        metavar="RUN",
        help="a file that `--ledger` wrote, or a flight record",
    )
    parser.add_argument("--html", type=file_name, metavar="FILE", help="also write a page with plots")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.add_argument(
        "--gate", action="store_true", help="exit 1 when a target is missed, or a file is not whole"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Report; 1 when the gate is shut."""
    if arguments.html is not None:
        places = Places()
        places.claim_named(arguments.html, "--html", (".html", ".htm"), "a page", _PAGE)
        places.spare(arguments.runs)
    reports = reports_of(arguments.runs)
    if arguments.html is not None:
        # What is quoted may have halves of letters in it, which no encoding has.
        write_whole(arguments.html, page(reports).encode("utf-8", "backslashreplace"))
    if arguments.json:
        show_json(_as_dict(reports))
    else:
        _print(reports)
    if arguments.html is not None:
        tell(f"mien: wrote {arguments.html}")
    return _gate(reports) if arguments.gate else 0


def _as_dict(reports: Sequence[Report]) -> dict[str, object]:
    rows = comparison(reports) if len(reports) > 1 else ()
    return {
        "runs": [report.as_dict() for report in reports],
        "comparison": [
            {"figure": row.figure, "values": list(row.values), "ratios": list(row.ratios)} for row in rows
        ],
        "passes": all(report.passes for report in reports),
    }


def _gate(reports: Sequence[Report]) -> int:
    for report in reports:
        missed = [
            f"{r.target.figure} is {shown(r.value, r.target.unit)}, its target {r.bound}"
            for r in report.having("missed")
        ]
        reasons = missed + ([] if report.run.whole else ["the file is not a whole run"])
        unknown = len(report.having("not recorded"))
        told = "; ".join(reasons) or f"passed ({len(report.having('met'))} met, {unknown} not recorded)"
        tell(f"mien: gate: {report.name}: {told}")
    return int(not all(report.passes for report in reports))


def _print(reports: Sequence[Report]) -> None:
    console = screen()
    for report in reports:
        colour = "green" if report.passes else "yellow"
        say(console, (report.name, "bold"), ": ", (report.verdict, colour))
        for warning in report.run.warnings:
            say(console, NOTE, warning)
        for cause in report.causes:
            frames = f"{cause.frames} frame{'' if cause.frames == 1 else 's'}"
            worst = f"worst {cause.worst_ms:.1f} ms, at {cause.worst_at_s:.2f} s"
            say(console, f"  {frames} because {cause.because}; {worst}{cause.excuses}")
        if report.facts:
            facts = "; ".join(f"{name}: {value}" for name, value in report.facts)
            say(console, (facts, "dim"))
        if report.about_machine is not None:
            say(console, (f"machine: {report.about_machine}", "dim"))
    if len(reports) > 1:
        say(console, (f"smaller is better; x: times that of {reports[0].name}", "dim"))
        print_table(console, _compared(reports))
    print_table(console, _targets(reports))
    if any(report.having("not counted") for report in reports):
        say(console, ("not judged: a render has no schedule, so times have no target there", "dim"))


def _compared(reports: Sequence[Report]) -> Table:
    table = _table("", *(report.name for report in reports))
    for row in comparison(reports):
        cells = [
            styled(shown(value, row.unit), (f" x {ratio:.3g}" if index and ratio is not None else "", "dim"))
            for index, (value, ratio) in enumerate(zip(row.values, row.ratios, strict=True))
        ]
        table.add_row(row.says, *cells)
    return table


def _targets(reports: Sequence[Report]) -> Table:
    table = _table("figure", "target", *(report.name for report in reports))
    for results in zip(*(report.results for report in reports), strict=True):
        bounds = " / ".join(dict.fromkeys(result.bound for result in results))
        cells = [
            styled(_STATES[r.state], f" {shown(r.value, r.target.unit)}" if r.value is not None else "")
            for r in results
        ]
        table.add_row(results[0].target.says, bounds, *cells)
    return table


def _table(*heads: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim", title=None)
    for head in heads:
        table.add_column(styled(head))
    return table
