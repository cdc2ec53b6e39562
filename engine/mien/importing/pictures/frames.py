"""A set of whole pictures of one figure, each with a face: what packs of expressions and avatars hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mien.types import U8, Size

NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture of the figure."""

    name: str
    """What it is called in tables: its file, or where it lies in one."""
    expression: str
    """What the face says; `NEUTRAL` for the plain one."""
    read: Callable[[], U8]
    """Gives (h, w, 4) uint8 RGBA, straight alpha, as large as the canvas."""
    mouth: float = 0.0
    """How far the mouth is open, 0..1, where the set says it; 0 where it does not."""
    shut: bool = False
    """Whether the eyes are shut, where the set says it."""


@dataclass(frozen=True, slots=True, eq=False)
class FrameSet:
    """Pictures of one figure on one canvas."""

    canvas: Size
    frames: tuple[Frame, ...]
    """In the order of the set; at least one."""
    warnings: tuple[str, ...] = ()
    scale: float = 1.0
    """Pixels of the canvas per pixel of the files."""
    speaks: bool = False
    """Whether the set itself has pictures with the mouth open: `mouth` means something."""

    def of(self, expression: str, *, shut: bool = False) -> tuple[Frame, ...]:
        """Those of one expression, from the mouth shut to wide open."""
        own = [f for f in self.frames if f.expression == expression and f.shut == shut]
        return tuple(sorted(own, key=lambda frame: frame.mouth))

    @property
    def expressions(self) -> tuple[str, ...]:
        """The names of expressions, each once, in the order of the set."""
        return tuple(dict.fromkeys(frame.expression for frame in self.frames))
