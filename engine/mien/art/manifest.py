"""A character's text as values: read and checked, names resolved, pictures not read yet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from mien.character import Change, Expression, Gaze, GestureMotion, Joint, Lids, Mouth
from mien.messages import quoted
from mien.origin import Origin
from mien.types import ARM_CHANNELS, Blend, Rect, Size


@dataclass(frozen=True, slots=True)
class Baked:
    """Where a baked drawing's pixels are: as `mien.character.Drawing`, at scale 1."""

    page: int
    region: Rect
    offset: tuple[int, int]
    flip_x: bool


@dataclass(frozen=True, slots=True)
class MaskPlan:
    """A mask before its picture is read."""

    file: str = ""
    """PNG, relative to the folder, with forward slashes; empty when baked."""
    offset: tuple[int, int] | None = None
    """Top left on the canvas, where the file says so."""
    baked: Baked | None = None


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
    change: Change = "fade"
    mask: MaskPlan | None = None
    files: Mapping[str, str] = field(default_factory=dict)
    """Drawing -> PNG, relative to the folder, with forward slashes. Complete, except when baked."""
    offsets: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """Drawing -> top left on the canvas, where the file says so."""
    baked: Mapping[str, Baked] = field(default_factory=dict)
    """Drawing -> place on the pages. Complete when baked, else empty."""
    origins: Mapping[str, Origin] = field(default_factory=dict)

    def find(self, drawing: str) -> int:
        """Index of a drawing; -1 for `""`. Raises ValueError."""
        return self.drawings.index(drawing) if drawing else -1


@dataclass(frozen=True, slots=True)
class GroupPlan:
    """A group before its mask is read. Fields as in `mien.character.Group`."""

    name: str
    first: int
    stop: int
    blend: Blend
    opacity: float
    pass_through: bool
    clip: bool
    mask: MaskPlan | None
    joint: int


@dataclass(frozen=True, slots=True)
class BallPlan:
    """A ball before its pictures are read. Fields as in `mien.mesh.Ball`; None: as its mesh is large."""

    centre: tuple[float, float] | None
    radius: tuple[float, float] | None
    move: Mapping[str, tuple[float, float]]


@dataclass(frozen=True, slots=True)
class HangPlan:
    """A hang before its pictures are read. Fields as in `mien.mesh.Hang` and `Segment`."""

    root: tuple[float, float] | None
    """None: the middle of the upper edge of what its mesh bends."""
    tip: tuple[float, float] | None
    """None: the middle of the lower."""
    width: float
    gravity: float
    periods_s: tuple[float, ...]
    """One for each segment."""
    damping: float
    swing: float


@dataclass(frozen=True, slots=True)
class MeshPlan:
    """A mesh before its pictures are read. Fields as in `mien.mesh.Mesh`."""

    name: str
    slots: tuple[int, ...]
    joint: int
    grid: Size | None
    """None: by the size of the box."""
    box: tuple[float, float, float, float] | None
    """None: around the drawings of its slots."""
    ball: BallPlan | None
    rows: Mapping[str, tuple[tuple[float, float], ...]]
    columns: Mapping[str, tuple[tuple[float, float], ...]]
    hangs: tuple[HangPlan, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture that a manifest names."""

    key: str
    """How errors call it: `slot[4] "mouth" drawing 'open'`."""
    file: str
    offset: tuple[int, int] | None
    baked: Baked | None
    is_mask: bool = False
    """Its alpha, or its grey, is all that counts."""
    joint: int = -1
    """Index of the joint that it hangs on; -1 for masks."""
    may_be_clear: bool = False
    """Whether it is a lid, of which nothing may be seen in some states: what is shut, while an eye is
    open; the mouth of a character that has none; or one at rest that the face below has, which an import
    has made."""


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
    motions: Mapping[str, GestureMotion]
    about: Mapping[str, str]
    groups: tuple[GroupPlan, ...] = ()
    """In the order that `mien.character.Character.groups` asks for."""
    meshes: tuple[MeshPlan, ...] = ()
    substituted: tuple[str, ...] = ()
    """Visemes that the neutral mood does not draw itself."""
    page_size: int = 0
    """Side of the baked pages; 0 when not baked."""
    page_count: int = 0

    def is_limb(self, joint: int) -> bool:
        """Whether gestures turn a joint, or one that it hangs on: what lies beyond the canvas comes up."""
        while joint >= 0:
            if not ARM_CHANNELS.isdisjoint(self.joints[joint].rotate):
                return True
            joint = self.joints[joint].parent
        return False

    def pictures(self) -> Iterator[Picture]:
        """Every picture, in the order of sprites and placements: drawings slot by slot, then the masks of
        slots, then those of groups."""
        lids = {*self.lids.left, *self.lids.right}
        for i, slot in enumerate(self.slots):
            for drawing in slot.drawings:
                yield Picture(
                    f'slot[{i}] "{slot.name}" drawing {quoted(drawing)}',
                    slot.files.get(drawing, ""),
                    slot.offsets.get(drawing),
                    slot.baked.get(drawing),
                    joint=slot.joint,
                    may_be_clear=i in lids or (i == self.mouth.slot and _may_be_clear(slot, drawing)),
                )
        masked = [(f'slot[{i}] "{slot.name}"', slot.mask) for i, slot in enumerate(self.slots)]
        masked += [(f'group "{group.name}"', group.mask) for group in self.groups]
        for owner, mask in masked:
            if mask is not None:
                yield Picture(f"{owner} mask", mask.file, mask.offset, mask.baked, is_mask=True)


def _may_be_clear(mouth: SlotPlan, drawing: str) -> bool:
    """Whether nothing may be seen of a drawing of the mouth: what an import made of nothing has no origin."""
    made_of_nothing = drawing.startswith("made_") and drawing not in mouth.origins
    return len(mouth.drawings) == 1 or (bool(mouth.origins) and made_of_nothing)
