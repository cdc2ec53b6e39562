"""A mouth under a name that says nothing is told by all that tell, and mended by what they say."""

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
from mien.types import U8

SHUT, OPEN = Thing("mouth closed", drawn.LINE), Thing("mouth open", drawn.WIDE, visible=False)
SMILE, FROWN = (drawn.arc(100, drawn.MOUTH, 14, bow, 3, drawn.LIPS) for bow in (6, -6))


def art(*mouths: Thing) -> tuple[Thing, ...]:
    return tuple(one for t in drawn.plain() for one in (mouths if t.name == "mouth" else (t,)))


def imported(tmp_path: Path, *mouths: Thing) -> Made:
    return make(read_source(drawn.ora(tmp_path / "a.ora", art(*mouths))), "Somebody")


@pytest.mark.parametrize(
    ("mouths", "missing", "told", "line"),
    [
        ((SHUT.called("flower"), OPEN), "shut mouth", "'flower'", '"flower" = "mouth sil"'),
        (
            (SHUT, OPEN.called("pancake")),
            "open mouth",
            "'pancake', which the art hides,",
            '"pancake" = "mouth aa"',
        ),
    ],
)
def test_a_mouth_without_its_name_is_told_by_all_that_tell_and_mended_by_what_they_say(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    mouths: tuple[Thing, ...],
    missing: str,
    told: str,
    line: str,
) -> None:
    path, made = drawn.ora(tmp_path / "a.ora", art(*mouths)), tmp_path / "made"
    where = "under [layers] in a file for `mien import --map`"
    layer, what = line.split('"')[1::2]
    call = f"or call it `{what}` in the art and save"
    remark = f"no {missing} was found. If {told} is it, write {where}: {line}, {call}"
    assert main(["import", str(path), "-o", str(made), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["missing"], report["remarks"][-1]) == ([missing], remark)
    assert main(["inspect", str(made)]) == 0
    assert f"\nlacks: {remark}\n" in capsys.readouterr().out
    assert main(["play", str(path), "--headless", "--silent", "--seconds", "0.1", "--size", "96x80"]) == 0
    assert remark in "".join(capsys.readouterr())
    state = expression_state(load_character(made).character, "angry")
    assert state.lacks == (missing,)
    said = f"if '{layer}' is the {missing}: {line} under [layers] of a file for mien import --map, {call}"
    assert state.mend[0] == said
    (tmp_path / "map.toml").write_text(f"[layers]\n{line}\n", "utf-8")
    assert main(["import", str(path), "-o", str(made), "--map", str(tmp_path / "map.toml"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["missing"] == []
    assert expression_state(load_character(made).character, "angry").lacks == ()


def test_what_is_no_mouth_by_its_place_or_size_is_not_told(tmp_path: Path) -> None:
    nose = Thing("detail", drawn.arc(100, drawn.MOUTH - 20, 4, 2, 2, drawn.INK))
    scarf = Thing("detail", drawn.ellipse(100, drawn.MOUTH, 40, 9, drawn.CLOTH))
    mole = Thing("detail", drawn.ellipse(120, drawn.MOUTH, 3, 3, drawn.INK))
    for thing in (nose, scarf, mole):
        assert imported(tmp_path, OPEN, thing).missing == ()
        assert imported(tmp_path, SHUT, thing.hidden()).missing == ()
    # A hidden one is no shut mouth, and a shown one no open one.
    assert imported(tmp_path, OPEN, SHUT.called("detail").hidden()).missing == ()
    assert imported(tmp_path, SHUT, Thing("detail", drawn.ROUND)).missing == ()
    # Where both are known nothing is asked.
    assert imported(tmp_path, SHUT, OPEN, OPEN.called("pancake")).missing == ()


def test_a_hidden_iris_is_mended_before_an_open_mouth(tmp_path: Path) -> None:
    things = tuple(
        one
        for t in drawn.in_pieces()
        for one in ((SHUT, OPEN.called("pancake")) if t.name == "mouth" else (t,))
    )
    things = tuple(t.hidden() if t.name == "iris left" else t for t in things)
    path = drawn.ora(tmp_path / "a.ora", things)
    assert main(["import", str(path), "-o", str(tmp_path / "made")]) == 0
    state = expression_state(load_character(tmp_path / "made").character, "angry")
    assert state.lacks == ("left iris", "open mouth")
    assert "iris left" in state.mend[0] and "pancake" in state.mend[1]


def in_folder(folder: str, *mouths: Thing) -> tuple[Thing, ...]:
    """The face with these mouths in a folder of this name."""
    outside = [t for t in art(*mouths) if t.name in ("front hair", "body", "back hair")]
    inside = tuple(t for t in art(*mouths) if t not in outside)
    return (outside[0], Thing(folder, inside=inside), *outside[1:])


@pytest.mark.parametrize("folder", ["Parts", "F_Face", "Head", "顔", "Face parts", "Body"])
def test_a_mouth_without_its_name_may_lie_in_any_folder_and_is_in_nobodys_way(
    tmp_path: Path, folder: str
) -> None:
    for mouths in ((SHUT.called("line 23"), OPEN), (OPEN, SHUT.called("line 23"))):
        path = drawn.ora(tmp_path / "a.ora", in_folder(folder, *mouths))
        made = make(read_source(path), "Somebody")
        (told,) = made.lacks
        assert told.startswith(f"no shut mouth was found. If '{folder}/line 23' is it, write")
        assert f'"{folder}/line 23" = "mouth sil", or call it ' in told and made.covered == ()
        assert main(["import", str(path), "-o", str(tmp_path / "made"), "--force"]) == 0
        character = load_character(tmp_path / "made").character
        for name in ("neutral", "angry", "surprised"):
            state = expression_state(character, name)
            assert state.lacks == ("shut mouth",) and state.blocked == ()


def test_what_its_own_name_says_to_be_of_the_face_is_no_mouth(tmp_path: Path) -> None:
    path = drawn.ora(tmp_path / "a.ora", in_folder("F_Face", SHUT.called("face line"), OPEN))
    assert make(read_source(path), "Somebody").missing == ()


def test_an_open_mouth_is_seen_at_rest_where_the_art_shows_it(tmp_path: Path) -> None:
    def at_rest(*mouths: Thing) -> tuple[str, ...]:
        path = drawn.ora(tmp_path / "a.ora", art(*mouths))
        assert main(["import", str(path), "-o", str(tmp_path / "made"), "--force"]) == 0
        return expression_state(load_character(tmp_path / "made").character, "neutral").lines()

    shown, mouth = at_rest(Thing("mouth open", drawn.WIDE)), ("mouth", "aa")
    assert shown == ("neutral is as it is drawn",)
    state = expression_state(load_character(tmp_path / "made").character, "neutral")
    assert mouth in state.shows
    hidden = at_rest(SHUT.called("flower"), OPEN)
    assert hidden[:2] == (
        "neutral changes mouth: made_sil (made of 'mouth open')",
        "neutral lacks shut mouth",
    )


NOSE = drawn.ellipse(100, 130, 3, 4, drawn.INK)


@pytest.mark.parametrize(
    ("on", "why"), [("face", drawn.over(drawn.HEAD, drawn.LINE)), ("nose", drawn.over(NOSE, drawn.LINE))]
)
def test_a_shut_mouth_that_is_painted_on_another_layer_is_told_with_that(
    tmp_path: Path, on: str, why: U8
) -> None:
    """An open one is drawn, and moods can't bend what belongs to a face."""
    pixels = {"nose": NOSE, "face": drawn.HEAD, on: why}
    kept = (t for t in drawn.plain() if t.name not in ("mouth", "face"))
    things = (Thing("mouth open", drawn.WIDE, (), False), *kept)
    at = [thing.name for thing in things].index("body")
    below = (Thing("nose", pixels["nose"]), Thing("face", pixels["face"]))
    art = drawn.ora(tmp_path / "a.ora", (*things[:at], *below, *things[at:]))
    remarks = import_art(art, tmp_path / "made").remarks
    told = f"the shut mouth is painted on '{on}', so it is the same in all moods"
    mend = f"move the mouth from '{on}' to a layer called 'mouth closed' and save"
    assert f"{told}; {mend}" in remarks
    state = expression_state(load_character(tmp_path / "made").character, "happy")
    assert told in state.blocked and mend in state.mend
    # What it says helps.
    things = (Thing("mouth closed", drawn.LINE), *things)
    plain = (Thing("nose", NOSE), Thing("face", drawn.HEAD))
    art = drawn.ora(tmp_path / "b.ora", (*things[: at + 1], *plain, *things[at + 1 :]))
    made = import_art(art, tmp_path / "mended")
    assert not any("shut mouth" in remark for remark in made.remarks)
    state = expression_state(load_character(tmp_path / "mended").character, "happy")
    assert any(what.startswith("mouth: smile_") for what in state.changes)


@pytest.mark.parametrize(
    ("name", "mood", "shows"), [("smile", "smiling", "happy"), ("frown", "frowning", "sad")]
)
def test_a_hidden_layer_that_is_called_by_a_mood_alone_may_be_a_mouth_of_that(
    tmp_path: Path, name: str, mood: str, shows: str
) -> None:
    """It is no open mouth, and is told of the expressions that would show it."""
    things = art(SHUT, Thing(name, SMILE if name == "smile" else FROWN, visible=False))
    remarks = import_art(drawn.ora(tmp_path / "a.ora", things), tmp_path / "made").remarks
    assert not any("open mouth" in remark for remark in remarks)
    made = make(read_source(tmp_path / "a.ora"), "Somebody")
    assert made.missing == (f"{mood} mouth",)
    character = load_character(tmp_path / "made").character
    assert f"{mood} mouth" in expression_state(character, shows).lacks
    assert f"{mood} mouth" not in expression_state(character, "neutral").lacks
    (tmp_path / "map.toml").write_text(f'[layers]\n"{name}" = "mouth {name}"\n', "utf-8")
    import_art(tmp_path / "a.ora", tmp_path / "made", map_file=tmp_path / "map.toml")
    state = expression_state(load_character(tmp_path / "made").character, shows)
    assert any(f"'{name}'" in what for what in state.changes) and f"{mood} mouth" not in state.lacks


@pytest.mark.parametrize(
    ("mouths", "name", "what"),
    [
        ((SHUT.called("flower"), OPEN), "flower", "mouth sil"),
        ((SHUT, OPEN.called("pancake")), "pancake", "mouth aa"),
        ((SHUT, Thing("smile", SMILE, visible=False)), "smile", "mouth smile"),
        ((SHUT, Thing("frown", FROWN, visible=False)), "frown", "mouth frown"),
    ],
)
def test_a_mouth_that_is_called_as_it_is_told_is_found(
    tmp_path: Path, mouths: tuple[Thing, ...], name: str, what: str
) -> None:
    told = imported(tmp_path, *mouths)
    assert told.lacks[0].endswith(f'"{name}" = "{what}", or call it `{what}` in the art and save')
    mended = imported(tmp_path, *(t.called(what) if t.name == name else t for t in mouths))
    assert mended.lacks == ()
    (row,) = [row for row in mended.rows if row.layer == what]
    assert row.status == "mapped" and row.became.startswith("mouth: ")


def test_what_to_draw_for_surprise_and_for_eyes_that_look_is_told(tmp_path: Path) -> None:
    import_art(drawn.ora(tmp_path / "a.ora", art(SHUT)), tmp_path / "made")
    character = load_character(tmp_path / "made").character
    own = (
        "the mouth is made by Mien; for one of your own (round) draw it on a layer called `mouth O` and save"
    )
    assert own in expression_state(character, "surprised").mend
    apart = "put the iris of each eye on a layer of its own (`iris left`, `iris right`) and save"
    state = expression_state(character, "thinking")
    assert "irises to look with" in state.lacks and apart in state.mend
