"""Pages on which pictures are exchanged: what is shown stays where it is, to the bit, and nothing is lost."""

from __future__ import annotations

import numpy as np
import pytest

from mien.art.atlas import GUTTER_PX, build_atlas
from mien.art.exchange import MOST_NEW, exchanged
from mien.art.kept import KeptFiles
from mien.art.packed import Atlas, Room
from mien.art.sprites import Sprite
from mien.errors import AtlasFull
from mien.types import U8

SIDE = 256


def sprite(rng: np.random.Generator, most: int = 60) -> Sprite:
    wide, high = rng.integers(1, most, 2).tolist()
    pixels = rng.integers(1, 256, (high, wide, 4)).astype(np.uint8)
    cut = tuple(bool(side) for side in rng.random(4) < 0.2)
    return Sprite("s", pixels, (0, 0), cut)  # type: ignore[arg-type]


def around(atlas: Atlas, room: Room) -> U8:
    x, y, wide, high = room.around
    return atlas.pages[room.page][y : y + high, x : x + wide].copy()


def check(atlas: Atlas, sprites: list[Sprite]) -> None:
    """Every sprite is on its page, with the gutter that it has when it is packed alone."""
    taken = np.zeros((len(atlas.pages), SIDE, SIDE), np.int32)
    for room in atlas.rooms.values():
        x, y, wide, high = room.around
        taken[room.page, y : y + high, x : x + wide] += 1
    assert taken.max(initial=0) <= 1
    for one, placement in zip(sprites, atlas.placements, strict=True):
        x, y, wide, high = placement.region
        page = atlas.pages[placement.page]
        found = page[y : y + high, x : x + wide]
        assert np.array_equal(found[:, ::-1] if placement.flip_x else found, one.pixels)
        if placement.flip_x:
            continue
        alone = build_atlas([one], SIDE)
        (own,) = alone.rooms.values()
        with_gutter = page[y - GUTTER_PX : y + high + GUTTER_PX, x - GUTTER_PX : x + wide + GUTTER_PX]
        assert np.array_equal(with_gutter, around(alone, own))


@pytest.mark.parametrize("seed", range(6))
def test_whatever_is_exchanged_what_stays_is_not_touched(seed: int) -> None:
    rng, kept = np.random.default_rng(seed), KeptFiles()
    sprites = [sprite(rng) for _ in range(20)]
    shown = build_atlas(sprites, SIDE, kept=kept)
    done = 0
    for _ in range(40):
        sprites = [one if rng.random() < 0.9 else sprite(rng) for one in sprites]
        if rng.random() < 0.3:
            sprites[0] = Sprite("m", np.ascontiguousarray(sprites[1].pixels[:, ::-1]), (0, 0))
        before = {content: around(shown, room) for content, room in shown.rooms.items()}
        atlas = exchanged(shown, sprites, SIDE, SIDE, kept)
        for content, pixels in before.items():
            assert np.array_equal(around(shown, shown.rooms[content]), pixels), "it is shown meanwhile"
        if atlas is None:
            atlas = build_atlas(sprites, SIDE, kept=kept)
        else:
            done += 1
            assert atlas.brought is not None
            new = {content: room for content, room in atlas.rooms.items() if content not in shown.rooms}
            assert set(atlas.brought) == set(new.values())
            assert all(atlas.rooms[content] == shown.rooms[content] for content in atlas.rooms.keys() - new)
        check(atlas, sprites)
        shown = atlas
    assert done > 20


def test_what_has_no_room_is_packed_all_anew() -> None:
    rng, kept = np.random.default_rng(7), KeptFiles()
    large = [Sprite("s", rng.integers(1, 256, (200, 200, 4)).astype(np.uint8), (0, 0)) for _ in range(2)]
    shown = build_atlas(large[:1], SIDE)
    assert exchanged(shown, large[1:], SIDE, SIDE, kept) is None, "beside the one that is shown"
    many = [sprite(rng, 4) for _ in range(2 * MOST_NEW)]
    assert exchanged(shown, many, SIDE, SIDE, kept) is None
    wide = Sprite("s", np.ones((4, SIDE + 1, 4), np.uint8), (0, 0))
    assert exchanged(shown, [wide], SIDE, 2 * SIDE, kept) is None, "pages are to be larger"
    with pytest.raises(AtlasFull):
        exchanged(shown, [wide], SIDE, SIDE, kept)
