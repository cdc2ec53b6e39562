"""The expressions of a set of whole pictures: each shows its own drawings, and all of it moves as one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np

from mien.importing.drafts import Draft, Drafts
from mien.importing.extras import Extras
from mien.importing.face import Face as Place
from mien.importing.flatten import Picture
from mien.importing.pictures.rows import FIGURE, MADE, told
from mien.importing.rig import Rig
from mien.importing.source import Path, path_text
from mien.motion.labels import CHAINS
from mien.types import VISEMES

SLOT = "expression"

BEFORE_LIDS: Final = "before_lids"
"""The slot, and the last of the path of its layers, of what a face has over its lids."""


@dataclass(slots=True)
class Face:
    """What one expression shows."""

    shows: bool = False
    """Whether it changes more than the mouth."""
    is_pose: bool = False
    """Whether it is a picture of its own, that nothing else fits on."""
    is_shut: bool = False
    """Whether its own eyes are both shut: it does not blink."""
    mood: str = ""
    rest: str = ""
    """What its mouth shows in silence, where it is not shut."""


@dataclass(slots=True, eq=False)
class Faces(Extras):
    """All of them; puts what they show into one slot, and hangs everything on one joint."""

    poses: set[str] = field(default_factory=set)
    faces: dict[str, Face] = field(default_factory=dict)
    has_lids: bool = False
    unsure: set[str] = field(default_factory=set)
    """Of `eye` and `mouth` those whose place was guessed."""
    plain: str = ""
    """What the plain picture is called."""
    shown: dict[str, tuple[str, str]] = field(default_factory=dict)
    """As of `told`."""

    def of(self, expression: str) -> Face:
        """One, to be filled in."""
        return self.faces.setdefault(expression, Face())

    def is_made(self, path: Path) -> bool:
        """What is in no picture of the set."""
        return path[0] == MADE

    def slots(self, drafts: Drafts) -> None:
        """One slot for what faces change, and one for all of the figure where there are other poses."""
        figure = next((slot for slot in drafts.slots if not slot.hidden and slot.role != "mouth"), None)
        if figure is None:
            return  # nothing of the plain picture is seen
        figure.name = FIGURE
        self.shown |= {path_text(path): (path_text(path), FIGURE) for path in figure.paths}
        joined: dict[str, Draft] = {}
        for slot in [s for s in drafts.slots if s.hidden and not s.role and s.name in self.faces]:
            picture: Picture = next(iter(slot.drawings.values()))
            drafts.slots.remove(slot)
            self._tell(slot)
            if self.faces[slot.name].is_pose:
                figure.drawings[slot.name] = picture
                figure.paths = (*figure.paths, *slot.paths)
                continue
            kind = BEFORE_LIDS if slot.paths[0][1:] == (BEFORE_LIDS,) else SLOT
            if kind not in joined:
                joined[kind] = replace(slot, name=kind, drawings={}, paths=(), why="what the faces change")
                at = drafts.slots.index(figure) + 1 if kind == SLOT else len(drafts.slots)
                drafts.slots.insert(at, joined[kind])
            joined[kind].drawings[slot.name] = picture
            joined[kind].paths = (*joined[kind].paths, *slot.paths)
        for slot in joined.values():
            slot.hidden = False
        mouth = next((slot for slot in drafts.slots if slot.role == "mouth"), None)
        if mouth is not None and any(face.is_pose for face in self.faces.values()):
            mouth.drawings["clear"] = Picture(np.zeros((1, 1, 4), np.uint8), mouth.box[:2])

    def _tell(self, slot: Draft) -> None:
        """Note for the table what becomes of what a face changes."""
        picture, *rest = slot.paths[0]
        into = FIGURE if self.faces[slot.name].is_pose else BEFORE_LIDS if rest else SLOT
        self.shown[path_text(slot.paths[0])] = picture, f"{into}: {slot.name}"

    def joints(self, drafts: Drafts, rig: Rig, face: Place) -> None:
        """Everything lies on the torso; what bends it bends all of it alike."""
        for slot in drafts.slots:
            if slot.role != "mouth":
                slot.joint = "torso"
        mouth = rig.joints.get("mouth")
        kept = {name: joint for name, joint in rig.joints.items() if name in ("body", "torso")}
        if mouth is not None:
            kept["mouth"] = {**mouth, "parent": "torso"}
        rig.joints.clear()
        rig.joints.update(kept)
        del face

    def finish(self, document: dict[str, Any], drafts: Drafts) -> None:
        """The expressions of the set in place of those that are made for every character, if it has any."""
        drafts.rows[:] = told(drafts.rows, self.shown, self.plain, self.unsure)
        drawn = {slot.name: slot.drawings for slot in drafts.slots if slot.name in (SLOT, BEFORE_LIDS)}
        moods = document["mouth"]["moods"]
        own: dict[str, dict[str, Any]] = {"neutral": {}}
        for name, face in self.faces.items():
            if face.mood in moods and not face.is_pose:
                _add_sounds(moods, name, face.mood)
        for name, face in self.faces.items():
            entry: dict[str, Any] = {}
            if face.is_pose:
                entry["slots"] = {"figure": name}
                entry["override_blink"] = "block"
            elif shown := {slot: name for slot, drawings in drawn.items() if name in drawings}:
                entry["slots"] = shown
            if face.is_shut:
                entry["override_blink"] = "block"
            if face.mood in moods:
                entry["mood"] = face.mood
            if face.rest:
                entry["rest_viseme"] = face.rest
            own[name] = entry
        if len(own) > 1:
            document["expressions"] = own
        known = document["expressions"]
        aliases = document.get("aliases", {})
        near = {word: of for word in _COMMON if word not in known and (of := _nearest(word, known))}
        found = {alias: near.get(of, of) for alias, of in {**aliases, **near}.items()}
        document["aliases"] = {a: of for a, of in found.items() if of in known and a not in known}
        _blank_poses(self, document, drafts)
        document.pop("gestures", None)


def _add_sounds(moods: dict[str, dict[str, list[str]]], expression: str, mood: str) -> None:
    """Give a mood the sounds that the set doesn't draw for it: the plain ones, their corners up or down."""
    own = moods[mood]
    if {"aa"} & {viseme for visemes in own.values() for viseme in visemes} and len(own) > 1:
        return
    said = {viseme for visemes in own.values() for viseme in visemes} | {"sil", "PP"}
    for drawing, visemes in moods.get(_bent(expression), {}).items():
        more = [viseme for viseme in visemes if viseme not in said]
        if more and drawing not in own:
            own[drawing] = more


_COMMON: Final = ("happy", "sad", "angry", "surprised", "relaxed", "thinking", "embarrassed")
"""What hosts ask for, whatever the pictures of a set are called."""


def _nearest(word: str, known: Iterable[str]) -> str:
    """The expression that is nearest to a word: that would show it first, had it none; empty for none."""
    places = {name: CHAINS[name].index(word) for name in known if word in CHAINS.get(name, ())}
    return min(places, key=lambda name: places[name]) if places else ""


_LOW: Final = {"sad", "angry", "worried", "skeptical", "embarrassed"}


def _bent(expression: str) -> str:
    """The mood whose mouths fit an expression: smiles what is near happiness, frowns what is near sorrow,
    anger or doubt."""
    near = {expression, *CHAINS.get(expression, ())}
    return "smile" if "happy" in near else "frown" if near & _LOW else "neutral"


def _blank_poses(faces: Faces, document: dict[str, Any], drafts: Drafts) -> None:
    """Of poses without mouths of their own no mouth is shown: a mood without a drawing for any sound."""
    moods = document["mouth"]["moods"]
    poses = [name for name, face in faces.faces.items() if face.is_pose and face.mood not in moods]
    mouth = next(slot for slot in drafts.slots if slot.role == "mouth")
    if poses and "clear" in mouth.drawings:
        document["mouth"]["moods"]["clear"] = {"clear": list(VISEMES)}
        for name in poses:
            document["expressions"][name]["mood"] = "clear"
