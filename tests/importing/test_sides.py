"""What a name says to lie at one side, and lies at the other, is put right; what somebody says is not."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from importing import drawn
from importing.drawn import Thing
from mien.art import load_character
from mien.importing.whole import Imported, import_art
from mien.origin import Origin

BROWS = {"eyebrow L": "eyebrow R", "eyebrow R": "eyebrow L"}


def swapped(things: tuple[Thing, ...], *parts: str) -> tuple[Thing, ...]:
    """The same with left and right of these parts exchanged in their names."""
    other = {"left": "right", "right": "left"}
    names = {f"{part} {side}": f"{part} {other[side]}" for part in parts for side in other} | BROWS
    chosen = {t.name for t in things if t.name.startswith(parts)}
    return tuple(t.called(names[t.name]) if t.name in chosen else t for t in things)


def made_of(tmp_path: Path, things: tuple[Thing, ...], given: Mapping[str, str] | None = None) -> Imported:
    corrections = tmp_path / "map.toml"
    lines = [f'"{layer}" = "{what}"' for layer, what in (given or {}).items()]
    corrections.write_text("\n".join(["[layers]", *lines]), "utf-8")
    path = drawn.ora(tmp_path / "a.ora", things)
    return import_art(path, tmp_path / "made", map_file=corrections if given else None)


def sides(tmp_path: Path) -> dict[str, str]:
    """Each slot of an eye or a brow -> on which side it lies."""
    slots = load_character(tmp_path / "made").character.slots
    own = [slot for slot in slots if slot.name.endswith(("_left", "_right"))]
    assert own
    return {slot.name: "left" if slot.drawings[0].offset[0] > 90 else "right" for slot in own}


def origins(tmp_path: Path, part: str) -> list[Origin]:
    slots = load_character(tmp_path / "made").character.slots
    return [origin for slot in slots if slot.name.startswith(part) for origin in slot.origins.values()]


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param(("iris",), id="irises"),
        pytest.param(("lash",), id="lashes"),
        pytest.param(("eye white",), id="whites"),
        pytest.param(("eyebrow",), id="brows"),
        pytest.param(("eyebrow", "iris"), id="two pairs"),
        pytest.param(("eye white", "lash", "iris"), id="all of the eyes"),
    ],
)
def test_pairs_that_alone_are_named_the_other_way_round_are_put_right_and_told(
    tmp_path: Path, parts: tuple[str, ...]
) -> None:
    (told,) = made_of(tmp_path, swapped(drawn.in_pieces(), *parts)).remarks
    assert told.startswith("left and right of ")
    assert told.endswith(" are named as the viewer sees them; taken the other way round")
    assert all(slot.endswith(f"_{side}") for slot, side in sides(tmp_path).items())


def test_of_a_pair_that_is_put_right_the_layers_are_named_and_where_it_is_known_from(tmp_path: Path) -> None:
    made = made_of(tmp_path, swapped(drawn.in_pieces(), "iris"))
    assert made.remarks[0].startswith("left and right of 'iris left', 'iris right' are named")
    why = "by its name, and its side by its place"
    (row,) = (row for row in made.rows if row.layer == "iris left")
    assert (row.became, row.why) == ("iris right", why)
    told = {str(origin) for origin in origins(tmp_path, "iris") if origin.how == "named"}
    assert told == {f"'iris left' as iris right, {why}", f"'iris right' as iris left, {why}"}
    assert {origin.why for origin in origins(tmp_path, "lash") if origin.how == "named"} == {""}


@pytest.mark.parametrize("part", ["eyebrow", "iris", "eye white", "lash"])
def test_of_two_that_are_called_left_the_one_on_the_right_is_taken_for_the_right_one(
    tmp_path: Path, part: str
) -> None:
    names = {f"{part} {side}": f"{part} left copy" for side in ("right", "R")}
    made = made_of(tmp_path, tuple(t.called(names.get(t.name, t.name)) for t in drawn.in_pieces()))
    what = part.removeprefix("eye")
    assert made.remarks == (
        f"'{part} left copy' is named left and lies on the right; taken for the right {what.strip()}",
    )
    assert made.missing == ()
    assert all(slot.endswith(f"_{side}") for slot, side in sides(tmp_path).items())


def test_what_somebody_says_of_a_side_is_followed_whatever_its_place(tmp_path: Path) -> None:
    given = {"iris left": "iris right", "iris right": "iris left"}
    (told,) = made_of(tmp_path, drawn.in_pieces(), given).remarks
    assert "are given as right and left and lie at the character's other side" in told
    taken = {origin.layers: origin.taken_for for origin in origins(tmp_path, "iris") if origin.how == "given"}
    assert taken == {("iris left",): "iris right", ("iris right",): "iris left"}


def test_what_lies_in_a_folder_of_which_somebody_says_the_side_is_followed_as_well(tmp_path: Path) -> None:
    pieces = tuple(t.called("iris") for t in drawn.in_pieces() if t.name == "iris right")
    things = tuple(Thing("group", inside=pieces) if t.name == "iris right" else t for t in drawn.in_pieces())
    made = made_of(tmp_path, things, {"group": "left"})
    assert not any("taken for" in remark for remark in made.remarks)


def test_sides_are_left_as_named_where_no_gap_shows_which_is_which(tmp_path: Path) -> None:
    """An eye seen from the side, with a brow that lies beside its middle."""
    side = (
        Thing("eyebrow left", drawn.arc(60, drawn.EYES - 20, 10, -3, 3, drawn.INK)),
        *(t for t in drawn.in_pieces() if t.name.endswith("left")),
    )
    others = tuple(t for t in drawn.plain() if not t.name.startswith("eye"))
    assert not any("taken" in remark for remark in made_of(tmp_path, (*side, *others)).remarks)


def test_a_dot_beside_an_eye_turns_no_sides_round(tmp_path: Path) -> None:
    dotted = drawn.over(drawn.lash(drawn.LEFT), drawn.ellipse(196, 20, 2, 2, drawn.INK))
    things = tuple(Thing(t.name, dotted) if t.name == "lash left" else t for t in drawn.in_pieces())
    made = made_of(tmp_path, things)
    assert not any("taken" in remark for remark in made.remarks)
