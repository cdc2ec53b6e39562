"""Hidden folders that hold a face of one mood become the brows, the mouth and the eyes of that mood."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from importing import drawn
from importing.drawn import Thing
from mien.art import load_character
from mien.art.looks import expression_state
from mien.importing.layered import read_source
from mien.importing.make import Made, make
from mien.importing.mapping import given_labels
from mien.importing.whole import import_art
from mien.types import U8

FROWN = drawn.arc(100, drawn.MOUTH + 4, 12, -4, 3, drawn.LIPS)
SNEER = drawn.arc(100, drawn.MOUTH + 2, 9, -2, 4, drawn.LIPS)
SMILE = drawn.arc(100, drawn.MOUTH - 2, 14, 6, 3, drawn.LIPS)
BLUSH = drawn.ellipse(100, 140, 40, 8, (230, 120, 120))


def raised(x: float, up: float) -> U8:
    return drawn.arc(x, drawn.EYES - 20 - up, 14, -6, 4, drawn.INK)


def brows(up: float) -> tuple[Thing, ...]:
    return (Thing("brow L", raised(drawn.LEFT, up)), Thing("brow R", raised(drawn.RIGHT, up)))


def eyes(draw: Any, name: str = "eye") -> tuple[Thing, ...]:
    return (Thing(f"{name} L", draw(drawn.LEFT)), Thing(f"{name} R", draw(drawn.RIGHT)))


def narrow(x: float) -> U8:
    """An eye that is drawn open, with a lid over its upper half."""
    return drawn.over(drawn.whole_eye(x), drawn.arc(x, drawn.EYES - 7, 14, 0, 8, (200, 40, 200)))


def squinting(x: float) -> U8:
    """An eye that is drawn as flat as a shut one, with its white."""
    eye = drawn.whole_eye(x)
    eye[: drawn.EYES - 4] = eye[drawn.EYES + 4 :] = 0
    return eye


def face(name: str, *inside: Thing) -> Thing:
    """A hidden folder."""
    return Thing(name, inside=inside, visible=False)


ANGRY = face("Angry", *brows(-4), Thing("mouth", SNEER))
SAD = face("Sad face", *brows(3), Thing("mouth closed", FROWN), Thing("mouth open", drawn.ROUND))
HAPPY = face("Happy", Thing("mouth", SMILE), *eyes(drawn.shut_eye), Thing("blush", BLUSH))


def made_of(tmp_path: Path, *things: Thing, **given: str) -> Made:
    source = read_source(drawn.psd(tmp_path / "a.psd", things))
    layers = {name.replace("__", "/").replace("_", " "): what for name, what in given.items()}
    return make(source, "Somebody", given_labels(layers, source, "map.toml"))


def shown(made: Made, expression: str) -> dict[str, Any]:
    found: dict[str, Any] = made.document["expressions"][expression]
    return found


def drawings(made: Made, slot: str) -> list[str]:
    return next(one["drawings"] for one in made.document["slot"] if one["name"] == slot)


def at_rest(made: Made, slot: dict[str, Any]) -> bytes:
    """What a slot shows at rest; nothing where that is clear."""
    drawing = slot.get("default", slot["drawings"][0])
    picture = made.pictures.get(f"parts/{slot['name']}/{drawing}.png") if drawing else None
    if picture is None or not picture.pixels[..., 3].any():
        return b""
    return bytes(f"{picture.offset} {picture.pixels.shape}", "ascii") + picture.pixels.tobytes()


def test_an_expression_shows_what_the_folder_of_its_mood_draws(tmp_path: Path) -> None:
    made = made_of(tmp_path, ANGRY, SAD, HAPPY, *drawn.plain())
    for name in ("angry", "sad"):
        picks = shown(made, name)["slots"]
        assert sorted(picks.values()) == [name, name]
    # Each has a mouth of its own, also of two that frown.
    assert (shown(made, "sad")["mood"], shown(made, "angry")["mood"]) == ("sad", "angry")
    moods = made.document["mouth"]["moods"]
    assert moods["angry"]["angry_sil"] and moods["sad"]["sad_sil"] and moods["sad"]["sad_aa"]
    assert {"aa", "E", "O"} <= {viseme for said in moods["angry"].values() for viseme in said}
    assert shown(made, "happy")["mood"] == shown(made, "joy")["mood"] == "happy"
    assert shown(made, "relaxed")["mood"] == "smile"
    assert shown(made, "joy")["lids"] == "happy"
    assert "blush" in shown(made, "joy")["slots"] and "blush" not in shown(made, "embarrassed").get(
        "slots", {}
    )
    rows = {row.layer: row for row in made.rows}
    assert rows["Sad face/mouth closed"].why == "by its name and that of its folder"
    assert rows["Happy/eye L"].became == "eye_shut_left: happy"
    assert "mouth" in rows["mouth"].became and rows["mouth"].status == "mapped"


@pytest.mark.parametrize("name", ["mouth", "mouth closed"])
def test_the_plain_face_is_as_without_them(tmp_path: Path, name: str) -> None:
    things = tuple(one.called(name) if one.name == "mouth" else one for one in drawn.plain())
    angry = face("Angry", *brows(-4), Thing("mouth closed", SNEER), *eyes(narrow, "angry eye"))
    plain, moods = made_of(tmp_path, *things), made_of(tmp_path, angry, HAPPY, *things)
    rest = [made.document["mouth"]["moods"]["neutral"] for made in (plain, moods)]
    assert rest[0] == rest[1]
    shown = [{slot["name"]: at_rest(made, slot) for slot in made.document["slot"]} for made in (plain, moods)]
    assert {**shown[1], **shown[0]} == shown[1]
    assert not any(shown[1][name] for name in shown[1].keys() - shown[0].keys())


def test_open_eyes_lean_and_closed_ones_beside_them_stay_hidden(tmp_path: Path) -> None:
    shut = Thing("eyes closed", drawn.over(drawn.shut_eye(75), drawn.shut_eye(125)))
    mad = face("Mad", *eyes(narrow, "angry eye"), shut)
    made = made_of(tmp_path, mad, face("Crying", *eyes(narrow)), *drawn.plain())
    rows = {row.layer: row for row in made.rows}
    assert rows["Mad/angry eye L"].became == "eye_shut_left: stern"
    assert rows["Crying/eye L"].became == "eye_shut_left: sorry"
    assert rows["Mad/eyes closed"].status == "hidden"
    assert (shown(made, "angry")["lids"], shown(made, "sad")["lids"]) == ("stern", "sorry")


@pytest.mark.parametrize("mood", ["thinking", "embarrassed", "relaxed"])
def test_eyes_of_other_moods_are_shown_by_these_and_flat_ones_do_not_blink(tmp_path: Path, mood: str) -> None:
    for draw, blinks in ((narrow, "none"), (squinting, "none"), (drawn.shut_eye, "block")):
        things = (face(mood.title(), *eyes(draw), Thing("mouth", SNEER)), face("Happy", *eyes(narrow)))
        made = made_of(tmp_path, *things, *drawn.plain())
        own = shown(made, mood)
        assert own["lids"] == mood and own.get("override_blink", "none") == blinks
        rows = {row.layer: row.became for row in made.rows}
        assert rows[f"{mood.title()}/eye L"] == f"eye_shut_left: {mood}"
        # Open ones of `happy` are its own; those that laugh are shut, as they are made.
        assert (shown(made, "happy")["lids"], shown(made, "joy")["lids"]) == ("glad", "happy")
        assert {mood, "glad"} <= {*drawings(made, "eye_shut_left")}


def test_each_of_several_moods_keeps_its_own_shut_eyes(tmp_path: Path) -> None:
    things = (face("Sad", *eyes(drawn.shut_eye)), HAPPY, *drawn.plain())
    made = made_of(tmp_path, *things)
    assert (shown(made, "sad")["lids"], shown(made, "happy")["lids"]) == ("sad", "happy")


def test_flat_eyes_that_are_called_closed_are_those_of_the_mood(tmp_path: Path) -> None:
    things = (face("Happy", *eyes(drawn.shut_eye, "eye closed")), *drawn.plain())
    rows = {row.layer: row for row in made_of(tmp_path, *things).rows}
    assert rows["Happy/eye closed L"].became == "eye_shut_left: happy"


@pytest.mark.parametrize("at", [0, 99])
def test_eyes_of_a_mood_lie_where_the_plain_ones_do(tmp_path: Path, at: int) -> None:
    """Wherever its folder lies: below the fringe and above the face."""
    things = list(drawn.plain())
    things.insert(at, HAPPY)
    made = made_of(tmp_path, *things)
    order = [slot["name"] for slot in made.document["slot"]]
    for side in ("left", "right"):
        assert order.index("face") < order.index(f"eye_shut_{side}") < order.index("front_hair")


def test_folders_within_folders_and_what_somebody_says(tmp_path: Path) -> None:
    anger = Thing("Anger", inside=ANGRY.inside)
    bow = Thing("bow", drawn.ellipse(100, 40, 9, 9, drawn.LIPS))
    outer = face("Expressions", Thing("Set", inside=(anger, bow)), Thing("star", drawn.ROUND))
    made = made_of(tmp_path, outer, *drawn.plain())
    assert shown(made, "angry")["slots"]
    rows = {row.layer: row for row in made.rows}
    assert rows["Expressions/star"].status == rows["Expressions/Set/bow"].status == "hidden"
    given = made_of(tmp_path, ANGRY, *drawn.plain(), Angry__mouth="hidden")
    assert {row.layer: row for row in given.rows}["Angry/mouth"].status == "hidden"
    assert shown(given, "angry")["slots"]


def test_a_mouth_of_pieces_is_one_and_a_single_open_one_is_at_rest(tmp_path: Path) -> None:
    teeth = Thing("teeth", drawn.ellipse(100, drawn.MOUTH + 2, 6, 3, drawn.WHITE))
    shout = face("Angry", teeth, Thing("mouth open", drawn.WIDE))
    gasp = face("Surprised", Thing("mouth O", drawn.ROUND))
    made = made_of(tmp_path, shout, gasp, *drawn.plain())
    rows = {row.layer: row.became for row in made.rows}
    assert rows["Angry/mouth open"] == rows["Angry/teeth"]
    assert made.document["mouth"]["moods"]["surprised"]["surprised_sil"][0] == "sil"


def small(thing: Thing) -> Thing:
    """A folder, drawn a tenth as large in a corner."""
    inside = []
    for one in thing.inside:
        assert one.pixels is not None
        pixels = np.zeros_like(one.pixels)
        pixels[:26, :20] = one.pixels[::10, ::10]
        inside.append(Thing(one.name, pixels))
    return Thing(thing.name, inside=tuple(inside), visible=thing.visible)


@pytest.mark.parametrize("what", ["shown", "no face", "of eyes", "elsewhere"])
def test_other_folders_are_as_before(tmp_path: Path, what: str) -> None:
    folder = {
        "shown": Thing("Angry", inside=ANGRY.inside),
        "no face": face("Happy", Thing("hat", drawn.FRINGE)),
        "of eyes": face("happy eyes", *eyes(drawn.shut_eye, "line")),
        "elsewhere": small(ANGRY).hidden(),
    }[what]
    labels = made_of(tmp_path, folder, *drawn.plain()).labels
    assert not any(label.mood for label in labels.values())


def test_the_character_says_from_where_each_is(tmp_path: Path) -> None:
    import_art(drawn.psd(tmp_path / "a.psd", (ANGRY, *drawn.plain())), tmp_path / "made")
    character = load_character(tmp_path / "made").character
    told = "; ".join(expression_state(character, "angry").changes)
    assert "'Angry/mouth' as mouth angry, by its name and that of its folder" in told
    assert "'Angry/brow L' as brow left angry, by its name and that of its folder" in told


def test_what_somebody_says_of_layers_in_a_hidden_folder_takes_effect(tmp_path: Path) -> None:
    other = face("Smug", Thing("Blush", BLUSH), *brows(4), Thing("Mouth", SMILE))
    told = made_of(tmp_path, other, *drawn.plain()).remarks
    said = (
        "'Smug' holds a face, and its name says no known mood: it is one gesture, over the plain face; call"
    )
    assert told[0].startswith(said)
    given = made_of(tmp_path, other, *drawn.plain(), Smug__Blush="blush", Smug__Mouth="mouth smile")
    assert "Blush" in shown(given, "embarrassed")["slots"]
    assert given.remarks == ()
    rows = {row.layer: row for row in given.rows}
    assert (rows["Smug/Mouth"].status, rows["Smug/Mouth"].became) == ("given", "mouth: smile")
    assert rows["Smug/brow L"].status == "hidden"


def test_moods_beside_the_four_have_folders_too(tmp_path: Path) -> None:
    shy = face("Embarrassed", *brows(4), Thing("mouth", SMILE), Thing("blush", BLUSH))
    made = made_of(tmp_path, shy, face("Annoyed", *brows(-4)), *drawn.plain())
    assert {*shown(made, "embarrassed")["slots"].values()} == {"embarrassed", "on"}
    assert shown(made, "embarrassed")["mood"] == "embarrassed"
    assert "blush" not in shown(made, "happy").get("slots", {})
    assert shown(made, "angry")["slots"]
    (row,) = (row for row in made.rows if row.layer == "Embarrassed/blush")
    assert (row.status, row.why) == ("hidden", "shown by embarrassed; by its name")


def test_of_two_folders_of_a_mood_that_which_is_called_nothing_else_counts(tmp_path: Path) -> None:
    worried = face("Worried look", *brows(9))
    for things in ((SAD, worried), (worried, SAD)):
        rows = {row.layer: row for row in made_of(tmp_path, *things, *drawn.plain()).rows}
        assert rows["Sad face/brow L"].became == "brow_left: sad"
        assert rows["Worried look"].status == "hidden"


def test_a_mouth_whose_name_says_mood_and_sound_is_that_in_any_folder(tmp_path: Path) -> None:
    smile = Thing("mouth smile", SMILE, visible=False)
    laugh = face("Happy", Thing("mouth smile_aa", drawn.WIDE), *brows(4))
    moods = made_of(tmp_path, smile, laugh, *drawn.plain()).document["mouth"]["moods"]
    assert "happy" not in moods
    assert ("sil" in moods["smile"]["smile"]) and ("aa" in moods["smile"]["smile_aa"])


def test_happy_shows_the_shut_eyes_of_its_folder(tmp_path: Path) -> None:
    assert shown(made_of(tmp_path, HAPPY, *drawn.plain()), "happy")["lids"] == "happy"
    shut = tuple(one.hidden() for one in eyes(drawn.shut_eye, "happy eye"))
    assert "lids" not in shown(made_of(tmp_path, *shut, *drawn.plain()), "happy")


def test_a_hidden_folder_of_parts_that_say_what_they_show_is_opened(tmp_path: Path) -> None:
    parts = (Thing("angry brow L", raised(drawn.LEFT, -4)), Thing("angry brow R", raised(drawn.RIGHT, -4)))
    made = made_of(tmp_path, face("Variants", *parts, Thing("mouth frown", FROWN)), *drawn.plain())
    assert sorted(shown(made, "angry")["slots"].values()) == ["angry", "angry"]
    assert {row.layer: row.became for row in made.rows}["Variants/mouth frown"] == "mouth: frown"
    assert made.remarks == ()


def test_a_laugh_is_shown_by_happy_and_joy_and_other_smiles_are_made(tmp_path: Path) -> None:
    made = made_of(tmp_path, face("Happy", Thing("mouth", drawn.WIDE), *brows(4)), *drawn.plain())
    for name in ("happy", "joy"):
        assert shown(made, name)["mood"] == "happy" and "rest_viseme" not in shown(made, name)
    assert shown(made, "relaxed")["mood"] == "smile"
    assert made.document["mouth"]["moods"]["happy"]["happy_sil"][0] == "sil"


def test_what_the_plain_face_lacks_is_no_mood_at_rest(tmp_path: Path) -> None:
    """Nor is anything missed in silence."""
    bare = tuple(one for one in drawn.plain() if not one.name.startswith(("eyebrow", "mouth")))
    made = made_of(tmp_path, ANGRY, SAD, *bare)
    for slot in made.document["slot"]:
        assert not slot["name"].startswith("brow") or at_rest(made, slot) == b""
    assert sorted(shown(made, "angry")["slots"].values()) == ["angry", "angry"]
    assert any("no mouth was found" in remark for remark in made.remarks)


def test_of_what_is_hidden_in_its_folder_beside_another_one_nothing_is_shown(tmp_path: Path) -> None:
    other = Thing("mouth alt", drawn.WIDE, visible=False)
    twice = made_of(tmp_path, face("Angry", other, Thing("mouth", SNEER)), *drawn.plain())
    once = made_of(tmp_path, face("Angry", Thing("mouth", SNEER)), *drawn.plain())
    assert twice.pictures["parts/mouth/angry_sil.png"].pixels.shape == (
        once.pictures["parts/mouth/angry_sil.png"].pixels.shape
    )
    assert {row.layer: row.status for row in twice.rows}["Angry/mouth alt"] == "hidden"


def test_faces_beside_and_in_those_of_moods_stay_what_they_are(tmp_path: Path) -> None:
    smug = Thing("Smug", inside=(*brows(2), Thing("mouth", SMILE)))
    outer = face("Emotions", Thing("Angry", inside=ANGRY.inside), smug)
    made = made_of(tmp_path, outer, *drawn.plain())
    assert "Smug" in {*made.document["gestures"]}
    inner = face("Sad", *SAD.inside, Thing("Angry", inside=ANGRY.inside))
    made = made_of(tmp_path, inner, *drawn.plain())
    assert {row.layer: row.status for row in made.rows}["Sad/Angry"] == "hidden"
    (brow,) = (one for one in made.document["slot"] if one["name"].lower().startswith("eyebrow_l"))
    assert brow["drawings"] == ["neutral", "sad"]


@pytest.mark.parametrize("name", ["Neutral", "Pose 2"])
def test_other_plain_faces_and_figures_are_no_strange_ones(tmp_path: Path, name: str) -> None:
    body = (Thing("body", drawn.BODY),) if name == "Pose 2" else ()
    assert (
        made_of(tmp_path, face(name, Thing("mouth", SMILE), *brows(2), *body), *drawn.plain()).remarks == ()
    )


def test_a_mood_of_a_mouth_may_be_said(tmp_path: Path) -> None:
    grin = Thing("grin 2", SMILE, visible=False)
    made = made_of(tmp_path, grin, *drawn.plain(), grin_2="mouth relaxed")
    assert shown(made, "relaxed")["mood"] == "relaxed"


def test_an_eye_on_a_white_of_its_own_is_an_iris(tmp_path: Path) -> None:
    others = [one for one in drawn.plain() if not one.name.startswith("eye ")]
    at = [one.name for one in others].index("mouth")
    whites = Thing("Eye whites", drawn.over(drawn.white(drawn.LEFT), drawn.white(drawn.RIGHT)))
    made = made_of(tmp_path, *others[:at], *eyes(drawn.iris, "Eye"), whites, *others[at:])
    assert made.document["gaze"]["irises"] == ["iris_left", "iris_right"]
    assert {row.layer: row.became for row in made.rows}["Eye L"] == "iris left"
    whole = made_of(tmp_path, *others[:at], *eyes(drawn.whole_eye, "Eye"), whites, *others[at:])
    assert not whole.document.get("gaze", {}).get("irises")


def test_what_concerns_an_expression_is_told_before_a_hidden_face(tmp_path: Path) -> None:
    smug = face("Smug", *brows(2), Thing("mouth", SMILE))
    import_art(drawn.psd(tmp_path / "a.psd", (smug, *drawn.plain())), tmp_path / "made")
    state = expression_state(load_character(tmp_path / "made").character, "angry")
    assert "holds a face" in state.blocked[-1] and "call it " in state.mend[-1]
    assert len(state.mend) > 1


def test_flat_sad_eyes_are_shown_by_sad_where_they_lie_in_its_folder(tmp_path: Path) -> None:
    """Others would be open again, and no longer lean, after a moment."""
    folder = made_of(tmp_path, face("Sad", *eyes(drawn.shut_eye), *brows(3)), *drawn.plain())
    assert shown(folder, "sad")["lids"] == "sad"
    alone = tuple(one.hidden() for one in eyes(drawn.shut_eye, "sad eye"))
    assert shown(made_of(tmp_path, *alone, *drawn.plain()), "sad")["lids"] == "sorry"


def test_lids_that_are_drawn_sad_are_no_open_eyes(tmp_path: Path) -> None:
    """However high they are: they cover one."""
    lids = tuple(
        one.hidden() for one in eyes(lambda x: drawn.ellipse(x, drawn.EYES, 14, 11, drawn.SKIN), "sad lid")
    )
    rows = {row.layer: row.became for row in made_of(tmp_path, *lids, *drawn.in_pieces()).rows}
    assert rows["sad lid L"] == "eye_shut_left: sad"
