"""When piper's phones and words are heard, from how many samples each phone takes. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from math import log
from typing import Any, Final

from mien.lipsync.phones import shapes_of

_STRESS: Final = "\u02c8\u02cc"
"""Before the phone that it belongs to."""
_HUNG_ON: Final = ("Lm", "Mn", "Sk")
"""Categories of what makes a phone longer, or otherwise another."""
_EDGES: Final = "^$_"
_MOST_MERGED: Final = 4
"""Words that are one to piper, as `of the`, and words that it makes of one, as of a number."""
_FURTHEST: Final = 16
"""Words by which the two may be apart along the longer: with any, hundreds of words take seconds."""


class PiperTimes:
    """Of a sentence's chunks.

    Parameters: `text` that was spoken; `chunks`, each with its `samples`, its phones as `said` (a letter of
    IPA each, blanks between words), and `phones`, (phone, samples) of each where that is known; `rate` in Hz.
    """

    def __init__(self, text: str, chunks: Sequence[Mapping[str, Any]], rate: int) -> None:
        marks = list[tuple[str, float, float]]()
        self.pauses: list[float] = []
        """When silences begin, in seconds."""
        words = list[tuple[float, int]]()
        known = bool(chunks) and all(chunk["phones"] for chunk in chunks)
        offset = 0
        for chunk in chunks:
            phones = chunk["phones"] if known else _guessed(chunk["said"], chunk["samples"])
            at, begun, opens = offset, None, True
            for phone, samples in phones:
                start, at = at, at + samples
                if phone == " ":
                    opens = True
                elif phone in _EDGES or unicodedata.category(phone[0])[0] == "P":
                    self.pauses.append(start / rate)
                    marks.append(("", start / rate, at / rate))
                    opens, begun = True, None
                    continue
                elif phone in _STRESS:
                    begun = start if begun is None else begun
                    if opens:
                        words.append((begun / rate, 0))
                        opens = False
                    continue
                elif shapes_of(phone, "ipa") is not None and unicodedata.category(phone[0]) not in _HUNG_ON:
                    start = start if begun is None else begun
                    if opens:
                        words.append((start / rate, 0))
                        opens = False
                    words[-1] = (words[-1][0], words[-1][1] + 1)
                    marks.append((phone, start / rate, at / rate))
                    begun = None
                    continue
                # What has no shape goes on as the one before.
                if marks:
                    marks[-1] = (*marks[-1][:2], at / rate)
            offset += int(chunk["samples"])
        self.marks = tuple(marks) if known else ()
        """(phone, start, end) in seconds; none where their times are not known."""
        self.starts = tuple(_placed(text, words))
        """(index in the text, seconds) of words that begin there."""


def _guessed(said: Sequence[str], samples: int) -> list[tuple[str, int]]:
    """Each phone with an equal share of a chunk."""
    each, rest = divmod(samples, max(1, len(said)))
    return [(phone, each + (i < rest)) for i, phone in enumerate(said)]


def _placed(text: str, words: Sequence[tuple[float, int]]) -> Iterator[tuple[int, float]]:
    """Where in the text each spoken word stands, of words (start, number of phones) in order: words of the
    text and spoken ones are matched in order, one to one, or some to one, as their lengths fit best."""
    spoken = [word for word in words if word[1]]
    written = [match for match in re.finditer(r"\S+", text) if any(c.isalnum() for c in match[0])]
    if len(spoken) == len(written):
        yield from ((match.start(), start) for match, (start, _) in zip(written, spoken, strict=True))
        return
    letters = [sum(4 if c.isdigit() else c.isalpha() for c in match[0]) for match in written]
    phones = [count for _, count in spoken]

    @cache
    def best(i: int, j: int) -> tuple[float, tuple[int, int]]:
        """What it costs to match all from these two on, and how many of each to take first."""
        if i == len(letters) or j == len(phones):
            return float(len(letters) - i + len(phones) - j), (0, 0)
        if abs(i / len(letters) - j / len(phones)) * max(len(letters), len(phones)) > _FURTHEST:
            return float("inf"), (1, 1)
        found = (float("inf"), (1, 1))
        for m, n in _STEPS:
            if i + m <= len(letters) and j + n <= len(phones):
                ratio = max(1, sum(letters[i : i + m])) / max(1, sum(phones[j : j + n]))
                cost = abs(log(ratio)) + 0.3 * (m + n - 2) + best(i + m, j + n)[0]
                found = min(found, (cost, (m, n)))
        return found

    i = j = 0
    while i < len(letters) and j < len(phones):
        yield written[i].start(), spoken[j][0]
        m, n = best(i, j)[1]
        i, j = i + m, j + n


_STEPS: Final = (
    *((1, n) for n in range(1, 2 * _MOST_MERGED + 1)),
    *((m, 1) for m in range(2, _MOST_MERGED + 1)),
)
