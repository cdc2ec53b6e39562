"""Layered art drawn in the plainest way there is: recursively, whole canvases, float64."""

from __future__ import annotations

import numpy as np

from mien.art.layered import Group, Layer, LayeredArt, Mask, Node
from mien.art.layered.tree import trimmed
from mien.art.png import premultiply
from mien.composite.reference import blend_over, blend_within
from mien.types import F64, Blend, Size

SMOOTH = [mode for mode in Blend if mode not in (Blend.HARD_MIX, Blend.DARKER_COLOR, Blend.LIGHTER_COLOR)]
"""Modes without a jump, in which a difference in the last bit stays one."""


def drawn(art: LayeredArt) -> F64:
    """(h, w, 4) float64 premultiplied."""
    return _over(art.root, np.zeros((art.size.height, art.size.width, 4)))


def _over(nodes: tuple[Node, ...], backdrop: F64) -> F64:
    for i, base in enumerate(nodes):
        if base.clipped:
            continue
        clipped = []
        for node in nodes[i + 1 :]:
            if not node.clipped:
                break
            clipped.append(node)
        share = _mask(base.mask, backdrop.shape) * base.opacity
        if isinstance(base, Group) and base.blend == Blend.PASS_THROUGH:
            assert not clipped, "what is clipped to a pass-through group has tests of its own"
            backdrop = backdrop * (1.0 - share) + _over(base.children, backdrop) * share
            continue
        content = _alone(base, backdrop) * _mask(base.mask, backdrop.shape)
        for node in clipped:
            shown = _alone(node, backdrop) * _mask(node.mask, backdrop.shape) * node.opacity
            mode = Blend.NORMAL if node.blend == Blend.PASS_THROUGH else node.blend
            content = blend_within(mode, content, shown)
        backdrop = blend_over(base.blend, backdrop, content * base.opacity)
    return backdrop


def _alone(node: Node, like: F64) -> F64:
    if isinstance(node, Group):
        return _over(node.children, np.zeros_like(like))
    out = np.zeros_like(like)
    x, y, width, height = node.box
    out[y : y + height, x : x + width] = premultiply(node.pixels) / 255.0
    return out


def _mask(mask: Mask | None, shape: tuple[int, ...]) -> F64:
    if mask is None:
        return np.ones((*shape[:2], 1))
    # Far larger than any canvas here, so that offsets beyond its edges need no care.
    wide = np.full((shape[0] + 200, shape[1] + 200), mask.outside, np.float64)
    x, y = mask.offset[0] + 100, mask.offset[1] + 100
    height, width = mask.pixels.shape
    wide[y : y + height, x : x + width] = mask.pixels
    share: F64 = wide[100:-100, 100:-100, None] / 255.0
    return share


def random_art(rng: np.random.Generator, size: Size) -> LayeredArt:
    """Layers and groups of every kind, some beyond the canvas, some masked, some clipped."""
    return LayeredArt(size, _random_nodes(rng, size, 3))


def _random_nodes(rng: np.random.Generator, size: Size, depth: int) -> tuple[Node, ...]:
    nodes: list[Node] = []
    for _ in range(rng.integers(1, 5)):
        through = bool(nodes) and nodes[-1].blend == Blend.PASS_THROUGH
        clipped = bool(nodes) and not through and rng.random() < 0.3
        mask = _random_mask(rng, size) if rng.random() < 0.3 else None
        opacity = float(rng.choice([1.0, 1.0, 0.5, 0.25]))
        mode = SMOOTH[rng.integers(len(SMOOTH))] if rng.random() < 0.5 else Blend.NORMAL
        if depth and rng.random() < 0.4:
            children = _random_nodes(rng, size, depth - 1)
            nodes.append(Group("group", children, mode, opacity, mask, clipped))
        else:
            mode = Blend.NORMAL if mode == Blend.PASS_THROUGH else mode
            nodes.append(random_layer(rng, size, mode, opacity, mask, clipped))
    return tuple(nodes)


def random_layer(
    rng: np.random.Generator,
    size: Size,
    blend: Blend = Blend.NORMAL,
    opacity: float = 1.0,
    mask: Mask | None = None,
    clipped: bool = False,
) -> Layer:
    width, height = rng.integers(1, size.width + 4), rng.integers(1, size.height + 4)
    pixels = rng.integers(0, 256, (height, width, 4), np.uint8)
    kind = rng.integers(0, 4, (height, width))
    pixels[kind == 0] = 0
    pixels[kind == 1, 3] = 255
    at = int(rng.integers(-4, size.width)), int(rng.integers(-4, size.height))
    pixels, at = trimmed(pixels, at, size)
    return Layer("layer", pixels, at, blend, opacity, mask, clipped)


def _random_mask(rng: np.random.Generator, size: Size) -> Mask:
    width, height = rng.integers(0, size.width + 2), rng.integers(0, size.height + 2)
    at = int(rng.integers(-3, size.width)), int(rng.integers(-3, size.height))
    return Mask(rng.integers(0, 256, (height, width), np.uint8), at, int(rng.choice([0, 255, 100])))
