"""When each word is heard, from what synthesizers tell."""

# ruff: noqa: RUF001 - other scripts, and IPA, have letters that look like Latin ones

from __future__ import annotations

import pytest

from mien.speech.piper_times import PiperTimes
from mien.speech.words import timed_words
from mien.talk import Word


def times(words: tuple[Word, ...]) -> list[tuple[str, float, float]]:
    return [(word.text, round(word.start_s, 3), round(word.end_s, 3)) for word in words]


def test_a_word_ends_with_the_next_or_with_a_pause() -> None:
    words = timed_words("Oh, it is!", [(0, 0.1), (4, 0.8), (7, 1.0)], [0.4, 1.5], 1.9)
    assert times(words) == [("Oh,", 0.1, 0.4), ("it", 0.8, 1.0), ("is!", 1.0, 1.5)]


def test_words_of_which_nothing_is_told_share_the_time_of_the_one_before() -> None:
    words = timed_words("one of the few", [(0, 0.0), (4, 1.0), (11, 2.0)], [], 3.0)
    assert times(words) == [("one", 0.0, 1.0), ("of", 1.0, 1.4), ("the", 1.4, 2.0), ("few", 2.0, 3.0)]
    assert times(timed_words("a b c", [(2, 1.0)], [], 2.0)) == [
        ("a", 0.0, 1.0),
        ("b", 1.0, 1.5),
        ("c", 1.5, 2.0),
    ]


def test_what_is_told_twice_or_out_of_order_counts_once() -> None:
    words = timed_words(
        "in 1234 days", [(0, 0.0), (3, 0.2), (4, 0.5), (3, 0.7), (99, 1.0), (8, 1.1)], [], 1.5
    )
    assert times(words) == [("in", 0.0, 0.2), ("1234", 0.2, 1.0), ("days", 1.0, 1.5)]


def test_signs_are_no_words_and_nothing_told_gives_none() -> None:
    assert [w.text for w in timed_words("a - b", [(0, 0.0), (4, 1.0)], [], 2.0)] == ["a", "b"]
    assert timed_words("a b", [], [], 2.0) == () and timed_words("", [(0, 0.0)], [], 1.0) == ()


def chunk(said: str, lengths: list[int] | None = None) -> dict[str, object]:
    phones = list(zip(["^", *said, "$"], lengths, strict=True)) if lengths else []
    return {"said": list(said), "samples": sum(lengths) if lengths else 100 * len(said), "phones": phones}


def test_phones_of_piper_have_their_stress_and_length_and_the_pauses_are_silent() -> None:
    found = PiperTimes("Hi, you", [chunk("hˈaː, ju.", [10, 10, 20, 30, 10, 40, 5, 10, 20, 15, 5])], 100)
    assert [(label, round(start, 2), round(end, 2)) for label, start, end in found.marks] == [
        ("", 0.0, 0.1),
        ("h", 0.1, 0.2),
        ("a", 0.2, 0.8),
        ("", 0.8, 1.25),
        ("j", 1.25, 1.35),
        ("u", 1.35, 1.55),
        ("", 1.55, 1.7),
        ("", 1.7, 1.75),
    ]
    assert found.starts == ((0, 0.1), (4, 1.25))
    assert [round(at, 2) for at in found.pauses] == [0.0, 0.8, 1.55, 1.7]


@pytest.mark.parametrize(
    ("text", "said", "words"),
    [
        ("of the ones", "ʌvðə wʌnz", ["of", "ones"]),
        ("in 12 days", "ɪn twɛlv dez", ["in", "12", "days"]),
        ("it is 1234 now", "ɪt ɪz wʌn θazənd tu hʌndɹɪd θɜtifɔɹ na", ["it", "is", "1234", "now"]),
    ],
)
def test_words_of_text_and_of_speech_are_matched_by_their_lengths(
    text: str, said: str, words: list[str]
) -> None:
    found = PiperTimes(text, [chunk(said)], 100)
    assert [text[at:].split()[0] for at, _ in found.starts] == words and not found.marks


def test_hundreds_of_words_are_matched_at_once_and_several_chunks_one_behind_the_other() -> None:
    text = "a b " * 120
    found = PiperTimes(text, [chunk("ab " * 110)], 100)
    assert len(found.starts) > 60
    two = PiperTimes("a b", [chunk("a", [10, 20, 10]), chunk("b", [10, 20, 10])], 100)
    assert two.starts == ((0, 0.1), (2, 0.5))
