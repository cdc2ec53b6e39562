"""Expressions, as far as the art allows: moods of the mouth, lids, brows, and what the file has hidden."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mien.character import LID_SLANTS
from mien.importing.drafts import NOT_SHOWN, Drafts
from mien.importing.labels import MARKS
from mien.importing.mouths import MadeMouth
from mien.importing.rig import Rig
from mien.importing.source import path_text
from mien.types import CHANNEL_INDEX

_FACES: dict[str, dict[str, Any]] = {
    "happy": {
        "mood": "smile",
        "lids": ("glad",),
        "blush": True,
        "brows": (0.2, 0.0),
        "channels": {"head_roll": -0.35},
    },
    "joy": {
        "mood": "smile",
        "lids": ("happy",),
        "rest": "aa",
        "blush": True,
        "brows": (0.5, 0.0),
        "channels": {"head_roll": -0.5, "head_pitch": 0.25},
        "override_blink": "block",
    },
    "sad": {
        "mood": "frown",
        "lids": ("sorry",),
        "lids_without_brows": "three_quarter",
        "tear": True,
        "brows": (0.15, 1.0),
        "channels": {"head_pitch": -0.5, "head_roll": 0.3, "gaze_y": 0.35},
        "fade_ms": 420,
    },
    "angry": {
        "mood": "frown",
        "lids": ("stern",),
        "rest_made": "SS",
        "anger": True,
        "brows": (-1.0, -1.0),
        "channels": {"head_pitch": -0.25, "body_lean": 0.4},
        "fade_ms": 160,
    },
    "surprised": {
        "mood": "surprised",
        "lids": ("wide",),
        "rest": "O",
        "brows": (1.0, 0.1),
        "channels": {"head_pitch": 0.35, "shrug": 0.4},
        "fade_ms": 120,
    },
    "thinking": {
        "lids": ("thinking",),
        "brows": (0.75, 0.1),
        "other_brow": (-0.2, -0.15),
        "channels": {"gaze_x": 0.75, "gaze_y": -0.8, "head_roll": 0.4, "head_pitch": 0.2},
        "override_gaze": "blend",
    },
    "embarrassed": {
        "mood": "smile",
        "lids": ("embarrassed", "sorry", "three_quarter"),
        "blush": True,
        "sweat": True,
        "brows": (0.3, 0.8),
        "channels": {"gaze_x": -0.8, "gaze_y": 0.5, "head_roll": -0.4, "head_pitch": -0.3},
        "override_gaze": "blend",
    },
    "relaxed": {
        "mood": "smile",
        "lids": ("relaxed", "three_quarter"),
        "brows": (0.35, 0.35),
        "channels": {"head_roll": 0.5, "head_pitch": -0.15},
        "fade_ms": 380,
    },
}

ALIASES = {
    "smile": "happy",
    "fun": "happy",
    "laugh": "joy",
    "sorrow": "sad",
    "cry": "sad",
    "anger": "angry",
    "surprise": "surprised",
    "shy": "embarrassed",
    "curious": "thinking",
    "calm": "relaxed",
}

_MOOD_OF = {"joy": "happy"}
"""Expressions -> the mood whose brows and marks they show; of others the one that is called so."""


def expressions_of(drafts: Drafts, mouth: MadeMouth, rig: Rig) -> tuple[dict[str, Any], list[str]]:
    """`[expressions]` of a character, and a line on those that are left out, as they would look like
    neutral."""
    lids, moved = _lid_states(drafts), _moved(rig)
    shown = {viseme: drawing for drawing, said in mouth.moods["neutral"].items() for viseme in said}
    made: dict[str, Any] = {"neutral": {"rest_viseme": "aa"} if mouth.is_drawn_open else {}}
    at_rest = shown.get(made["neutral"].get("rest_viseme", "sil"))
    same: list[str] = []
    own_eyes = {mood: flat for slot in drafts.slots for mood, flat in slot.of_moods.items()}
    for name, face in _FACES.items():
        entry: dict[str, Any] = {}
        slots = _marks(drafts, name, face)
        brows = [slot for slot in drafts.slots if slot.role == "brow"]
        mood = _MOOD_OF.get(name, name)
        drawn = [slot for slot in brows if mood in slot.drawings]
        sides = {slot.side for slot in drawn}
        slots |= {slot.name: mood for slot in drawn}
        if slots:
            entry["slots"] = slots
        # Brows that turn say what a face means; lids that come down straight as well make it look tired.
        has_brows = drawn or {"brow_left", "brow_right"} & rig.joints.keys()
        states = (
            name if name in own_eyes else None,
            *face.get("lids", ()),
            None if has_brows else face.get("lids_without_brows"),
        )
        if state := next((state for state in states if state in lids), None):
            entry["lids"] = state
            if state == name and state in LID_SLANTS and own_eyes[name]:
                entry["override_blink"] = "block"  # a blink would open them
        of_mouth = next((one for one in (name, mood, face.get("mood")) if one in mouth.moods), "")
        if of_mouth:
            entry["mood"] = of_mouth
        rest = face.get("rest", "")
        if rest and (of_mouth not in ("surprised", mood) or _draws(mouth, of_mouth, rest)):
            entry["rest_viseme"] = rest
        elif face.get("rest_made") and not _draws(mouth, of_mouth, "sil"):
            entry["rest_viseme"] = face["rest_made"]
        channels = dict(face["channels"])
        for side, brow in (("left", "brows"), ("right", "other_brow")):
            lift, tilt = face.get(brow, face["brows"])
            if (
                side not in sides and f"brow_{side}" in rig.joints
            ):  # one that is drawn so is not turned as well
                channels |= {f"brow_{side}_y": lift} if lift else {}
                channels |= {f"brow_{side}_tilt": tilt} if tilt else {}
        entry["channels"] = channels
        if "lids" in entry and "override_blink" in face:
            entry["override_blink"] = face["override_blink"]
        entry |= {key: face[key] for key in ("override_gaze", "fade_ms") if key in face}
        differs = {"slots", "lids", "mood"} & entry.keys() or moved & channels.keys()
        if differs or shown.get(entry.get("rest_viseme", "")) not in (None, at_rest):
            made[name] = entry
        else:
            same.append(name)
    return made, [_left_out(same)] if same else []


def tell_shown(drafts: Drafts, expressions: Mapping[str, Any]) -> None:
    """Say in the table of what the file hides by which expressions it is shown."""
    shown: dict[str, list[str]] = {}
    for name, entry in expressions.items():
        for slot in entry.get("slots", {}):
            shown.setdefault(slot, []).append(name)
    hidden = {path_text(path): slot.name for slot in drafts.slots if slot.hidden for path in slot.paths}
    for row in drafts.rows:
        if row.status == "hidden" and (by := shown.get(hidden.get(row.layer, ""))):
            row.why = row.why.replace(NOT_SHOWN, f"shown by {', '.join(by)}")


def _draws(mouth: MadeMouth, mood: str, viseme: str) -> bool:
    """Whether the file draws what the mouth of a mood shows for a viseme."""
    shown = (drawing for drawing, said in mouth.moods.get(mood, {}).items() if viseme in said)
    return next(shown, "") in mouth.names.values()


def _left_out(names: list[str]) -> str:
    named = f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]
    return f"nothing is drawn that would show {named}; left out, or it would look as neutral does"


def _moved(rig: Rig) -> set[str]:
    """Channels that move something."""
    found = {"gaze_x", "gaze_y"} if rig.irises else set()

    def walk(value: Any) -> None:
        if isinstance(value, Mapping):
            found.update(CHANNEL_INDEX.keys() & value.keys())
            for inner in value.values():
                walk(inner)

    walk(rig.joints)
    walk(rig.meshes)
    return found


def _lid_states(drafts: Drafts) -> set[str]:
    """States that both eyes have drawings of."""
    sides = []
    for side in ("left", "right"):
        own = [slot for slot in drafts.slots if slot.side == side and slot.default == "open"]
        sides.append({name for slot in own for name in slot.drawings})
    return sides[0] & sides[1] if sides[0] and sides[1] else sides[0] | sides[1]


def _marks(drafts: Drafts, name: str, face: Mapping[str, Any]) -> dict[str, str]:
    """Slots of marks (blush, tears, sweat) that the file hides and an expression shows; those that lie with
    the face of a mood, with that alone."""
    hidden = [slot for slot in drafts.slots if slot.role in MARKS and slot.hidden]
    own = [slot for slot in hidden if slot.mood == _MOOD_OF.get(name, name)]
    roles = {slot.role for slot in own}
    plain = (slot for slot in hidden if not slot.mood and face.get(slot.role) and slot.role not in roles)
    return {slot.name: "on" for slot in (*own, *plain)}
