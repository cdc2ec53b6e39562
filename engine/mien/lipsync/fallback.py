"""Mouth shapes for visemes that a character does not have: the nearest neighbour that it has.

A missing viseme takes the first of its neighbours that the mood itself draws (so that a smile stays a
smile), then what `neutral` draws for it or for its neighbours, then neutral's `sil`.
"""

from __future__ import annotations

from collections.abc import Mapping

from mien.types import VISEMES

NEIGHBOURS: Mapping[str, tuple[str, ...]] = {
    "sil": ("PP",),
    "PP": ("sil",),
    "FF": ("PP", "SS", "sil"),
    "TH": ("DD", "nn", "SS", "E", "aa"),
    "DD": ("nn", "TH", "SS", "E", "aa"),
    "kk": ("DD", "nn", "E", "aa"),
    "CH": ("SS", "DD", "U", "E", "I"),
    "SS": ("CH", "DD", "nn", "I", "E"),
    "nn": ("DD", "TH", "kk", "E", "aa"),
    "RR": ("CH", "U", "O", "E", "aa"),
    "aa": ("E", "O"),
    "E": ("I", "aa"),
    "I": ("E", "SS", "aa"),
    "O": ("U", "aa"),
    "U": ("O", "RR", "aa"),
}
"""For each viseme the others that look most like it, nearest first. The lips of PP never part, or speech
would miss its contacts; a vowel stays open wherever there is an open shape, or speech would look silent."""


def substitute(viseme: str, mood: Mapping[str, int], neutral: Mapping[str, int]) -> int:
    """The drawing index shown for a viseme. `neutral` has at least `sil`; both map viseme -> drawing."""
    chain = (viseme, *NEIGHBOURS[viseme])
    for shapes in (mood, neutral):
        for candidate in chain:
            if candidate in shapes:
                return shapes[candidate]
    return neutral["sil"]


def complete(mood: Mapping[str, int], neutral: Mapping[str, int]) -> tuple[int, ...]:
    """(15,) drawing indices of a mood in the order of `VISEMES`."""
    return tuple(substitute(viseme, mood, neutral) for viseme in VISEMES)
