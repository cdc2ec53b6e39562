"""How far irises go in the whites of their eyes."""

from __future__ import annotations

from collections.abc import Sequence

from mien.types import Rect


def gaze_range(eyes: Sequence[tuple[Rect, Rect]], unit: float) -> dict[str, list[int]]:
    """`x` and `y` of `[gaze]`: least and most, in pixels, y down.

    `eyes`: the white and the iris of each, where both are known. `unit`: of the face, see `Face`.
    """
    left = right = 10.0 * unit
    up = down = 6.0 * unit
    if eyes:
        left = min(_reach(i.x - w.x, i.width) for w, i in eyes)
        right = min(_reach(w.x + w.width - i.x - i.width, i.width) for w, i in eyes)
        left, right = (min(one, 1.1 * other, 18 * unit) for one, other in ((left, right), (right, left)))
        tall = min(w.height for w, _ in eyes)
        above = min(_reach(i.y - w.y, i.height) for w, i in eyes)
        below = min(_reach(w.y + w.height - i.y - i.height, i.height) for w, i in eyes)
        up, down = min(9 * unit, 0.14 * tall, above), min(8 * unit, 0.12 * tall, below)
    return {"x": [-round(left), round(right)], "y": [-round(up), round(down)]}


def _reach(room: float, size: float) -> float:
    """How far an iris goes to a side, in pixels: `room` is what is left of the white there, `size` its own.

    Three quarters of a large one stay in the white: beyond, eyes look wrung. A small one in a wide white
    does not come to its rim, where simple eyes look startled.
    """
    room = max(0.0, room)
    return min(room + 0.25 * size, max(0.7 * room, 0.35 * size))
