"""Inline tags become cues at the right words; everything else stays text."""

from __future__ import annotations

from time import thread_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.talk import Cue, Turn, Word, cues_of, parse_tags, say
from mien.talk.tags import text_by

WORDS = (Word("Oh,", 0.2, 0.4), Word("hello!", 0.4, 1.0), Word("Wait...", 1.5, 2.0))


def test_tags_leave_the_text_with_single_spaces() -> None:
    assert parse_tags("[happy] Oh, hello!  [surprised]\n Wait...")[0] == "Oh, hello! Wait..."
    assert parse_tags("wa[nod]it")[0] == "wait"
    assert parse_tags("[happy][nod]")[0] == ""


def test_a_tag_in_front_is_at_the_first_sample_and_others_at_the_next_word() -> None:
    turn = say("wren", None, "[happy] Oh, hello! [surprised] Wait...", key="a", words=WORDS)
    assert turn.text == "Oh, hello! Wait..."
    assert cues_of(turn, 9.0) == (
        (0.0, Cue(0.0, "expression", "happy")),
        (1.5, Cue(1.5, "expression", "surprised")),
    )


def test_a_tag_behind_the_last_word_is_at_its_end() -> None:
    turn = say("wren", None, "Oh, hello! Wait... [sad]", key="a", words=WORDS)
    assert cues_of(turn, 9.0) == ((2.0, Cue(2.0, "expression", "sad")),)


def test_without_word_times_a_tag_falls_at_its_share_of_the_characters() -> None:
    turn = say("wren", None, "12345 [sad]12345678", key="a")
    ((at_s, cue),) = cues_of(turn, 7.0)
    assert (at_s, cue.value) == (pytest.approx(7.0 * 6 / 14), "sad")


def test_a_word_that_the_text_spells_otherwise_does_not_shift_the_others() -> None:
    words = (Word("I", 0.0, 0.1), Word("twenty", 0.3, 0.6), Word("cats", 0.8, 1.0))
    turn = say("wren", None, "I have 20 [joy] cats", key="a", words=words)
    assert cues_of(turn, 1.0)[0][0] == 0.8


def test_cues_come_in_order_of_time_and_equal_times_keep_their_order() -> None:
    late, early = Cue(1.5, "nod", 1.0), Cue(0.0, "gesture", "chin")
    turn = say("wren", None, "[happy] Oh, hello! [sad] Wait...", key="a", words=WORDS, cues=[late, early])
    assert [cue.value for _, cue in cues_of(turn, 3.0)] == ["happy", "chin", "sad", 1.0]


@pytest.mark.parametrize(
    ("tag", "cue"),
    [
        ("[happy]", Cue(0.0, "expression", "happy")),
        ("[ mock angry ]", Cue(0.0, "expression", "mock angry")),
        ("[gaze:otto]", Cue(0.0, "gaze", "otto")),
        ("[Gaze: viewer]", Cue(0.0, "gaze", "viewer")),
        ("[gaze:0.5,-2]", Cue(0.0, "gaze", (0.5, -1.0))),
        ("[gesture:explain]", Cue(0.0, "gesture", "explain")),
        ("[gesture:rest]", Cue(0.0, "gesture", "")),
        ("[nod]", Cue(0.0, "nod", 1.0)),
        ("[nod:-0.4]", Cue(0.0, "nod", -0.4)),
        ("[drawing:glasses=round]", Cue(0.0, "drawing", "round", slot="glasses")),
        ("[drawing:glasses=]", Cue(0.0, "drawing", "", slot="glasses")),
        ("[nod:deep]", Cue(0.0, "expression", "nod:deep")),
        ("[frobnicate:7]", Cue(0.0, "expression", "frobnicate:7")),
        ("[喜び]", Cue(0.0, "expression", "喜び")),
        ("[émue]", Cue(0.0, "expression", "émue")),
        ("[e\u0301mue]", Cue(0.0, "expression", "émue")),
        ("[खुश]", Cue(0.0, "expression", "खुश")),
        ("[gesture:手を振る]", Cue(0.0, "gesture", "手を振る")),
        ("[çok mutlu]", Cue(0.0, "expression", "çok mutlu")),
    ],
)
def test_each_tag_is_its_cue(tag: str, cue: Cue) -> None:
    plain, tags = parse_tags(tag + " Hm.")
    assert plain == "Hm."
    assert [found.cue for found in tags] == [cue]


@pytest.mark.parametrize(
    "text", ["a [b", "in [1962] it rained", "[?] [1a] [-a] [_a] [a.b] [a+b]", "[]", "a ] b", "[[", "x [a[b c"]
)
def test_other_brackets_are_text(text: str) -> None:
    assert parse_tags(text) == (text, ())


def test_what_a_bracket_that_is_text_holds_may_be_escaped() -> None:
    assert parse_tags(r"[1 \] [happy] \[x]")[0] == "[1 ] [x]"


@pytest.mark.parametrize(
    "text", ["[happy" + " " * 16_000, "[happy " * 16_000, "[" * 99_999, "[1" * 50_000, "[a b" * 30_000]
)
def test_brackets_that_never_close_are_text_however_many(text: str) -> None:
    plain, tags = parse_tags(text)
    assert (plain, tags) == (" ".join(text.split()), ())


@pytest.mark.parametrize("text", ["[happy" + " " * 4000, "[happy " * 2000, "[" * 10_000, "[a b" * 4000])
def test_brackets_that_never_close_take_time_as_they_are_many(text: str) -> None:
    def least_s(many: int) -> float:
        """Processor time, the least of many: a machine that does other things adds to most of them."""
        times = []
        for _ in range(12):
            began = thread_time()
            parse_tags(text * many)
            times.append(thread_time() - began)
        return min(times)

    assert least_s(6) < 24 * least_s(1)  # 36 times as much if each were looked at to the end


def test_a_million_characters_with_tags_keep_their_places() -> None:
    plain, tags = parse_tags("[happy]  one [sad:]\n" * 50_000)
    assert plain == " ".join(["one"] * 50_000)
    assert [tag.at for tag in tags[:5]] == [0, 4, 4, 8, 8]
    assert len(tags) == 100_000 and tags[-1].at == len(plain)


def test_a_capital_i_with_a_dot_shifts_nothing() -> None:
    words = [Word(w, float(i), i + 0.9) for i, w in enumerate(["İyi", "İİİ", "akşamlar", "Ayşe"])]
    turn = say("a", None, "İyi İİİ akşamlar [mutlu] Ayşe", key="t", words=words)
    assert [cue.at_s for cue in turn.cues] == [3.0]
    assert text_by(turn, 2.5, 4.0) == "İyi İİİ akşamlar"
    assert text_by(turn, 0.5, 4.0) == "İyi"


def test_a_word_that_the_text_spells_only_far_ahead_is_found_there_as_a_whole() -> None:
    text = "one " + "xtwo " * 400 + "two three"
    words = [Word("one", 0.0, 0.5), Word("two", 1.0, 1.5), Word("gone", 1.5, 2.0), Word("three", 2.0, 2.5)]
    assert text_by(say("a", None, text, key="t", words=words), 1.75, 3.0).startswith("one xtwo")
    # And a part of another word so far away is not sought: for many words that would be quadratic.
    hidden = "one " + "filler " * 400 + "xtwo two three"
    assert text_by(say("a", None, hidden, key="t", words=words), 0.9, 3.0).endswith("filler xtwo")
    far = text.replace("xtwo", "filler")
    assert text_by(say("a", None, far, key="t", words=words), 1.75, 3.0) == far.removesuffix(" three")


def test_a_backslash_makes_a_bracket_text() -> None:
    assert parse_tags(r"press \[happy] or \\") == ("press [happy] or \\", ())


@given(st.text(alphabet="ab [](:),\\.1\n\t-éİ喜", max_size=60))
def test_any_text_has_tags_that_lie_within_it(text: str) -> None:
    plain, tags = parse_tags(text)
    assert plain == " ".join(plain.split())
    places = [tag.at for tag in tags]
    assert places == sorted(places)
    assert all(0 <= at <= len(plain) for at in places)
    turn = say("wren", None, text, key="a")
    assert all(0 <= at_s <= 4.0 for at_s, _ in cues_of(turn, 4.0))


def test_a_turn_of_no_length_puts_everything_at_its_start() -> None:
    turn = Turn("a", "wren", None, cues=(Cue(0.0, "expression", "happy", fraction=0.5),))
    assert cues_of(turn, 0.0)[0][0] == 0.0
