"""A character says of each drawing from which layer it is, what that was taken for, and how it was known."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest
from PIL import Image

import mien
from art.build import box, write_png
from art.test_schema import VALIDATOR
from importing import drawn
from importing.drawn import Thing
from importing.test_where_from import LAYERED, SPRITES
from mien.art import load_character, pack_character
from mien.art.looks import expression_state
from mien.cli import main
from mien.errors import FormatError
from mien.importing.whole import import_art
from mien.origin import Origin

FRINGE = drawn.ellipse(100, 80, 56, 40, drawn.HAIR)
"""Comes down over the brows."""


def origins(folder: Path) -> dict[str, dict[str, Origin]]:
    return {slot.name: dict(slot.origins) for slot in load_character(folder).character.slots}


def imported(tmp_path: Path, things: tuple[Thing, ...], map_file: Path | None = None) -> Path:
    tmp_path.mkdir(exist_ok=True)
    import_art(drawn.ora(tmp_path / "art.ora", things), tmp_path / "made", map_file=map_file)
    return tmp_path / "made"


@pytest.mark.parametrize("kind", LAYERED)
def test_every_drawing_says_where_it_comes_from(tmp_path: Path, kind: str) -> None:
    folder = imported(tmp_path, LAYERED[kind]())
    VALIDATOR.validate(tomllib.loads((folder / "character.toml").read_text("utf-8")))
    character = load_character(folder).character
    for slot in character.slots:
        seen = {drawing.name for drawing in slot.drawings if drawing.region.width > 1}
        assert seen <= slot.origins.keys(), slot.name
        assert all(origin.layers for origin in slot.origins.values()), slot.name
    hows = {origin.how for slot in character.slots for origin in slot.origins.values()}
    assert hows == {"unnamed": {"guessed", "kept", "made"}}.get(kind, {"named", "made"} & hows)


@pytest.mark.parametrize("kind", SPRITES)
def test_of_sprites_it_says_the_picture(tmp_path: Path, kind: str) -> None:
    import_art(SPRITES[kind](tmp_path / kind), tmp_path / "made")
    character = load_character(tmp_path / "made").character
    for slot in character.slots:
        assert not [origin for origin in slot.origins.values() if "made/" in " ".join(origin.layers)]
        seen = {drawing.name for drawing in slot.drawings if drawing.region.width > 1}
        assert seen <= slot.origins.keys(), slot.name


def test_names_places_corrections_and_what_is_made_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "map.toml").write_text('[layers]\n"Layer 6" = "mouth"\n', "utf-8")
    folder = imported(tmp_path, drawn.unnamed(), map_file=tmp_path / "map.toml")
    found = origins(folder)
    mouth = found["mouth"]["Layer_6"]
    assert (mouth.how, mouth.layers, mouth.taken_for, mouth.why) == (
        "given", ("Layer 6",), "mouth", "given by --map",
    )  # fmt: skip
    assert found["mouth"]["made_aa"] == Origin("made", ("Layer 6",))
    eye = found["Layer_4_left"]
    assert (eye["open"].how, eye["open"].taken_for) == ("guessed", "eye left")
    assert str(eye["open"]) == "'Layer 4' as eye left, guessed: a pair beside each other"
    assert str(eye["closed"]) == "made by Mien of 'Layer 4' (from its lash line and outline)"
    assert found["Layer_8"]["main"] == Origin("kept", ("Layer 8",))
    named = origins(imported(tmp_path / "named", drawn.plain()))
    assert str(named["eye_L_left"]["open"]) == "'eye L' as eye left, by its name"


def test_what_lies_over_a_part_of_the_face_is_named(tmp_path: Path) -> None:
    things = tuple(Thing("front hair", FRINGE) if one.name == "front hair" else one for one in drawn.plain())
    folder = imported(tmp_path, things)
    found = origins(folder)
    assert found["eyebrow_L_left"]["main"].under == found["eyebrow_R_right"]["main"].under == "front_hair"
    assert not found["mouth"]["mouth"].under
    state = expression_state(load_character(folder).character, "sad")
    slots = "eye_R_right, eye_L_left, eyebrow_R_right, eyebrow_L_left"
    assert state.blocked == (f"{slots} are under front_hair",)
    (placed,) = (what for what in state.mend if what.startswith("put '"))
    assert placed == "put 'front hair' below 'eye R', 'eye L', 'eyebrow R' and 1 more in the art and save"


def test_an_iris_under_the_white_of_its_eye_is_told(tmp_path: Path) -> None:
    things = [one for one in drawn.in_pieces() if one.name != "iris right"]
    names = [one.name for one in things]
    iris = next(one for one in drawn.in_pieces() if one.name == "iris right")
    things.insert(names.index("eye white right") + 1, iris)
    character = load_character(imported(tmp_path, tuple(things))).character
    for name in ("neutral", "angry", "thinking"):
        state = expression_state(character, name)
        assert state.blocked == ("iris_right is under eye_white_right",)
        assert "put 'eye white right' below 'iris right' in the art and save" in state.mend
    character = load_character(imported(tmp_path / "b", drawn.in_pieces())).character
    assert not expression_state(character, "angry").blocked


def test_of_art_without_a_mouth_an_expression_says_what_the_import_said(tmp_path: Path) -> None:
    things = tuple(one for one in drawn.plain() if one.name != "mouth")
    (told,) = (
        remark
        for remark in import_art(drawn.ora(tmp_path / "art.ora", things), tmp_path / "made").remarks
        if remark.startswith("no mouth was found")
    )
    state = expression_state(load_character(tmp_path / "made").character, "surprised")
    assert "a mouth" in state.lacks
    assert told.partition("; ")[2] in state.mend
    one = expression_state(load_character(imported(tmp_path / "b", drawn.plain())).character, "surprised")
    assert not [what for what in one.lacks if "mouth" in what]


def test_brows_under_a_fringe_that_leaves_some_of_them_are_no_fault(tmp_path: Path) -> None:
    locks = (
        drawn.ellipse(x + aside, drawn.EYES - 26, 14, 17, drawn.HAIR)
        for x, aside in ((drawn.LEFT, 4), (drawn.RIGHT, -4))
    )
    fringe = drawn.over(*locks)
    things = tuple(Thing("front hair", fringe) if one.name == "front hair" else one for one in drawn.plain())
    character = load_character(imported(tmp_path, things)).character
    assert not expression_state(character, "sad").blocked


def test_a_layer_of_both_eyes_and_layers_that_are_one_picture_are_named(tmp_path: Path) -> None:
    eyes = drawn.over(drawn.whole_eye(drawn.LEFT), drawn.whole_eye(drawn.RIGHT))
    things = (Thing("eyes", eyes), *(one for one in drawn.plain() if not one.name.startswith("eye ")))
    found = origins(imported(tmp_path, things))
    assert {found[f"eyes_{side}"]["open"].layers for side in ("left", "right")} == {("eyes",)}
    lips = Thing("mouth", inside=(Thing("upper lip", drawn.LINE), Thing("lower lip", drawn.ROUND)))
    things = (lips, *(one for one in drawn.plain() if one.name != "mouth"))
    (own,) = {one.layers for one in origins(imported(tmp_path / "b", things))["mouth"].values()}
    assert own == ("mouth",)


def test_a_brow_that_is_missing_may_be_the_layer_that_is_hidden(tmp_path: Path) -> None:
    brows = drawn.over(drawn.brow(drawn.LEFT), drawn.brow(drawn.RIGHT))
    others = (one for one in drawn.plain() if not one.name.startswith("eyebrow"))
    art = drawn.ora(tmp_path / "art.ora", (Thing("Layer 4", brows, visible=False), *others))
    import_art(art, tmp_path / "made")
    state = expression_state(load_character(tmp_path / "made").character, "sad")
    assert state.lacks[0] == "brows"
    assert "hidden in the art, and in no expression: 'Layer 4'" in state.blocked
    line = '"Layer 4" = "brow"'
    assert state.mend[0] == f"if 'Layer 4' is a brow: {line} under [layers] of a file for mien import --map"
    assert "mouth: frown_mouth (made of 'mouth')" in state.changes
    own = "the mouth is made by Mien; for one of your own draw it on a layer called `mouth frown` and save"
    assert own in state.mend
    # What it says helps.
    (tmp_path / "map.toml").write_text(f"[layers]\n{line}\n", "utf-8")
    import_art(art, tmp_path / "made", map_file=tmp_path / "map.toml")
    mended = expression_state(load_character(tmp_path / "made").character, "sad")
    assert "brows" not in mended.lacks


def test_two_hidden_brows_are_told_with_a_line_each(tmp_path: Path) -> None:
    others = (one for one in drawn.plain() if not one.name.startswith("eyebrow"))
    brows = [
        Thing(f"Layer {n}", drawn.brow(x), visible=False) for n, x in ((14, drawn.LEFT), (18, drawn.RIGHT))
    ]
    art = drawn.ora(tmp_path / "art.ora", (*brows, *others))
    import_art(art, tmp_path / "made")
    mend = expression_state(load_character(tmp_path / "made").character, "sad").mend[0]
    lines = ('"Layer 18" = "brow"', '"Layer 14" = "brow"')
    assert mend == (
        f"if 'Layer 18', 'Layer 14' are brows: {' and in the next line '.join(lines)} under [layers] of a "
        "file for mien import --map"
    )
    (tmp_path / "map.toml").write_text("\n".join(("[layers]", *lines, "")), "utf-8")
    import_art(art, tmp_path / "made", map_file=tmp_path / "map.toml")
    mended = load_character(tmp_path / "made").character
    assert {"Layer_14_left", "Layer_18_right"} <= {slot.name for slot in mended.slots}
    assert "brows" not in expression_state(mended, "sad").lacks


def test_changes_by_hand_and_another_import_leave_it_true(tmp_path: Path) -> None:
    folder = imported(tmp_path, drawn.plain())
    file = folder / "character.toml"
    file.write_text(file.read_text("utf-8").replace('name = "art"', 'name = "Ann"'), "utf-8")
    write_png(folder / "parts/mouth/made_aa.png", box(9, 9, (1, 2, 3, 255)), (95, 150))
    for _ in range(2):
        again = import_art(tmp_path / "art.ora", folder)
        assert not [remark for remark in again.remarks if "origins" in remark]
        found = origins(folder)["mouth"]
        assert str(found["made_aa"]) == "drawn by hand in the character's folder"
        assert found["made_O"].how == "made" and found["mouth"].how == "named"
    import_art(tmp_path / "art.ora", folder, force=True)
    assert origins(folder)["mouth"]["made_aa"].how == "made"


def test_a_character_of_an_older_import_has_none_until_it_is_imported_again(tmp_path: Path) -> None:
    folder = imported(tmp_path, drawn.plain())
    now = origins(folder)
    for name in ("character.toml", "import.toml"):
        text = re.sub(r"^origins = .*\n", "", (folder / name).read_text("utf-8"), flags=re.MULTILINE)
        (folder / name).write_text(re.sub(r', \\"origins\\": \[\{.*?\}\]', "", text), "utf-8")
    assert not any(origins(folder).values())
    assert not import_art(tmp_path / "art.ora", folder).remarks
    assert origins(folder) == now


def test_a_packed_character_has_it_too(tmp_path: Path) -> None:
    folder = imported(tmp_path, drawn.unnamed())
    pack_character(folder, tmp_path / "a.mien")
    assert origins(tmp_path / "a.mien") == origins(folder)


def test_of_a_drawing_that_was_taken_out_nothing_is_asked_and_a_slip_is_told(tmp_path: Path) -> None:
    folder = imported(tmp_path, drawn.plain())
    file = folder / "character.toml"
    text = file.read_text("utf-8")
    file.write_text(text.replace('drawings = ["main"], how', 'drawings = ["main", "gone"], how'), "utf-8")
    assert all("gone" not in own for own in origins(folder).values())
    file.write_text(text.replace('how = "named"', 'how = "nmaed"', 1), "utf-8")
    with pytest.raises(FormatError, match=r"origins\[0\] how is 'nmaed', which is not known; did you mean"):
        load_character(folder)


def test_inspect_says_why_an_expression_looks_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = imported(tmp_path, drawn.unnamed())
    assert main(["inspect", str(folder), "--expression", "sorrow"]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[:2] == [
        "sorrow is shown as sad",
        "sad changes mouth: frown_Layer_6 (made of 'Layer 6'); lids: sorry (made of 'Layer 4', 'Layer 5'); "
        "the head moves; brows move",
    ]
    assert "mouth shows frown_Layer_6: made by Mien of 'Layer 6'" in told
    assert main(["inspect", str(folder), "--expression", "sad", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["name"] == "sad"
    assert main(["inspect", str(folder)]) == 0
    (row,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("Layer_4_left ")]
    assert "'Layer 4' as eye left, guessed" in row
    assert main(["inspect", str(folder), "--json"]) == 0
    summary = json.loads(capsys.readouterr().out)
    (eye,) = [slot for slot in summary["slots"] if slot["name"] == "Layer_4_left"]
    assert eye["origins"]["closed"]["layers"] == ["Layer 4"]
    assert [one["name"] for one in summary["looks"]] == summary["expressions"]
    assert main(["inspect", str(folder), "--expression", "sda"]) == 1
    assert "no expression 'sda'; did you mean 'sad'" in capsys.readouterr().err
    assert main(["inspect", "hello", "--expression", "sad"]) == 1
    assert "--expression: is for a character" in capsys.readouterr().err


def test_a_slot_that_the_art_hides_says_so_and_what_shows_it(tmp_path: Path) -> None:
    hidden = (
        Thing("hat", drawn.ellipse(100, 50, 40, 20, drawn.CLOTH), visible=False),
        Thing("tear", drawn.ellipse(60, 130, 6, 8, drawn.WHITE), visible=False),
        Thing("wing", drawn.ellipse(30, 200, 20, 30, drawn.CLOTH), visible=False),
    )
    (tmp_path / "map.toml").write_text('[layers]\n"wing" = "hidden"\n', "utf-8")
    folder = imported(tmp_path / "a", (*hidden, *drawn.plain()), tmp_path / "map.toml")
    iris = imported(tmp_path / "b", tuple(t.hidden() if "iris" in t.name else t for t in drawn.in_pieces()))
    with mien.open_stage({"a": folder, "b": iris}, size=(64, 64)) as stage:
        stage.frame()
        told = {slot.name: (slot.owner, slot.because) for who in "ab" for slot in stage.slots(who)}
    assert told["hat"] == ("default", "hidden in the art; gesture hat shows it")
    assert told["tear"] == ("default", "hidden in the art; expression sad shows it")
    assert told["wing"] == ("default", "hidden, given by --map; gesture wing shows it")
    assert told["iris_right"] == ("default", "hidden in the art; gesture iris_right shows it")
    assert told["face"] == ("default", "")


def test_what_came_by_its_folder_says_so_in_brief_too(tmp_path: Path) -> None:
    folder = (Thing("Layer 12", drawn.HEAD), *(t for t in drawn.plain() if "brow" in t.name))
    rest = (t for t in drawn.plain() if "brow" not in t.name and t.name != "face")
    found = origins(imported(tmp_path, (Thing("Head", inside=folder), *rest)))
    assert found["Layer_12"]["main"].brief == "'Head/Layer 12' as head, by the name of its folder"
    assert found["eyebrow_L_left"]["main"].brief == "'Head/eyebrow L' as brow left, by name"


def test_what_is_made_of_a_mouth_says_of_which_and_the_name_that_is_told_for_it_is_taken(
    tmp_path: Path,
) -> None:
    frown = Thing("mouth frown", drawn.arc(100, drawn.MOUTH, 20, -6, 4, drawn.LIPS), visible=False)
    mouths = (Thing("mouth open", drawn.WIDE, visible=False), frown)
    at = [thing.name for thing in drawn.plain()].index("mouth") + 1
    things = (*drawn.plain()[:at], *mouths, *drawn.plain()[at:])
    folder = imported(tmp_path, things)
    assert origins(folder)["mouth"]["smile_aa"] == Origin("made", ("mouth", "mouth open"))
    joy = expression_state(load_character(folder).character, "joy")
    (told,) = (what for what in joy.mend if what.startswith("the mouth is made"))
    assert "for one of your own (wide open) draw it" in told
    name = told.split("`")[1]
    folder = imported(tmp_path, (*things[:at], Thing(name, drawn.ROUND, visible=False), *things[at:]))
    joy = expression_state(load_character(folder).character, "joy")
    assert not any(what.startswith("the mouth is made") for what in joy.mend)
    assert dict(joy.shows)["mouth"] == "smile_aa"
    assert origins(folder)["mouth"]["smile_aa"].layers == (name,)


def test_a_mouth_that_the_face_has_and_an_import_makes_of_nothing_is_no_fault(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    things = tuple(
        Thing("face", drawn.over(drawn.HEAD, drawn.LINE)) if thing.name == "face" else thing
        for thing in drawn.plain()
        if thing.name != "mouth"
    )
    folder = imported(tmp_path, (*things, Thing("mouth open", drawn.WIDE, visible=False)))
    assert "made_sil" in (folder / "character.toml").read_text("utf-8")
    assert main(["inspect", str(folder)]) == 0
    assert "transparent" not in "".join(capsys.readouterr())
    empty = Image.new("RGBA", (4, 4))
    empty.save(folder / "parts" / "mouth" / "aa.png")
    assert main(["inspect", str(folder)]) == 0
    assert "mouth/aa.png is wholly transparent" in "".join(capsys.readouterr())
