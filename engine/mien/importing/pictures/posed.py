"""Mouths of pictures that are poses of their own: patches over the mouth that each has drawn on it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from mien.importing.flatten import Picture, over
from mien.importing.labels import How, Label
from mien.importing.mouth_drawings import Line, is_open, opened, shut
from mien.importing.pictures.differences import POSE, box_of_mask, differing, grown_mask
from mien.importing.pictures.faces import Faces
from mien.importing.pictures.frames import read_ahead
from mien.importing.pictures.plates import lift
from mien.importing.pictures.rows import MADE
from mien.importing.pictures.seeking import face_in
from mien.importing.pictures.speaking import states_of
from mien.importing.pictures.work import Work
from mien.importing.warping import stretched
from mien.types import U8, Bools

_VOWELS: Final = {"E": (1.0, 0.6), "O": (0.72, 0.88)}
"""Mouths that are made from an open one: how wide and how high against it."""


def add_posed(work: Work, faces: Faces) -> None:
    """Add the mouths of all poses: those that the set has for one, else made from the lips that are found."""
    for expression in work.frames.expressions:
        frames = work.frames.of(expression)
        if not frames or frames[0].name not in work.poses:
            continue
        ahead = read_ahead(frames)
        _, first = next(ahead)
        more = []
        for frame, pixels in ahead:
            mask = _changed(first, pixels)
            if mask is not None:
                more.append((frame, mask))
        if more:
            area = grown_mask(np.asarray(np.logical_or.reduce([mask for _, mask in more])), 2)
            _add(work, expression, (frames[0].name,), "sil", _cut(first, area), "named")
            for (frame, _), state in zip(more, states_of(len(more)), strict=True):
                _add(work, expression, (frame.name,), state, _cut(frame.read(), area), "named")
            faces.of(expression).mood = expression
        elif len(frames) == 1:
            for state, picture, as_drawn in _made(first):
                _add(work, expression, (MADE, frames[0].name, state), state, picture, "guessed")
                faces.of(expression).mood = expression
                if as_drawn and state != "sil":
                    faces.of(expression).rest = state


def _changed(first: U8, other: U8) -> Bools | None:
    """Where a picture differs from another one of the same pose; None where that is nothing, or too much."""
    mask = differing(first, other)
    share = mask.sum() / max(1, (first[..., 3] > 8).sum())
    return mask if 0 < share < POSE / 2 else None


def _cut(pixels: U8, area: Bools) -> Picture:
    box = box_of_mask(area)
    rows, columns = slice(box.y, box.y + box.height), slice(box.x, box.x + box.width)
    part = pixels[rows, columns].copy()
    part[~area[rows, columns]] = 0
    return Picture(part, (box.x, box.y))


def _made(pixels: U8) -> Iterator[tuple[str, Picture, bool]]:
    """What a mouth says, the patch that shows it over the one that is drawn, and whether it shows that one;
    nothing where none is found."""
    face = face_in(pixels)
    lifted = None if face is None else lift(pixels, face.mouth, None)
    if lifted is None or face is None:
        return
    line = lifted.ink.trimmed_to_itself()
    if line.is_empty:
        return
    is_wide = is_open(line)
    wide = line if is_wide else opened(Line.of(line), 0.5 * face.mouth.width)
    yield "sil", over([lifted.plate, shut(line) if is_wide else line]), not is_wide
    yield "aa", over([lifted.plate, wide]), is_wide
    about = wide.box.x + wide.box.width / 2, wide.box.y + 0.25 * wide.box.height
    for state, (across, down) in _VOWELS.items():
        yield state, over([lifted.plate, stretched(wide, across, down, about)]), False


def _add(work: Work, expression: str, path: tuple[str, ...], state: str, picture: Picture, how: How) -> None:
    why = "its lips were looked for in this picture alone" if how == "guessed" else ""
    work.add(
        (*path, "mouth"), "mouth", picture, Label("mouth", state=f"{expression}/{state}", how=how, why=why)
    )
