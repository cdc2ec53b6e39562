"""Slots to rows: the drawings a pose picks, where they land, and which of them can be seen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mien.character import Drawing, Slot
from mien.composite.filtering import MINIFIED, footprint
from mien.composite.rows import (
    BLEND,
    BOUNDS,
    CLIPPED,
    CLIPPED_ROWS,
    FLOATS,
    IDENTITY,
    INVERSE_X,
    INVERSE_Y,
    MARGIN,
    MASK,
    MASK_PAGE,
    NO_MASK,
    OPACITY,
    RGBA,
    SAMPLE_COUNT,
    SAMPLE_FLOATS,
    SAMPLES,
    TINT,
    WEIGHTS,
    FrameRows,
    sample_values,
)
from mien.types import F32, F64, I32, MAX_MIXED, Affine, Blend, Bools, Indices, Rect, Size

WHITE: RGBA = (1.0, 1.0, 1.0, 1.0)

Tint = RGBA | F64
"""Straight red, green, blue and alpha of all slots, or of each: (slots, 4)."""


_ADJUGATE = np.array(((1.0, -1.0), (-1.0, 1.0)))
_OUTWARDS = np.array(((1.0,), (-1.0,)))
"""Signs: of the inverse of a matrix, and of left and top, right and bottom."""


class SlotRows:
    """The static tables of some slots, and the vectorised step that appends their visible rows.

    A clipped slot belongs to the nearest slot below it that is not; one without such a slot below is
    drawn as if it were not clipped. What shows nothing is left out, and what is clipped to it with it.
    """

    def __init__(self, slots: Sequence[Slot], page_base: int | Sequence[int] = 0) -> None:
        count = len(slots)
        pages = [page_base] * count if isinstance(page_base, int) else page_base
        drawings = [(one, page) for slot, page in zip(slots, pages, strict=True) for one in slot.drawings]
        drawings += [
            (slot.joined, page) for slot, page in zip(slots, pages, strict=True) if slot.joined is not None
        ]
        # One entry more than there are drawings: the empty drawing, which -1 and weight 0 lead to.
        self._empty = len(drawings)
        self._samples = np.zeros((len(drawings) + 1, SAMPLE_FLOATS), np.float32)
        self._boxes = np.empty((len(drawings) + 1, 4))
        self._boxes[self._empty] = (np.inf, np.inf, -np.inf, -np.inf)
        for i, (drawing, page) in enumerate(drawings):
            self._samples[i], self._boxes[i] = drawing_sample(drawing, page)
        sizes = np.array([len(slot.drawings) for slot in slots], np.int32).reshape(count, 1)
        self._sizes = sizes
        self._first = (np.cumsum(sizes) - sizes[:, 0]).astype(np.int32).reshape(count, 1)
        self._joins = _Joins(slots)
        self._opacity = np.array([slot.opacity for slot in slots], np.float32)
        bases: list[int] = []
        for s, slot in enumerate(slots):
            bases.append(bases[-1] if slot.clip and s else s)
        self._base = np.array(bases, np.intp)
        self._is_base = self._base == np.arange(count)
        self._starts = np.unique(self._base)
        self._clips = len(self._starts) < count
        self._block = np.zeros((count, FLOATS), np.float32)
        self._block[:, MASK_PAGE] = NO_MASK
        self._order = np.arange(count, dtype=np.float32)
        self._block[:, BLEND] = [slot.blend for slot in slots]
        for s, slot in enumerate(slots):
            if slot.mask is not None:
                self._block[s, MASK] = drawing_sample(slot.mask, pages[s])[0]
        self._block[:, CLIPPED] = ~self._is_base
        self.count = count
        self.picked: Bools = np.zeros(count, np.bool_)
        """(slots,) whether the last update picked other drawings or weights for it than the one before."""
        # What the pose picked last, and what follows from it: boxes on the canvas as centre and half size.
        self._picks = np.full((count, MAX_MIXED), -2, np.int32)
        self._weights = np.zeros((count, MAX_MIXED), np.float32)
        self._drawn = np.zeros(count, np.bool_)
        self.spread: F64 | None = None
        """(slots, 2, 2) pixels added to what each covers of the frame: to left and top, and to right and
        bottom counted leftwards and upwards. None: nothing is bent."""
        # How it moved last, and what follows from it.
        self._world = np.full((count, 2, 3), np.nan)
        self._sound: Bools = np.zeros(count, np.bool_)
        self._broken = 0
        self._wider: F64 | None = None
        self._size = Size(0, 0)
        self._inside: Bools = np.zeros(count, np.bool_)
        self._middle = np.zeros((count, 2, 1))
        self._half = np.zeros((count, 2, 1))

    def append(
        self, frame: FrameRows, world: F64, picks: I32, weights: F32, fade: F32, opacity: float, tint: RGBA
    ) -> None:
        """Append the rows of the slots that show something. Parameters as for `update`. Raises FrameFull."""
        shows = self.update(frame, world, picks, weights, fade, opacity, tint)
        self.append_shown(frame, shows, 0, self.count)

    def append_shown(self, frame: FrameRows, shows: Bools, first: int, stop: int) -> None:
        """Append those of the slots `first` to before `stop` that show something, (slots,) as of the last
        update. Raises FrameFull."""
        self._block[first:stop, IDENTITY] = self._order[: stop - first] + frame.identities(stop - first)
        kept = shows[first:stop].nonzero()[0]
        if kept.size:
            np.take(self._block[first:stop], kept, axis=0, out=frame.claim(kept.size), mode="clip")

    def update(
        self, frame: FrameRows, world: F64, picks: I32, weights: F32, fade: F32, opacity: float, tint: Tint
    ) -> Bools:
        """Bring `rows` up to date, and say which of them show something: (slots,) bool.

        `world`: (slots, 2, 3) float64, canvas to frame. `picks`, `weights`: (slots, MAX_MIXED) as in
        `Pose`. `fade`: (slots,) float32, multiplied with each slot's opacity. `opacity` 0..1 applies to all
        and reaches a clipped row through its base. `tint`: straight RGBA, of all or (slots, 4).
        """
        if not self.count:
            return np.zeros(0, np.bool_)
        with np.errstate(all="ignore"):
            return self._update(frame, world, picks, weights, fade, opacity, tint)

    @property
    def rows(self) -> F32:
        """(slots, FLOATS) float32: a row for each slot, as of the last update."""
        return self._block

    def _update(
        self, frame: FrameRows, world: F64, picks: I32, weights: F32, fade: F32, opacity: float, tint: Tint
    ) -> Bools:
        block = self._block
        self.picked = ((picks != self._picks) | (weights != self._weights)).any(axis=1)
        changed = self.picked | self._joins.update(picks, weights, fade)
        which = changed.nonzero()[0]
        picked = which.size > 0
        if picked:
            self._pick(which, picks[which], weights[which])
        moved = not np.array_equal(world, self._world) or frame.size != self._size
        if moved:
            self._move(world)
        if moved or picked or self.spread is not None:
            self._place(world, frame.size)
        frame.hidden_total += self._broken
        shown = self._opacity * fade
        np.multiply(shown, opacity, out=shown, where=self._is_base)
        block[:, OPACITY] = np.minimum(shown, 1.0)
        block[:, TINT] = tint
        keep = self._inside & (shown > 0.0)
        sound = np.isfinite(tint).all(axis=-1)
        if not sound.all():
            frame.hidden_total += int(np.count_nonzero(~np.broadcast_to(sound, self.count)))
            keep &= sound
        if self._clips:
            keep &= keep[self._base]
            clipped = np.add.reduceat(keep & ~self._is_base, self._starts, dtype=np.intp)
            block[self._starts, CLIPPED_ROWS] = clipped
        shows: Bools = keep
        return shows

    def _move(self, world: F64) -> None:
        """What changes only when something moves: the inverse maps."""
        np.copyto(self._world, world)
        linear, moves = world[:, :, :2], world[:, :, 2]
        det = linear[:, 0, 0] * linear[:, 1, 1] - linear[:, 1, 0] * linear[:, 0, 1]
        sound = np.isfinite(world).reshape(self.count, 6).all(axis=1)
        self._broken = self.count - int(np.count_nonzero(sound))
        self._sound = sound & (np.abs(det) > 1e-9)
        # ((d, -c), (-b, a)) / det
        inverse = linear[:, ::-1, ::-1].transpose(0, 2, 1) * _ADJUGATE / det[:, None, None]
        maps = self._block[:, INVERSE_X.start : INVERSE_Y.stop + 1].reshape(self.count, 2, 4)
        maps[:, :, :2] = inverse
        maps[:, :, 2] = -(inverse * moves[:, None]).sum(axis=2)
        self._wider = None
        if (inverse * inverse).sum(axis=2).max() > MINIFIED * MINIFIED:
            # What is minified reaches further over the page, by the half of what its pixels are wider.
            self._wider = (footprint(maps[:, 0], maps[:, 1]) - 1.0)[:, :, None] / 2.0

    def _place(self, world: F64, size: Size) -> None:
        """What changes when something moves or shows another drawing: the bounds."""
        self._size = size
        linear = world[:, :, :2]
        centre = np.matmul(linear, self._middle)[:, :, 0] + world[:, :, 2]
        half = self._half if self._wider is None else self._half + self._wider
        # The small allowance keeps a whole-pixel edge from gaining a row of pixels by rounding.
        reach = np.matmul(np.abs(linear), half)[:, :, 0] - 1e-6
        # Left, top, and right and bottom the other way round, so that all are rounded down.
        ends = centre[:, None] * _OUTWARDS - reach[:, None]
        if self.spread is not None:
            ends += self.spread
        np.floor(ends, out=ends)
        np.maximum(ends, ((0, 0), (-size.width, -size.height)), out=ends)
        if self._clips:
            # Within the base's bounds; a base is its own base, so this leaves it as it is.
            np.maximum(ends, ends.take(self._base, axis=0), out=ends)
        self._inside = self._drawn & self._sound & (ends.sum(axis=1) < 0.0).all(axis=1)
        np.multiply(ends, _OUTWARDS, out=self._block[:, BOUNDS].reshape(self.count, 2, 2))

    def _pick(self, slots: Indices, picks: I32, weights: F32) -> None:
        """The part of the rows that changes only when a drawing does, of those `slots`: their samples."""
        self._picks[slots] = picks
        self._weights[slots] = weights
        live = (picks >= 0) & (picks < self._sizes[slots]) & (weights > 0.0)
        index = np.where(live, self._first[slots] + picks, self._empty)
        together = self._joins.shown[slots]
        index[:, 0] = np.where(together >= 0, together, index[:, 0])
        weights = np.where(live, weights, np.float32(0.0))
        if (live[:, 1:] > live[:, :-1]).any():
            # Live samples first.
            order = np.argsort(~live, axis=1, kind="stable")
            index = np.take_along_axis(index, order, axis=1)
            weights = np.take_along_axis(weights, order, axis=1)
        block = self._block
        block[slots, WEIGHTS] = weights
        block[slots, SAMPLES] = self._samples[index].reshape(len(slots), -1)
        sample_count = live.sum(axis=1)
        block[slots, SAMPLE_COUNT] = sample_count
        self._drawn[slots] = (sample_count > 0) & ~self._joins.within[slots]
        boxes = self._boxes[index]
        low, high = boxes[:, :, :2].min(axis=1), boxes[:, :, 2:].max(axis=1)
        self._middle[slots, :, 0] = (low + high) * 0.5
        self._half[slots, :, 0] = (high - low) * 0.5


class _Joins:
    """Which slots show the picture of their whole group, and which are in such a picture."""

    def __init__(self, slots: Sequence[Slot]) -> None:
        bases = [s for s, slot in enumerate(slots) if slot.joined is not None]
        first = sum(len(slot.drawings) for slot in slots)
        self._bases = np.array(bases, np.intp)
        self._drawing = first + np.arange(len(bases))
        self._members = np.array([s + n for s in bases for n in range(1, slots[s].joins + 1)], np.intp)
        counts = np.array([slots[s].joins for s in bases], np.intp)
        self._starts = np.cumsum(counts) - counts
        self._counts = counts
        self._on = np.zeros(len(bases), np.bool_)
        self.shown: Indices = np.full(len(slots), -1)
        """(slots,) the number of the joined drawing that each shows, -1: its own."""
        self.within: Bools = np.zeros(len(slots), np.bool_)
        """(slots,) whether it is in the picture that another shows."""

    def update(self, picks: I32, weights: F32, fade: F32) -> Bools:
        """Learn what the slots are to show, as in `SlotRows.update`; (slots,) those that change with it."""
        changed = np.zeros(len(self.shown), np.bool_)
        if not len(self._bases):
            return changed
        whole = (picks[:, 0] == 0) & (weights[:, 0] == 1.0)
        members = (whole & (fade == 1.0))[self._members]
        on = whole[self._bases] & np.logical_and.reduceat(members, self._starts)
        other = on != self._on
        if other.any():
            self._on = on
            within = np.repeat(on, self._counts)
            self.shown[self._bases] = np.where(on, self._drawing, -1)
            self.within[self._members] = within
            changed[self._bases[other]] = True
            changed[self._members[np.repeat(other, self._counts)]] = True
        return changed


class PictureRows:
    """One drawing that is not part of a character: a background."""

    def __init__(self, drawing: Drawing, page_base: int = 0, blend: Blend = Blend.NORMAL) -> None:
        self._slots = SlotRows([Slot(drawing.name, (drawing,), default=0, joint=0, blend=blend)], page_base)
        self._picks = np.full((1, MAX_MIXED), -1, np.int32)
        self._picks[0, 0] = 0
        self._weights = np.zeros((1, MAX_MIXED), np.float32)
        self._weights[0, 0] = 1.0
        self._fade = np.ones(1, np.float32)

    def fill(self, frame: FrameRows, placement: Affine, opacity: float = 1.0, tint: RGBA = WHITE) -> None:
        """Append the picture's row, if it can be seen. Raises FrameFull."""
        a, b, c, d, tx, ty = placement
        world = np.array((((a, c, tx), (b, d, ty)),))
        self._slots.append(frame, world, self._picks, self._weights, self._fade, opacity, tint)


def drawing_sample(drawing: Drawing, page_base: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """A drawing's part of a row (two vec4), and its box on the canvas with the margin."""
    region, (x, y) = Rect(*drawing.region), drawing.offset
    u0 = region.x + region.width + x if drawing.flip_x else region.x - x
    mirror = -1.0 if drawing.flip_x else 1.0
    values = sample_values(drawing.page + page_base, (u0, region.y - y), region, mirror)
    return values, (x - MARGIN, y - MARGIN, x + region.width + MARGIN, y + region.height + MARGIN)
