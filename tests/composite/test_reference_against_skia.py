"""The reference agrees with Skia's float raster in every blend mode that Skia has."""

from __future__ import annotations

import numpy as np
import pytest
import skia

from mien.composite.reference import blend_function, blend_over, blend_within
from mien.types import F32, F64, Blend

SIDE = 64
INFO = skia.ImageInfo.Make(SIDE, SIDE, skia.ColorType.kRGBA_F32_ColorType, skia.AlphaType.kPremul_AlphaType)
SKIA_NAMES = {Blend.NORMAL: "kSrcOver"}
SKIAS = [mode for mode in Blend if mode <= Blend.PLUS]
BLENDING = [mode for mode in Blend if mode != Blend.PASS_THROUGH]


def colours(seed: int) -> F32:
    """Premultiplied colours: any, transparent, opaque, grey, and with a component at 0 or 1."""
    rng = np.random.default_rng(seed)
    rgb, alpha = rng.random((SIDE, SIDE, 3)), rng.random((SIDE, SIDE, 1))
    kind = rng.integers(0, 8, (SIDE, SIDE))
    alpha[kind == 0], alpha[kind == 1] = 0.0, 1.0
    rgb[kind == 2, 0], rgb[kind == 3, 1] = 0.0, 1.0
    rgb[kind == 4] = rgb[kind == 4, :1]
    return np.concatenate((rgb * alpha, alpha), axis=-1).astype(np.float32)


def skia_blend(mode: object, backdrop: F32, source: F32) -> F64:
    out = backdrop.copy()
    surface = skia.Surface.MakeRasterDirect(INFO, out)
    # Both are kept until the result is read: skia-python lets go of the pixels with the Python object.
    data = skia.Data.MakeWithCopy(source)
    image = skia.Image.MakeRasterData(INFO, data, SIDE * 16)
    surface.getCanvas().drawImage(image, 0, 0, skia.SamplingOptions(), skia.Paint(BlendMode=mode))
    result = out.astype(np.float64)
    del image, data, surface
    return result


def skia_mode(mode: Blend) -> object:
    name = SKIA_NAMES.get(mode) or "k" + "".join(word.capitalize() for word in mode.name.split("_"))
    return getattr(skia.BlendMode, name)


@pytest.mark.parametrize("mode", SKIAS, ids=lambda mode: mode.label)
def test_every_mode_is_the_one_skia_draws(mode: Blend) -> None:
    backdrop, source = colours(1), colours(2)
    ours = blend_over(mode, backdrop.astype(np.float64), source.astype(np.float64))
    difference = np.abs(ours - skia_blend(skia_mode(mode), backdrop, source)) * 255.0
    assert difference.max() <= 0.004


def test_clipping_a_normal_row_is_source_atop() -> None:
    base, source = colours(3), colours(4)
    ours = blend_within(Blend.NORMAL, base.astype(np.float64), source.astype(np.float64))
    difference = np.abs(ours - skia_blend(skia.BlendMode.kSrcATop, base, source)) * 255.0
    assert difference.max() <= 0.004


@pytest.mark.parametrize("mode", BLENDING, ids=lambda mode: mode.label)
def test_within_an_opaque_base_clipping_changes_nothing(mode: Blend) -> None:
    base, source = colours(5).astype(np.float64), colours(6).astype(np.float64)
    base[..., :3] /= np.where(base[..., 3:] > 0, base[..., 3:], 1.0)
    base[..., :3] = np.minimum(base[..., :3], 1.0)
    base[..., 3] = 1.0
    assert np.abs(blend_within(mode, base, source) - blend_over(mode, base, source)).max() < 1e-12


@pytest.mark.parametrize("mode", BLENDING, ids=lambda mode: mode.label)
def test_clipping_keeps_the_alpha_of_the_base_and_stays_premultiplied(mode: Blend) -> None:
    base, source = colours(7).astype(np.float64), colours(8).astype(np.float64)
    result = blend_within(mode, base, source)
    assert np.array_equal(result[..., 3], base[..., 3])
    assert (result[..., :3] <= base[..., 3:] + 1e-9).all() and (result >= -1e-9).all()


@pytest.mark.parametrize("mode", [Blend.PLUS, Blend.PASS_THROUGH], ids=lambda mode: mode.label)
def test_plus_and_pass_through_are_not_functions_of_straight_colours(mode: Blend) -> None:
    with pytest.raises(ValueError, match=mode.label):
        blend_function(mode, np.zeros(3), np.zeros(3))
