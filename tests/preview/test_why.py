"""What the panel says of an expression."""

from __future__ import annotations

from mien.art.looks import ExpressionState
from mien.preview.why import why_told


def told(*mend: str) -> list[str]:
    state = ExpressionState("sad", ("mouth: frown",), ("right brow",), ("a is under b",), mend, ())
    return [text for text, _ in why_told(state)]


def test_all_that_is_wrong_is_told_with_what_to_do_of_each() -> None:
    assert told() == ["sad: mouth: frown", "lacks right brow; a is under b"]
    assert told("one", "two", "three")[2:] == ["- one", "- two", "- three"]


def test_of_many_things_to_do_it_is_told_that_there_are_more() -> None:
    assert told("one", "two", "three", "four", "five")[2:] == [
        "- one",
        "- two",
        "- three",
        "and 2 more, under the pointer",
    ]
