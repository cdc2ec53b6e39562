"""Checked access to a parsed document (TOML or JSON): every wrong value is one sentence that says where.

A `Table` hands out its values one by one and, at `finish`, refuses keys that nobody asked for. So the
keys that a loader takes are the keys that it knows: there is no second list to forget.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from mien.documents.toml import did_you_mean, shown
from mien.errors import FormatError

NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}", re.ASCII)
"""Names of slots, drawings, joints, expressions, moods, gestures; also file names on every system."""

MAX_TEXT = 10_000
"""Longest free text, in characters."""

MAX_NUMBER = 1e6
"""Largest number that a document may hold, either way."""

_KINDS = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "text",
    list: "a list",
    dict: "a table",
}


class Table:
    """One table of a document, at a place that errors can name."""

    def __init__(self, data: object, file: str, place: str = "") -> None:
        self.file = file
        self.place = place
        if not isinstance(data, dict):
            raise self.error(
                f"is {shown(data)}, but must be a table; write `key = value` lines under its heading"
            )
        self._data: Mapping[str, object] = data
        self._taken: set[str] = set()

    def error(self, what: str, key: str = "") -> FormatError:
        """A FormatError at a key of this table (or at the table): `file: place key what.`"""
        place = " ".join(part for part in (self.place, key) if part)
        ending = "" if what.endswith(("?", ".")) else "."
        return FormatError(f"{self.file}: {place + ' ' if place else ''}{what}{ending}")

    def keys(self) -> Iterator[str]:
        """Every key, each checked to be a name of 1 to 200 printable characters."""
        for key in self._data:
            if not key or len(key) > 200 or not key.isprintable():
                raise self.error(f"has the key {shown(key)}; use a short printable name")
            yield key

    def has(self, key: str) -> bool:
        """Whether the key is there; it is then a key of the format, and remedies know it."""
        self._taken.add(key)
        return key in self._data

    def finish(self) -> None:
        """Refuse keys that were not taken."""
        for key in self.keys():
            if key not in self._taken:
                raise self.error(f"is not a key of this format; {did_you_mean(key, self._taken)}", key)

    def table(self, key: str) -> Table:
        """A table; an empty one when it is left out."""
        return self.child(key, self._take(key, {}))

    def child(self, key: str, data: object) -> Table:
        """A table of data found at a key."""
        return Table(data, self.file, f"{self.place}.{key}" if self.place else key)

    def tables(self) -> Iterator[tuple[str, Table]]:
        """Every value as a table, by name: `[joints.NAME]`."""
        for key in self.keys():
            self.check_name(key, "")
            yield key, self.table(key)

    def rows(self, key: str) -> list[object]:
        """A list of at least one value."""
        rows = self._take(key, None)
        if not isinstance(rows, list) or not rows:
            raise self.error(f"is {self._found(key)}, but must be a list with at least one entry", key)
        return rows

    def number(self, key: str, default: float | None, low: float, high: float) -> float:
        """A finite number in low..high; required when `default` is None."""
        return self.as_number(key, self._take(key, default), low, high)

    def whole(self, key: str, default: int | None, low: int, high: int) -> int:
        """A whole number in low..high; required when `default` is None."""
        return self.as_whole(key, self._take(key, default), low, high)

    def flag(self, key: str, default: bool) -> bool:
        """True or false."""
        value = self._take(key, default)
        if not isinstance(value, bool):
            raise self._kind(key, value, bool)
        return value

    def text(self, key: str, default: str | None) -> str:
        """Text; required when `default` is None."""
        return self.as_text(key, self._take(key, default))

    def choice(self, key: str, default: str | None, known: Iterable[str]) -> str:
        """One of the known words; required when `default` is None."""
        return self.known(key, self._take(key, default), known)

    def point(self, key: str, default: tuple[float, float] | None) -> tuple[float, float]:
        """Two numbers; required when `default` is None."""
        value = self._take(key, list(default) if default is not None else None)
        return self.as_point(key, value)

    def names(self, key: str) -> list[str]:
        """A list of texts, each once; empty when left out."""
        return self.as_names(key, self._take(key, []))

    def as_number(self, key: str, value: object, low: float = -MAX_NUMBER, high: float = MAX_NUMBER) -> float:
        """The value as a finite number in low..high."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._kind(key, value, float)
        if isinstance(value, float) and not math.isfinite(value):
            raise self.error(f"is {value}, but must be a finite number", key)
        if not low <= value <= high:
            raise self.error(f"is {shown(value)}, but must be {_plain(low)} to {_plain(high)}", key)
        return float(value)

    def as_whole(self, key: str, value: object, low: int, high: int) -> int:
        """The value as a whole number in low..high."""
        number = self.as_number(key, value, low, high)
        if not math.isclose(number, round(number), abs_tol=0.0):
            raise self.error(f"is {shown(value)}, but must be a whole number", key)
        return round(number)

    def as_text(self, key: str, value: object) -> str:
        """The value as text."""
        if not isinstance(value, str):
            raise self._kind(key, value, str)
        if len(value) > MAX_TEXT:
            raise self.error(f"is {len(value)} characters long, and {MAX_TEXT} is the limit", key)
        if any(
            "\ud800" <= c <= "\udfff" for c in value
        ):  # JSON can spell half a character; no file can hold it
            raise self.error(f"is {shown(value)}, which is not valid Unicode text", key)
        return value

    def as_point(self, key: str, value: object) -> tuple[float, float]:
        """The value as two numbers."""
        if not isinstance(value, list) or len(value) != 2:
            raise self.error(f"is {self._found(key, value)}, but must be two numbers, as in [12, 34]", key)
        return self.as_number(f"{key}[0]", value[0]), self.as_number(f"{key}[1]", value[1])

    def as_names(self, key: str, value: object) -> list[str]:
        """The value as a list of texts, each once."""
        if not isinstance(value, list):
            raise self._kind(key, value, list)
        names: list[str] = []
        for i, name in enumerate(value):
            if self.as_text(f"{key}[{i}]", name) in names:
                raise self.error(f"is {name!r} a second time; name each once", f"{key}[{i}]")
            names.append(name)
        return names

    def check_name(self, name: str, key: str) -> str:
        """The text, when it is a name; else an error."""
        if not NAME.fullmatch(name):
            what = "letters, digits, _ - . (not first), at most 64"
            raise self.error(f"is named {shown(name)}; a name is made of {what}", key)
        return name

    def known(self, key: str, value: object, known: Iterable[str]) -> str:
        """The value, when it is one of the known names; else an error with a guess."""
        text = self.as_text(key, value)
        names = list(known)
        if text not in names:
            verb = "is" if key else "names"
            raise self.error(f"{verb} {shown(text)}, which is not known; {did_you_mean(text, names)}", key)
        return text

    def index(self, key: str, value: object, names: Sequence[str]) -> int:
        """Position of a known name."""
        return names.index(self.known(key, value, names))

    def take(self, key: str) -> object:
        """The value as it is, None when it is left out; for values with a shape of their own."""
        self._taken.add(key)
        return self._data.get(key)

    def need(self, key: str) -> object:
        """The value as it is; an error when it is left out."""
        return self._take(key, None)

    def _take(self, key: str, default: object) -> object:
        self._taken.add(key)
        if key not in self._data and default is None:
            close = difflib.get_close_matches(key, set(self._data) - self._taken, 1, 0.7)
            raise self.error(
                f"is missing; is {close[0]!r} meant to be it?" if close else "is missing; add it", key
            )
        return self._data.get(key, default)

    def _found(self, key: str, value: object = None) -> str:
        return shown(self._data.get(key) if value is None else value)

    def _kind(self, key: str, value: object, kind: type) -> FormatError:
        return self.error(f"is {shown(value)}, but must be {_KINDS[kind]}", key)


def _plain(number: float) -> str:
    return f"{number:g}" if abs(number) < 1e6 else f"{number:.0f}"
