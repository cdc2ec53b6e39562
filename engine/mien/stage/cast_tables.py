"""What a cast is moved and drawn by, made for all of it together: at the start, and anew when one joins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from mien.art.page_needs import PageNeeds
from mien.character import Character
from mien.composite import CastRows, FrameRows
from mien.composite.cast_rows import layers_needed
from mien.composite.group_rows import layered_through
from mien.composite.offscreen_layers import fitting
from mien.composite.stand_ins import StandIns
from mien.composite.warps import cells_of
from mien.errors import ScriptError
from mien.messages import listed
from mien.motion import Performer
from mien.motion.coarse import CoarseChannels, steps_of
from mien.stage.marking import ROWS
from mien.stage.player import Actor
from mien.switching import give_way
from mien.types import F32, Affine

ROWS_EACH: Final = 128
"""Rows set aside for somebody who may join; more where the cast has characters of more."""


_MORE_CELLS: Final = 512
"""Set aside for each who may join, beside as many as a frame has: in a small one meshes overlap."""


@dataclass(frozen=True, slots=True)
class Room:
    """What is set aside on the GPU for who comes, goes and joins."""

    fades: bool = False
    """Whether characters may come and go by opacity."""
    characters: int = 0
    """How many more may join."""
    marks: bool = False
    """Whether each frame carries a mark (`marking`)."""

    @property
    def over(self) -> int:
        """Rows of a frame that are not the cast's."""
        return ROWS if self.marks else 0

    @property
    def sets(self) -> int:
        """For how many of them there are pages: who is read anew has its own twice until the new ones are
        there, also when all have joined."""
        return self.characters + 1 if self.characters else 0

    def set_aside(self, frame: FrameRows, rows: int) -> None:
        """What those need of a frame that is shared: an offscreen layer of so many rows each, to fade in, and
        the cells of what may bend."""
        for _ in range(self.characters if self.fades else 0):
            frame.add_offscreen(rows, frame.size)
        frame.warp_cells += self.characters * (cells_of(frame.size) + _MORE_CELLS)


class Tables(NamedTuple):
    """Of the whole cast."""

    actors: tuple[Actor, ...]
    """Back to front."""
    rows: CastRows
    coarse: tuple[CoarseChannels, ...]
    samples: F32
    """(n, SAMPLE_FLOATS) what rows of the newest of them may show."""
    newest: int = -1
    """Which of them has joined just now, or was read anew."""
    needs: PageNeeds | None = None
    """What that one needs of pages."""


class CastTables:
    """Makes them; from any thread. Parameters: `seed` of all chance; `fades`, whether characters may fade;
    `hold_every`, samples from frame to frame where joints may be held, None: never; `over`, rows of a frame
    that are not the cast's."""

    def __init__(self, seed: int, *, fades: bool, hold_every: int | None, over: int = 0) -> None:
        self._over = over
        self._seed, self._fades, self._hold_every = seed, fades, hold_every
        self._steps = () if hold_every is None else steps_of(hold_every)

    def actor(self, key: str, character: Character, page_base: int, home: Affine) -> tuple[Actor, PageNeeds]:
        """Somebody whose pages have the numbers from `page_base` on, and what it needs of them."""
        needs = PageNeeds(character, page_base)
        give_way()
        performer = Performer(character, key, self._seed)
        give_way()
        return Actor(key, character, home, page_base, performer, StandIns(needs.table)), needs

    def of(
        self,
        actors: Sequence[Actor],
        frame: FrameRows,
        layers: Sequence[Sequence[int]] | None = None,
        newest: int = -1,
    ) -> Tables:
        """The tables of a cast, drawn in frames like this one, to which its warps are added and its
        offscreen layers, unless each has its `layers` already. `newest`: as in `Tables`."""
        characters, bases = [actor.character for actor in actors], [actor.page_base for actor in actors]
        coarse_times = len(self._steps)
        rows = CastRows(characters, bases, frame, fades=self._fades, coarse=coarse_times, layers=layers)
        for actor, own in zip(actors, rows.layers, strict=True):
            actor.layers = own
        early = self._hold_every or 0
        coarse = tuple(
            CoarseChannels(actor.performer, actor.character, self._steps, k * early)
            for k, actor in enumerate(actors)
        )
        give_way()
        return Tables(tuple(actors), rows, coarse, rows.samples_of(newest), newest)

    def anew(self, actors: Sequence[Actor], frame: FrameRows, newest: int = -1) -> Tables:
        """The same for frames that are drawn already: of those, the room. Raises ScriptError where a cast
        needs more than was set aside."""
        needed = sum(len(one.character.slots) + len(one.character.groups) for one in actors) + 1
        if needed > (room := frame.capacity - self._over):
            raise ScriptError(f"the cast has {needed} layers with it, and this stage {room}.")
        scratch = FrameRows(frame.capacity, frame.size, frame.clear)
        for offscreen in frame.offscreens:
            scratch.add_offscreen(offscreen.capacity, offscreen.size)
        tables = self.of(actors, scratch, [self._layers_of(one, actors, frame) for one in actors], newest)
        if scratch.warp_cells > frame.warp_cells:
            raise ScriptError("its meshes need room that was not set aside.")
        give_way()
        # Once for nothing: what is worked out at the first filling costs no frame.
        identity = Affine()
        white = (1.0, 1.0, 1.0, 1.0)
        tables.rows.fill(scratch, [identity] * len(actors), [white] * len(actors))
        return tables

    def _layers_of(self, actor: Actor, cast: Sequence[Actor], frame: FrameRows) -> Sequence[int]:
        """The offscreen layers that somebody has, or, having joined, may have. Raises ScriptError."""
        if actor.layers is not None:
            return actor.layers
        taken = {number for one in cast for number in one.layers or ()}
        # A layer that others pass through to shows the rows of all who are behind it.
        through = any(map(layered_through, actor.character.groups))
        least = max(taken, default=-1) if through else -1
        there = [offscreen.capacity for offscreen in frame.offscreens]
        free = [number for number in range(len(there)) if number not in taken]
        needs = layers_needed(actor.character, frame, fades=self._fades)
        found = fitting(needs, there, [number for number in free if number > least])
        if found is not None:
            return found
        if fitting(needs, there, free) is None:
            raise ScriptError("its groups need offscreen layers that were not set aside.")
        others = [one.key for one in cast if one.layers and max(one.layers) > min(free)]
        raise ScriptError(
            "its pass-through groups show who is behind it, and the offscreen layers that are free are drawn "
            f"before those of {listed(others)}: unload these and load it first, or name it in the cast with "
            "on_stage=False."
        )
