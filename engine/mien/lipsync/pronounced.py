"""Words that are not said as they are spelled, after the CMU Pronouncing Dictionary.

`words.gz` has the commonest words of which the rules in `spelling` get a shape of the mouth wrong, or that
are said in several ways: a line each, the word and a letter for each phone, way by way.
`tools/fit_spelling.py` makes it; the dictionary's licence is in `words.license`.
"""

from __future__ import annotations

import gzip
from functools import cache
from importlib.resources import files
from typing import Final, TypeAlias

_PHONES: Final = (
    "aa ae ah ao aw ax ay b ch d dh eh er ey f g hh ih iy jh k l m n ng ow oy p r s sh t th uh uw v w y z zh"
)
PHONES: Final = tuple(_PHONES.split())
"""ARPABET without stress, `ax` for an `ah` that has none: in the order of the letters that stand for them."""

LETTERS: Final = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN"

Phones: TypeAlias = tuple[str, ...]


def ways_of(word: str) -> tuple[Phones, ...]:
    """The ways in which a word, in small letters, is said, the commonest first; none if it is not known."""
    known = _words()
    at = known.find(b"\n" + word.encode() + b" ") if word else -1
    if at < 0:
        return ()
    line = known[at + 1 : known.index(b"\n", at + 1)].decode("ascii")
    return tuple(tuple(PHONES[LETTERS.index(letter)] for letter in way) for way in line.split(" ")[1:])


@cache
def _words() -> bytes:
    """Lines, with an end of line before the first and after the last. Searched as they are: a table of them
    would take some ten times the memory, and a word is asked for once or twice a second."""
    return gzip.decompress(files("mien.lipsync").joinpath("words.gz").read_bytes())
