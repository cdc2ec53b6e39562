"""Sets of whole pictures in which brows differ more than eyes: a brow is taken for no eye, half an eye for no
mouth."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from importing import drawn, sprites
from importing.looks import Looks, differ_within
from mien.importing.kinds import read_artwork
from mien.importing.make import make
from mien.importing.mapping import Corrections
from mien.importing.source import Source
from mien.importing.write import write
from mien.types import U8

SMILE = drawn.arc(100, drawn.MOUTH - 3, 17, 7, 3, drawn.LIPS)
TALL = drawn.over(
    drawn.ellipse(100, drawn.MOUTH + 9, 13, 13, drawn.LIPS),
    drawn.ellipse(100, drawn.MOUTH + 9, 10, 10, (60, 15, 25)),
)
"""Reaches lower than any other mouth of the set."""
LOWEST = drawn.MOUTH + 22


def face(eyes: U8 = sprites.OPEN_EYES, mouth: U8 = drawn.LINE, raised: float = 0, bow: float = -3) -> U8:
    """The figure with strong brows over its fringe."""
    brows = [drawn.arc(x, drawn.EYES - 26 - raised, 17, bow, 6, drawn.INK) for x in (drawn.RIGHT, drawn.LEFT)]
    return drawn.over(drawn.BACK, drawn.BODY, drawn.HEAD, eyes, mouth, drawn.FRINGE, *brows)


FACES = {
    "neutral": face(),
    "joy": face(mouth=SMILE, raised=7, bow=-6),
    "anger": face(mouth=sprites.FROWN, raised=-6, bow=5),
    "sadness": face(mouth=sprites.FROWN, raised=8, bow=4),
    "surprise": face(mouth=TALL, raised=12, bow=-8),
}
SHUT = {"amusement": face(sprites.SHUT_EYES, SMILE, 7, -6)}
SETS = {
    "with a blink": FACES | SHUT | {"blink": face(sprites.SHUT_EYES)},
    "with eyes shut in one": FACES | SHUT,
    "with the same eyes in all": FACES,
}


def taken(tmp_path: Path, name: str) -> tuple[Source, Looks]:
    artwork = read_artwork(sprites.pack(tmp_path / "girl", SETS[name]))
    made = make(artwork.source, "Girl", artwork.given, {}, artwork.extras)
    write(made, tmp_path / "made", "girl", Corrections(), None, False)
    return artwork.source, Looks(tmp_path / "made")


@pytest.mark.parametrize("name", SETS)
def test_the_mouth_lies_below_both_eyes_and_the_set_is_compared(tmp_path: Path, name: str) -> None:
    source, looks = taken(tmp_path, name)
    assert not [line for line in source.warnings if "compared" in line]
    mouth = looks.mouth
    assert mouth.y > drawn.EYES + 15
    assert mouth.y <= drawn.MOUTH < LOWEST <= mouth.y + mouth.height
    assert abs(mouth.x + mouth.width / 2 - 100) < 4
    inside, outside = differ_within(looks.rest, looks.visemes["aa"], mouth)
    assert inside > 60
    assert outside == 0
    changed = np.abs(looks.plain.astype(int) - looks.lids["closed"]).max(axis=-1) > 12
    for x in (drawn.RIGHT, drawn.LEFT):
        assert changed[drawn.EYES - 6 : drawn.EYES + 7, x - 6 : x + 7].mean() > 0.7


def test_of_a_mouth_that_one_face_alone_opens_so_far_nothing_stays_below_the_lips(tmp_path: Path) -> None:
    """What that face changes beside its mouth would show a second one, once it shuts."""
    _, looks = taken(tmp_path, "with the same eyes in all")
    slot = next(slot for slot in looks.character.slots if slot.name == "expression")
    lowest = max(d.offset[1] + d.region.height for d in slot.drawings if d.region.width > 1)
    assert lowest < drawn.MOUTH


def test_what_no_picture_confirms_is_told_as_a_guess(tmp_path: Path) -> None:
    """The plain picture shows no eyes: a mask, of which patches differ where a face has them."""
    mask = drawn.over(drawn.BACK, drawn.BODY, drawn.ellipse(100, 120, 52, 62, drawn.INK))

    def changed(eyes: int, mouth: int) -> U8:
        spots = [drawn.ellipse(x, drawn.EYES, 12, eyes, (110, 60, 70)) for x in (drawn.RIGHT, drawn.LEFT)]
        return drawn.over(mask, *spots, drawn.ellipse(100, drawn.MOUTH, 14, mouth, (110, 60, 70)))

    faces = {"neutral": mask, "joy": changed(10, 8), "anger": changed(8, 5)}
    source = read_artwork(sprites.pack(tmp_path / "girl", faces)).source
    assert [line for line in source.warnings if line.startswith("eyes and mouth: guessed from where")]


@pytest.mark.parametrize("name", SETS)
def test_what_the_plain_picture_confirms_is_no_guess(tmp_path: Path, name: str) -> None:
    artwork = read_artwork(sprites.pack(tmp_path / "girl", SETS[name]))
    assert not artwork.source.warnings


LAUGHING = drawn.over(
    *(drawn.arc(x, drawn.EYES + 4, 14, -6, 3, drawn.INK) for x in (drawn.RIGHT, drawn.LEFT))
)


@pytest.mark.parametrize(
    ("eyes", "lids"), [(sprites.SHUT_EYES, "amusement"), (LAUGHING, "made"), (sprites.NARROW, "made")]
)
def test_eyes_that_one_face_has_shut_are_the_lids_of_all(tmp_path: Path, eyes: U8, lids: str) -> None:
    faces = FACES | {"amusement": face(eyes, SMILE, 7, -6)}
    artwork = read_artwork(sprites.pack(tmp_path / "girl", faces))
    assert {path[0] for path, label in artwork.given.items() if label.role == "eye"} == {lids}


def test_lids_that_a_face_has_shut_leave_its_brows_to_it(tmp_path: Path) -> None:
    _, looks = taken(tmp_path, "with eyes shut in one")
    at_face = slice(drawn.EYES - 45, drawn.EYES + 25), slice(55, 145)
    apart = np.abs(looks.lids["closed"].astype(int) - face(sprites.SHUT_EYES)).max(axis=-1)
    assert (apart[at_face] > 12).sum() < 8
