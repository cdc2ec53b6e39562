"""Slots to rows: where their drawings land, and which of them can be seen."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

import numpy as np

from mien.character import Slot
from mien.composite.drawing_table import drawing_sample
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
    MASK,
    MASK_PAGE,
    NO_MASK,
    OPACITY,
    RGBA,
    TINT,
    FrameRows,
)
from mien.composite.shown_drawings import ShownDrawings
from mien.types import F32, F64, I32, Bools, Size

WHITE: RGBA = (1.0, 1.0, 1.0, 1.0)

Tint = RGBA | F64
"""Straight red, green, blue and alpha of all slots, or of each: (slots, 4)."""

_ADJUGATE = np.array(((1.0, -1.0), (-1.0, 1.0)))[:, :, None]
_OUTWARDS = np.array((1.0, -1.0))[:, None, None]
"""Signs: of the inverse of a matrix, and of left and top, right and bottom."""


class SlotRows:
    """The static tables of some slots, and the vectorised step that appends their visible rows.

    A clipped slot belongs to the nearest slot below it that is not; one without such a slot below is
    drawn as if it were not clipped. What shows nothing is left out, and what is clipped to it with it.
    """

    def __init__(self, slots: Sequence[Slot], page_base: int | Sequence[int] = 0) -> None:
        count = len(slots)
        pages = [page_base] * count if isinstance(page_base, int) else page_base
        self._opacity = np.array([slot.opacity for slot in slots], np.float32)
        bases: list[int] = []
        for s, slot in enumerate(slots):
            bases.append(bases[-1] if slot.clip and s else s)
        self._base = np.array(bases, np.intp)
        self._is_base = self._base == np.arange(count)
        self._starts = np.array(sorted(set(self._base.tolist())), np.intp)
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
        self.shown = ShownDrawings(slots, pages, self._block)
        """Which drawings they show."""
        self._faded: F32 = np.zeros(count, np.float32)  # opacities as of now
        self._all_at = 1.0
        self._tint: Tint | None = None
        self._tinted: Bools | bool = True  # where that is a number
        # What was there to be seen last, and so was shown; and which rows were numbered from what on.
        self._there, self._numbered = b"", (0, 0, 0)
        self._shows: Bools = np.zeros(count, np.bool_)
        self.spread: F64 | None = None
        """(2, 2, slots) pixels added to what each covers of the frame: to left and top, and to right and
        bottom counted leftwards and upwards; another array when it is otherwise. None: nothing is bent."""
        # How it moved last, and what follows from it.
        self._world, self._broken = b"", 0
        self._maps: F64 = np.zeros((2, 3, count))
        self._spread: F64 | None = None
        self._sound: Bools = np.zeros(count, np.bool_)
        self._wider: F64 | None = None
        self._size, self._least = Size(0, 0), np.zeros((2, 2, 1))
        self._inside: Bools = np.zeros(count, np.bool_)

    def append(
        self, frame: FrameRows, world: F64, picks: I32, weights: F32, fade: F32, opacity: float, tint: RGBA
    ) -> None:
        """Append the rows of the slots that show something. Parameters as for `update`. Raises FrameFull."""
        shows = self.update(frame, world, picks, weights, fade, opacity, tint)
        self.append_shown(frame, shows, 0, self.count)

    def append_shown(self, frame: FrameRows, shows: Bools, first: int, stop: int) -> None:
        """Append those of the slots `first` to before `stop` that show something, (slots,) as of the last
        update. Raises FrameFull."""
        numbered = (first, stop, frame.identities(stop - first))
        if numbered != self._numbered:
            self._numbered = numbered
            self._block[first:stop, IDENTITY] = self._order[: stop - first] + numbered[2]
        kept = shows[first:stop].nonzero()[0]
        if kept.size:
            self._block[first:stop].take(kept, axis=0, out=frame.claim(kept.size), mode="clip")

    def update(
        self, frame: FrameRows, world: F64, picks: I32, weights: F32, fade: F32, opacity: float, tint: Tint
    ) -> Bools:
        """Bring `rows` up to date, and say which of them show something: (slots,) bool.

        `world`: (slots, 2, 3) float64, canvas to frame. `picks`, `weights`: (slots, MAX_MIXED) as in
        `Pose`. `fade`: (slots,) float32, multiplied with each slot's opacity. `opacity` 0..1 applies to all
        and reaches a clipped row through its base. `tint`: straight RGBA, of all or (slots, 4), never written
        into again. What is returned is not to be written into.
        """
        with np.errstate(all="ignore"):
            if self.count:
                return self._update(frame, world, picks, weights, fade, opacity, tint)
        return np.zeros(0, np.bool_)

    @property
    def rows(self) -> F32:
        """(slots, FLOATS) float32: a row for each slot, as of the last update."""
        return self._block

    def _update(
        self, frame: FrameRows, world: F64, picks: I32, weights: F32, fade: F32, opacity: float, tint: Tint
    ) -> Bools:
        block, shown = self._block, self.shown
        shown.mix(picks, weights, fade)
        picked, faded = shown.since()
        key = world.tobytes()
        moved = key != self._world or frame.size != self._size
        if moved:
            self._world = key
            self._move(world)
        if moved or picked or self.spread is not self._spread:
            self._spread = self.spread
            self._place(frame.size)
        frame.hidden_total += self._broken
        if faded or opacity != self._all_at:
            self._all_at = opacity
            self._faded = self._opacity * fade
            if opacity != 1.0:
                np.multiply(self._faded, opacity, out=self._faded, where=self._is_base)
            np.minimum(self._faded, 1.0, out=block[:, OPACITY])
        if tint is not self._tint:
            self._tint, block[:, TINT] = tint, tint
            sound = isfinite(float(np.sum(tint)))
            self._tinted = True if sound else np.broadcast_to(np.isfinite(tint).all(axis=-1), self.count)
        there = self._inside & (self._faded > 0.0)
        if self._tinted is not True:
            frame.hidden_total += int(np.count_nonzero(~np.asarray(self._tinted)))
            there &= self._tinted
        if (key := there.tobytes()) != self._there:
            self._there, self._shows = key, self._clipped(there)
        return self._shows

    def _clipped(self, there: Bools) -> Bools:
        """(slots,) which of those that are there show something; each base learns of how many rows."""
        if self._clips:
            there = there & there.take(self._base)
            clipped = np.add.reduceat(there & ~self._is_base, self._starts, dtype=np.intp)
            self._block[self._starts, CLIPPED_ROWS] = clipped
        return there

    def _move(self, world: F64) -> None:
        """What changes only when something moves: the inverse maps."""
        # x and y first, slots last: what is long is what numpy is quick along.
        maps = self._maps
        np.copyto(maps, world.transpose(1, 2, 0))
        det = maps[0, 0] * maps[1, 1] - maps[1, 0] * maps[0, 1]
        self._sound, self._broken = np.abs(det) > 1e-9, 0
        if not isfinite(float(maps.sum())):
            sound = np.isfinite(maps).reshape(6, self.count).all(axis=0)
            self._broken = self.count - int(np.count_nonzero(sound))
            self._sound &= sound
        # ((d, -c), (-b, a)) / det
        inverse = maps[::-1, 1::-1].transpose(1, 0, 2) * _ADJUGATE
        inverse /= det
        rows = self._block[:, INVERSE_X.start : INVERSE_Y.stop + 1].reshape(self.count, 2, 4)
        rows[:, :, :2] = inverse.transpose(2, 0, 1)
        moved = inverse * maps[:, 2]
        np.negative(moved[:, 0] + moved[:, 1], out=rows[:, :, 2].T)
        self._wider = None
        inverse *= inverse
        if (inverse[:, 0] + inverse[:, 1]).max() > MINIFIED * MINIFIED:
            # What is minified reaches further over the page, by the half of what its pixels are wider.
            self._wider = (footprint(rows[:, 0], rows[:, 1]).T - 1.0) / 2.0

    def _place(self, size: Size) -> None:
        """What changes when something moves or shows another drawing: the bounds."""
        if size != self._size:
            self._size = size
            self._least = np.array(((0.0, 0.0), (-size.width, -size.height)))[:, :, None]
        maps, (middle, half) = self._maps, self.shown.extents
        if self._wider is not None:
            half = half + self._wider
        centre = maps[:, 0] * middle[0] + maps[:, 1] * middle[1]
        centre += maps[:, 2]
        wide = np.abs(maps[:, :2])
        reach = wide[:, 0] * half[0] + wide[:, 1] * half[1]
        # The small allowance keeps a whole-pixel edge from gaining a row of pixels by rounding.
        reach -= 1e-6
        # Left, top, and right and bottom the other way round, so that all are rounded down.
        ends = centre * _OUTWARDS
        ends -= reach
        if self.spread is not None:
            ends += self.spread
        np.floor(ends, out=ends)
        np.maximum(ends, self._least, out=ends)
        if self._clips:
            # Within the base's bounds; a base is its own base, so this leaves it as it is.
            np.maximum(ends, ends.take(self._base, axis=2), out=ends)
        self._inside = self.shown.drawn & self._sound & ((ends[0] + ends[1]).max(axis=0) < 0.0)
        bounds = self._block[:, BOUNDS].reshape(self.count, 2, 2)
        np.multiply(ends, _OUTWARDS, out=bounds.transpose(1, 2, 0))
