"""Casts that change while frames go on: who joins, who is read anew, and who is given up. See `loader`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence

from mien.art import LoadedCharacter, repacked
from mien.art.kept import KeptFiles
from mien.art.page_cache import PageCache
from mien.art.repack import on_pages
from mien.character import Character
from mien.motion.standing import gone
from mien.script import Exited, Script
from mien.stage.art import read_character
from mien.stage.cast import CastEntry, spots_of
from mien.stage.cast_tables import CastTables, Tables
from mien.stage.loading import Exchanged
from mien.stage.page_wishes import PageSupply, PageWishes
from mien.stage.player import Actor, Player
from mien.stage.reader import Measures
from mien.talk.blocking import Blocking, Member
from mien.talk.session import Session
from mien.types import F32, U8, Affine


class Recasting(ABC):
    """The part of a show that takes others into its cast, a step at a time."""

    cache: PageCache
    page_size: int
    page_budget: int | None
    pages_of: dict[str, range]
    loaded_pages: dict[int, U8]
    """Of those who join while frames go on, by page number."""
    entries: dict[str, CastEntry]
    read_ns: dict[str, int]
    """When it was begun last to read somebody: what was written since has a later time."""
    supply: PageSupply | None
    script: Script
    player: Player
    session: Session
    blocking: Blocking
    since = 0
    """The sample from which on the cast is who it is now."""
    _expected: int
    _joined: bool
    _tables: CastTables
    _wishes: PageWishes
    _actors: dict[str, Actor]
    _characters: dict[str, Character]
    _pans: dict[str, Callable[[], float]]
    _voices: dict[str, float]

    def read(
        self, entry: CastEntry, kept: KeptFiles | None = None, cache: PageCache | None = None
    ) -> LoadedCharacter:
        """Read and pack somebody, as large as if it had been there from the start. `kept`, `cache`: as of
        `load_character`. On any thread."""
        frame, side = self.blocking.frame, self.page_size
        read = read_character(entry, frame, self._expected, side, joined=self._joined, kept=kept, cache=cache)
        return repacked(read, side)

    @property
    def measures(self) -> Measures:
        """How large `read` has somebody."""
        return Measures(self.blocking.frame, self._expected, self.page_size, self._joined)

    def placed_again(
        self, key: str, loaded: LoadedCharacter, pages: Sequence[int]
    ) -> LoadedCharacter | Exchanged:
        """One of the cast, whose pages have these numbers, as it was read anew; with the tables, where it
        stays on them. On any thread."""
        if loaded.atlas is None or loaded.atlas.brought is None:
            return loaded
        return Exchanged(loaded, self.tables_again(key, on_pages(loaded.character, pages), 0))

    def is_shown_as(self, key: str, loaded: LoadedCharacter) -> bool:
        """Whether one of the cast was loaded as this, at first, and is shown so still. On any thread."""
        actor, pages = self._actors.get(key), self.pages_of.get(key)
        if actor is None or pages is None or self.page_budget is not None:
            return False
        same_pages = (loaded.page_size, len(loaded.pages)) == (self.page_size, len(pages))
        shown = (actor.page_base, *actor.character.drawings())
        return same_pages and shown == (pages.start, *loaded.character.drawings())

    def tables_with(self, key: str, character: Character, page_base: int) -> Tables:
        """Those of the cast with one more. On any thread."""
        actor, needs = self._tables.actor(key, character, page_base, Affine())
        self.session.reader.learn(key, character)
        return self._tables.anew([*self.player.actors, actor], self.player.frame)._replace(needs=needs)

    def tables_again(self, key: str, character: Character, page_base: int) -> Tables:
        """Those of the cast, in which one is another in its own place. On any thread."""
        actors = list(self.player.actors)
        nth = [actor.key for actor in actors].index(key)
        actor, needs = self._tables.actor(key, character, page_base, actors[nth].home)
        actor.depth, actors[nth] = actors[nth].depth, actor
        self.session.reader.learn(key, character)
        return self._tables.anew(actors, self.player.frame, nth)._replace(needs=needs)

    def shown_next(self, tables: Tables) -> F32:
        """(n, SAMPLE_FLOATS) what the newest of these would show in the next frame."""
        actor = tables.actors[tables.newest]
        actor.performer.pose(self.script, self.script.sealed + 1, tables.rows.poses[tables.newest])
        return tables.rows.picked_of(tables.newest)

    def tables_without(self, key: str) -> Tables:
        """Those of the cast with one less. On any thread."""
        return self._tables.anew([one for one in self.player.actors if one.key != key], self.player.frame)

    def join(self, entry: CastEntry, tables: Tables) -> None:
        """Somebody is of the cast from now on, off stage."""
        key, actor = entry.key, tables.actors[-1]
        assert tables.needs is not None
        (spot,) = spots_of([entry])
        self.blocking.add(key, Member(actor.character, spot, float(entry.size), here=False))
        actor.home, actor.depth = self.blocking.placement(key), self.blocking.depth(key)
        self.script.append(Exited(self.script.sealed + 1, key, 0.0, 0.0, False, 0))
        self._wishes.add(key, actor.character, tables.needs)
        self._characters[key], self._pans[key] = actor.character, self._pan_of(key)
        self.entries[key] = entry
        self._recast(key, tables)

    def replace(self, entry: CastEntry, tables: Tables) -> None:
        """One of the cast is what it was read anew as: all that was told of it holds, as far as it can."""
        key, actor = entry.key, tables.actors[tables.newest]
        assert tables.needs is not None
        self._wishes.add(key, actor.character, tables.needs)
        self._characters[key] = actor.character
        for placed in self.blocking.redraw(key, actor.character, self.script.sealed + 1):
            self.script.append(placed)
        self.entries[key] = entry
        self._recast(key, tables)

    def remove(self, key: str, tables: Tables) -> None:
        """Somebody is not of the cast any more: what is known of it is forgotten."""
        self.blocking.remove(key)
        self.session.forget(key)
        self._wishes.remove(key)
        self.pages_of.pop(key, None)
        self.entries.pop(key, None)
        self.read_ns.pop(key, None)
        self._wishes.coming = frozenset()
        for kept in (self._characters, self._pans, self._voices):
            kept.pop(key, None)
        self._recast(key, tables)

    def is_gone(self, key: str) -> bool:
        """Whether nothing of somebody is seen, nor is to be."""
        return not self.blocking.is_here(key) and gone(self.script.lanes(key), self.script.sealed)

    def wish(self, pages: Iterable[int]) -> None:
        """Have pages brought, of somebody who is about to join."""
        self._wishes.joining = tuple(pages)

    def are_here(self, pages: Iterable[int]) -> bool:
        """Whether all of these pages are on the GPU."""
        here = self.player.here
        return here is None or all(here[page] for page in pages)

    def are_learnt(self, pages: Iterable[int]) -> bool:
        """Whether plans know these pages, all of which are on the GPU or on their way."""
        return self.supply is None or all(map(self.supply.is_learnt, pages))

    def drop(self, pages: Iterable[int]) -> None:
        """Nothing shows these pages any more."""
        for page in pages:
            self.loaded_pages.pop(page, None)
            if self.supply is not None:
                self.supply.drop(page)

    def _recast(self, key: str, tables: Tables) -> None:
        self.since = self.script.sealed + 1
        self.player.recast(tables.actors, tables.rows, tables.coarse)
        self._actors = {actor.key: actor for actor in tables.actors}
        self.session.reader.changed(key)

    @abstractmethod
    def _pan_of(self, key: str) -> Callable[[], float]:
        """Says where somebody's voice comes from, when it is asked."""
