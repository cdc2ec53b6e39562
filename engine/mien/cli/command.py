"""The commands, and what becomes of their errors."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from contextlib import nullcontext, suppress
from typing import Any, Final, NoReturn

from mien import messages
from mien.cli.console import printable, tell, tell_error
from mien.cli.streams import give_up
from mien.errors import MienError
from mien.messages import did_you_mean
from mien.stage.window_ahead import opened_ahead
from mien.threads import NO_THREADS
from mien.uncollected import imported
from mien.writable import MORE_FILES, is_out_of_files

_COMMANDS: Final = (
    "render", "play", "say", "still", "import", "pack", "inspect", "report", "prove", "serve", "doctor",
)  # fmt: skip
"""Each is a module of this package, imported where it is asked for: what others need takes a while."""
_MODULES: Final = {"import": "importing"}
"""Where a command cannot be the name of a module."""
_OF_A_WINDOW: Final = ("mien.cli.play", "mien.composite.gl", "mien.stage.window", "mien.preview")
"""Modules that a window takes, as they are needed."""


class _Version(argparse.Action):
    """Says which version it is, and ends. Looking it up takes 15 ms, which others are spared."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        """Print it."""
        from importlib.metadata import version

        print(f"mien {version('mien')}")
        parser.exit()


class _Parser(argparse.ArgumentParser):
    """As argparse's, which says nothing where the help cannot be written."""

    def print_help(self, file: Any = None) -> None:
        """Print it, to standard output unless told otherwise."""
        print(self.format_help(), end="", file=file)

    def error(self, message: str) -> NoReturn:
        """Tell what is wrong with the arguments, which are quoted, and end. One sentence: before it a list of
        all options would hide it.

        Where a very long one is quoted the middle is left out: before it stands whose it is, behind it what
        may be given.
        """
        text = printable(message)
        text = text if len(text) <= 600 else f"{text[:300]} ... {text[-250:]}"
        # What is told of one value ends with what to write; argparse's own sentences end with nothing.
        is_whole = text.endswith((".", "?")) or ";" in re.sub(r"'[^']*'", "", text)
        remedy = "" if is_whole else f"; `{self.prog} --help` says what there is."
        self.exit(2, f"{self.prog}: error: {text}{remedy}\n")


def run(argv: Sequence[str] | None) -> int:
    """Run a command; returns the exit status. Without a command the help is printed, which is no error."""
    with suppress(AttributeError):  # of a stream that a program has put there
        # Names that the terminal's encoding has no letters for are written out.
        sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        try:
            given = sys.argv[1:] if argv is None else argv
            with opened_ahead(_OF_A_WINDOW) if _opens_window(given) else nullcontext():
                arguments = _parse(given)
                return int(arguments.run(arguments)) if "run" in arguments else 0
        finally:
            if sys.stdout is not None:
                sys.stdout.flush()  # or what cannot be written is told by Python, in its own way
    except MienError as error:
        tell_error(error)
    except BrokenPipeError:
        give_up(sys.stdout)  # whoever read it has enough
    except MemoryError:
        tell(_MEMORY)
    except RuntimeError as error:
        if "can't start new thread" not in str(error):
            raise
        tell(f"mien: {NO_THREADS}")
    except OSError as error:
        if is_out_of_files(error):
            tell(f"mien: no file more could be opened: as many are open as may be; {MORE_FILES}.")
            return 1
        if error.filename is not None:  # a name that the system does not take, most often: too long
            name = messages.printable(str(error.filename))
            tell(f"mien: {name}: cannot be used ({error.strerror or error}); name another file.")
            return 1
        # Of what is written, files are told of where they are: what is left is standard output.
        give_up(sys.stdout)
        tell(f"mien: standard output cannot be written ({error.strerror or error}); send it somewhere else.")
    return 1


def _opens_window(argv: Sequence[str]) -> bool:
    """Whether a window as most is likely to be opened. Options may be shortened."""
    others = ("-h", "--h", "--c", "--siz")
    return argv[:1] == ["play"] and not any(one.startswith(others) for one in argv)


def _parse(argv: Sequence[str]) -> argparse.Namespace:
    """What the arguments say; where they name no command the help is printed. Ends the program for those that
    mean nothing."""
    parser = _Parser(
        prog="mien",
        description="GPU compositing for expressive layered 2D characters in live conversation.",
        epilog="Without arguments each command but report uses the bundled conversation or character. "
        "Exit status: 0 done; 1 an error, or a check that found something; 2 wrong arguments; "
        "128 and the signal's number when it was stopped, 130 for Ctrl-C.",
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version and exit")
    commands = parser.add_subparsers(metavar="COMMAND")
    first = next(iter(argv), "-")
    if not first.startswith("-") and first not in _COMMANDS:
        every = f"known: {', '.join(sorted(_COMMANDS))}."
        parser.error(f"there is no command {messages.quoted(first)}; {did_you_mean(first, _COMMANDS, every)}")
    for name in (first,) if first in _COMMANDS else _COMMANDS:
        imported(f"mien.cli.{_MODULES.get(name, name)}").add_to(commands)
    arguments, unknown = parser.parse_known_args(argv)
    if unknown:
        _refuse(unknown, commands.choices.get(first, parser))
    if "run" not in arguments:
        parser.print_help()
    return arguments


def _refuse(unknown: Sequence[str], parser: argparse.ArgumentParser) -> NoReturn:
    """Tell which arguments mean nothing to a command, with the option that the first of them may be."""
    name = unknown[0].partition("=")[0]
    options = re.findall(r"--[a-z][a-z-]*", parser.format_usage())
    meant = messages.nearest(name, options) if name.startswith("-") else None
    remedy = f"; {messages.suggestion(meant, '')}" if meant else ""
    parser.error(f"unrecognized arguments: {' '.join(unknown)}{remedy}")


_MEMORY = (
    "mien: there is not enough memory for this; allow more (`ulimit -v`, a container's limit), or ask for "
    "less: a smaller --size, a --page-budget."
)
