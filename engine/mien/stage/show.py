"""A show: characters loaded for a frame size, placed, and wired to the session that moves them.

Everything but a surface: no GL, no window, no file that is written.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import time_ns
from typing import Final

import numpy as np

from mien.art import LoadedCharacter, LoadedPicture, repacked
from mien.art.page_cache import PageCache
from mien.audio import AudioSession
from mien.character import Character
from mien.composite import FrameRows, PictureRows
from mien.errors import ScriptError
from mien.messages import did_you_mean, quoted
from mien.script import KEPT, Script
from mien.stage.art import clear_of, read_background, read_character
from mien.stage.cast import CastEntry, entries_of, pan_of, spots_of
from mien.stage.cast_tables import ROWS_EACH, CastTables, Room
from mien.stage.marking import Marking
from mien.stage.page_wishes import PageSupply, PageWishes
from mien.stage.player import Actor, Player
from mien.stage.recasting import Recasting
from mien.talk.blocking import Blocking, Member
from mien.talk.cues import not_in_cast
from mien.talk.director import Director
from mien.talk.session import Session
from mien.types import F32, U8, Affine, Rect, Size

PAGE_SIZE = 2048
STREAMED_PAGE_SIZE = 1024
"""Of pages that come and go: the smaller they are, the less is brought that is not needed."""
_NO_ROOM = Room()
_TICK_NS: Final = 20_000_000
"""By so much the times of files may lie behind the clock."""


class Show(Recasting):
    """Loads the cast at the scale of the frame and answers ticks with rows. Owned by the drawing thread.

    Parameters: `cast`, a mapping of key to character or CastEntry values, back to front; `size` of the frame
    in pixels; `background`, a bundled name, a PNG, straight RGBA in 0..1, or None for a plain stage;
    `page_budget`, bytes of atlas pages on the GPU, None for as many as there are; `hold_every`, samples from
    frame to frame where joints that hardly move may be held (`player.held`), None: never; `room`, what is set
    aside for who comes and goes. Raises FormatError, AssetMissing, ImageRejected, AtlasFull; ScriptError for
    a cast that cannot stand.
    """

    marking: Marking | None = None
    """What puts a number into frames; None: they have none."""

    def __init__(
        self,
        cast: Mapping[str, str | Path] | Sequence[CastEntry],
        size: Size,
        audio: AudioSession,
        *,
        background: str | Path | tuple[float, float, float, float] | None = None,
        seed: int = 0,
        page_budget: int | None = None,
        hold_every: int | None = None,
        room: Room = _NO_ROOM,
    ) -> None:
        entries = entries_of(cast)
        spots = spots_of(entries)
        self.audio = audio
        self.pages: list[U8] = []
        """(page_size, page_size, 4) uint8 each, by page number; emptied once uploaded."""
        # Files that were written later may be other ones than are shown.
        self.page_budget, opened_ns = page_budget, file_time_ns()
        self.supply: PageSupply | None = None
        """What brings pages, where they do not all fit. Set before the first tick."""
        self.script = Script(seed, kept=KEPT + audio.history)
        self._wishes = PageWishes()
        least_page = PAGE_SIZE if page_budget is None else STREAMED_PAGE_SIZE
        # Pages that come and go are known by the drawings that slots pick: nothing is joined then.
        joined = page_budget is None
        self.cache = cache = PageCache.of_user()
        """Of pages that an earlier start has packed; those of this one are still to be kept."""
        loaded = [
            read_character(entry, size, len(entries), least_page, joined=joined, cache=cache)
            for entry in entries
        ]
        behind = read_background(background, size, least_page, cache)
        self.page_size = max(least_page, *(one.page_size for one in (*loaded, behind) if one))
        """Side of every page in pixels: PAGE_SIZE, or what the largest drawing needs."""
        loaded = [repacked(one, self.page_size) for one in loaded]
        rows = [len(one.character.slots) + len(one.character.groups) for one in loaded]
        more = max(ROWS_EACH, *rows)
        frame = FrameRows(sum(rows) + room.characters * more + 1 + room.over, size, clear_of(background))
        self._hang(behind, frame, marks=room.marks)
        self.blocking = Blocking(
            size,
            {
                entry.key: Member(one.character, spot, float(entry.size), entry.on_stage)
                for entry, one, spot in zip(entries, loaded, spots, strict=True)
            },
        )
        self.entries = {entry.key: entry for entry in entries}
        """What each of the cast was read from."""
        self.read_ns = dict.fromkeys(self.entries, opened_ns)
        self.pages_of: dict[str, range] = {}
        """The page numbers of each of the cast, as it was opened."""
        self._expected, self._joined, self.loaded_pages = len(entries), joined, {}
        self.foresee: Callable[[F32], object] = _nothing
        """Works out what plans need of samples (n, SAMPLE_FLOATS) before they are shown."""
        self.fades = room.fades
        """Whether characters may come and go by opacity."""
        self._tables = CastTables(seed, fades=room.fades, hold_every=hold_every, over=room.over)
        actors = [self._actor(entry.key, one) for entry, one in zip(entries, loaded, strict=True)]
        director = Director(seed, self.blocking.places)
        for introduced in director.introduced():
            self.script.append(introduced)
        self._voices: dict[str, float] = {}
        self._pans = {actor.key: self._pan_of(actor.key) for actor in actors}
        self._place_voices()
        self._characters = {actor.key: actor.character for actor in actors}
        self.session = Session(
            audio, self._characters, director, self.script, self._pans, self.blocking, fades=room.fades
        )
        self.session.reader.get_ready()
        tables = self._tables.of(actors, frame)
        self.page_count = len(self.pages)
        self.more_pages = room.sets * max(len(one.pages) for one in loaded)
        """How many page numbers are set aside behind those of `pages`."""
        room.set_aside(frame, more)
        self.player = Player(actors, tables.rows, self.script, frame, tables.coarse)
        self._actors = {actor.key: actor for actor in actors}
        if told := tables.rows.short_of_cells:
            self.session.warnings.append(told)

    @property
    def characters(self) -> dict[str, Character]:
        """By their keys."""
        return {key: actor.character for key, actor in self._actors.items()}

    @property
    def mark(self) -> int | None:
        """The number that the last frame carries; None: none."""
        return None if self.marking is None else self.marking.number

    @property
    def cast(self) -> tuple[str, ...]:
        """Keys of the cast, back to front, also of who is off stage."""
        return tuple(self._actors)

    def bounds(self, who: str, slot: str) -> Rect:
        """Where a slot's drawings land on the frame while the character is at rest, at the place where it
        stands or to which it goes. Raises ScriptError."""
        actor = self._actors.get(who)
        if actor is None:
            raise ScriptError(not_in_cast(who, self._actors))
        try:
            drawings = actor.character.slots[actor.character.slot_index(slot)].drawings
        except KeyError:
            known = did_you_mean(slot, (each.name for each in actor.character.slots))
            raise ScriptError(f"{quoted(who)} has no slot {quoted(slot)}; {known}") from None
        boxes = np.array(
            [(*d.offset, d.offset[0] + d.region[2], d.offset[1] + d.region[3]) for d in drawings]
        )
        placement = self.blocking.placement(who)
        left, top = placement.apply(*boxes[:, :2].min(axis=0))
        right, bottom = placement.apply(*boxes[:, 2:].max(axis=0))
        return Rect(round(left), round(top), round(right - left), round(bottom - top))

    @contextmanager
    def unmarked(self) -> Iterator[None]:
        """Frames in this block carry no mark: no ledger knows them."""
        marking, self.marking = self.marking, None
        try:
            yield
        finally:
            self.marking = marking

    def tick(self, at: int) -> FrameRows:
        """The frame of sample `at`: of a new one, or of one that was shown, as it was."""
        again = at < self.script.sealed
        self._advance(at)
        self.bring_pages()
        rows = self.player.tick(at, self.script.view(at) if again else None)
        if self.marking is not None:
            self.marking.add(rows, at)
        return rows

    def tick_again(self, at: int) -> FrameRows:
        """The frame of sample `at` that `tick` gave last, as joints are held by now, without a mark."""
        return self.player.tick(at, self.script.view(at) if at < self.script.sealed else None)

    def pass_over(self, times: Sequence[int]) -> None:
        """Let the frames of these samples, in order, have been shown, without any, where the sound tells of
        nothing new: of those at which nothing is due nothing is asked."""
        first = 0
        while first < len(times):
            self._advance(times[first])
            self.script.seal(times[first])
            first = max(first + 1, bisect_left(times, self.session.due, first + 1))
            if first < len(times):
                self.script.seal(times[first - 1])
        self.script.seal(times[-1])

    def _advance(self, at: int) -> None:
        self.session.advance(at)
        if self.blocking.moves != self._placed:
            self._place_voices()

    def bring_pages(self) -> None:
        """Go on with the pages that are wanted, within a frame's budget."""
        if self.supply is not None:
            upcoming, here = self.session.upcoming, self.blocking.places
            self._wishes.ask(self.supply, self.player.missing, upcoming, here, self.player.would_show)
            self.supply.advance()

    @property
    def first_pages(self) -> list[int]:
        """Pages that are shown before anybody has said anything, in the order in which they are drawn."""
        return self._wishes.first(self.blocking.places)

    @property
    def background_pages(self) -> list[int]:
        """Those of the background."""
        return self._wishes.first(())

    @property
    def resting_pages(self) -> list[int]:
        """Those that the whole cast shows then."""
        return self._wishes.first(self._actors)

    def attach(self, supply: PageSupply, foresee: Callable[[F32], object]) -> None:
        """Let pages come and go from now on."""
        self.supply, self.player.here, self.foresee = supply, supply.here, foresee
        self.session.entrances.is_ready = self._is_ready

    def close(self) -> None:
        """End what brings pages. Idempotent."""
        if self.supply is not None:
            self.supply.close()

    def _hang(self, room: LoadedPicture | None, frame: FrameRows, *, marks: bool) -> None:
        """Put the picture behind everybody, centred; and what marks are drawn from on a page that stays, as
        those of the background do."""
        if room is not None:
            room = repacked(room, self.page_size)
            x, y = (frame.size.width - room.size.width) // 2, (frame.size.height - room.size.height) // 2
            PictureRows(room.drawing, len(self.pages)).fill(frame, Affine(tx=x, ty=y))
            self.pages += room.pages
        if marks:
            self.marking = Marking(frame.size, len(self.pages), self.page_size)
            self.pages.append(self.marking.pixels)
        self._wishes.add_background(len(self.pages))

    def _is_ready(self, key: str, at: int) -> bool:
        """Whether all is on the GPU that somebody off stage would show at sample `at`. Else it is wanted."""
        here = self.player.here
        needed = self._wishes.rest(key) | self.player.shows(key, at)
        # What cannot be loaded at all is not waited for.
        broken = {} if self.supply is None else self.supply.failures
        lacking = frozenset(
            page for page in needed if here is not None and not here[page] and page not in broken
        )
        self._wishes.coming = lacking
        return not lacking

    def _pan_of(self, key: str) -> Callable[[], float]:
        """Says where somebody's voice comes from, when it is asked; of one off stage, from where it was."""
        return lambda: self._voices.get(key, 0.0)

    def _place_voices(self) -> None:
        """Turns that begin from now on are heard from where their speakers stand now."""
        self._placed = self.blocking.moves
        for key, place in self.blocking.places.items():
            self._voices[key] = pan_of(place.x / self.blocking.frame.width)

    def _actor(self, key: str, loaded: LoadedCharacter) -> Actor:
        home, page_base = self.blocking.placement(key), len(self.pages)
        actor, needs = self._tables.actor(key, loaded.character, page_base, home)
        actor.depth = self.blocking.depth(key)
        self._wishes.add(key, loaded.character, needs)
        self.pages += loaded.pages
        self.pages_of[key] = range(page_base, len(self.pages))
        return actor


def file_time_ns() -> int:
    """Now, as a time of files: what is written from now on is no older."""
    return time_ns() - _TICK_NS


def _nothing(samples: F32) -> None:
    pass
