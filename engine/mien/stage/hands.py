"""What a pointer over a stage does: it leads the gaze, places characters and makes them larger and smaller.

By the stage's public calls alone (`look_at_place`, `move`, `standing`, `who_is_at`), so that a program with a
window of its own does the same with a stage of any kind.
"""

from __future__ import annotations

from math import hypot
from typing import Final

from mien.stage.base import BaseStage
from mien.stage.placing import Standing
from mien.talk.places import LEAST_SIZE, LOWEST, MOST_SIZE

IDLE_S: Final = 3.0
"""So long after the pointer has moved last it leads no more."""
STEP: Final = 1.1
"""How much larger a step of the wheel makes somebody, or the window of a companion."""
_SLIP: Final = 4.0
"""Pixels that a hand may slip in a click."""
_BACK_S: Final = 0.5
_TWICE_S: Final = 0.4
"""Longest between two clicks that are one."""


class Hands:
    """One pointer over the frames of a stage. Places are pixels of the frame, from its top left.

    Parameters: `stage`; `leads`: whether eyes follow the pointer.
    """

    def __init__(self, stage: BaseStage, *, leads: bool = True) -> None:
        self._stage = stage
        self._leads = leads
        self._at: tuple[float, float] | None = None
        self._moved_ns: int | None = None
        """When the pointer has moved last; None once that has been forgotten."""
        self._told: tuple[float, float] | None = None
        self._led: set[str] = set()
        """Whose eyes follow."""
        self._first: dict[str, Standing] = {}
        """Where those stood who were moved, before they were."""
        self._grasped: tuple[str, Standing, tuple[float, float]] | None = None
        self._drags = False
        self._clicked: tuple[int, str] | None = None
        self._steps = 0.0
        """Of the wheel, since the last frame: what was told of them is heard by the next."""

    @property
    def leads(self) -> bool:
        """Whether eyes follow the pointer; to be set."""
        return self._leads

    @leads.setter
    def leads(self, leads: bool) -> None:
        self._leads = leads
        if not leads:
            self._let_go()

    @property
    def whom(self) -> str | None:
        """Who is under the pointer."""
        return None if self._at is None else self._stage.who_is_at(*self._at)

    def point(self, place: tuple[float, float] | None, now_ns: int) -> None:
        """The pointer is there; None: it is not over the stage."""
        if place is None:
            if self._grasped is None:
                self._at = self._moved_ns = None
            return
        if place == self._at:
            return
        self._at, self._moved_ns = place, now_ns
        if self._grasped is not None:
            self._drag(place)

    def press(self, now_ns: int) -> None:
        """Take hold of who is there. Twice within 0.4 s: who was moved goes back to where it stood."""
        if self._at is None or (who := self.whom) is None:
            self._clicked = None
            return
        before, self._clicked = self._clicked, (now_ns, who)
        if before is not None and before[1] == who and now_ns - before[0] < _TWICE_S * 1e9:
            self._clicked = None
            self.put_back(who)
            return
        self._grasped, self._drags = (who, self._stage.standing(who), self._at), False

    def release(self) -> None:
        """Let go of whom it holds."""
        if self._drags:
            self._clicked = None
        self._grasped, self._drags = None, False

    def turn(self, steps: float) -> None:
        """Make who is there larger, or for negative steps smaller; what is under the pointer stays there."""
        self._steps += steps

    def _grow(self, steps: float) -> None:
        if self._at is None or (who := self.whom) is None:
            return
        stands = self._stage.standing(who)
        size = min(MOST_SIZE, max(LEAST_SIZE, stands.size * STEP**steps))
        grows = size / stands.size
        x, y = self._at[0] / self._stage.size.width, self._at[1] / self._stage.size.height
        self._move(who, stands, Standing(x + (stands.x - x) * grows, y + (stands.y - y) * grows, size))

    def put_back(self, who: str | None = None) -> None:
        """Whom it has moved goes back to where it stood, in half a second; None: all."""
        for key in (who,) if who is not None else tuple(self._first):
            stood = self._first.pop(key, None)
            if stood is not None and key in self._stage.cast:
                self._stage.move(key, (stood.x, stood.y), stood.size, seconds=_BACK_S)

    def frame(self, now_ns: int) -> None:
        """A frame comes: eyes follow, and what the wheel has asked for is done."""
        if self._steps:
            steps, self._steps = self._steps, 0.0
            self._grow(steps)
        if self._moved_ns is not None and now_ns - self._moved_ns > IDLE_S * 1e9:
            self._moved_ns = None
        if not self._leads or self._moved_ns is None or self._at is None:
            self._let_go()
            return
        here = self._stage.on_stage
        if self._at != self._told or self._led.symmetric_difference(here):
            self._told = self._at
            self._led.intersection_update(here)
            for who in here:
                self._stage.look_at_place(who, *self._at)
                self._led.add(who)

    def _let_go(self) -> None:
        """Those who followed look at who speaks, or at the viewer."""
        if not self._led:
            return
        speaking = next((one.speaker for one in self._stage.playing()), "")
        for who in self._led.intersection(self._stage.on_stage):
            target = speaking if speaking in self._stage.on_stage and speaking != who else "viewer"
            self._stage.look_at(who, target)
        self._led.clear()
        self._told = None

    def _drag(self, place: tuple[float, float]) -> None:
        assert self._grasped is not None
        who, stood, since = self._grasped
        way = place[0] - since[0], place[1] - since[1]
        if not self._drags and hypot(*way) < _SLIP:
            return
        self._drags = True
        if who in self._stage.cast:
            size = self._stage.size
            x, y = stood.x + way[0] / size.width, stood.y + way[1] / size.height
            self._move(who, stood, Standing(x, y, stood.size))

    def _move(self, who: str, stood: Standing, to: Standing) -> None:
        self._first.setdefault(who, stood)
        place = (min(1.0, max(0.0, to.x)), min(LOWEST, max(0.0, to.y)))
        self._stage.move(who, place, to.size, seconds=0.0)
