"""`mien doctor`: what this machine has, and what to do about what it lacks.

access.py    device files, containers, environment variables, where compiled shaders are kept
apart.py     checks in a process of their own, where drivers may crash: those of checks.py
renderer.py  every GL device, the one that is taken, and whether it draws what it should
speed.py     what size and rate it holds
window.py    whether one can be opened
speech.py    speech synthesizers and their voices
machine.py   everything else
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Any, Final

from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from mien.cli.console import REDIRECTED, asides, print_table, screen, show_json, styled
from mien.cli.doctor.access import nvidia, render_nodes, settings, shader_cache
from mien.cli.doctor.apart import apart
from mien.cli.doctor.finding import UPDATE, Finding
from mien.cli.doctor.machine import examine_machine, guarded

__all__ = ["add_to", "examine", "run"]

_TOO_BUSY = "run it again when the machine has less to do; files are right at any speed"
_STYLES: Final = {"ok": "green", "note": "yellow", "wrong": "red", "missing": "red"}


def add_to(commands: Any) -> None:
    """Register the command."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "doctor", help="say what this machine has, draws and holds, and what to do about what is missing"
    )
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")
    parser.add_argument("--quick", action="store_true", help="do not time frames, which takes some seconds")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Examine and print; 1 when something needed for rendering is missing, or draws wrong pictures."""
    told = asides()
    shown = Spinner("dots", "looking around")
    with Live(
        shown,
        console=told,
        transient=True,
        refresh_per_second=12.5,
        redirect_stdout=REDIRECTED,
        redirect_stderr=REDIRECTED,
    ):
        findings = examine(lambda doing: shown.update(text=styled(doing)), quick=arguments.quick)
    if arguments.json:
        show_json([asdict(finding) for finding in findings])
    else:
        table = Table(show_header=False, box=None, pad_edge=False)
        for finding in findings:
            told_of = [styled(line) for line in finding.found.split("\n")]
            told_of += [styled((finding.remedy, "dim"))] if finding.remedy else []
            mark = (finding.state, _STYLES[finding.state])
            table.add_row(styled(mark), styled(finding.what), Text("\n").join(told_of))
        print_table(screen(), table)
    return int(any(finding.state in ("missing", "wrong") for finding in findings))


def examine(tell: Callable[[str], None], *, quick: bool) -> list[Finding]:
    """Everything that `mien` can meet on a machine. `tell` hears what is being done. Never raises."""
    machine, *others = examine_machine()
    findings = [machine, guarded("GPU access", render_nodes), *_gpu(tell, quick)]
    findings += [guarded("settings", settings), guarded("shader cache", shader_cache)]
    return [*findings, *others]


def _gpu(tell: Callable[[str], None], quick: bool) -> Iterable[Finding]:
    of_nvidia = nvidia()
    if of_nvidia is not None:
        yield of_nvidia
    drawn = list(apart("gpu", "headless GL", "missing", UPDATE, tell))
    yield from drawn
    if quick or any(one.state == "missing" for one in drawn):
        return
    if any(one.state == "wrong" for one in drawn):
        yield Finding("speed", "note", "not measured: what is drawn is wrong")
        return
    # What draws right is not missing because this machine was too busy to say how fast.
    yield from apart("speed", "speed", "wrong", UPDATE, tell, silent=("note", _TOO_BUSY))
