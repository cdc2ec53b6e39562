"""Groups to rows: an offscreen layer for each group that is a picture of its own, and a row that shows it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mien.character import Character, Group
from mien.composite.offscreen_layers import GivesLayers
from mien.composite.picture_rows import PictureRows
from mien.composite.rows import (
    BLEND,
    BOUNDS,
    CLIPPED,
    CLIPPED_ROWS,
    EACH_SAMPLE,
    FLOATS,
    IDENTITY,
    INVERSE_X,
    INVERSE_Y,
    MASK,
    MASK_PAGE,
    NO_MASK,
    OPACITY,
    SAMPLE_COUNT,
    TINT,
    TRANSPARENT,
    WEIGHTS,
    FrameRows,
    offscreen_page,
    sample_values,
)
from mien.types import F32, F64, Affine, Blend, Bools, Rect, Size


@dataclass(slots=True)
class _Node:
    """A slot, or a group with what is in it."""

    slot: int
    group: Group | None = None
    inside: tuple[_Node, ...] = ()
    offscreen: int = -1
    """Of a group that is drawn by itself: the number of its offscreen layer."""
    mask: PictureRows | None = None
    mask_offscreen: int = -1
    clip: bool = False


class GroupRows:
    """The groups of a character, laid out for a frame, whose offscreen layers they take.

    A group's picture has the frame's size and pixels, so that nothing is filtered twice. A mask that moves
    with a joint becomes a picture of its own for the same reason. `whole`: one more group around all.
    """

    def __init__(
        self, character: Character, page_base: int, frame: GivesLayers, *, whole: bool = False
    ) -> None:
        count = len(character.slots)
        clips = [slot.clip for slot in character.slots]
        self._frame = frame
        self._page_base = page_base
        self._fades = whole
        # Outer groups before those within them.
        groups = sorted(character.groups, key=lambda group: (group.first, -group.stop))
        if whole:
            groups = [Group(character.name, 0, count), *groups]
        self._nodes = self._parsed(0, count, groups, clips)

    def append(self, frame: FrameRows, rows: F32, shows: Bools, joints: F64, opacity: float) -> None:
        """Append the rows that show something; those within groups go to the groups' offscreen layers.

        `rows`: (slots, FLOATS); `shows`: (slots,); `joints`: (joints, 2, 3), to the frame, for masks;
        `opacity` of the outermost group, where it was built with `whole`. Raises FrameFull.
        """
        self._emit(frame, frame, self._nodes, rows, shows, joints, opacity if self._fades else 1.0)

    def _parsed(self, first: int, stop: int, groups: list[Group], clips: list[bool]) -> tuple[_Node, ...]:
        nodes: list[_Node] = []
        at = first
        while at < stop:
            if groups and groups[0].first == at:
                group = groups.pop(0)
                inner = [g for g in groups if g.stop <= group.stop and g.first < group.stop]
                groups[:] = groups[len(inner) :]
                node = _Node(at, group, self._parsed(at, group.stop, inner, clips), clip=group.clip)
                self._give_offscreens(node, group)
                nodes.append(node)
                at = group.stop
            else:
                nodes.append(_Node(at, clip=clips[at]))
                at += 1
        return tuple(nodes)

    def _give_offscreens(self, node: _Node, group: Group) -> None:
        if group.mask is not None:
            node.mask = PictureRows(group.mask, self._page_base)
            node.mask_offscreen = self._frame.add_offscreen(1, self._frame.size)
        if not group.pass_through:
            node.offscreen = self._frame.add_offscreen(_rows_within(node), self._frame.size)
        elif layered_through(group):
            # It holds copies of the rows below it, of this character and of others.
            room = self._frame.capacity + _rows_within(node)
            node.offscreen = self._frame.add_offscreen(room, self._frame.size)

    def _emit(
        self,
        frame: FrameRows,
        block: FrameRows,
        nodes: tuple[_Node, ...],
        rows: F32,
        shows: Bools,
        joints: F64,
        opacity: float,
    ) -> None:
        base: F32 | None = None
        for k, node in enumerate(nodes):
            identity = block.identities(1)
            if node.group is None:
                row = rows[node.slot] if shows[node.slot] else None
            else:
                if node.group.pass_through and node.offscreen < 0:
                    self._emit(frame, block, node.inside, rows, shows, joints, 1.0)
                    base = None
                    continue
                row = self._group_row(frame, block, node, node.group, rows, shows, joints, opacity)
            # With nothing below to be clipped to, it is drawn plainly.
            base = _placed(block, row, base, node.clip and k > 0, identity)

    def _group_row(
        self,
        frame: FrameRows,
        block: FrameRows,
        node: _Node,
        group: Group,
        rows: F32,
        shows: Bools,
        joints: F64,
        opacity: float,
    ) -> F32 | None:
        offscreen = frame.offscreens[node.offscreen]
        offscreen.reset()
        # A layer may have been another group's before.
        offscreen.clear = block.clear if group.pass_through else TRANSPARENT
        below = 0
        if group.pass_through:
            below = block.count
            offscreen.claim(below)[:] = block.rows[:below]
            offscreen.identities(block.identities(0))
        self._emit(frame, offscreen, node.inside, rows, shows, joints, 1.0)
        own = offscreen.rows[below : offscreen.count]
        if not len(own):
            return None
        low, high = own[:, :2].min(axis=0), own[:, 2:4].max(axis=0)
        row = _offscreen_row(node.offscreen, frame.size, group.opacity * opacity)
        row[BOUNDS] = (*low, *high)
        row[BLEND] = Blend.PASS_THROUGH if group.pass_through else group.blend
        if node.mask is not None:
            picture = frame.offscreens[node.mask_offscreen]
            picture.reset()
            picture.clear = TRANSPARENT
            a, c, tx, b, d, ty = joints[group.joint].reshape(6)
            node.mask.fill(picture, Affine(a, b, c, d, tx, ty))
            row[MASK] = row[EACH_SAMPLE[0]]
            row[MASK_PAGE] = offscreen_page(node.mask_offscreen)
        return row


def layered_through(group: Group) -> bool:
    """Whether what is below a group passes through to a layer, which then shows all that is behind it."""
    return group.pass_through and (group.mask is not None or group.opacity < 1.0)


def _rows_within(node: _Node) -> int:
    """Most rows that what is in a group puts on one layer: a pass-through group puts its own there too."""
    return max(1, sum(1 if one.group is None else 1 + _rows_within(one) for one in node.inside))


def _placed(block: FrameRows, row: F32 | None, base: F32 | None, clip: bool, identity: int) -> F32 | None:
    """Append a row, clipped to `base` if it asks for that; the base of what is clipped next."""
    if clip and base is not None:
        if row is not None:
            bounds = np.concatenate((np.maximum(row[:2], base[:2]), np.minimum(row[2:4], base[2:4])))
            if (bounds[2:] > bounds[:2]).all():
                placed = block.claim(1)[0]
                placed[:] = row
                placed[BOUNDS] = bounds
                placed[CLIPPED_ROWS], placed[CLIPPED], placed[IDENTITY] = 0.0, 1.0, identity
                base[CLIPPED_ROWS] += 1.0
        return base
    if clip or row is None:
        return None
    alone: F32 = block.claim(1)[0]
    alone[:] = row
    alone[CLIPPED_ROWS], alone[CLIPPED], alone[IDENTITY] = 0.0, 0.0, identity
    return alone


def _offscreen_row(offscreen: int, size: Size, opacity: float) -> F32:
    row = np.zeros(FLOATS, np.float32)
    row[INVERSE_X] = (1.0, 0.0, 0.0)
    row[INVERSE_Y] = (0.0, 1.0, 0.0)
    row[OPACITY] = opacity
    row[TINT] = 1.0
    row[SAMPLE_COUNT] = 1.0
    row[WEIGHTS] = (1.0, 0.0, 0.0, 0.0)
    row[EACH_SAMPLE[0]] = sample_values(offscreen_page(offscreen), (0.0, 0.0), Rect(0, 0, *size))
    row[MASK_PAGE] = NO_MASK
    return row
