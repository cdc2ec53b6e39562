"""Hidden folders that hold a face of one mood become the brows, the mouth and the eyes of that mood."""

from __future__ import annotations

from pathlib import Path

import pytest

from importing import drawn
from importing.drawn import Thing
from mien.art.looks import expression_state
from mien.art import load_character
from mien.importing.labels import Label
from mien.importing.layered import read_source
from mien.importing.make import Made, make
from mien.importing.mapping import given_labels
from mien.importing.whole import import_art
from mien.types import U8

FROWN = drawn.arc(100, drawn.MOUTH + 4, 12, -4, 3, drawn.LIPS)
SNEER = drawn.arc(100, drawn.MOUTH + 2, 9, -2, 4, drawn.LIPS)
SMILE = drawn.arc(100, drawn.MOUTH - 2, 14, 6, 3, drawn.LIPS)


def raised(x: float, up: float) -> U8:
    return drawn.arc(x, drawn.EYES - 20 - up, 14, -6, 4, drawn.INK)


def brows(up: float) -> tuple[Thing, ...]:
    return (Thing("brow L", raised(drawn.LEFT, up)), Thing("brow R", raised(drawn.RIGHT, up)))


def face(name: str, *inside: Thing) -> Thing:
    """A hidden folder."""
    return Thing(name, inside=inside, visible=False)


ANGRY = face("Angry", *brows(-4), Thing("mouth", SNEER))
SAD = face("Sad face", *brows(3), Thing("mouth", FROWN), Thing("mouth open", drawn.ROUND))
HAPPY = face(
    "Happy",
    Thing("mouth", SMILE),
    Thing("eye L", drawn.shut_eye(drawn.LEFT)),
    Thing("eye R", drawn.shut_eye(drawn.RIGHT)),
    Thing("blush", drawn.ellipse(100, 140, 40, 8, (230, 120, 120))),
    Thing("sparkle", drawn.ellipse(40, 60, 6, 6, drawn.WHITE)),
)


def made_of(tmp_path: Path, *moods: Thing, **given: str) -> Made:
    source = read_source(drawn.ora(tmp_path / "a.ora", (*moods, *drawn.plain())))
    layers = {name.replace("__", "/").replace("_", " "): what for name, what in given.items()}
    return make(source, "Somebody", given_labels(layers, source, "map.toml"))


def shown(made: Made, expression: str) -> dict[str, object]:
    found: dict[str, object] = made.document["expressions"][expression]
    return found


def test_an_expression_shows_what_the_folder_of_its_mood_draws(tmp_path: Path) -> None:
    made = made_of(tmp_path, ANGRY, SAD, HAPPY)
    slots = {slot["name"]: slot for slot in made.document["slot"]}
    brows_of = {name: picks for name in ("angry", "sad") for picks in [shown(made, name)["slots"]]}
    assert all(set(picks.values()) == {name} and len(picks) == 2 for name, picks in brows_of.items())  # type: ignore[attr-defined]
    # Two that frown differ.
    assert (shown(made, "angry")["mood"], shown(made, "sad")["mood"]) == ("angry", "frown")
    moods = made.document["mouth"]["moods"]
    assert {"angry", "frown", "smile"} <= moods.keys()
    assert "aa" in moods["frown"]["frown_aa"]
    assert shown(made, "happy")["mood"] == "smile"
    assert shown(made, "joy")["lids"] == "happy"
    assert {"blush": "on"}.items() <= shown(made, "joy")["slots"].items()  # type: ignore[attr-defined]
    rows = {row.layer: row for row in made.rows}
    assert rows["Angry/mouth"].became == "mouth: angry_sil"
    assert rows["Sad face/mouth"].why == "by its name and that of its folder"
    assert rows["Happy/sparkle"].status == "hidden"
    assert len(rows) >= len(slots)


def test_the_plain_face_is_as_without_them(tmp_path: Path) -> None:
    plain, moods = made_of(tmp_path), made_of(tmp_path, ANGRY, HAPPY)
    at_rest = [
        {slot["name"]: slot["default"] for slot in made.document["slot"] if slot["default"]}
        for made in (plain, moods)
    ]
    assert at_rest[0] == at_rest[1]


def test_open_eyes_lean_and_closed_ones_beside_them_stay_hidden(tmp_path: Path) -> None:
    low = [drawn.over(drawn.whole_eye(x), drawn.arc(x, drawn.EYES - 6, 14, 0, 6, drawn.SKIN)) for x in (125, 75)]
    eyes = (Thing("eye L", low[0]), Thing("eye R", low[1]))
    shut = Thing("eyes closed", drawn.over(drawn.shut_eye(75), drawn.shut_eye(125)))
    made = made_of(tmp_path, face("Mad", *eyes, shut), face("Crying", *eyes))
    assert shown(made, "angry")["lids"] == "stern"
    assert shown(made, "sad")["lids"] == "sorry"
    rows = {row.layer: row for row in made.rows}
    assert rows["Mad/eyes closed"].status == "hidden"
    assert "stern" in rows["Mad/eye L"].became


def test_folders_within_folders_and_what_somebody_says(tmp_path: Path) -> None:
    outer = face("Expressions", Thing("Anger", inside=ANGRY.inside), Thing("note", drawn.ROUND))
    made = made_of(tmp_path, outer)
    assert shown(made, "angry")["slots"]
    rows = {row.layer: row for row in made.rows}
    assert rows["Expressions/note"].status == "hidden"
    given = made_of(tmp_path, ANGRY, Angry__mouth="hidden")
    assert "angry" not in given.document["mouth"]["moods"]
    assert shown(given, "angry")["slots"]


@pytest.mark.parametrize("what", ["shown", "no face", "of a part"])
def test_other_folders_are_as_before(tmp_path: Path, what: str) -> None:
    folder = {
        "shown": Thing("Angry", inside=(Thing("mouth", SNEER),)),
        "no face": face("Happy", Thing("hat", drawn.FRINGE)),
        "of a part": face("happy eyes", Thing("line", drawn.shut_eye(drawn.LEFT))),
    }[what]
    labels = made_of(tmp_path, folder).labels
    assert not any(
        label.how == "named" and label.state in ("angry", "frown", "smile") and len(path) > 1
        for path, label in labels.items()
        if isinstance(label, Label)
    )


def test_the_character_says_from_where_each_is(tmp_path: Path) -> None:
    import_art(drawn.ora(tmp_path / "a.ora", (ANGRY, *drawn.plain())), tmp_path / "made")
    character = load_character(tmp_path / "made").character
    told = "; ".join(expression_state(character, "angry").changes)
    assert "'Angry/mouth' as mouth frown, by its name and that of its folder" in told
    assert "'Angry/brow L' as brow left angry, by its name and that of its folder" in told
