"""What names of layers say, in the ways of other programs and in three languages."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))

import import_words
from importing import drawn
from mien.errors import FormatError
from mien.importing.layered import read_source
from mien.importing.mapping import given_labels
from mien.importing.names import ASIDE, lid_state, mouth_shape, read_name, vocabulary
from mien.importing.naming import plain_name


@pytest.mark.parametrize(
    ("name", "within", "role", "side"),
    [
        ("+Left Eyebrow", "", "brow", "left"),
        ("Left Blink", "", "eye", "left"),
        ("Right Eyeball", "", "white", "right"),
        ("Left Pupil Range", "", "white", "left"),
        ("+Left Pupil", "eye", "pupil", "left"),
        ("EyeWhite_R", "", "white", "right"),
        ("eye_L_white", "", "white", "left"),
        ("EyeLWhite", "", "white", "left"),
        ("LEye", "", "eye", "left"),
        ("ALLEyes", "", "", ""),
        ("white", "eye", "white", ""),
        ("white", "", "", ""),
        ("!前髪", "", "hair_front", ""),
        ("後ろ髪", "", "hair_back", ""),
        ("maegami", "", "hair_front", ""),
        ("ushiro_gami", "", "hair_back", ""),
        ("F_Hair", "", "hair_front", ""),
        ("B_Hair", "", "hair", ""),  # the second of a row, or the back
        ("Hair_B", "", "hair", ""),
        ("前", "hair", "hair_front", ""),
        ("まつ毛左", "", "lash", "left"),
        ("左目", "", "eye", "left"),
        ("眉毛R", "", "brow", ""),
        ("眉毛 R", "", "brow", "right"),
        ("刘海", "", "hair_front", ""),
        ("嘴巴", "", "mouth", ""),
        ("leftarm", "", "arm", "left"),
        ("torsoback", "", "body", ""),
        ("hairfront", "", "hair_front", ""),
        ("heart", "", "", ""),
        ("hair sketch", "", "hair", ""),
        ("L", "mouth", "", ""),
        ("Layer 12", "", "", ""),
    ],
)
def test_a_name_says_a_part_and_a_side(name: str, within: str, role: str, side: str) -> None:
    reading = read_name(name, within)
    assert (reading.role, reading.side) == (role, side)


def test_a_side_that_is_written_together_with_how_an_eye_is_parts_the_two() -> None:
    reading = read_name("EyeLClosed2")
    assert (reading.role, reading.side, lid_state(reading)) == ("eye", "left", "closed")


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("Ah", "aa"),
        ("W-Oo", "U"),
        ("mouth.smile_aa", "smile/aa"),
        ("mouth open happy", "smile/aa"),
        ("mouth_frown_sil", "frown/sil"),
        ("mouth.neutral_e", "E"),
        ("mouth neutral aa half", "UH"),
        ("L", "LL"),
        ("M", "PP"),
        ("M (2)", "PP"),
        ("M1", ""),
        ("m 2", ""),
        ("mouth_M3", ""),
        ("mouth a 1", "aa"),
        ("smile a1", "smile/aa"),
        ("aa1", "aa"),
        ("Neutral", "sil"),
        ("Smile", "smile"),
        ("mouth_open", "aa"),
        ("mouth closed", "sil"),
        ("talk [OU]", "U"),
        ("mouth open [CH]", "CH"),
        ("口 あ", "aa"),
        ("*お", "O"),
        ("閉じ", "sil"),
        ("*ほあー", ""),
        ("Layer 3", ""),
    ],
)
def test_a_mouths_name_says_what_it_speaks(name: str, shape: str) -> None:
    assert mouth_shape(read_name(name, "mouth")) == shape


@pytest.mark.parametrize(
    ("name", "state"),
    [("*閉じ目", "closed"), ("eyes closed", "closed"), ("にっこり", "happy"), ("ジト目", "half"), ("目", "")],
)
def test_an_eyes_name_says_how_open_it_is(name: str, state: str) -> None:
    assert lid_state(read_name(name, "eye")) == state


@pytest.mark.parametrize(
    ("name", "aside"),
    [
        ("notes DO NOT SHIP", True),
        ("don't ship", True),
        ("eye guide", True),
        ("\u30e9\u30d5", True),
        ("girl WIP", True),
        ("head wip", False),
        ("notebook", False),
        ("reflection", False),
    ],
)
def test_a_name_says_what_is_no_part_of_a_figure(name: str, aside: bool) -> None:
    assert read_name(name).aside == aside


def test_marks_of_other_programs_are_read() -> None:
    assert read_name("*通常").radio
    assert read_name("!顔").forced
    assert read_name("右腕:flipx").flips
    assert read_name("c3_hat").costume == "3"
    assert read_name("pivot_left arm").pivot_of == "left arm"


@pytest.mark.parametrize(
    ("text", "name"),
    [("*むふ", "むふ"), ("Layer 3", "Layer_3"), ("a/b\\c", "a_b_c"), ("///", "layer"), ("é" * 90, "é" * 48)],
)
def test_any_text_becomes_a_name_of_the_format(text: str, name: str) -> None:
    assert plain_name(text, "layer") == name


def test_the_words_of_corrections_in_the_documentation_are_those_that_are_known() -> None:
    page = import_words.PAGE.read_text("utf-8")
    assert page.count(import_words.BEGIN) == page.count(import_words.END) == 1
    assert import_words.written(page) == page, "make it again: python tools/import_words.py"
    told = import_words.words()
    assert all(f"`{role}` |" in told for role in vocabulary().roles if role not in ASIDE)


def test_a_word_that_is_not_known_is_told_where_all_are(tmp_path: Path) -> None:
    source = read_source(drawn.ora(tmp_path / "a.ora", drawn.plain()))
    with pytest.raises(
        FormatError, match=r"zzz.*known: .* more; docs/import.md has all, under (.*)\.$"
    ) as told:
        given_labels({"mouth": "zzz"}, source, "map.toml")
    heading = str(told.value).rpartition("under ")[2].removesuffix(".")
    assert f"\n### {heading}\n" in import_words.PAGE.read_text("utf-8")
    with pytest.raises(FormatError, match=r"did you mean 'iris'\?$"):
        given_labels({"mouth": "irs"}, source, "map.toml")
