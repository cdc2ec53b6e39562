"""Where the numbers of a TOML document stand: some can be written anew, and all else stays as it is."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass

_BLANK = re.compile(r"(?:\s|#[^\n]*)*")
_PART = r"""(?:[A-Za-z0-9_-]+|"(?:\\.|[^"\\])*"|'[^']*')"""
_KEY = re.compile(rf"{_PART}(?:[ \t]*\.[ \t]*{_PART})*")
_HEADER = re.compile(rf"\[\[?[ \t]*({_KEY.pattern})[ \t]*\]\]?")
_STRING = re.compile(
    r'''"""(?:\\[\s\S]|[^\\])*?"""(?!")|\'\'\'[\s\S]*?\'\'\'(?!\')|"(?:\\.|[^"\\])*"|'[^']*\''''
)
_PLAIN = re.compile(r"\d{4}-\d\d-\d\d \d\d:[^\s,\]}#]*|[^\s,\]}#]+")
"""Any other value; between the date and the time of one there may be a space."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number of a document."""

    path: tuple[str, ...]
    """The keys that lead to it; elements of arrays have none of their own."""
    value: int | float
    start: int
    """Its first character in the document."""
    end: int
    """The one behind its last."""


def numbers_of(document: str) -> Iterator[Number]:
    """In the order in which they stand. The document is TOML: `tomllib` has read it."""
    table: tuple[str, ...] = ()
    at = _past_blank(document, 0)
    while at < len(document):
        if header := _HEADER.match(document, at):
            table, at = _keys(header[1]), header.end()
        else:
            at = yield from _pair(document, at, table)
        at = _past_blank(document, at)


def with_numbers(document: str, written: Callable[[Number], str | None]) -> str:
    """The document with numbers as `written` has them; None: as they are."""
    pieces: list[str] = []
    at = 0
    for number in numbers_of(document):
        text = written(number)
        if text is not None:
            pieces += [document[at : number.start], text]
            at = number.end
    return "".join((*pieces, document[at:]))


def _past_blank(document: str, at: int) -> int:
    found = _BLANK.match(document, at)
    assert found is not None
    return found.end()


def _keys(dotted: str) -> tuple[str, ...]:
    found: object = tomllib.loads(f"{dotted} = 0")
    keys: list[str] = []
    while isinstance(found, dict):
        ((key, found),) = found.items()
        keys.append(key)
    return tuple(keys)


def _pair(document: str, at: int, path: tuple[str, ...]) -> Generator[Number, None, int]:
    """What stands at a key; returns where it ends."""
    key = _KEY.match(document, at)
    assert key is not None, document[at : at + 40]
    at = _past_blank(document, document.index("=", key.end()) + 1)
    return (yield from _value(document, at, (*path, *_keys(key[0]))))


def _value(document: str, at: int, path: tuple[str, ...]) -> Generator[Number, None, int]:
    """What stands at a value; returns where it ends."""
    if (opening := document[at]) in "[{":
        inner, closing = (_value, "]") if opening == "[" else (_pair, "}")
        at = _past_blank(document, at + 1)
        while document[at] != closing:
            if document[at] == ",":
                at += 1
            else:
                at = yield from inner(document, at, path)
            at = _past_blank(document, at)
        return at + 1
    if string := _STRING.match(document, at):
        return string.end()
    plain = _PLAIN.match(document, at)
    assert plain is not None, document[at : at + 40]
    value = tomllib.loads(f"value = {plain[0]}")["value"]
    if isinstance(value, int | float) and not isinstance(value, bool):
        yield Number(path, value, *plain.span())
    return plain.end()
