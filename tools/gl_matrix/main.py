"""The command: which drivers, the runs, and the table."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from rich.console import Console

from gl_matrix.drivers import DRIVERS, Driver, Probed, environment_of, probe, software_device
from gl_matrix.runs import COMPOSITOR, STAGES, Outcome, run

DESCRIPTION = """
Run the suite's GL part on each driver that this machine has: its own; Mesa's llvmpipe, as it is, posed as a
GPU, and with GL 3.3 only; zink over Mesa's software Vulkan; softpipe. Prints a table, with what was skipped
and why; a driver that is not here is named with the package that has it. Ends with 1 when a test failed.
Takes a minute or two a driver, softpipe about ten.
"""


@dataclass(frozen=True, slots=True)
class Row:
    """A driver, what it says of itself, and what came of the run."""

    driver: Driver
    probed: Probed
    outcome: Outcome | None
    """None: not run, for the driver is not here or was run by another name."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it."""
    parser = argparse.ArgumentParser(description=DESCRIPTION)
    names = [driver.name for driver in DRIVERS]
    parser.add_argument("--driver", action="append", choices=names, help="may be repeated (default: all)")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the table there, too")
    parser.add_argument("tests", nargs="*", help="for pytest, in the place of the GL part")
    asked = parser.parse_args(arguments)
    console, rows = Console(stderr=True), list[Row]()
    software = software_device()
    try:
        for driver in DRIVERS:
            if not asked.driver or driver.name in asked.driver:
                rows.append(_row(driver, software, asked.tests, rows, console))
    except KeyboardInterrupt:
        print("stopped; what was done until then:", file=sys.stderr)
    table = written(rows)
    print(table)
    if asked.markdown is not None:
        asked.markdown.write_text(_page(table), encoding="utf-8")
    return 0 if rows and all(row.outcome is None or row.outcome.good for row in rows) else 1


def _row(
    driver: Driver, software: str | None, tests: Sequence[str], before: Sequence[Row], console: Console
) -> Row:
    environment = environment_of(driver, software)
    probed = probe(driver, environment)
    twin = next((row for row in before if row.probed == probed and driver.name == "llvmpipe"), None)
    if probed.refused or (twin is not None and twin.outcome is not None):
        return Row(driver, probed, None)
    chosen = tests or (COMPOSITOR if driver.slow else (*COMPOSITOR, *STAGES))
    with console.status(driver.name) as status:
        outcome = run(
            chosen,
            environment,
            lambda ended, failed: status.update(f"{driver.name}: {ended} tests, {failed} failed"),
        )
    console.print(f"{driver.name}: {outcome.passed} passed, {len(outcome.failed)} failed", highlight=False)
    return Row(driver, probed, outcome)


def written(rows: Sequence[Row]) -> str:
    """The table, in Markdown, and below it what failed, was skipped, and is not here."""
    lines = [
        "| driver | GL_RENDERER | GL_VERSION | strategy | passed | failed | skipped | seconds |",
        "|---|---|---|---|---|---|---|---|",
    ]
    notes: list[str] = []
    for driver, probed, outcome in ((row.driver, row.probed, row.outcome) for row in rows):
        itself = (one or "-" for one in (probed.renderer, probed.version, probed.strategy))
        said = f"| {driver.name} | {' | '.join(itself)} |"
        if outcome is None:
            lines.append(f"{said} - | - | - | - |")
            has = f" (Debian: {driver.package})" if driver.package and probed.refused else ""
            notes.append(f"- {driver.name}: {probed.refused or 'the same as own'}{has}")
            continue
        skipped = sum(outcome.skipped.values())
        lines.append(f"{said} {outcome.passed} | {len(outcome.failed)} | {skipped} | {outcome.seconds:.0f} |")
        notes += [f"- {driver.name}: {outcome.broken}"] if outcome.broken else []
        notes += [f"- {driver.name}: failed: {name}" for name in outcome.failed]
        notes += [f"- {driver.name}: {count} skipped: {why}" for why, count in outcome.skipped.items()]
    lines.append("")
    lines += [f"- {row.driver.name}: {row.driver.what}" for row in rows]
    return "\n".join([*lines, "", *notes])


def _page(table: str) -> str:
    return (
        "# The suite's GL part on each driver\n\n"
        f"Written by `tools/gl_matrix.py` on {date.today().isoformat()}; [drivers](../drivers.md) says what "
        f"follows from it.\n\n{table}\n"
    )
