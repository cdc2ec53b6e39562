"""Phones of several notations as the mouth shapes that they make, in time.

Pure. Which phone has which shapes is in `schemes`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from mien.lipsync.schemes import SHAPES, PhoneScheme, Shapes

FIRST_SHARE: Final = 0.6
"""Of a diphthong's time, what its first shape takes: the glide comes late."""

_ESPEAK_MODIFIERS: Final = frozenset(":;#2456789^/\"'~-|.!%,=`[]<>\\")
_ESPEAK_LANGUAGE: Final = re.compile(r"\([\w-]+\)")
"""Where espeak-ng goes on in another language, it says so among the phones: `(en)`."""

_MODIFIERS: Final = frozenset(("Lm", "Mn", "Sk"))
"""Unicode categories of what stands above, below or behind a phone's letter."""

_AFFRICATES: Final = {"t": "ʃʒɕʑʂʐSZ", "d": "ʃʒɕʑʂʐSZ"}


def shapes_of(label: str, scheme: PhoneScheme) -> Shapes | None:
    """The shapes of one phone such as `tʃ`, `oʊ`, `A@` or `AA1`; None when it is no phone of `scheme`.

    An empty label is a pause. Stress, length, tones and ties say nothing to the mouth.
    """
    if not label.strip():
        return ("sil",)
    if scheme == "arpabet":
        return SHAPES[scheme].get(label.strip().lower().rstrip("0123456789"))
    label = unicodedata.normalize("NFD", label.strip())
    if scheme == "espeak":
        if _ESPEAK_LANGUAGE.fullmatch(label):
            return ()
        label = "".join(c for c in label[:1] + label[1:].replace("_", "") if c not in _ESPEAK_MODIFIERS)
    label = "".join(c for c in label if unicodedata.category(c) not in _MODIFIERS)
    if not label:  # a modifier as an event of its own, as the `;` of `huge` or `ʲ`
        return ()
    return _spelled(_letters(label) if scheme == "ipa" else label, SHAPES[scheme])


def shapes_in_time(
    phones: Sequence[tuple[Shapes, float, float]],
) -> list[tuple[str, float, float]]:
    """(Oculus viseme, start, end) of phones (shapes, start, end), in seconds and in order of time.

    A phone without a shape of its own (`h`) takes the next one's first, or the last one's at the end.
    """
    events: list[tuple[str, float, float]] = []
    for i, (shapes, start, end) in enumerate(phones):
        after = phones[i + 1][0] if i + 1 < len(phones) else ()
        before = events[-1][0] if events else "sil"
        taken = shapes or ((after[0],) if after and after[0] != "sil" else (before,))
        cuts = [start, end]
        if len(taken) > 1:
            rest = 1 + (FIRST_SHARE - 1) / (len(taken) - 1) * np.arange(len(taken) - 1, -1, -1)
            cuts = [start, *(start + rest * (end - start)).tolist()]
        events += list(zip(taken, cuts, cuts[1:], strict=False))
    return events


def _letters(label: str) -> str:
    """An IPA label without punctuation."""
    return "".join(c for c in label if unicodedata.category(c) in ("Ll", "Lo", "Lu"))


def _spelled(letters: str, table: Mapping[str, Shapes]) -> Shapes | None:
    shapes: list[str] = []
    for i, letter in enumerate(letters):
        known = table.get(letter)
        if known is None:
            return None
        if letters[i + 1 : i + 2] and letters[i + 1] in _AFFRICATES.get(letter, ""):
            continue  # the stop of an affricate is made behind its fricative's lips
        shapes += [shape for shape in known if shapes[-1:] != [shape]]
    return tuple(shapes) if letters else None
