"""How the parts of a model move, as joints and springs of a character; costumes and keys as gestures.

What programs compute frame by frame (a part follows late, turns while it is pulled, stretches) is what
the channels `sway`, `sway_slow` and `bounce` are for: late, smoothed motion of head and body. Amounts are
those of a figure that bounces as PNGTuber-Plus lets it when one begins to speak.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from mien.importing.drafts import Draft, Drafts, Row
from mien.importing.extras import Extras
from mien.importing.face import Face
from mien.importing.models.parts import SHUT, SPEAKING, Model, Motion, Part
from mien.importing.names import family_of
from mien.importing.naming import own_name, plain_name
from mien.importing.rig import Rig
from mien.importing.source import Path, path_text

_PULL: Final = 4.0
"""Pixels that a part is pulled behind, where it follows by one frame."""
_MOST_TURN: Final = 16.0
_MOST_MOVE: Final = 14.0
_MOST_STRETCH: Final = 0.08
_ON_FACE: Final = ("eye", "mouth", "brow", "shut")
_SHARED: Final = ("head", "torso", "body", "face")
"""Joints that much hangs on: these move themselves, as all that hangs on such a part moves with it."""


@dataclass(slots=True, eq=False)
class Swinging(Extras):
    """The motion of a model."""

    model: Model
    paths: Mapping[str, Path]
    """The key of a part -> its layer."""
    pivots: Mapping[str, tuple[float, float]]
    """The key of a part -> what it turns about, on the canvas."""
    scale: float

    def joints(self, drafts: Drafts, rig: Rig, face: Face) -> None:
        """A joint for each part that moves by itself, between its slot and what the slot hung on."""
        del face
        parents = {
            part.key for part in self.model.parts if any(p.parent == part.key for p in self.model.parts)
        }
        own: dict[str, str] = {}
        by_key = {part.key: part for part in self.model.parts}
        for part in self._parents_first():
            slots = self._slots(drafts, part)
            moves = _moves(part.motion, self.scale)
            if not slots:
                continue
            above = self._joint_above(part, by_key, own)
            if part.motion.is_still or not moves:
                if above and family_of(slots[0].role) not in _ON_FACE and slots[0].joint not in _SHARED:
                    own[part.key] = above
                continue
            joint = slots[0].joint
            if joint in _SHARED and part.key in parents:
                _merge(rig.joints[joint], moves)
                self._tell(drafts, part, joint)
                continue
            if family_of(slots[0].role) in _ON_FACE:
                self._tell(drafts, part, "")
                continue
            name = own_name(f"{plain_name(part.name, 'part')[:40]}_swings", {*map(str.casefold, rig.joints)})
            rig.joints[name] = {
                "parent": above or joint,
                "pivot": [round(v) for v in self.pivots[part.key]],
                **moves,
            }
            own[part.key] = name
            for slot in slots:
                slot.joint = name
            self._tell(drafts, part, name)
        self._free_meshes(rig, drafts)

    def _parents_first(self) -> list[Part]:
        by_key = {part.key: part for part in self.model.parts}

        def depth(part: Part) -> int:
            count = 0
            while part.parent in by_key and count <= len(by_key):
                part, count = by_key[part.parent], count + 1
            return count

        return sorted(self.model.parts, key=depth)

    def _slots(self, drafts: Drafts, part: Part) -> list[Draft]:
        path = self.paths[part.key]
        return [slot for slot in drafts.slots if path in slot.paths]

    def _joint_above(self, part: Part, by_key: Mapping[str, Part], own: Mapping[str, str]) -> str:
        seen = 0
        while part.parent in by_key and seen <= len(by_key):
            part, seen = by_key[part.parent], seen + 1
            if part.key in own:
                return own[part.key]
        return ""

    def _free_meshes(self, rig: Rig, drafts: Drafts) -> None:
        """Springs of the rig stay on slots that the model itself lets swing: both would be too much."""
        swinging = {slot.name for slot in drafts.slots if slot.joint.endswith("_swings")}
        for name, mesh in list(rig.meshes.items()):
            if "hang" in mesh and swinging & {*mesh["slots"]}:
                del rig.meshes[name]

    def _tell(self, drafts: Drafts, part: Part, joint: str) -> None:
        path = path_text(self.paths[part.key])
        said = _said(part.motion)
        why = (
            f"{said}: as the channels sway and bounce, not computed frame by frame"
            if joint
            else f"{said}: not taken, the face moves as one"
        )
        drafts.rows.append(
            Row(
                path,
                "mapped" if joint else "kept",
                f"joint {joint}" if joint else "no motion of its own",
                why,
            )
        )

    def finish(self, document: dict[str, Any], drafts: Drafts) -> None:
        """Costumes and keys as gestures."""
        gestures: dict[str, Any] = {}
        shown = {slot.name: slot for slot in drafts.slots}
        for number, name in enumerate(self.model.costumes[1:], 1):
            slots, has_face = self._costume(drafts, number)
            if has_face:
                drafts.rows.append(
                    Row(
                        "", "kept", f"costume {name}", "has a face of its own: import it as another character"
                    )
                )
            elif slots:
                gestures[
                    own_name(plain_name(name, f"costume_{number + 1}"), {*map(str.casefold, gestures)})
                ] = {"slots": slots}
        worn = {slot for gesture in gestures.values() for slot in gesture["slots"]}
        for part in self.model.parts:
            hides = {
                slot.name: ""
                for slot in (self._slots(drafts, part) if part.toggle else [])
                if slot.default and not slot.hidden and family_of(slot.role) not in ("eye", "mouth", "shut")
            }
            if hides:
                name = own_name(f"hide_{plain_name(part.name, 'part')}"[:60], {*map(str.casefold, gestures)})
                gestures[name] = {"slots": hides}
        for name, gesture in document.get("gestures", {}).items():
            if not {*gesture["slots"]} & worn and self._may_show(shown.get(name)):
                gestures.setdefault(name, gesture)
        document.pop("gestures", None)
        if gestures:
            document["gestures"] = gestures

    def _may_show(self, slot: Draft | None) -> bool:
        """Whether a hidden layer makes sense by itself: not what is shown while speaking or blinking."""
        parts = [p for p in self.model.parts if slot is not None and self.paths[p.key] in slot.paths]
        return not any(part.talk == SPEAKING or part.blink == SHUT for part in parts)

    def _costume(self, drafts: Drafts, number: int) -> tuple[dict[str, str], bool]:
        """The slots that a costume shows otherwise than the first, and whether its face is another."""
        slots: dict[str, str] = {}
        for part in self.model.parts:
            if not part.costumes or (0 in part.costumes) == (number in part.costumes) or not part.visible:
                continue
            if part.talk or part.blink:
                return {}, True
            for slot in self._slots(drafts, part):
                slots[slot.name] = "on" if number in part.costumes and slot.hidden else ""
        return {name: drawing for name, drawing in slots.items() if drawing or name}, False


def _moves(motion: Motion, scale: float) -> dict[str, dict[str, Any]]:
    """`rotate`, `move` and `scale` of a joint."""
    found: dict[str, dict[str, Any]] = {}
    lag = max(1.0, min(motion.drag, 8.0))
    low, high = motion.turn_limits
    turn = max(min(motion.turn * _PULL * lag, max(low, high)), min(low, high))
    turn = max(-_MOST_TURN, min(_MOST_TURN, turn))
    if abs(turn) >= 0.2:
        found["rotate"] = {"bounce": round(turn, 2), "sway": round(0.5 * turn, 2)}
    if motion.wiggle:
        turns = max(-_MOST_TURN, min(_MOST_TURN, motion.wiggle))
        rotate = found.setdefault("rotate", {})
        rotate["sway"] = round(rotate.get("sway", 0.0) + turns, 2)
        rotate["sway_slow"] = round(0.6 * turns, 2)
    moves: dict[str, list[float]] = {}
    if motion.drag > 1:
        late = min(_MOST_MOVE, 1.2 * motion.drag) * scale
        moves = {"sway": [round(late, 1), 0], "bounce": [0, round(late, 1)]}
    across, down = (max(-40.0, min(40.0, v)) * scale for v in motion.wobble)
    if abs(across) >= 0.5:
        moves["body_sway"] = [round(across, 1), 0]
    if abs(down) >= 0.5:
        moves["breath"] = [0, round(-abs(down), 1)]
    if moves:
        found["move"] = moves
    stretch = max(-_MOST_STRETCH, min(_MOST_STRETCH, motion.stretch * 0.01 * _PULL))
    if abs(stretch) >= 0.002:
        found["scale"] = {"bounce": [round(-stretch, 4), round(stretch, 4)]}
    return found


def _merge(joint: dict[str, Any], moves: Mapping[str, Mapping[str, Any]]) -> None:
    """Add motion to a joint that moves already; what it does itself stays."""
    for kind, by_channel in moves.items():
        joint[kind] = {**by_channel, **joint.get(kind, {})}


def _said(motion: Motion) -> str:
    names = {
        "drag": motion.drag > 1,
        "turning": bool(motion.turn),
        "stretching": bool(motion.stretch),
        "wobble": any(motion.wobble),
        "wiggle": bool(motion.wiggle),
    }
    return ", ".join(name for name, is_there in names.items() if is_there)
