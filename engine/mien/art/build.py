"""From a manifest and the places of its drawings to a character, at a scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mien.art.manifest import GroupPlan, Manifest, SlotPlan
from mien.art.meshes import Box, complete
from mien.art.packed import SpritePlacement
from mien.art.sprites import scaled_size
from mien.character import Character, Drawing, Gaze, Group, Joint, Slot

MASK = "mask"
"""The name of a mask as a drawing."""


def build_character(
    manifest: Manifest,
    placements: Sequence[SpritePlacement],
    offsets: Sequence[tuple[int, int]],
    scale: float,
    bounds: Sequence[Box] | None = None,
) -> Character:
    """The character, with every pixel value multiplied by `scale`.

    `placements` and `offsets` (on the scaled canvas) are those of `manifest.pictures()`, and so are `bounds`:
    where each lies before it is scaled, which meshes go by at every scale alike; None: where it is placed.
    """
    if bounds is None:
        bounds = [
            (x, y, x + place.region[2], y + place.region[3])
            for place, (x, y) in zip(placements, offsets, strict=True)
        ]
    boxes = iter(bounds)
    drawn_in = [[next(boxes) for _ in plan.drawings] for plan in manifest.slots]
    places = iter(zip(placements, offsets, strict=True))

    def drawn(name: str) -> Drawing:
        placement, offset = next(places)
        return Drawing(name, placement.page, placement.region, offset, placement.flip_x)

    # In the order of Manifest.pictures: all drawings, then the masks of slots, then those of groups.
    drawings = [tuple(drawn(name) for name in plan.drawings) for plan in manifest.slots]
    slot_masks = [drawn(MASK) if plan.mask else None for plan in manifest.slots]
    group_masks = [drawn(MASK) if plan.mask else None for plan in manifest.groups]
    slots = tuple(map(_slot, manifest.slots, drawings, slot_masks))
    return Character(
        name=manifest.name,
        canvas=scaled_size(manifest.canvas, scale),
        scale=scale,
        anchor=_times(manifest.anchor, scale),
        eye_line=_times(manifest.eye_line, scale),
        slots=slots,
        joints=tuple(_joint(joint, scale) for joint in manifest.joints),
        expressions=manifest.expressions,
        aliases=manifest.aliases,
        mouth=manifest.mouth,
        lids=manifest.lids,
        gaze=_gaze(manifest.gaze, scale),
        gestures=manifest.gestures,
        motions=manifest.motions,
        about=manifest.about,
        groups=tuple(map(_group, manifest.groups, group_masks)),
        meshes=tuple(
            complete(plan, [box for s in plan.slots for box in drawn_in[s]], scale, manifest.file)
            for plan in manifest.meshes
        ),
    )


def _slot(plan: SlotPlan, drawings: tuple[Drawing, ...], mask: Drawing | None) -> Slot:
    return Slot(
        name=plan.name,
        drawings=drawings,
        default=plan.default,
        joint=plan.joint,
        blend=plan.blend,
        opacity=plan.opacity,
        clip=plan.clip,
        fade_ms=plan.fade_ms,
        change=plan.change,
        mask=mask,
        origins=plan.origins,
    )


def _group(plan: GroupPlan, mask: Drawing | None) -> Group:
    return Group(
        name=plan.name,
        first=plan.first,
        stop=plan.stop,
        blend=plan.blend,
        opacity=plan.opacity,
        pass_through=plan.pass_through,
        clip=plan.clip,
        mask=mask,
        joint=plan.joint,
    )


def _times(point: tuple[float, float], scale: float) -> tuple[float, float]:
    return (point[0] * scale, point[1] * scale)


def _joint(joint: Joint, scale: float) -> Joint:
    move = {channel: _times(vector, scale) for channel, vector in joint.move.items()}
    return replace(joint, pivot=_times(joint.pivot, scale), move=move)


def _gaze(gaze: Gaze, scale: float) -> Gaze:
    return replace(gaze, x=_times(gaze.x, scale), y=_times(gaze.y, scale))
