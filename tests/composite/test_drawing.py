"""What a frame looks like, in the reference and on the GPU alike."""

from __future__ import annotations

import numpy as np
import pytest

from composite.scenes import GUTTER, Atlas, Draw, frame_of, noise, slot, solid
from mien.types import Affine, Blend

RED, BLUE, HALF_GREEN = (255, 0, 0, 255), (0, 0, 255, 255), (0, 128, 0, 128)


@pytest.mark.parametrize("move", [(0, 0), (3, 5), (-2, 1), (11, -3)])
def test_a_whole_pixel_move_copies_the_picture_exactly(draw: Draw, move: tuple[int, int]) -> None:
    rng = np.random.default_rng(1)
    picture = noise(rng, 8, 10)
    atlas = Atlas()
    frame = frame_of([slot(atlas.add(picture, (4, 3)))], (24, 20), Affine(tx=move[0], ty=move[1]))
    expected = np.zeros((20 + 40, 24 + 40, 4), np.uint8)
    expected[20 + 3 + move[1] :, 20 + 4 + move[0] :][:8, :10] = picture
    assert np.array_equal(draw(frame, [atlas.page]), expected[20:40, 20:44])


def test_a_mirrored_drawing_is_mirrored_exactly_in_its_place(draw: Draw) -> None:
    picture = noise(np.random.default_rng(2), 5, 7)
    atlas = Atlas()
    frame = frame_of([slot(atlas.add(picture, (2, 1), flip_x=True))], (12, 8))
    assert np.array_equal(draw(frame, [atlas.page])[1:6, 2:9], picture[:, ::-1])


def test_a_half_pixel_move_shares_an_edge_between_two_pixels(draw: Draw) -> None:
    atlas = Atlas()
    frame = frame_of([slot(atlas.add(solid(3, 3, RED), (1, 0)))], (6, 1), Affine(tx=0.5, ty=-1))
    assert draw(frame, [atlas.page])[0, :, 3].tolist() == [0, 128, 255, 255, 128, 0]


def test_neighbours_on_the_page_never_bleed_in(draw: Draw) -> None:
    rng = np.random.default_rng(3)
    picture = noise(rng, 9, 9)
    clean, dirty = Atlas(32, 32), Atlas(32, 32, fill=solid(32, 32, (255, 255, 255, 255)))
    turn = Affine(0.9, 0.7, -0.6, 1.2, 14.3, 2.7)
    pictures = [
        draw(frame_of([slot(atlas.add(picture))], (32, 32), turn), [atlas.page]) for atlas in (clean, dirty)
    ]
    assert np.array_equal(pictures[0], pictures[1])
    assert pictures[0].any()


def test_an_edge_that_the_canvas_cut_stays_opaque_up_to_the_edge(draw: Draw) -> None:
    atlas = Atlas()
    drawing = atlas.add(solid(4, 4, RED))
    # Packers repeat the edge into the gutter where the canvas cut the art.
    atlas.page[: 4 + 2 * GUTTER, : 4 + 2 * GUTTER] = RED
    out = draw(frame_of([slot(drawing)], (4, 4), Affine(tx=0.4, ty=-0.4)), [atlas.page])
    assert (out == RED).all()


@pytest.mark.parametrize("weight", [0.1, 0.25, 0.5, 0.9])
def test_a_crossfade_has_no_dip_in_alpha(draw: Draw, weight: float) -> None:
    atlas = Atlas()
    drawings = atlas.add(solid(4, 4, RED)), atlas.add(solid(4, 4, BLUE))
    frame = frame_of([slot(*drawings)], (4, 4), mixes=[{0: 1.0 - weight, 1: weight}])
    out = draw(frame, [atlas.page])
    assert (out[..., 3] == 255).all()
    assert np.abs(out[..., 2].astype(int) - round(255 * weight)).max() <= 1


def test_three_drawings_mix_by_weight(draw: Draw) -> None:
    atlas = Atlas()
    colours = [RED, BLUE, (0, 255, 0, 255)]
    drawings = [atlas.add(solid(4, 4, colour)) for colour in colours]
    frame = frame_of([slot(*drawings)], (4, 4), mixes=[{0: 0.2, 1: 0.5, 2: 0.3}])
    difference = np.abs(draw(frame, [atlas.page]).astype(int) - (51, 76, 128, 255))
    assert difference.max() <= 1


def test_a_fade_to_nothing_is_partly_transparent(draw: Draw) -> None:
    atlas = Atlas()
    frame = frame_of([slot(atlas.add(solid(2, 2, RED)))], (2, 2), mixes=[{-1: 0.6, 0: 0.4}])
    assert (draw(frame, [atlas.page]) == (102, 0, 0, 102)).all()


def test_clipped_rows_show_only_within_the_base(draw: Draw) -> None:
    atlas = Atlas()
    base = slot(atlas.add(solid(4, 4, RED), (2, 2)))
    iris = slot(atlas.add(solid(8, 2, BLUE), (0, 3)), clip=True)
    out = draw(frame_of([base, iris], (8, 8)), [atlas.page])
    expected = np.zeros((8, 8, 4), np.uint8)
    expected[2:6, 2:6] = RED
    expected[3:5, 2:6] = BLUE
    assert np.array_equal(out, expected)


def test_a_clip_group_takes_the_opacity_of_its_base_once(draw: Draw) -> None:
    atlas = Atlas()
    base = slot(atlas.add(solid(4, 4, RED)), opacity=0.4)
    over = slot(atlas.add(solid(4, 4, BLUE)), clip=True)
    out = draw(frame_of([base, over], (4, 4)), [atlas.page])
    assert (out == (0, 0, 102, 102)).all()


def test_a_clip_group_blends_once_with_the_mode_of_its_base(draw: Draw) -> None:
    atlas = Atlas()
    base = slot(atlas.add(solid(4, 4, (255, 255, 255, 255))), blend=Blend.MULTIPLY)
    over = slot(atlas.add(solid(4, 4, (51, 102, 255, 255))), clip=True)
    out = draw(frame_of([base, over], (4, 4), clear=(1.0, 0.5, 0.2, 1.0)), [atlas.page])
    assert (out == (51, 51, 51, 255)).all()


def test_a_group_of_many_clipped_rows_is_one_group(draw: Draw) -> None:
    atlas = Atlas()
    base = slot(atlas.add(solid(4, 4, (100, 100, 100, 255))))
    lights = [slot(atlas.add(solid(4, 4, (10, 0, 0, 10))), blend=Blend.PLUS, clip=True) for _ in range(7)]
    out = draw(frame_of([base, *lights], (4, 4)), [atlas.page])
    assert (out == (170, 100, 100, 255)).all()


def test_without_its_base_a_clipped_row_is_not_drawn(draw: Draw) -> None:
    atlas = Atlas()
    below = slot(atlas.add(solid(4, 4, RED)))
    base, over = slot(atlas.add(solid(4, 4, BLUE))), slot(atlas.add(solid(4, 4, HALF_GREEN)), clip=True)
    frame = frame_of([below, base, over], (4, 4), mixes=[{0: 1.0}, {-1: 1.0}])
    assert frame.count == 1
    assert (draw(frame, [atlas.page]) == RED).all()


def test_tint_multiplies_colour_and_alpha(draw: Draw) -> None:
    atlas = Atlas()
    frame = frame_of([slot(atlas.add(solid(2, 2, (200, 100, 50, 250))))], (2, 2), tint=(0.5, 1.0, 0.2, 0.6))
    assert (draw(frame, [atlas.page]) == (60, 60, 6, 150)).all()


def test_an_empty_frame_is_its_clear_colour(draw: Draw) -> None:
    frame = frame_of([], (3, 2), clear=(0.2, 0.4, 0.6, 0.8))
    assert (draw(frame, [Atlas().page]) == (51, 102, 153, 204)).all()


def test_the_top_row_comes_first(draw: Draw) -> None:
    atlas = Atlas()
    frame = frame_of([slot(atlas.add(solid(4, 1, RED)))], (4, 4))
    assert draw(frame, [atlas.page])[:, 0, 3].tolist() == [255, 0, 0, 0]
