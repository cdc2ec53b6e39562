"""Words that were told, aligned to what is heard of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mien.lipsync.aligned import AlignedWords
from mien.lipsync.analyser import told_shapes
from mien.lipsync.spelling import phones_of
from mien.lipsync.timed import TimedMouth
from mien.lipsync.track import OPEN
from mien.types import F32, VISEMES

BOB = [("Bob", 0.2, 0.5)]


def sounds(*runs: tuple[str, int]) -> F32:
    """(n, 15) likelihoods of a sound in which each shape is heard for so many frames, more or less surely."""
    shapes = np.repeat([VISEMES.index(shape) for shape, _ in runs], [many for _, many in runs])
    heard = np.full((len(shapes), len(VISEMES)), 0.3 / len(VISEMES), np.float32)
    heard[np.arange(len(shapes)), shapes] += 0.7
    return heard


def said(words: list[tuple[str, float, float]], heard: F32) -> F32:
    aligned = AlignedWords(words)
    return np.concatenate((aligned.push(heard), aligned.finish()))


def shapes(rows: F32) -> list[str]:
    """As they follow each other."""
    strongest = rows.argmax(axis=1)
    return [VISEMES[at] for at, before in zip(strongest, [-1, *strongest[:-1]], strict=True) if at != before]


def begins(rows: F32, shape: str, nth: int = 0) -> int:
    """The frame in which it becomes the strongest for the nth time."""
    is_it = rows.argmax(axis=1) == VISEMES.index(shape)
    return int(np.flatnonzero(np.diff(is_it, prepend=False) & is_it)[nth])


def test_phones_come_when_they_are_heard() -> None:
    early = said(BOB, sounds(("sil", 20), ("PP", 5), ("aa", 8), ("PP", 17), ("sil", 20)))
    late = said(BOB, sounds(("sil", 20), ("PP", 10), ("aa", 13), ("PP", 7), ("sil", 20)))
    assert shapes(early) == shapes(late) == ["sil", "PP", "aa", "PP", "sil"]
    assert abs(begins(early, "aa") - 25) <= 2 and abs(begins(late, "aa") - 30) <= 2
    assert abs(begins(early, "PP", 1) - 33) <= 3 and abs(begins(late, "PP", 1) - 43) <= 2


def test_where_nothing_is_heard_that_helps_they_share_the_words_time_as_usual() -> None:
    rows = said(BOB, np.full((70, len(VISEMES)), 1 / len(VISEMES), np.float32))
    alone = TimedMouth([(0.2, "Bob", 0.3)], "words").rows(0, 70)
    assert shapes(rows) == ["sil", "PP", "aa", "PP", "sil"]
    # Lips meet a little earlier, where the moment is in doubt.
    assert (rows.argmax(axis=1) == alone.argmax(axis=1)).mean() > 0.85


def test_what_is_misheard_for_a_moment_is_passed_over() -> None:
    heard = sounds(("sil", 20), ("PP", 6), ("aa", 6), ("PP", 2), ("aa", 10), ("PP", 6), ("sil", 20))
    assert shapes(said(BOB, heard)) == ["sil", "PP", "aa", "PP", "sil"]


@pytest.mark.parametrize(("word", "often"), [("apple", 1), ("capable", 2), ("department", 2)])
def test_lips_that_are_told_to_meet_do_where_the_sound_does_not_say_when(word: str, often: int) -> None:
    spoken = 7 * len(phones_of(word))
    noise = sounds(("sil", 20), ("aa", spoken), ("sil", 20))
    rows = told_shapes(said([(word, 0.2, 0.2 + spoken / 100)], noise))
    meet = (rows @ np.array(OPEN))[20 : 20 + spoken] < 0.11
    assert (np.diff(meet, prepend=False) & meet).sum() == often
    assert meet.sum() <= 7 * often


def test_silence_that_is_certain_is_a_pause_whatever_was_told() -> None:
    heard = sounds(("sil", 20), ("PP", 5), ("aa", 8), ("PP", 17), ("sil", 20))
    heard[26:30] = np.eye(len(VISEMES), dtype=np.float32)[0]
    rows = said(BOB, heard)
    assert (rows[26:30, 0] == 1).all() and (rows[[25, 30], 0] < 0.5).all()


def test_of_several_ways_to_say_a_word_that_is_followed_which_is_heard() -> None:
    either = [("either", 0.2, 0.6)]
    for way in ("I", "aa"):
        heard = sounds(("sil", 20), (way, 15), ("TH", 10), ("RR", 15), ("sil", 10))
        assert VISEMES[said(either, heard)[26].argmax()] == way


def test_a_word_begins_a_little_before_it_was_told_to_if_it_is_heard() -> None:
    heard = sounds(("sil", 17), ("PP", 8), ("aa", 12), ("PP", 7), ("sil", 26))
    assert begins(said(BOB, heard), "PP") in (17, 18, 19)


def test_a_pause_between_words_is_one_and_words_that_touch_have_none() -> None:
    heard = sounds(
        ("sil", 10), ("PP", 8), ("aa", 14), ("PP", 8), ("sil", 10), ("PP", 8), ("aa", 14), ("PP", 8)
    )
    apart = said([("Bob", 0.1, 0.4), ("Bob", 0.5, 0.8)], heard)
    assert shapes(apart)[:7] == ["sil", "PP", "aa", "PP", "sil", "PP", "aa"]
    close = said(
        [("Bob", 0.1, 0.4), ("ah", 0.4, 0.7)],
        sounds(("sil", 10), ("PP", 10), ("aa", 10), ("PP", 10), ("aa", 40)),
    )
    assert shapes(close)[:5] == ["sil", "PP", "aa", "PP", "aa"]


def test_words_in_letters_that_spelling_does_not_know_are_as_they_are_heard() -> None:
    heard = sounds(("sil", 10), ("PP", 10), ("U", 15), ("SS", 10), ("sil", 20))
    assert shapes(said([("мус", 0.1, 0.45)], heard)) == ["sil", "PP", "U", "SS", "sil"]


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(st.text("abefgmoprstu'й7 ", max_size=14), st.floats(0, 1), st.floats(0, 1))),
    st.lists(st.integers(0, 100), max_size=8),
    st.integers(0, 2**32 - 1),
)  # fmt: skip
def test_any_words_are_followed_through_any_sound(
    words: list[tuple[str, float, float]], cuts: list[int], seed: int
) -> None:
    """Of any times, also of none; and the same however the sound was cut."""
    marks = sorted(((word, start, start + length) for word, start, length in words), key=lambda one: one[1])
    heard = np.random.default_rng(seed).dirichlet(np.full(len(VISEMES), 0.2), 100).astype(np.float32)
    whole, pieces = said(marks, heard), AlignedWords(marks)
    assert whole.shape == heard.shape and whole.min() > 0
    np.testing.assert_allclose(whole.sum(axis=1), 1, atol=1e-5)
    parts = [pieces.push(part) for part in np.split(heard, sorted(cuts))]
    np.testing.assert_array_equal(whole, np.concatenate((*parts, pieces.finish())))


def test_a_frame_is_known_one_frame_later() -> None:
    aligned, heard = AlignedWords(BOB), sounds(("sil", 70))
    assert [len(aligned.push(heard[i : i + 1])) for i in range(5)] == [0, 1, 1, 1, 1]


@pytest.mark.parametrize("first", [0, 15, 30, 60, 500])
def test_it_may_begin_on_the_way(first: int) -> None:
    heard = sounds(("sil", 20), ("PP", 6), ("aa", 18), ("PP", 6), ("sil", 500))
    aligned = AlignedWords(BOB, first)
    rows = np.concatenate((aligned.push(heard[first:]), aligned.finish()))
    assert (rows[5:].argmax(axis=1) == said(BOB, heard)[first + 5 :].argmax(axis=1)).mean() > 0.98
