"""What of a face is there on one side alone is told, with the layer of the other one and what to write."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from importing import drawn
from importing.drawn import Thing
from mien.art import load_character
from mien.art.looks import expression_state
from mien.cli import main
from mien.importing.layered import read_source
from mien.importing.make import Made, make
from mien.importing.whole import import_art

RENAMED = tuple(t.called("detail") if t.name == "eyebrow R" else t for t in drawn.plain())
TOLD = (
    "no right brow was found; the left one is 'Head/eyebrow L'. If 'Head/detail' is it, write under [layers] "
    'in a file for `mien import --map`: "Head/detail" = "brow right"'
)


def imported(tmp_path: Path, *things: Thing) -> Made:
    return make(read_source(drawn.ora(tmp_path / "a.ora", things)), "Somebody")


def without(*names: str) -> tuple[Thing, ...]:
    return tuple(thing for thing in drawn.plain() if thing.name not in names)


PAINTED = drawn.over(drawn.HEAD, drawn.whole_eye(drawn.LEFT), drawn.whole_eye(drawn.RIGHT))
ONE_LID = (
    Thing("eye L closed", drawn.shut_eye(drawn.LEFT), visible=False),
    *(Thing("face", PAINTED) if one.name == "face" else one for one in without("eye L", "eye R")),
)


def test_a_brow_without_its_name_is_told_by_all_that_tell_and_mended_by_what_they_say(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = drawn.ora(tmp_path / "a.ora", (Thing("Head", inside=RENAMED),))
    made = tmp_path / "made"
    assert main(["import", str(path), "-o", str(made)]) == 0
    assert capsys.readouterr().err.splitlines()[-1] == f"mien: {TOLD}"
    assert main(["import", str(path), "-o", str(made), "--dry-run", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["missing"] == ["right brow"]
    short = ["--headless", "--silent", "--seconds", "0.1", "--size", "96x80"]
    assert main(["play", str(path), *short]) == 0
    shown = "".join(capsys.readouterr())
    assert "found: eyes, left brow, mouth, hair, head, body; not found: right brow\n" in shown
    assert TOLD in shown
    for more in ((), ("--watch",)):
        assert main(["play", str(made), *short, *more]) == 0
        assert "".join(capsys.readouterr()).count(f"{TOLD}\n") == 1
    assert main(["inspect", str(made)]) == 0
    assert f"\nlacks: {TOLD}\n" in capsys.readouterr().out
    assert main(["inspect", str(made), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["lacks"] == [TOLD]
    line = TOLD.split("--map`: ")[1]
    (tmp_path / "map.toml").write_text(f"[layers]\n{line}\n", "utf-8")
    assert main(["import", str(path), "-o", str(made), "--map", str(tmp_path / "map.toml"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["missing"] == []
    assert main(["inspect", str(made)]) == 0
    assert "lacks:" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("things", "missing", "line"),
    [
        (RENAMED, "right brow", 'if \'detail\' is the right brow: "detail" = "brow right"'),
        (without("eye R"), "right eye", 'if a layer has the right eye: "LAYER" = "eye right"'),
        (ONE_LID, "right closed eye", 'if a layer has the right closed eye: "LAYER" = "eye right closed"'),
    ],
)
def test_expressions_that_move_it_lack_it_first(
    tmp_path: Path, things: tuple[Thing, ...], missing: str, line: str
) -> None:
    import_art(drawn.ora(tmp_path / "a.ora", things), tmp_path / "made")
    character = load_character(tmp_path / "made").character
    state = expression_state(character, "angry")
    assert state.lacks[0] == missing
    where = "under [layers] of a file for mien import --map"
    role = line.split('"')[-2]
    drawn_anew = f", or draw it on a layer called `{role}` and save" if "LAYER" in line else ""
    assert state.mend[0] == f"{line} {where}{drawn_anew}"
    # At rest brows are as they are drawn, and eyes blink.
    assert (missing in expression_state(character, "neutral").lacks) == (missing != "right brow")


def hiding(*names: str) -> tuple[Thing, ...]:
    return tuple(thing.hidden() if thing.name in names else thing for thing in drawn.in_pieces())


@pytest.mark.parametrize(
    ("names", "missing", "told"),
    [
        (
            ("iris right",),
            "right iris",
            "no right iris was found; the left one is 'iris left'. 'iris right' is",
        ),
        (("iris left", "iris right"), "irises", "no irises were found. 'iris left', 'iris right' are"),
    ],
)
def test_irises_that_the_art_hides_are_told_by_all_that_tell(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], names: tuple[str, ...], missing: str, told: str
) -> None:
    path, made = drawn.ora(tmp_path / "a.ora", hiding(*names)), tmp_path / "made"
    assert main(["import", str(path), "-o", str(made), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["missing"] == [missing]
    assert report["remarks"][-1].startswith(f"{told} hidden in the art: ")
    short = ["--headless", "--silent", "--seconds", "0.1", "--size", "96x80"]
    assert main(["play", str(path), *short]) == 0
    assert f"; not found: {missing}\n" in "".join(capsys.readouterr())
    assert main(["inspect", str(made)]) == 0
    assert f"\nlacks: {told} hidden in the art: " in capsys.readouterr().out
    state = expression_state(load_character(made).character, "thinking")
    assert state.lacks[0] == missing
    assert "irises to look with" not in state.lacks
    assert ("eyes look elsewhere for a moment" in state.changes) == (missing == "right iris")
    (line,) = (what for what in state.mend if "hidden in the art" in what)
    assert all(f'"{name}" = "{name}"' in line for name in names)
    # What it says is enough.
    text = "\n".join(["[layers]", *(f'"{name}" = "{name}"' for name in names)])
    (tmp_path / "map.toml").write_text(text, "utf-8")
    import_art(path, made, map_file=tmp_path / "map.toml")
    state = expression_state(load_character(made).character, "thinking")
    assert (state.lacks, state.blocked) == ((), ())


@pytest.mark.parametrize(
    ("names", "missing"),
    [
        (("eye white left",), ("left white",)),
        (("eye white left", "eye white right"), ("whites",)),
        (("eye white right", "iris right"), ("right white", "right iris")),
        (("lash left",), ("left lash",)),
    ],
)
def test_pieces_of_eyes_that_the_art_hides_are_told_and_the_lines_to_write_show_them(
    tmp_path: Path, names: tuple[str, ...], missing: tuple[str, ...]
) -> None:
    path, made = drawn.ora(tmp_path / "a.ora", hiding(*names)), tmp_path / "made"
    found = import_art(path, made)
    assert found.missing == missing
    assert found.found.endswith(f"; not found: {', '.join(missing)}")
    lines = [f'"{name}" = "{name.removeprefix("eye ")}"' for name in names]
    assert all(any(line in remark for remark in found.remarks) for line in lines)
    for expression in ("neutral", "thinking"):
        state = expression_state(load_character(made).character, expression)
        assert state.lacks == missing
        assert all(any(line in what for what in state.mend) for line in lines)
    (tmp_path / "map.toml").write_text("\n".join(["[layers]", *lines]), "utf-8")
    assert import_art(path, made, map_file=tmp_path / "map.toml").missing == ()
    state = expression_state(load_character(made).character, "thinking")
    assert (state.lacks, state.blocked) == ((), ())


@pytest.mark.parametrize("piece", ["eye white", "lash"])
def test_eyes_that_are_drawn_without_a_piece_lack_none(tmp_path: Path, piece: str) -> None:
    things = tuple(thing for thing in drawn.in_pieces() if not thing.name.startswith(piece))
    assert imported(tmp_path, *things).missing == ()
    assert imported(tmp_path, *hiding("lash left", "lash right")).missing == ()


def test_lashes_of_a_shut_eye_are_not_those_of_the_open_one(tmp_path: Path) -> None:
    shut = Thing("lash left closed", drawn.shut_eye(drawn.LEFT), visible=False)
    things = tuple(thing for thing in drawn.in_pieces() if thing.name != "lash left")
    made = imported(tmp_path, shut, *things)
    assert made.missing == ("left lash", "right lid")
    assert made.lacks[0].endswith('"LAYER" = "lash left", or draw it on a layer called `lash left` and save')


def test_a_lash_that_is_in_no_layer_is_told_beside_the_other_one(tmp_path: Path) -> None:
    made = imported(tmp_path, *(thing for thing in drawn.in_pieces() if thing.name != "lash left"))
    assert made.missing == ("left lash",)
    assert made.lacks[0].startswith("no left lash was found; the right one is 'lash right'. ")
    assert made.lacks[0].endswith('"LAYER" = "lash left", or draw it on a layer called `lash left` and save')


def test_an_eye_that_is_one_layer_needs_no_iris_but_beside_one_that_has_it(tmp_path: Path) -> None:
    heart = Thing("pupil R", drawn.iris(drawn.RIGHT), visible=False)
    assert imported(tmp_path, heart, *drawn.plain()).missing == ()
    one = tuple(t.called("eye right") if t.name == "eye white right" else t for t in hiding("iris right"))
    made = imported(tmp_path, *(t for t in one if t.name != "lash right"))
    assert made.missing == ("right iris",)


def test_a_hidden_layer_without_a_name_that_may_be_it_is_said_to_be_hidden(tmp_path: Path) -> None:
    things = tuple(t.called("detail") if t.name == "iris right" else t for t in hiding("iris right"))
    (told,) = imported(tmp_path, *things).lacks
    assert "If 'detail', which the art hides, is it, write" in told
    assert told.endswith('"detail" = "iris right"')


@pytest.mark.parametrize("folder", ["Face", "顔", "Body"])
@pytest.mark.parametrize("piece", ["eyebrow R", "lash right", "eye white right"])
def test_a_piece_without_its_name_may_lie_in_any_folder_and_is_in_nobodys_way(
    tmp_path: Path, folder: str, piece: str
) -> None:
    things = [t.called("detail") if t.name == piece else t for t in drawn.in_pieces()]
    things.sort(key=lambda thing: thing.name != "detail")  # over all others, as the white over its iris
    made = imported(tmp_path, Thing(folder, inside=tuple(things)))
    (told,) = made.lacks
    assert f"If '{folder}/detail' is it, write" in told and made.covered == ()


def test_faces_with_both_sides_have_expressions_that_lack_none(tmp_path: Path) -> None:
    for folder, things in (("a", drawn.plain()), ("b", without("eye L"))):
        (tmp_path / folder).mkdir()
        import_art(drawn.ora(tmp_path / folder / "a.ora", things), tmp_path / folder / "made")
    whole, lone = (load_character(tmp_path / folder / "made").character for folder in ("a", "b"))
    assert not any(origin.missing for slot in whole.slots for origin in slot.origins.values())
    brows = [slot for slot in lone.slots if "brow" in slot.name]
    assert brows and not any(origin.missing for slot in brows for origin in slot.origins.values())


@pytest.mark.parametrize(
    ("name", "missing", "line"),
    [("eyebrow L", "left brow", "brow left"), ("eye R", "right eye", "eye right")],
)
def test_of_what_is_in_no_layer_it_is_told_what_to_write(
    tmp_path: Path, name: str, missing: str, line: str
) -> None:
    made = imported(tmp_path, *without(name))
    assert made.missing == (missing,)
    assert made.found.endswith(f"; not found: {missing}")
    (told,) = made.lacks
    assert told.endswith(
        f'. Write its layer under [layers] in a file for `mien import --map`: "LAYER" = "{line}", '
        f"or draw it on a layer called `{line}` and save"
    )


def test_lids_of_one_side_alone_are_told(tmp_path: Path) -> None:
    made = imported(tmp_path, *ONE_LID)
    assert made.missing == ("right lid",)
    assert made.lacks[0].startswith("no right lid was found; the left one is 'eye L closed'. ")
    assert made.lacks[0].endswith(
        '"LAYER" = "eye right closed", or draw it on a layer called `eye right closed` and save'
    )


def test_lids_that_are_drawn_on_one_side_and_made_on_the_other_are_told(tmp_path: Path) -> None:
    shut = Thing("eye L closed", drawn.shut_eye(drawn.LEFT), visible=False)
    assert imported(tmp_path, *drawn.plain()).missing == ()
    made = imported(tmp_path, shut, *drawn.plain())
    assert made.missing == ("right lid",)
    assert made.lacks[0].startswith("no right lid was found; the left one is 'eye L closed'. ")
    other = Thing("eye R closed", drawn.shut_eye(drawn.RIGHT), visible=False)
    assert imported(tmp_path, shut, other, *drawn.plain()).missing == ()


def test_of_whom_one_eye_is_drawn_nothing_is_missing_beside_it(tmp_path: Path) -> None:
    things = without("eye L", "eye R", "eyebrow L", "eyebrow R")
    side = Thing("eyebrow", drawn.brow(drawn.RIGHT)), Thing("eye", drawn.whole_eye(drawn.RIGHT))
    made = imported(tmp_path, *side, *things)
    assert made.missing == made.lacks == ()
    assert "one eye was found; both lids of the character are its" in made.remarks


def test_whole_faces_lack_nothing(tmp_path: Path) -> None:
    for things in (drawn.named(), drawn.japanese()):
        made = imported(tmp_path, *things)
        assert made.missing == made.lacks == ()


def test_brows_that_are_missing_are_told_where_nothing_was_guessed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = drawn.ora(tmp_path / "a.ora", without("eyebrow L", "eyebrow R"))
    assert main(["import", str(path), "-o", str(tmp_path / "made"), "--dry-run"]) == 0
    assert capsys.readouterr().err.splitlines()[-1] == (
        "mien: brows: not found. If the art has some, write which layer is which under [layers] in a file "
        'for --map, as "LAYER" = "brow left", and import again'
    )


def test_a_hidden_brow_that_is_told_to_be_one_is_shown_and_said_to_be(tmp_path: Path) -> None:
    things = tuple(t.hidden() if t.name == "eyebrow R" else t for t in drawn.plain())
    (row,) = (row for row in imported(tmp_path, *things).rows if row.layer == "eyebrow R")
    assert (row.status, row.became) == ("mapped", "brow right")
