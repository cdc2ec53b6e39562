"""Blocking: who is on stage, where each stands, and what becomes of it when somebody comes, goes or moves.

The theatre's word for where actors stand and go. Who was given no place stands where the number of those on
stage has it: spread evenly, and the smaller the more there are. It changes as soon as one comes or goes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from mien.character import Character
from mien.script import Entered, Exited, Placed, Side, Staged
from mien.talk.row import beside, fills, spots, spread
from mien.types import Affine, Size

_GROWS: Final = 1.15
"""How much larger than on its pages nobody becomes by itself, since others have left: more is soft. Who has a
size above 1 grows by as much less: its neighbours grow too."""
_BESIDE: Final = 0.06
"""Widths of its canvas that somebody off stage is away from the edge: arms reach beyond the canvas."""

StageEvent: TypeAlias = Placed | Entered | Exited
"""What everybody sees of who comes, goes and moves."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a character stands."""

    x: float
    """The point between its eyes on the stage, pixels from the left."""
    y: float = 0.0
    """The same, pixels from the top."""
    character: Character | None = None
    """Known, gestures and echoes are derived for it; None derives only looks and nods."""


@dataclass(frozen=True, slots=True)
class Member:
    """One of the cast, on stage or off."""

    character: Character
    """As it is loaded."""
    place: tuple[float, float] | None = None
    """Of its anchor, in widths and heights of the frame; None: where the others leave it room."""
    size: float = 1.0
    """1 fills the frame's height, unless all would not stand beside each other then."""
    here: bool = True
    """On stage, or on its way there."""
    packed: float = 1.0
    """The size at which it was loaded for as many as were expected."""
    order: float = 0.0
    """Among those that are spread: ascending from left to right."""
    depth: float = 0.0
    """Who has a higher one is drawn in front."""
    gone_at: int = 0
    """Of one who is not here: the sample from which on nothing of it is seen."""


class Blocking:
    """Owned by the thread that draws; changed by `follow`, in order of time.

    Parameters: `frame` in pixels; `cast` by key, back to front; `expected`, for how many on stage at once
    they were loaded.
    """

    def __init__(self, frame: Size, cast: Mapping[str, Member], expected: int | None = None) -> None:
        self.frame: Final = frame
        self._cast = {
            key: replace(member, packed=member.size, order=float(nth), depth=float(nth))
            for nth, (key, member) in enumerate(cast.items())
        }
        self._expected = len(cast) if expected is None else expected
        self._stands: dict[str, Affine] = {}
        self._depths = {key: member.depth for key, member in self._cast.items()}
        """As everybody was told last."""
        self.places: dict[str, Place] = {}
        """Of those who are on stage: where their eyes are, or will be. To be read, by others too."""
        self.moves = 0
        """Another whenever `places` are."""
        self._settle(0, 0)
        for key in self._cast:
            if key not in self._stands:
                self._stands[key] = self._stand(key, self._cast[key].place or (0.5, 1.0))

    def placement(self, key: str) -> Affine:
        """Where somebody stands, or goes: canvas to frame. Of one off stage: where it stood, or would."""
        return self._stands[key]

    def stands_at(self, key: str) -> tuple[float, float, float]:
        """Where somebody's anchor is, or goes, in widths and heights of the frame, and its size."""
        stand, member = self._stands[key], self._cast[key]
        x, y = stand.apply(*member.character.anchor)
        return (x / self.frame.width, y / self.frame.height, member.size)

    def at(self, x: float, y: float) -> str | None:
        """Who of those on stage has its canvas at a place of the frame, in pixels; of several the one whose
        middle is nearest for its width, then the one in front."""
        found: list[tuple[float, float, str]] = []
        for key, member in list(self._cast.items()):
            if member.here and (stand := self._stands.get(key)) is not None:
                canvas = member.character.canvas
                wide, high = stand.a * canvas.width, stand.d * canvas.height
                if 0 <= x - stand.tx < wide and 0 <= y - stand.ty < high:
                    found.append((abs((x - stand.tx) / wide - 0.5), -member.depth, key))
        return min(found)[2] if found else None

    def depth(self, key: str) -> float:
        """Who has a higher one is drawn in front."""
        return self._cast[key].depth

    def is_here(self, key: str) -> bool:
        """Whether somebody is on stage, or comes."""
        member = self._cast.get(key)
        return member is not None and member.here

    def gone_since(self, key: str) -> int:
        """Of somebody off stage: the sample from which on nothing of it is seen."""
        return self._cast[key].gone_at

    def knows(self, key: str) -> bool:
        """Whether somebody is of the cast."""
        return key in self._cast

    def add(self, key: str, member: Member) -> None:
        """Somebody new, who is off stage."""
        order = max((one.order for one in self._cast.values()), default=0.0) + 1.0
        depth = max((one.depth for one in self._cast.values()), default=0.0) + 1.0
        self._cast[key] = replace(member, here=False, packed=member.size, order=order, depth=depth)
        self._depths[key] = depth
        self._stands[key] = self._stand(key, member.place or (0.5, 1.0))

    def remove(self, key: str) -> None:
        """One who is off stage is not of the cast any more."""
        del self._cast[key], self._stands[key], self._depths[key]

    def redraw(self, key: str, character: Character, at: int) -> list[StageEvent]:
        """One of the cast is drawn otherwise from sample `at` on; what comes of it where its canvas is."""
        self._cast[key] = replace(self._cast[key], character=character)
        if not self._cast[key].here:
            self._stands[key] = self._stand(key, self._cast[key].place or (0.5, 1.0))
        return self._settle(at, 0)

    def off_stage(self) -> list[Exited]:
        """Who waits at the start."""
        return [Exited(0, key, 0.0, 0.0, False, 0) for key, one in self._cast.items() if not one.here]

    def follow(self, event: Staged, speaker: str = "") -> list[StageEvent]:
        """What comes of it, at its sample, while `speaker` (`""`: nobody) speaks. Nothing where it is so
        already."""
        key, member = event.character, self._cast[event.character]
        if event.kind == "leave":
            return self._change(event, goes=key) if member.here else []
        if event.kind == "swap":
            return self._swap(event, speaker)
        place = member.place if event.place is None else event.place
        size = member.size if event.size is None else event.size
        order, side = member.order, event.side
        comes = event.kind == "enter" and not member.here
        if comes and place is None:
            order, side = self._beside(member, side)
        self._cast[key] = replace(member, place=place, size=size, order=order)
        return self._change(event, comes=key, side=side) if comes else self._settle(event.at, event.lasts)

    def _swap(self, event: Staged, speaker: str) -> list[StageEvent]:
        """Two take each other's place; where one of them is off stage, it comes for the other, who goes.

        One of them who speaks passes in front of the other.
        """
        key, other = event.character, event.other
        one, two = self._cast[key], self._cast[other]
        depths = one.depth, two.depth
        if one.here and two.here and speaker in (key, other):
            depths = (min(depths), max(depths)) if speaker == other else (max(depths), min(depths))
        self._cast[key] = replace(one, place=two.place, order=two.order, depth=depths[0])
        self._cast[other] = replace(two, place=one.place, order=one.order, depth=depths[1])
        if one.here == two.here:
            return self._settle(event.at, event.lasts)
        goes, comes = (key, other) if one.here else (other, key)
        return self._change(event, goes=goes, comes=comes, side=event.side)

    def _change(
        self, event: Staged, *, goes: str = "", comes: str = "", side: Side | None = None
    ) -> list[StageEvent]:
        """Somebody goes, somebody comes, or both, and the others make room."""
        at, lasts, fades = event.at, event.lasts, event.fades
        found: list[StageEvent] = []
        cut = ""
        if goes:
            off = self._off(goes, event.side or self._nearer(goes), fades)
            found.append(Exited(at, goes, *off, fades, lasts))
            self._cast[goes] = replace(self._cast[goes], here=False, gone_at=at + lasts)
        if comes:
            member = self._cast[comes]
            cut = comes if at >= member.gone_at else ""
            self._cast[comes] = replace(member, here=True)
        found += self._settle(at, lasts, cut)
        if comes:
            found.append(Entered(at, comes, *self._off(comes, side, fades), fades, lasts))
        return found

    def _nearer(self, key: str) -> Side | None:
        """The side to which somebody in the row passes fewer of the others; None for the nearer edge."""
        row = self._row()
        past = 2 * row.index(key) - (len(row) - 1)
        if self._cast[key].place is not None or not past:
            return None
        return "left" if past < 0 else "right"

    def _settle(self, at: int, lasts: int, cut: str = "") -> list[StageEvent]:
        """Where everybody on stage stands now; who was somewhere else goes there, but `cut` at once."""
        stands = self._spread(self._row())
        found: list[StageEvent] = []
        places: dict[str, Place] = {}
        for key, member in self._cast.items():
            if not member.here:
                continue
            stand = self._stand(key, member.place or (stands[key], 1.0), len(stands))
            if stand != self._stands.get(key) or member.depth != self._depths[key]:
                self._stands[key], self._depths[key] = stand, member.depth
                took = 0 if key == cut else lasts
                found.append(Placed(at, key, stand.a, stand.tx, stand.ty, took, member.depth))
            places[key] = Place(*stand.apply(*member.character.eye_line), member.character)
        if places != self.places:
            self.places.clear()
            self.places.update(places)
            self.moves += 1
        return found

    def _row(self) -> list[str]:
        """Who is on stage, from left to right as far as they are spread."""
        here = [(member.order, key) for key, member in self._cast.items() if member.here]
        return [key for _, key in sorted(here)]

    def _spread(self, row: list[str]) -> dict[str, float]:
        """Where each stands, in widths of the frame. Who has a place of its own takes the spot of the row
        that is nearest to it; the others are spread over the rest, and keep clear."""
        free, taken = [*range(len(row))], {}
        own: dict[int, float] = {}
        for key in row:
            if (place := self._cast[key].place) is not None:
                taken[key] = min(free, key=lambda nth: abs(spread(nth, len(row)) - place[0]))
                own[taken[key]] = place[0]
                free.remove(taken[key])
        for key in row:
            if key not in taken:
                taken[key] = free.pop(0)
        order = sorted(row, key=lambda key: taken[key])
        sizes = [self._cast[key].size for key in order]
        return dict(zip(order, beside(spots(sizes), sizes, own), strict=True))

    def _stand(self, key: str, spot: tuple[float, float], count: int | None = None) -> Affine:
        """Where a canvas lies whose anchor stands on a spot, among so many on stage."""
        member = self._cast[key]
        character = member.character
        canvas = (character.canvas.width / character.scale, character.canvas.height / character.scale)
        count = self._expected if count is None else count
        grown = fills(canvas, self.frame, count) / fills(canvas, self.frame, self._expected)
        scale = member.size / member.packed * min(grown, max(1.0, _GROWS / max(1.0, member.size)))
        x, y = character.anchor
        # Whole pixels: at rest a character is drawn exactly as its parts are.
        left, top = spot[0] * self.frame.width - scale * x, spot[1] * self.frame.height - scale * y
        return Affine(a=scale, d=scale, tx=round(left), ty=round(top))

    def _beside(self, member: Member, side: Side | None) -> tuple[float, Side]:
        """At which end of the row somebody comes to stand, who passes nobody on the way: on the side that is
        told, or else that where more of the cast's order are."""
        orders = sorted(one.order for one in self._cast.values() if one.here) or [0.0]
        if side is None:
            before = sum(order < member.order for order in orders)
            side = "left" if 2 * before < len(orders) else "right"
        return (orders[0] - 1.0 if side == "left" else orders[-1] + 1.0), side

    def _off(self, key: str, side: Side | None, fades: bool) -> tuple[float, float]:
        """From where it stands to beside the frame, in pixels."""
        if fades:
            return (0.0, 0.0)
        stand, character = self._stands[key], self._cast[key].character
        wide = stand.a * character.canvas.width
        if side is None:
            middle = stand.apply(*character.anchor)[0]
            side = "left" if 2 * middle < self.frame.width else "right"
        if side == "left":
            return (min(0.0, -(stand.tx + wide * (1.0 + _BESIDE))), 0.0)
        return (max(0.0, self.frame.width - stand.tx + wide * _BESIDE), 0.0)
