"""Mouths: which drawing says what, and the ones that a file lacks, made from those that it has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mien.importing.drafts import Draft
from mien.importing.flatten import EMPTY, Picture
from mien.importing.mouth_drawings import Line, is_open, opened, shut
from mien.importing.mouth_lines import hung, without_stem
from mien.importing.mouth_making import made_up
from mien.importing.names import MOUTH_MOODS, is_numbered, read_name
from mien.importing.naming import own_name, plain_name
from mien.lipsync.fallback import NEIGHBOURS
from mien.types import VISEMES

SHOWS = {
    "sil": ("sil",),
    "PP": ("PP",),
    "FF": ("FF",),
    "TH": ("TH",),
    "DD": ("DD", "nn", "TH"),
    "kk": ("kk",),
    "CH": ("CH",),
    "SS": ("SS", "CH"),
    "nn": ("nn",),
    "LL": ("nn", "TH"),
    "RR": ("RR",),
    "aa": ("aa",),
    "E": ("E",),
    "I": ("I",),
    "O": ("O",),
    "U": ("U",),
    "UH": ("kk", "E"),
}
"""What a mouth of each name shows, the first for certain and the others where nothing else does."""


@dataclass(slots=True)
class MadeMouth:
    """The mouth of a character."""

    drawings: dict[str, Picture]
    moods: dict[str, dict[str, list[str]]]
    """Mood -> drawing -> visemes."""
    halves: dict[str, dict[str, list[str]]]
    made: list[tuple[str, str]]
    """(drawing, from what) of those that were made up."""
    default: str
    names: Mapping[int, str]
    """The drawing of each draft that it was made of, by id."""
    is_drawn_open: bool = False
    """Whether the file shows one that is open, and none that is shut: so it is at rest."""


def shapes_of(drafts: Sequence[Draft]) -> dict[tuple[str, str], Draft]:
    """(mood, shape) -> the drawing that shows it; of several the one that the file shows, then the topmost.

    The mood is empty where none is said. What says nothing is left out.
    """
    found: dict[tuple[str, str], Draft] = {}
    for draft in drafts:
        mood, _, shape = draft.lid_state.rpartition("/")
        if shape in MOUTH_MOODS:
            mood, shape = shape, "sil"
        if shape:
            key = mood, shape
            if key not in found or found[key].hidden or not draft.hidden:
                found[key] = draft
    return found


def make_mouth(drafts: Sequence[Draft], room: float, over_face: bool) -> MadeMouth:
    """The mouth from its single drawings.

    `room`: how far down the lower lip may go, in pixels. `over_face`: the face below has a mouth drawn on it
    already, so that nothing need be shown at rest.
    """
    names = _names(drafts)
    shapes = shapes_of(drafts)
    made: list[tuple[str, str]] = []
    drawings: dict[str, Picture] = {}
    for draft in drafts:
        drawings.setdefault(names[id(draft)], next(iter(draft.drawings.values())))
    neutral = {shape: names[id(draft)] for (mood, shape), draft in shapes.items() if not mood}
    rest = _rest(drafts, neutral, names)
    wide = _wide(drafts, neutral, names, rest)
    if rest and not wide and is_open(drawings[rest]):
        rest, wide = "", rest
    if not (rest or wide):  # moods alone have mouths
        rest = wide = "none"
        drawings["none"] = Picture(np.zeros((1, 1, 4), np.uint8), drafts[0].box[:2])
        made.append(("none", "no mouth of the plain face was found"))
    whole, stem = {rest: drawings[rest]} if rest else {}, EMPTY
    if rest and not wide:
        drawings[rest], stem = without_stem(drawings[rest])
    if not wide:
        drawings["made_aa"] = opened(Line.of(drawings[rest]), room)
        made.append(("made_aa", f"the line of {rest}, opened"))
        wide = "made_aa"
    is_drawn_open = False
    if not rest:
        if over_face:
            drawings["made_sil"] = Picture(np.zeros((1, 1, 4), np.uint8), drawings[wide].offset)
            made.append(("made_sil", "nothing: the face has a mouth drawn on it"))
        else:
            drawings["made_sil"] = shut(drawings[wide])
            made.append(("made_sil", f"{wide}, squeezed to a line"))
            is_drawn_open = any(names[id(draft)] == wide and not draft.hidden for draft in drafts)
        rest = "made_sil"
    moods = {"neutral": _visemes(neutral, rest, wide)}
    for mood in dict.fromkeys((*MOUTH_MOODS, *(of for of, _ in shapes if of))):
        own = {shape: names[id(draft)] for (of, shape), draft in shapes.items() if of == mood}
        if own:
            moods[mood] = _visemes(own, own.get("sil", ""), own.get("aa", ""))
    halves = made_up(drawings, moods, rest, wide, room, made)
    drawn = set(names.values())
    drawings |= {name: hung(one, stem) for name, one in drawings.items() if name not in drawn} | whole
    for mood, shown in moods.items():
        if mood == "neutral" or any("aa" in visemes for visemes in shown.values()):
            _complete(shown)
    return MadeMouth(drawings, moods, halves, made, rest, names, is_drawn_open)


def _names(drafts: Sequence[Draft]) -> dict[int, str]:
    """A drawing's name for each, by what it shows, else by its layer's."""
    taken: set[str] = set()
    known: dict[object, str] = {}
    names = {}
    for draft in drafts:
        picture = next(iter(draft.drawings.values()))
        key = picture.offset, picture.pixels.shape, picture.pixels.tobytes()
        if key not in known:
            base = draft.lid_state.replace("/", "_") or draft.name
            known[key] = own_name(plain_name(base, "mouth"), taken)
        names[id(draft)] = known[key]
    return names


def _rest(drafts: Sequence[Draft], neutral: Mapping[str, str], names: Mapping[int, str]) -> str:
    """The mouth at rest: so named, else the one that is shown where it is not one that speaks, of several
    that are counted, or where none is, the flattest."""
    for shape in ("sil", "PP"):
        if shape in neutral:
            return neutral[shape]
    silent = [draft for draft in drafts if not draft.lid_state]
    shown = [draft for draft in silent if not draft.hidden]
    counted = [draft for draft in shown if is_numbered(read_name(draft.name, "mouth"))]
    of = shown[:1] if len(counted) < 2 else counted
    if silent:
        return names[id(min(of or silent, key=lambda d: d.box.height / max(1, d.box.width)))]
    mild = [draft for draft in drafts if draft.lid_state in MOUTH_MOODS and not draft.hidden]
    return names[id(mild[0])] if mild else ""


def _wide(drafts: Sequence[Draft], neutral: Mapping[str, str], names: Mapping[int, str], rest: str) -> str:
    """The mouth that is open widest: so named, else the highest of those that say nothing."""
    for shape in ("aa", "O", "E", "UH"):
        if shape in neutral and neutral[shape] != rest:
            return neutral[shape]
    silent = [draft for draft in drafts if not draft.lid_state and names[id(draft)] != rest]
    by_height = sorted(silent, key=lambda d: d.box.height)
    if by_height and is_open(next(iter(by_height[-1].drawings.values()))):
        return names[id(by_height[-1])]
    return ""


def _visemes(shapes: Mapping[str, str], rest: str, wide: str) -> dict[str, list[str]]:
    """Drawing -> visemes of one mood; each viseme once, what is certain first."""
    shown: dict[str, str] = {}
    for shape, drawing in shapes.items():
        shown.setdefault(SHOWS[shape][0], drawing)
    for shape, drawing in shapes.items():
        for viseme in SHOWS[shape][1:]:
            shown.setdefault(viseme, drawing)
    if rest:
        shown.setdefault("sil", rest)
    if wide:
        shown.setdefault("aa", wide)
    by_drawing: dict[str, list[str]] = {}
    for viseme in VISEMES:
        if viseme in shown:
            by_drawing.setdefault(shown[viseme], []).append(viseme)
    return by_drawing


def _complete(shown: dict[str, list[str]]) -> None:
    """Say of every viseme what shows it: where nothing does, what shows its nearest neighbour."""
    by_viseme = {viseme: drawing for drawing, visemes in shown.items() for viseme in visemes}
    for viseme in VISEMES:
        if viseme not in by_viseme:
            near = next((by_viseme[other] for other in NEIGHBOURS[viseme] if other in by_viseme), None)
            if near is not None:
                shown[near].append(viseme)
