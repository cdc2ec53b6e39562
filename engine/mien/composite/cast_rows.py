"""Characters on their rigs, as rows: all of them in one go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from mien.character import Character
from mien.composite.cast_meshes import CastMeshes
from mien.composite.group_rows import GroupRows, layered_through
from mien.composite.held_joints import HeldJoints
from mien.composite.offscreen_layers import GivesLayers, KeptLayers
from mien.composite.rig import Rig, placed_by
from mien.composite.rows import RGBA, FrameRows
from mien.composite.slot_rows import SlotRows
from mien.switching import give_way
from mien.types import CHANNELS, F32, F64, I32, MAX_MIXED, Affine, Bools, Pose


@dataclass(frozen=True, slots=True)
class _Member:
    """Where a character's joints and slots are among all."""

    name: str
    joints: slice
    slots: slice
    groups: GroupRows | None
    """Of a character with groups."""
    whole: GroupRows | None
    """Of one that is to be shown at opacities below 1."""
    layers: tuple[int, ...]
    """The offscreen layers that these take."""


class CastRows:
    """Characters on their rigs, with their groups, back to front.

    A call on an array costs more than what it does for one character: all are posed and placed by the same.

    Parameters: `page_bases`, added to the pages of each one's drawings. `frame`: what `fill` will be given; a
    character with groups, and one that is to be shown at an opacity, needs offscreen layers of its own
    there, which are added now: before a compositor is opened for the frame. So is the room that meshes need;
    without a frame they bend nothing. `fades`: the characters are to be shown at opacities below 1, each as
    one picture, so that no layer shows through another. `coarse`: how many poses of coarser times `held` has.
    `layers`: of each character the numbers of the offscreen layers that are its own; None: they are added.
    """

    def __init__(
        self,
        characters: Sequence[Character],
        page_bases: Sequence[int],
        frame: FrameRows | None = None,
        *,
        fades: bool = False,
        coarse: int = 0,
        layers: Sequence[Sequence[int]] | None = None,
    ) -> None:
        self.held: HeldJoints | None = HeldJoints(characters, coarse) if coarse and characters else None
        """Which joints stand where they stood; None: all are where they are."""
        give_way()
        self._rig = Rig(*characters)
        give_way()
        # A base may be a group: then groups clip.
        slots = [
            replace(slot, clip=slot.clip and s > 0 and not character.groups)
            for character in characters
            for s, slot in enumerate(character.slots)
        ]
        counts = [len(character.slots) for character in characters]
        self._slots = SlotRows(slots, np.repeat(np.asarray(page_bases, np.intp), counts).tolist())
        give_way()
        self._members = _members(characters, page_bases, frame, fades, layers)
        give_way()
        self._stays = any(layered_through(group) for character in characters for group in character.groups)
        self._joint = np.array(
            [
                member.joints.start + slot.joint
                for member, character in zip(self._members, characters, strict=True)
                for slot in character.slots
            ],
            np.intp,
        )
        self._of_slot = np.repeat(np.arange(len(characters)), counts)
        self._owners: list[int] = self._of_slot.tolist()
        joints = [len(character.joints) for character in characters]
        self._of_joint = np.repeat(np.arange(len(characters)), joints)
        self._channels: F32 = np.zeros((len(characters), len(CHANNELS)), np.float32)
        self._picks: I32 = np.full((len(slots), MAX_MIXED), -1, np.int32)
        self._weights: F32 = np.zeros((len(slots), MAX_MIXED), np.float32)
        self._weights[:, 0] = 1.0
        self._opacity: F32 = np.ones(len(slots), np.float32)
        ends = np.cumsum([sum(1 for _ in character.segments()) for character in characters]).tolist()
        self._swings: F32 = np.zeros(ends[-1] if ends else 0, np.float32)
        swings = np.split(self._swings, ends[:-1])
        self.poses: tuple[Pose, ...] = tuple(
            Pose(self._channels[k], self._picks[own], self._weights[own], self._opacity[own], swings[k])
            for k, own in enumerate(member.slots for member in self._members)
        )
        """What `fill` shows of each: to be written into."""
        self._joints = np.zeros((self._rig.count, 2, 3))
        self._moves = np.zeros((self._rig.count, 2, 3))
        self._placed = np.zeros((self._rig.count, 2, 3))
        self._world = np.zeros((len(slots), 2, 3))
        self._meshes: CastMeshes | None = None
        if frame is not None and any(character.meshes for character in characters):
            firsts = zip(*((one.joints.start, one.slots.start) for one in self._members), strict=True)
            give_way()
            self._meshes = CastMeshes(characters, frame, *firsts)
        # As of the last fill.
        self._posed = b""
        self._placements: tuple[Affine, ...] = ()
        self._tints: tuple[RGBA, ...] = ()
        self._tint = np.zeros((0, 4))

    def fill(
        self,
        frame: FrameRows,
        placements: Sequence[Affine],
        tints: Sequence[RGBA],
        opacities: Sequence[float] | None = None,
        order: Sequence[int] | None = None,
    ) -> None:
        """Append the visible rows of `poses`. `placements` map canvas to frame.

        `tints`: straight RGBA. `opacities`: 0..1 of each whole character, None: 1; for one between the two
        they must have been built with `fades`. `order`: their numbers, back to front; None: as they are.
        Where a group that others pass through to needs a layer they stay so, since a layer shows only those
        before it. Raises FrameFull, ValueError.
        """
        with np.errstate(all="ignore"):  # what is broken is left out
            self._fill(frame, tuple(placements), tuple(tints), opacities, order)

    def _fill(
        self,
        frame: FrameRows,
        placements: tuple[Affine, ...],
        tints: tuple[RGBA, ...],
        opacities: Sequence[float] | None,
        order: Sequence[int] | None,
    ) -> None:
        shown = [self._groups_at(k, opacities) for k in range(len(self._members))]
        self._place(placements)
        slots = self._slots
        if tints != self._tints:
            self._tints = tints
            self._tint = np.asarray(tints, np.float64).reshape(-1, 4).take(self._of_slot, axis=0)
        if self._meshes is not None:
            held = self.held if self._holds else None
            slots.spread = self._meshes.move(self._channels, self._swings, self._placed, held)
        shows = slots.update(frame, self._world, self._picks, self._weights, self._opacity, 1.0, self._tint)
        if opacities is not None:
            shows = shows & (np.asarray(opacities) > 0.0).take(self._of_slot)
        if self._meshes is not None:
            self._meshes.bend(slots.rows, shows, frame)
        first = stop = 0
        for k in range(len(shown)) if order is None or self._stays else order:
            member, groups = self._members[k], shown[k]
            own = member.slots
            if groups is not None or own.start != stop:
                slots.append_shown(frame, shows, first, stop)
                first = own.start
            stop = own.stop
            if groups is None:
                continue
            opacity = 1.0 if opacities is None else max(0.0, opacities[k])
            groups.append(frame, slots.rows[own], shows[own], self._placed[member.joints], opacity)
            first = stop
        slots.append_shown(frame, shows, first, stop)

    @property
    def layers(self) -> tuple[tuple[int, ...], ...]:
        """Of each character the numbers of its offscreen layers."""
        return tuple(member.layers for member in self._members)

    @property
    def samples(self) -> F32:
        """(drawings, SAMPLE_FLOATS) float32: all that rows of the cast may show."""
        return self._slots.shown.samples

    def samples_of(self, number: int) -> F32:
        """The same of one of the cast."""
        return self._slots.shown.samples_of(self._members[number].slots)

    def picked_of(self, number: int) -> F32:
        """Those of them that its pose picks."""
        return self._slots.shown.samples_picked(self._members[number].slots, self.poses[number].picks)

    def world_of(self, number: int) -> F64:
        """(slots, 2, 3) float64, canvas to frame: where slots of one of the cast are in the last fill."""
        return self._world[self._members[number].slots]

    def joined_of(self, number: int) -> Bools:
        """(slots,) which slots of one of the cast show the picture of those that they are joined with."""
        return self._slots.shown.joined[self._members[number].slots]

    @property
    def short_of_cells(self) -> str:
        """A sentence on the meshes that may bend nothing, for want of cells; or nothing."""
        return "" if self._meshes is None else self._meshes.told

    def pick(self) -> int:
        """Write which drawings `poses` show into the rows: what a change of expression takes, and `fill`
        would do. Of how many characters they are other drawings or mixes than before."""
        shown = self._slots.shown
        shown.mix(self._picks, self._weights, self._opacity)
        return len({self._owners[slot] for slot in shown.picked})

    @property
    def _holds(self) -> bool:
        """Whether anything may be held."""
        return self.held is not None and self.held.reach_px > 0.0

    def _groups_at(self, number: int, opacities: Sequence[float] | None) -> GroupRows | None:
        """What lays the rows of a character out; None: they are the rows of its slots."""
        member = self._members[number]
        if opacities is None or not 0.0 < opacities[number] < 1.0:
            return member.groups
        if member.whole is None:
            raise ValueError(
                f"{member.name} is shown at opacity {opacities[number]:g} and was built without an offscreen "
                "layer for that: pass fades=True"
            )
        return member.whole

    def _place(self, placements: tuple[Affine, ...]) -> None:
        """Work out where slots are: if anybody has moved, and always if joints are held, for that depends on
        more than channels."""
        moved = placements != self._placements
        held = self.held if self._holds else None
        posed = self._channels.tobytes()
        if held is None and not moved and posed == self._posed:
            return
        if moved:
            outer = np.array([((p.a, p.c), (p.b, p.d)) for p in placements]).reshape(-1, 2, 2)
            shift = np.array([(p.tx, p.ty) for p in placements], np.float64).reshape(-1, 2)
            # At its own size and upright, as nearly always: then it only moves.
            self._outer = None if (outer == np.eye(2)).all() else outer[self._of_joint]
            self._moves[:, :, 2] = shift[self._of_joint]
            self._placements = placements
        if held is None:
            self._rig.affines(self._channels, self._joints)
            np.add(placed_by(self._outer, self._joints), self._moves, out=self._placed)
        else:
            held.settle(self._channels, self._outer, self._moves, self._placed)
        self._placed.take(self._joint, axis=0, out=self._world, mode="clip")
        self._posed = posed if held is None else b""


def layers_needed(character: Character, frame: FrameRows, *, fades: bool) -> list[int]:
    """For how many rows each a character needs offscreen layers, in frames like this one."""
    scratch = FrameRows(frame.capacity, frame.size)
    _groups_of(character, 0, scratch, fades)
    return [offscreen.capacity for offscreen in scratch.offscreens]


def _groups_of(
    character: Character, page_base: int, layers: GivesLayers, fades: bool
) -> tuple[GroupRows | None, GroupRows | None]:
    """What lays a character's rows out that has groups, and what does while it fades."""
    groups = GroupRows(character, page_base, layers) if character.groups else None
    return groups, GroupRows(character, page_base, layers, whole=True) if fades else None


def _members(
    characters: Sequence[Character],
    page_bases: Sequence[int],
    frame: FrameRows | None,
    fades: bool,
    layers: Sequence[Sequence[int]] | None,
) -> list[_Member]:
    members: list[_Member] = []
    joint = slot = 0
    for k, (character, page_base) in enumerate(zip(characters, page_bases, strict=True)):
        if (character.groups or fades) and frame is None:
            raise ValueError(
                f"{character.name} has groups or is to fade, and so needs a frame to add offscreen "
                "layers to: pass frame="
            )
        groups = whole = None
        own: tuple[int, ...] = ()
        if frame is not None:
            before = len(frame.offscreens)
            kept = frame if layers is None else KeptLayers(frame, layers[k])
            groups, whole = _groups_of(character, page_base, kept, fades)
            own = tuple(range(before, len(frame.offscreens)) if layers is None else layers[k])
        joints, slots = len(character.joints), len(character.slots)
        spans = slice(joint, joint + joints), slice(slot, slot + slots)
        members.append(_Member(character.name, *spans, groups, whole, own))
        joint, slot = joint + joints, slot + slots
    return members
