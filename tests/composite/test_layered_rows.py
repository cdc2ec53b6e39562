"""Layered art becomes rows and offscreen layers that draw exactly what a plain recursive drawing does."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from composite.layered_drawing import SMOOTH, drawn, random_art, random_layer
from mien.art.layered import Group, Layer, LayeredArt, Mask
from mien.composite import layered_pages
from mien.composite.layered_rows import layered_rows
from mien.composite.reference import composite
from mien.errors import AtlasFull, RendererUnavailable
from mien.stage import picture
from mien.types import F64, Blend, Rect, Size

SIZE = Size(11, 9)


def lowered(art: LayeredArt, part: Rect | None = None) -> F64:
    frame, pages = layered_rows(art, part)
    return composite(frame, pages)


def painted(colour: tuple[int, int, int, int], **values: object) -> Layer:
    """The whole canvas in one colour."""
    pixels = np.broadcast_to(np.array(colour, np.uint8), (SIZE.height, SIZE.width, 4)).copy()
    return replace(Layer("painted", pixels, (0, 0)), **values)  # type: ignore[arg-type]


@settings(max_examples=80)
@given(seed=st.integers(0, 2**32 - 1))
def test_random_trees(seed: int) -> None:
    art = random_art(np.random.default_rng(seed), SIZE)
    assert np.abs(lowered(art) - drawn(art)).max() < 1e-5


@settings(max_examples=20)
@given(seed=st.integers(0, 2**32 - 1))
def test_a_part_of_the_canvas_is_that_part_of_the_picture(seed: int) -> None:
    art = random_art(np.random.default_rng(seed), SIZE)
    whole = lowered(art)
    for part in (Rect(0, 0, 11, 4), Rect(0, 4, 11, 5), Rect(3, 2, 1, 1)):
        x, y, width, height = part
        assert np.abs(lowered(art, part) - whole[y : y + height, x : x + width]).max() < 1e-6


@settings(max_examples=8)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_gpu_draws_random_trees(seed: int) -> None:
    art = random_art(np.random.default_rng(seed), SIZE)
    assert np.abs(picture.draw_layered(art) - drawn(art) * 255.0).max() <= 2.0


def test_large_groups_are_drawn_in_bands(monkeypatch: pytest.MonkeyPatch) -> None:
    """To within the rounding of 8 bits: where a band begins, float32 rounds places another way."""
    art = random_art(np.random.default_rng(5), Size(40, 300))
    rows = layered_rows(art)
    assert rows.frame.offscreens
    wanted = composite(rows.frame, rows.pages) * 255.0
    parts: list[Rect] = []
    lay_out = picture.layered_rows

    def noted(art: LayeredArt, part: Rect) -> object:
        parts.append(part)
        return lay_out(art, part)

    monkeypatch.setattr(picture, "layered_rows", noted)
    assert np.abs(picture.draw_layered(art) - wanted).max() < 0.51
    assert parts == [Rect(0, 0, 40, 300)]
    monkeypatch.setattr(picture, "_MAX_BAND_BYTES", 20_000)
    assert np.abs(picture.draw_layered(art) - wanted).max() < 0.51
    assert len({part.y for part in parts}) > 2


def test_groups_that_need_no_offscreen_have_none() -> None:
    rng = np.random.default_rng(1)
    layers = tuple(random_layer(rng, SIZE) for _ in range(3))
    multiplied = replace(layers[1], blend=Blend.MULTIPLY)
    for group in (
        Group("through", layers),
        Group("through", (layers[0], multiplied)),
        Group("normal", layers, Blend.NORMAL),
        Group("nested", (Group("normal", layers, Blend.NORMAL),), Blend.NORMAL),
    ):
        art = LayeredArt(SIZE, (layers[2], group))
        frame, _ = layered_rows(art)
        assert frame.offscreens == ()
        assert np.abs(lowered(art) - drawn(art)).max() < 1e-6


def test_a_group_at_half_opacity_shows_no_layer_through_another() -> None:
    red, green = painted((255, 0, 0, 255)), painted((0, 255, 0, 255))
    for blend in (Blend.NORMAL, Blend.PASS_THROUGH):
        result = lowered(LayeredArt(SIZE, (Group("both", (red, green), blend, 0.5),)))
        assert np.allclose(result, (0.0, 0.5, 0.0, 0.5), atol=1e-6)


def test_a_pass_through_group_blends_with_what_is_below_and_an_isolated_one_does_not() -> None:
    below, above = painted((200, 100, 50, 255)), painted((255, 128, 0, 255), blend=Blend.MULTIPLY)
    for opacity in (1.0, 0.5):
        through = lowered(LayeredArt(SIZE, (below, Group("g", (above,), Blend.PASS_THROUGH, opacity))))
        apart = lowered(LayeredArt(SIZE, (below, Group("g", (above,), Blend.NORMAL, opacity))))
        mixed = np.array((200, 100 * 128 / 255, 0)) * opacity + np.array((200, 100, 50)) * (1 - opacity)
        over = np.array((255, 128, 0)) * opacity + np.array((200, 100, 50)) * (1 - opacity)
        assert np.allclose(through[0, 0, :3] * 255, mixed, atol=1e-3)
        assert np.allclose(apart[0, 0, :3] * 255, over, atol=1e-3)


def test_what_is_clipped_to_a_blending_pass_through_group_mixes_with_its_result() -> None:
    """As in Photoshop: red excluded from white is cyan, which is lighter than the green clipped to it."""
    white, red = painted((255, 255, 255, 255)), painted((255, 0, 0, 255), blend=Blend.EXCLUSION)
    green = painted((0, 255, 0, 255), blend=Blend.LIGHTER_COLOR, clipped=True)
    half = Mask(np.full((SIZE.height, 4), 255, np.uint8), (0, 0), 0)
    group = Group("g", (red,), mask=None)
    assert np.allclose(lowered(LayeredArt(SIZE, (white, group, green))), (0.0, 1.0, 1.0, 1.0))
    assert np.allclose(lowered(LayeredArt(SIZE, (group, green))), (0.0, 1.0, 0.0, 1.0))
    plain = replace(green, blend=Blend.NORMAL, mask=half)
    art = LayeredArt(SIZE, (white, group, plain))
    result = lowered(art)
    assert np.allclose(result[:, :4], (0.0, 1.0, 0.0, 1.0))
    assert np.allclose(result[:, 4:], (0.0, 1.0, 1.0, 1.0))
    assert np.array_equal(picture.draw_layered(art), np.rint(result * 255))


@pytest.mark.parametrize("outside", [0, 100, 255])
def test_a_mask_has_a_value_outside_its_picture(outside: int) -> None:
    mask = Mask(np.full((2, 3), 51, np.uint8), (4, 5), outside)
    alpha = lowered(LayeredArt(SIZE, (painted((9, 9, 9, 255), mask=mask),)))[..., 3]
    expected = np.full((SIZE.height, SIZE.width), outside / 255)
    expected[5:7, 4:7] = 0.2
    assert np.allclose(alpha, expected)


@pytest.mark.parametrize(
    "mode", [mode for mode in SMOOTH if mode != Blend.PASS_THROUGH], ids=lambda mode: mode.label
)
def test_a_mode_over_transparent_and_opaque(mode: Blend) -> None:
    rng = np.random.default_rng(mode)
    art = LayeredArt(SIZE, (random_layer(rng, SIZE), random_layer(rng, SIZE, mode, 0.7)))
    assert np.abs(lowered(art) - drawn(art)).max() < 1e-5


def test_nothing_draws_nothing() -> None:
    empty = Layer("empty", np.zeros((0, 0, 4), np.uint8), (0, 0))
    hidden = painted((1, 2, 3, 255), mask=Mask(np.zeros((0, 0), np.uint8), (0, 0), 0))
    for root in ((), (empty,), (Group("g", ()),), (hidden,), (painted((1, 2, 3, 255), opacity=0.0),)):
        assert not lowered(LayeredArt(SIZE, root)).any()
        assert not picture.draw_layered(LayeredArt(SIZE, root)).any()


def test_a_tower_of_clipped_groups_ends_in_a_sentence() -> None:
    """What is clipped to a pass-through group makes its layers be drawn twice, and so on inwards."""
    red = painted((255, 0, 0, 255), blend=Blend.SCREEN)
    group = Group("g", (red,))
    for _ in range(40):
        group = Group("g", (group, replace(red, clipped=True)))
    with pytest.raises(AtlasFull, match="more than 1024 pictures"):
        layered_rows(LayeredArt(SIZE, (group, replace(red, clipped=True))))


def test_what_this_machine_cannot_hold_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    art = LayeredArt(SIZE, (painted((1, 2, 3, 255)),))

    def too_small(*arguments: object, **more: object) -> None:
        raise ValueError("atlas page: 13 is more than this renderer's 8; make it smaller")

    monkeypatch.setattr(picture, "Compositor", too_small)
    with pytest.raises(RendererUnavailable, match="cannot hold the layers at once"):
        picture.draw_layered(art)
    monkeypatch.setattr(layered_pages, "MAX_PAGE_BYTES", 100)
    with pytest.raises(AtlasFull, match="the layers need 1 pages of 15 x 13 pixels"):
        picture.draw_layered(art)
