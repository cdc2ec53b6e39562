"""Expressions, as far as the art allows: moods of the mouth, lids, brows, and what the file has hidden."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mien.importing.drafts import Drafts
from mien.importing.mouths import MadeMouth

_FACES: dict[str, dict[str, Any]] = {
    "happy": {"mood": "smile", "blush": True, "brows": (0.2, 0.0), "channels": {"head_roll": -0.35}},
    "joy": {
        "mood": "smile",
        "lids": "happy",
        "rest": "aa",
        "blush": True,
        "brows": (0.5, 0.0),
        "channels": {"head_roll": -0.5, "head_pitch": 0.25},
        "override_blink": "block",
    },
    "sad": {
        "mood": "frown",
        "lids_without_brows": "three_quarter",
        "tear": True,
        "brows": (0.15, 1.0),
        "channels": {"head_pitch": -0.5, "head_roll": 0.3, "gaze_y": 0.35},
        "fade_ms": 420,
    },
    "angry": {
        "mood": "frown",
        "lids_without_brows": "three_quarter",
        "anger": True,
        "brows": (-1.0, -1.0),
        "channels": {"head_pitch": -0.25},
        "fade_ms": 160,
    },
    "surprised": {
        "mood": "surprised",
        "lids": "wide",
        "rest": "O",
        "brows": (1.0, 0.1),
        "channels": {"head_pitch": 0.35, "shrug": 0.4},
        "fade_ms": 120,
    },
    "thinking": {
        "brows": (0.3, -0.12),
        "channels": {"gaze_x": 0.75, "gaze_y": -0.8, "head_roll": 0.4, "head_pitch": 0.2},
        "override_gaze": "blend",
    },
    "embarrassed": {
        "mood": "smile",
        "lids": "three_quarter",
        "blush": True,
        "sweat": True,
        "brows": (0.1, 0.5),
        "channels": {"gaze_x": -0.8, "gaze_y": 0.5, "head_roll": -0.4, "head_pitch": -0.3},
        "override_gaze": "blend",
    },
    "relaxed": {
        "mood": "smile",
        "lids": "half",
        "brows": (0.0, 0.12),
        "channels": {"head_roll": -0.4, "head_pitch": -0.1},
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

_BROW_OF = {"happy": "happy", "joy": "happy", "sad": "sad", "angry": "angry", "surprised": "surprised"}


def expressions_of(drafts: Drafts, mouth: MadeMouth, joints: Mapping[str, Any]) -> dict[str, Any]:
    """`[expressions]` of a character."""
    lids = _lid_states(drafts)
    # A mouth that the file shows open is at rest as it is drawn.
    is_shut_here = mouth.default.startswith("made_") and not mouth.drawings[mouth.default].is_empty
    made: dict[str, Any] = {"neutral": {"rest_viseme": "aa"} if is_shut_here else {}}
    for name, face in _FACES.items():
        entry: dict[str, Any] = {}
        slots = _marks(drafts, face)
        brows = [slot for slot in drafts.slots if slot.role == "brow"]
        drawn = [slot for slot in brows if _BROW_OF.get(name) in slot.drawings]
        slots |= {slot.name: _BROW_OF[name] for slot in drawn}
        if slots:
            entry["slots"] = slots
        # Brows that turn say what a face means; lids that come down straight as well make it look tired.
        state = face.get("lids")
        if not drawn and not {"brow_left", "brow_right"} & joints.keys():
            state = face.get("lids_without_brows", state)
        if state in lids:
            entry["lids"] = state
        if (mood := face.get("mood")) in mouth.moods:
            entry["mood"] = mood
        if face.get("rest") and entry.get("mood") != "surprised":
            entry["rest_viseme"] = face["rest"]
        channels = dict(face["channels"])
        if not drawn:
            lift, tilt = face["brows"]
            for side in ("left", "right"):
                if f"brow_{side}" in joints:
                    channels |= {f"brow_{side}_y": lift} if lift else {}
                    channels |= {f"brow_{side}_tilt": tilt} if tilt else {}
        entry["channels"] = channels
        if "lids" in entry and "override_blink" in face:
            entry["override_blink"] = face["override_blink"]
        entry |= {key: face[key] for key in ("override_gaze", "fade_ms") if key in face}
        made[name] = entry
    return made


def _lid_states(drafts: Drafts) -> set[str]:
    """States that both eyes have drawings of."""
    sides = []
    for side in ("left", "right"):
        own = [slot for slot in drafts.slots if slot.side == side and slot.default == "open"]
        sides.append({name for slot in own for name in slot.drawings})
    return sides[0] & sides[1] if sides[0] and sides[1] else sides[0] | sides[1]


def _marks(drafts: Drafts, face: Mapping[str, Any]) -> dict[str, str]:
    """Slots of marks (blush, tears, sweat) that the file hides and an expression shows."""
    return {
        slot.name: "on"
        for slot in drafts.slots
        if slot.role in ("blush", "tear", "sweat", "anger") and slot.hidden and face.get(slot.role)
    }
