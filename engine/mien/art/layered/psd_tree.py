"""The layers of a Photoshop file, parsed by psd-tools, as a tree; what Photoshop draws otherwise is named.

Nothing of a layer's colours is decoded before it is known how many pixels all of them will keep in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from mien.art.layered.ahead import Ahead
from mien.art.layered.kept_layers import KeptLayers
from mien.art.layered.planes import Damaged
from mien.art.layered.psd_masks import covered, mask_of
from mien.art.layered.psd_pixels import Pixels, claim_of
from mien.art.layered.shrinking import Shrinking
from mien.art.layered.tree import Group, Layer, Limits, Mask, Node, stacked
from mien.messages import printable, quoted
from mien.types import U8, Blend, Rect, Size

if TYPE_CHECKING:
    from psd_tools import PSDImage

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

_OLD_ADJUSTMENTS = {b"brit": "BrightnessContrast", b"hue ": "HueSaturation"}
"""Adjustments of old files, which psd-tools takes for layers of pixels, by the key of their block."""

_EFFECTS = {
    b"DrSh": "DropShadow",
    b"IrSh": "InnerShadow",
    b"OrGl": "OuterGlow",
    b"IrGl": "InnerGlow",
    b"ebbl": "BevelEmboss",
    b"ChFX": "Satin",
    b"SoFi": "ColorOverlay",
    b"GrFl": "GradientOverlay",
    b"patternFill": "PatternOverlay",
    b"FrFX": "Stroke",
}


_BAND: Final = 1024
"""Side in pixels of what takes as much memory as to find what a layer covers: some of its rows at a time."""

_Raster = tuple[U8, tuple[int, int], Mask | None]


class TreeReader:
    """Reads the tree of one file.

    Parameters: `pixels`, which reads its layers; `remarks`, to which is added what Photoshop draws otherwise;
    `hidden`, whether what is hidden is read too; `shrinking`, which every picture goes through.
    """

    def __init__(
        self,
        canvas: Rect,
        limits: Limits,
        pixels: Pixels,
        remarks: list[str],
        hidden: bool = False,
        shrinking: Shrinking | None = None,
        kept: KeptLayers | None = None,
    ) -> None:
        self._canvas = canvas
        self._limits = limits
        self._pixels = pixels
        self._remarks = remarks
        self._boxes: dict[int, Rect] = {}
        self._hidden = hidden
        self._shrinking = shrinking or Shrinking.to(Size(canvas.width, canvas.height), 0)
        self._kept = KeptLayers() if kept is None else kept
        self._contents: dict[int, tuple[object, ...] | None] = {}
        self._ahead: Ahead[_Raster] = Ahead((), self._shrinking.canvas)

    def read(self, psd: PSDImage) -> tuple[Node, ...]:
        """Bottom to top. Raises ImageRejected for more layers or pixels than are taken."""
        jobs = self._measured(list(self._counted(psd, 0)))
        with Ahead(jobs, Size(self._canvas.width, self._canvas.height)) as self._ahead:
            return self._nodes(psd)

    def _counted(self, layers: Iterable[Any], depth: int) -> Iterator[Any]:
        """Every layer that may be drawn and has pixels; refuses what is too much by what the file says."""
        self._limits.depth(depth)
        for layer in layers:
            self._limits.node()
            if not (layer.visible or self._hidden):
                continue
            self._limits.claim(*claim_of(layer))
            if layer.is_group():
                yield from self._counted(layer, depth + 1)
            elif layer.has_pixels():
                yield layer

    def _measured(self, layers: Sequence[Any]) -> list[tuple[int, Callable[[], _Raster]]]:
        """Find what each of these covers, and refuse what is too much together. What to call for the pixels
        of those whose pixels follow from their own channels."""
        jobs: list[tuple[int, Callable[[], _Raster]]] = []
        boxes = [(id(layer._record), partial(self._box, layer)) for layer in layers]
        with Ahead(boxes, Size(_BAND, _BAND)) as ahead:
            for layer, (key, find) in zip(layers, boxes, strict=True):
                try:
                    box = self._boxes[key] = ahead.take(key, find)
                except Damaged:
                    continue  # told where it is read
                if self._is_alone(layer):
                    jobs.append((key, partial(self._kept_raster, layer, box)))
                self._limits.area(box.width, box.height)
        return jobs

    def _nodes(self, layers: Iterable[Any]) -> tuple[Node, ...]:
        return stacked([(self._node(layer), _is_clipped(layer)) for layer in layers])

    def _node(self, layer: Any) -> Node | None:
        """What a layer of psd-tools draws; None when that is nothing."""
        if not (layer.visible or self._hidden):
            return None
        blend = self._blend(layer)
        if blend is None or self._is_left_out(layer):
            return None
        self._remark_blending(layer, blend)
        opacity = layer.opacity / 255 * (layer.fill_opacity / 255)
        try:
            mask, remarks = mask_of(layer, self._canvas)
            for remark in remarks:
                self._remark(layer, remark)
            if mask is not None:
                self._limits.pixels(mask.pixels)
            if layer.is_group():
                mask = self._shrinking.mask(mask)
                nodes, clipped, visible = self._nodes(layer), _is_clipped(layer), bool(layer.visible)
                return Group(layer.name, nodes, blend, opacity, mask, clipped, visible)
            box = self._boxes.get(id(layer._record))
            if box is None:
                box = self._box(layer)
            pixels, offset, mask = self._raster(layer, box, mask)
        except Damaged as error:
            self._remark(layer, f"is left out: its pixels cannot be read ({printable(str(error))})")
            return None
        blend = Blend.NORMAL if blend == Blend.PASS_THROUGH else blend
        mask, clipped, visible = self._shrinking.mask(mask), _is_clipped(layer), bool(layer.visible)
        return Layer(layer.name, pixels, offset, blend, opacity, mask, clipped, visible)

    def _box(self, layer: Any) -> Rect:
        """What of the canvas its raster shows something of. Raises Damaged."""
        content = self._contents[id(layer._record)] = self._pixels.content(layer)
        if content is None:
            return self._pixels.box(layer)
        return self._kept.made(("box", content), lambda: self._pixels.box(layer))

    def _is_alone(self, layer: Any) -> bool:
        """Whether its pixels follow from its own channels: a shape's may depend on its mask."""
        return layer.kind != "shape" and self._contents.get(id(layer._record)) is not None

    def _raster(self, layer: Any, box: Rect, mask: Mask | None) -> _Raster:
        """Its pixels, shrunk, where they lie, and the mask that is left. Raises Damaged."""
        if self._contents.get(id(layer._record)) is None or (layer.kind == "shape" and mask is not None):
            return self._shrunk(layer, box, mask)
        pixels, offset, _ = self._ahead.take(id(layer._record), lambda: self._kept_raster(layer, box))
        return pixels, offset, mask

    def _kept_raster(self, layer: Any, box: Rect) -> _Raster:
        key = ("raster", self._contents[id(layer._record)], box, self._shrinking)
        return self._kept.made(key, lambda: self._shrunk(layer, box, None))

    def _shrunk(self, layer: Any, box: Rect, mask: Mask | None) -> _Raster:
        if self._shrinking.shrinks and box.width and box.height and (mask is None or layer.kind != "shape"):
            return *self._shrinking.rows(self._pixels.rows(layer, box), box), mask
        pixels = self._pixels.read(layer, box)
        left = covered(layer, pixels, (box.x, box.y), mask)
        return *self._shrinking.pixels(pixels, (box.x, box.y)), left

    def _remark_blending(self, layer: Any, blend: Blend) -> None:
        """Name what of a layer's blending is not drawn."""
        effects = effects_of(layer)
        if effects:
            self._remark(layer, f"is drawn without its effects ({', '.join(effects)})")
        if layer.kind == "artboard":
            self._remark(layer, "is an artboard, and drawn without its background and beyond its frame")
        if layer.fill_opacity < 255 and blend in _FILL_ACTS_APART:
            self._remark(layer, f"has a fill opacity, which is drawn as opacity (its mode is {blend.label})")
        if layer.tagged_blocks.get_data(b"knko"):
            self._remark(layer, "is drawn without its knockout")
        ranges = layer._record.blending_ranges
        each = (ranges.composite_ranges, *(ranges.channel_ranges or ()))
        if any(tuple(span) != (0, 65535) for channel in each for span in channel or ()):
            self._remark(layer, "is drawn without its Blend If ranges")

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
        adjustment = type(layer).__name__ if isinstance(layer, AdjustmentLayer) else None
        for key, name in _OLD_ADJUSTMENTS.items():
            if key in layer.tagged_blocks:
                adjustment = name
        if adjustment is not None:
            self._remark(layer, f"is left out: it is an adjustment ({adjustment}), and those are not drawn")
        elif not layer.has_pixels():
            if layer.kind != "pixel":
                self._remark(layer, f"is left out: the file stores no picture of it ({type(layer).__name__})")
        else:
            return False
        return True

    def _remark(self, layer: Any, what: str) -> None:
        self._remarks.append(f"{'group' if layer.is_group() else 'layer'} {quoted(layer.name)} {what}")


def _is_clipped(layer: Any) -> bool:
    """Whether a layer or group is clipped to what is below it.

    Clip Studio clips groups too, and draws them so; psd-tools believes it of layers only.
    """
    return bool(layer._record.clipping)


def effects_of(layer: Any) -> list[str]:
    """The names of the effects that a layer or group shows, sorted.

    Read from the block itself: psd-tools believes only those with `present`, which older files don't have.
    """
    from psd_tools.constants import Tag
    from psd_tools.psd.descriptor import Descriptor, List

    blocks = layer.tagged_blocks
    found = [
        blocks.get_data(tag)
        for tag in (
            Tag.OBJECT_BASED_EFFECTS_LAYER_INFO,
            Tag.OBJECT_BASED_EFFECTS_LAYER_INFO_V0,
            Tag.OBJECT_BASED_EFFECTS_LAYER_INFO_V1,
        )
    ]
    descriptors = [block for block in found if isinstance(block, Descriptor)]
    if not descriptors:
        old = blocks.get_data(Tag.EFFECTS_LAYER)
        switched_on = [key for key in old or () if getattr(old[key], "enabled", False)]
        return sorted({str(getattr(key, "name", key)).title().replace("_", "") for key in switched_on})
    (effects, *_) = descriptors
    if not _flag(effects, b"masterFXSwitch", True):
        return []
    names = set()
    for key in effects:
        value = effects[key]
        for effect in value if isinstance(value, List) else [value]:
            is_one = isinstance(effect, Descriptor) and effect.classID in _EFFECTS
            if is_one and _flag(effect, b"enab", True) and _flag(effect, b"present", True):
                names.add(_EFFECTS[effect.classID])
    return sorted(names)


def _flag(descriptor: Any, key: bytes, default: bool) -> bool:
    return bool(descriptor.get(key, default))
