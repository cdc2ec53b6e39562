"""Any label for a feeling leads to an expression that the character has."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mien.character import Expression
from mien.motion import CHAINS, resolve_expression
from motion.cast import character

SILLYTAVERN = [
    "admiration",
    "amusement",
    "anger",
    "annoyance",
    "approval",
    "caring",
    "confusion",
    "curiosity",
    "desire",
    "disappointment",
    "disapproval",
    "disgust",
    "embarrassment",
    "excitement",
    "fear",
    "gratitude",
    "grief",
    "joy",
    "love",
    "nervousness",
    "optimism",
    "pride",
    "realization",
    "relief",
    "remorse",
    "sadness",
    "surprise",
    "neutral",
]
VRM = ["happy", "angry", "sad", "relaxed", "surprised", "neutral"]


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("happy", "happy"),
        ("HAPPY", "happy"),
        (" Grumpy ", "angry"),
        ("amusement", "laugh"),
        ("joy", "laugh"),
        ("anger", "angry"),
        ("fear", "worried"),
        ("remorse", "sad"),
        ("curiosity", "thinking"),
        ("neutral", "neutral"),
        ("flabbergasted", None),
        ("", None),
    ],
)
def test_a_label_resolves(label: str, expected: str | None) -> None:
    assert resolve_expression(character(), label) == expected


@pytest.mark.parametrize("label", [*SILLYTAVERN, *VRM])
def test_every_standard_label_is_known_and_reaches_a_basic_face(label: str) -> None:
    names = ("neutral", "happy", "angry", "sad", "surprised", "embarrassed", "thinking", "skeptical")
    basic = replace(character(), expressions={n: Expression(n, {}) for n in names}, aliases={})
    found = resolve_expression(basic, label)
    assert found in names
    assert (found == "neutral") == (label == "neutral")


def test_a_character_with_neutral_only_is_never_asked_for_more() -> None:
    bare = replace(character(), expressions={"neutral": Expression("neutral", {})}, aliases={})
    assert {resolve_expression(bare, label) for label in CHAINS} == {"neutral"}


def test_the_documentation_lists_the_table() -> None:
    text = (Path(__file__).parents[2] / "docs" / "expressions.md").read_text(encoding="utf-8")
    for label, chain in CHAINS.items():
        tries = ", ".join(f"`{name}`" for name in chain) or "(itself)"
        assert f"| `{label}` | {tries} |" in text, f"docs/expressions.md: the row of {label!r} is out of date"
