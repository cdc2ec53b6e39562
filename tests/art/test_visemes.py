"""Every mood has fifteen mouth shapes, whatever it draws."""

from __future__ import annotations

import re
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from mien.lipsync.fallback import NEIGHBOURS, complete, substitute
from mien.types import VISEMES

SIL, OPEN, WIDE, GRIN = 0, 1, 2, 3


def test_every_viseme_has_neighbours_that_are_visemes_and_not_itself() -> None:
    assert set(NEIGHBOURS) == set(VISEMES)
    for viseme, chain in NEIGHBOURS.items():
        assert viseme not in chain
        assert set(chain) <= set(VISEMES)
        assert len(set(chain)) == len(chain)


def test_the_documented_neighbours_are_the_ones_used() -> None:
    text = (Path(__file__).parents[2] / "docs/character-format.md").read_text("utf-8")
    rows = re.findall(r"^\| `(\w+)` \| ([\w`, ]+) \|$", text, re.MULTILINE)
    documented = {viseme: tuple(re.findall(r"\w+", chain)) for viseme, chain in rows if viseme in VISEMES}
    assert documented == NEIGHBOURS


def test_a_mood_prefers_its_own_neighbour_to_neutrals_exact_shape() -> None:
    assert substitute("I", {"E": GRIN}, {"sil": SIL, "I": WIDE}) == GRIN


def test_a_mood_without_a_neighbour_takes_neutrals_shape() -> None:
    assert substitute("O", {"sil": GRIN}, {"sil": SIL, "O": OPEN}) == OPEN


def test_lips_that_must_close_never_open() -> None:
    shapes = complete({}, {"sil": SIL, "aa": OPEN})
    assert shapes[VISEMES.index("PP")] == SIL
    assert shapes[VISEMES.index("FF")] == SIL


def test_two_shapes_are_enough_to_flap() -> None:
    shapes = dict(zip(VISEMES, complete({}, {"sil": SIL, "aa": OPEN}), strict=True))
    assert {v for v, shape in shapes.items() if shape == OPEN} >= {"aa", "E", "I", "O", "U", "DD", "nn", "RR"}


@given(
    st.dictionaries(st.sampled_from(VISEMES), st.integers(0, 9)),
    st.dictionaries(st.sampled_from(VISEMES), st.integers(10, 19)),
)
def test_every_mood_is_complete_and_keeps_its_own_shapes(
    mood: dict[str, int], neutral: dict[str, int]
) -> None:
    neutral["sil"] = 10
    shapes = complete(mood, neutral)
    assert len(shapes) == len(VISEMES)
    assert all(shapes[VISEMES.index(viseme)] == shape for viseme, shape in mood.items())
    assert set(shapes) <= {*mood.values(), *neutral.values()}
