"""Names of any script name slots, drawings and expressions, and the files of their pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, TypeAlias
from unicodedata import normalize

import pytest

from art.build import tiny_character, tiny_document
from mien.art import load_character, pack_character
from mien.art.read_manifest import read_manifest
from mien.documents.table import is_name
from mien.errors import FormatError
from mien.motion import resolve_expression

Form: TypeAlias = Literal["NFC", "NFD"]

GOOD = ["mouth", "口", "émue", "बाल", "рот", "_x", "9a", "a-b.c", "喜び", "눈", "ปาก", "x" * 64]
BAD = [
    "",
    "a b",
    "a/b",
    "-a",
    ".a",
    "a:b",
    "\N{GRINNING FACE}",
    "a\u202eb",
    "a\n",
    "x" * 65,
    "\U00010330" * 51,
    "a!",
]


@pytest.mark.parametrize("name", GOOD)
def test_letters_of_any_script_make_a_name(name: str) -> None:
    assert is_name(name)


@pytest.mark.parametrize("name", BAD)
def test_what_no_file_should_be_called_is_no_name(name: str) -> None:
    assert not is_name(name)


def named(form: Form) -> dict[str, Any]:
    """The tiny document with French names, in a form of Unicode."""
    document = tiny_document()
    document["slot"][5].update(name=normalize(form, "joue_rosée"), drawings=[normalize(form, "légère")])
    document["expressions"] = {normalize(form, "émue"): {"slots": {normalize(form, "joue_rosée"): "légère"}}}
    document["aliases"] = {normalize(form, "touchée"): normalize("NFC" if form == "NFD" else "NFD", "émue")}
    return document


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("on_disk", ["NFC", "NFD"])
def test_accents_apart_from_their_letters_are_the_same_name(
    tmp_path: Path, form: Form, on_disk: Form
) -> None:
    made = tiny_character(tmp_path / "made", named(form))
    target = made / "parts" / normalize(on_disk, "joue_rosée") / normalize(on_disk, "légère.png")
    target.parent.mkdir()
    (made / "parts/blush/soft.png").rename(target)
    loaded = load_character(made, page_size=128)
    assert not [warning for warning in loaded.warnings if "no slot draws this" in warning]
    character = loaded.character
    assert character.slots[5].name == "joue_rosée"
    assert resolve_expression(character, "émue") == resolve_expression(character, normalize("NFD", "Touchée"))
    pack_character(made, tmp_path / "made.mien", page_size=128)
    assert (
        load_character(tmp_path / "made.mien", page_size=128).character.slots[5].drawings[0].name == "légère"
    )


def test_the_error_says_what_a_name_is_made_of() -> None:
    document = tiny_document()
    document["slot"][4]["drawings"][1] = "très joli"
    with pytest.raises(FormatError, match="is named 'très joli'; a name is made of letters of any script"):
        read_manifest(document, "character.toml")


def test_two_keys_that_look_the_same_are_refused() -> None:
    document = tiny_document()
    document["aliases"] = {"\u00e9": "neutral", "e\u0301": "happy"}
    with pytest.raises(FormatError, match="aliases has one key twice"):
        read_manifest(document, "character.toml")
