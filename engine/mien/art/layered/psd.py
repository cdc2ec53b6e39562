"""PSD and PSB files, read with psd-tools: its stored rasters only, never its own compositing.

Colours are taken as they are stored. What has a depth of more than 8 bits is narrowed to 8; CMYK becomes
RGB layer by layer, so its blending is near Photoshop's and not the same.
"""

from __future__ import annotations

import logging
import struct
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from mien.art.layered.tree import (
    Group,
    Layer,
    LayeredArt,
    Limits,
    Mask,
    Node,
    check_canvas,
    check_file,
    stacked,
    trimmed,
)
from mien.errors import AssetMissing, FormatError, ImageRejected, MienError
from mien.types import U8, Blend, Size

if TYPE_CHECKING:
    from psd_tools import PSDImage

MAX_FILE_BYTES = 2 * 1024**3
"""Largest file that is read at all."""

_MODES = {
    0: "Bitmap",
    1: "Grayscale",
    2: "Indexed",
    3: "RGB",
    4: "CMYK",
    7: "Multichannel",
    8: "Duotone",
    9: "Lab",
}
_LAYERED_MODES = ("Grayscale", "RGB", "CMYK")
_FLAT_MODES = ("Bitmap", "Indexed")  # Photoshop has no layers in these
_FILL_ACTS_APART = frozenset(
    {
        Blend.COLOR_BURN,
        Blend.LINEAR_BURN,
        Blend.COLOR_DODGE,
        Blend.LINEAR_DODGE,
        Blend.VIVID_LIGHT,
        Blend.LINEAR_LIGHT,
        Blend.HARD_MIX,
        Blend.DIFFERENCE,
    }
)
"""Modes in which Photoshop's fill opacity fades the colour and not the result."""


class PsdToolsMissing(MienError, ImportError):
    """The package that reads Photoshop's files is not installed."""


def read_psd(path: Path) -> LayeredArt:
    """A PSD or PSB file. Raises AssetMissing, FormatError, ImageRejected, PsdToolsMissing."""
    size, mode, depth = _header(path)
    check_canvas(size, str(path))
    if mode not in (*_LAYERED_MODES, *_FLAT_MODES):
        raise FormatError(
            f"{path}: its colour mode is {mode}, which Mien cannot draw; convert it to RGB and save it again."
        )
    try:
        import psd_tools  # noqa: F401 - reading one takes 0.2 s to import, which nothing else should pay for
    except ImportError as error:
        raise PsdToolsMissing(
            f"{path}: reading Photoshop files needs psd-tools; install it with: pip install 'mien[layered]'"
        ) from error
    with _quiet():
        try:
            return _Reader(path, size).read(depth)
        except MienError:
            raise
        except Exception as error:  # a reader fed with a stranger's bytes raises whatever it likes
            # attrs puts the sentence first, and what it checked with after it.
            words = error.args[0] if error.args and isinstance(error.args[0], str) else str(error)
            reason = " ".join(words.split()) or type(error).__name__
            raise ImageRejected(
                f"{path}: is damaged or cannot be read ({reason[:200]}); save it again."
            ) from error


def _header(path: Path) -> tuple[Size, str, int]:
    """Size, colour mode and depth from the 26 bytes that every such file begins with."""
    try:
        check_file(path)
        length = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(26)
    except (AssetMissing, ImageRejected):  # of which one is an OSError
        raise
    except OSError as error:
        raise ImageRejected(f"{path}: cannot be read ({error}); check its permissions.") from error
    if head[:4] == b"8BPS" and len(head) < 26:
        raise ImageRejected(
            f"{path}: ends after {len(head)} bytes, within its header; save or copy it again."
        )
    if head[:4] != b"8BPS":
        raise ImageRejected(f"{path}: is not a Photoshop file (it begins with {head[:4]!r}); save it as PSD.")
    if length > MAX_FILE_BYTES:
        raise ImageRejected(
            f"{path}: is {length} bytes long, and {MAX_FILE_BYTES} is the limit; flatten some."
        )
    channels, height, width, depth, mode = struct.unpack(">HIIHH", head[12:26])
    for what, value, known in (
        ("channels", channels, range(1, 57)),
        ("bits a channel", depth, (1, 8, 16, 32)),
    ):
        if value not in known:
            raise ImageRejected(
                f"{path}: its header says {value} {what}, which no such file has; save it again."
            )
    return Size(width, height), _MODES.get(mode, f"number {mode}"), depth


@contextmanager
def _quiet() -> Iterator[None]:
    """What psd-tools warns of is either harmless or becomes a warning."""
    log = logging.getLogger("psd_tools")
    level = log.level
    log.setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        log.setLevel(level)


class _Reader:
    """One file being read: its warnings and what it has used up."""

    def __init__(self, path: Path, size: Size) -> None:
        from psd_tools import PSDImage

        self._psd: PSDImage = PSDImage.open(path)
        self._size = size
        self._limits = Limits(str(path))
        self._remarks: list[str] = []

    def read(self, depth: int) -> LayeredArt:
        if depth > 8:
            self._remarks.append(f"its {depth} bits a channel are drawn with 8")
        if self._psd.color_mode.name == "CMYK":
            self._remarks.append("its CMYK colours are blended as RGB")
        self._remark_profile()
        root = self._nodes(self._psd) if len(self._psd) else self._flattened()
        return LayeredArt(self._size, root, tuple(self._remarks))

    def _remark_profile(self) -> None:
        from psd_tools.constants import Resource

        profile = self._psd.image_resources.get_data(Resource.ICC_PROFILE)
        # Every profile that is sRGB says so in its description, as ASCII or as UTF-16.
        if profile and not any(name in profile for name in (b"sRGB", "sRGB".encode("utf-16-be"))):
            self._remarks.append(
                "its colour profile is not sRGB, and its colours are drawn as they are stored"
            )

    def _flattened(self) -> tuple[Node, ...]:
        """The one picture of a file without layers."""
        image = self._psd.topil(apply_icc=False)
        return () if image is None else (self._layer("Background", _rgba(image), (0, 0)),)

    def _layer(self, name: str, pixels: U8, offset: tuple[int, int], **values: Any) -> Layer:
        pixels, offset = trimmed(pixels, offset, self._size)
        self._limits.pixels(pixels)
        return Layer(name, pixels, offset, **values)

    def _nodes(self, layers: Iterable[Any], depth: int = 0) -> tuple[Node, ...]:
        self._limits.depth(depth)
        return stacked([(self._node(layer, depth), layer.clipping) for layer in layers])

    def _node(self, layer: Any, depth: int) -> Node | None:
        """What a layer of psd-tools draws; None when that is nothing."""
        self._limits.node()
        if not layer.visible:
            return None
        blend = self._blend(layer)
        if blend is None or self._is_left_out(layer):
            return None
        if layer.has_effects():
            names = ", ".join(sorted({type(effect).__name__ for effect in layer.effects if effect.enabled}))
            self._remark(layer, f"is drawn without its effects ({names})")
        if layer.kind == "artboard":
            self._remark(layer, "is an artboard, and drawn without its background and beyond its frame")
        if layer.fill_opacity < 255 and blend in _FILL_ACTS_APART:
            self._remark(layer, f"has a fill opacity, which is drawn as opacity (its mode is {blend.label})")
        opacity = layer.opacity / 255 * (layer.fill_opacity / 255)
        mask = self._mask(layer)
        if layer.is_group():
            return Group(layer.name, self._nodes(layer, depth + 1), blend, opacity, mask, layer.clipping)
        return self._layer(
            layer.name,
            self._pixels(layer),
            layer.offset,
            blend=Blend.NORMAL if blend == Blend.PASS_THROUGH else blend,
            opacity=opacity,
            mask=mask,
            clipped=layer.clipping,
        )

    def _blend(self, layer: Any) -> Blend | None:
        try:
            return Blend[layer.blend_mode.name]
        except KeyError:
            self._remark(
                layer, f"is left out: its mode is {layer.blend_mode.name.lower()}, which is not drawn"
            )
            return None

    def _is_left_out(self, layer: Any) -> bool:
        from psd_tools.api.layers import AdjustmentLayer

        if layer.is_group():
            return False
        if isinstance(layer, AdjustmentLayer):
            self._remark(
                layer, f"is left out: it is an adjustment ({type(layer).__name__}), and those are not drawn"
            )
        elif not layer.has_pixels():
            if layer.kind != "pixel":
                self._remark(layer, f"is left out: the file stores no picture of it ({type(layer).__name__})")
        else:
            return False
        return True

    def _pixels(self, layer: Any) -> U8:
        """(h, w, 4) uint8 straight."""
        from psd_tools.constants import ChannelID

        image = layer.topil(apply_icc=False)
        if image is None:
            return np.zeros((0, 0, 4), np.uint8)
        if image.mode == "CMYK":  # which has no alpha in Pillow
            alpha = layer.topil(ChannelID.TRANSPARENCY_MASK)
            image = image.convert("RGB")
            if alpha is not None:
                image.putalpha(alpha.convert("L"))
        return _rgba(image)

    def _mask(self, layer: Any) -> Mask | None:
        mask = layer.mask
        if mask is None:
            if layer.has_vector_mask() and layer.kind not in (
                "shape",
                "solidcolorfill",
                "gradientfill",
                "patternfill",
            ):
                self._remark(layer, "is drawn without its vector mask, of which the file stores no picture")
            return None
        if mask.disabled:
            return None
        image = mask.topil()
        pixels = np.zeros((0, 0), np.uint8) if image is None else np.array(image.convert("L"))
        outside = int(mask.background_color)
        values = mask.parameters
        if values is not None and not mask.has_real():
            density = values.user_mask_density
            if density is not None and density < 255:
                pixels = np.rint(255 - (255.0 - pixels) * (density / 255)).astype(np.uint8)
                outside = round(255 - (255 - outside) * (density / 255))
            if values.user_mask_feather:
                self._remark(layer, "is drawn with a mask that is not feathered")
        if outside == 255 and not pixels.size:
            return None
        return Mask(pixels, (mask.left, mask.top), outside)

    def _remark(self, layer: Any, what: str) -> None:
        self._remarks.append(f"{'group' if layer.is_group() else 'layer'} {layer.name!r} {what}")


def _rgba(image: Image.Image) -> U8:
    return np.array(image.convert("RGBA"))
