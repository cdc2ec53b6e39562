"""A sentence is shown for as long as it takes to read it, and goes when what it was about is mended."""

from __future__ import annotations

from mien.stage.notes import LEAST_S, Notes

S = 1_000_000_000


def test_a_sentence_is_shown_for_8_s_and_a_long_one_for_longer() -> None:
    notes = Notes()
    notes.tell("saved a.png")
    assert list(notes.heard(0)) == ["saved a.png"] and notes.newest == "saved a.png"
    assert not list(notes.heard(round(LEAST_S * S) - 1)) and notes.newest
    assert not list(notes.heard(round(LEAST_S * S))) and notes.newest == ""
    notes.tell("a" * 300)
    assert list(notes.heard(0)) == ["a" * 300]
    assert not list(notes.heard(19 * S)) and notes.newest == "a" * 300
    assert not list(notes.heard(20 * S)) and notes.newest == ""


def test_what_is_mended_is_shown_no_more_and_what_else_was_told_is_left() -> None:
    notes = Notes()
    notes.tell("kept: wren", "wren")
    notes.tell("kept: otto", "otto")
    assert list(notes.heard(0)) == ["kept: wren", "kept: otto"] and notes.newest == "kept: otto"
    notes.tell("", "otto")
    assert not list(notes.heard(S)) and notes.newest == "kept: wren"
    notes.tell("kept: wren, again", "wren")
    assert list(notes.heard(2 * S)) == ["kept: wren, again"]
    notes.tell("", "wren")
    assert not list(notes.heard(3 * S)) and notes.newest == "", "the one before is not back"


def test_what_stays_is_shown_until_something_else_is_told_about_the_same() -> None:
    notes = Notes()
    notes.tell("reading girl.psd", "a drop", stays=True)
    notes.tell("saved a.png")
    assert len(list(notes.heard(0))) == 2 and notes.newest == "saved a.png"
    assert not list(notes.heard(1000 * S)) and notes.newest == "reading girl.psd"
    notes.tell("shown: girl", "a drop")
    assert list(notes.heard(1001 * S)) == ["shown: girl"]
    assert not list(notes.heard(1010 * S)) and notes.newest == ""
