"""A show: characters loaded for a frame size, placed, and wired to the session that moves them.

Everything but a surface: no GL, no window, no file that is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from mien.art import LoadedCharacter, LoadedPicture, load_character, load_picture, repacked
from mien.art.page_needs import PageNeeds
from mien.audio import AudioSession, TurnAudio
from mien.catalog import bundled_or_path
from mien.composite import CharacterRows, FrameRows, PictureRows
from mien.composite.stand_ins import StandIns
from mien.errors import ScriptError
from mien.motion import Performer, resolve_expression
from mien.script import Script
from mien.stage.player import Actor, Player
from mien.talk import Conversation, Cue, Turn, character_path
from mien.talk.director import Director, Place
from mien.talk.session import Session
from mien.types import U8, Affine, Rect, Size

PAGE_SIZE = 2048
STREAMED_PAGE_SIZE = 1024
"""Of pages that come and go: the smaller they are, the less is brought that is not needed."""
_SIDES = {"left": 0.285, "center": 0.5, "right": 0.715}
_EMPTY_STAGE = (41 / 255, 43 / 255, 54 / 255, 1.0)


@dataclass(frozen=True, slots=True)
class CastEntry:
    """Who is on the stage, and where."""

    key: str
    """What turns and gazes call it."""
    character: str | Path
    """A bundled character's name, a folder with character.toml, or a .mien file."""
    place: str | float | None = None
    """`left`, `center`, `right`, or 0 (left edge) .. 1 (right edge); None spreads the cast evenly."""


def cast_of(conversation: Conversation) -> tuple[CastEntry, ...]:
    """The cast of a conversation file, with its paths resolved. Raises AssetMissing."""
    return tuple(
        CastEntry(member.key, character_path(conversation, member), member.place)
        for member in conversation.cast
    )


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

    def want(self, wanted: Iterable[int]) -> None:
        """Ask for pages, the most urgent first."""
        ...

    def advance(self) -> None:
        """Once a frame: go on, within the frame's budget."""
        ...

    def close(self) -> None:
        """Free what it has."""
        ...


class Show:
    """Loads the cast at the scale of the frame and answers ticks with rows. Owned by the drawing thread.

    Parameters: `cast`, a mapping of key to character or CastEntry values, back to front; `size` of the
    frame in pixels; `background`, a bundled name or a PNG, or None for a plain stage; `page_budget`, bytes
    of atlas pages on the GPU, None for as many as there are.
    Raises FormatError, AssetMissing, ImageRejected, AtlasFull; ScriptError for a cast that cannot stand.
    """

    def __init__(
        self,
        cast: Mapping[str, str | Path] | Sequence[CastEntry],
        size: Size,
        audio: AudioSession,
        *,
        background: str | Path | None = None,
        seed: int = 0,
        page_budget: int | None = None,
    ) -> None:
        entries = _entries(cast)
        self.audio = audio
        self.pages: list[U8] = []
        """(page_size, page_size, 4) uint8 each, by page number; emptied once uploaded."""
        self.page_budget = page_budget
        self.supply: PageSupply | None = None
        """What brings pages, where they do not all fit. Set before the first tick."""
        self._least_page = PAGE_SIZE if page_budget is None else STREAMED_PAGE_SIZE
        self._needs: dict[str, PageNeeds] = {}
        self._asked: tuple[object, ...] = ()
        self._room_pages = 0
        self._keys = 0
        self.script = Script(seed)
        loaded = [self._load(entry, size, len(entries)) for entry in entries]
        room = (
            None
            if background is None
            else _room(bundled_or_path("backgrounds", background), size, self._least_page)
        )
        self.page_size = max(
            self._least_page if room is None else room.page_size, *(one.page_size for one in loaded)
        )
        """Side of every page in pixels: PAGE_SIZE, or what the largest drawing needs."""
        loaded = [repacked(one, self.page_size) for one in loaded]
        rows = sum(len(one.character.slots) + len(one.character.groups) for one in loaded) + 1
        frame = FrameRows(rows, size, _EMPTY_STAGE)
        if room is not None:
            self._hang(repacked(room, self.page_size), frame, size)
        actors = [
            self._place(entry, one, x, frame, seed)
            for entry, one, x in zip(entries, loaded, _positions(entries), strict=True)
        ]
        places = {actor.key: _place_of(actor) for actor in actors}
        self._pans = {
            actor.key: float(np.clip(1.2 * (places[actor.key].x / size.width - 0.5), -0.5, 0.5))
            for actor in actors
        }
        self.session = Session(
            audio, {actor.key: actor.character for actor in actors}, Director(seed, places), self.script
        )
        self.player = Player(actors, self.script, frame)
        self._actors = {actor.key: actor for actor in actors}

    def queue(self, turn: Turn) -> TurnAudio:
        """Queue a turn. Raises ScriptError."""
        return self.session.queue(turn, self._pans.get(turn.speaker, 0.0))

    def next_key(self) -> str:
        """A key for a turn that was given none."""
        taken = {turn.key for turn in self.session.upcoming}
        while True:
            self._keys += 1
            if (key := f"turn-{self._keys}") not in taken:
                return key

    def post(self, who: str, cue: Cue, at: int) -> None:
        """Let a cue happen at sample `at`. Raises ScriptError when the character cannot follow it."""
        self.session.post(cue, who, at)

    def bounds(self, who: str, slot: str) -> Rect:
        """Where a slot's drawings land on the frame while the character is at rest. Raises ScriptError."""
        actor = self._actors.get(who)
        if actor is None:
            raise ScriptError(f"{who!r} is not on stage; there: {', '.join(self._actors)}.")
        try:
            drawings = actor.character.slots[actor.character.slot_index(slot)].drawings
        except KeyError:
            raise ScriptError(f"{who!r} has no slot {slot!r}; `mien inspect` lists them.") from None
        boxes = np.array(
            [(*d.offset, d.offset[0] + d.region[2], d.offset[1] + d.region[3]) for d in drawings]
        )
        left, top = actor.placement.apply(*boxes[:, :2].min(axis=0))
        right, bottom = actor.placement.apply(*boxes[:, 2:].max(axis=0))
        return Rect(round(left), round(top), round(right - left), round(bottom - top))

    def tick(self, at: int) -> FrameRows:
        """The frame of sample `at`. Times must not decrease."""
        self.session.advance(at)
        if self.supply is not None:
            self._ask(self.supply)
            self.supply.advance()
        return self.player.tick(at)

    @property
    def first_pages(self) -> list[int]:
        """Pages that are shown before anybody has said anything, in the order in which they are drawn."""
        rest = frozenset().union(*(needs.rest for needs in self._needs.values()))
        return [*range(self._room_pages), *sorted(rest)]

    def attach(self, supply: PageSupply) -> None:
        """Let pages come and go from now on."""
        self.supply, self.player.here = supply, supply.here

    def close(self) -> None:
        """End what brings pages. Idempotent."""
        if self.supply is not None:
            self.supply.close()

    def _ask(self, supply: PageSupply) -> None:
        """Ask for what is missing, what is always shown, and what the turns to come will show."""
        turns = self.session.upcoming
        asked = (self.player.missing, *(turn.key for turn in turns))
        if asked != self._asked:
            self._asked = asked
            ahead = (page for turn in turns for page in sorted(self._pages_for(turn)))
            supply.want(dict.fromkeys((*sorted(self.player.missing), *self.first_pages, *ahead)))

    def _pages_for(self, turn: Turn) -> frozenset[int]:
        """What a turn will show of its speaker, as far as its cues say."""
        needs, character = self._needs[turn.speaker], self._actors[turn.speaker].character
        pages = needs.speech("neutral")
        for cue in turn.cues:
            value = "" if cue.value is None else str(cue.value)
            if cue.kind == "expression":
                pages |= needs.expression(resolve_expression(character, value) or "")
            elif cue.kind == "gesture":
                pages |= needs.gesture(value)
            elif cue.kind == "drawing":
                pages |= needs.drawing(cue.slot, value)
        return pages

    def _load(self, entry: CastEntry, size: Size, count: int) -> LoadedCharacter:
        def fill_the_frame(canvas: Size) -> float:
            return min(size.height / canvas.height, 1.35 * size.width / (count * canvas.width))

        return load_character(
            bundled_or_path("characters", entry.character), scale=fill_the_frame, page_size=self._least_page
        )

    def _hang(self, room: LoadedPicture, frame: FrameRows, size: Size) -> None:
        """Put the picture behind everybody, centred."""
        x, y = (size.width - room.size.width) // 2, (size.height - room.size.height) // 2
        PictureRows(room.drawing, len(self.pages)).fill(frame, Affine(tx=x, ty=y))
        self.pages += room.pages
        self._room_pages = len(self.pages)

    def _place(
        self, entry: CastEntry, loaded: LoadedCharacter, x: float, frame: FrameRows, seed: int
    ) -> Actor:
        size = frame.size
        character = loaded.character
        anchor_x, anchor_y = character.anchor
        # Whole pixels: at rest a character is drawn exactly as its parts are.
        placement = Affine(tx=round(x * size.width - anchor_x), ty=round(size.height - anchor_y))
        rows = CharacterRows(character, len(self.pages), frame)
        needs = self._needs[entry.key] = PageNeeds(character, len(self.pages))
        self.pages += loaded.pages
        performer = Performer(character, entry.key, seed)
        return Actor(entry.key, character, placement, rows, performer, StandIns(needs.table))


def _room(path: Path, size: Size, page_size: int) -> LoadedPicture:
    """A background at the scale that covers the frame, and only what the frame shows of it."""

    def cover(picture: Size) -> float:
        return max(size.width / picture.width, size.height / picture.height)

    return load_picture(path, scale=cover, frame=size, page_size=page_size)


def _entries(cast: Mapping[str, str | Path] | Sequence[CastEntry]) -> list[CastEntry]:
    entries = [CastEntry(k, v) for k, v in cast.items()] if isinstance(cast, Mapping) else list(cast)
    keys = [entry.key for entry in entries]
    if not entries:
        raise ScriptError("the cast is empty; a stage needs at least one character.")
    if len(set(keys)) < len(keys):
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ScriptError(f"{twice!r} is in the cast twice; give each character its own key.")
    return entries


def _positions(entries: Sequence[CastEntry]) -> list[float]:
    """Where each stands, 0..1 of the frame's width."""
    positions = []
    for i, entry in enumerate(entries):
        place = entry.place
        if place is None:
            even = (i + 0.5) / len(entries)
            positions.append(0.5 + (even - 0.5) * 0.86)
        elif isinstance(place, str):
            if place not in _SIDES:
                raise ScriptError(
                    f"{entry.key!r} is placed at {place!r}; use left, center, right or a number from 0 to 1."
                )
            positions.append(_SIDES[place])
        else:
            positions.append(min(1.0, max(0.0, float(place))))
    return positions


def _place_of(actor: Actor) -> Place:
    x, y = actor.placement.apply(*actor.character.eye_line)
    return Place(x, y, actor.character)
