"""Mouths of the art that no expression shows are told, and may be those that were made."""

from __future__ import annotations

from pathlib import Path

import pytest

from importing import drawn
from importing.drawn import Thing
from mien.art import load_character
from mien.art.looks import expression_state
from mien.character import Character
from mien.cli import main
from mien.importing.whole import import_art

GRIT = drawn.arc(100, drawn.MOUTH, 12, -1, 5, drawn.WHITE)
IN_A_MAP = "under [layers] of a file for mien import --map"


def art(tmp_path: Path, *mouths: Thing) -> Path:
    """The face, with these beside the mouth in a folder of mouths."""
    plain = drawn.plain()
    head = [t for t in plain if t.name not in ("front hair", "body", "back hair")]
    mouth = Thing("Mouths", inside=(*mouths, *(t for t in head if t.name == "mouth")))
    inside = (mouth, *(t for t in head if t.name != "mouth"))
    outside = tuple(t for t in plain if t not in head)
    return drawn.psd(tmp_path / "a.psd", (outside[0], Thing("HEAD", inside=inside), *outside[1:]))


def imported(tmp_path: Path, path: Path, line: str = "") -> Character:
    map_file = tmp_path / "map.toml" if line else None
    if map_file is not None:
        map_file.write_text(f"[layers]\n{line}\n", "utf-8")
    import_art(path, tmp_path / "made", map_file=map_file)
    return load_character(tmp_path / "made").character


@pytest.mark.parametrize(
    ("name", "what"), [("angry", "mouth frown_SS"), ("sad", "mouth frown"), ("surprised", "mouth O")]
)
def test_a_mouth_that_nothing_shows_may_be_the_one_that_was_made(
    tmp_path: Path, name: str, what: str
) -> None:
    path = art(tmp_path, Thing("grit", GRIT, visible=False))
    character = imported(tmp_path, path)
    told, layer = "hidden in the art, and in no expression: 'HEAD/Mouths/grit'", "HEAD/Mouths/grit"
    state = expression_state(character, name)
    assert state.blocked == (told,)
    own, that = state.mend[-2:]
    assert own.startswith("the mouth is made by Mien; ") and f"`{what}`" in own
    assert that == f'if \'{layer}\' is that mouth, write "{layer}" = "{what}" {IN_A_MAP}'
    # Where the mouth is the plain one it is told alone.
    plain = expression_state(character, "neutral")
    assert plain.blocked == (told,) and plain.mend == ()
    # What it says helps.
    mended = expression_state(imported(tmp_path, path, f'"{layer}" = "{what}"'), name)
    assert any(change.startswith("mouth: ") and f"'{layer}' as mouth" in change for change in mended.changes)
    assert mended.blocked == () and not any("mouth" in mend for mend in mended.mend)


def test_two_of_many_are_named_as_that_mouth(tmp_path: Path) -> None:
    names = ("grit", "pout", "flower", "pancake", "zigzag")
    grits = (Thing(name, drawn.over(GRIT, drawn.arc(96 + 3 * k, drawn.MOUTH, 3, 1, 4, drawn.INK)))
             for k, name in enumerate(names))  # fmt: skip
    state = expression_state(imported(tmp_path, art(tmp_path, *(t.hidden() for t in grits))), "sad")
    (told,) = state.blocked
    named = told.removeprefix("hidden in the art, and in no expression: ")
    assert named.endswith(" and 2 more") and named.count("'HEAD/Mouths/") == 3
    one, two = (part.strip("'") for part in named.split(", ")[:2])
    lines = f'"{one}" = "mouth frown" or "{two}" = "mouth frown"'
    assert state.mend[-1] == f"if '{one}' or '{two}' is that mouth, write {lines} {IN_A_MAP}"


def test_mouths_of_moods_and_of_gestures_are_seen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = ("smile", "frown", "mouth open", "mouth O")
    path = art(tmp_path, *(Thing(name, GRIT, visible=False) for name in names))
    character = imported(tmp_path, path)
    assert all(expression_state(character, name).blocked == () for name in character.expressions)
    character = imported(tmp_path, art(tmp_path, Thing("grit", GRIT, visible=False)))
    manifest = tmp_path / "made/character.toml"
    mouth = character.slots[character.mouth.slot].name
    text = manifest.read_text("utf-8")
    manifest.write_text(f'{text}\n[gestures.bite]\nslots = {{ {mouth} = "grit" }}\n', "utf-8")
    assert main(["inspect", str(tmp_path / "made"), "--expression", "sad"]) == 0
    assert "grit" not in capsys.readouterr().out


def test_vowels_that_are_made_alike_for_two_moods_are_no_fault_of_the_art(tmp_path: Path) -> None:
    frowns = {
        "Angry": drawn.arc(100, drawn.MOUTH + 2, 9, -2, 4, drawn.LIPS),
        "Sad": drawn.arc(100, drawn.MOUTH + 4, 12, -4, 3, drawn.LIPS),
    }
    faces = (Thing(name, None, (Thing("mouth", line),), False) for name, line in frowns.items())
    import_art(drawn.psd(tmp_path / "a.psd", (*faces, *drawn.plain())), tmp_path / "made")
    loaded = load_character(tmp_path / "made")
    drawings = {
        d.name: (d.page, d.region) for d in loaded.character.slots[loaded.character.mouth.slot].drawings
    }
    assert drawings["frown_E"] == drawings["angry_E"]
    assert not any("the same picture" in warning for warning in loaded.warnings)
