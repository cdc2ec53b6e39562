"""What a program hands over, checked where it is handed over: one sentence with name, value and remedy.

What a program passes is not held to the types that are declared. Everything here raises ScriptError.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from math import isfinite
from numbers import Integral, Real
from operator import index
from pathlib import Path
from typing import Final, NoReturn, TypeGuard

import numpy as np

from mien.errors import ScriptError
from mien.messages import did_you_mean, quoted
from mien.types import Size

MOST_SECONDS: Final = 1_000_000_000
"""Some 30 years: longer than any session, and far from where sums of samples would overflow."""

_MOST_PATH: Final = 4096
"""Bytes: what Linux takes."""


def refuse(name: str, value: object, wanted: str) -> NoReturn:
    """Say that an argument cannot be this, and what it can be."""
    raise ScriptError(f"{name} cannot be {quoted(value)}: give {wanted}.")


def is_number(value: object) -> TypeGuard[float]:
    """Whether it is a real, finite number: numpy's too, and no bool."""
    try:
        return not isinstance(value, bool) and isinstance(value, Real) and isfinite(value)
    except OverflowError:  # an integer beyond all floats
        return False


def number_of(name: str, value: object, least: float, most: float, wanted: str) -> float:
    """A finite number from `least` to `most`."""
    # As a float first: beside a number of numpy's with few bits a limit would overflow.
    if not is_number(value) or not least <= float(value) <= most:
        refuse(name, value, wanted)
    return float(value)


def seconds_of(name: str, value: object) -> float:
    """A length of time."""
    return number_of(name, value, 0, MOST_SECONDS, "seconds, 0 or more")


def whole_of(name: str, value: object, least: int, most: int, wanted: str) -> int:
    """A whole number from `least` to `most`."""
    if isinstance(value, bool) or not isinstance(value, Integral) or not least <= index(value) <= most:
        refuse(name, value, wanted)
    return index(value)


def sides_of(name: str, value: object, least: int, most: int, wanted: str) -> Size:
    """A width and a height, each a whole number from `least` to `most`."""
    if isinstance(value, str) or not isinstance(value, (Sequence, np.ndarray)) or len(value) != 2:
        refuse(name, value, wanted)
    return Size(*(whole_of(name, side, least, most, wanted) for side in value))


def text_of(name: str, value: object, wanted: str) -> str:
    """A text that can be written down."""
    if not isinstance(value, str) or not _is_writable(value):
        refuse(name, value, wanted)
    return value


def choice_of(name: str, value: object, choices: Collection[str]) -> str:
    """One of some words."""
    if not isinstance(value, str) or value not in choices:
        remedy = f"give one of {', '.join(choices)}."
        if isinstance(value, str):
            remedy = did_you_mean(value, choices, remedy)
        raise ScriptError(f"{name} cannot be {quoted(value)}: {remedy}")
    return value


def path_of(name: str, value: object, wanted: str) -> Path:
    """A path of the file system, as a text or as what `os.fspath` takes."""
    path = os.fspath(value) if isinstance(value, os.PathLike) else value
    if not isinstance(path, str) or not _is_path(path):
        refuse(name, value, wanted)
    return Path(path)


def known_keywords(what: str, keywords: Collection[str], known: Collection[str]) -> None:
    """Refuse keywords that are none."""
    for name in keywords:
        if name not in known:
            raise ScriptError(f"{what} has no option {quoted(name)}; {did_you_mean(name, known)}")


def _is_path(path: str) -> bool:
    try:
        return 0 < len(os.fsencode(path)) <= _MOST_PATH and "\0" not in path
    except UnicodeEncodeError:  # lone surrogates, other than those that stand for bytes of a file's name
        return False


def _is_writable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # lone surrogates
        return False
    return "\0" not in text
