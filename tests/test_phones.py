# ruff: noqa: RUF001 - IPA has letters that look like Latin ones
"""Phones to mouth shapes, and spelling to phones."""

from __future__ import annotations

import gzip
import string
from importlib.resources import files
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.lipsync import pronounced
from mien.lipsync.phones import shapes_in_time, shapes_of
from mien.lipsync.schemes import PHONE_SCHEMES, PhoneScheme
from mien.lipsync.spelling import is_spelled, phones_of, spread, ways_of
from mien.types import VISEMES


@pytest.mark.parametrize(
    ("label", "scheme", "shapes"),
    [
        ("tʃ", "ipa", ("CH",)),
        ("d͡ʒ", "ipa", ("CH",)),
        ("ˈoʊ", "ipa", ("O", "U")),
        ("tʰ", "ipa", ("DD",)),
        ("ɛ̃", "ipa", ("E",)),
        ("h", "ipa", ()),
        ("", "ipa", ("sil",)),
        ("aɪə", "ipa", ("aa", "I", "aa")),
        ("dZ", "espeak", ("CH",)),
        ("I2", "espeak", ("I",)),
        ("@L", "espeak", ("aa", "nn")),
        ("_:", "espeak", ("sil",)),
        ("3", "espeak", ("RR",)),
        ("t#", "espeak", ("DD",)),
        ("aw0", "arpabet", ("aa", "U")),
        ("HH", "arpabet", ()),
        ("tʃ", "espeak", None),
        ("K", "espeak", None),
        (";", "espeak", ()),
        ("ˈ", "ipa", ()),
        ("AX9X", "arpabet", None),
    ],
)
def test_a_phone_has_its_shapes(label: str, scheme: PhoneScheme, shapes: tuple[str, ...] | None) -> None:
    assert shapes_of(label, scheme) == shapes


@given(st.text(max_size=6), st.sampled_from(PHONE_SCHEMES))
def test_any_text_is_a_phone_or_none(label: str, scheme: PhoneScheme) -> None:
    shapes = shapes_of(label, scheme)
    assert shapes is None or set(shapes) <= set(VISEMES)


def test_a_diphthong_glides_late_and_breath_takes_the_vowels_shape() -> None:
    phones = [((), 0.0, 0.1), (("aa", "U"), 0.1, 0.3), ((), 0.3, 0.4), (("sil",), 0.4, 0.5)]
    marks = [(shape, round(start, 3), round(end, 3)) for shape, start, end in shapes_in_time(phones)]
    assert marks == [
        ("aa", 0.0, 0.1), ("aa", 0.1, 0.22), ("U", 0.22, 0.3), ("U", 0.3, 0.4), ("sil", 0.4, 0.5)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("word", "phones"),
    [
        ("believe", "b ih l iy v"),
        ("Night,", "n ay t"),
        ("cakes", "k ey k s"),
        ("phone", "f ow n"),
        ("question", "k w eh s ch ax n"),
        ("Mother’s", "m aa th er z"),
        ("7", "s eh v ax n"),
        ("get", "g eh t"),
        ("Anyone", "eh n iy w ah n"),
        ("together", "t ax g eh dh er"),
        ("Crêpe", "k r iy p"),
        ("...", "ah"),
        ("москва", "ah"),
    ],
)
def test_spelling_is_read_as_a_mouth_needs_it(word: str, phones: str) -> None:
    def seen(row: tuple[str, ...]) -> list[tuple[str, ...] | None]:
        return [shapes_of(phone, "arpabet") for phone in row]

    assert seen(phones_of(word)) == seen(tuple(phones.split()))


@given(st.text(string.ascii_letters + "'- 0123456789é", max_size=12), st.floats(0, 9), st.floats(0, 3))
def test_any_word_fills_its_time_end_to_end(word: str, start: float, length: float) -> None:
    marks = spread(word, start, start + length)
    assert marks[0][1] == start and abs(marks[-1][2] - start - length) < 1e-9
    assert all(before[2] == after[1] for before, after in pairwise(marks))
    assert all(shapes_of(phone, "arpabet") is not None for phone, _, _ in marks)


@pytest.mark.parametrize(
    ("word", "phones"),
    [
        ("women", "w ih m ax n"),
        ("loved", "l ah v d"),
        ("Captain's", "k ae p t ax n z"),
        ("comes", "k ah m z"),
        ("judges", "jh ah jh ih z"),
        ("stopping", "s t aa p ih ng"),
        ("colonel", "k er n ax l"),
    ],
)
def test_words_that_are_not_said_as_they_are_spelled_are_known(word: str, phones: str) -> None:
    assert [shapes_of(phone, "arpabet") for phone in phones_of(word)] == [
        shapes_of(phone, "arpabet") for phone in phones.split()
    ]


def test_a_word_may_be_said_in_several_ways_and_little_ones_weakly() -> None:
    assert [way[0] for way in ways_of("either")] == ["iy", "ay"]
    assert ways_of("and")[:2] == (("ae", "n", "d"), ("ax", "n", "d"))
    assert ways_of("two words")[0] == (*phones_of("two"), *phones_of("words")) and len(ways_of("to be")) == 1


def test_letters_that_spelling_does_not_know_are_told_apart() -> None:
    assert is_spelled("Crêpe") and is_spelled("7") and is_spelled("к-k")
    assert not is_spelled("москва") and not is_spelled("...") and not is_spelled("'")


def test_the_words_are_small_and_each_is_read() -> None:
    packed = files("mien.lipsync").joinpath("words.gz").read_bytes()
    lines = gzip.decompress(packed).decode("ascii").split("\n")
    assert len(packed) < 200_000 and lines[0] == lines[-1] == "" and len(lines) > 5_000
    assert lines == [*sorted(set(lines[:-1])), ""]
    for line in lines[1:-1]:
        word, *letters = line.split(" ")
        assert letters and all(set(way) <= set(pronounced.LETTERS) for way in letters)
        assert len(pronounced.ways_of(word)) == len(letters)
    assert "Carnegie Mellon University" in files("mien.lipsync").joinpath("words.license").read_text()
