"""Packs of whole pictures: read once each, eyes found in large ones, and a table that says what is so."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from importing import drawn, sprites
from mien.importing.flatten import Picture
from mien.importing.kinds import read_artwork
from mien.importing.make import Made, make
from mien.importing.mouth_curves import bowed, outline_of
from mien.importing.mouth_making import _VOWELS, _vowel
from mien.importing.pictures import packs
from mien.importing.pictures.about_eyes import reached
from mien.importing.pictures.differences import components, grown_mask
from mien.importing.pictures.places import find_places, mouth_below
from mien.types import I32, U8, Bools, Rect

ARCHED = drawn.over(*(drawn.arc(x, drawn.EYES + 4, 14, -7, 3, drawn.INK) for x in (drawn.RIGHT, drawn.LEFT)))
"""Eyes that laugh."""
LAUGHING = sprites.face(ARCHED, drawn.WIDE)


def made_of(folder: Path, faces: dict[str, U8]) -> Made:
    artwork = read_artwork(sprites.pack(folder, faces))
    return make(artwork.source, "Girl", artwork.given, {}, artwork.extras)


def test_each_picture_of_a_pack_is_decoded_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    decoded: list[str] = []
    decode = packs.decode_raster

    def counted(data: bytes, name: str) -> U8:
        decoded.append(name)
        return decode(data, name)

    monkeypatch.setattr(packs, "decode_raster", counted)
    # Room for two, as for large ones.
    monkeypatch.setattr("mien.importing.pictures.frames._KEPT", 8 * drawn.SIZE[0] * drawn.SIZE[1])
    read_artwork(sprites.pack(tmp_path / "girl"))
    assert sorted(decoded) == sorted({*decoded})
    assert len(decoded) == len(sprites.FACES)


@pytest.mark.parametrize("blink", [False, True])
def test_a_face_whose_own_eyes_are_shut_does_not_blink(tmp_path: Path, blink: bool) -> None:
    """Its arch would show below the lid that comes."""
    own = {"blink": sprites.face(sprites.SHUT_EYES)} if blink else {}
    made = made_of(tmp_path / "girl", {**sprites.FACES, "amusement": LAUGHING, **own})
    assert made.document["expressions"]["amusement"]["override_blink"] == "block"
    others = [entry for name, entry in made.document["expressions"].items() if name != "amusement"]
    assert not [entry for entry in others if "override_blink" in entry]


def test_a_pack_that_has_eyes_shut_in_another_pose_alone_is_taken(tmp_path: Path) -> None:
    moved = np.roll(LAUGHING, 40, axis=1)
    made = made_of(tmp_path / "girl", {**sprites.FACES, "amusement_blink": moved})
    assert {"joy", "anger", "surprise"} <= {*made.document["expressions"]}


def test_a_table_has_each_picture_once_and_calls_nothing_given_that_was_made(tmp_path: Path) -> None:
    made = made_of(tmp_path / "girl", sprites.FACES)
    rows = [(row.layer, row.became) for row in made.rows]
    assert len(rows) == len({*rows})
    given = {row.became for row in made.rows if row.layer}
    assert not given & {row.became for row in made.rows if row.status == "made"}
    known = {row.layer: row for row in made.rows if row.layer}
    assert known["neutral"].became == "figure"
    assert known["anger"].became == "expression: anger, before_lids: anger"
    assert "the plain face" in known["joy/mouth"].why  # it lends it its open mouth
    lids = [row for row in made.rows if row.became.startswith("eye_shut")]
    assert [row.became.partition(":")[0] for row in lids] == ["eye_shut_left", "eye_shut_right"]
    assert {row.why for row in lids} == {"of the eye in neutral"}


def test_a_guess_is_told_once_with_the_numbers_to_mend(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for where in ("seeking.eyes_above", "work.face_in"):  # the plain picture tells nothing
        monkeypatch.setattr(f"mien.importing.pictures.{where}", lambda *_: None)
    made = made_of(tmp_path / "girl", sprites.FACES)
    assert not [row for row in made.rows if "unsure" in row.why]
    mouths = [row for row in made.rows if row.layer.endswith("/mouth")]
    assert {row.status for row in mouths} == {"guessed"}
    (told,) = [line for line in made.remarks if "guessed" in line]
    assert "eyes and mouth: guessed" in told
    assert all(f"{name} = [" in told for name in ("eye_right", "eye_left", "mouth"))
    boxes = {
        name: Rect(*(int(number) for number in told.split(f"{name} = [")[1].split("]")[0].split(", ")))
        for name in ("eye_right", "eye_left", "mouth")
    }
    again = read_artwork(tmp_path / "girl", boxes)
    assert not [line for line in again.source.warnings if "guessed" in line]


def votes_of(*boxes: Rect) -> I32:
    """A large set of which five faces differ in these places."""
    votes = np.zeros((2000, 1300), np.int32)
    for box in boxes:
        votes[box.y : box.y + box.height, box.x : box.x + box.width] = 5
    return votes


RIGHT, LEFT, MOUTH = Rect(440, 430, 110, 90), Rect(640, 430, 110, 90), Rect(555, 640, 80, 40)


def test_eyes_of_a_large_set_are_found_though_a_few_pixels_differ_anywhere() -> None:
    strays = (Rect(3, 3, 9, 9), Rect(1285, 1980, 9, 9))
    found = find_places(votes_of(RIGHT, LEFT, MOUTH, *strays), 5)
    for one, other in ((found.right, RIGHT), (found.left, LEFT)):
        assert abs(one.x + one.width / 2 - other.x - other.width / 2) < 20
        assert abs(one.y + one.height / 2 - other.y - other.height / 2) < 30


def test_a_mouth_has_neither_what_lies_below_it_nor_a_blush_that_runs_into_it() -> None:
    votes = votes_of(RIGHT, LEFT, MOUTH)
    alone = mouth_below(votes, RIGHT, LEFT)
    votes[720:740, 570:620] = 1  # the chin, in one face
    votes[570:660, 540:600] = np.maximum(votes[570:660, 540:600], 1)
    assert mouth_below(votes, RIGHT, LEFT) == alone


def test_what_hangs_together_is_what_a_walk_reaches() -> None:
    noise = np.random.default_rng(7)
    within = noise.random((40, 50)) < 0.62
    within[20] = True
    seed = np.zeros_like(within)
    seed[20, 25] = True
    walked, count = seed.copy(), 0
    while count != (count := int(walked.sum())):
        padded = np.pad(walked, 1)
        near = padded[:-2, 1:-1] | padded[2:, 1:-1] | padded[1:-1, :-2] | padded[1:-1, 2:]
        walked |= near & within
    assert (reached(seed, within, None, 0.0) == walked).all()
    assert walked.sum() > 100


def test_parts_touch_at_corners_too() -> None:
    mask: Bools = np.zeros((60, 60), bool)
    mask[:10, 50:] = mask[10:20, 40:50] = mask[30:40, 5:15] = mask[30:44, 45:59] = True
    found = components(mask, 2)
    assert [(tuple(one.box), one.count) for one in found] == [
        ((40, 0, 20, 20), 200),
        ((45, 30, 14, 14), 196),
        ((5, 30, 10, 10), 100),
    ]


@pytest.mark.parametrize("by", [1, 2, 3, 5, 8])
def test_a_mask_grows_by_a_square(by: int) -> None:
    mask = np.zeros((30, 40), bool)
    mask[0, 7] = mask[15, 20] = True
    grown = grown_mask(mask, by)
    rows, columns = np.mgrid[0:30, 0:40]
    near = [(abs(rows - y) <= by) & (abs(columns - x) <= by) for y, x in ((0, 7), (15, 20))]
    assert (grown == (near[0] | near[1])).all()


BLUNT = drawn.ellipse(100, 150, 37, 26, drawn.LIPS)
"""As high at its ends as a mouth that is drawn with a round brush."""


def haloed(mouth: U8) -> Picture:
    """The same with the faint edge that scaling leaves."""
    pixels = mouth.copy()
    faint = grown_mask(mouth[..., 3] > 0, 2) & (mouth[..., 3] == 0)
    pixels[faint] = (*drawn.LIPS, 6)
    return Picture(pixels, (0, 0))


def test_vowels_of_a_blunt_mouth_have_round_ends() -> None:
    made = _vowel(haloed(BLUNT), _VOWELS["I"], 9.0).trimmed_to_itself()
    high = (made.pixels[..., 3] > 128).sum(axis=0)
    columns = np.flatnonzero(high)
    assert high[columns[:2]].max() < 0.5 * high.max()
    assert high[columns[-2:]].max() < 0.5 * high.max()


def test_smiles_of_an_open_mouth_have_sharp_lips_though_it_has_a_faint_edge_around_it() -> None:
    outline = outline_of(haloed(BLUNT), may_be_shut=False)
    assert outline is not None
    alpha = bowed(outline, 0.07, 0.05, (1.0, 0.6), 4.0).pixels[..., 3]
    partly = (alpha > 12) & (alpha < 243)
    assert partly.sum() < 2.5 * outline.box.width  # one at each lip; at steep corners some more
