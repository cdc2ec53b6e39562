"""A character as a value: what its files say, checked, with every name resolved.

`mien.art` builds these; motion and composite read them. Nothing here touches a file or a pixel.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from mien.mesh import Mesh, Segment
from mien.origin import Origin
from mien.types import Blend, Rect, Size

Override = Literal["none", "blend", "block"]
"""What an expression does to an automatic channel, as in VRM 1.0: leave it, weaken it by the
expression's weight, or stop it while the expression is on."""

Change = Literal["fade", "cut"]
"""How a slot goes from one drawing to another: mixed over its `fade_ms`, or at once in its middle."""

CHANGES: tuple[Change, ...] = ("fade", "cut")

LID_STATES = ("wide", "open", "three_quarter", "half", "nearly", "closed")
"""Lid drawings from most to least open. A blink walks along these; missing ones fall to the nearest."""

LID_SLANTS = ("stern", "sorry", "glad", "thinking", "embarrassed", "relaxed")
"""Eyes that an expression holds: lids that lean, down to the nose and away from it, and those that are drawn
for a mood. Open about as far as three_quarter, which stands in for one that is missing. Eyes blink from
there."""

LID_SHAPES = ("happy", "sad")
"""Closed-eye drawings that only an expression shows."""

LID_REOPENED = "three_quarter"
"""How eyes that an expression shuts are in between, on a stage."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A trimmed picture on an atlas page, and where it sits on the character's canvas."""

    name: str
    page: int
    """Index of the atlas page."""
    region: Rect
    """Pixels on the page, without the padding around them."""
    offset: tuple[int, int]
    """Top left of the region on the canvas, in (scaled) canvas pixels; may lie outside the canvas."""
    flip_x: bool = False
    """Drawn mirrored left to right: a deduplicated twin shares the region."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in the stacking order that shows one drawing, or a mix of its own drawings."""

    name: str
    drawings: tuple[Drawing, ...]
    default: int
    """Index of the drawing shown when nothing asks for another; -1 shows nothing."""
    joint: int
    """Index of the joint that the slot hangs on."""
    blend: Blend = Blend.NORMAL
    opacity: float = 1.0
    clip: bool = False
    """Drawn only where its base is (Photoshop's clipping mask): the nearest slot or isolated group below,
    in the same group, that has no `clip` itself."""
    fade_ms: float = 140.0
    """Crossfade between drawings when an expression changes them."""
    change: Change = "fade"
    apart: frozenset[tuple[int, int]] = frozenset()
    """Pairs of drawings, lower index first and -1 for nothing, that are never shown together: a change
    between them is a cut. All of them where `change` is "cut", else as measured on their pixels at load."""
    mask: Drawing | None = None
    """A picture whose alpha multiplies what the slot shows, whichever drawing that is; 0 beyond its region.
    It lies on the canvas as a drawing does and moves with the slot's joint. Its colours mean nothing."""
    joined: Drawing | None = None
    """What its drawing and those of the `joins` slots above look like together: shown in their place while
    each of them shows its drawing whole. They are clipped to it and move with it."""
    joins: int = 0
    origins: Mapping[str, Origin] = field(default_factory=dict, hash=False)
    """Drawing -> where it comes from, of a character that was made of art; empty for others."""

    def find(self, drawing: str) -> int:
        """Index of a drawing by name; -1 for `""`. Raises KeyError."""
        if not drawing:
            return -1
        for i, candidate in enumerate(self.drawings):
            if candidate.name == drawing:
                return i
        raise KeyError(drawing)


@dataclass(frozen=True, slots=True)
class Group:
    """Successive slots that are drawn as one layer.

    An isolated group is composited by itself, over nothing, and the picture that results is blended once,
    with the group's mask, opacity and blend: at half opacity no layer shows through another. With
    `pass_through` its slots blend with what is below the group, each as it asks, and mask and opacity say
    how much of the change that they make is shown.
    """

    name: str
    """Different from the names of the other groups; may be that of a slot."""
    first: int
    """Index of its lowest slot."""
    stop: int
    """One more than the index of its highest slot; greater than `first`."""
    blend: Blend = Blend.NORMAL
    """How the group's picture blends with what is below; NORMAL with `pass_through`."""
    opacity: float = 1.0
    """0..1."""
    pass_through: bool = False
    """Not isolated. Such a group is neither clipped nor the base of what is."""
    clip: bool = False
    """The group as a whole is drawn only where its base is: as `Slot.clip`."""
    mask: Drawing | None = None
    """As `Slot.mask`, for the whole group."""
    joint: int = 0
    """Index of the joint that the mask moves with. The slots keep their own."""


@dataclass(frozen=True, slots=True)
class Joint:
    """A coordinate frame that slots hang on. Channels drive it linearly, about its pivot.

    With channel values v: rotation = sum(v * rotate), translation = sum(v * move), scale =
    1 + sum(v * scale). The map of a point p in rest position is
    `parent( pivot + R(rotation) S(scale) (p - pivot) + translation )`.
    """

    name: str
    parent: int
    """Index of the parent joint, which comes earlier in the list; -1 for the canvas."""
    pivot: tuple[float, float]
    """Canvas pixels."""
    rotate: Mapping[str, float] = field(default_factory=dict)
    """Channel -> degrees per unit, clockwise on screen."""
    move: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """Channel -> canvas pixels (x, y) per unit."""
    scale: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """Channel -> change of scale (x, y) per unit."""


@dataclass(frozen=True, slots=True)
class Gaze:
    """How far the eyes turn. Channels gaze_x and gaze_y of -1..1 map to these pixels."""

    x: tuple[float, float]
    """Canvas pixels at gaze_x = -1 and +1, e.g. (-14, 14)."""
    y: tuple[float, float]
    """Canvas pixels at gaze_y = -1 (up) and +1 (down)."""
    irises: tuple[int, ...]
    """Joints that move by the whole amount."""
    glints: tuple[int, ...]
    """Joints that move by `glint_follow` of it (highlights)."""
    glint_follow: float = 0.35


@dataclass(frozen=True, slots=True)
class Lids:
    """Slots that open and close together. Each slot takes its drawing of the state's name."""

    left: tuple[int, ...]
    """Slots of the character's own left eye."""
    right: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Mouth:
    """Mouth shapes: for each mood, the drawing of each viseme."""

    slot: int
    moods: Mapping[str, tuple[int, ...]]
    """Mood -> (15,) drawing indices in the order of `VISEMES`, complete after fallback. Has `neutral`."""
    halves: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """Mood -> (15,) drawing indices: the in-betweens through which a mouth goes from shut to wide and back;
    that of the viseme itself where it has none. Of all moods, or empty where none has any."""

    def drawing(self, mood: str, viseme: int, half: bool) -> int:
        """What shows a viseme in one of the `moods`; its in-between where there are `halves`, and `half`."""
        return (self.halves if half else self.moods)[mood][viseme]


@dataclass(frozen=True, slots=True)
class Expression:
    """A named target for slots, lids, mouth mood and channels."""

    name: str
    slots: Mapping[int, int]
    """Slot index -> drawing index (-1 for nothing)."""
    lids: tuple[str, str] = ("open", "open")
    """State of the character's own (left, right) eye: one of LID_STATES, LID_SLANTS or LID_SHAPES."""
    mood: str = "neutral"
    """Which family of mouth shapes speech uses."""
    rest_viseme: int = 0
    """Index in VISEMES of the mouth shown in silence."""
    channels: Mapping[str, float] = field(default_factory=dict)
    """Offsets added to the continuous channels."""
    override_blink: Override = "none"
    override_gaze: Override = "none"
    override_mouth: Override = "none"
    fade_ms: float = 220.0
    hold_lids: bool = False
    """Whether eyes that it shuts stay shut."""

    @property
    def shuts_eyes(self) -> bool:
        """Whether it shuts both eyes for a moment. On a stage they open again, and shut now and again."""
        return not self.hold_lids and all(lid == "closed" or lid in LID_SHAPES for lid in self.lids)


@dataclass(frozen=True, slots=True)
class GestureKey:
    """Where some channels are at one time of a gesture."""

    at_ms: float
    """Milliseconds after the gesture began, greater than 0."""
    channels: Mapping[str, float]
    """Offsets added to the continuous channels."""


@dataclass(frozen=True, slots=True)
class GestureMotion:
    """How a gesture moves: channels go from 0 through its keys and stay at the last until it ends."""

    keys: tuple[GestureKey, ...]
    """In time."""
    change_ms: float = 0.0
    """When its drawings begin to change, after it began: hands are other drawings while they move."""
    retract_ms: float = 800.0
    """How long everything takes back to rest."""
    drift: float = 0.0
    """How far what is held drifts, in units of its channels."""
    beat: Mapping[str, float] = field(default_factory=dict)
    """Channel -> offset at full stress of the voice, while the gesture is held."""


@dataclass(frozen=True, slots=True)
class Character:
    """A character whose files have been read and checked."""

    name: str
    canvas: Size
    """Canvas in pixels at the scale that it was loaded at."""
    scale: float
    """Loaded pixels per authored pixel. All pixel values here are already multiplied by it."""
    anchor: tuple[float, float]
    """The canvas point that stands on its mark on the stage (bottom centre, usually)."""
    eye_line: tuple[float, float]
    """The canvas point between the eyes: where others look."""
    slots: tuple[Slot, ...]
    """Bottom to top."""
    joints: tuple[Joint, ...]
    """Parents before children."""
    expressions: Mapping[str, Expression]
    """Has `neutral`."""
    aliases: Mapping[str, str]
    """Other names for expressions, the character's own."""
    mouth: Mouth
    lids: Lids
    gaze: Gaze
    gestures: Mapping[str, Mapping[int, int]]
    """Gesture name -> slot index -> drawing index (arm poses)."""
    motions: Mapping[str, GestureMotion] = field(default_factory=dict)
    """How gestures move, for those of `gestures` that do."""
    about: Mapping[str, str] = field(default_factory=dict)
    """Author, licence, description, voice: free text."""
    groups: tuple[Group, ...] = ()
    """By `first`, and the outer before the inner. Two groups are apart or one holds the other, never a part
    of it; of two with the same slots the earlier is the outer. A base and what is clipped to it are in the
    same group: what is lowest in a group has no `clip`."""

    meshes: tuple[Mesh, ...] = ()
    """In the order of the file."""

    def segments(self) -> Iterator[Segment]:
        """Those of all that hangs, mesh by mesh and from the roots on: the order of `Pose.swings`."""
        for mesh in self.meshes:
            for hang in mesh.hangs:
                yield from hang.segments

    def drawings(self) -> Iterator[Drawing]:
        """Everything of it that is on its pages: the drawings of slots, then masks. Some may be equal."""
        for slot in self.slots:
            yield from slot.drawings
        masks = [slot.mask for slot in self.slots] + [group.mask for group in self.groups]
        yield from (mask for mask in masks if mask is not None)

    def slot_index(self, name: str) -> int:
        """Index of a slot by name. Raises KeyError."""
        for i, slot in enumerate(self.slots):
            if slot.name == name:
                return i
        raise KeyError(name)
