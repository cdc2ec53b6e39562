"""A show: characters loaded for a frame size, placed, and wired to the session that moves them.

Everything but a surface: no GL, no window, no file that is written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from mien.art import LoadedCharacter, LoadedPicture, load_character, load_picture, repacked
from mien.art.page_needs import PageNeeds
from mien.audio import AudioSession
from mien.catalog import bundled_or_path
from mien.character import Character
from mien.composite import CastRows, FrameRows, PictureRows
from mien.composite.stand_ins import StandIns
from mien.errors import ScriptError
from mien.messages import quoted
from mien.motion import Performer
from mien.motion.coarse import CoarseChannels, steps_of
from mien.script import Script
from mien.stage.cast import CastEntry, entries_of, pan_of, placement_of, scale_of, spots_of
from mien.stage.page_wishes import PageSupply, PageWishes
from mien.stage.player import Actor, Player
from mien.talk.cues import not_on_stage
from mien.talk.director import Director, Place
from mien.talk.places import DIM_LISTENERS
from mien.talk.session import Session
from mien.types import U8, Affine, Rect, Size

PAGE_SIZE = 2048
STREAMED_PAGE_SIZE = 1024
"""Of pages that come and go: the smaller they are, the less is brought that is not needed."""
_EMPTY_STAGE = (41 / 255, 43 / 255, 54 / 255, 1.0)


class Show:
    """Loads the cast at the scale of the frame and answers ticks with rows. Owned by the drawing thread.

    Parameters: `cast`, a mapping of key to character or CastEntry values, back to front; `size` of the frame
    in pixels; `background`, a bundled name, a PNG, straight RGBA in 0..1, or None for a plain stage;
    `page_budget`, bytes of atlas pages on the GPU, None for as many as there are; `dim_listeners`, how much
    darker a character is drawn while another speaks, 0..1, 0 for not at all; `hold_every`, samples from frame
    to frame where joints that hardly move may be held (`player.held`), None: never. Raises FormatError,
    AssetMissing, ImageRejected, AtlasFull; ScriptError for a cast that cannot stand.
    """

    def __init__(
        self,
        cast: Mapping[str, str | Path] | Sequence[CastEntry],
        size: Size,
        audio: AudioSession,
        *,
        background: str | Path | tuple[float, float, float, float] | None = None,
        seed: int = 0,
        page_budget: int | None = None,
        dim_listeners: float = DIM_LISTENERS,
        hold_every: int | None = None,
    ) -> None:
        entries = entries_of(cast)
        spots = spots_of(entries)
        self.audio = audio
        self.pages: list[U8] = []
        """(page_size, page_size, 4) uint8 each, by page number; emptied once uploaded."""
        self.page_budget = page_budget
        self.supply: PageSupply | None = None
        """What brings pages, where they do not all fit. Set before the first tick."""
        self.script = Script(seed)
        self._wishes = PageWishes()
        least_page = PAGE_SIZE if page_budget is None else STREAMED_PAGE_SIZE
        # Pages that come and go are known by the drawings that slots pick: nothing is joined then.
        joined = page_budget is None
        loaded = [_load(entry, size, len(entries), least_page, joined) for entry in entries]
        clear = _clear_of(background)
        room = None if isinstance(background, tuple | None) else _room(background, size, least_page)
        sides = [one.page_size for one in loaded] + ([] if room is None else [room.page_size])
        self.page_size = max(least_page, *sides)
        """Side of every page in pixels: PAGE_SIZE, or what the largest drawing needs."""
        loaded = [repacked(one, self.page_size) for one in loaded]
        rows = sum(len(one.character.slots) + len(one.character.groups) for one in loaded) + 1
        frame = FrameRows(rows, size, clear)
        if room is not None:
            self._hang(repacked(room, self.page_size), frame, size)
        actors = [
            self._place(entry, one, placement_of(one.character, spot, size), seed)
            for entry, one, spot in zip(entries, loaded, spots, strict=True)
        ]
        places = {actor.key: _place_of(actor) for actor in actors}
        director = Director(seed, places)
        for introduced in director.introduced():
            self.script.append(introduced)
        self.session = Session(
            audio,
            {actor.key: actor.character for actor in actors},
            director,
            self.script,
            {key: pan_of(place.x / size.width) for key, place in places.items()},
        )
        self.session.reader.get_ready()
        steps = () if hold_every is None else steps_of(hold_every)
        coarse = [
            CoarseChannels(
                actor.performer,
                len(actor.character.slots),
                steps,
                k * (hold_every or 0),
                sum(1 for _ in actor.character.segments()),
            )
            for k, actor in enumerate(actors)
        ]
        characters, bases = [a.character for a in actors], [a.page_base for a in actors]
        rows_of = CastRows(characters, bases, frame, coarse=len(steps))
        self.player = Player(actors, rows_of, self.script, frame, dim_listeners, coarse)
        self._actors = {actor.key: actor for actor in actors}
        if short := rows_of.short_of_cells:
            which = f"mesh {short[0]}" if len(short) == 1 else f"meshes {', '.join(short)}"
            self.session.warnings.append(
                f"a frame of {size.width}x{size.height} has no room for all that bends: the {which} may bend "
                "nothing; show a smaller frame or fewer characters, or bend fewer slots."
            )

    @property
    def characters(self) -> dict[str, Character]:
        """By their keys."""
        return {key: actor.character for key, actor in self._actors.items()}

    @property
    def cast(self) -> tuple[str, ...]:
        """Keys of who is on the stage, back to front."""
        return tuple(self._actors)

    def bounds(self, who: str, slot: str) -> Rect:
        """Where a slot's drawings land on the frame while the character is at rest. Raises ScriptError."""
        actor = self._actors.get(who)
        if actor is None:
            raise ScriptError(not_on_stage(who, self._actors))
        try:
            drawings = actor.character.slots[actor.character.slot_index(slot)].drawings
        except KeyError:
            raise ScriptError(
                f"{quoted(who)} has no slot {quoted(slot)}; `mien inspect` lists them."
            ) from None
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
            self._wishes.ask(self.supply, self.player.missing, self.session.upcoming)
            self.supply.advance()
        return self.player.tick(at)

    @property
    def first_pages(self) -> list[int]:
        """Pages that are shown before anybody has said anything, in the order in which they are drawn."""
        return self._wishes.first

    def attach(self, supply: PageSupply) -> None:
        """Let pages come and go from now on."""
        self.supply, self.player.here = supply, supply.here

    def close(self) -> None:
        """End what brings pages. Idempotent."""
        if self.supply is not None:
            self.supply.close()

    def _hang(self, room: LoadedPicture, frame: FrameRows, size: Size) -> None:
        """Put the picture behind everybody, centred."""
        x, y = (size.width - room.size.width) // 2, (size.height - room.size.height) // 2
        PictureRows(room.drawing, len(self.pages)).fill(frame, Affine(tx=x, ty=y))
        self.pages += room.pages
        self._wishes.add_background(len(self.pages))

    def _place(self, entry: CastEntry, loaded: LoadedCharacter, placement: Affine, seed: int) -> Actor:
        character, page_base = loaded.character, len(self.pages)
        needs = PageNeeds(character, page_base)
        self._wishes.add(entry.key, character, needs)
        self.pages += loaded.pages
        performer = Performer(character, entry.key, seed)
        return Actor(entry.key, character, placement, page_base, performer, StandIns(needs.table))


def _load(entry: CastEntry, frame: Size, count: int, page_size: int, joined: bool) -> LoadedCharacter:
    path = bundled_or_path("characters", entry.character)
    scale = scale_of(entry, frame, count)
    return load_character(path, scale=scale, page_size=page_size, joined=joined)


def _room(background: str | Path, size: Size, page_size: int) -> LoadedPicture:
    """A background at the scale that covers the frame, and only what the frame shows of it."""

    def cover(picture: Size) -> float:
        return max(size.width / picture.width, size.height / picture.height)

    path = bundled_or_path("backgrounds", background)
    return load_picture(path, scale=cover, frame=size, page_size=page_size)


def _place_of(actor: Actor) -> Place:
    x, y = actor.placement.apply(*actor.character.eye_line)
    return Place(x, y, actor.character)


def _clear_of(background: object) -> tuple[float, float, float, float]:
    """What the frame starts with, premultiplied."""
    if not isinstance(background, tuple):
        return _EMPTY_STAGE
    red, green, blue, alpha = (float(part) for part in background)
    return red * alpha, green * alpha, blue * alpha, alpha
