"""Texts are cut where a speaker would stop, tags stay with what follows them, and nothing gets lost."""

# ruff: noqa: RUF001 - other scripts, and IPA, have letters that look like Latin ones

from __future__ import annotations

import pytest

from mien.speech.sentences import LONGEST, sentences_of
from mien.talk.tags import parse_tags


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("[happy] Hello! [nod] I am here. [sad]", ["[happy] Hello!", "[nod] I am here. [sad]"]),
        ('He said "No." Then he left.', ['He said "No."', "Then he left."]),
        ("Mr. Smith is No. 5, e.g. here. J. R. spoke.", ["Mr. Smith is No. 5, e.g. here.", "J. R. spoke."]),
        ("It is I. You know.", ["It is I.", "You know."]),
        ("It costs 3.50 at mien.io. Fine...", ["It costs 3.50 at mien.io.", "Fine..."]),
        ("Wait... what? So be it.", ["Wait... what?", "So be it."]),
        ("Head line\n\nText under it", ["Head line", "Text under it"]),
        ("one line\nand on", ["one line\nand on"]),
        ("你好。我是鹪鹩！", ["你好。", "我是鹪鹩！"]),
        ("[wait. what] is text. So.", ["[wait. what] is text.", "So."]),
        ("[gaze:0.5, 0.1] Look. There.", ["[gaze:0.5, 0.1] Look.", "There."]),
        ("!!! ... [happy] Hi.", ["!!! ... [happy] Hi."]),
        ("[happy]", []),
        ("... !", []),
        ("", []),
        (" \n ", []),
        ("no end", ["no end"]),
    ],
)
def test_a_text_is_cut_at_the_ends_of_its_sentences(text: str, pieces: list[str]) -> None:
    assert sentences_of(text) == pieces


def test_long_sentences_are_cut_at_a_comma_or_a_blank_and_none_of_it_is_lost() -> None:
    long = "word " * 70 + "and, " + "other " * 100 + "x" * 1200 + " [happy] end" + " [nod] again" * 90
    pieces = sentences_of(long)
    assert max(map(len, pieces)) <= LONGEST and pieces[0].endswith(",")
    assert "".join("".join(pieces).split()) == "".join(long.split())
    tags = [tag.cue for piece in pieces for tag in parse_tags(piece)[1]]
    assert tags == [tag.cue for tag in parse_tags(long)[1]]


def test_time_grows_with_the_text_and_not_faster() -> None:
    for text in (
        "[" * 20_000,
        "a. " * 7000,
        "[a] " * 5000,
        ". " * 10_000 + "a",
        "\n" * 20_000 + "a",
        "." * 20_000 + "a",
    ):
        assert "".join("".join(sentences_of(text)).split()) in ("".join(text.split()), "")
