"""Checked access to a parsed document (TOML or JSON): every wrong value is one sentence that says where.

A `Table` hands out its values one by one and, at `finish`, refuses keys that nobody asked for. So the
keys that a loader takes are the keys that it knows: there is no second list to forget.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from unicodedata import normalize

from mien.documents.problems import Problems
from mien.errors import FormatError
from mien.messages import did_you_mean, nearest, quoted

MAX_NAME, MAX_NAME_BYTES = 64, 200
"""Longest name in characters, and in bytes of UTF-8: names are also names of files, on every system."""

MAX_TEXT = 10_000
"""Longest free text, in characters."""

MAX_NUMBER = 1e6
"""Largest number that a document may hold, either way."""

MAX_SECONDS = 86_400.0
"""No time in a document is longer than a day: beyond it is a wrong unit."""

_KINDS = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "text",
    list: "a list",
    dict: "a table",
}


def is_name(text: str) -> bool:
    """Whether a text can name a slot, a drawing, a joint, an expression, a mood or a gesture: letters and
    digits of any script, `_`, and behind the first character `-` and `.`."""
    fits = 0 < len(text) <= MAX_NAME and len(text.encode("utf-8", "replace")) <= MAX_NAME_BYTES
    # What may go on an identifier: letters, digits, and the marks that many scripts cannot do without.
    return fits and text[0] not in "-." and all(c in "-." or f"a{c}".isidentifier() for c in text)


def same_letters(text: str) -> str:
    """The text in Unicode's composed form (NFC): é is one character, not e and an accent, as in file
    names of macOS."""
    return text if text.isascii() else normalize("NFC", text)


class Table:
    """One table of a document, at a place that errors can name."""

    def __init__(self, data: object, file: str, place: str = "") -> None:
        self.file = file
        self.place = place
        if not isinstance(data, dict):
            raise self.error(
                f"is {quoted(data)}, but must be a table; write `key = value` lines under its heading"
            )
        self._data: Mapping[str, object] = {same_letters(str(key)): value for key, value in data.items()}
        self._taken: set[str] = set()
        self._meant: set[str] = set()
        """Unknown keys that an error has named already, as a misspelling of one that is missing."""
        if len(self._data) < len(data):
            raise self.error("has one key twice, in two spellings that look the same; take one out")

    def error(self, what: str, key: str = "") -> FormatError:
        """A FormatError at a key of this table, `file: place key what.`, or at the file, `file is what.`"""
        place = " ".join(part for part in (self.place, key) if part)
        ending = "" if what.endswith(("?", ".")) else "."
        joint = f": {place} " if place else " " if what.startswith("is ") else ": "
        return FormatError(f"{self.file}{joint}{what}{ending}")

    def keys(self) -> Iterator[str]:
        """Every key, each checked to be a name of 1 to 200 printable characters."""
        for key in self._data:
            if not key or len(key) > 200 or not key.isprintable():
                raise self.error(f"has the key {quoted(key)}; use a short printable name")
            yield key

    def has(self, key: str) -> bool:
        """Whether the key is there; it is then a key of the format, and remedies know it."""
        self._taken.add(key)
        return key in self._data

    def finish(self) -> None:
        """Refuse keys that were not taken, all at once."""
        problems = Problems()
        for key in self.keys():
            if key not in self._taken and key not in self._meant:
                with problems.gathered():
                    raise self.error(f"is not a key of this format; {did_you_mean(key, self._taken)}", key)
        problems.tell()

    def version(self, known: int) -> None:
        """Refuse another version of the format than the known one, at the key `format`."""
        version = self.take("format")
        write = f"write `format = {known}`"
        if version is None:
            raise self.error(f"is missing; {write} at the top", "format")
        if version != known or isinstance(version, bool):
            raise self.error(f"is {quoted(version)}, but this Mien reads {known}; {write}", "format")

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
        if isinstance(rows, dict):
            raise self.error(f"is one table, but must be a list of them; write [[{key}]] for each", key)
        if not isinstance(rows, list) or not rows:
            raise self.error(f"is {quoted(rows)}, but must be a list with at least one entry", key)
        return rows

    def items(self, key: str) -> list[object]:
        """A list; an empty one when it is left out."""
        return self.as_list(key, self._take(key, []))

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

    def seconds(self, key: str, default: float | None = None) -> float:
        """A time in seconds, 0 or more; required when `default` is None."""
        return self.as_number(key, self._take(key, default), 0.0, MAX_SECONDS)

    def text(self, key: str, default: str | None, longest: int = MAX_TEXT) -> str:
        """Text; required when `default` is None."""
        return self.as_text(key, self._take(key, default), longest)

    def filled(self, key: str) -> str:
        """Text that is not blank; required."""
        text = self.text(key, None)
        if not text.strip():
            raise self.error("is empty; write a name", key)
        return text

    def called(self, key: str) -> str:
        """A free name: text that is not blank, in its composed form; required."""
        return same_letters(self.filled(key))

    def choice(self, key: str, default: str | None, known: Collection[str]) -> str:
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
            raise self.error(f"is {quoted(value)}, but must be {_plain(low)} to {_plain(high)}", key)
        return float(value)

    def as_whole(self, key: str, value: object, low: int, high: int) -> int:
        """The value as a whole number in low..high."""
        self.as_number(key, value, low, high)
        if isinstance(value, int):
            return value  # exact, where a float holds 53 bits
        if not (isinstance(value, float) and value.is_integer()):
            raise self.error(f"is {quoted(value)}, but must be a whole number", key)
        return int(value)

    def as_text(self, key: str, value: object, longest: int = MAX_TEXT) -> str:
        """The value as text of at most so many characters."""
        if not isinstance(value, str):
            raise self._kind(key, value, str)
        if len(value) > longest:
            raise self.error(f"is {len(value)} characters long, and {longest} is the limit", key)
        if not value.isascii() and any("\ud800" <= c <= "\udfff" for c in value):
            # JSON can spell half a character; no file can hold it.
            raise self.error(f"is {quoted(value)}, which is not valid Unicode text", key)
        return value

    def as_list(self, key: str, value: object) -> list[object]:
        """The value as a list."""
        if not isinstance(value, list):
            raise self._kind(key, value, list)
        return value

    def as_point(self, key: str, value: object) -> tuple[float, float]:
        """The value as two numbers."""
        if not isinstance(value, list) or len(value) != 2:
            raise self.error(f"is {quoted(value)}, but must be two numbers, as in [12, 34]", key)
        return self.as_number(f"{key}[0]", value[0]), self.as_number(f"{key}[1]", value[1])

    def as_names(self, key: str, value: object) -> list[str]:
        """The value as a list of texts, each once."""
        names: dict[str, None] = {}
        for i, item in enumerate(self.as_list(key, value)):
            name = same_letters(self.as_text(f"{key}[{i}]", item))
            if name in names:
                raise self.error(f"is {quoted(name)} a second time; name each once", f"{key}[{i}]")
            names[name] = None
        return list(names)

    def check_name(self, name: str, key: str) -> str:
        """The text, when it is a name (see `is_name`); else an error."""
        name = same_letters(name)
        if not is_name(name):
            what = f"letters of any script, digits, _ - . (the last two not first), at most {MAX_NAME}"
            raise self.error(f"is named {quoted(name)}; a name is made of {what}", key)
        return name

    def known(self, key: str, value: object, known: Collection[str]) -> str:
        """The value, when it is one of the known names; else an error with a guess."""
        text = same_letters(self.as_text(key, value))
        if text not in known:
            verb = "is" if key else "names"
            raise self.error(f"{verb} {quoted(text)}, which is not known; {did_you_mean(text, known)}", key)
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
            close = nearest(key, self._data.keys() - self._taken, 0.7)
            self._meant |= {close} if close else set()
            raise self.error(
                f"is missing; is {quoted(close)} meant to be it?" if close else "is missing; add it", key
            )
        return self._data.get(key, default)

    def _kind(self, key: str, value: object, kind: type) -> FormatError:
        return self.error(f"is {quoted(value)}, but must be {_KINDS[kind]}", key)


def _plain(number: float) -> str:
    return f"{number:g}" if abs(number) < 1e6 else f"{number:.0f}"
