"""The mouths of a set of pictures: of each face its own, lifted off its picture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mien.art.folder import in_threads
from mien.importing.flatten import Picture, over
from mien.importing.labels import Label
from mien.importing.pictures.faces import Faces
from mien.importing.pictures.frames import Frame
from mien.importing.pictures.places import mask_of
from mien.importing.pictures.plates import Lifted, lift
from mien.importing.pictures.rows import DIFFERS, MADE
from mien.importing.pictures.work import Work, grown_box
from mien.types import F64, Rect


class Mouths:
    """The mouth of every face, lifted off its own picture."""

    def __init__(self, work: Work, place: Rect) -> None:
        self._work = work
        self._place = place
        shape = work.pixels.shape[:2]
        self.area = mask_of(grown_box(place, 0.12), shape) if place.width else np.zeros(shape, bool)
        changed = np.zeros(shape, bool)
        for mask in work.differs.values():
            changed |= mask
        self._changed = changed & self.area
        self._own: Lifted | None = None
        self._bare: Lifted | None = None
        if place.width:
            nothing = np.zeros(shape, bool)
            self._own = lift(work.pixels, place, nothing) or lift(work.pixels, place, self._changed)
            # Mouths that are made have no nose beside them: it stays where it is.
            self._bare = lift(work.pixels, place, nothing, self._changed) or self._own

    @property
    def found(self) -> bool:
        """Whether the plain picture has one."""
        return self._own is not None

    def bare(self) -> Picture:
        """The plain figure without its mouth."""
        whole = Picture(self._work.pixels, (0, 0))
        return whole if self._bare is None else over([whole, self._bare.plate])

    def skin(self) -> F64 | None:
        """The colour of the face about the mouth, (3,), 0..255."""
        if self._own is None:
            return None
        plate = self._own.plate.pixels
        found: F64 = np.median(plate[plate[..., 3] > 200][:, :3].astype(np.float64), axis=0)
        return found

    def add(self, faces: Faces) -> None:
        """Add a layer for each mouth."""
        work = self._work
        if self._own is None:
            return
        neutral = self._own.ink
        inks: dict[str, list[tuple[Frame, Picture]]] = {}
        frames = [frame for name in work.frames.expressions for frame in work.frames.of(name)]
        for frame, ink in zip(frames, in_threads(self._ink, frames), strict=True):
            if ink is not None:
                inks.setdefault(frame.expression, []).append((frame, ink))
        self._add(neutral, work.plain.name, "", "sil", visible=True)
        own = inks.get(work.plain.expression, [])[1:]
        for (frame, ink), state in zip(own, states_of(len(own)), strict=True):
            self._add(ink, frame.name, "", state)
        if not own:
            self._take_open(inks)
        for expression, drawn in inks.items():
            if expression != work.plain.expression:
                self._face(expression, drawn, faces)

    def _ink(self, frame: Frame) -> Picture | None:
        if frame is self._work.plain:
            return self._own.ink if self._own is not None else None
        mask = self._work.differs.get(frame.name)
        if mask is None:
            return None
        if not (mask & self.area).any():
            return None
        lifted = lift(frame.read(), self._place, mask & self.area)
        return None if lifted is None else lifted.ink.trimmed(self._work.frames.canvas)

    def _face(self, expression: str, drawn: Sequence[tuple[Frame, Picture]], faces: Faces) -> None:
        """The mouths of one face: as it is drawn, and open."""
        frame, ink = drawn[0]
        face = faces.of(expression)
        if self._is_open(ink) and not self._work.frames.speaks:
            self._add(ink, frame.name, expression, "aa")
            face.rest = "aa"
        else:
            self._add(ink, frame.name, expression, "sil")
        face.mood = expression
        more = drawn[1:]
        for (other, picture), state in zip(more, states_of(len(more)), strict=True):
            self._add(picture, other.name, expression, state)

    def _take_open(self, inks: dict[str, list[tuple[Frame, Picture]]]) -> None:
        """Of the plain face the open mouths, where only other faces have them: the largest, and a round."""
        wide = [(f, ink) for drawn in inks.values() for f, ink in drawn if self._is_open(ink)]
        if not wide:
            return
        frame, ink = max(wide, key=lambda pair: _amount(pair[1]))
        self._add(ink, f"{frame.name}, its mouth", "", "aa", made=True)
        for other, round_one in wide:
            box = round_one.box
            if other is not frame and box.width < 1.5 * box.height and box.width < 0.75 * ink.box.width:
                self._add(round_one, f"{other.name}, its mouth", "", "O", made=True)
                break

    def _is_open(self, ink: Picture) -> bool:
        """Whether a mouth looks open: far more is drawn than a line of its width takes."""
        line = self._own.ink.trimmed(self._work.frames.canvas) if self._own is not None else ink
        own = ink.trimmed(self._work.frames.canvas)
        if own.is_empty or line.is_empty:
            return False
        thick = _amount(own) / max(1, own.box.width)
        return thick > 1.8 * _amount(line) / max(1, line.box.width) and own.box.height > 0.3 * own.box.width

    def _add(
        self, ink: Picture, name: str, mood: str, state: str, *, visible: bool = False, made: bool = False
    ) -> None:
        path = (MADE, "mouth", name) if made else (name, "mouth")
        says = f"{mood}/{state}" if mood else state
        label = Label("mouth", state=says, how="given", why=self._work.why.get("mouth", DIFFERS))
        self._work.add(path, "mouth", ink, label, visible=visible)


def _amount(ink: Picture) -> float:
    return float((ink.pixels[..., 3] > 128).sum())


def states_of(count: int) -> list[str]:
    """What mouths are that open more and more, from a little to wide."""
    if count <= 1:
        return ["aa"][:count]
    return [*["UH", "E", "O", "SS", "I", "U"][: count - 1], *["aa"] * max(0, count - 7), "aa"][:count]
