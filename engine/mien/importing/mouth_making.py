"""Mouths that a file lacks, made from those that it has: other vowels, smiles and frowns, in-betweens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from mien.art.folder import in_threads
from mien.art.layered.tree import union
from mien.importing.flatten import Picture
from mien.importing.mouth_curves import bent, bowed, outline_of
from mien.importing.mouth_drawings import SHAPES, Bows, Line, Shape, opened
from mien.importing.mouth_lines import line_of
from mien.importing.warping import is_large, stretched
from mien.lipsync.track import WIDE


@dataclass(frozen=True, slots=True)
class _Vowel:
    """A mouth that is made from the one that is open widest."""

    across: float
    down: float
    """How wide and how high, against it."""
    least: float
    most: float
    """Bounds of `Outline.hang`."""


_VOWELS: Final = {
    "E": _Vowel(1.0, 0.62, 0.12, 0.5),
    "I": _Vowel(1.04, 0.4, 0.12, 0.5),
    "O": _Vowel(0.72, 0.88, -0.08, 0.08),
    "U": _Vowel(0.56, 0.5, -0.08, 0.08),
    "SS": _Vowel(0.98, 0.3, 0.12, 0.5),
    "FF": _Vowel(0.8, 0.28, 0.12, 0.5),
    "nn": _Vowel(0.9, 0.45, 0.12, 0.5),
}


@dataclass(frozen=True, slots=True)
class _Mood:
    """How the mouths of a mood lie; shares of a mouth's width, but for `hang`."""

    lift: float
    """`Outline.lift` of one that is shut."""
    apart: float
    """By how much it differs from the neutral one at least."""
    most: float
    """How far that goes, however the neutral one lies."""
    open_lift: float
    above: float
    full: tuple[float, float]
    """Of one that is open, as of `Bows`."""
    round_hang: float
    """`Outline.hang` of one that is round."""
    across: float
    """How wide, against the neutral one."""
    waves: float
    """How much of the waves of a line stays: a cat's mouth that smiles is one still."""

    def bows(self, shape: Shape) -> Bows:
        """How the lips of one lie that is drawn from a line."""
        if shape.is_round:
            return Bows(0.4 * self.open_lift, 0.5 - self.round_hang, (0.5, 0.5))
        return Bows(self.open_lift, self.above, self.full)

    def lift_from(self, own: float) -> float:
        """The lift of one that is shut, of the neutral one's."""
        sign = 1.0 if self.lift > 0 else -1.0
        lift, own = sign * self.lift, sign * own
        return sign * min(max(lift, own + sign * self.apart), max(sign * self.most, own))


_MOODS: Final = {
    "smile": _Mood(0.17, 0.07, 0.3, 0.07, 0.05, (1.0, 0.6), 0.14, 1.08, 1.0),
    "frown": _Mood(-0.15, -0.07, -0.26, -0.08, 0.68, (0.62, 1.0), -0.1, 0.94, 0.0),
}
_LIKE: Final = {
    **dict.fromkeys(("happy", "embarrassed", "relaxed"), "smile"),
    **dict.fromkeys(("sad", "angry"), "frown"),
}
"""Moods that a file may have a mouth of beside those -> the one that theirs are bent as."""

_MOST_ROUND: Final = 0.2
"""How far `Outline.hang` of a mouth that is round changes at most: it would not be round any more."""
_ROUND: Final = frozenset(("O", "U"))
_WIDE: Final = frozenset(("aa", "E", "I"))
_SILENT: Final = frozenset(("sil", "PP"))
_TEETH: Final = frozenset(("SS", "FF"))
"""Mouths that show hardly more than teeth: no stretched one does."""
_BENT: Final = frozenset(("sil", "PP", "aa", "E", "I", "O", "U", "SS", "FF"))
"""What each mood has a mouth of its own for; others show what is nearest."""

_HALF: Final = 0.55

_SAME: Final = 0.45
"""How much of what pictures of a mouth show is the same at most."""


@dataclass(frozen=True, slots=True, eq=False)
class _Opened:
    """Mouths that are drawn from the line of the one at rest."""

    line: Line
    room: float
    """As of `opened`."""
    shapes: dict[str, tuple[Shape, Bows | None]] = field(default_factory=dict)
    """How each is drawn, by its name."""

    def drawn(self, name: str, shape: Shape, bows: Bows | None = None) -> Picture:
        """One of them."""
        self.shapes[name] = shape, bows
        return opened(self.line, self.room, shape, bows)


def made_up(
    drawings: dict[str, Picture],
    moods: dict[str, dict[str, list[str]]],
    rest: str,
    wide: str,
    room: float,
    made: list[tuple[str, str]],
) -> dict[str, dict[str, list[str]]]:
    """Add mouths and moods that the file lacks, where its pictures can be bent. Returns the in-betweens.

    `drawings`, `moods` (mood -> drawing -> visemes) and `made` (drawing, from what) get what is made; `rest`
    and `wide` are the drawings of the neutral mouth at rest and open widest, `room` as of `opened`.
    """
    if not _is_mouth_alone(drawings, rest, wide):
        return {}
    from_line = _Opened(Line.of(drawings[rest]), room)
    if wide == "made_aa":
        from_line.shapes[wide] = SHAPES["aa"], None
    made += _vowels(moods["neutral"], drawings, rest, wide, from_line)
    for mood in (*_MOODS, *(mood for mood in _LIKE if mood in moods)):
        way = _way(mood)
        bent_ones = _bent_mood(moods["neutral"], drawings, mood, moods.get(mood, {}), from_line)
        if bent_ones:
            moods[mood] = {**moods.get(mood, {}), **bent_ones}
            made.append(
                (f"{mood}_*", f"neutral mouths, their corners bent {'up' if way.lift > 0 else 'down'}")
            )
    neutral = _half(drawings, moods["neutral"], made, from_line)
    if not neutral:
        return {}
    return {mood: _half(drawings, shown, made, from_line) or neutral for mood, shown in moods.items()}


def _way(mood: str) -> _Mood:
    return _MOODS[_LIKE.get(mood, mood)]


def _is_mouth_alone(drawings: Mapping[str, Picture], rest: str, wide: str) -> bool:
    """Whether pictures of a mouth show it and hardly more, so that it may be stretched and bent: what
    differs between the shut and the open one is most of them, and little is the same, as of a snout."""
    if is_large(drawings[rest].box) or is_large(drawings[wide].box):
        return False
    if rest.startswith("made_") or wide.startswith("made_"):
        return True
    box = union((drawings[rest].box, drawings[wide].box))
    one, other = (drawings[name].within(box).astype(np.int16) for name in (rest, wide))
    apart = np.abs(one - other).max(axis=-1) > 24
    rows, columns = np.flatnonzero(apart.any(axis=1)), np.flatnonzero(apart.any(axis=0))
    drawn = np.stack((one[..., 3], other[..., 3])) > 128
    if not len(rows) or (drawn.all(axis=0) & ~apart).sum() > _SAME * drawn.any(axis=0).sum():
        return False
    return bool((rows[-1] - rows[0]) * (columns[-1] - columns[0]) > 0.45 * box.width * box.height)


def _vowels(
    neutral: dict[str, list[str]], drawings: dict[str, Picture], rest: str, wide: str, from_line: _Opened
) -> list[tuple[str, str]]:
    """Add the vowels that a mouth with hardly any lacks: drawn as the widest was, or made from that."""
    shown = {viseme for visemes in neutral.values() for viseme in visemes}
    if len(shown & {"E", "I", "O", "U", "SS"}) > 1:
        return []
    line = None if rest.startswith("made_") else outline_of(drawings[rest])
    is_line, border = False, 2.0
    if line is not None and line.is_shut:
        is_line = True
        border = float(np.clip((line.lower - line.upper).mean(), 1.0, 0.12 * line.box.width))
    outline = outline_of(drawings[wide], may_be_shut=False)
    is_round = outline is None or outline.is_round
    lacking = [viseme for viseme in _VOWELS if viseme not in shown and (is_line or viseme != "FF")]

    def made(viseme: str) -> tuple[Picture, str]:
        if is_line and (wide == "made_aa" or viseme in _TEETH or (is_round and viseme != "O")):
            return from_line.drawn(f"made_{viseme}", SHAPES[viseme]), f"the line of {rest}, opened"
        return _vowel(drawings[wide], _VOWELS[viseme], border), f"{wide}, stretched"

    drawn = in_threads(made, lacking)
    for viseme, (one, _) in zip(lacking, drawn, strict=True):
        drawings[f"made_{viseme}"] = one
        neutral[f"made_{viseme}"] = [viseme]
    return [(f"made_{viseme}", why) for viseme, (_, why) in zip(lacking, drawn, strict=True)]


def _vowel(wide: Picture, vowel: _Vowel, border: float) -> Picture:
    """A mouth that is open less, or less wide, from the widest; its outline as thick as that one's."""
    outline = outline_of(wide, may_be_shut=False)
    if outline is None:
        about = wide.box.x + wide.box.width / 2, wide.box.y + 0.25 * wide.box.height
        return stretched(wide, vowel.across, vowel.down, about)
    outline = outline.stretched(vowel.across)
    hang = min(max(outline.hang, vowel.least), vowel.most)
    return bent(outline, 0.0, hang, vowel.down, border)


def _bent_mood(
    neutral: Mapping[str, list[str]],
    drawings: dict[str, Picture],
    mood: str,
    drawn: Mapping[str, list[str]],
    from_line: _Opened,
) -> dict[str, list[str]]:
    """What of a mood the file does not draw: the mouths of neutral with their corners higher or lower."""
    made: dict[str, list[str]] = {}
    of: dict[str, tuple[str, set[str]]] = {}
    shown = {viseme for visemes in drawn.values() for viseme in visemes}
    for drawing, found in neutral.items():
        visemes = [viseme for viseme in found if viseme not in shown]
        if _BENT & {*visemes} and not drawings[drawing].is_empty:
            name = f"{mood}_{drawing.removeprefix('made_')}"
            of[name] = drawing, {*found}
            made[name] = visemes
    way = _way(mood)

    def in_mood(name: str) -> Picture:
        drawing, visemes = of[name]
        if drawing not in from_line.shapes:
            return _in_mood(drawings[drawing], visemes, way)
        shape, _ = from_line.shapes[drawing]
        shape = replace(shape, across=shape.across * way.across)
        return from_line.drawn(name, shape, way.bows(shape))

    drawings.update(zip(of, in_threads(in_mood, of), strict=True))
    return made


def _in_mood(picture: Picture, visemes: set[str], way: _Mood) -> Picture:
    """A neutral mouth that says this, as a mood has it."""
    outline = outline_of(picture, may_be_shut=bool(_SILENT & visemes))
    if outline is None:
        return picture
    outline = outline.stretched(way.across)
    if outline.is_shut:
        line, lift = line_of(outline), way.lift_from(outline.lift)
        return line.bent(lift, way.waves) if line is not None else bent(outline, lift, 0.0)
    if outline.is_round or (_ROUND & visemes and not visemes & _WIDE):
        hang = min(max(way.round_hang, outline.hang - _MOST_ROUND), outline.hang + _MOST_ROUND)
        return bent(outline, 0.4 * way.open_lift, hang)
    border = 0.06 * outline.box.width  # about as thick as its outline is
    return bowed(outline, way.open_lift, way.above, way.full, border)


def _half(
    drawings: dict[str, Picture],
    shown: Mapping[str, list[str]],
    made: list[tuple[str, str]],
    from_line: _Opened,
) -> dict[str, list[str]]:
    """In-betweens of what a mood opens wide with: half as high."""
    halves: dict[str, list[str]] = {}
    for drawing, visemes in shown.items():
        wide = [viseme for viseme in WIDE if viseme in visemes]
        picture = drawings[drawing]
        if not wide or picture.is_empty:
            continue
        if "sil" in visemes:
            continue
        name = f"{drawing}_half"
        if name not in drawings:
            if drawing in from_line.shapes:
                shape, bows = from_line.shapes[drawing]
                shape = replace(shape, across=0.96 * shape.across, drop=_HALF * shape.drop)
                drawings[name] = from_line.drawn(name, shape, bows)
            else:
                about = picture.box.x + picture.box.width / 2, picture.box.y + 0.2 * picture.box.height
                drawings[name] = stretched(picture, 0.96, _HALF, about)
            made.append((name, f"{drawing}, half open"))
        halves[name] = wide
    return halves
