"""What commands say: results on standard output, everything else on standard error.

Names, titles and remarks come from files, and messages quote them: none of it may reach a terminal as an
escape sequence, or `rich` as markup.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import Final, TextIO, cast

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from mien import messages

_PIPE_WIDTH: Final = 400
_LONGEST_ESCAPE: Final = 10
"""Characters that one is written out in: `\\U0001f600`."""


def printable(text: str) -> str:
    """All of a text, with whatever could steer a terminal written out, but for ends of lines and tabs."""
    if text.isprintable():
        return text
    most = _LONGEST_ESCAPE * len(text)  # never cut
    lines = [[messages.printable(part, most) for part in line.split("\t")] for line in text.split("\n")]
    return "\n".join("\t".join(parts) for parts in lines)


def said(text: object) -> str:
    """Any text for `rich`: shown as it is, and nothing else."""
    return escape(printable(str(text)))


def tell(line: str) -> None:
    """A line on standard error; nothing where that cannot be written any more."""
    with suppress(OSError, ValueError):
        print(printable(line), file=sys.stderr, flush=True)


def show(text: str) -> None:
    """A result on standard output."""
    print(printable(text))


def screen() -> Console:
    """For results. In a pipe lines are as long as they are: who reads there counts lines, not columns."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=_PIPE_WIDTH)


def print_table(console: Console, table: Table) -> None:
    """A table; in a pipe without the blanks that fill its last column."""
    if console.is_terminal:
        console.print(table)
        return
    with console.capture() as written:
        console.print(table)
    console.file.write("".join(f"{line.rstrip()}\n" for line in written.get().splitlines()))


def asides() -> Console:
    """For what is said while a command works. Where it cannot be written it is lost, and the work is not."""
    return Console(file=cast(TextIO, _Unfailing()), highlight=False)


class _Unfailing:
    """Standard error, whatever has become of it."""

    encoding = "utf-8"

    def __init__(self) -> None:
        self.encoding = getattr(sys.stderr, "encoding", None) or "utf-8"

    def write(self, text: str) -> int:
        with suppress(OSError, ValueError, AttributeError):
            _itself(sys.stderr).write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError, ValueError, AttributeError):
            _itself(sys.stderr).flush()

    def isatty(self) -> bool:
        return sys.stderr is not None and not sys.stderr.closed and sys.stderr.isatty()

    def fileno(self) -> int:
        return sys.stderr.fileno()


def _itself(stream: TextIO) -> TextIO:
    """Where `rich`, while it shows how far it is, has put itself before a stream: the stream behind it. Or
    what is written there would come back here, for ever."""
    return cast(TextIO, getattr(stream, "rich_proxied_file", stream))
