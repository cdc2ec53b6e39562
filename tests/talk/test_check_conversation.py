"""The linter names what a conversation asks of its cast that they cannot do."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mien.character import Character, Drawing, Expression, Gaze, Lids, Mouth, Slot
from mien.clock import FrameRate
from mien.talk import CastMember, Conversation, Cue, Staging, Turn, check_conversation, say
from mien.talk.abilities import Abilities
from mien.talk.check import without_what_fails
from mien.talk.tags import parse_tags
from mien.types import Rect, Size
from stage.test_stage import tone

GLASSES = Slot("glasses", (Drawing("round", 0, Rect(0, 0, 1, 1), (0, 0)),), 0, 0)
OTTO = Character(
    name="Otto",
    canvas=Size(8, 8),
    scale=1.0,
    anchor=(4, 8),
    eye_line=(4, 4),
    slots=(GLASSES,),
    joints=(),
    expressions={"neutral": Expression("neutral", {}), "happy": Expression("happy", {})},
    aliases={"glad": "happy"},
    mouth=Mouth(0, {"neutral": (0,) * 15}),
    lids=Lids((), ()),
    gaze=Gaze((0, 0), (0, 0), (), ()),
    gestures={"chin": {}},
)


def _conversation(*cues: Cue) -> Conversation:
    turn = Turn("t1", "otto", None, cues=cues)
    return Conversation(
        "", Path("c.toml"), None, FrameRate.of(30), 0, (CastMember("otto", "otto", "left"),), (turn,)
    )


def test_what_the_cast_can_do_is_not_mentioned() -> None:
    conversation = _conversation(
        Cue(0.0, "expression", "happy"),
        Cue(0.0, "expression", "glad"),
        Cue(0.0, "gesture", "chin"),
        Cue(0.0, "gesture", ""),
        Cue(0.0, "gaze", "viewer"),
        Cue(0.0, "nod", 1.0),
        Cue(0.0, "drawing", "round", slot="glasses"),
        Cue(0.0, "drawing", None, slot="glasses"),
    )
    assert check_conversation(conversation, {"otto": OTTO}) == []


def test_what_it_cannot_is_named_with_what_there_is() -> None:
    conversation = _conversation(
        Cue(0.0, "expression", "flabbergastd"),
        Cue(0.0, "gesture", "chinn"),
        Cue(0.0, "drawing", "round", slot="glases"),
        Cue(0.0, "drawing", "square", slot="glasses"),
    )
    assert check_conversation(conversation, {"otto": OTTO}) == [
        "c.toml: turn 't1': 'Otto' has no expression for 'flabbergastd'; known: glad, happy, neutral.",
        "c.toml: turn 't1': 'Otto' has no gesture 'chinn'; did you mean 'chin'?",
        "c.toml: turn 't1': 'Otto' has no slot 'glases'; did you mean 'glasses'?",
        "c.toml: turn 't1': slot 'glasses' of 'Otto' has no drawing 'square'; known: round.",
    ]


def _staged(*turns: Turn, here: str = "ab") -> Conversation:
    cast = tuple(CastMember(key, "otto", None, on_stage=key in here) for key in "abc")
    return Conversation("", Path("c.toml"), None, FrameRate.of(30), 0, cast, turns)


def _turn(key: str, text: str = "", *cues: Cue, speaker: str = "a", gap_s: float = 0.0) -> Turn:
    return say(speaker, None, text, key=key, cues=cues, gap_s=gap_s)


def test_comings_and_goings_that_change_nothing_are_named() -> None:
    conversation = _staged(
        _turn("one", "[enter:c] Look. [leave:b] Bye. [leave:b] [move:left] [swap:c] So. [enter:c]"),
        _turn("two", "", Cue(0.5, "swap", Staging("c", other="b")), Cue(0.2, "leave", "a")),
        _turn("three", "[leave:c] [swap:b] [enter:a]"),
        _turn("four", "", Cue(0.0, "enter", Staging("a", "left")), Cue(1.0, "swap", Staging("a", other="a"))),
        # Both are off stage: each comes to where the other would have.
        _turn("five", "", Cue(0.0, "swap", Staging("b", other="c")), Cue(1.0, "enter", Staging("b"))),
    )
    on = "who is on stage by then: give a place or a size, or take the cue out."
    off = "who is off stage by then: let it enter before, or take the cue out."
    assert [said.removeprefix("c.toml: turn ") for said in check_conversation(conversation, {})] == [
        f"'one': the cue leave is for 'b', {off}",
        f"'one': the cue enter is for 'c', {on}",
        f"'three': the cue leave is for 'c', {off}",
        f"'three': the cue enter is for 'a', {on}",
        "'four': the cue swap is for 'a', with itself: name somebody else.",
    ]


def test_of_turns_that_are_heard_at_once_nobody_knows_who_comes_first() -> None:
    turns = _turn("one", "[leave:c]"), _turn("two", "[leave:c]", gap_s=-0.1), _turn("three", "[leave:c]")
    (told,) = check_conversation(_staged(*turns), {})
    assert "'three': the cue leave is for 'c', who is off stage" in told


@pytest.mark.parametrize("then", ["[enter:c]", "[leave:c]"])
@pytest.mark.parametrize(("one", "two"), [("[enter:c]", "[leave:c]"), ("[swap:c]", "[leave:a]")])
def test_behind_turns_that_are_heard_at_once_nothing_is_said_of_who_may_be_on_stage_or_off(
    one: str, two: str, then: str
) -> None:
    turns = _turn("one", one), _turn("two", two, speaker="b", gap_s=-0.1), _turn("three", then)
    assert check_conversation(_staged(*turns), {}) == []


def test_where_one_alone_of_the_turns_heard_at_once_has_somebody_come_or_go_the_order_is_known() -> None:
    turns = _turn("one", "[leave:c] So. [enter:c]"), _turn("two", "Hm.", speaker="b", gap_s=-0.1)
    first, second = check_conversation(_staged(*turns, _turn("three", "[enter:c]")), {})
    assert "'one': the cue leave is for 'c', who is off stage" in first
    assert "'three': the cue enter is for 'c', who is on stage" in second


def test_a_fade_where_nobody_can_is_told_and_left_out() -> None:
    fade, slide = Cue(0.0, "leave", Staging("b", transition="fade")), Cue(1.0, "leave", Staging("b"))
    conversation = _staged(_turn("one", "", fade, slide))
    assert check_conversation(conversation, {}) == [
        "c.toml: turn 'one': the cue leave is for 'b', who is off stage by then: let it enter before, or "
        "take the cue out."
    ]
    (told,) = check_conversation(conversation, {}, fades=False)
    assert "who cannot fade on this stage: open it with fades=True, or let it slide." in told
    (turn,) = conversation.turns
    assert without_what_fails(turn, OTTO).cues == (fade, slide)
    assert without_what_fails(turn, OTTO, fades=False).cues == (slide,)


def test_who_is_to_look_at_itself_or_to_take_its_own_place_is_told_and_does_not() -> None:
    turn = _turn("one", "[gaze:otto] [swap:otto] Hm. [gaze:b]", speaker="otto")
    told = check_conversation(_conversation(*turn.cues), {"otto": OTTO})
    assert any("'otto' cannot look at itself" in one for one in told)
    assert [cue.value for cue in without_what_fails(turn, OTTO).cues] == ["b"]


def test_of_thousands_of_cues_that_it_cannot_follow_the_first_are_named() -> None:
    conversation = _conversation(*(Cue(0.0, "expression", f"label {i}") for i in range(3000)))
    said = check_conversation(conversation, {"otto": OTTO})
    assert len(said) == 21
    assert "'label 19'" in said[19] and said[20].endswith(
        "2980 more cues cannot be followed; mend those first."
    )


def test_a_cue_behind_the_end_of_the_audio_is_told_to_come_behind_the_turn(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(tone(0.1))
    turn = replace(_turn("one", "", Cue(2.0, "leave", "b")), audio=tmp_path / "a.wav")
    (told,) = check_conversation(_staged(turn), {})
    assert "the cue leave is at 2.00 s, and its audio ends at 0.10 s; it comes behind the turn" in told
    assert "not be seen" not in told


def test_a_speaker_that_is_not_given_is_passed_over() -> None:
    assert check_conversation(_conversation(Cue(0.0, "gesture", "chinn")), {}) == []


@pytest.mark.parametrize("tag", ["nod:9", "nod:deep", "Nod:-1.5"])
def test_a_nod_of_no_depth_is_told_its_range_and_not_taken_for_an_expression(tag: str) -> None:
    (cue,) = (found.cue for found in parse_tags(f"[{tag}] Hm.")[1])
    told = Abilities(OTTO).complaint(cue, "otto")
    assert told == f"'otto' cannot follow {tag!r}: nod's depth is a number from -1 to 1."


@pytest.mark.parametrize(
    ("tag", "remedy"),
    [
        ("gestur:point", "did you mean 'gesture:point'?"),
        ("expression:happy", "did you mean 'happy'?"),
        ("burst:laugh", "did you mean 'laugh'?"),
        ("move:lft", "did you mean 'left'?"),
        ("drawing:glasses", "write drawing:SLOT=NAME, or drawing:SLOT= for nothing."),
        ("swap:", "a name is missing behind the colon."),
    ],
)
def test_a_tag_that_is_none_is_answered_by_another_than_was_written(tag: str, remedy: str) -> None:
    (cue,) = (found.cue for found in parse_tags(f"[{tag}] Hm.")[1])
    assert Abilities(OTTO).complaint(cue, "otto") == f"'otto' cannot follow {tag!r}: {remedy}"
