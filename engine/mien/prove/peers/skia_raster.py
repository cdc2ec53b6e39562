"""Skia on the processor, through skia-python."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
import skia

from mien.composite import FrameRows
from mien.errors import ScriptError
from mien.prove.old_way.layers import complement, light_only, times_white
from mien.prove.peers.layers import Drawn, Layers, Sample
from mien.types import U8, Blend, Size

_MODES = {
    Blend.NORMAL: skia.BlendMode.kSrcOver,
    Blend.MULTIPLY: skia.BlendMode.kMultiply,
    Blend.SCREEN: skia.BlendMode.kScreen,
    Blend.OVERLAY: skia.BlendMode.kOverlay,
    Blend.DARKEN: skia.BlendMode.kDarken,
    Blend.LIGHTEN: skia.BlendMode.kLighten,
    Blend.COLOR_DODGE: skia.BlendMode.kColorDodge,
    Blend.COLOR_BURN: skia.BlendMode.kColorBurn,
    Blend.HARD_LIGHT: skia.BlendMode.kHardLight,
    Blend.SOFT_LIGHT: skia.BlendMode.kSoftLight,
    Blend.DIFFERENCE: skia.BlendMode.kDifference,
    Blend.EXCLUSION: skia.BlendMode.kExclusion,
    Blend.HUE: skia.BlendMode.kHue,
    Blend.SATURATION: skia.BlendMode.kSaturation,
    Blend.COLOR: skia.BlendMode.kColor,
    Blend.LUMINOSITY: skia.BlendMode.kLuminosity,
    Blend.PLUS: skia.BlendMode.kPlus,
}


class _Image(NamedTuple):
    """A picture, and what stands for it in clipped layers of other modes."""

    plain: Any
    white: Any
    dark: Any
    light: Any


class Peer:
    """As of `Painter`: a canvas on the picture itself; clip groups and mixes are layers of their own."""

    about = f"Skia (skia-python {skia.__version__})"

    def __init__(self, size: Size, pages: Sequence[U8]) -> None:
        self.layers = Layers(pages, _pictures)
        self._surfaces: dict[int, Any] = {}
        self._linear = skia.SamplingOptions(skia.FilterMode.kLinear)
        self._nearest = skia.SamplingOptions(skia.FilterMode.kNearest)

    def draw(self, frame: FrameRows, picture: U8) -> None:
        """As of `Painter`."""
        clear = np.rint(np.array(frame.clear) * 255).astype(np.uint8)
        picture.view(np.uint32)[:] = clear.view(np.uint32)
        self.paint(self.layers.of(frame.rows[: frame.count]), picture)

    def paint(self, layers: Iterable[Drawn], picture: U8) -> None:
        """Draw layers, bottom first, over what is in (h, w, 4) uint8 premultiplied RGBA, which stays where it
        is."""
        key = picture.ctypes.data
        if key not in self._surfaces:
            self._surfaces[key] = skia.Surface(picture, colorType=skia.kRGBA_8888_ColorType)
        canvas, left = self._surfaces[key].getCanvas(), iter(layers)
        for base in left:
            self._group(canvas, base, [next(left) for _ in range(base.clipped)])

    def _group(self, canvas: Any, base: Drawn, clipped: list[Drawn]) -> None:
        mode = _mode_of(base)
        if not clipped:
            self._layer(canvas, base, mode)
            return
        canvas.saveLayer(skia.Rect(*base.bounds), skia.Paint(BlendMode=mode, Alphaf=base.opacity))
        self._layer(canvas, base._replace(opacity=1.0), skia.BlendMode.kSrcOver)
        for layer in clipped:
            if layer.blend == Blend.NORMAL:
                self._layer(canvas, layer, skia.BlendMode.kSrcATop)
            elif layer.blend == Blend.MULTIPLY:
                self._times(canvas, layer, "white")
            elif layer.blend == Blend.SCREEN:
                self._times(canvas, layer, "dark")
                self._layer(canvas, layer, skia.BlendMode.kSrcATop, "light")
            else:
                how = layer.blend.name.lower()
                raise ScriptError(
                    f"Skia draws no layer that is clipped and blended as {how}; prove another conversation."
                )
        canvas.restore()

    def _layer(self, canvas: Any, layer: Drawn, mode: Any, which: str = "plain") -> None:
        if len(layer.samples) == 1:
            sample = layer.samples[0]
            self._sample(
                canvas, sample, which, skia.Paint(BlendMode=mode, Alphaf=layer.opacity * sample.weight)
            )
            return
        canvas.saveLayer(skia.Rect(*layer.bounds), skia.Paint(BlendMode=mode, Alphaf=layer.opacity))
        for sample in layer.samples:
            paint = skia.Paint(BlendMode=skia.BlendMode.kPlus, Alphaf=sample.weight)
            self._sample(canvas, sample, which, paint)
        canvas.restore()

    def _times(self, canvas: Any, layer: Drawn, which: str) -> None:
        """What is below, times a picture; of several by turns, as a library has it."""
        for sample in layer.samples:
            share = layer.opacity * sample.weight
            paint = skia.Paint(BlendMode=skia.BlendMode.kModulate)
            if share < 1.0:  # by what is as much nearer to white
                paint.setColorFilter(_towards_white(1.0 - share))
            self._sample(canvas, sample, which, paint)

    def _sample(self, canvas: Any, sample: Sample, which: str, paint: Any) -> None:
        image = getattr(sample.image, which)
        if sample.at is not None:
            canvas.drawImage(image, *sample.at, self._nearest, paint)
            return
        a, b, c, d, tx, ty = sample.matrix
        canvas.save()
        canvas.concat(skia.Matrix.MakeAll(a, c, tx, b, d, ty, 0, 0, 1))
        canvas.drawImage(image, 0, 0, self._linear, paint)
        canvas.restore()


def _mode_of(layer: Drawn) -> Any:
    mode = _MODES.get(layer.blend)
    if mode is None:
        raise ScriptError(f"Skia has no blend mode {layer.blend.name.lower()}; prove another conversation.")
    return mode


def _towards_white(share: float) -> Any:
    rest = 1.0 - share
    return skia.ColorFilters.Matrix(
        [rest, 0, 0, 0, share, 0, rest, 0, 0, share, 0, 0, rest, 0, share, 0, 0, 0, 1, 0]
    )


def _pictures(pixels: U8) -> _Image:
    return _Image(*map(_image, (pixels, times_white(pixels), complement(pixels), light_only(pixels))))


def _image(pixels: U8) -> Any:
    return skia.Image.fromarray(
        np.ascontiguousarray(pixels),
        colorType=skia.kRGBA_8888_ColorType,
        alphaType=skia.kPremul_AlphaType,
        copy=True,
    )
