"""The command line: `mien COMMAND`.

render.py   a conversation to a video file
play.py     a conversation in a window
still.py    one picture of a character
pack.py     bake a character, and inspect one
report.py   how runs went, from their ledgers
doctor/     what this machine has, draws and holds
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib.metadata import version

from mien.cli import doctor, pack, play, render, report, still
from mien.errors import MienError

_COMMANDS = (render, play, still, pack, report, doctor)


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status: 0, 1 for an error that was explained, 2 for bad arguments.

    Without a command the help is printed, which is no error: 0.
    """
    parser = argparse.ArgumentParser(
        prog="mien",
        description="GPU compositing for expressive layered 2D characters in live conversation.",
        epilog="Without arguments each command uses the bundled conversation or character.",
    )
    parser.add_argument("--version", action="version", version=f"mien {version('mien')}")
    commands = parser.add_subparsers(metavar="COMMAND")
    for module in _COMMANDS:
        module.add_to(commands)
    arguments = parser.parse_args(argv)
    if "run" not in arguments:
        parser.print_help()
        return 0
    try:
        return int(arguments.run(arguments))
    except MienError as error:
        print(f"mien: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("mien: stopped.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        return 1
