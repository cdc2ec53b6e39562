"""Slots and groups as a tree: to a character, and to the picture that it must give, drawn plainly."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from composite.characters import character
from composite.scenes import Atlas
from mien.character import Character, Drawing, Group, Joint, Slot
from mien.composite.reference import blend_over, blend_within
from mien.types import F64, U8, Blend, Pose, Size

Mask = tuple[U8, tuple[int, int]]
"""A picture, and its top left; what lies beside it is masked out."""


@dataclass(frozen=True)
class Leaf:
    """A slot with one picture."""

    picture: U8
    at: tuple[int, int] = (0, 0)
    blend: Blend = Blend.NORMAL
    opacity: float = 1.0
    clip: bool = False
    mask: Mask | None = None


@dataclass(frozen=True)
class Branch:
    """A group."""

    inside: tuple[Leaf | Branch, ...]
    blend: Blend = Blend.NORMAL
    opacity: float = 1.0
    through: bool = False
    clip: bool = False
    mask: Mask | None = None
    joint: int = 0


Nodes = tuple[Leaf | Branch, ...]
JOINTS = (Joint("root", -1, (0.0, 0.0)), Joint("moving", 0, (0.0, 0.0), move={"jaw": (3.0, 2.0)}))
"""The second is where masks move with the jaw, by whole pixels."""


def grown(nodes: Nodes) -> tuple[Character, Atlas]:
    """The character of a tree, and the atlas of its pictures."""
    atlas = Atlas(512, 64)
    slots: list[Slot] = []
    groups: list[Group] = []

    def drawing(mask: Mask | None) -> Drawing | None:
        return None if mask is None else atlas.add(*mask)

    def add(nodes: Nodes) -> None:
        for node in nodes:
            if isinstance(node, Leaf):
                own = atlas.add(node.picture, node.at)
                mask = drawing(node.mask)
                slots.append(Slot("s", (own,), 0, 0, node.blend, node.opacity, node.clip, mask=mask))
                continue
            first = len(slots)
            add(node.inside)
            name, mask = f"g{len(groups)}", drawing(node.mask)
            groups.append(
                Group(
                    name,
                    first,
                    len(slots),
                    node.blend,
                    node.opacity,
                    node.through,
                    node.clip,
                    mask,
                    node.joint,
                )
            )

    add(nodes)
    return replace(character(tuple(slots), JOINTS), groups=tuple(groups)), atlas


def pose_of(grown: Character) -> Pose:
    """Every slot shows its picture."""
    pose = Pose.empty(len(grown.slots))
    pose.picks[:, 0] = 0
    return pose


def drawn(nodes: Nodes, backdrop: F64, jaw: int = 0) -> F64:
    """The tree over a backdrop, both (h, w, 4) float64 premultiplied."""
    size = Size(backdrop.shape[1], backdrop.shape[0])
    i = 0
    while i < len(nodes):
        base = nodes[i]
        i += 1
        if isinstance(base, Branch) and base.through:
            share = _share(base, size, jaw) * base.opacity
            backdrop = backdrop * (1.0 - share) + drawn(base.inside, backdrop, jaw) * share
            continue
        content = _alone(base, size, jaw)
        while i < len(nodes) and nodes[i].clip:
            content = blend_within(nodes[i].blend, content, _alone(nodes[i], size, jaw) * nodes[i].opacity)
            i += 1
        backdrop = blend_over(base.blend, backdrop, content * base.opacity)
    return backdrop


def _alone(node: Leaf | Branch, size: Size, jaw: int) -> F64:
    empty = np.zeros((size.height, size.width, 4))
    content = (
        _pasted(node.picture, node.at, size) if isinstance(node, Leaf) else drawn(node.inside, empty, jaw)
    )
    return content * _share(node, size, jaw)


def _share(node: Leaf | Branch, size: Size, jaw: int) -> F64:
    if node.mask is None:
        return np.ones((size.height, size.width, 1))
    picture, (x, y) = node.mask
    if isinstance(node, Branch) and node.joint == 1:
        x, y = x + 3 * jaw, y + 2 * jaw
    return _pasted(picture, (x, y), size)[..., 3:]


def _pasted(picture: U8, at: tuple[int, int], size: Size) -> F64:
    out = np.zeros((size.height, size.width, 4))
    x, y = at
    part = picture[: size.height - y, : size.width - x]
    out[y : y + part.shape[0], x : x + part.shape[1]] = part / 255.0
    return out
