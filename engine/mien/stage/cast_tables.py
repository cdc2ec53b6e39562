"""What a cast is moved and drawn by, made for all of it together: at the start, and anew when one joins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from mien.art.page_needs import PageNeeds
from mien.character import Character
from mien.composite import CastRows, FrameRows
from mien.composite.stand_ins import StandIns
from mien.errors import ScriptError
from mien.motion import Performer
from mien.motion.coarse import CoarseChannels, steps_of
from mien.stage.player import Actor
from mien.types import F32, Affine

ROWS_EACH: Final = 128
"""Rows set aside for somebody who may join; more where the cast has characters of more."""


@dataclass(frozen=True, slots=True)
class Room:
    """What is set aside on the GPU for who comes, goes and joins."""

    fades: bool = False
    """Whether characters may come and go by opacity."""
    characters: int = 0
    """How many more may join."""


class Tables(NamedTuple):
    """Of the whole cast."""

    actors: tuple[Actor, ...]
    """Back to front."""
    rows: CastRows
    coarse: tuple[CoarseChannels, ...]
    samples: F32
    """(n, SAMPLE_FLOATS) what rows of the last of them may show."""
    needs: PageNeeds | None = None
    """Of the last of them, where it has joined just now."""


class CastTables:
    """Makes them; from any thread. Parameters: `seed` of all chance; `fades`, whether characters may fade;
    `hold_every`, samples from frame to frame where joints may be held, None: never."""

    def __init__(self, seed: int, *, fades: bool, hold_every: int | None) -> None:
        self._seed, self._fades, self._hold_every = seed, fades, hold_every
        self._steps = () if hold_every is None else steps_of(hold_every)

    def actor(self, key: str, character: Character, page_base: int, home: Affine) -> tuple[Actor, PageNeeds]:
        """Somebody whose pages have the numbers from `page_base` on, and what it needs of them."""
        needs = PageNeeds(character, page_base)
        performer = Performer(character, key, self._seed)
        return Actor(key, character, home, page_base, performer, StandIns(needs.table)), needs

    def of(self, actors: Sequence[Actor], frame: FrameRows) -> Tables:
        """The tables of a cast, drawn in frames like this one, whose offscreen layers and warps it adds."""
        characters, bases = [actor.character for actor in actors], [actor.page_base for actor in actors]
        rows = CastRows(characters, bases, frame, fades=self._fades, coarse=len(self._steps))
        early = self._hold_every or 0
        coarse = tuple(
            CoarseChannels(actor.performer, actor.character, self._steps, k * early)
            for k, actor in enumerate(actors)
        )
        last = sum(len(slot.drawings) for character in characters[:-1] for slot in character.slots)
        return Tables(tuple(actors), rows, coarse, rows.samples[last:])

    def anew(self, actors: Sequence[Actor], frame: FrameRows) -> Tables:
        """The same for frames that are drawn already: of those, the room. Raises ScriptError where a cast
        needs more than was set aside."""
        scratch = FrameRows(frame.capacity, frame.size, frame.clear)
        tables = self.of(actors, scratch)
        needed = sum(len(one.character.slots) + len(one.character.groups) for one in actors) + 1
        layers = [offscreen.capacity for offscreen in scratch.offscreens]
        there = [offscreen.capacity for offscreen in frame.offscreens]
        if needed > frame.capacity:
            raise ScriptError(f"the cast has {needed} layers with it, and this stage {frame.capacity}.")
        if len(layers) > len(there) or any(a > b for a, b in zip(layers, there, strict=False)):
            raise ScriptError("its groups need offscreen layers that were not set aside.")
        if scratch.warp_cells > frame.warp_cells:
            raise ScriptError("its meshes need room that was not set aside.")
        # Once for nothing: what is worked out at the first filling costs no frame.
        identity = Affine()
        white = (1.0, 1.0, 1.0, 1.0)
        tables.rows.fill(scratch, [identity] * len(actors), [white] * len(actors))
        return tables
