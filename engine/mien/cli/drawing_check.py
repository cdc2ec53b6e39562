"""Whether the GL renderer here draws what it should, and how fast: a real scene, looked at and timed."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Final

import numpy as np

from mien.catalog import DEFAULT_CHARACTER, bundled_or_path
from mien.composite.reference import composite
from mien.motion.still import still_pose
from mien.stage.offline import Stage
from mien.stage.picture import Portrait
from mien.types import Size

_HEIGHT: Final = 96
"""Of the character that is compared: the reference compositor takes its time."""
_TOLERANCE: Final = 2.0
"""Of 255: through deep stacks of rows the GPU may be off by so much (docs/architecture.md)."""
_CAST: Final = {"wren": "wren", "otto": "otto"}
_FRAMES: Final = 24
_SKIPPED: Final = 4
"""Frames before the measurement, in which drivers finish what they have put off."""
RATES: Final = (30, 60)
SIZES: Final = (Size(1280, 720), Size(960, 540), Size(640, 360))
_SHARE: Final = 0.7
"""Of an interval that a frame may take, so that sound, decoding and other programs have room."""


@dataclass(frozen=True, slots=True)
class Difference:
    """How far the renderer's picture is from the specification's."""

    most: float
    """Of 255."""
    pixels: int
    """That are off by more than the tolerance."""
    blank: bool
    """Nothing was drawn at all."""

    @property
    def fine(self) -> bool:
        """Within what rounding explains."""
        return not self.blank and self.pixels == 0

    def __str__(self) -> str:
        """For people."""
        if self.blank:
            return "draws nothing at all"
        if self.fine:
            return f"draws right, to within {self.most:.1f} of 255"
        return f"draws wrong pictures: {self.pixels} pixels are off by up to {self.most:.0f} of 255"


def compare() -> Difference:
    """Draw the bundled character and hold it to the float64 reference compositor. Raises MienError."""
    with Portrait(bundled_or_path("characters", DEFAULT_CHARACTER), _HEIGHT) as portrait:
        shown = portrait.draw(still_pose(portrait.character, "happy", "aa")).astype(np.float64)
        wanted = composite(portrait.frame, portrait.pages) * 255.0
    off = np.abs(shown - wanted).max(axis=2)
    return Difference(float(off.max()), int((off > _TOLERANCE).sum()), not shown.any())


def frame_ms(size: Size) -> float:
    """What a frame takes in which two characters move, drawn and read back: the median, milliseconds."""
    with Stage(_CAST, size=size, background="evening_room") as stage:
        taken = []
        for _ in range(_FRAMES):
            begun = perf_counter()
            stage.frame()
            taken.append((perf_counter() - begun) * 1000)
    return median(taken[_SKIPPED:])


def held() -> tuple[list[str], bool]:
    """What sizes and rates this machine holds, a clause each; and whether 1280x720 at 30 is one of them.

    Smaller sizes are only tried where the larger do not do.
    """
    clauses = []
    first = True
    fine = False
    for size in SIZES:
        took = frame_ms(size)
        rates = [rate for rate in RATES if took <= _SHARE * 1000 / rate]
        says = " and ".join(str(rate) for rate in rates)
        name = f"{size.width}x{size.height}"
        clauses.append(
            f"{name}: {took:.0f} ms a frame, " + (f"holds {says} fps" if says else "holds no 30 fps")
        )
        if first:
            fine = bool(rates)
        first = False
        if len(rates) == len(RATES):
            break
    return clauses, fine
