"""Lids of whole pictures, where the eye is not drawn on layers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import mien
from importing import drawn
from importing.drawn import EYES, LEFT
from importing.looks import Looks
from mien.importing.flatten import Picture
from mien.importing.pictures.lifting_eyes import lids, lift_eye, look, place_about
from mien.importing.pictures.plates import Lifted, cut
from mien.importing.whole import import_art
from mien.motion.still import still_pose
from mien.stage.picture import Portrait
from mien.stage.straight import straight
from mien.types import F64, U8, Bools, Rect, Size

FACES = {"neutral": "neutral", "joy": "happy", "sadness": "sad", "anger": "angry", "surprise": "surprised"}
"""What pictures of a pack are called -> the expression that each shows."""
SKIN = np.asarray(drawn.SKIN, float)


def solid(high: int, wide: int) -> U8:
    pixels = np.full((high, wide, 4), 255, np.uint8)
    pixels[..., :3] = drawn.SKIN
    return pixels


def line_of(lid: Picture) -> tuple[F64, F64]:
    """Columns in which the dark line of a lid lies, and the row of its middle in each."""
    dark = (lid.pixels[..., 3] > 128) & (lid.pixels[..., :3].astype(int).sum(axis=-1) < 300)
    columns = np.flatnonzero(dark.any(axis=0))
    rows = np.arange(dark.shape[0])[:, None]
    return columns.astype(float), ((rows * dark).sum(axis=0) / np.maximum(1, dark.sum(axis=0)))[columns]


@pytest.mark.parametrize("teeth", [0, 6, 12])
def test_a_shut_lid_lies_in_one_bow_whatever_the_lower_edge_is_like(teeth: int) -> None:
    """Of an eye the lower edge of which goes up and down by so many rows."""
    high, wide = 60, 90
    ink = np.zeros((high, wide, 4), np.uint8)
    across = (np.arange(wide) - wide / 2) / (wide / 2)
    lower = 30 + 20 * (1 - across**2) - teeth * (np.arange(wide) // 15 % 2)
    rows = np.arange(high)[:, None]
    ink[(rows >= 12) & (rows <= lower[None, :])] = (*drawn.INK, 255)
    line = lids(Lifted(Picture(solid(high, wide), (0, 0)), Picture(ink, (0, 0))), "left")["closed"]
    columns, middle = line_of(line)
    inner = slice(len(columns) // 8, -(len(columns) // 8))
    curve = np.polyfit(columns[inner], middle[inner], 2)
    assert np.abs(np.polyval(curve, columns[inner]) - middle[inner]).max() < 1.0
    assert curve[0] < 0  # its middle hangs


def light_eye() -> U8:
    """A face of which the lashes alone are dark: the iris is pale and ends in no line."""
    pale = drawn.ellipse(LEFT, EYES + 4, 9, 11, (190, 215, 150))
    eye = drawn.over(drawn.ellipse(LEFT, EYES + 3, 14, 12, drawn.WHITE), pale, drawn.lash(LEFT))
    return drawn.over(drawn.HEAD, eye)


def test_the_lid_of_an_eye_of_which_the_lashes_alone_are_dark_covers_all_of_it() -> None:
    face = light_eye()
    lifted = lift_eye(face, Rect(LEFT - 17, EYES - 16, 34, 34), SKIN)
    assert lifted is not None
    x, y = lifted.ink.offset
    inside = lifted.ink.pixels[..., 3] > 0
    covered = np.zeros(face.shape[:2], bool)
    covered[y : y + inside.shape[0], x : x + inside.shape[1]] = inside
    far = np.abs(face[..., :3].astype(int) - drawn.SKIN).sum(axis=-1) > 60
    iris = far & (np.hypot(*np.ogrid[-EYES : face.shape[0] - EYES, -LEFT : face.shape[1] - LEFT]) < 16)
    middle = slice(LEFT - 6, LEFT + 7)
    assert (covered & iris)[:, middle].sum() > 0.97 * iris[:, middle].sum()


@pytest.mark.parametrize(("name", "high"), [("wren", 700), ("mizzle", 700), ("mizzle", 1100)])
def test_shut_lids_of_a_pack_hide_the_whole_iris_where_brows_and_upper_lids_differ_alone(
    tmp_path: Path, name: str, high: int
) -> None:
    (tmp_path / "pack").mkdir()
    with Portrait(mien.bundled("characters", name), high) as portrait:
        own = portrait.character
        for label, expression in FACES.items():
            pose = still_pose(own, expression)
            pose.channels[:] = 0
            Image.fromarray(straight(portrait.draw(pose))).save(tmp_path / "pack" / f"{label}.png")
    import_art(tmp_path / "pack", tmp_path / "made")
    looks = Looks(tmp_path / "made")
    changed = np.abs(looks.plain.astype(int) - looks.lids["closed"]).max(axis=-1) > 12
    irises = [slot.drawings[slot.default] for slot in own.slots if slot.name.startswith("iris_")]
    assert len(irises) == 2
    scale = high / own.canvas.height
    for iris in irises:
        x, y, wide, tall = (round(scale * value) for value in (*iris.offset, *iris.region[2:]))
        inner = changed[y + tall // 4 : y + tall - tall // 8, x + wide // 4 : x + wide - wide // 4]
        assert inner.mean() > 0.95


def muzzled() -> U8:
    """A face of two colours: the mouth lies on a muzzle that is paler than the skin at the eyes."""
    muzzle = drawn.ellipse(100, drawn.MOUTH + 6, 40, 26, (255, 235, 225))
    return drawn.over(
        drawn.ellipse(100, 120, 52, 62, (240, 150, 170)), muzzle, drawn.LINE, drawn.whole_eye(LEFT)
    )


def test_a_lid_has_the_colour_of_the_skin_at_the_eye_also_where_that_at_the_mouth_is_another() -> None:
    muzzle = np.asarray((255.0, 235.0, 225.0))
    lifted = lift_eye(muzzled(), Rect(LEFT - 19, EYES - 17, 38, 34), muzzle)
    assert lifted is not None
    x, y = lifted.plate.offset
    middle = lifted.plate.pixels[EYES - y - 4 : EYES - y + 5, LEFT - x - 6 : LEFT - x + 7, :3]
    assert np.abs(middle.astype(int) - (240, 150, 170)).sum(axis=-1).max() < 40
    # All of the white is hidden, though its lower edge is no line.
    inside = lifted.ink.pixels[..., 3] > 0
    assert inside[EYES - y + 9, LEFT - x]


def test_tips_of_lashes_beyond_the_eye_are_covered_with_it() -> None:
    face = light_eye()
    for column, thick in enumerate((5, 4, 4, 3, 3, 2, 2, 1), 14):  # a tip that grows thinner to the temple
        face[EYES - 4 : EYES - 4 + thick, LEFT + column] = (*drawn.INK, 255)
    lifted = lift_eye(face, Rect(LEFT - 17, EYES - 16, 34, 34), SKIN)
    assert lifted is not None
    shut = lids(lifted, "left")["closed"].within(Rect(0, 0, *drawn.SIZE))
    assert shut[EYES - 4, LEFT + 14 : LEFT + 22, 3].min() > 150


def test_hair_at_the_temple_stays_before_the_lids() -> None:
    face, hair = light_eye(), (200, 90, 45, 255)
    face[:, LEFT + 11 :] = hair
    lifted = lift_eye(face, Rect(LEFT - 17, EYES - 16, 34, 34), SKIN)
    assert lifted is not None
    for state, lid in lids(lifted, "left").items():
        seen = lid.within(Rect(0, 0, *drawn.SIZE))[:, LEFT + 14 :]
        assert not (seen[..., 3] > 60).any(), state


def test_a_wide_eye_of_a_picture_is_raised_over_itself_without_skin_around_it() -> None:
    face = light_eye()
    lifted = lift_eye(face, Rect(LEFT - 17, EYES - 16, 34, 34), SKIN)
    assert lifted is not None
    whole = Rect(0, 0, *drawn.SIZE)
    wide = lids(lifted, "left")["wide"].within(whole)
    shown = drawn.over(face, wide)
    was, now = (
        ((picture[..., :3].sum(axis=-1, dtype=int) < 300) & (picture[..., 3] > 128))[:, LEFT].argmax()
        for picture in (face, shown)
    )
    assert was - now >= 2
    below = shown[EYES + 12 :].astype(int) - face[EYES + 12 :]
    assert np.abs(below).max() < 40, "where it ends nothing changes"


HAIR = (200, 90, 45)
LOCK = 40
"""Width of a lock of hair where it comes into a part of a picture, in pixels."""


def large_eye(hair: tuple[int, ...] | None, tip: int = 118) -> tuple[U8, Bools]:
    """An eye on skin, (200, 240), with its box about (120, 110), and where a lock of hair hangs before it:
    down to a tip, in a colour, without an outline."""
    middle = 120, 110
    face = np.full((200, 240, 4), 255, np.uint8)
    face[..., :3] = drawn.SKIN
    rows, columns = np.mgrid[0:200, 0:240]

    def paint(wide: float, high: float, colour: tuple[int, ...]) -> None:
        face[((columns - middle[0]) / wide) ** 2 + ((rows - middle[1]) / high) ** 2 <= 1, :3] = colour

    paint(50, 36, drawn.INK)
    paint(44, 30, drawn.WHITE)
    paint(22, 28, (40, 110, 190))
    paint(10, 14, drawn.INK)
    lock = np.zeros(face.shape[:2], bool)
    if hair is not None:
        lock = (rows <= tip) & (np.abs(columns - 112) <= LOCK / 2 * (1 - rows / tip))
        face[lock, :3] = hair
        face[:, 222:, :3] = hair
    return face, lock


EYE_BOX = Rect(66, 72, 108, 76)


def test_hair_that_hangs_before_an_eye_stays_before_every_lid() -> None:
    face, lock = large_eye(HAIR)
    lifted = lift_eye(face, EYE_BOX, SKIN)
    assert lifted is not None
    made = lids(lifted, "left")
    inner = lock.copy()
    inner[:, 1:-1] = lock[:, 2:] & lock[:, :-2]  # its edge is mixed with what is behind it
    for state, lid in made.items():
        shown = drawn.over(face, lid.within(Rect(0, 0, 240, 200)))
        apart = np.abs(shown[..., :3].astype(int) - HAIR).sum(axis=-1)[inner]
        assert np.percentile(apart, 97) < 60, state
    # Beside the lock nothing of the eye is left.
    shut = drawn.over(face, made["closed"].within(Rect(0, 0, 240, 200)))[70:126, 66:174].astype(int)
    rest = np.abs(shut[..., :3] - drawn.SKIN).sum(axis=-1)
    near = np.zeros(lock.shape, bool)
    near[:, 2:-2] = lock[:, 4:] | lock[:, :-4] | lock[:, 2:-2]
    assert np.mean(rest[~near[70:126, 66:174]] > 90) < 0.14, "the line of the lashes alone"


def test_the_skin_of_a_lid_is_that_beside_the_eye_also_next_to_hair() -> None:
    """Hair of a colour that is near that of skin, with soft edges."""
    face, _ = large_eye(None)
    for column, share in enumerate((0.25, 0.5, 0.75), 168):
        face[:, column, :3] = np.rint((1 - share) * SKIN + share * np.asarray((222, 160, 120)))
    face[:, 171:, :3] = (222, 160, 120)
    lifted = lift_eye(face, EYE_BOX, SKIN)
    assert lifted is not None
    plate = lifted.plate.pixels
    assert np.abs(plate[plate[..., 3] > 250][:, :3].astype(int) - drawn.SKIN).sum(axis=-1).max() < 12


def test_the_rim_of_glasses_about_an_eye_stays() -> None:
    face, _ = large_eye(None)
    rows, columns = np.mgrid[0:200, 0:240]
    out = np.hypot((columns - 120) / 56, (rows - 108) / 46)
    rim = (np.abs(out - 1) < 0.06) | ((np.abs(rows - 108) < 4) & (out > 1))  # it touches the lashes
    face[rim, :3] = (225, 170, 60)
    lifted = lift_eye(face, EYE_BOX, SKIN)
    assert lifted is not None
    for state, lid in lids(lifted, "left").items():
        shown = drawn.over(face, lid.within(Rect(0, 0, 240, 200)))
        changed = np.abs(shown[rim].astype(int) - face[rim]).sum(axis=-1) > 60
        assert changed.sum() < 0.02 * rim.sum(), state


def test_the_white_of_an_eye_is_covered_on_skin_that_is_nearly_as_pale() -> None:
    """Its soft edge leads to the skin by small steps, and no line lies between both."""
    pale, white = np.asarray((248.0, 233.0, 223.0)), np.asarray((250.0, 253.0, 255.0))
    rows, columns = np.mgrid[0:800, 0:960] / 4
    out = np.hypot((columns - 120) / 50, (rows - 110) / 36)
    face = np.where(out[..., None] <= 1, white, pale)
    face[np.hypot((columns - 120) / 24, (rows - 110) / 34) <= 1] = (40, 110, 60)
    face[(out > 0.86) & (out < 1.1) & (rows < 100)] = drawn.INK
    soft = np.full((200, 240, 4), 255, np.uint8)
    soft[..., :3] = np.rint(face.reshape(200, 4, 240, 4, 3).mean(axis=(1, 3)))
    lifted = lift_eye(soft, EYE_BOX, pale)
    assert lifted is not None
    shut = lids(lifted, "left")["closed"].within(Rect(0, 0, 240, 200))
    is_white = out.reshape(200, 4, 240, 4).max(axis=(1, 3)) <= 1
    assert (shut[is_white, 3] > 250).all()


def part_of(face: U8) -> tuple[U8, Rect]:
    place = place_about(EYE_BOX, Size(face.shape[1], face.shape[0]))
    return cut(face, place), place


def test_lids_cover_the_eye_also_where_it_is_larger_in_another_face() -> None:
    face, _ = large_eye(None)
    wide = face.copy()
    rows, columns = np.mgrid[0:200, 0:240]
    larger = np.hypot((columns - 120) / 50, (rows - 106) / 40) <= 1
    wide[larger & (rows < 100), :3] = drawn.INK
    other = look(*part_of(wide), EYE_BOX, SKIN)
    assert other is not None
    lifted = lift_eye(face, EYE_BOX, SKIN, [other])
    assert lifted is not None
    shut = lids(lifted, "left")["closed"].within(Rect(0, 0, 240, 200))
    assert (shut[larger, 3] > 250).all()


def test_a_brow_that_one_face_has_lower_lies_before_its_lids() -> None:
    face, _ = large_eye(None)
    frown = face.copy()
    rows, columns = np.mgrid[0:200, 0:240]
    eye = np.hypot((columns - 120) / 50, (rows - 110) / 36) <= 1
    frown[rows < 96, :3] = drawn.SKIN
    frown[eye & (rows >= 96) & (rows < 102), :3] = drawn.INK
    brow = (np.abs(rows - 62 - 0.16 * columns) < 4) & (columns > 24) & (columns < 136)
    frown[brow, :3] = HAIR
    lifted = lift_eye(face, EYE_BOX, SKIN)
    part, place = part_of(frown)
    other = look(part, place, EYE_BOX, SKIN)
    assert lifted is not None
    assert other is not None
    before = other.before(part, lifted.plate.pixels[..., 3] > 128)
    assert before is not None
    shut = lids(lifted, "left")["closed"].within(Rect(0, 0, 240, 200))
    assert (shut[brow, 3] > 250).any(), "the lid would cover some of it"
    shown = drawn.over(frown, shut, Picture(before, (place.x, place.y)).within(Rect(0, 0, 240, 200)))
    assert np.abs(shown[brow, :3].astype(int) - HAIR).max() < 30
    rest = np.abs(shown[eye & (rows < 110) & (rows > 62 + 0.16 * columns + 6), :3].astype(int) - drawn.SKIN)
    assert rest.max() < 30, "and no more than the brow"


def test_the_line_of_a_round_eye_that_is_shut_is_no_hook() -> None:
    rows, columns = np.mgrid[0:120, 0:100]
    ink = np.zeros((120, 100, 4), np.uint8)
    ink[((columns - 50) / 36) ** 2 + ((rows - 56) / 44) ** 2 <= 1] = (*drawn.INK, 255)
    line = lids(Lifted(Picture(solid(120, 100), (0, 0)), Picture(ink, (0, 0))), "left")["closed"]
    columns_of, middle = line_of(line)
    assert np.ptp(middle) < 0.3 * np.ptp(columns_of)


@pytest.mark.parametrize("wide", [24, 38, 39])
def test_an_eye_whose_lashes_are_a_level_bar_has_lids(wide: int) -> None:
    face = np.full((80, 120, 4), 255, np.uint8)
    face[..., :3] = drawn.SKIN
    face[30:46, 40 : 40 + wide, :3] = drawn.WHITE
    face[30:46, 40 + wide // 3 : 40 + 2 * wide // 3, :3] = (60, 110, 190)
    face[30:33, 40 : 40 + wide, :3] = drawn.INK
    lifted = lift_eye(face, Rect(38, 28, wide + 4, 20), SKIN)
    assert lifted is not None
    shut = drawn.over(face, lids(lifted, "left")["closed"].within(Rect(0, 0, 120, 80)))
    middle = shut[30:36, 40 + wide // 2, :3].astype(int)
    assert np.abs(middle - drawn.SKIN).sum(axis=-1).max() < 60, "the bar has come down"
