"""Where on a stage characters may stand, how large they may be, and how they are lit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias

PLACES: Final[Mapping[str, float]] = {
    "far_left": 0.19,
    "left": 0.285,
    "center": 0.5,
    "right": 0.715,
    "far_right": 0.81,
}
"""Names of places, and how far from the left each is, as a share of the frame's width. At the far ones the
bundled cast is whole at size 1 in a frame of 16:9: only what an arm reaches beyond the body is cut."""

LEAST_SIZE: Final = 0.05
MOST_SIZE: Final = 4.0
"""Sizes that a character may have; 1 fills the frame's height, or its share of the width."""

LOWEST: Final = 2.0
"""How far down a character may stand, in heights of the frame: at 1 its feet are on the lower edge."""

DIM_LISTENERS: Final = 0.06
"""How much darker a listener is drawn while somebody else speaks, unless the host says: enough to lead the
eye to who speaks, too little to be seen as a light that changes."""

Place: TypeAlias = str | float | tuple[str | float, float]
"""A name of `PLACES` or x, alone or with y: x from 0 (left edge) to 1 (right edge), y from 0 (upper edge)
over 1 (lower edge) to 2, of the character's anchor, which is where it stands."""
