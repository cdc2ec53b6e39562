"""What every bundled character has, and that no two can be taken for each other."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from mien.art import LoadedCharacter, load_character
from mien.catalog import bundled, bundled_names
from mien.character import LID_SHAPES, LID_STATES
from mien.composite import CharacterRows, FrameRows
from mien.composite.reference import composite
from mien.motion.labels import resolve_expression
from mien.motion.still import still_pose
from mien.types import F64, VISEMES, Affine, Size

NAMES = bundled_names("characters")
HEIGHT = 160
FEELINGS = {
    *("neutral", "happy", "joy", "excited", "sad", "crying", "angry", "surprised", "thinking"),
    *("embarrassed", "skeptical", "relaxed", "worried", "serious"),
}


@pytest.fixture(scope="module")
def cast() -> dict[str, LoadedCharacter]:
    return {
        name: load_character(bundled("characters", name), scale=lambda c: HEIGHT / c.height, page_size=1024)
        for name in NAMES
    }


@pytest.fixture(scope="module")
def pictures(cast: dict[str, LoadedCharacter]) -> dict[str, F64]:
    """Each at rest, over nothing, on canvases of one width: (h, w, 4) float64, premultiplied."""
    found = {}
    wide = max(one.character.canvas.width for one in cast.values())
    for name, one in cast.items():
        frame = FrameRows(len(one.character.slots), Size(wide, HEIGHT))
        beside = Affine(tx=(wide - one.character.canvas.width) // 2)
        CharacterRows(one.character).fill(frame, still_pose(one.character), beside)
        found[name] = composite(frame, one.pages)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_nothing_about_it_is_remarked(cast: dict[str, LoadedCharacter], name: str) -> None:
    assert cast[name].warnings == ()


@pytest.mark.parametrize("name", NAMES)
def test_it_has_a_face_for_every_common_feeling(cast: dict[str, LoadedCharacter], name: str) -> None:
    character = cast[name].character
    assert set(character.expressions) >= FEELINGS
    for lids in (character.lids.left, character.lids.right):
        for slot in (character.slots[i] for i in lids):
            assert {drawing.name for drawing in slot.drawings} == {*LID_STATES, *LID_SHAPES}


@pytest.mark.parametrize("name", NAMES)
def test_its_lips_are_closed_for_closed_sounds_and_differ_for_vowels_in_every_mood(
    cast: dict[str, LoadedCharacter], name: str
) -> None:
    moods = cast[name].character.mouth.moods
    assert set(moods) >= {"neutral", "smile", "frown"}
    for shapes in moods.values():
        shown = dict(zip(VISEMES, shapes, strict=True))
        vowels = {shown[vowel] for vowel in ("aa", "E", "I", "O", "U")}
        assert len(vowels) == 5
        assert not vowels & {shown["sil"], shown["PP"]}


@pytest.mark.parametrize("name", NAMES)
def test_tired_sleepy_and_bored_are_faces_of_their_own(cast: dict[str, LoadedCharacter], name: str) -> None:
    """Each with another mark, so that they are told apart where a face is a few pixels high."""
    character = cast[name].character
    mark = next(s for s, slot in enumerate(character.slots) if slot.name == "mark")
    shown = {label: resolve_expression(character, label) for label in ("tired", "sleepy", "bored")}
    assert [*shown] == [*shown.values()]
    assert len({character.expressions[label].slots[mark] for label in shown}) == len(shown)


def test_no_two_have_the_same_silhouette(pictures: dict[str, F64]) -> None:
    """By their alpha alone: what both cover is well under what either does."""
    for a, b in combinations(NAMES, 2):
        one, other = (pictures[name][..., 3] > 0.5 for name in (a, b))
        assert (one & other).sum() / (one | other).sum() < 0.8, f"{a} and {b}"


def test_no_two_have_the_same_colours(pictures: dict[str, F64]) -> None:
    """By how much of each stands in which of 4 x 4 x 4 colours."""
    shares = {}
    for name, picture in pictures.items():
        solid = picture[picture[..., 3] > 0.99][:, :3]
        bins = np.minimum((solid * 4).astype(int), 3) @ (16, 4, 1)
        shares[name] = np.bincount(bins, minlength=64) / len(bins)
    for a, b in combinations(NAMES, 2):
        assert np.minimum(shares[a], shares[b]).sum() < 0.5, f"{a} and {b}"
