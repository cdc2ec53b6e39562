"""From a manifest and the places of its drawings to a character, at a scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mien.art.atlas import Spot
from mien.art.cells import scaled_size
from mien.art.plan import Manifest
from mien.character import Character, Drawing, Gaze, Joint, Slot


def build_character(
    manifest: Manifest, spots: Sequence[Spot], offsets: Sequence[tuple[int, int]], scale: float
) -> Character:
    """The character, with every pixel value multiplied by `scale`.

    `spots` and `offsets` (on the scaled canvas) are those of every drawing, slot by slot.
    """
    slots = []
    at = 0
    for plan in manifest.slots:
        drawings = []
        for name in plan.drawings:
            spot = spots[at]
            drawings.append(Drawing(name, spot.page, spot.region, offsets[at], spot.flip_x))
            at += 1
        slots.append(
            Slot(
                name=plan.name,
                drawings=tuple(drawings),
                default=plan.default,
                joint=plan.joint,
                blend=plan.blend,
                opacity=plan.opacity,
                clip=plan.clip,
                fade_ms=plan.fade_ms,
            )
        )
    return Character(
        name=manifest.name,
        canvas=scaled_size(manifest.canvas, scale),
        scale=scale,
        anchor=_times(manifest.anchor, scale),
        eye_line=_times(manifest.eye_line, scale),
        slots=tuple(slots),
        joints=tuple(_joint(joint, scale) for joint in manifest.joints),
        expressions=manifest.expressions,
        aliases=manifest.aliases,
        mouth=manifest.mouth,
        lids=manifest.lids,
        gaze=_gaze(manifest.gaze, scale),
        gestures=manifest.gestures,
        about=manifest.about,
    )


def _times(point: tuple[float, float], scale: float) -> tuple[float, float]:
    return (point[0] * scale, point[1] * scale)


def _joint(joint: Joint, scale: float) -> Joint:
    move = {channel: _times(vector, scale) for channel, vector in joint.move.items()}
    return replace(joint, pivot=_times(joint.pivot, scale), move=move)


def _gaze(gaze: Gaze, scale: float) -> Gaze:
    return replace(gaze, x=_times(gaze.x, scale), y=_times(gaze.y, scale))
