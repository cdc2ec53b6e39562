"""Regions on pages: shared when equal, apart from each other, with gutters that show what lies beside."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from art.build import Pixels, box
from mien.art.atlas import GUTTER_PX, build_atlas
from mien.art.packed import Atlas
from mien.art.sprites import Sprite, trimmed
from mien.errors import AtlasFull, FormatError
from mien.types import Size

RED, GREEN, BLUE = (255, 0, 0, 255), (0, 255, 0, 255), (0, 0, 255, 255)
CANVAS = Size(16, 16)


def sprite(pixels: Pixels, x: int = 4, y: int = 4) -> Sprite:
    return trimmed(Sprite("part", pixels, (x, y)), CANVAS)


def region(atlas: Atlas, index: int) -> Pixels:
    placement = atlas.placements[index]
    x, y, width, height = placement.region
    found = atlas.pages[placement.page][y : y + height, x : x + width]
    return found[:, ::-1] if placement.flip_x else found


def around(atlas: Atlas, index: int) -> Pixels:
    """A region with its gutter."""
    placement = atlas.placements[index]
    x, y, width, height = placement.region
    g = GUTTER_PX
    return atlas.pages[placement.page][y - g : y + height + g, x - g : x + width + g]


def two_tone() -> Pixels:
    pixels = box(4, 3, RED)
    pixels[:, 2:] = BLUE
    return pixels


def test_a_region_holds_exactly_the_drawing() -> None:
    atlas = build_atlas([sprite(two_tone()), sprite(box(5, 5, GREEN))], 32)
    assert (region(atlas, 0) == two_tone()).all()
    assert (region(atlas, 1) == box(5, 5, GREEN)).all()


def test_equal_drawings_share_a_region() -> None:
    atlas = build_atlas([sprite(two_tone()), sprite(two_tone(), 7, 7)], 32)
    assert atlas.regions == 1
    assert atlas.placements[0] == atlas.placements[1]


def test_mirrored_drawings_share_a_region_and_say_so() -> None:
    atlas = build_atlas([sprite(two_tone()), sprite(two_tone()[:, ::-1], 8)], 32)
    assert atlas.regions == 1
    assert [placement.flip_x for placement in atlas.placements] == [False, True]
    assert (region(atlas, 1) == two_tone()[:, ::-1]).all()


def test_a_symmetric_drawing_is_not_called_mirrored() -> None:
    atlas = build_atlas([sprite(box(4, 4, RED)), sprite(box(4, 4, RED))], 32)
    assert [placement.flip_x for placement in atlas.placements] == [False, False]


def test_drawings_that_differ_in_one_bit_do_not_share() -> None:
    other = two_tone()
    other[0, 0, 0] ^= 1
    assert build_atlas([sprite(two_tone()), sprite(other)], 32).regions == 2


def test_equal_bytes_in_another_shape_do_not_share() -> None:
    assert build_atlas([sprite(box(2, 6, RED)), sprite(box(6, 2, RED))], 32).regions == 2


def test_drawings_cut_at_different_sides_do_not_share() -> None:
    assert build_atlas([sprite(box(3, 3, RED), 4, 4), sprite(box(3, 3, RED), 0, 4)], 32).regions == 2


def test_the_gutter_is_clear_where_the_art_ends() -> None:
    gutter = around(build_atlas([sprite(box(4, 4, RED))], 32), 0).copy()
    gutter[2:-2, 2:-2] = 0
    assert not gutter.any()


@pytest.mark.parametrize(
    ("x", "y", "sides"), [(0, 4, "left"), (12, 4, "right"), (4, 0, "top"), (4, 12, "bottom")]
)
def test_the_gutter_repeats_the_edge_where_the_canvas_cut_the_art(x: int, y: int, sides: str) -> None:
    pixels = np.arange(1, 17, dtype=np.uint8).repeat(4).reshape(4, 4, 4)
    found = around(build_atlas([sprite(pixels, x, y)], 32), 0)
    assert (found[2:-2, :2] == (pixels[:, :1] if sides == "left" else 0)).all()
    assert (found[2:-2, -2:] == (pixels[:, -1:] if sides == "right" else 0)).all()
    assert (found[:2, 2:-2] == (pixels[:1] if sides == "top" else 0)).all()
    assert (found[-2:, 2:-2] == (pixels[-1:] if sides == "bottom" else 0)).all()


def test_a_corner_of_the_canvas_is_repeated_both_ways() -> None:
    found = around(build_atlas([sprite(two_tone(), 0, 0)], 32), 0)
    assert (found[:2, :2] == RED).all()
    assert not found[-2:].any()
    assert not found[:, -2:].any()


shapes = st.lists(
    st.tuples(st.integers(1, 9), st.integers(1, 9), st.integers(0, 12), st.integers(0, 12)),
    min_size=1,
    max_size=12,
)


@settings(max_examples=80, deadline=None)
@given(shapes)
def test_sampling_half_a_pixel_outside_a_region_never_sees_a_neighbour(
    boxes: list[tuple[int, int, int, int]],
) -> None:
    """Each sprite has its own colour: in its region and gutter there is that colour or nothing."""
    sprites = [
        trimmed(Sprite(f"{i}", box(min(w, 16 - x), min(h, 16 - y), (i + 1, 0, 0, 255)), (x, y)), CANVAS)
        for i, (w, h, x, y) in enumerate(boxes)
    ]
    atlas = build_atlas(sprites, 40)
    for i, placement in enumerate(atlas.placements):
        x, y, width, height = placement.region
        # Bilinear taps of a sample at most half a pixel outside reach one pixel beyond the region.
        taps = atlas.pages[placement.page][y - 1 : y + height + 1, x - 1 : x + width + 1]
        assert taps.shape[:2] == (height + 2, width + 2)
        assert set(np.unique(taps[..., 0])) <= {0, i + 1}


def test_pages_are_read_only_contiguous_and_of_one_size() -> None:
    atlas = build_atlas([sprite(box(12, 12, (i, 0, 0, 255))) for i in range(5)], 20)
    assert len(atlas.pages) == 5
    for page in atlas.pages:
        assert page.shape == (20, 20, 4)
        assert page.dtype == np.uint8
        assert page.flags.c_contiguous
        assert not page.flags.writeable


def test_fill_counts_regions_with_their_gutters() -> None:
    assert build_atlas([sprite(box(4, 4, RED))], 16).fill == 64 / 256


def test_a_drawing_larger_than_a_page_is_refused_by_name() -> None:
    big = Sprite("character.toml: slot[3] drawing 'main'", box(30, 4, RED), (1, 1))
    with pytest.raises(AtlasFull, match=r"slot\[3\] drawing 'main' is 30 x 4 px, .* page of 32 px"):
        build_atlas([big], 32, page_limit=32)
    assert build_atlas([big], 32, page_limit=34).side == 34


@pytest.mark.parametrize(("width", "side"), [(28, 32), (29, 64), (60, 64), (61, 96), (92, 96), (93, 100)])
def test_pages_are_the_next_multiple_that_takes_the_largest_drawing(width: int, side: int) -> None:
    sprites = [Sprite("big", box(width, 4, RED), (1, 1)), sprite(box(12, 12, BLUE))]
    atlas = build_atlas(sprites, 32, page_limit=100)
    assert {page.shape for page in atlas.pages} == {(side, side, 4)}
    assert (region(atlas, 0) == box(width, 4, RED)).all()
    assert (region(atlas, 1) == box(12, 12, BLUE)).all()


def test_pages_are_never_larger_than_the_limit_though_more_is_asked_for() -> None:
    assert build_atlas([sprite(box(4, 4, RED))], 64, page_limit=20).pages[0].shape == (20, 20, 4)


def test_pages_that_together_take_too_much_memory_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mien.art.atlas.MAX_BYTES", 3 * 4 * 32 * 32)
    sprites = [Sprite(f"{i}", box(20, 20, (i, 0, 0, 255)), (1, 1)) for i in range(4)]
    with pytest.raises(AtlasFull, match="4 pages of 32 px, and 3 is the limit"):
        build_atlas(sprites, 32)


def test_a_full_page_picture_cut_on_all_sides_needs_no_gutter() -> None:
    whole = trimmed(Sprite("background", box(16, 16, RED), (0, 0)), CANVAS)
    atlas = build_atlas([whole], 16)
    assert (atlas.pages[0] == RED).all()
    assert atlas.placements[0].region == (0, 0, 16, 16)


def test_too_many_pages_are_refused() -> None:
    sprites = [sprite(box(12, 12, (i, 0, 0, 255))) for i in range(33)]
    with pytest.raises(AtlasFull, match="33 pages"):
        build_atlas(sprites, 16)


@pytest.mark.parametrize("side", [0, 15, 8193, -2048])
def test_a_page_size_out_of_range_is_refused(side: int) -> None:
    with pytest.raises(FormatError, match=f"page_size is {side}"):
        build_atlas([], side)
