"""Layers without names: a face is found by place and shape, whatever else is painted beside and below it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from importing import drawn, nameless
from importing.drawn import Thing
from importing.looks import Looks, differ_within
from importing.nameless import Brush
from mien.cli import main
from mien.importing.labels import Label
from mien.importing.layered import read_source
from mien.importing.make import Made, make
from mien.importing.mapping import Corrections
from mien.importing.summary import guesses_line
from mien.importing.whole import import_art
from mien.importing.write import write
from mien.types import U8

PARTS = ("eye", "white", "iris", "glint", "lash", "brow", "mouth")


def imported(path: Path, things: Sequence[Thing], given: dict[tuple[str, ...], Label] | None = None) -> Made:
    return make(read_source(drawn.ora(path, things, nameless.SIZE)), "Somebody", given)


def taken_for(made: Made) -> dict[str, str]:
    """Layer -> the part of a face that it was taken for."""
    return {path[-1]: label.role for path, label in made.labels.items() if label.role}


def parts(face: str) -> dict[str, str]:
    """Layer -> the part of a face that it is."""
    truth = {name: "mouth" if what == "teeth" else what for name, what in nameless.truth(face).items()}
    return {name: what for name, what in truth.items() if what in PARTS}


@pytest.mark.parametrize("face", nameless.FACES)
def test_the_face_is_found_and_nothing_else_is_taken_for_a_part_of_it(tmp_path: Path, face: str) -> None:
    made = imported(tmp_path / "a.ora", nameless.things(face))
    assert taken_for(made) == parts(face)
    assert all(guess.paths for guess in made.guesses)
    assert "not found: brows" in made.found or "not found" not in made.found
    sides = {path[-1]: label.side for path, label in made.labels.items()}
    for name, what in nameless.truth(face).items():
        if what in PARTS and what != "mouth" and sides[name]:
            box = next(thing.pixels for thing in nameless.things(face) if thing.name == name)
            assert box is not None
            columns = np.flatnonzero(box[..., 3].any(axis=0))
            is_right = columns.mean() < (180 if face == "turned" else 210)
            assert sides[name] == ("right" if is_right else "left"), name  # the character's own


def test_folders_without_names_are_looked_into(tmp_path: Path) -> None:
    things = nameless.things("girl")
    truth = nameless.truth("girl")
    features = tuple(thing for thing in things if truth[thing.name] in ("eye", "brow", "mouth", "nose"))
    hair, *others = (thing for thing in things if thing not in features)
    at = next(n for n, thing in enumerate(others) if truth[thing.name] == "face")
    groups = (hair, Thing("Group 2", inside=features), Thing("Group 1", inside=tuple(others[at:])))
    made = imported(tmp_path / "a.ora", (*groups[:2], *others[:at], groups[2]))
    assert taken_for(made) == parts("girl")


@pytest.mark.parametrize("face", ["girl", "chibi"])
def test_it_speaks_with_the_mouth_alone(tmp_path: Path, face: str) -> None:
    made = imported(tmp_path / "a.ora", nameless.things(face))
    write(made, tmp_path / "made", "a.ora", Corrections(), None, False)
    looks = Looks(tmp_path / "made")
    inside, outside = differ_within(looks.rest, looks.visemes["aa"], looks.mouth)
    assert inside > 100
    assert outside == 0


@pytest.mark.parametrize("top", [True, False], ids=["over all", "right over the face"])
@pytest.mark.parametrize("colour", [(226, 180, 160), (250, 222, 202)], ids=["in shade", "as the face"])
def test_a_neck_is_no_mouth_wherever_it_is_painted(
    tmp_path: Path, top: bool, colour: nameless.Colour
) -> None:
    layers = [one for one in nameless.layers_of("girl") if one[0] != "neck"]
    short = Brush().area([(186, 344), (234, 344), (238, 400), (182, 400)], colour).pixels
    at = len(layers) if top else next(n for n, (what, _) in enumerate(layers) if what == "face") + 1
    layers.insert(at, ("neck", short))
    things = [Thing(f"Layer {n}", pixels) for n, (_, pixels) in reversed(list(enumerate(layers)))]
    made = imported(tmp_path / "a.ora", things)
    (mouth,) = (name for name, role in taken_for(made).items() if role == "mouth")
    assert layers[int(mouth.split()[1])][0] == "mouth"


@pytest.mark.parametrize(
    ("y", "down", "thick"), [(262, 3, 2), (221, -10, 3)], ids=["a lower line", "a crease above"]
)
def test_a_lash_is_one_with_a_line_below_the_eye_or_above_it(
    tmp_path: Path, y: float, down: float, thick: float
) -> None:
    layers = nameless.layers_of("dark")
    lashes = [n for n, (what, _) in enumerate(layers, 1) if what == "lash"]
    lined = {}
    for number, x in zip(lashes, (162, 258), strict=True):
        brush = Brush().bow(x, 238, 28, -14, 5, (15, 10, 12)).bow(x, y, 22, down, thick, (70, 40, 30))
        lined[f"Layer {number}"] = brush.pixels
    things = [
        Thing(thing.name, lined.get(thing.name, thing.pixels)) if thing.name in lined else thing
        for thing in nameless.things("dark")
    ]
    made = imported(tmp_path / "a.ora", things)
    assert taken_for(made) == parts("dark")
    for side in ("left", "right"):
        (shut,) = (
            made.pictures[path].pixels
            for path in made.pictures
            if path.endswith("/closed.png") and f"layer_{lashes[side == 'left']}" in path.lower()
        )
        drawn = shut[shut[..., 3] > 128]
        assert len(drawn) and drawn[:, :3].max() < 130


def without(face: str, *what: str) -> tuple[Thing, ...]:
    """A face without some of its layers."""
    truth = nameless.truth(face)
    return tuple(thing for thing in nameless.things(face) if truth[thing.name] not in what)


def test_where_no_mouth_is_painted_none_is_taken_for_one(tmp_path: Path) -> None:
    for face in ("girl", "boy", "turned"):
        made = imported(tmp_path / "a.ora", without(face, "mouth", "nose"))
        assert "mouth" not in taken_for(made).values()
        assert "not found: mouth" in made.found
        assert [remark for remark in made.remarks if remark.startswith("no mouth was found")]


def test_what_the_file_hides_where_mouth_and_eyes_are_are_others(tmp_path: Path) -> None:
    wide = Thing("Layer 31", Brush().ellipse(210, 318, 16, 14, (120, 40, 45)).pixels, visible=False)
    shut = Brush().bow(162, 246, 24, 6, 4, (50, 25, 30)).bow(258, 246, 24, 6, 4, (50, 25, 30))
    hand = Thing("Layer 33", Brush().ellipse(250, 350, 60, 50, (250, 222, 202)).pixels, visible=False)
    things = (hand, Thing("Layer 32", shut.pixels, visible=False), wide, *nameless.things("girl"))
    made = imported(tmp_path / "a.ora", things)
    assert taken_for(made) == {**parts("girl"), "Layer 31": "mouth", "Layer 32": "eye"}
    assert made.labels["Layer 31",].state == "aa"
    assert made.labels["Layer 32",].state == "closed"


def second_mouth() -> tuple[Thing, ...]:
    """A face with two lines where a mouth may be."""
    upper = Thing("Layer 30", Brush().bow(210, 292, 20, 5, 4, (150, 60, 60)).pixels)
    return upper, *nameless.things("girl")


def test_an_unsure_guess_is_told_with_what_may_be_it_instead_and_can_be_corrected(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = drawn.ora(tmp_path / "girl.ora", second_mouth(), nameless.SIZE)
    mouth = next(name for name, what in nameless.truth("girl").items() if what == "mouth")
    command = ["import", str(path), "-o", str(tmp_path / "made")]
    assert main([*command, "--dry-run"]) == 0
    told = capsys.readouterr().err.splitlines()
    assert f"mouth: guessed from {mouth!r}, unsure: perhaps 'Layer 30'" in told[-1]
    assert told[-1].endswith(
        'write what it is under [layers] in a file for --map, as "Layer 30" = "mouth", and import again'
    )
    assert main(command) == 0
    record = tmp_path / "made" / "import.toml"
    told = capsys.readouterr().err.splitlines()
    assert f'under [layers] in {record}, as "Layer 30" = "mouth", and import again' in told[-1]
    text = record.read_text("utf-8").replace("\n[layers]\n", '\n[layers]\n"Layer 30" = "mouth"\n', 1)
    record.write_text(text, "utf-8")
    assert main(command) == 0
    told = capsys.readouterr().err.splitlines()
    assert "mouth: guessed" not in told[-1]
    given: dict[tuple[str, ...], Label] = {("Layer 30",): Label("mouth", how="given")}
    rows = {row.layer: row.status for row in make(read_source(path), "A", given).rows}
    assert (rows["Layer 30"], rows[mouth]) == ("given", "kept")


def second_eyes() -> tuple[Thing, ...]:
    """A face with two pairs of eyes, the upper ones called as hardly anybody calls layers."""
    upper = (
        Thing(name, nameless.eye(Brush(), x, 190, 26, 22, (200, 20, 20)).pixels)
        for name, x in (("\U000f0000 40", 162), ('4"1', 258))
    )
    return *upper, *nameless.things("girl")


def test_who_writes_what_an_unsure_guess_of_eyes_says_has_both_of_them_and_the_mouth(tmp_path: Path) -> None:
    path = drawn.ora(tmp_path / "a.ora", second_eyes(), nameless.SIZE)
    (eyes,) = (guess for guess in make(read_source(path), "A").guesses if guess.part == "eyes")
    assert [len(pair) for pair in eyes.others] == [2]
    told = guesses_line((eyes,), (), "map.toml")
    lines = told.split("map.toml, as ")[1].removesuffix(", and import again").split(" and in the next line ")
    (tmp_path / "map.toml").write_text("\n".join(["[layers]", *lines]), "utf-8")
    imported = import_art(path, tmp_path / "made", map_file=tmp_path / "map.toml")
    given = [row for row in imported.rows if row.status == "given"]
    assert len(given) == 2 and imported.found.startswith("found: eyes; guessed: mouth (")


def beside_the_head() -> list[tuple[str, U8]]:
    """A face with an iris apart and an ear that is as large, which are a pair as well."""
    layers = [one for one in nameless.layers_of("dark") if one[0] not in ("earring", "glint", "bun")]
    at = next(n for n, (what, _) in enumerate(layers) if what == "face")
    ears = [("ear", Brush().ellipse(x, 246, 18, 18, (250, 220, 200)).pixels) for x in (118, 302)]
    irises = iter(Brush().ellipse(x, 244, 18, 17, (20, 12, 10)).pixels for x in (162, 258))
    larger = [(what, next(irises) if what == "iris" else pixels) for what, pixels in layers[at:]]
    return [*layers[:at], *ears, *larger]


def near_the_chin() -> list[tuple[str, U8]]:
    """A face that is hardly higher than its large eyes, before hair, with a neck between them."""
    skin, hair = (255, 228, 208), (90, 70, 140)
    eyes = [("eye", nameless.eye(Brush(), x, 262, 46, 60, (150, 80, 30)).pixels) for x in (135, 285)]
    return [
        ("hair", Brush().ellipse(210, 240, 190, 200, hair).pixels),
        ("body", Brush().area([(150, 390), (270, 390), (300, 550), (120, 550)], (250, 200, 80)).pixels),
        ("neck", Brush().area([(190, 350), (230, 350), (234, 400), (186, 400)], (240, 190, 170)).pixels),
        ("face", Brush().ellipse(210, 230, 150, 136, skin).pixels),
        ("mouth", Brush().bow(210, 336, 24, 5, 5, (140, 50, 70)).pixels),
        *eyes,
    ]


def snout() -> list[tuple[str, U8]]:
    """A mouth right below a dark nose."""
    layers = [one for one in nameless.layers_of("girl") if one[0] not in ("nose", "mouth")]
    at = next(n for n, (what, _) in enumerate(layers) if what == "face") + 1
    nose = Brush().ellipse(210, 286, 14, 9, (40, 20, 20)).pixels
    mouth = Brush().bow(190, 312, 21, 8, 4, (90, 30, 25)).bow(230, 312, 21, 8, 4, (90, 30, 25))
    lip = mouth.line([(210, 296), (210, 312)], 4, (90, 30, 25)).pixels
    return [*layers[:at], ("nose", nose), ("mouth", lip), *layers[at:]]


@pytest.mark.parametrize("face", [beside_the_head, near_the_chin, snout])
def test_what_is_of_the_answer_or_beside_the_face_raises_no_doubt(
    tmp_path: Path, face: Callable[[], list[tuple[str, U8]]]
) -> None:
    layers = face()
    made = imported(
        tmp_path / "a.ora", [Thing(f"Layer {n}", layers[n][1]) for n in reversed(range(len(layers)))]
    )
    truth = {f"Layer {n}": "mouth" if what == "teeth" else what for n, (what, _) in enumerate(layers)}
    assert taken_for(made) == {name: what for name, what in truth.items() if what in PARTS}
    assert not [guess for guess in made.guesses if guess.unsure or guess.others]
    assert not [row for row in made.rows if "unsure" in row.why]


def test_what_somebody_has_said_is_not_told_as_a_doubt_again(tmp_path: Path) -> None:
    given: dict[tuple[str, ...], Label] = {("Layer 30",): Label("mouth", "", "aa", how="given")}
    made = imported(tmp_path / "a.ora", second_mouth(), given)
    assert not [guess for guess in made.guesses if guess.unsure or guess.others]


def test_guesses_for_programs_name_layers_as_the_table_does(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    things = (Thing("Group 1", inside=second_mouth()),)
    path = drawn.ora(tmp_path / "girl.ora", things, nameless.SIZE)
    assert main(["import", str(path), "-o", str(tmp_path / "made"), "--dry-run", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    layers = {row["layer"] for row in report["layers"]}
    (mouth,) = (guess for guess in report["guesses"] if guess["part"] == "mouth")
    assert mouth["unsure"] and mouth["others"] == [["Group 1/Layer 30"]]
    assert {layer for guess in report["guesses"] for layer in guess["layers"]} <= layers


def test_what_somebody_says_is_plain_is_not_guessed_again(tmp_path: Path) -> None:
    mouth = next(name for name, what in nameless.truth("girl").items() if what == "mouth")
    made = imported(tmp_path / "a.ora", second_mouth(), {(mouth,): Label(how="given")})
    assert {name for name, role in taken_for(made).items() if role == "mouth"} == {"Layer 30"}


@pytest.mark.parametrize(
    ("face", "what"), [("dark", "lash"), ("dark", "iris"), ("girl", "brow"), ("girl", "eye")]
)
def test_who_corrects_one_layer_keeps_what_is_guessed_of_the_others(
    tmp_path: Path, face: str, what: str
) -> None:
    before = imported(tmp_path / "a.ora", nameless.things(face))
    layer = next(name for name, is_that in nameless.truth(face).items() if is_that == what)
    given: dict[tuple[str, ...], Label] = {(layer,): Label(what, "right", how="given")}
    made = imported(tmp_path / "a.ora", nameless.things(face), given)
    assert taken_for(made) == taken_for(before)
    ways = {path[-1]: label.how for path, label in made.labels.items() if label.role}
    assert ways.pop(layer) == "given"
    assert {*ways.values()} == {"guessed"}
    told = [path[-1] for guess in made.guesses for path in guess.paths]
    assert sorted([layer, *told]) == sorted(taken_for(before))


def test_a_correction_that_a_guess_was_missing_joins_it(tmp_path: Path) -> None:
    mark = Thing("Layer 30", Brush().ellipse(162, 238, 3, 3, (250, 222, 202)).pixels)
    folder = Thing("Group 1", inside=(mark, *nameless.things("girl")))
    eye = Label("eye", "right", how="given")
    given: dict[tuple[str, ...], Label] = {("Group 1", "Layer 30"): eye}
    taken = taken_for(imported(tmp_path / "a.ora", (folder,), given))
    assert taken == {**parts("girl"), "Layer 30": "eye"}


def test_a_mouth_that_is_said_lies_where_it_is_said_and_eyes_are_guessed(tmp_path: Path) -> None:
    nose = next(name for name, what in nameless.truth("girl").items() if what == "nose")
    made = imported(tmp_path / "a.ora", nameless.things("girl"), {(nose,): Label("mouth", how="given")})
    assert {name for name, role in taken_for(made).items() if role == "mouth"} == {nose}
    assert [guess.part for guess in made.guesses] == ["eyes", "brows"]


def test_brows_are_told_as_missing_where_somebody_says_what_the_eyes_are(tmp_path: Path) -> None:
    truth = nameless.truth("girl")
    right, left = (name for name, what in truth.items() if what == "eye")
    given: dict[tuple[str, ...], Label] = {
        (right,): Label("eye", "right", how="given"),
        (left,): Label("eye", "left", how="given"),
    }
    made = imported(tmp_path / "a.ora", without("girl", "brow"), given)
    assert made.found.startswith("found: eyes; guessed: mouth (") and made.found.endswith("not found: brows")
    assert "; brows: not found. If one is wrong" in guesses_line(made.guesses, made.missing, "map.toml")


def test_a_sure_guess_is_told_without_a_doubt(tmp_path: Path) -> None:
    made = imported(tmp_path / "a.ora", nameless.things("girl"))
    assert not [guess for guess in made.guesses if guess.unsure]
    assert not [row for row in made.rows if "unsure" in row.why]
    assert made.found.startswith("guessed: eyes (")
