"""Whether a renderer draws what it should: small pictures of the bundled characters, held to the reference.

A driver can take every call, report no error, and draw nothing, or something else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import moderngl
import numpy as np

from mien.audio import AudioSession
from mien.clock import s_to_samples
from mien.composite import FrameRows
from mien.composite.reference import composite
from mien.composite.rows import BLEND
from mien.stage.ready import open_compositor
from mien.stage.show import Show
from mien.types import F64, U8, Blend, Size

SIZE: Final = Size(160, 90)
"""The reference takes a tenth of a second for it."""
TOLERANCE: Final = 1.0
"""Of 255, that any number of any pixel may be off by: the largest error that the test suite allows."""
_CAST: Final = {"wren": "wren", "otto": "otto"}
_AT: Final = s_to_samples(1.0)
"""In the middle of a breath, so that parts lie between pixels."""
_DECIDED_BY_A_BIT: Final = (Blend.HARD_MIX, Blend.DARKER_COLOR, Blend.LIGHTER_COLOR)
"""Modes in which the last bit of what is below may decide between two colours."""
_MODES: Final = [mode for mode in Blend if mode not in (*_DECIDED_BY_A_BIT, Blend.PASS_THROUGH)]


@dataclass(frozen=True, slots=True)
class Checked:
    """A picture, held to the reference."""

    what: str
    pixels: int
    """Those of which a number is off by more than TOLERANCE."""
    of: int
    """All there are."""
    most: float
    """The largest error, of 255."""

    @property
    def right(self) -> bool:
        """Whether none is off."""
        return not self.pixels


def check_drawing(context: moderngl.Context) -> tuple[Checked, ...]:
    """Draw the bundled cast as it stands, and again with its rows in every blend mode in turn.

    Raises as `open_compositor` and `Compositor.draw`.
    """
    with AudioSession("offline") as audio:
        show = Show(_CAST, SIZE, audio, background="evening_room")
        frame, pages = show.tick(_AT), list(show.pages)
        with open_compositor(context, frame, show.page_size, dict(enumerate(pages))) as compositor:
            compositor.warm_up()
            checked: list[Checked] = []
            for what in ("the bundled characters", "every blend mode"):
                if checked:
                    rows = frame.rows[: frame.count]
                    rows[:, BLEND] = np.resize([float(mode) for mode in _MODES], len(rows))
                compositor.draw(frame)
                checked.append(_compared(what, compositor.read(), reference_of(frame, pages)))
    return tuple(checked)


def reference_of(frame: FrameRows, pages: list[U8]) -> F64:
    """(h, w, 4) float64 in 0..255: what is to be drawn."""
    return composite(frame, pages) * 255.0


def _compared(what: str, drawn: U8, wanted: F64) -> Checked:
    off = np.abs(drawn - wanted).max(axis=2)
    return Checked(what, int(np.count_nonzero(off > TOLERANCE)), off.size, float(off.max()))
