"""The one table of viseme schemes: whose names mouth shapes and phones go by, and which shapes they are.

IPA after the IPA's chart, espeak-ng's mnemonics after its docs/phonemes.md, ARPABET after the CMU dictionary
(also the TIMIT names of aligners and flite).
"""

# ruff: noqa: RUF001 - IPA has letters that look like Latin ones

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias, get_args

from mien.types import VISEMES

Scheme: TypeAlias = Literal["oculus", "rhubarb", "azure", "sapi", "vrm", "ipa", "espeak", "arpabet", "words"]
SCHEMES: Final[tuple[Scheme, ...]] = get_args(Scheme)
"""`words` has no labels: its phones are guessed from English spelling."""

PhoneScheme: TypeAlias = Literal["ipa", "espeak", "arpabet"]
PHONE_SCHEMES: Final[tuple[PhoneScheme, ...]] = get_args(PhoneScheme)
"""Schemes whose labels are spelled: a label is one phone, with what its notation hangs on to it."""

Shapes: TypeAlias = tuple[str, ...]
"""Oculus visemes in the order in which a phone goes through them; none: it takes what follows."""

_RHUBARB: Final = {
    # Rhubarb's README: A closed (P, B, M), B teeth (most consonants), C open (EH), D wide (AA), E slightly
    # rounded (AO, ER), F puckered (UW, OW, W), G teeth on lip (F, V), H tongue up (L), X idle.
    "A": "PP", "B": "SS", "C": "E", "D": "aa", "E": "O", "F": "U", "G": "FF", "H": "nn", "X": "sil",
}  # fmt: skip
_SAPI: Final = {
    # By the phonemes that SAPI and Azure give for each id. Diphthongs take their open, first half.
    "0": "sil", "1": "aa", "2": "aa", "3": "O", "4": "E", "5": "RR", "6": "I", "7": "U", "8": "O", "9": "aa",
    "10": "O", "11": "aa", "12": "kk", "13": "RR", "14": "nn", "15": "SS", "16": "CH", "17": "TH", "18": "FF",
    "19": "DD", "20": "kk", "21": "PP",
}  # fmt: skip
_VRM: Final = {"sil": "sil", "aa": "aa", "ih": "I", "ou": "U", "ee": "E", "oh": "O"}

_IPA: Final = {
    "PP": "pbmɓʙ", "FF": "fvɱʋⱱɸβ", "TH": "θð", "DD": "tdʈɖɗɾ", "kk": "kɡgŋqɢxɣχʁcɟçɠ", "CH": "ʃʒɕʑʂʐ",
    "SS": "sz", "nn": "nlɲɳɴɫɬɮɭʎɺʟ", "RR": "rɹɻʀɽɚɝɜ", "aa": "aɑæʌəɐɤɶ", "E": "eɛɘ", "I": "iɪɨjᵻɯɰʝ",
    "O": "oɔɒøœɞ", "U": "uʊwʉyʏɥʍɵ", "": "hɦʔħʕ",
}  # fmt: skip
_ESPEAK: Final = {
    "PP": "pbm", "FF": "fvBPF", "TH": "TD", "DD": "td*", "kk": "kgNxXCcJqQGR", "CH": "SZ", "SS": "sz",
    "nn": "nlL", "RR": "r3", "aa": "aAV@&", "E": "eE", "I": "iIj1", "O": "oO0W", "U": "uUwyY", "": "hH?",
    "sil": "_",
}  # fmt: skip
_ARPABET: Final = {
    "PP": "p b m em bcl pcl", "FF": "f v", "TH": "th dh", "DD": "t d dx tcl dcl",
    "kk": "k g ng kcl gcl eng", "CH": "ch jh sh zh", "SS": "s z", "nn": "n l en el nx", "RR": "r er axr",
    "aa": "aa ae ah ax", "E": "eh", "I": "ih iy ix y", "O": "ao", "U": "uh uw w ux", "aa I": "ay",
    "aa U": "aw", "O U": "ow", "O I": "oy", "E I": "ey", "": "hh hv q", "sil": "pau sil sp spn h#",
}  # fmt: skip


def _each(groups: Mapping[str, str]) -> dict[str, Shapes]:
    return {letter: tuple(shapes.split()) for shapes, letters in groups.items() for letter in letters}


def _single(visemes: Mapping[str, str]) -> dict[str, Shapes]:
    return {label: (viseme,) for label, viseme in visemes.items()}


SHAPES: Final[Mapping[Scheme, Mapping[str, Shapes]]] = {
    "oculus": {name: (name,) for name in VISEMES},
    "rhubarb": _single(_RHUBARB),
    "azure": _single(_SAPI),
    "sapi": _single(_SAPI),
    "vrm": _single(_VRM),
    "ipa": _each(_IPA),
    "espeak": _each(_ESPEAK),
    "arpabet": {phone: tuple(of.split()) for of, phones in _ARPABET.items() for phone in phones.split()},
}
"""For each scheme its labels, and the Oculus visemes that each becomes; of phones, what labels are spelled
with."""


def labels_of(scheme: Scheme) -> tuple[str, ...] | None:
    """All labels of a scheme; None for those that cannot be listed: phones as they are spelled, and words."""
    return None if scheme in PHONE_SCHEMES or scheme not in SHAPES else tuple(SHAPES[scheme])


def viseme_of(label: str, scheme: Scheme) -> str:
    """The Oculus viseme of a listed label. Raises KeyError for one that is not."""
    return SHAPES[scheme][label][0]
