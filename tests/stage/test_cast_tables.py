"""Tables of casts that change: whoever came and went, rows and layers are those of a cast opened so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random

import pytest

from art.build import layered_character, layered_document, tiny_character
from mien.art.load import load_character
from mien.character import Character
from mien.composite import FrameRows
from mien.composite.offscreen_layers import fitting
from mien.composite.rows import EACH_SAMPLE, MASK_PAGE, NO_MASK, PAGE, SAMPLE_COUNT
from mien.errors import ScriptError
from mien.mesh import Ball, Mesh
from mien.stage.cast_tables import CastTables, Room
from mien.stage.player import Actor
from mien.types import Affine, Size

SIZE = Size(48, 32)
WALL = (0.25, 0.25, 0.5, 1.0)
ROWS = 80


@pytest.fixture(scope="module")
def kinds(tmp_path_factory: pytest.TempPathFactory) -> list[Character]:
    """A character without groups, one with an isolated one, and one with groups and masks of every kind."""
    folder = tmp_path_factory.mktemp("cast")
    isolated = layered_document()
    isolated["slot"][1].pop("mask"), isolated["slot"][1].pop("mask_offset")
    isolated["group"] = [isolated["group"][1]]
    made = [
        tiny_character(folder / "plain"),
        tiny_character(folder / "isolated", isolated),
        layered_character(folder / "layered"),
    ]
    characters = [load_character(one).character for one in made]
    passing = next(group for group in characters[2].groups if group.pass_through)
    bare = replace(passing, mask=None, opacity=1.0)
    groups = tuple(bare if group is passing else group for group in characters[2].groups)
    return [*characters, replace(characters[2], groups=groups)]


def what(frame: FrameRows, block: FrameRows, number: int) -> object:
    """What a block shows, with the pictures of layers in the place of their numbers."""
    shown = []
    for row in block.rows[: block.count]:
        pages = [sample.start + PAGE for sample in EACH_SAMPLE[: int(row[SAMPLE_COUNT])]]
        if row[MASK_PAGE] != NO_MASK:
            pages.append(MASK_PAGE)
        pictures = []
        plain = row.copy()
        for column in pages:
            if row[column] < 0:
                layer = -1 - int(row[column])
                assert layer < number, "a layer shows only those before it"
                pictures.append(what(frame, frame.offscreens[layer], layer))
                plain[column] = -1.0
        shown.append((plain.tobytes(), tuple(pictures)))
    return block.clear, tuple(shown)


def filled(tables: CastTables, actors: Sequence[Actor], frame: FrameRows, chance: Random) -> object:
    """A frame of these as they stand somewhere, some of them half faded."""
    rows = tables.of(actors, frame, [one.layers or () for one in actors]).rows
    places = [Affine(a=0.5, d=0.5, tx=chance.randrange(20), ty=chance.randrange(-4, 4)) for _ in actors]
    fading = [chance.choice((0.0, 0.5, 1.0, 1.0)) for _ in actors]
    for pose in rows.poses:
        pose.picks[:, 0] = 0
    frame.rewind()
    rows.fill(frame, places, [(1.0, 1.0, 1.0, 1.0)] * len(actors), fading)
    return what(frame, frame, len(frame.offscreens))


@pytest.mark.parametrize("seed", range(12))
def test_whoever_came_and_went_a_cast_is_drawn_as_one_that_was_opened_so(
    kinds: list[Character], seed: int
) -> None:
    chance = Random(seed)
    tables = CastTables(seed, fades=True, hold_every=None)
    named = iter(range(1000))

    def joining() -> Actor:
        key = next(named)
        return tables.actor(str(key), chance.choice(kinds), 10 * key, Affine())[0]

    frame = FrameRows(ROWS, SIZE, WALL)
    cast = [joining() for _ in range(3)]
    tables.of(cast, frame)
    for _ in range(2):  # set aside for who comes
        frame.add_offscreen(40, SIZE)
    joined = refused = 0
    for _ in range(30):
        if len(cast) > 1 and chance.random() < 0.5:
            del cast[chance.randrange(len(cast))]
            tables.anew(cast, frame)  # which is never refused
        else:
            one = joining()
            try:
                tables.anew([*cast, one], frame)
            except ScriptError as error:
                assert any(why in str(error) for why in ("not set aside", "this stage 80", "load it first"))
                refused += 1
            else:
                cast.append(one)
                joined += 1
        opened = FrameRows(ROWS, SIZE, WALL)
        again = [replace(one, layers=None) for one in cast]
        tables.of(again, opened)
        at = chance.random()
        assert filled(tables, cast, frame, Random(at)) == filled(tables, again, opened, Random(at))
    assert joined >= 3
    assert refused <= 20


def test_one_who_bends_may_join_a_cast_of_which_nobody_does(kinds: list[Character]) -> None:
    """Into room that was set aside, whatever cells of the frame it bends; and into none."""
    ball = Ball((32.0, 32.0), (16.0, 20.0), {"head_yaw": (4.0, 0.0)})
    mesh = Mesh("m", (0, 1), 1, Size(3, 3), (0.0, 0.0, 64.0, 64.0), ball=ball)
    tables = CastTables(0, fades=False, hold_every=None)
    straight, bent = (
        tables.actor(key, one, base, Affine())[0]
        for key, base, one in (("a", 0, kinds[0]), ("b", 10, replace(kinds[0], meshes=(mesh,))))
    )
    for characters in (1, 0):
        frame = FrameRows(ROWS, SIZE, WALL)
        tables.of([straight], frame)
        Room(False, characters).set_aside(frame, 40)
        if not characters:
            with pytest.raises(ScriptError, match="its meshes need room that was not set aside"):
                tables.anew([straight, bent], frame)
            continue
        rows = tables.anew([straight, bent], frame).rows
        rows.poses[1].channels[:] = 1.0
        rows.fill(frame, [Affine()] * 2, [(1.0, 1.0, 1.0, 1.0)] * 2)
        assert 0 < len(frame.warps.table) <= frame.warp_cells


@pytest.mark.parametrize("first", ["isolated", "layered"])
def test_of_whom_the_order_of_joining_leaves_no_layers_that_order_is_told(
    kinds: list[Character], first: str
) -> None:
    tables = CastTables(1, fades=True, hold_every=None)
    characters = {"below": kinds[0], "layered": kinds[2], "isolated": kinds[1]}
    cast = [tables.actor(key, one, 0, Affine())[0] for key, one in characters.items()]
    frame = FrameRows(ROWS, SIZE, WALL)
    tables.of(cast, frame)
    # Both are unloaded, and come again in one order or the other.
    cast = cast[:1]
    cast.append(tables.actor(first, characters[first], 0, Affine())[0])
    tables.anew(cast, frame)
    second = "layered" if first == "isolated" else "isolated"
    cast.append(tables.actor(second, characters[second], 0, Affine())[0])
    if second == "isolated":
        tables.anew(cast, frame)
        return
    with pytest.raises(ScriptError, match="before those of isolated: unload these and load it first"):
        tables.anew(cast, frame)


def test_layers_for_just_as_many_rows_are_taken_first() -> None:
    there = [20, 5, 40, 5, 20]
    assert fitting([5, 20], there, range(5)) == (1, 4)
    assert fitting([5, 20], there, [0, 1, 2]) == (0, 2)
    assert fitting([5], there, [0, 2, 3]) == (3,)
    assert fitting([41], there, range(5)) is None
    assert fitting([], there, []) == ()
