"""What a name says to lie at one side, and lies at the other, is put right where its pair or the nose shows
that; what somebody says is not."""

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


def faceless() -> tuple[Thing, ...]:
    """A figure without eyes and brows."""
    return tuple(thing for thing in drawn.plain() if not thing.name.startswith("eye"))


def became(made: Imported, *layers: str) -> list[str]:
    rows = {row.layer: row.became for row in made.rows}
    return [rows[layer] for layer in layers]


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


def test_of_one_iris_and_one_lash_that_are_called_as_the_others_are_each_is_told_by_itself(
    tmp_path: Path,
) -> None:
    names = {"iris right": "iris left 2", "lash left": "lash right 2"}
    made = made_of(tmp_path, tuple(t.called(names.get(t.name, t.name)) for t in drawn.in_pieces()))
    assert made.remarks == (
        "'iris left 2' is named left and lies on the right; taken for the right iris",
        "'lash right 2' is named right and lies on the left; taken for the left lash",
    )
    assert made.missing == ()


def test_a_side_that_a_folder_alone_says_is_told_as_its_folder_s(tmp_path: Path) -> None:
    pieces = tuple(t.called("iris") for t in drawn.in_pieces() if t.name == "iris right")
    bits = Thing("left eye bits", inside=pieces)
    made = made_of(tmp_path, tuple(bits if t.name == "iris right" else t for t in drawn.in_pieces()))
    assert made.remarks == (
        "'left eye bits/iris' is left by its folder's name and lies on the right; taken for the right iris",
    )


def test_what_a_folder_alone_says_is_known_by_that_and_its_side_by_its_place(tmp_path: Path) -> None:
    pieces = tuple(t.called("Layer 3") for t in drawn.in_pieces() if t.name == "iris right")
    bits = Thing("left iris", inside=pieces)
    made = made_of(tmp_path, tuple(bits if t.name == "iris right" else t for t in drawn.in_pieces()))
    why = "by the name of its folder, and its side by its place"
    (row,) = (row for row in made.rows if row.layer == "left iris/Layer 3")
    assert (row.became, row.why) == ("iris right", why)
    assert f"'left iris/Layer 3' as iris right, {why}" in map(str, origins(tmp_path, ""))


@pytest.mark.parametrize(
    "columns",
    [
        pytest.param((52, 91, 109, 148), id="the inner ones close together"),
        pytest.param((35, 82, 118, 165), id="all apart"),
    ],
)
def test_four_eyes_that_are_named_rightly_stay(tmp_path: Path, columns: tuple[int, ...]) -> None:
    names = ("eye R outer", "eye R inner", "eye L inner", "eye L outer")
    eyes = tuple(
        Thing(name, drawn.ellipse(x, drawn.EYES, 5, 5, drawn.INK))
        for name, x in zip(names, columns, strict=True)
    )
    made = made_of(tmp_path, (*eyes, *faceless()))
    assert made.remarks == ()
    assert became(made, *names) == ["eye right", "eye right", "eye left", "eye left"]


def test_four_eyes_that_are_named_as_the_viewer_sees_them_are_put_right(tmp_path: Path) -> None:
    names = ("eye L outer", "eye L inner", "eye R inner", "eye R outer")
    eyes = tuple(
        Thing(name, drawn.ellipse(x, drawn.EYES, 5, 5, drawn.INK))
        for name, x in zip(names, (35, 82, 118, 165), strict=True)
    )
    made = made_of(tmp_path, (*eyes, *faceless()))
    assert became(made, *names) == ["eye right", "eye right", "eye left", "eye left"]


MASCOT = tuple(
    Thing(f"cat eye {side}", drawn.ellipse(x, 220, 4, 4, drawn.INK)) for side, x in (("L", 185), ("R", 165))
)


def test_eyes_of_a_mascot_on_a_shoulder_that_are_named_rightly_stay(tmp_path: Path) -> None:
    made = made_of(tmp_path, (*MASCOT, *drawn.plain()))
    assert made.remarks == ()
    assert became(made, "cat eye L", "cat eye R") == ["eye left", "eye right"]


def test_eyes_of_a_mascot_are_a_pair_of_their_own(tmp_path: Path) -> None:
    other = {"eye L": "eye R", "eye R": "eye L"}
    made = made_of(tmp_path, (*MASCOT, *(t.called(other.get(t.name, t.name)) for t in drawn.plain())))
    (told,) = made.remarks
    assert told.startswith("left and right of 'eye L', 'eye R' are named as the viewer sees them")
    assert became(made, "cat eye L", "cat eye R") == ["eye left", "eye right"]


@pytest.mark.parametrize("parts", [(), ("lash",), ("lash", "iris", "eye white")])
def test_a_lash_without_another_one_is_taken_by_its_place(tmp_path: Path, parts: tuple[str, ...]) -> None:
    things = tuple(t for t in drawn.in_pieces() if t.name != "lash right")
    made = made_of(tmp_path, swapped(things, *parts) if parts else things)
    assert made.missing == ("right lash",)
    told = "'lash right' is named right and lies on the left; taken for the left lash"
    assert (told in made.remarks) is bool(parts)


def test_a_second_lash_follows_those_of_which_the_sides_are_exchanged(tmp_path: Path) -> None:
    lower = Thing("lash left 2", drawn.arc(drawn.RIGHT, drawn.EYES + 8, 10, 3, 2, drawn.INK))
    made = made_of(tmp_path, (lower, *swapped(drawn.in_pieces(), "lash")))
    assert sum("named as the viewer sees them" in remark for remark in made.remarks) == 1
    assert became(made, "lash left 2", "lash left", "lash right") == ["lash right", "lash right", "lash left"]


def test_what_somebody_says_of_a_side_is_followed_whatever_its_place(tmp_path: Path) -> None:
    given = {"iris left": "iris right", "iris right": "iris left"}
    (told,) = made_of(tmp_path, drawn.in_pieces(), given).remarks
    assert "are given as right and left and lie at the character's other side" in told
    taken = {origin.layers: origin.taken_for for origin in origins(tmp_path, "iris") if origin.how == "given"}
    assert taken == {("iris left",): "iris right", ("iris right",): "iris left"}


def test_what_corrections_alone_say_of_sides_is_followed_as_well(tmp_path: Path) -> None:
    parts = ("lash", "iris", "eye white")
    pieces = tuple(t for t in drawn.in_pieces() if t.name.startswith(parts))
    things = (*(t.called(f"Layer {i}") for i, t in enumerate(pieces)), *faceless())
    viewers, right = (
        {f"Layer {i}": t.name.removeprefix("eye ") for i, t in enumerate(named)}
        for named in (swapped(pieces, *parts), pieces)
    )
    made = made_of(tmp_path, things, viewers)
    assert became(made, *viewers) == list(viewers.values())
    (told,) = made.remarks
    assert "are given as right and left and lie at the character's other side" in told
    assert made_of(tmp_path, things, right).remarks == ()


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
