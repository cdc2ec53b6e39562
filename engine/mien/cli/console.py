"""What commands say: results on standard output, everything else on standard error.

Names, titles and remarks come from files, and messages quote them: none of it may reach a terminal as an
escape sequence or as a line of its own, or `rich` as markup, which is also `:smile:`. So `rich` is given no
text to read, but what `styled` makes.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from math import isfinite
from typing import Any, Final, TextIO, cast

from rich.console import Console
from rich.table import Table
from rich.text import Text

from mien import messages
from mien.cli import streams
from mien.errors import FormatError

_PIPE_WIDTH: Final = 400
_LEAST_WIDTH: Final = 20
"""Columns. In fewer, tables would lose letters; a narrower terminal breaks the lines itself."""
_SIDES: Final = ("COLUMNS", "LINES")
_LONGEST_ESCAPE: Final = 10
"""Characters that one is written out in: `\\U0001f600`."""


def printable(text: str) -> str:
    """All of a text in one line, with whatever could steer a terminal written out."""
    return text if text.isprintable() else messages.printable(text, _LONGEST_ESCAPE * len(text))  # never cut


def styled(*parts: object | tuple[object, str]) -> Text:
    """A line for `rich` of texts, each shown as it is and nothing else, or of (text, style)."""
    pairs = (part if isinstance(part, tuple) else (part, "") for part in parts)
    return Text.assemble(*((printable(str(text)), style) for text, style in pairs))


def say(console: Console, *parts: object | tuple[object, str]) -> None:
    """A line as `styled` makes it, which only the terminal breaks."""
    console.print(styled(*parts), soft_wrap=True)


NOTE: Final = ("note ", "yellow")
"""Before what a command only wants to be known."""


def tell(line: str) -> None:
    """A line on standard error; nothing where that cannot be written any more."""
    streams.tell(printable(line))


def tell_error(error: Exception) -> None:
    """What is wrong, on standard error: a sentence, or one a line where there are several."""
    first, *others = (isinstance(error, FormatError) and error.sentences) or (str(error),)
    tell(f"mien: {first}")
    for sentence in others:
        tell(sentence)


def show(*lines: str) -> None:
    """A result on standard output."""
    print("\n".join(map(printable, lines)))


def show_json(value: object) -> None:
    """A result as JSON that every program reads: halves of characters, which names of files have instead of
    bytes that are no text, are written out, and what is no number is null."""
    print(json.dumps(_plain(value), indent=2, allow_nan=False))


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {_plain(str(key)): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, float):
        return value if isfinite(value) else None
    if value is None or isinstance(value, bool | int):
        return value
    return messages.encodable(str(value))


def screen() -> Console:
    """For results. In a pipe lines are as long as they are: who reads there counts lines, not columns."""
    console = _console()
    if not console.is_terminal:
        return _console(width=_PIPE_WIDTH)
    return console if console.width >= _LEAST_WIDTH else _console(width=_LEAST_WIDTH)


def _console(**options: Any) -> Console:
    """One of `rich`, which is told no size in `COLUMNS` or `LINES` that none can have: of 0 columns it shows
    nothing, and at what is no number it ends."""
    environ = {name: value for name, value in os.environ.items() if name not in _SIDES or _is_side(value)}
    return Console(highlight=False, _environ=environ, **options)


def _is_side(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 6 and int(text) > 0


def print_table(console: Console, table: Table) -> None:
    """A table; in a pipe without the blanks that fill its last column."""
    if console.is_terminal:
        console.print(table)
        return
    with console.capture() as written:
        console.print(table)
    console.file.write("".join(f"{line.rstrip()}\n" for line in written.get().splitlines()))


def asides() -> Console:
    """For what is said while a command works. Where it cannot be written it is lost, and the work goes on."""
    return _console(file=cast(TextIO, streams.Unfailing()))
