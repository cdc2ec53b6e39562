"""A show: characters loaded for a frame size, placed, and wired to the session that moves them.

Everything but a surface: no GL, no window, no file that is written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mien.art import LoadedCharacter, LoadedPicture, load_character, load_picture, repaged
from mien.audio import AudioSession, TurnAudio
from mien.catalog import bundled_or_path
from mien.composite import CharacterRows, FrameRows, PictureRows
from mien.errors import ScriptError
from mien.motion import Performer
from mien.player import Actor, Player
from mien.script import Script
from mien.talk import Conversation, Cue, Turn, character_path
from mien.talk.director import Director, Place
from mien.talk.session import Session
from mien.types import U8, Affine, Rect, Size

PAGE_SIZE = 2048
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


class Show:
    """Loads the cast at the scale of the frame and answers ticks with rows. Owned by the drawing thread.

    Parameters: `cast`, a mapping of key to character or CastEntry values, back to front; `size` of the
    frame in pixels; `background`, a bundled name or a PNG, or None for a plain stage.
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
    ) -> None:
        entries = _entries(cast)
        self.audio = audio
        self.pages: list[U8] = []
        """(page_size, page_size, 4) uint8 each, by page number; emptied once uploaded."""
        self._keys = 0
        self.script = Script(seed)
        loaded = [self._load(entry, size, len(entries)) for entry in entries]
        room = None if background is None else _room(bundled_or_path("backgrounds", background), size)
        self.page_size = max(
            PAGE_SIZE if room is None else room.page_size, *(one.page_size for one in loaded)
        )
        """Side of every page in pixels: PAGE_SIZE, or what the largest drawing needs."""
        loaded = [repaged(one, self.page_size) for one in loaded]
        rows = sum(len(one.character.slots) + len(one.character.groups) for one in loaded) + 1
        frame = FrameRows(rows, size, _EMPTY_STAGE)
        if room is not None:
            self._hang(repaged(room, self.page_size), frame, size)
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
        self._keys += 1
        return f"turn-{self._keys}"

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
        return self.player.tick(at)

    def _load(self, entry: CastEntry, size: Size, count: int) -> LoadedCharacter:
        def fill_the_frame(canvas: Size) -> float:
            return min(size.height / canvas.height, 1.35 * size.width / (count * canvas.width))

        return load_character(
            bundled_or_path("characters", entry.character), scale=fill_the_frame, page_size=PAGE_SIZE
        )

    def _hang(self, room: LoadedPicture, frame: FrameRows, size: Size) -> None:
        """Put the picture behind everybody, centred."""
        x, y = (size.width - room.size.width) // 2, (size.height - room.size.height) // 2
        PictureRows(room.drawing, len(self.pages)).fill(frame, Affine(tx=x, ty=y))
        self.pages += room.pages

    def _place(
        self, entry: CastEntry, loaded: LoadedCharacter, x: float, frame: FrameRows, seed: int
    ) -> Actor:
        size = frame.size
        character = loaded.character
        anchor_x, anchor_y = character.anchor
        # Whole pixels: at rest a character is drawn exactly as its parts are.
        placement = Affine(tx=round(x * size.width - anchor_x), ty=round(size.height - anchor_y))
        rows = CharacterRows(character, len(self.pages), frame)
        self.pages += loaded.pages
        return Actor(entry.key, character, placement, rows, Performer(character, entry.key, seed))


def _room(path: Path, size: Size) -> LoadedPicture:
    """A background at the scale that covers the frame, and only what the frame shows of it."""

    def cover(picture: Size) -> float:
        return max(size.width / picture.width, size.height / picture.height)

    return load_picture(path, scale=cover, frame=size, page_size=PAGE_SIZE)


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
