"""A model of sprites that hang on each other, whatever program it came from.

Coordinates are pixels on a plane without edges, y down.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from mien.types import U8, Blend, Size

ALWAYS, SILENT, SPEAKING = 0, 1, 2
"""When a part is shown, of talking."""
OPEN, SHUT = 1, 2
"""When a part is shown, of blinking; `ALWAYS` as well."""


@dataclass(frozen=True, slots=True)
class Motion:
    """How a part moves by itself, as its program says it."""

    drag: float = 0.0
    """How many frames it follows late."""
    turn: float = 0.0
    """Degrees that it turns per pixel that it is pulled up or down."""
    turn_limits: tuple[float, float] = (-180.0, 180.0)
    """Degrees."""
    stretch: float = 0.0
    """Hundredths that it stretches per pixel that it is pulled."""
    wobble: tuple[float, float] = (0.0, 0.0)
    """Pixels that it goes to and fro, across and down."""
    wiggle: float = 0.0
    """Degrees that it turns to and fro, or bends."""

    @property
    def is_still(self) -> bool:
        """Whether it does not move at all."""
        return not (self.turn or self.stretch or self.drag > 1 or any(self.wobble) or self.wiggle)


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A sprite."""

    key: str
    """What its program calls it; unique."""
    name: str
    parent: str
    """The key of what it hangs on; empty for none."""
    corner: tuple[float, float]
    """Where the top left of its picture lies."""
    size: Size
    """Of its picture, as it lies on the plane."""
    pivot: tuple[float, float]
    """What it turns about."""
    pixels: Callable[[], U8]
    """Gives (h, w, 4) uint8 RGBA, straight alpha, of `size`."""
    depth: float = 0.0
    """What is deeper lies above; of equals the later."""
    talk: int = ALWAYS
    blink: int = ALWAYS
    costumes: frozenset[int] = frozenset()
    """In which it is shown, from 0; empty for all."""
    visible: bool = True
    """False: it is shown when somebody presses its key."""
    toggle: str = ""
    """The key that shows and hides it; empty for none."""
    clips: bool = False
    """What hangs on it is seen only where it is."""
    opacity: float = 1.0
    blend: Blend = Blend.NORMAL
    motion: Motion = field(default_factory=Motion)


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """All of them."""

    parts: tuple[Part, ...]
    """In the order of the file."""
    costumes: tuple[str, ...] = ()
    """Their names, the first being worn; empty for none."""
    warnings: tuple[str, ...] = ()
