"""Joints and meshes: what hangs on what, and how far it moves, measured against the bundled Wren."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from mien.art.layered.tree import union
from mien.importing.drafts import Draft, Drafts
from mien.importing.face import Face
from mien.importing.gaze import gaze_range
from mien.importing.joints import ARMS, Joints, rounded, side_of
from mien.importing.names import EYE_ROLES
from mien.types import Rect, Size

_JOINT_OF: Final = {
    "face": "head",
    "head": "head",
    "white": "face",
    "eye": "face",
    "shut": "face",
    "lash": "face",
    "lash_lower": "face",
    "lid": "face",
    "mouth": "mouth",
    "teeth": "mouth",
    "tongue": "mouth",
    "nose": "nose",
    "blush": "cheeks",
    "tear": "face",
    "sweat": "head",
    "anger": "head",
    "glasses": "face",
    "eyepatch": "face",
    "ear": "ears",
    "animal_ear": "crown",
    "horn": "crown",
    "halo": "crown",
    "hat": "crown",
    "hair_back": "hair_back",
    "hair_front": "hair_front",
    "ahoge": "ahoge",
    "neck": "neck",
    "body": "torso",
    "clothes": "torso",
    "wing": "torso",
    "tail": "tail",
    "leg": "body",
    "background": "ground",
}
"""The joint of a role; others are found by side or by place."""

_IRISES: Final = ("iris", "pupil")
_ON_BALL: Final = frozenset(
    (
        *("head", "face", "mouth", "nose", "cheeks", "ahoge", "crown", "hair_front"),
        *(f"{of}_{side}" for of in ("iris", "glint", "brow") for side in ("left", "right")),
    )
)
"""Joints of what lies on the front of a head and turns as a ball; ears and hair at the back do not."""
_HANGS: Final = ("hair_back", "hair_side", "tail")


@dataclass(slots=True)
class Rig:
    """Joints and meshes as `character.toml` has them."""

    joints: dict[str, dict[str, Any]] = field(default_factory=dict)
    meshes: dict[str, dict[str, Any]] = field(default_factory=dict)
    irises: list[str] = field(default_factory=list)
    glints: list[str] = field(default_factory=list)
    gaze: dict[str, list[int]] = field(default_factory=dict)


def hang(drafts: Drafts, face: Face, canvas: Size) -> None:
    """Hang every slot on a joint (`Draft.joint`), as far as that is known before slots are named."""
    _Rigging(drafts, face, canvas).hang()


def rig(drafts: Drafts, face: Face, canvas: Size) -> Rig:
    """Hang every slot on a joint and make the joints that are used."""
    made = _Rigging(drafts, face, canvas)
    made.hang()
    return made.rig()


class _Rigging:
    def __init__(self, drafts: Drafts, face: Face, canvas: Size) -> None:
        self._drafts = drafts
        self._face = face
        self._canvas = canvas
        self._own: dict[str, tuple[str, tuple[float, float]]] = {}
        """Joint -> its parent and its pivot, of those that one slot has for itself."""

    def hang(self) -> None:
        base = ""
        for slot in self._drafts.slots:
            joint = self._joint(slot)
            if (
                slot.clip
                and base
                and (joint == base or slot.role not in (*EYE_ROLES, "mouth", "shut", "brow"))
            ):
                joint = base
            elif marker := self._marker(slot):
                joint = self._with_pivot(joint, marker)
            if not slot.clip:
                base = joint
            slot.joint = joint

    def _marker(self, slot: Draft) -> tuple[float, float] | None:
        for path in slot.paths:
            if path[-1].casefold() in self._drafts.pivots:
                return self._drafts.pivots[path[-1].casefold()]
        return None

    def _with_pivot(self, parent: str, pivot: tuple[float, float]) -> str:
        name = f"own_{len(self._own) + 1}"
        self._own[name] = parent, pivot
        return name

    def _joint(self, slot: Draft) -> str:
        role, side = slot.role, slot.side
        if role in _JOINT_OF:
            return _JOINT_OF[role]
        if role in _IRISES and side:
            return f"iris_{side}"
        if role == "glint" and side:
            return f"glint_{side}"
        if role in ("iris", "pupil", "glint"):
            return "face"
        if role == "brow":
            return f"brow_{side}" if side else "face"
        if role == "hair_side":
            return f"hair_{side_of(slot, self._face)}"
        if role in ARMS:
            return f"arm_{side_of(slot, self._face)}"
        if role == "hair":
            return "hair_back" if self._is_behind(slot) else "hair_front"
        return self._by_place(slot)

    def _is_behind(self, slot: Draft) -> bool:
        slots = self._drafts.slots
        skins = [slots.index(s) for s in self._drafts.of("face", "head", *EYE_ROLES)]
        return bool(skins) and slots.index(slot) < min(skins)

    def _by_place(self, slot: Draft) -> str:
        """The head for what lies on it, else the body."""
        face, box = self._face, slot.box
        middle, bottom = box.y + box.height / 2, box.y + box.height
        reach = 0.5 * (face.chin - face.mouth)
        on_head = bottom < face.chin + reach or (middle < face.mouth and bottom < face.chin + 4 * reach)
        return "head" if on_head and face.is_own else "torso"

    def rig(self) -> Rig:
        made = Rig()
        used = {slot.joint for slot in self._drafts.slots}
        every = Joints(self._drafts, self._face, self._canvas).every()
        for name, (parent, pivot) in self._own.items():
            swings = (
                {"sway": 1.6, "sway_slow": 1.2}
                if parent not in ("torso", "body")
                else {"sway": 0.8, "breath": 0.6}
            )
            every[name] = {"parent": parent, "pivot": rounded(pivot), "rotate": swings}
        if "mouth" in used:
            every["mouth"]["pivot"] = self._mouth_pivot()
        wanted = set()
        for name in used:
            while name and name not in wanted:
                wanted.add(name)
                name = every[name].get("parent", "")
        made.joints = {name: joint for name, joint in every.items() if name in wanted}
        self._gaze(made, used)
        self._meshes(made)
        return made

    def _mouth_pivot(self) -> list[float]:
        slot = next(s for s in self._drafts.slots if s.role == "mouth")
        picture = slot.shown
        box = picture.box if picture is not None and not picture.is_empty else slot.box
        return rounded((box.x + box.width / 2, box.y + box.height / 2))

    def _gaze(self, made: Rig, used: set[str]) -> None:
        seen = {slot.joint for slot in self._drafts.slots if slot.default}
        made.irises = [name for name in ("iris_left", "iris_right") if name in seen]
        made.glints = [name for name in ("glint_left", "glint_right") if name in used]
        if not made.irises:
            return
        pairs = []
        for side in ("left", "right"):
            irises = _shown(s for s in self._drafts.slots if s.role in _IRISES and s.side == side)
            whites = _shown(s for s in self._drafts.slots if s.role == "white" and s.side == side)
            if irises and whites:
                pairs.append((whites, irises))
        made.gaze = gaze_range(pairs, self._face.unit)

    def _meshes(self, made: Rig) -> None:
        if not self._face.is_own:
            self._lean(made)
            return
        self._turn(made)
        period = 1.9
        for slot in self._drafts.slots:
            box = slot.box
            long = box.height > 1.3 * box.width if slot.role != "hair_back" else True
            reaches = box.y + box.height > self._face.mouth
            if (
                slot.role not in _HANGS
                or slot.clip
                or slot.hidden
                or not (long and reaches)
                or len(made.meshes) > 8
            ):
                continue
            clipped = self._clipped_to(slot)
            slots = [s.name for s in (slot, *clipped)]
            root = box.y + (0.45 if slot.role == "hair_back" else 0.15) * box.height
            middle = box.x + box.width / 2
            made.meshes[f"hang_{slot.name}"[:64]] = {
                "slots": slots,
                "hang": [
                    {
                        "from": rounded((middle, root)),
                        "to": rounded((middle, box.y + box.height)),
                        "periods": [round(period, 2), round(period * 0.68, 2)],
                        "swing": 7 if slot.role == "hair_back" else 10,
                        "damping": 0.3,
                        "gravity": 0.6,
                    }
                ],
            }
            period = 1.5 if period > 1.8 else period + 0.13

    def _turn(self, made: Rig) -> None:
        """One mesh over the head and all that lies on the face: a ball that turns, so that the cheek behind
        narrows. Its rim lies a little beyond the outline of the skin, which stays where it is."""
        slots = self._drafts.slots
        skin = _shown(slot for slot in slots if slot.role in ("face", "head") and not slot.hidden)
        riding = [
            slot for slot in slots if slot.joint in _ON_BALL and slot.role not in _HANGS and slot.box.width
        ]
        if skin is None or len(riding) < 2:
            return
        face, u = self._face, self._face.unit
        across = min(skin.width / 2 + 6 * u, 1.9 * (face.chin - face.eyes))
        down = max(face.chin - face.eyes, 0.5 * skin.height) + 10 * u
        centre = face.centre, face.eyes + 0.35 * (face.mouth - face.eyes)
        box = union(slot.box for slot in riding)
        made.meshes["head"] = {
            "slots": [slot.name for slot in riding],
            "joint": "head",
            "box": [box.x - 8, box.y - 8, box.x + box.width + 8, box.y + box.height + 8],
            "ball": {
                "centre": rounded(centre),
                "radius": rounded((across, down)),
                "move": {
                    "head_yaw": [round(0.125 * across, 1), 0],
                    "head_pitch": [0, round(-0.065 * down, 1)],
                },
            },
        }

    def _clipped_to(self, slot: Draft) -> list[Draft]:
        slots = self._drafts.slots
        found = []
        for other in slots[slots.index(slot) + 1 :]:
            if not other.clip:
                break
            found.append(other)
        return found

    def _lean(self, made: Rig) -> None:
        """One mesh over everything: where the head is not apart, it turns by bending the picture at the
        neck."""
        face, u = self._face, self._face.unit
        box = face.figure
        slots = [slot for slot in self._drafts.slots if slot.role != "background" and slot.box.width]
        if not slots:
            return
        count = 12
        rows: dict[str, list[list[float]]] = {"head_yaw": [], "head_pitch": [], "head_roll": []}
        waist = face.chin + 1.6 * (face.chin - face.eyes)
        for k in range(count):
            y = box.y + box.height * k / (count - 1)
            share = min(1.0, max(0.0, (waist - y) / max(1.0, waist - face.eyes)))
            share = share * share * (3 - 2 * share)
            above = max(0.0, waist - y) / max(1.0, waist - face.eyes)
            rows["head_yaw"].append([round(15 * u * share, 1), 0])
            rows["head_pitch"].append([0, round(-7 * u * share, 1)])
            rows["head_roll"].append([round(14 * u * share * min(above, 1.6), 1), 0])
        made.meshes["figure"] = {"slots": [slot.name for slot in slots], "joint": "body", "rows": rows}


def _shown(slots: Any) -> Rect | None:
    box = union(slot.drawings[slot.default].box for slot in slots if slot.default)
    return box if box.width else None
