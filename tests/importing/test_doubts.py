"""Corrections that may not be meant are followed, and told with what to write instead."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from importing import drawn
from importing.drawn import Thing
from mien.art import load_character
from mien.art.faults import character_faults
from mien.art.looks import expression_state
from mien.cli import main
from mien.errors import FormatError
from mien.importing.labels import Label
from mien.importing.layered import read_source
from mien.importing.make import Made, make
from mien.importing.mapping import given_labels, read_map
from mien.importing.whole import import_art
from mien.types import U8

WHOLE = drawn.in_pieces()
SHORT = ("--headless", "--silent", "--seconds", "0.1", "--size", "96x80")
HIDDEN = tuple(t.hidden() if t.name == "iris right" else t for t in WHOLE)


def made_with(tmp_path: Path, things: tuple[Thing, ...], **given: str) -> Made:
    source = read_source(drawn.ora(tmp_path / "a.ora", things))
    layers = {name.replace("_", " "): what for name, what in given.items()}
    return make(source, "Somebody", given_labels(layers, source, "map.toml"))


def test_what_is_plain_and_lies_in_an_eye_is_told_to_lie_above_its_lids(tmp_path: Path) -> None:
    (told,) = (r for r in made_with(tmp_path, HIDDEN, iris_right="plain").remarks if "plain" in r)
    assert told == (
        "'iris right' is given as \"plain\" and lies in the right eye, above its lids; "
        'write "iris right" = "iris right"'
    )
    nameless = tuple(t.called("Layer 9") if t.name == "iris left" else t for t in WHOLE)
    remarks = made_with(tmp_path, nameless, Layer_9="plain").remarks
    assert any(remark.endswith('write "Layer 9" = "iris left"') for remark in remarks)
    # What lies elsewhere may be plain, and so may what lies below the eye.
    below = (*WHOLE[:-3], Thing("shade", drawn.iris(drawn.LEFT)), *WHOLE[-3:])
    for things in (below, WHOLE):
        assert not any("plain" in r for r in made_with(tmp_path, things, body="plain").remarks)
    assert not any("plain" in r for r in made_with(tmp_path, below, shade="plain").remarks)


def test_a_kept_correction_of_what_the_art_shows_by_itself_now_is_told_once(tmp_path: Path) -> None:
    corrections = tmp_path / "map.toml"
    corrections.write_text('[layers]\n"iris right" = "plain"\n"mouth" = "mouth"\n', "utf-8")
    path, folder = drawn.ora(tmp_path / "a.ora", HIDDEN), tmp_path / "made"

    def told(map_file: Path | None = None) -> list[str]:
        found = import_art(path, folder, map_file=map_file).remarks
        return [remark for remark in found if "still counts" in remark]

    assert told(corrections) == told() == []
    drawn.ora(path, WHOLE)
    assert told() == [
        'import.toml: the art shows \'iris right\' itself now, and "iris right" = "plain" still counts; if '
        "the art is right, take that line out and import again"
    ]
    assert told() == []


def test_a_mouth_that_is_given_above_the_eyes_is_told(tmp_path: Path) -> None:
    (told,) = (r for r in made_with(tmp_path, WHOLE, eyebrow_R="mouth").remarks if "above the eyes" in r)
    assert told == (
        "'eyebrow R' is given as a mouth and lies above the eyes; if it is none, take that line out of the "
        "map and of import.toml, which keeps it, and import again"
    )
    assert not any("above the eyes" in r for r in made_with(tmp_path, WHOLE, mouth="mouth").remarks)


def test_a_brow_that_is_given_below_the_eyes_is_told(tmp_path: Path) -> None:
    (told,) = (r for r in made_with(tmp_path, WHOLE, mouth="brow left").remarks if "below the eyes" in r)
    assert told.startswith(
        "'mouth' is given as a brow and lies below the eyes; if it is none, take that line"
    )
    fine = made_with(tmp_path, WHOLE, eyebrow_L="brow left").remarks
    assert not any("below the eyes" in r for r in fine)


def test_a_mouth_that_is_given_beside_one_that_is_the_same_is_told(tmp_path: Path) -> None:
    mouths = (Thing("mouth open", drawn.WIDE, visible=False), Thing("spot", drawn.ROUND, visible=False))
    things = (*WHOLE[:-3], *mouths, *WHOLE[-3:])
    (told,) = (r for r in made_with(tmp_path, things, spot="mouth aa").remarks if "that as well" in r)
    assert told.startswith("'spot' is given as mouth aa, and 'mouth open' is that as well; one of them is")
    twice = made_with(tmp_path, things, spot="mouth O", front_hair="mouth O").remarks
    assert sum("that as well" in remark for remark in twice) == 1
    for fine in ({"spot": "mouth O"}, {"mouth_open": "mouth aa"}):
        assert not any("that as well" in r for r in made_with(tmp_path, things, **fine).remarks)


def test_a_brow_or_a_mouth_that_is_given_and_too_large_is_told(tmp_path: Path) -> None:
    for role in ("brow left", "mouth"):
        (told,) = (r for r in made_with(tmp_path, WHOLE, front_hair=role).remarks if "too large" in r)
        what = role.split(" ")[0]
        assert told.startswith(f"'front hair' is given as a {what} and is too large for one; if it is none, ")
    fine = made_with(tmp_path, WHOLE, eyebrow_L="brow left", mouth="mouth")
    assert not any("too large" in r for r in fine.remarks)


SWAPPED = {"eyebrow_L": "brow right", "eyebrow_R": "brow left"}


def test_sides_that_are_given_the_wrong_way_round_are_told(tmp_path: Path) -> None:
    def told(**given: str) -> list[str]:
        return [one for one in made_with(tmp_path, WHOLE, **given).remarks if "other side" in one]

    lines = '"eyebrow R" = "brow right" and in the next line "eyebrow L" = "brow left"'
    assert told(**SWAPPED) == [
        "'eyebrow R', 'eyebrow L' are given as left and right and lie at the character's other side; "
        f"write {lines}"
    ]
    assert told(eyebrow_L="brow right sad") == [
        "'eyebrow L' is given as right and lies at the character's other side; "
        'write "eyebrow L" = "brow left sad"'
    ]
    (eye,) = told(iris_right="iris left", lash_right="lash left", eye_white_right="white left")
    assert eye.startswith("'eye white right', 'iris right', 'lash right' are given as left and lie")
    assert told(eyebrow_L="brow left", iris_right="iris right") == []


def test_sides_that_corrections_alone_say_stay_and_are_told(tmp_path: Path) -> None:
    both = Thing("eyes", drawn.over(drawn.whole_eye(drawn.LEFT), drawn.whole_eye(drawn.RIGHT)))
    rest = tuple(thing for thing in drawn.plain() if not thing.name.startswith("eye "))
    made = made_with(tmp_path, (both, *rest), **SWAPPED)
    (told,) = (one for one in made.remarks if "left" in one)
    assert told.startswith("'eyebrow R', 'eyebrow L' are given as left and right and lie at the character's ")
    became = {row.layer: row.became for row in made.rows}
    assert (became["eyebrow L"], became["eyebrow R"]) == ("brow right", "brow left")


FACELESS = tuple(thing for thing in drawn.plain() if not thing.name.startswith("eye"))


def lit(name: str, x: float, wide: float, light: float) -> tuple[Thing, ...]:
    """An eye, and a layer without a name that is its light, at a column."""
    return (
        Thing("Layer 4", drawn.ellipse(light, drawn.EYES - 2, 2, 2, drawn.WHITE)),
        Thing(name, drawn.ellipse(x, drawn.EYES, wide, 12, drawn.INK)),
    )


@pytest.mark.parametrize(
    ("eyes", "given"),
    [
        pytest.param(lit("eye L", 125, 14, 119), "glint left", id="one eye alone"),
        pytest.param(
            (*lit("eye R", 70, 25, 92), Thing("eye L", drawn.ellipse(125, drawn.EYES, 10, 12, drawn.INK))),
            "glint right",
            id="a head that is turned",
        ),
        pytest.param(
            tuple(
                Thing(name, drawn.ellipse(x, drawn.EYES, 5, 5, drawn.INK))
                for name, x in (("eye R", 52), ("Layer 4", 91), ("eye L inner", 109), ("eye L", 148))
            ),
            "eye right",
            id="four eyes",
        ),
        pytest.param(
            (
                *lit("eye L", 125, 14, 119),
                Thing("eye R", drawn.ellipse(75, drawn.EYES, 14, 12, drawn.INK)),
                Thing("cat eye R", drawn.ellipse(165, 220, 4, 4, drawn.INK)),
                Thing("cat eye L", drawn.ellipse(185, 220, 4, 4, drawn.INK)),
            ),
            "glint left",
            id="a mascot beside",
        ),
    ],
)
def test_a_side_that_is_given_rightly_is_not_told(
    tmp_path: Path, eyes: tuple[Thing, ...], given: str
) -> None:
    remarks = made_with(tmp_path, (*eyes, *FACELESS), Layer_4=given).remarks
    assert not any("other side" in remark for remark in remarks)


def test_a_correction_that_may_not_be_meant_is_told_by_all_that_tell(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, made, corrections = drawn.ora(tmp_path / "a.ora", WHOLE), tmp_path / "made", tmp_path / "map.toml"
    corrections.write_text('[layers]\n"mouth" = "brow left"\n', "utf-8")
    assert main(["import", str(path), "-o", str(made), "--map", str(corrections)]) == 0
    (line,) = (one for one in capsys.readouterr().err.splitlines() if "below the eyes" in one)
    line = line.removeprefix("mien: ")
    pack = tmp_path / "made.mien"
    assert main(["pack", str(made), "-o", str(pack)]) == 0
    capsys.readouterr()
    for shown in (made, pack):
        assert main(["inspect", str(shown)]) == 0
        assert capsys.readouterr().out.count(f"\ndoubted: {line}\n") == 1
        assert main(["inspect", str(shown), "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["doubted"] == [line]
        assert main(["play", str(shown), *SHORT]) == 0
        assert "".join(capsys.readouterr()).count(f"{line}\n") == 1
        character = load_character(shown).character
        for name in ("neutral", "angry"):
            state = expression_state(character, name)
            assert (state.blocked[0], state.mend[0]) == tuple(line.split("; ", 1))


@pytest.mark.parametrize(
    ("given", "of"),
    [
        pytest.param(SWAPPED, "eyebrow", id="swapped sides"),
        pytest.param({"eyebrow_R": "mouth"}, "above the eyes", id="a mouth above the eyes"),
        pytest.param({"spot": "mouth aa"}, "that as well", id="a second mouth"),
        pytest.param({"iris_right": "plain"}, "above its lids", id="an iris as it is"),
        pytest.param({"body": "left"}, "no part of the face", id="a side alone"),
    ],
)
def test_each_such_correction_is_told_by_the_character(
    tmp_path: Path, given: dict[str, str], of: str
) -> None:
    mouths = (Thing("mouth open", drawn.WIDE, visible=False), Thing("spot", drawn.ROUND, visible=False))
    path, corrections = (
        drawn.ora(tmp_path / "a.ora", (*HIDDEN[:-3], *mouths, *HIDDEN[-3:])),
        tmp_path / "m.toml",
    )
    lines = [f'"{name.replace("_", " ")}" = "{what}"' for name, what in given.items()]
    corrections.write_text("\n".join(["[layers]", *lines]), "utf-8")
    remarks = import_art(path, tmp_path / "made", map_file=corrections).remarks
    (line,) = (one for one in remarks if of in one)
    assert character_faults(load_character(tmp_path / "made").character).doubted == (line,)


def test_a_side_without_a_part_is_told_of_a_picture(tmp_path: Path) -> None:
    nameless = tuple(t.called("copy 7") if t.name == "eyebrow L" else t for t in WHOLE)
    (told,) = (r for r in made_with(tmp_path, nameless, copy_7="left").remarks if "copy 7" in r)
    assert told == (
        '\'copy 7\' is given as "left" and no part of the face; write which, as "copy 7" = "brow left"'
    )
    # Of a folder all in it takes the side up.
    folder = Thing("group", inside=tuple(t.called("brow") for t in WHOLE if t.name == "eyebrow L"))
    rest = tuple(t for t in WHOLE if t.name != "eyebrow L")
    assert not any('given as "left"' in r for r in made_with(tmp_path, (folder, *rest), group="left").remarks)


@pytest.mark.parametrize(
    ("text", "what"),
    [("# none\n", "has no [layers]"), ("[layers]\n", "[layers] is empty"), ("[boxes]\n", "[boxes] is empty")],
)
def test_of_a_map_that_says_nothing_it_is_told_what_is_in_it(tmp_path: Path, text: str, what: str) -> None:
    path = tmp_path / "map.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(FormatError) as told:
        read_map(path)
    assert f'map.toml: {what}; write lines like "Layer 4" = "mouth aa" under [layers].' in str(told.value)


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("eyebrow left", "brow left"),
        ("left eyebrow", "brow left"),
        ("lips aa", "mouth aa"),
        ("bangs", "hair_front"),
        ("mayu_R", "brow right"),
        ("eyebrow L", "brow left"),
        ("右眉", "brow right"),
        ("hitomi-left", "iris left"),
        ("eye white right", "white right"),
        ("EyeLClosed", "eye left closed"),
        ("mayu_2", "brow"),
        ("mayu 2", "brow"),
        ("hitomi_L_2", "iris left"),
        ("目2", "eye"),
        ("右目閉じ", "eye right closed"),
        ("怒り眉左", "brow left angry"),
        ("口開け", "mouth aa"),
        ("kuchi_a", "mouth aa"),
        ("mouth open", "mouth aa"),
    ],
)
def test_a_correction_may_say_a_role_as_a_name_of_a_layer_does(tmp_path: Path, text: str, same: str) -> None:
    source = read_source(drawn.ora(tmp_path / "a.ora", WHOLE))

    def given(what: str) -> Label:
        return given_labels({"mouth": what}, source, "map.toml")[("mouth",)]

    assert given(text) == given(same)
    assert given("mouth smile_aa").state == "smile/aa"
    for slip in (
        "browz left",
        "mouht",
        "mayo_R",
        "mayu_Rr",
        "mayu_hoge",
        "眉ほげ",
        "眉ほげ右",
        "左ほげ",
        "眉毛R",
        "mayu_R left",
        "brow iris",
        "brow brow",
        "kuchi_a E",
        "L_4",
    ):
        with pytest.raises(FormatError, match="which is not known"):
            given(slip)


def changed(**pixels: U8) -> tuple[Thing, ...]:
    """A whole face, with other drawings of some layers."""
    return tuple(Thing(t.name, pixels.get(t.name.replace(" ", "_"), t.pixels)) for t in WHOLE)


def told_of(tmp_path: Path, things: tuple[Thing, ...]) -> tuple[str, ...]:
    """What an import tells, which the character tells as well, and an expression of it."""
    shutil.rmtree(tmp_path / "made", ignore_errors=True)
    remarks = import_art(drawn.ora(tmp_path / "a.ora", things), tmp_path / "made").remarks
    character = load_character(tmp_path / "made").character
    assert character_faults(character).doubted == remarks
    blocked = expression_state(character, "angry").blocked
    assert all(remark.split(";")[0] in blocked for remark in remarks)
    return remarks


def test_mouths_whose_names_are_exchanged_are_told_and_mended_by_what_is_said(tmp_path: Path) -> None:
    others = tuple(t for t in WHOLE if t.name != "mouth")
    shut, wide = Thing("mouth closed", drawn.WIDE), Thing("mouth open", drawn.LINE, (), False)
    (told,) = told_of(tmp_path, (shut, wide, *others))
    assert told == (
        "'mouth closed' is taken for the shut mouth and is drawn open, and 'mouth open' is a line; if these "
        'mouths are exchanged, write "mouth closed" = "mouth aa" and in the next line "mouth open" = '
        '"mouth sil" under [layers] of a file for mien import --map'
    )
    given = made_with(tmp_path, (shut, wide, *others), mouth_closed="mouth aa", mouth_open="mouth sil")
    assert given.remarks == ()
    # A round mouth that is shut is none beside one that is open.
    for pair in ((drawn.LINE, drawn.WIDE), (drawn.ROUND, drawn.WIDE), (drawn.LINE, drawn.LINE)):
        things = (Thing("mouth closed", pair[0]), Thing("mouth open", pair[1], (), False), *others)
        assert told_of(tmp_path, things) == ()


def test_sweat_and_tears_that_are_there_at_rest_are_told_and_hidden_ones_and_cheeks_are_not(
    tmp_path: Path,
) -> None:
    drop = drawn.ellipse(140, 150, 4, 7, (150, 190, 240))
    for name in ("sweat", "tears", "blush"):
        told = told_of(tmp_path, (Thing(name, drop), *WHOLE))
        mend = f"if '{name}' is to come with some of them alone, hide it in the art and save"
        is_told = name != "blush"
        assert told == (f"'{name}' is shown at rest and in all expressions; {mend}",) * is_told
        assert told_of(tmp_path, (Thing(name, drop, (), False), *WHOLE)) == ()


@pytest.mark.parametrize(("off", "is_told"), [(0, False), (6, False), (26, True)])
def test_an_iris_that_lies_beside_its_white_is_told(tmp_path: Path, off: int, is_told: bool) -> None:
    told = told_of(tmp_path, changed(iris_left=drawn.iris(drawn.LEFT + off)))
    assert told == ("'iris left' lies beside 'eye white left'; move 'iris left' onto it and save",) * is_told
