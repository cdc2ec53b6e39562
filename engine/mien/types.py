"""Values that every floor shares: geometry, blend modes, channels, poses.

Pixels have their origin at the top left with y down. Colours are premultiplied RGBA.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final, Literal, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
I32 = npt.NDArray[np.int32]
U8 = npt.NDArray[np.uint8]
"""Pixels and other octets of the picture."""
Bools = npt.NDArray[np.bool_]
Bytes = npt.NDArray[np.uint8]
"""Small counts and codes, one byte each."""
Indices = npt.NDArray[np.intp]

VISEMES: Final = ("sil", "PP", "FF", "TH", "DD", "kk", "CH", "SS", "nn", "RR", "aa", "E", "I", "O", "U")
"""The 15 Oculus visemes, in the order of every viseme axis in Mien."""

BurstKind: TypeAlias = Literal["laugh", "sigh", "breath"]
"""Sounds of a voice that are no words."""

MAX_MIXED: Final = 4
"""Most drawings of one slot that are mixed at one time (a crossfade that was interrupted twice)."""


class Blend(IntEnum):
    """Blend modes; the value is the code that shaders see (`shaders/blend.glsl`).

    The first 16 are those of the W3C's Compositing and Blending Level 1, in its order; `PLUS` is
    Porter-Duff plus ("additive"); then the rest of Photoshop's set. `PASS_THROUGH` is for the row that
    shows a pass-through group: what is below fades into it.
    """

    NORMAL = 0
    MULTIPLY = 1
    SCREEN = 2
    OVERLAY = 3
    DARKEN = 4
    LIGHTEN = 5
    COLOR_DODGE = 6
    COLOR_BURN = 7
    HARD_LIGHT = 8
    SOFT_LIGHT = 9
    DIFFERENCE = 10
    EXCLUSION = 11
    HUE = 12
    SATURATION = 13
    COLOR = 14
    LUMINOSITY = 15
    PLUS = 16
    LINEAR_BURN = 17
    LINEAR_DODGE = 18
    VIVID_LIGHT = 19
    LINEAR_LIGHT = 20
    PIN_LIGHT = 21
    HARD_MIX = 22
    DARKER_COLOR = 23
    LIGHTER_COLOR = 24
    SUBTRACT = 25
    DIVIDE = 26
    PASS_THROUGH = 27

    @property
    def label(self) -> str:
        """The name used in files: lower case, dashes (`color-dodge`)."""
        return self.name.lower().replace("_", "-")

    @classmethod
    def from_label(cls, label: str) -> Blend:
        """The mode of a name used in files; `additive` is accepted for `plus`.

        Raises KeyError for a name that is none, and for `pass-through`, which is of groups, not of drawings.
        """
        if label == "pass-through":
            raise KeyError(label)
        return cls["PLUS"] if label == "additive" else cls[label.upper().replace("-", "_")]


class Size(NamedTuple):
    """Width and height in pixels."""

    width: int
    height: int


class Rect(NamedTuple):
    """A rectangle of whole pixels: left, top, width, height."""

    x: int
    y: int
    width: int
    height: int


class Affine(NamedTuple):
    """A 2x3 affine map of points: `x' = a x + c y + tx`, `y' = b x + d y + ty` (SVG's order)."""

    a: float = 1.0
    b: float = 0.0
    c: float = 0.0
    d: float = 1.0
    tx: float = 0.0
    ty: float = 0.0

    def then(self, outer: Affine) -> Affine:
        """The map that applies `self` first and `outer` second."""
        return Affine(
            outer.a * self.a + outer.c * self.b,
            outer.b * self.a + outer.d * self.b,
            outer.a * self.c + outer.c * self.d,
            outer.b * self.c + outer.d * self.d,
            outer.a * self.tx + outer.c * self.ty + outer.tx,
            outer.b * self.tx + outer.d * self.ty + outer.ty,
        )

    def apply(self, x: float, y: float) -> tuple[float, float]:
        """The image of the point (x, y)."""
        return (self.a * x + self.c * y + self.tx, self.b * x + self.d * y + self.ty)


CHANNELS: Final = (
    "head_yaw",  # -1 turned to the viewer's left .. 1 right
    "head_pitch",  # -1 down .. 1 up
    "head_roll",  # -1 tilted to the viewer's left .. 1 right
    "body_sway",  # -1 viewer's left .. 1 right
    "body_lean",  # -1 away from the viewer .. 1 towards
    "breath",  # 0 out .. 1 in
    "shrug",  # 0 .. 1, shoulders up
    "gaze_x",  # -1 viewer's left .. 1 right
    "gaze_y",  # -1 up .. 1 down (y down, as pixels)
    "brow_left_y",  # -1 lowered .. 1 raised; left is the character's own left
    "brow_right_y",
    "brow_left_tilt",  # -1 inner end down (anger) .. 1 inner end up (sorrow)
    "brow_right_tilt",
    "sway",  # -1 .. 1, where loose things hang: head and body motion, late and smoothed
    "sway_slow",  # the same, later still: long hair, ribbons
    "bounce",  # -1 .. 1, the vertical part of the same
    "jaw",  # 0 closed .. 1 wide open
    "shoulder_left",  # -1 .. 1 each, 0 hanging: what gestures turn; left is the character's own left
    "elbow_left",
    "wrist_left",
    "shoulder_right",
    "elbow_right",
    "wrist_right",
    "lips",  # -1 shut .. 0 as far apart as drawn .. 1: the mouth, from one drawing to the next
)
"""The continuous channels of a character. Each is written by exactly one owner per frame.
New ones come last: what drifts by chance does so by its place."""

UNSIGNED_CHANNELS: Final = frozenset(("breath", "shrug", "jaw"))
"""Those that go from 0 to 1; all others go from -1 to 1."""

ARM_CHANNELS: Final = frozenset(c for c in CHANNELS if c.startswith(("shoulder_", "elbow_", "wrist_")))
"""Those that only gestures move."""

CHANNEL_INDEX: Final = {name: i for i, name in enumerate(CHANNELS)}


@dataclass(slots=True)
class Pose:
    """The value of every channel of one character at one time. Preallocated and refilled every frame.

    Slots are in the character's order, bottom to top; drawings are indices into the slot's own
    `drawings`, -1 is the empty drawing (transparent).
    """

    channels: F32
    """(len(CHANNELS),) float32, ranges as in `CHANNELS`."""
    picks: I32
    """(slots, MAX_MIXED) int32, drawing index within the slot, or -1."""
    weights: F32
    """(slots, MAX_MIXED) float32 in 0..1; a row sums to 1 (weight on -1 counts)."""
    opacity: F32
    """(slots,) float32 in 0..1, multiplied with the slot's own opacity."""
    swings: F32 = field(default_factory=lambda: np.zeros(0, np.float32))
    """(segments,) float32, -1..1: how far each segment of what hangs is behind the one above it, in turns of
    the head to the viewer's right; in the order of `Character.segments`."""

    @classmethod
    def empty(cls, slot_count: int, segment_count: int = 0) -> Pose:
        """A pose with every channel at 0, every slot showing nothing, and what hangs at rest."""
        weights = np.zeros((slot_count, MAX_MIXED), np.float32)
        weights[:, 0] = 1.0
        return cls(
            np.zeros(len(CHANNELS), np.float32),
            np.full((slot_count, MAX_MIXED), -1, np.int32),
            weights,
            np.ones(slot_count, np.float32),
            np.zeros(segment_count, np.float32),
        )
