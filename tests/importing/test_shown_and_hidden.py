"""What a file hides stays hidden until it is asked for: costumes, twins for mirrored figures, corrections."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from importing import drawn, sprites
from importing.drawn import Thing
from importing.looks import Looks, differ_within
from mien.art.layered import read_layered
from mien.importing.labels import Label
from mien.importing.layered import read_source
from mien.importing.make import Made, make
from mien.importing.mapping import Corrections, given_labels
from mien.importing.whole import import_art
from mien.importing.write import write
from mien.stage.picture import draw_and_compare
from mien.types import Rect


def imported(path: Path, folder: Path, given: dict[tuple[str, ...], Label] | None = None) -> Made:
    made = make(read_source(path), path.stem, given)
    write(made, folder, path.name, Corrections(), None, True)
    return made


HAT, CAPE, SHIRT = (drawn.ellipse(100, y, 40, 20, (20, 90, 60)) for y in (50, 230, 240))


def test_a_costume_is_one_gesture_and_takes_the_first_off(tmp_path: Path) -> None:
    things = (
        Thing("c2_hat", HAT),
        Thing("c2_cape", CAPE),
        Thing("c3_hat", HAT),
        Thing("c1_shirt", SHIRT),
        *drawn.all_shown()[1:],
    )
    made = imported(drawn.ora(tmp_path / "a.ora", things), tmp_path / "made")
    gestures = made.document["gestures"]
    assert gestures["costume_2"]["slots"] == {"c2_hat": "on", "c2_cape": "on", "c1_shirt": ""}
    assert set(gestures["costume_3"]["slots"].values()) == {"on", ""}
    shown = {slot["name"]: slot.get("default", slot["drawings"][0]) for slot in made.document["slot"]}
    assert shown["c1_shirt"] == "main"
    assert shown["c2_cape"] == shown["c2_hat"] == shown["c3_hat"] == ""


def test_one_costume_alone_is_what_the_file_shows_of_it(tmp_path: Path) -> None:
    made = imported(drawn.ora(tmp_path / "a.ora", drawn.all_shown()), tmp_path / "made")
    assert made.document["gestures"] == {"costume_2": {"slots": {"c2_hat": "on"}}}


def test_a_twin_for_mirrored_figures_is_kept_and_not_shown(tmp_path: Path) -> None:
    mark = drawn.ellipse(60, 220, 9, 9, (200, 30, 30))
    twin = drawn.ellipse(140, 220, 9, 9, (200, 30, 30))
    things = drawn.japanese()
    plain = imported(drawn.ora(tmp_path / "a.ora", (Thing("mark", mark), *things)), tmp_path / "one")
    made = imported(
        drawn.ora(tmp_path / "b.ora", (Thing("mark", mark), Thing("mark:flipx", twin), *things)),
        tmp_path / "two",
    )
    row = next(row for row in made.rows if row.layer == "mark:flipx")
    assert row.status == "hidden"
    one, two = Looks(tmp_path / "one"), Looks(tmp_path / "two")
    assert (one.rest == two.rest).all()
    assert len(plain.document["slot"]) + 1 == len(made.document["slot"])


def test_a_twin_of_a_mouth_is_no_mouth_that_speaks(tmp_path: Path) -> None:
    def with_twin(things: tuple[Thing, ...]) -> tuple[Thing, ...]:
        return tuple(
            replace(thing, inside=(Thing("*あ:flipx", drawn.ROUND, visible=False), *thing.inside))
            if thing.name == "!口"
            else replace(thing, inside=with_twin(thing.inside))
            for thing in things
        )

    plain = imported(drawn.ora(tmp_path / "a.ora", drawn.japanese()), tmp_path / "one")
    made = imported(drawn.ora(tmp_path / "b.ora", with_twin(drawn.japanese())), tmp_path / "two")
    assert made.document["mouth"] == plain.document["mouth"]
    assert any(row.layer.endswith(":flipx") and row.status == "hidden" for row in made.rows)


def test_what_somebody_says_of_a_mouth_counts_more_than_its_name(tmp_path: Path) -> None:
    path = drawn.ora(tmp_path / "a.ora", drawn.japanese())
    wide = ("!口", "*あ")
    hidden = imported(path, tmp_path / "one", {wide: Label(state="hidden", how="given")})
    assert not any("あ" in row.became for row in hidden.rows if row.status == "mapped")
    said = imported(path, tmp_path / "two", {wide: Label("mouth", state="O", how="given")})
    drawings = said.document["mouth"]["moods"]["neutral"]
    assert next(name for name, visemes in drawings.items() if "O" in visemes).startswith("O")


NOTE = drawn.ellipse(30, 30, 25, 9, (200, 30, 30))


@pytest.mark.parametrize("name", ["notes DO NOT SHIP", "Sketch", "face ref", "WIP", "guide 2", "ignore me"])
def test_a_note_is_kept_and_not_shown_and_the_table_says_so(tmp_path: Path, name: str) -> None:
    plain = imported(drawn.ora(tmp_path / "a.ora", drawn.named()), tmp_path / "one")
    noted = (Thing(name, NOTE), *drawn.named())
    made = imported(drawn.ora(tmp_path / "b.ora", noted), tmp_path / "two")
    (row,) = (row for row in made.rows if row.layer == name)
    assert (row.status, row.why) == ("hidden", "by its name, which says that it is no part of the figure")
    assert (Looks(tmp_path / "one").rest == Looks(tmp_path / "two").rest).all()
    assert len(plain.document["slot"]) + 1 == len(made.document["slot"])
    assert made.document.get("gestures") == plain.document.get("gestures")
    shown = imported(tmp_path / "b.ora", tmp_path / "three", {(name,): Label(how="given")})
    assert next(row for row in shown.rows if row.layer == name).status == "given"


def test_a_folder_of_notes_and_a_note_among_mouths_are_no_parts(tmp_path: Path) -> None:
    refs = Thing("refs", inside=(Thing("eye closeup", NOTE), Thing("mouth open", NOTE)))
    mouth = Thing("mouth", inside=(Thing("note", NOTE), Thing("line", drawn.LINE)))
    things = tuple(mouth if thing.name == "mouth" else thing for thing in drawn.plain())
    plain = imported(drawn.ora(tmp_path / "a.ora", drawn.plain()), tmp_path / "one")
    made = imported(drawn.ora(tmp_path / "b.ora", (refs, *things)), tmp_path / "two")
    assert {row.layer for row in made.rows if row.status == "hidden"} == {"refs", "mouth/note"}
    assert (Looks(tmp_path / "one").rest == Looks(tmp_path / "two").rest).all()
    assert made.document["mouth"] == plain.document["mouth"]


def test_art_of_which_all_would_be_a_note_is_shown(tmp_path: Path) -> None:
    wall = Thing("background", drawn.ellipse(100, 130, 300, 300, (9, 9, 9)))
    sketches = tuple(thing.called(f"sketch {i}") for i, thing in enumerate(drawn.plain()))
    for number, things in enumerate(
        ((Thing("girl WIP", inside=drawn.plain()), wall), sketches, sketches[-1:])
    ):
        path = drawn.ora(tmp_path / f"{number}.ora", things)
        made = imported(path, tmp_path / str(number))
        assert not [row for row in made.rows if row.status == "hidden"]


def test_of_lids_that_are_drawn_alone_the_eye_stays(tmp_path: Path) -> None:
    wide = tuple(
        Thing(f"{side} eyelash wide", drawn.arc(x, drawn.EYES - 6, 16, -10, 4, drawn.INK), visible=False)
        for side, x in (("left", drawn.LEFT), ("right", drawn.RIGHT))
    )
    made = imported(drawn.ora(tmp_path / "a.ora", (*wide, *drawn.named())), tmp_path / "made")
    whites = [
        slot["name"]
        for slot in made.document["slot"]
        if "wide" in slot["drawings"] and "open" in slot["drawings"]
    ]
    assert len(whites) > 4
    for name in whites:
        one, other = (made.pictures[f"parts/{name}/{state}.png"] for state in ("open", "wide"))
        if "lash" in name.casefold() and "shut" not in name:
            assert other.is_empty
        elif "shut" in name:
            assert not other.is_empty
        else:
            assert one is other


PLAIN = '[layers]\n"{}" = "plain"\n'


def test_what_somebody_says_is_plain_is_shown_also_where_the_file_hides_it(tmp_path: Path) -> None:
    hidden = Thing("cloak", inside=(Thing("hem", CAPE), Thing("hood", HAT), Thing("lining", SHIRT).hidden()))
    things = (hidden.hidden(), Thing("scarf", SHIRT).hidden(), *drawn.plain())
    path = drawn.ora(tmp_path / "a.ora", things)
    cases = {
        "scarf": ({"scarf"}, {"cloak"}),
        "cloak/hood": ({"cloak/hood"}, {"cloak/hem", "cloak/lining", "scarf"}),
        "cloak": ({"cloak/hem", "cloak/hood"}, {"cloak/lining", "scarf"}),
    }
    for number, (layer, (shown, kept)) in enumerate(cases.items()):
        (tmp_path / "map.toml").write_text(PLAIN.format(layer), "utf-8")
        imported = import_art(path, tmp_path / str(number), map_file=tmp_path / "map.toml")
        status = {row.layer: row.status for row in imported.rows}
        assert {layer for layer, of in status.items() if of == "hidden"} == kept
        assert not {status[one] for one in shown} & {"hidden"}
        art = draw_and_compare(read_layered(path))[0]
        apart = np.abs(Looks(tmp_path / str(number)).plain.astype(np.int16) - art).max(axis=-1)
        assert (apart > 12).sum() > 200, layer


def test_a_face_of_a_set_that_is_said_to_be_plain_is_shown(tmp_path: Path) -> None:
    (tmp_path / "map.toml").write_text(PLAIN.format("anger"), "utf-8")
    pack = sprites.pack(tmp_path / "pack")
    import_art(pack, tmp_path / "made", map_file=tmp_path / "map.toml")
    looks, art = Looks(tmp_path / "made"), drawn.over(sprites.FACES["anger"])
    box = Rect(round(drawn.RIGHT) - 14, drawn.EYES - 18, 28, 26)
    assert differ_within(looks.plain, art, box)[0] < 30
    assert differ_within(looks.plain, drawn.over(sprites.FACES["neutral"]), box)[0] > 200


HIDDEN_EYE = tuple(
    replace(one, inside=tuple(part.hidden() for part in one.inside)) if one.name == "Right Eye" else one
    for one in drawn.named()[0].inside
)
PIECES = {"Right Eyeball": "white right", "+Right Pupil": "pupil right", "Right Eyelash": "lash right"}


def test_a_part_of_an_eye_that_the_art_hides_is_shown_once_a_map_says_what_it_is(tmp_path: Path) -> None:
    shown, hidden = (
        read_source(drawn.ora(tmp_path / f"{name}.ora", things))
        for name, things in (("a", drawn.named()[0].inside), ("b", HIDDEN_EYE))
    )
    (told,) = make(hidden, "Somebody").lacks
    lines = " and in the next line ".join(f'"Right Eye/{name}" = "{what}"' for name, what in PIECES.items())
    assert told.endswith(
        " are hidden in the art: show them there and save, or write under [layers] in a file for "
        f"`mien import --map`: {lines}"
    )
    given = given_labels({f"Right Eye/{name}": what for name, what in PIECES.items()}, hidden, "map.toml")
    made = make(hidden, "Somebody", given)
    assert made.lacks == ()
    whole = make(shown, "Somebody")
    # But for where it is known from, it is as if the art had shown it.
    for document in (made.document, whole.document):
        for slot in document["slot"]:
            slot.pop("origins", None)
    assert made.document == whole.document


@pytest.mark.parametrize(
    ("role", "is_shown"),
    [("hat", True), ("eye left open", True), ("tear", False), ("eye left closed", False)],
)
def test_a_role_shows_what_the_art_hides_unless_it_has_its_time(
    tmp_path: Path, role: str, is_shown: bool
) -> None:
    source = read_source(
        drawn.ora(tmp_path / "a.ora", (Thing("Layer 9", HAT, visible=False), *drawn.plain()))
    )
    label = given_labels({"Layer 9": role}, source, "map.toml")[("Layer 9",)]
    assert label.shown is is_shown


NAMES = tuple(thing.name for thing in drawn.in_pieces())
OF_EYES = tuple(name for name in NAMES if name.startswith(("lash", "iris", "eye white")))


@pytest.mark.parametrize("names", [*combinations(NAMES, 1), *combinations(OF_EYES, 2)], ids=" and ".join)
def test_any_layer_and_any_two_of_eyes_may_be_hidden(tmp_path: Path, names: tuple[str, ...]) -> None:
    things = tuple(one.hidden() if one.name in names else one for one in drawn.in_pieces())
    made = make(read_source(drawn.ora(tmp_path / "a.ora", things)), "Somebody")
    hidden = {row.layer for row in made.rows if row.status == "hidden"}
    assert {*names} & {*OF_EYES} <= hidden <= {*names}
