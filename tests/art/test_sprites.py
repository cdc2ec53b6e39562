"""Trimming keeps every visible pixel; resampling stays on the canvas grid and stays premultiplied."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from art.build import Pixels, box, on_canvas
from mien.art.sprites import Sprite, resampled, scaled_size, trimmed
from mien.errors import AtlasFull
from mien.types import Size

CANVAS = Size(32, 24)
GREY = (100, 100, 100, 255)


def placed(sprite: Sprite, size: Size) -> Pixels:
    """A sprite back on its canvas."""
    return on_canvas(size, sprite.pixels, *sprite.offset)


def test_trimming_keeps_what_is_visible_and_where_it_is() -> None:
    canvas = on_canvas(CANVAS, box(5, 3, GREY), 7, 9)
    sprite = trimmed(Sprite("part", canvas, (0, 0)), CANVAS)
    assert sprite.pixels.shape == (3, 5, 4)
    assert sprite.offset == (7, 9)
    assert (placed(sprite, CANVAS) == canvas).all()


def test_a_clear_drawing_becomes_one_clear_pixel() -> None:
    sprite = trimmed(Sprite("part", box(9, 9, (0, 0, 0, 0)), (2, 3)), CANVAS)
    assert sprite.pixels.tolist() == [[[0, 0, 0, 0]]]
    assert sprite.offset == (2, 3)
    assert sprite.cut == (False, False, False, False)


def test_a_drawing_is_cut_where_it_touches_the_canvas_edge() -> None:
    assert trimmed(Sprite("part", box(32, 4, GREY), (0, 20)), CANVAS).cut == (True, False, True, True)
    assert trimmed(Sprite("part", box(4, 4, GREY), (1, 0)), CANVAS).cut == (False, True, False, False)


def test_the_canvas_scales_to_whole_pixels() -> None:
    assert scaled_size(Size(1000, 999), 0.5) == (500, 500)
    assert scaled_size(Size(16, 16), 1 / 64) == (1, 1)


@pytest.mark.parametrize("scale", [0.25, 0.5, 2.0])
def test_a_part_that_covers_the_canvas_has_no_seam_at_any_edge(scale: float) -> None:
    sprite = resampled(trimmed(Sprite("part", box(32, 24, GREY), (0, 0)), CANVAS), CANVAS, scale, 4096)
    assert sprite.offset == (0, 0)
    assert sprite.pixels.shape[1::-1] == scaled_size(CANVAS, scale)
    assert (sprite.pixels == GREY).all()


def test_halving_an_aligned_box_keeps_it_where_it_is() -> None:
    part = trimmed(Sprite("part", box(8, 4, GREY), (10, 6)), CANVAS)
    canvas = placed(resampled(part, CANVAS, 0.5, 4096), Size(16, 12))
    assert (canvas[3:5, 5:9, 3] >= 230).all()
    assert int(canvas[..., 3].sum()) == pytest.approx(8 * 255, rel=0.01)
    assert not canvas[:2].any()
    assert not canvas[6:].any()


@settings(max_examples=60, deadline=None)
@given(
    st.floats(0.1, 3.0),
    st.tuples(st.integers(0, 20), st.integers(0, 12)),
    st.tuples(st.integers(1, 12), st.integers(1, 12)),
    st.integers(0, 2**32 - 1),
)
def test_resampling_keeps_coverage_and_colour_within_alpha(
    scale: float, offset: tuple[int, int], size: tuple[int, int], seed: int
) -> None:
    pixels = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 4), dtype=np.uint8)
    np.minimum(pixels[..., :3], pixels[..., 3:], out=pixels[..., :3])
    part = trimmed(Sprite("part", pixels, offset), CANVAS)
    sprite = resampled(part, CANVAS, scale, 4096)
    assert (sprite.pixels[..., :3] <= sprite.pixels[..., 3:]).all()
    # Nothing farther from the art than the filter reaches.
    for axis in (0, 1):
        start, length = part.offset[axis], part.pixels.shape[1 - axis]
        low, high = sprite.offset[axis], sprite.offset[axis] + sprite.pixels.shape[1 - axis]
        reach = int(np.ceil(max(scale, 1.0)))
        if sprite.pixels.any():
            assert low >= int(np.floor(start * scale)) - reach
            assert high <= int(np.ceil((start + length) * scale)) + reach


@settings(max_examples=60, deadline=None)
@given(st.floats(0.1, 3.0), st.integers(0, 9), st.integers(0, 9))
def test_a_plain_colour_stays_that_colour_up_to_its_edge(scale: float, x: int, y: int) -> None:
    """A filter that overshoots would draw a pale or dark line around every part."""
    part = trimmed(Sprite("part", box(16, 12, (200, 100, 50, 255)), (x + 1, y + 1)), CANVAS)
    texels = resampled(part, CANVAS, scale, 4096).pixels.astype(int)
    expected = texels[..., 3:] * (200, 100, 50) / 255
    assert np.abs(texels[..., :3] - expected).max() <= 2  # two passes, each rounded


def test_opaque_art_stays_opaque_a_pixel_inside_its_edge() -> None:
    """The filter's ripple must not let what is behind show through."""
    part = trimmed(Sprite("part", box(20, 16, (200, 100, 50, 255)), (6, 4)), CANVAS)
    for scale in (0.3, 0.5, 0.77, 1.5):
        canvas = placed(resampled(part, CANVAS, scale, 4096), scaled_size(CANVAS, scale))
        top, left = int(np.ceil(4 * scale)) + 1, int(np.ceil(6 * scale)) + 1
        inside = canvas[top : int(20 * scale) - 1, left : int(26 * scale) - 1]
        assert inside.size
        assert (inside[..., 3] == 255).all()


def test_one_part_lands_where_the_same_part_on_the_whole_canvas_does() -> None:
    """Trimming before or after resampling makes no difference: both are on the canvas' grid."""
    pixels = on_canvas(CANVAS, box(9, 7, GREY), 5, 3)
    small = placed(
        resampled(trimmed(Sprite("a", pixels, (0, 0)), CANVAS), CANVAS, 0.37, 4096), scaled_size(CANVAS, 0.37)
    )
    pixels[23, 31] = (1, 1, 1, 1)  # keeps the trimmed box as large as the canvas
    pixels[0, 0] = (1, 1, 1, 1)
    large = placed(
        resampled(trimmed(Sprite("b", pixels, (0, 0)), CANVAS), CANVAS, 0.37, 4096), scaled_size(CANVAS, 0.37)
    )
    difference = np.abs(small.astype(int) - large.astype(int))
    assert difference.max() <= 1


def test_a_part_that_grows_beyond_the_page_is_refused_before_it_is_made() -> None:
    with pytest.raises(AtlasFull, match=r"part is 240 x 160 px, .* page of 128 px"):
        resampled(trimmed(Sprite("part", box(30, 20, GREY), (1, 1)), CANVAS), CANVAS, 8.0, 128)
