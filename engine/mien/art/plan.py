"""A character's text as values: read and checked, names resolved, pictures not read yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mien.character import Expression, Gaze, Joint, Lids, Mouth
from mien.types import Blend, Rect, Size


@dataclass(frozen=True, slots=True)
class Baked:
    """Where a baked drawing's pixels are: as `mien.character.Drawing`, at scale 1."""

    page: int
    region: Rect
    offset: tuple[int, int]
    flip_x: bool


@dataclass(frozen=True, slots=True)
class SlotPlan:
    """A slot before its pictures are read. Fields as in `mien.character.Slot`."""

    name: str
    drawings: tuple[str, ...]
    default: int
    joint: int
    blend: Blend
    opacity: float
    clip: bool
    fade_ms: float
    files: Mapping[str, str] = field(default_factory=dict)
    """Drawing -> PNG, relative to the folder, with forward slashes. Complete, except when baked."""
    offsets: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """Drawing -> top left on the canvas, where the file says so."""
    baked: Mapping[str, Baked] = field(default_factory=dict)
    """Drawing -> place on the pages. Complete when baked, else empty."""

    def find(self, drawing: str) -> int:
        """Index of a drawing; -1 for `""`. Raises ValueError."""
        return self.drawings.index(drawing) if drawing else -1


@dataclass(frozen=True, slots=True)
class Manifest:
    """A character in authored pixels, without its pictures. Fields as in `mien.character.Character`."""

    file: str
    """How errors call the file it came from."""
    name: str
    canvas: Size
    anchor: tuple[float, float]
    eye_line: tuple[float, float]
    slots: tuple[SlotPlan, ...]
    joints: tuple[Joint, ...]
    expressions: Mapping[str, Expression]
    aliases: Mapping[str, str]
    mouth: Mouth
    lids: Lids
    gaze: Gaze
    gestures: Mapping[str, Mapping[int, int]]
    about: Mapping[str, str]
    substituted: tuple[str, ...] = ()
    """Visemes that the neutral mood does not draw itself."""
    page_size: int = 0
    """Side of the baked pages; 0 when not baked."""
    page_count: int = 0
