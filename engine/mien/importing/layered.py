"""A source from a layered art file: PSD, PSB, OpenRaster, Krita."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path as FilePath

from mien.art.layered import Group, KeptLayers, LayeredArt, Node, Profile, read_layered
from mien.importing.source import Item, Path, Source, box_of, own_names
from mien.messages import shown_path
from mien.types import U8

MOST_SIDE = 2048
"""Longest side of a character's canvas in pixels: what a 4K screen shows of one. Larger art is shrunk to
it."""


def read_source(path: FilePath, most: int = MOST_SIDE, kept: KeptLayers | None = None) -> Source:
    """What a layered file holds, hidden layers too, shrunk to `most` pixels on its longer side. `kept`: as of
    `read_layered`. What was left out of it is told with its name.

    Raises as `read_layered`.
    """
    source = source_of(read_layered(path, hidden=True, most=most, kept=kept))
    told = tuple(f"{shown_path(path)}: {warning}" for warning in source.warnings)
    return replace(source, warnings=told)


def source_of(art: LayeredArt) -> Source:
    """Layered art, as it is, as a source."""
    return Source(art.size, _items(art.root, (), art.profile), art.warnings, art.scale)


def _items(nodes: Sequence[Node], within: Path, profile: Profile | None) -> tuple[Item, ...]:
    names = own_names([node.name for node in nodes])
    return tuple(_item(node, (*within, name), profile) for node, name in zip(nodes, names, strict=True))


def _item(node: Node, path: Path, profile: Profile | None) -> Item:
    if isinstance(node, Group):
        children = _items(node.children, path, profile)
        return Item(
            node.name,
            path,
            node.visible,
            box_of(children),
            None,
            children,
            node.blend,
            node.opacity,
            node.mask,
            node.clipped,
        )

    def pixels() -> U8:
        return node.pixels if profile is None else _converted(node.pixels, profile)

    return Item(
        node.name, path, node.visible, node.box, pixels, (), node.blend, node.opacity, node.mask, node.clipped
    )


def _converted(straight: U8, profile: Profile) -> U8:
    """Pixels in the colours of a profile as sRGB: layer by layer, so that blending is near the file's."""
    out = straight.copy()
    if straight.size:
        profile.convert(straight[..., 0] if profile.mode == "L" else straight[..., :3], out[..., :3])
    return out
