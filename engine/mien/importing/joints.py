"""Every joint that a character may have, its pivot and how far it moves, measured against the bundled
Wren."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from mien.art.layered.tree import union
from mien.importing.drafts import Draft, Drafts
from mien.importing.face import Face
from mien.importing.names import EYE_ROLES
from mien.types import Size

ARMS: Final = ("arm", "forearm", "hand")
"""Roles of what hangs on a shoulder."""


def side_of(slot: Draft, face: Face) -> str:
    """The side that a slot is named for, else the one that it lies on."""
    if slot.side:
        return slot.side
    return "left" if slot.box.x + slot.box.width / 2 > face.centre else "right"


def rounded(point: tuple[float, float]) -> list[float]:
    """A place in whole pixels."""
    return [round(point[0]), round(point[1])]


_BROW_TILT: Final = 16
"""Degrees that a brow turns at most. The bundled characters have brows for each mood, and turn by 9; where
there is one drawing, a brow that turns less says nothing."""


_BROW_RISE: Final = 16
"""How far a brow rises at most, in pixels of Wren's face; hers, which has drawings for that, by 11."""


class Joints:
    """Joints for what has been found, parents first."""

    def __init__(self, drafts: Drafts, face: Face, canvas: Size) -> None:
        self._drafts = drafts
        self._face = face
        self._canvas = canvas

    def every(self) -> dict[str, dict[str, Any]]:
        """All joints that there may be, parents first."""
        face, u = self._face, self._face.unit
        # What is not on a layer of its own can only move as far as nothing shows behind it.
        far = 1.0 if face.is_own else 0.0
        near = 1.0 if face.is_own else 0.35
        foot = (
            face.figure.x + face.figure.width / 2,
            min(self._canvas.height, face.figure.y + face.figure.height),
        )
        head = face.neck

        def move(**by: tuple[float, float]) -> dict[str, list[float]]:
            scaled = {channel: [round(x * u, 1), round(y * u, 1)] for channel, (x, y) in by.items()}
            return {channel: xy for channel, xy in scaled.items() if any(xy)}

        def joint(parent: str, pivot: tuple[float, float], **moves: Any) -> dict[str, Any]:
            made: dict[str, Any] = {"parent": parent} if parent else {}
            return made | {"pivot": rounded(pivot)} | {key: value for key, value in moves.items() if value}

        turn = {"head_roll": 4.2, "body_sway": -1.4} if face.is_own else {}
        joints = {
            "ground": joint("", foot),
            "body": joint(
                "",
                foot,
                rotate={"body_sway": 0.9},
                move=move(body_sway=(20, 0)),
                scale={"body_lean": [0.012, 0.012]},
            ),
            "torso": joint("body", foot, scale={"breath": [0.006, 0.012], "shrug": [0, 0.012]}),
            "neck": joint(
                "torso",
                face.at(0, 310),
                rotate={"head_roll": 1.4 * far},
                move=move(head_yaw=(6 * far, 0), head_pitch=(0, -1.7 * far)),
            ),
            "head": joint(
                "neck" if face.is_own else "torso",
                head,
                rotate=turn,
                move=move(head_yaw=(15 * far, 0), head_pitch=(0, -11 * far), breath=(0, -2 * far)),
            ),
            "ears": joint("head", face.at(0, 20), move=move(head_yaw=(-8 * far, 0), head_pitch=(0, 6 * far))),
            "face": joint(
                "head", face.at(0, 30), move=move(head_yaw=(16 * near, 0), head_pitch=(0, -13 * near))
            ),
            "cheeks": joint(
                "head", face.at(0, 70), move=move(head_yaw=(9 * near, 0), head_pitch=(0, -9 * near))
            ),
            "nose": joint(
                "face", face.at(0, 80), move=move(head_yaw=(7 * near, 0), head_pitch=(0, -4 * near))
            ),
            "mouth": joint("face", face.at(0, 121), move=move(jaw=(0, 3)), scale={"lips": [0, 1]}),
            "crown": joint(
                "head", face.at(0, -230), move=move(head_yaw=(8 * far, 0), head_pitch=(0, -6 * far))
            ),
            "ahoge": joint("crown", face.at(30, -330), rotate={"sway": 5, "bounce": -3}),
            "hair_back": joint(
                "head",
                face.at(0, -230),
                rotate={"sway_slow": 1.1 * far},
                move=move(head_yaw=(-10 * far, 0), head_pitch=(0, 5 * far), sway_slow=(3, 0), bounce=(0, 3)),
            ),
            "hair_front": joint(
                "head",
                face.at(0, -310),
                rotate={"sway": 0.8},
                move=move(head_yaw=(16 * far, 0), head_pitch=(0, -10 * far), bounce=(0, 2)),
            ),
            "tail": joint("torso", self._pivot_of("tail"), rotate={"sway_slow": 3, "sway": 2}),
        }
        for side, sign in (("left", 1), ("right", -1)):
            joints[f"hair_{side}"] = joint(
                "head",
                face.at(sign * 190, -170),
                rotate={"sway": 1.3, "sway_slow": 1.1},
                move=move(head_yaw=(12 * far, 0), head_pitch=(0, -5 * far), bounce=(0, 2.5)),
            )
            joints[f"brow_{side}"] = joint(
                "face",
                self._middle(("brow",), side) or face.at(sign * 98, -93),
                rotate={f"brow_{side}_tilt": _BROW_TILT * sign},
                move=move(**{f"brow_{side}_y": (0, -_BROW_RISE), f"brow_{side}_tilt": (0, -2)}),
            )
            eye = self._middle(EYE_ROLES, side) or face.at(sign * 100, 0)
            joints[f"iris_{side}"] = joint("face", eye)
            joints[f"glint_{side}"] = joint("face", eye)
            joints[f"arm_{side}"] = joint(
                "torso",
                self._shoulder(side) or face.at(sign * 280, 400),
                rotate={"body_sway": -1, "breath": -0.5 * sign, "shrug": -0.6 * sign},
            )
        return joints

    def _pivot_of(self, role: str) -> tuple[float, float]:
        """Where something is fastened: at the side of it that is next to the middle of the figure."""
        box = union(slot.box for slot in self._drafts.slots if slot.role == role)
        middle = self._face.figure.x + self._face.figure.width / 2
        x = box.x if box.x + box.width / 2 > middle else box.x + box.width
        return float(x), box.y + 0.6 * box.height

    def _middle(self, roles: Sequence[str], side: str) -> tuple[float, float] | None:
        box = union(slot.box for slot in self._drafts.slots if slot.role in roles and slot.side == side)
        return (box.x + box.width / 2, box.y + box.height / 2) if box.width else None

    def _shoulder(self, side: str) -> tuple[float, float] | None:
        box = union(s.box for s in self._drafts.slots if s.role in ARMS and side_of(s, self._face) == side)
        if not box.width:
            return None
        inner = 0.3 if side == "left" else 0.7
        return box.x + inner * box.width, box.y + 0.08 * box.height
