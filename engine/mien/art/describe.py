"""The inverse of `manifest`: a character as the document of a baked file, with nothing left to default."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mien.art import meshes
from mien.art.origins import origins_document
from mien.art.read_manifest import FORMAT
from mien.character import Character, Drawing, Expression, GestureMotion, Group, Joint, Slot
from mien.types import VISEMES


def document_of(character: Character, page_size: int, pages: int) -> dict[str, Any]:
    """A document that `read_manifest(..., baked=True)` reads back as the same character, at scale 1."""
    slots = character.slots
    mouth_slot = slots[character.mouth.slot]
    joint_names = [joint.name for joint in character.joints]
    return {
        "format": FORMAT,
        "name": character.name,
        "canvas": list(character.canvas),
        "anchor": list(character.anchor),
        "eye_line": list(character.eye_line),
        "page_size": page_size,
        "pages": pages,
        "about": dict(character.about),
        "joints": {joint.name: _joint(joint, joint_names) for joint in character.joints},
        "slot": [_slot(slot, joint_names) for slot in slots],
        **({"group": [_group(g, slots, joint_names) for g in character.groups]} if character.groups else {}),
        **({"meshes": _meshes(character, joint_names)} if character.meshes else {}),
        "mouth": {
            "slot": mouth_slot.name,
            "moods": {mood: _mood(mouth_slot, shapes) for mood, shapes in character.mouth.moods.items()},
            **({"halves": _halves(character)} if character.mouth.halves else {}),
        },
        "lids": {
            "left": [slots[i].name for i in character.lids.left],
            "right": [slots[i].name for i in character.lids.right],
        },
        "gaze": {
            "x": list(character.gaze.x),
            "y": list(character.gaze.y),
            "irises": [joint_names[i] for i in character.gaze.irises],
            "glints": [joint_names[i] for i in character.gaze.glints],
            "glint_follow": character.gaze.glint_follow,
        },
        "expressions": {name: _expression(e, slots) for name, e in character.expressions.items()},
        "aliases": dict(character.aliases),
        "gestures": {
            name: {"slots": _picks(picks, slots), **_motion(character.motions.get(name))}
            for name, picks in character.gestures.items()
        },
    }


def _joint(joint: Joint, names: list[str]) -> dict[str, Any]:
    parent = {"parent": names[joint.parent]} if joint.parent >= 0 else {}
    return parent | {
        "pivot": list(joint.pivot),
        "rotate": dict(joint.rotate),
        "move": {channel: list(vector) for channel, vector in joint.move.items()},
        "scale": {channel: list(vector) for channel, vector in joint.scale.items()},
    }


def _slot(slot: Slot, joints: list[str]) -> dict[str, Any]:
    return {
        "name": slot.name,
        "joint": joints[slot.joint],
        "drawings": [drawing.name for drawing in slot.drawings],
        "default": _drawing(slot, slot.default),
        "blend": slot.blend.label,
        "opacity": slot.opacity,
        "clip": slot.clip,
        "fade_ms": slot.fade_ms,
        "change": slot.change,
        "regions": {drawing.name: _region(drawing) for drawing in slot.drawings},
        **({"mask": _region(slot.mask)} if slot.mask else {}),
        **({"origins": origins_document(slot.origins)} if slot.origins else {}),
    }


def _group(group: Group, slots: tuple[Slot, ...], joints: list[str]) -> dict[str, Any]:
    return {
        "name": group.name,
        "first": slots[group.first].name,
        "last": slots[group.stop - 1].name,
        "blend": group.blend.label,
        "opacity": group.opacity,
        "pass_through": group.pass_through,
        "clip": group.clip,
        **({"mask": _region(group.mask), "joint": joints[group.joint]} if group.mask else {}),
    }


def _meshes(character: Character, joints: list[str]) -> dict[str, Any]:
    slots = [slot.name for slot in character.slots]
    return {mesh.name: meshes.document_of(mesh, slots, joints) for mesh in character.meshes}


def _region(drawing: Drawing) -> dict[str, Any]:
    return {
        "page": drawing.page,
        "region": list(drawing.region),
        "offset": list(drawing.offset),
        "flip_x": drawing.flip_x,
    }


def _drawing(slot: Slot, index: int) -> str:
    return slot.drawings[index].name if index >= 0 else ""


def _mood(slot: Slot, shapes: tuple[int, ...]) -> dict[str, list[str]]:
    shown: dict[str, list[str]] = {}
    for viseme, index in zip(VISEMES, shapes, strict=True):
        shown.setdefault(_drawing(slot, index), []).append(viseme)
    return shown


def _halves(character: Character) -> dict[str, dict[str, list[str]]]:
    """The in-betweens that are drawings of their own."""
    mouth = character.mouth
    slot = character.slots[mouth.slot]
    found: dict[str, dict[str, list[str]]] = {}
    for mood, halves in mouth.halves.items():
        for viseme, half, full in zip(VISEMES, halves, mouth.moods[mood], strict=True):
            if half != full:
                found.setdefault(mood, {}).setdefault(_drawing(slot, half), []).append(viseme)
    return found


def _picks(picks: Mapping[int, int], slots: tuple[Slot, ...]) -> dict[str, str]:
    return {slots[i].name: _drawing(slots[i], drawing) for i, drawing in picks.items()}


def _motion(motion: GestureMotion | None) -> dict[str, Any]:
    if motion is None:
        return {}
    return {
        "keys": [{"at_ms": key.at_ms, "channels": dict(key.channels)} for key in motion.keys],
        "change_ms": motion.change_ms,
        "retract_ms": motion.retract_ms,
        "drift": motion.drift,
        "beat": dict(motion.beat),
    }


def _expression(expression: Expression, slots: tuple[Slot, ...]) -> dict[str, Any]:
    return {
        "slots": _picks(expression.slots, slots),
        "lids": {"left": expression.lids[0], "right": expression.lids[1]},
        "mood": expression.mood,
        "rest_viseme": VISEMES[expression.rest_viseme],
        "channels": dict(expression.channels),
        "override_blink": expression.override_blink,
        "override_gaze": expression.override_gaze,
        "override_mouth": expression.override_mouth,
        "hold_lids": expression.hold_lids,
        "fade_ms": expression.fade_ms,
    }
