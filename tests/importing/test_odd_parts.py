"""Parts of a face that are drawn, shown or called as they hardly are meant to be: told with what to do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from importing import drawn
from importing.drawn import LEFT, RIGHT, Thing
from importing.test_doubts import WHOLE, changed, made_with, told_of
from mien.art import load_character
from mien.art.looks import expression_state
from mien.art.phrases import MOUTHS, or_draw_it
from mien.cli import main
from mien.importing.names import lid_state, mouth_shape, read_name
from mien.importing.odd_parts import _meant
from mien.importing.sides import OTHER_SIDE
from mien.importing.whole import import_art
from mien.types import U8

MAP = "under [layers] of a file for mien import --map"


def mouth(name: str, bow: float) -> Thing:
    """A line, whose corners lie higher for a positive bow."""
    return Thing(name, drawn.arc(100, drawn.MOUTH, 12, bow, 3, drawn.LIPS), visible=False)


def shut(left: U8, right: U8) -> tuple[Thing, ...]:
    return Thing("eye closed L", left, visible=False), Thing("eye closed R", right, visible=False)


@pytest.mark.parametrize(("smile", "frown"), [(5, -5), (0, 0), (1, -1)])
def test_a_smile_and_a_frown_as_they_are_meant_are_not_told(
    tmp_path: Path, smile: float, frown: float
) -> None:
    things = (mouth("mouth smile", smile), mouth("mouth frown", frown), *WHOLE)
    assert made_with(tmp_path, things).remarks == ()


def test_a_smile_and_a_frown_that_are_exchanged_are_told_where_each_is_shown(tmp_path: Path) -> None:
    things = (mouth("mouth smile", -5), mouth("mouth frown", 5), *WHOLE)
    exchanged = (
        'if the smile and the frown are exchanged, write "mouth smile" = "mouth frown" and in the next line '
        f'"mouth frown" = "mouth smile" {MAP}'
    )
    smile = "'mouth smile' is called a smile, and its corners hang"
    frown = "'mouth frown' is called a frown, and its corners rise"
    told = made_with(tmp_path, things).remarks
    assert f"{smile}; {exchanged}" in told and f"{frown}; {exchanged}" in told
    import_art(drawn.ora(tmp_path / "a.ora", things), tmp_path / "made")
    character = load_character(tmp_path / "made").character
    for name, blocked in (("neutral", ()), ("happy", (smile,)), ("sad", (frown,))):
        assert expression_state(character, name).blocked == blocked
    # What somebody says is followed.
    given = {"mouth_smile": "mouth frown", "mouth_frown": "mouth smile"}
    assert not [one for one in made_with(tmp_path, things, **given).remarks if "corners" in one]


@pytest.mark.parametrize(
    ("mood", "bow", "how", "other"), [("smile", -5, "hang", "up"), ("frown", 5, "rise", "down")]
)
def test_a_smile_that_hangs_is_told_alone(
    tmp_path: Path, mood: str, bow: float, how: str, other: str
) -> None:
    turned = {"smile": "frown", "frown": "smile"}[mood]
    (told,) = made_with(tmp_path, (mouth(f"mouth {mood}", bow), *WHOLE)).remarks
    assert told == (
        f"'mouth {mood}' is called a {mood}, and its corners {how}; draw them {other} and save, or, if "
        f'it is a {turned}, write "mouth {mood}" = "mouth {turned}" {MAP}'
    )
    (told,) = made_with(
        tmp_path, (mouth(f"mouth {mood}", bow), mouth(f"mouth {turned}", bow), *WHOLE)
    ).remarks
    assert told.endswith(f"its corners {how}; draw them {other} and save")


@pytest.mark.parametrize(
    ("x", "y", "lies"), [(100, -30, "above"), (100, 30, "below"), (120, 0, "beside"), (104, 3, "")]
)
def test_a_mouth_that_lies_beside_the_shut_one_is_told(tmp_path: Path, x: int, y: int, lies: str) -> None:
    moved = Thing("mouth open", drawn.ellipse(x, drawn.MOUTH + y, 11, 7, drawn.LIPS), visible=False)
    remarks = made_with(tmp_path, (moved, *WHOLE)).remarks
    told = f"'mouth open' lies {lies} 'mouth', the shut mouth; move 'mouth open' onto that and save"
    assert remarks == ((told,) if lies else ())


@pytest.mark.parametrize("name", ["eyebrow L", "eye white left", "mouth"])
def test_a_layer_of_a_part_that_is_empty_is_told(tmp_path: Path, name: str) -> None:
    nothing = np.zeros((*drawn.SIZE[::-1], 4), np.uint8)
    things = tuple(replace(t, pixels=nothing) if t.name == name else t for t in WHOLE)
    opened = Thing("mouth open", drawn.WIDE, visible=False)
    import_art(drawn.ora(tmp_path / "a.ora", (opened, *things)), tmp_path / "made")
    character = load_character(tmp_path / "made").character
    state = expression_state(character, "angry")
    assert f"nothing is drawn on '{name}'" in state.blocked and f"draw on '{name}' and save" in state.mend
    # Of two layers one may be empty, and so may be what plays no part, or was merged into another one.
    for other in (name, "mouth closed", "pupil left", "sparkles"):
        remarks = made_with(tmp_path, (Thing(other, nothing), *WHOLE)).remarks
        assert not [remark for remark in remarks if "nothing is drawn" in remark]


def test_notes_are_not_told_as_hidden(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    notes = Thing("notes", drawn.ellipse(20, 20, 10, 10, drawn.INK))
    import_art(drawn.ora(tmp_path / "a.ora", (notes, *WHOLE)), tmp_path / "made")
    character = load_character(tmp_path / "made").character
    assert expression_state(character, "neutral").blocked == ()
    assert main(["inspect", str(tmp_path / "made")]) == 0
    assert "unless the host does" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("x", "y", "lies"), [(LEFT, 30, "below"), (LEFT, -30, "above"), (LEFT + 40, 2, "beside"), (LEFT, 6, "")]
)
def test_a_shut_eye_that_lies_elsewhere_is_told(tmp_path: Path, x: int, y: int, lies: str) -> None:
    low = drawn.arc(x, drawn.EYES + y, 14, 5, 3, drawn.INK)
    told = told_of(tmp_path, (*shut(low, drawn.shut_eye(RIGHT)), *WHOLE))
    moved = f"'eye closed L' lies {lies} the left eye that it shuts; move 'eye closed L' onto it and save"
    assert told == ((moved,) if lies else ())


@pytest.mark.parametrize(("wide", "times"), [(15, ""), (20, ""), (27, "1.8")])
def test_a_shut_eye_that_is_much_larger_is_told(tmp_path: Path, wide: int, times: str) -> None:
    large = drawn.arc(LEFT, drawn.EYES + 2, wide, 5, 3, drawn.INK)
    told = told_of(tmp_path, (*shut(large, drawn.shut_eye(RIGHT)), *WHOLE))
    line = (
        f"'eye closed L' is {times} times as wide as the left eye that it shuts; draw 'eye closed L' smaller"
    )
    assert told == ((f"{line} and save",) if times else ())


def test_a_shut_eye_is_not_held_against_an_iris_or_a_glint(tmp_path: Path) -> None:
    """The rest of the eye may be painted on the face."""
    rest = tuple(t for t in WHOLE if not t.name.startswith(("eye white", "lash")))
    low = (drawn.arc(x, drawn.EYES + 11, 16, 5, 3, drawn.INK) for x in (LEFT, RIGHT))
    dots = drawn.over(*(drawn.ellipse(LEFT + x, drawn.EYES - 3, 2, 2, drawn.WHITE) for x in (-5, 5)))
    remarks = made_with(tmp_path, (*shut(*low), Thing("glint left", dots), *rest)).remarks
    assert not [one for one in remarks if "that it shuts" in one or "holds both" in one]


def test_a_part_that_nobody_sees_is_told(tmp_path: Path) -> None:
    clear = tuple(replace(t, opacity=0) if t.name == "eyebrow L" else t for t in WHOLE)
    told = told_of(tmp_path, clear)
    assert told == (
        "'eyebrow L' has an opacity of 0 %, so nobody sees it; raise the opacity of 'eyebrow L' and save",
    )
    faint = tuple(replace(t, opacity=40) if t.name == "eyebrow L" else t for t in WHOLE)
    assert told_of(tmp_path, faint) == ()


def test_one_brow_that_is_hidden_is_told_to_be_shown_and_a_correction_hides_it(tmp_path: Path) -> None:
    one = tuple(t.hidden() if t.name == "eyebrow L" else t for t in WHOLE)
    (told,) = told_of(tmp_path, one)
    assert told == (
        "'eyebrow L' is hidden in the art, and is shown here, as the other brow is; show it in the art and "
        f'save, or, to have it hidden, write "eyebrow L" = "hidden" {MAP}'
    )
    made = made_with(tmp_path, one, eyebrow_L="hidden")
    assert not [remark for remark in made.remarks if "is shown here" in remark]
    both = tuple(t.hidden() if t.name.startswith("eyebrow") else t for t in WHOLE)
    assert not [remark for remark in made_with(tmp_path, both).remarks if "is shown here" in remark]


@pytest.mark.parametrize(
    ("name", "role", "parts"), [("eyebrow L", "brow", drawn.brow), ("eye L", "eye", drawn.whole_eye)]
)
def test_both_on_one_layer_that_is_called_left_is_told_and_nothing_else(
    tmp_path: Path, name: str, role: str, parts: Callable[[float], U8]
) -> None:
    of_role = {"brow": ("eyebrow",), "eye": ("eye", "iris", "lash")}[role]
    rest = tuple(
        t for t in WHOLE if not (t.name.startswith(of_role) and (role == "brow" or "brow" not in t.name))
    )
    both = Thing(name, drawn.over(parts(LEFT), parts(RIGHT)))
    told = [one for one in made_with(tmp_path, (both, *rest)).remarks if "left" in one or "right" in one]
    assert told == [
        f"'{name}' is called left and holds both left and right; call it without its side and save, or write "
        f'"{name}" = "{role}" {MAP}'
    ]
    given = made_with(tmp_path, (both, *rest), **{name.replace(" ", "_"): role}).remarks
    assert not [one for one in given if "left" in one or "right" in one]


def test_a_misspelt_part_of_a_face_is_told(tmp_path: Path) -> None:
    things = tuple(t.called("lahs left") if t.name == "lash left" else t for t in WHOLE)
    told = made_with(tmp_path, things).remarks
    assert told[0] == (
        "'lahs left': `lahs` is no word that is known; if `lash` is meant, correct the name of 'lahs left' "
        "and save"
    )
    assert not [one for one in told_of(tmp_path, changed()) if "no word" in one]


@pytest.mark.parametrize(
    "role",
    [
        *(f"{part} {side}" for part in ("brow", "eye", "white", "iris", "lash") for side in OTHER_SIDE),
        *(f"eye {side} closed" for side in OTHER_SIDE),
        "white",
        "iris",
        *MOUTHS.values(),
    ],
)
def test_a_layer_of_the_name_that_is_told_is_what_was_missing(role: str) -> None:
    part, *rest = role.split(" ")
    reading = read_name(or_draw_it(role).split("`")[1])
    state = mouth_shape(reading) if part == "mouth" else lid_state(reading)
    assert [reading.role, *filter(None, (reading.side, state))] == [part, *rest]


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("lahses", "lashes"),
        ("borw", "brow"),
        ("eyebow", "eyebrow"),
        ("smille", "smile"),
        ("clsoed", "closed"),
        ("brown", ""),
        ("bow", ""),
        ("mouse", ""),
        ("month", ""),
        ("lace", ""),
        ("iris", ""),
        ("lashes", ""),
        ("mouthless", ""),
        ("Layer", ""),
    ],
)
def test_a_word_is_taken_for_a_misspelt_one_where_it_hardly_is_another(word: str, meant: str) -> None:
    assert _meant(word.casefold()) == meant
