"""What is about an eye in a picture: the skin that it lies on, and what lies before it, as hair and the rims
of glasses do."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from mien.importing.pictures.differences import grown_mask
from mien.types import F64, U8, Bools

_LIKE: Final = 36.0
"""Distance from the skin's colour, of 255 in each channel together, up to which a pixel is skin at once;"""
_STEP: Final = 16.0
"""how far neighbours are apart at most where it grows darker or redder by and by,"""
_MOST: Final = 150.0
"""and how far it goes so at most."""
_LIGHTER: Final = 36.0
"""How much lighter than the skin's colour the white of an eye is at least, counted in the same way,"""
_WHITE: Final = 220.0
"""and more than so much in each channel: skin that light falls on is less, as behind glass."""
_NEAR: Final = 150.0
"""Distance from the colour of the face at which another colour about an eye counts a third as much."""
_SHARE: Final = 0.25
"""How common a colour is about an eye at least, against how common it is in it, where it lies before that."""
_OUT: Final = 1.15
_INNER: Final = 0.85
_CORE: Final = 0.55
"""Places in halves of an eye's box from its middle: what is further out is about it, what is nearer is in
it."""
_THIN: Final = 0.02
_THIN_DARK: Final = 0.06
"""Half as thick, of an eye's width, what lies before an eye is at least; what is dark: lashes are thinner."""
_ALIKE: Final = 36.0
"""As `_STEP`, within a lock of hair."""
_LINE: Final = 0.03
"""How wide its outline is at most, of an eye's width;"""
_OUTLINE: Final = 0.05
"""and how common each of its colours is at least, where something else lies next to it."""
_COVERED: Final = 0.5
"""Of the core, how much may be hidden: where it is more, colours do not tell what lies before it."""
_SWEEPS: Final = 60
"""How often what hangs together is looked through, to and fro and up and down: it winds no more than that."""


def skin_about(part: U8, far: F64, known: F64 | None) -> Bools | None:
    """What is skin about an eye, (h, w); None where none is clearly there.

    `part`: (h, w, 4) uint8 straight. `far`: (h, w) how far out of the middle of the eye each pixel is, 1 at
    the edge of its box. `known`: the colour of the face elsewhere, (3,) 0..255, where it is known.
    """
    colours = part[..., :3].astype(np.float64)
    opaque = part[..., 3] > 200
    outside = opaque & (far > _OUT)
    coarse = (part[..., :3] >> 4).astype(np.intp) @ (256, 16, 1)
    counts = np.bincount(coarse[outside], minlength=4096).astype(np.float64)
    if not counts.any():
        return None
    if known is not None:
        middles = np.stack(np.unravel_index(np.arange(4096), (16, 16, 16)), axis=1) * 16.0 + 8
        counts *= np.exp(-np.abs(middles - known).sum(axis=1) / _NEAR)
    middle = colours[outside & (coarse == counts.argmax())].mean(axis=0)
    apart = np.abs(colours - middle).sum(axis=-1)
    skin = opaque & (apart < _LIKE)
    ground = np.median(colours[skin], axis=0)
    apart = np.abs(colours - ground).sum(axis=-1)
    skin = opaque & (apart < _LIKE)
    # The white of an eye is no skin, though the soft edge between both may lead to it by small steps.
    is_lighter = np.maximum(colours - ground, 0.0).sum(axis=-1) > _LIGHTER
    is_white = (far < _OUT) & is_lighter & (colours.min(axis=-1) > _WHITE)
    within = opaque & (apart < _MOST) & ~is_white
    return reached(skin & within, within, colours, _STEP) if skin.any() else None


def before(part: U8, skin: Bools, far: F64) -> Bools:
    """What lies before an eye, (h, w): what leads from beyond it to where it is in colours that are more
    common about it than in it, with its outline. `part`, `far`: as of `skin_about`."""
    drawn = (part[..., 3] > 128) & ~skin
    coarse = (part[..., :3] >> 4).astype(np.intp) @ (256, 16, 1)
    about, inside = (_common(coarse[drawn & where]) for where in (far > _OUT, far < 1.0))
    like = drawn & (about > _SHARE * inside)[coarse] & (about > 0.004)[coarse]
    edge = np.zeros_like(like)
    edge[:2] = edge[-2:] = True
    edge[:, :2] = edge[:, -2:] = True
    found = reached(like & edge, like, None, 0.0)
    light = part[..., :3].astype(np.float64) @ (0.299, 0.587, 0.114)
    near = drawn & (far < 1.0)
    low, high = np.percentile(light[near], (3, 85)) if near.any() else (0.0, 0.0)
    is_dark = light < low + 0.22 * (high - low)
    width = float((far < 1.0).any(axis=0).sum())
    thin, thin_dark = round(_THIN * width), round(_THIN_DARK * width)
    found &= (_thick(found, thin) & (~is_dark | _thick(found & is_dark, thin_dark))) | (far > _OUT)
    found = reached(found & edge, found, None, 0.0)
    if found[far < _CORE].sum() > _COVERED * (far < _CORE).sum():
        found &= far > _OUT
    colours = part[..., :3].astype(np.float64)
    near = like & (far < _OUT)
    near &= reached(found & (far > _INNER), found | near, colours, _ALIKE)
    return _outlined(_tapered(found, near, far), skin, far, part, max(1, round(_LINE * width)))


def _tapered(found: Bools, near: Bools, far: F64) -> Bools:
    """What lies before an eye with the locks that hang into it, and without what is in the eye: a lock grows
    no wider downwards, and a pupil of its colour that it ends on does. `near`: what may be a lock."""
    out = found & (far > _INNER)
    inside = far < _OUT
    for row in range(1, len(found)):
        if not near[row].any():
            continue
        above = _runs(out[row - 1] & inside[row - 1])
        for start, stop in _runs(near[row]):
            for i, j in above:
                if i <= stop and start <= j:
                    first, last = max(start, i - 1), min(stop, j + 1)
                    is_wider = last - first > j - i
                    out[row, max(first, i) if is_wider else first : min(last, j) if is_wider else last] = True
    return out


def _runs(row: Bools) -> list[tuple[int, int]]:
    """Where something is set in a row: from one column to before another."""
    edged = np.zeros(len(row) + 2, bool)
    edged[1:-1] = row
    ends = np.flatnonzero(edged[1:] != edged[:-1]).tolist()
    return list(zip(ends[::2], ends[1::2], strict=True))


def _outlined(front: Bools, skin: Bools, far: F64, part: U8, most: int) -> Bools:
    """What lies before an eye with its outline, as wide as it mostly is: of colours that are next to it
    elsewhere."""
    coarse = (part[..., :3] >> 4).astype(np.intp) @ (256, 16, 1)
    beside = grown_mask(front, most) & ~front & ~skin & (far > _OUT)
    edge = grown_mask(front, 1) & ~front & (far > _OUT)
    wide = round(float(beside.sum()) / max(1, int(edge.sum())))
    line = (_common(coarse[beside]) > _OUTLINE)[coarse] & ~skin
    out = front | (part[..., 3] <= 128)
    for _ in range(min(wide, most)):
        out = out | (grown_mask(out, 1) & line)
    return np.asarray(out)


def _thick(mask: Bools, by: int) -> Bools:
    """What of a mask is more than twice so many pixels thick."""
    inner = ~grown_mask(~mask, by)
    return np.asarray(mask & grown_mask(inner, by + 1))


def _common(kinds: np.ndarray) -> F64:
    """How common each of 4096 colours is among pixels, 0..1, together with those next to it."""
    counts = np.pad(np.bincount(kinds, minlength=4096).reshape(16, 16, 16).astype(np.float64), 1)
    for axis in range(3):
        counts = counts + np.roll(counts, 1, axis) + np.roll(counts, -1, axis)
    found: F64 = counts[1:-1, 1:-1, 1:-1].reshape(4096) / max(1, len(kinds))
    return found


def reached(seed: Bools, within: Bools, colours: F64 | None, step: float) -> Bools:
    """What hangs together with some pixels, (h, w): through those that are `within`, and by steps of colour
    between neighbours that are less than `step`, of 255 in each channel together, where `colours` (h, w, 3)
    are given."""
    across, down = within[:, 1:] & within[:, :-1], within[1:] & within[:-1]
    if colours is not None:
        across = across & (np.abs(np.diff(colours, axis=1)).sum(axis=-1) < step)
        down = down & (np.abs(np.diff(colours, axis=0)).sum(axis=-1) < step)
    in_rows, in_columns = _joined(across), np.ascontiguousarray(_joined(down.T).T)
    found, count = seed & within, -1
    for _ in range(_SWEEPS):
        found = _swept(_swept(found, in_rows), in_columns)
        if (now := int(found.sum())) == count:
            break
        count = now
    return found


def _joined(joined: Bools) -> NDArray[np.intp]:
    """The number of the run of its row that each pixel is in, (h, w). `joined`: (h, w - 1) whether a pixel
    is in the same one as that before it."""
    starts = np.ones((joined.shape[0], joined.shape[1] + 1), np.intp)
    starts[:, 1:] -= joined
    return starts.cumsum().reshape(starts.shape) - 1


def _swept(seed: Bools, runs: NDArray[np.intp]) -> Bools:
    """All pixels of the runs in which some are set."""
    hit = np.zeros(runs.size, bool)
    hit[runs[seed]] = True
    found: Bools = hit[runs]
    return found
