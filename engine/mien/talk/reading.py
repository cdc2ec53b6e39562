"""Reading a parsed TOML document key by key: every value is checked where it is taken, and every
complaint names the file, the place in it, the value and what to write instead."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from difflib import get_close_matches
from math import isfinite
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import NoReturn

from mien.audio.addresses import Address, AddressPolicy
from mien.documents.problems import Problems
from mien.documents.toml import did_you_mean, shown
from mien.errors import AssetMissing, AudioRejected, FormatError

MAX_SECONDS = 86_400.0
"""No time in a conversation file is longer than a day: beyond it is a wrong unit."""


class Place:
    """Where in which file: `hello/conversation.toml: turn[2].audio`."""

    def __init__(self, file: Path, key: str = "") -> None:
        self.file = file
        self.key = key

    def at(self, step: str | int) -> Place:
        """One step further in: a key, or an index."""
        if isinstance(step, int):
            return Place(self.file, f"{self.key}[{step}]")
        return Place(self.file, f"{self.key}.{step}" if self.key else step)

    def wrong(self, complaint: str) -> NoReturn:
        """Raise FormatError for this place."""
        raise FormatError(f"{self.file}: {self.key + ': ' if self.key else ''}{complaint}")

    def text(self, value: object) -> str:
        """The value as text."""
        if not isinstance(value, str):
            self.wrong(f"{shown(value)} is not text; put it in quotes.")
        return value

    def name(self, value: object) -> str:
        """The value as text that is not blank."""
        name = self.text(value)
        if not name.strip():
            self.wrong("is empty; write a name.")
        return name

    def number(self, value: object, least: float, most: float) -> float:
        """The value as a number in a range, ends included."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.wrong(f"{shown(value)} is not a number.")
        if isinstance(value, float) and not isfinite(value):
            self.wrong(f"{shown(value)} is not a finite number.")
        if not least <= value <= most:
            self.wrong(f"{shown(value)} is out of range; write a number from {least:g} to {most:g}.")
        return float(value)

    def integer(self, value: object, least: int, most: int) -> int:
        """The value as a whole number in a range, ends included."""
        if isinstance(value, bool) or not isinstance(value, int):
            self.wrong(f"{shown(value)} is not a whole number.")
        return int(self.number(value, least, most))

    def seconds(self, value: object) -> float:
        """The value as a time that is not negative."""
        if isinstance(value, int | float) and not isinstance(value, bool) and value < 0:
            self.wrong(f"{shown(value)} is negative; times count from the first sample of the turn's audio.")
        return self.number(value, 0.0, MAX_SECONDS)

    def choice(self, value: object, known: Collection[str]) -> str:
        """The value as one of some words."""
        name = self.text(value)
        if name not in known:
            self.wrong(f"{shown(name)} is not known; {did_you_mean(name, known)}")
        return name

    def array(self, value: object) -> list[object]:
        """The value as an array."""
        if not isinstance(value, list):
            name = self.key.rpartition(".")[2]
            how = f"write [[{name}]] for each" if isinstance(value, dict) else "write [ ... ]"
            self.wrong(f"{shown(value)} is not an array; {how}.")
        return value

    def table(self, value: object, known: Collection[str], needed: Collection[str] = ()) -> Table:
        """The value as a table with no other keys than the known ones, and all the needed ones."""
        if not isinstance(value, dict):
            self.wrong(f"{shown(value)} is not a table; write key = value lines, or {{ key = value }}.")
        problems = Problems()
        for key in value:
            if key not in known:
                with problems.gathered():
                    self.wrong(f"unknown key {shown(key)}; {did_you_mean(str(key), known)}")
        problems.tell()
        for key in needed:
            if key not in value:
                self.wrong(f"the key {key!r} is missing; add {key} = ...")
        return Table(self, value)

    def inside(self, value: object) -> Path:
        """The value as the path of an existing file in the folder of this file, or below it. Raises
        AssetMissing when there is no such file."""
        name = self.name(value)
        self.relative(name)
        if ".." in PurePosixPath(name).parts:
            self.wrong(
                f"{shown(name)} leaves the conversation's folder; copy the file in and name it from there."
            )
        path = self.file.parent / name
        if not _inside(path, self.file.parent):
            self.wrong(
                f"{shown(name)} is a link out of the conversation's folder; copy the file itself there."
            )
        if not path.is_file():
            around = [other.name for other in path.parent.iterdir()] if path.parent.is_dir() else []
            close = get_close_matches(path.name, around, n=1)
            remedy = f"did you mean {close[0]!r}?" if close else "add the file or correct the name."
            raise AssetMissing(f"{self.file}: {self.key}: no file {shown(name)} in {path.parent}; {remedy}")
        return path

    def inside_or_address(self, value: object, policy: AddressPolicy) -> Path | Address:
        """The value as `inside` has it, or the http(s) address that it is, with what it may lead to."""
        name = self.name(value)
        if "://" not in name:
            return self.inside(value)
        try:
            return Address(name, policy)
        except AudioRejected as error:
            self.wrong(str(error))

    def relative(self, name: str) -> str:
        """The name, when it can be a path relative to this file on every system."""
        if "\\" in name or "\0" in name:
            self.wrong(f"{shown(name)} is not a portable path; write it with forward slashes.")
        if PurePosixPath(name).is_absolute() or PureWindowsPath(name).drive:
            self.wrong(f"{shown(name)} is an absolute path; name it relative to {self.file.name}.")
        if any(len(part.encode()) > 255 for part in PurePosixPath(name).parts) or len(name.encode()) > 1024:
            self.wrong(f"{shown(name)} is too long for a file name.")
        return name


def _inside(path: Path, folder: Path) -> bool:
    try:
        return path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError):  # a loop of links
        return False


class Table:
    """A table of a document, and where it stands."""

    def __init__(self, place: Place, values: Mapping[str, object]) -> None:
        self.place = place
        self._values = values

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def get(self, key: str, default: object = None) -> object:
        """The value of a key."""
        return self._values.get(key, default)

    def at(self, key: str) -> Place:
        """Where the value of a key stands."""
        return self.place.at(key)

    def text(self, key: str, default: str = "") -> str:
        """Text, or the default when the key is left out."""
        return self.at(key).text(self.get(key, default))
