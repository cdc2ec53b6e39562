"""A TOML file, opened safely."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from mien.errors import AssetMissing, FormatError
from mien.messages import printable

_MOST_PARTS = 100
_PART = r"""(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')"""
_MORE = rf"(?:[ \t]*+\.[ \t]*+{_PART})"
_LONG_KEY = re.compile(rf"(?:^|[\[{{,])[ \t]*+{_PART}{_MORE}{{{_MOST_PARTS},}}+", re.MULTILINE)
"""Where a key may begin, more names than any has. tomllib takes the third power of their number: 34 s for a
line of 100 kB."""

_MOST_JOINED = 100_000
_JOINED = re.compile(
    rf"^[ \t]*+\[\[?+[ \t]*+{_PART}{_MORE}++(?=[ \t]*+\])|(?:^|[{{,])[ \t]*+{_PART}{_MORE}++(?=[ \t]*+=)",
    re.MULTILINE,
)
"""Keys and headings of several names. tomllib takes a kilobyte and more for each: 4 MB took 1.3 GB."""


def read_toml(path: Path, what: str, limit: int) -> dict[str, object]:
    """A parsed TOML file of at most `limit` bytes; a byte order mark is passed over.

    `what` is the remedy when there is no such file. Raises AssetMissing, or FormatError with the line at
    fault."""
    return parse_toml(path, toml_bytes(path, what, limit))


def toml_bytes(path: Path, what: str, limit: int) -> bytes:
    """What is in the file, not parsed; as `read_toml`."""
    try:
        if not path.is_file():
            found = " is no regular file" if path.exists() else ": does not exist"
            raise AssetMissing(f"{path}{found}; {what}.")
        if path.stat().st_size > limit:
            raise FormatError(f"{path} is larger than {limit} bytes; is it the right file?")
        data = path.read_bytes()
    except AssetMissing:  # which is an OSError
        raise
    except OSError as error:
        raise FormatError(f"{path}: cannot be read ({error}); check its permissions.") from error
    return data


def parse_toml(path: Path, data: bytes) -> dict[str, object]:
    """What is in it, parsed; as `read_toml`."""
    if not data.strip():  # a missing key would be the complaint, as if something had been written
        raise FormatError(f"{path} is empty; write it, or copy it again.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise FormatError(f"{path}: line {line} is not UTF-8; save the file as UTF-8.") from error
    _check_keys(path, text)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:  # says line and column
        how = "mend that line"
        if "Cannot overwrite" in str(error) or "Cannot declare" in str(error):
            how = "what is there several times, as slots and turns are, is written [[name]] each time"
        raise FormatError(f"{path} is not valid TOML: {printable(str(error), 200)}; {how}.") from error
    except RecursionError as error:
        raise FormatError(f"{path} is not valid TOML: it is nested too deeply; flatten it.") from error
    except ValueError as error:  # Python reads no integer beyond 4300 digits
        raise FormatError(f"{path}: holds a number of thousands of digits; correct it.") from error


def _check_keys(path: Path, text: str) -> None:
    """Refuse what takes the parser time and memory out of all proportion. Raises FormatError."""
    if long := _LONG_KEY.search(text):
        line = text.count("\n", 0, long.start()) + 1
        raise FormatError(
            f"{path}: line {line} has more than {_MOST_PARTS} names joined by dots; no key of the format has "
            "more than a few: quote it if it is text, or take it out."
        )
    if sum(found[0].count(".") for found in _JOINED.finditer(text)) > _MOST_JOINED:
        raise FormatError(
            f"{path}: joins more than {_MOST_JOINED} names by dots, in all its keys and headings; is it the "
            "right file?"
        )
