"""How pictures are sampled: nothing bleeds, nothing shrinks, and what is minified is not skipped."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from composite.placing import QUIET, angles, fractions, repeated, scales, turned
from composite.scenes import Atlas, Draw, Renderers, frame_of, noise, slot, solid
from mien.art.load import load_character
from mien.composite import CharacterRows, FrameRows, reference
from mien.composite.filtering import MINIFIED, WIDEST, footprint, sample
from mien.composite.reference import composite
from mien.composite.rows import BOUNDS
from mien.types import F64, Affine, Pose, Size

WREN = Path(__file__).parents[2] / "assets" / "characters" / "wren"
WHITE, RED = (255, 255, 255, 255), (255, 0, 0, 255)
# What is minified


@pytest.mark.parametrize(("up", "down"), [(1, 2), (1, 3), (1, 4), (7, 10)])
def test_reducing_is_the_mean_of_what_each_pixel_covers(up: int, down: int) -> None:
    picture = noise(np.random.default_rng(1), 60, 60)
    atlas = Atlas(128, 64)
    side = 60 * up // down
    frame = frame_of([slot(atlas.add(picture))], (side, side), Affine(up / down, 0.0, 0.0, up / down))
    # Four bands of any meaning: Pillow would multiply RGBA by its alpha once more.
    bands = Image.merge("CMYK", [Image.fromarray(picture[..., band]) for band in range(4)])
    expected = bands.resize((60 * up, 60 * up), Image.Resampling.NEAREST).reduce(down)
    assert np.abs(composite(frame, [atlas.page]) * 255.0 - np.asarray(expected)).max() < 0.6


def ssim(a: F64, b: F64) -> float:
    """Structural similarity (Wang et al. 2004) of (h, w, 3) pictures of 0..1; Gaussian window, sigma 1.5."""
    kernel = np.exp(-0.5 * ((np.arange(11) - 5) / 1.5) ** 2)
    kernel /= kernel.sum()

    def blurred(x: F64) -> F64:
        for _ in range(2):
            x = sum((k * x[i : len(x) - 10 + i] for i, k in enumerate(kernel)), np.zeros(1)).swapaxes(0, 1)
        return x

    mean_a, mean_b = blurred(a), blurred(b)
    both = blurred(a * b) - mean_a * mean_b
    spread = blurred(a * a) - mean_a**2 + blurred(b * b) - mean_b**2
    light = (2 * mean_a * mean_b + 1e-4) / (mean_a**2 + mean_b**2 + 1e-4)
    return float((light * (2 * both + 9e-4) / (spread + 9e-4)).mean())


def test_a_character_at_a_quarter_looks_as_if_drawn_by_lanczos(monkeypatch: pytest.MonkeyPatch) -> None:
    wren = load_character(WREN)
    pose = Pose.empty(len(wren.character.slots))
    pose.picks[:, 0] = [each.default for each in wren.character.slots]
    rows = CharacterRows(wren.character)

    def face(scale: float) -> F64:
        frame = FrameRows(80, Size(round(256 * scale), round(256 * scale)), (0.5, 0.5, 0.5, 1.0))
        rows.fill(frame, pose, Affine(scale, 0.0, 0.0, scale, -384.0 * scale, -420.0 * scale))
        return composite(frame, wren.pages)[..., :3]

    flat = Image.fromarray(np.rint(face(1.0) * 255.0).astype(np.uint8))
    lanczos = np.asarray(flat.resize((64, 64), Image.Resampling.LANCZOS)) / 255.0
    # 0.992 against 0.971 with four texels.
    ours = ssim(face(0.25), lanczos)
    monkeypatch.setattr(reference, "footprint", lambda *_: np.ones(2))
    four_texels = ssim(face(0.25), lanczos)
    assert ours > 0.985, (ours, four_texels)
    assert 1.0 - ours < 0.5 * (1.0 - four_texels), (ours, four_texels)


def test_minified_art_moves_by_whole_pixels_without_a_change(draw: Draw) -> None:
    atlas = Atlas()
    slots = [slot(atlas.add(noise(np.random.default_rng(4), 40, 40)))]
    still, moved = (
        draw(frame_of(slots, (24, 24), Affine(0.25, 0.0, 0.0, 0.25, 3.25 + move, 2.5)), [atlas.page])
        for move in (0, 5)
    )
    assert still.any()
    assert np.array_equal(moved[:, 5:], still[:, :-5])


@pytest.mark.parametrize("angle", [0.0, 0.4, np.pi / 4])
@pytest.mark.parametrize("cut", [False, True], ids=["whole", "cut"])
def test_the_picture_does_not_jump_where_four_texels_no_longer_do(angle: float, cut: bool) -> None:
    atlas = Atlas()
    drawing = atlas.add(noise(np.random.default_rng(5), 20, 20))
    if cut:
        repeated(atlas, drawing)
    less, more = (
        composite(
            frame_of([slot(drawing)], (26, 26), turned(scale, angle, (10, 10), (13.2, 12.9))), [atlas.page]
        )
        for scale in (1.0 / MINIFIED + 1e-5, 1.0 / MINIFIED - 1e-5)
    )
    assert np.abs(less - more).max() < 1e-3


@pytest.mark.parametrize("cut", [False, True], ids=["whole", "cut"])
def test_the_mean_over_one_texel_is_bilinear(cut: bool) -> None:
    atlas = Atlas()
    drawing = atlas.add(noise(np.random.default_rng(6), 12, 12))
    if cut:
        repeated(atlas, drawing)
    x, y, w, h = drawing.region
    limits = (x - 1.5, y - 1.5, x + w + 1.5, y + h + 1.5)
    v, u = np.mgrid[0:17:0.13, 0:17:0.17]
    plain, mean = (sample(atlas.page / 255.0, u, v, limits, (width, width)) for width in (1.0, 1.0 + 1e-12))
    assert np.abs(plain - mean).max() < 1e-9


def test_the_width_of_a_pixel() -> None:
    def width(scale: float, angle: float = 0.3) -> list[float]:
        a, b = np.cos(angle) / scale, np.sin(angle) / scale
        return [round(float(w), 6) for w in footprint((a, b), (-b, a))]

    assert width(2.0) == width(1.0) == width(0.97) == [1.0, 1.0]
    assert width(0.5) == [2.0, 2.0]
    assert width(0.001) == [WIDEST, WIDEST]
    assert footprint((4.0, 0.0), (0.0, 1.0)).tolist() == [4.0, 1.0]


# Edges


@QUIET
@given(scale=scales, angle=angles, dx=fractions, dy=fractions)
def test_neighbours_two_pixels_apart_never_show(
    draw: Draw, scale: float, angle: float, dx: float, dy: float
) -> None:
    picture = noise(np.random.default_rng(3), 9, 9)
    clean, dirty = Atlas(32, 32), Atlas(32, 32, fill=solid(32, 32, RED))
    move = turned(scale, angle, (4.5, 4.5), (12.0 + dx, 12.0 + dy))
    pictures = [
        draw(frame_of([slot(atlas.add(picture))], (24, 24), move), [atlas.page]) for atlas in (clean, dirty)
    ]
    assert np.array_equal(pictures[0], pictures[1])
    assert pictures[0].any()


@QUIET
@given(scale=scales, angle=angles, dx=fractions, dy=fractions)
def test_white_art_over_white_has_no_fringe(
    draw: Draw, scale: float, angle: float, dx: float, dy: float
) -> None:
    y, x = np.mgrid[:20, :20] + 0.5
    alpha = np.clip(9.0 - np.hypot(x - 10.0, y - 10.0), 0.0, 1.0)
    disc = np.rint(np.repeat(alpha[..., None], 4, axis=2) * 255.0).astype(np.uint8)
    atlas = Atlas()
    move = turned(scale, angle, (10.0, 10.0), (14.0 + dx, 14.0 + dy))
    frame = frame_of([slot(atlas.add(disc))], (28, 28), move, clear=(1.0, 1.0, 1.0, 1.0))
    assert draw(frame, [atlas.page]).min() >= 254


@QUIET
@given(scale=scales, angle=angles, dx=fractions, dy=fractions)
def test_bounds_hold_all_that_a_row_shows(scale: float, angle: float, dx: float, dy: float) -> None:
    atlas = Atlas()
    drawing = atlas.add(solid(16, 10, WHITE))
    repeated(atlas, drawing)
    frame = frame_of([slot(drawing)], (40, 40), turned(scale, angle, (8.0, 5.0), (20.0 + dx, 20.0 + dy)))
    shown = composite(frame, [atlas.page])
    frame.rows[0, BOUNDS] = (0.0, 0.0, 40.0, 40.0)
    assert np.abs(composite(frame, [atlas.page]) - shown).max() < 1e-4


@pytest.mark.parametrize("scale", [0.15, 0.25, 0.5, 0.9, 1.0, 1.4])
def test_art_that_its_canvas_cut_does_not_shrink(draw: Draw, scale: float) -> None:
    atlas = Atlas()
    drawing = atlas.add(solid(48, 48, RED))
    repeated(atlas, drawing)
    side = 48.0 * scale
    out = draw(frame_of([slot(drawing)], (80, 80), Affine(scale, 0.0, 0.0, scale, 4.0, 4.0)), [atlas.page])
    reach = int(side - 1e-6)
    assert (out[4 : 4 + reach, 4 : 4 + reach] == RED).all()
    assert out[..., 3].sum() / 255.0 == pytest.approx((side + 2.0 * scale) ** 2, rel=0.01)


# The shaders


@settings(QUIET, max_examples=100)
@given(seed=st.integers(0, 2**32 - 1), scale=scales, other=scales, angle=angles)
def test_the_gpu_filters_single_rows_as_the_reference_does(
    strategy: str, renderers: Renderers, seed: int, scale: float, other: float, angle: float
) -> None:
    rng = np.random.default_rng(seed)
    atlas = Atlas(128, 96)
    drawing = atlas.add(
        noise(rng, int(rng.integers(1, 90)), int(rng.integers(1, 120))), flip_x=rng.random() < 0.5
    )
    if rng.random() < 0.5:
        repeated(atlas, drawing)
    move = turned(scale, angle, (30.0, 30.0), (16.0 + rng.random(), 16.0 + rng.random()))
    if rng.random() < 0.3:
        move = move._replace(c=move.c / scale * other, d=move.d / scale * other)
    frame = frame_of([slot(drawing)], (33, 31), move, clear=(0.2, 0.3, 0.4, 0.5))
    out = renderers.render(strategy)(frame, [atlas.page])
    assert np.abs(out - composite(frame, [atlas.page]) * 255.0).max() <= 1.0


def test_a_tile_that_only_the_ramp_of_an_edge_reaches_is_drawn(draw: Draw) -> None:
    atlas = Atlas(128, 64)
    drawing = atlas.add(solid(100, 60, RED))
    repeated(atlas, drawing)
    # Column 32, the first of the second tile, is covered by a fifth, from texels 5 to 7 pixels to the left.
    frame = frame_of([slot(drawing)], (40, 8), Affine(0.15, 0.0, 0.0, 0.15, 32.2 - 101 * 0.15, 0.0))
    assert draw(frame, [atlas.page])[4, 31:34, 3].tolist() == [255, 51, 0]
