"""Phones of several notations as the mouth shapes that they make, in time.

Pure. IPA after the IPA's chart, espeak-ng's mnemonics after its docs/phonemes.md, ARPABET after the CMU
dictionary (also the TIMIT names of aligners and flite).
"""

# ruff: noqa: RUF001 - IPA has letters that look like Latin ones

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Final, Literal, TypeAlias, get_args

import numpy as np

PhoneScheme: TypeAlias = Literal["ipa", "espeak", "arpabet"]
PHONE_SCHEMES: Final[tuple[PhoneScheme, ...]] = get_args(PhoneScheme)

Shapes: TypeAlias = tuple[str, ...]
"""Oculus visemes in the order in which a phone goes through them; none: it takes what follows."""

FIRST_SHARE: Final = 0.6
"""Of a diphthong's time, what its first shape takes: the glide comes late."""

_IPA: Final = {
    "PP": "pbmɓʙ", "FF": "fvɱʋⱱɸβ", "TH": "θð", "DD": "tdʈɖɗɾ", "kk": "kɡgŋqɢxɣχʁcɟçɠ", "CH": "ʃʒɕʑʂʐ",
    "SS": "sz", "nn": "nlɲɳɴɫɬɮɭʎɺʟ", "RR": "rɹɻʀɽɚɝɜ", "aa": "aɑæʌəɐɤɶ", "E": "eɛɘ", "I": "iɪɨjᵻɯɰʝ",
    "O": "oɔɒøœɞ", "U": "uʊwʉyʏɥʍɵ", "": "hɦʔħʕ",
}  # fmt: skip
_ESPEAK: Final = {
    "PP": "pbm", "FF": "fvBP", "TH": "TD", "DD": "td*", "kk": "kgNxXCcJqQGR", "CH": "SZ", "SS": "sz",
    "nn": "nlL", "RR": "r3", "aa": "aAV@&", "E": "eE", "I": "iIj1", "O": "oO0W", "U": "uUwyY", "": "hH?",
    "sil": "_",
}  # fmt: skip
_ESPEAK_MODIFIERS: Final = frozenset(":;#2456789^/\"'~-|.!%,=`")
_ARPABET: Final = {
    "PP": "p b m em bcl pcl", "FF": "f v", "TH": "th dh", "DD": "t d dx tcl dcl",
    "kk": "k g ng kcl gcl eng", "CH": "ch jh sh zh", "SS": "s z", "nn": "n l en el nx", "RR": "r er axr",
    "aa": "aa ae ah ax", "E": "eh", "I": "ih iy ix y", "O": "ao", "U": "uh uw w ux", "aa I": "ay",
    "aa U": "aw", "O U": "ow", "O I": "oy", "E I": "ey", "": "hh hv q", "sil": "pau sil sp spn h#",
}  # fmt: skip


def _table(groups: dict[str, str]) -> dict[str, str]:
    return {letter: shape for shape, letters in groups.items() for letter in letters}


_OF_IPA: Final = _table(_IPA)
_OF_ESPEAK: Final = _table(_ESPEAK)
_OF_ARPABET: Final = {
    phone: tuple(shapes.split()) for shapes, phones in _ARPABET.items() for phone in phones.split()
}
_AFFRICATES: Final = {"t": "ʃʒɕʑʂʐSZ", "d": "ʃʒɕʑʂʐSZ"}


def shapes_of(label: str, scheme: PhoneScheme) -> Shapes | None:
    """The shapes of one phone such as `tʃ`, `oʊ`, `A@` or `AA1`; None when it is no phone of `scheme`.

    An empty label is a pause. Stress, length, tones and ties say nothing to the mouth.
    """
    if not label.strip():
        return ("sil",)
    if scheme == "arpabet":
        return _OF_ARPABET.get(label.strip().lower().rstrip("0123456789"))
    if scheme == "ipa":
        return _spelled(_letters(label), _OF_IPA)
    heads = [c for c in label.strip() if c not in _ESPEAK_MODIFIERS]
    if not heads:  # a modifier as an event of its own, as the `;` of `huge`
        return ()
    return _spelled("".join(heads), _OF_ESPEAK)


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
    """An IPA label without marks, modifier letters and punctuation: tʰ becomes t."""
    plain = unicodedata.normalize("NFD", label)
    return "".join(c for c in plain if unicodedata.category(c) in ("Ll", "Lo", "Lu"))


def _spelled(letters: str, table: dict[str, str]) -> Shapes | None:
    shapes: list[str] = []
    for i, letter in enumerate(letters):
        shape = table.get(letter)
        if shape is None:
            return None
        if letters[i + 1 : i + 2] and letters[i + 1] in _AFFRICATES.get(letter, ""):
            continue  # the stop of an affricate is made behind its fricative's lips
        if shape and shapes[-1:] != [shape]:
            shapes.append(shape)
    return tuple(shapes) if letters else None
