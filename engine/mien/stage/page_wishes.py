"""Which atlas pages a show wants while not all of them are on the GPU."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from mien.art.page_needs import PageNeeds
from mien.character import Character
from mien.motion import resolve_expression
from mien.script import STAGINGS
from mien.talk import Turn
from mien.talk.staging import staging_of
from mien.types import U8, Rect


class PageSupply(Protocol):
    """Brings atlas pages to where they are drawn while frames go on."""

    @property
    def here(self) -> npt.NDArray[np.bool_]:
        """(pages,) whether each can be drawn."""
        ...

    @property
    def upload_ms(self) -> float:
        """What the last `advance` took."""
        ...

    more_ms: float
    """What the next `advance` may take beside its budget."""

    @property
    def failures(self) -> Mapping[int, str]:
        """Pages that could not be loaded, and why."""
        ...

    def want(self, wanted: Iterable[int]) -> None:
        """Ask for pages, the most urgent first."""
        ...

    def is_learnt(self, page: int) -> bool:
        """Whether it is known where a page is transparent: it is there, or is being uploaded."""
        ...

    def bring_part(self, page: int, part: Rect, pixels: U8) -> None:
        """Have `write_parts` bring a part of a page that is here, which nothing shows yet."""
        ...

    def write_parts(self, more_ms: float) -> bool:
        """Go on with those, for a frame's budget and so much more: whether all are there."""
        ...

    def drop(self, page: int) -> None:
        """Nothing shows a page any more, and another takes its number."""
        ...

    def advance(self) -> None:
        """Once a frame: go on, within the frame's budget."""
        ...

    def close(self) -> None:
        """Free what it has."""
        ...


class PageWishes:
    """The pages of a background and a cast: those shown at rest, and those that turns will show."""

    def __init__(self) -> None:
        self._background = 0
        self._cast: dict[str, tuple[Character, PageNeeds]] = {}
        self._asked: tuple[object, ...] = ()
        self._turns: tuple[str, ...] = ()
        self._staged: frozenset[str] = frozenset()
        """Who enters, moves or swaps in the turns to come."""
        self.coming: frozenset[int] = frozenset()
        """What somebody who is to come lacks."""
        self.joining: tuple[int, ...] = ()
        """Of somebody who is about to join the cast."""

    def add_background(self, pages: int) -> None:
        """The background is on the first so many pages."""
        self._background = pages

    def add(self, key: str, character: Character, needs: PageNeeds) -> None:
        """A character of the cast."""
        self._cast[key] = (character, needs)

    def remove(self, key: str) -> None:
        """One who is not of the cast any more."""
        del self._cast[key]

    def rest(self, key: str) -> frozenset[int]:
        """What somebody shows before any cue."""
        return self._cast[key][1].rest

    def first(self, cast: Iterable[str]) -> list[int]:
        """Pages that these show before anybody has said anything, and the background's, in the order in which
        they are drawn."""
        rest = frozenset().union(*(self.rest(key) for key in cast))
        return [*range(self._background), *sorted(rest)]

    def ask(
        self,
        supply: PageSupply,
        missing: Collection[int],
        turns: Sequence[Turn],
        here: Collection[str],
        would_show: Callable[[str], frozenset[int]],
    ) -> None:
        """Ask for what is missing, what those who are `here` and who is to come always show, and what the
        turns to come will show. `would_show`: what somebody off stage would show if it were there."""
        if (keys := tuple(turn.key for turn in turns)) != self._turns:
            self._turns = keys
            self._staged = frozenset(key for turn in turns for key in _stagings(turn))
        entering = {key: would_show(key) for key in self._staged if key in self._cast and key not in here}
        asked = (missing, self.coming, self.joining, tuple(here), keys, tuple(sorted(entering.items())))
        if asked != self._asked:
            self._asked = asked
            ahead = (page for turn in turns for page in sorted(self._shown_by(turn, entering)))
            urgent = (*sorted(missing), *self.first(here), *sorted(self.coming))
            supply.want(dict.fromkeys((*urgent, *ahead, *self.joining)))

    def _shown_by(self, turn: Turn, entering: Mapping[str, frozenset[int]]) -> frozenset[int]:
        """What a turn will show of its speaker, and of those whom it has enter, as far as its cues say.
        `entering`: what these would show now."""
        character, needs = self._cast[turn.speaker]
        pages = needs.speech("neutral")
        for key in _stagings(turn):
            if key in self._cast:
                pages |= self.rest(key) | entering.get(key, frozenset())
        for cue in turn.cues:
            value = "" if cue.value is None else str(cue.value)
            if cue.kind == "expression":
                pages |= needs.expression(resolve_expression(character, value) or "")
            elif cue.kind == "gesture":
                pages |= needs.gesture(value)
            elif cue.kind == "drawing":
                pages |= needs.drawing(cue.slot, value)
        return pages


def _stagings(turn: Turn) -> Iterator[str]:
    """Keys of all whom cues of a turn have enter, move or swap."""
    for cue in turn.cues:
        if cue.kind in STAGINGS and cue.kind != "leave":
            staging = staging_of(cue.kind, cue.value)
            yield staging.who or turn.speaker
            if staging.other:
                yield staging.other
