"""The command: which systems, which trials, and the table."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from prove_setup.roots import NoRoot, make_base, mirror_for
from prove_setup.trials import HAD, TRIALS, Plan, Row, rows

ROOT = Path(__file__).parents[2]
SUITES = ("bookworm", "trixie", "noble")

DESCRIPTION = """
Make fresh roots of Debian and Ubuntu with debootstrap, clone this checkout's HEAD into each, and try
tools/demo: in a pipe and again; killed, and stopped with Ctrl-C, at each step in turn; with nothing
installed and with python3 only; as root, and as an ordinary user, who is told one command that root then
runs. Prints a table, and ends with 1 when anything failed. To be run as root on Linux, with debootstrap.
Packages come from this machine's own mirror where it runs the same distribution, else from debootstrap's; a
system that can't be had is left out and named.
"""


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(description=DESCRIPTION)
    add = parser.add_argument
    add(
        "--suite",
        action="append",
        metavar="NAME",
        help=f"a release; may be repeated (default: {', '.join(SUITES)})",
    )
    add("--mirror", action="append", default=[], metavar="NAME=URL", help="where a release's packages are")
    add("--had", action="append", choices=HAD, help="what is installed before (default: each)")
    add("--who", action="append", choices=("root", "user"), help="(default: both)")
    add("--trial", action="append", choices=TRIALS, help="(default: each)")
    add("--options", default="--size 320x180 --seconds 4", help="of tools/demo; default %(default)r")
    add(
        "--checks",
        default="",
        metavar="OPTIONS",
        help="run tools/test with these in the plain trials: '-k jitter'",
    )
    add("--folder", type=Path, help="keep roots, packages and logs there, and use what is there")
    arguments = parser.parse_args()
    if os.geteuid() != 0 or not sys.platform.startswith("linux"):
        parser.error("roots are made by root on Linux; run this as root")
    mirrors = dict(pair.split("=", 1) for pair in arguments.mirror)
    folder = arguments.folder or Path(tempfile.mkdtemp(prefix="mien-roots-"))
    if subprocess.run(
        ["git", "-C", str(ROOT), "status", "--porcelain"], capture_output=True, check=True
    ).stdout:
        print("there are changes that are not committed; what is tried is HEAD", file=sys.stderr)
    table: list[Row] = []
    left_out: list[str] = []
    plan = Plan(ROOT, f"tools/demo {arguments.options}", arguments.checks, folder.absolute() / "logs")
    try:
        for suite in arguments.suite or SUITES:
            try:
                base = make_base(suite, folder.absolute(), mirrors.get(suite) or mirror_for(suite))
            except NoRoot as error:
                left_out.append(f"{suite}: left out, {error}")
                print(left_out[-1], flush=True)
                continue
            left_out += [f"{suite}: {base.note}"] if base.note else []
            for had in arguments.had or HAD:
                for who in arguments.who or ("root", "user"):
                    for name in arguments.trial or TRIALS:
                        for row in rows(base, plan, had, who, name):
                            table.append(row)
                            print(_line(row), flush=True)
    finally:
        if arguments.folder is None:
            shutil.rmtree(folder, ignore_errors=True)
    print("\n| system | had | as | trial | result | seconds |\n|---|---|---|---|---|---|")
    for row in table:
        print(_line(row))
    print("\n".join(["", *left_out]))
    return 0 if table and all(row.good for row in table) else 1


def _line(row: Row) -> str:
    return f"| {row.suite} | {row.had} | {row.who} | {row.tried} | {row.result} | {row.seconds:.0f} |"
