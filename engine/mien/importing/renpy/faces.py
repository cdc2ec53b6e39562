"""Layered images whose faces are whole, `group face` with `happy`, `sad`: as a set of whole pictures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path as FilePath
from typing import Final

import numpy as np

from mien.art.layered.shrinking import Shrinking
from mien.importing.flatten import Picture, over
from mien.importing.names import family_of, read_name
from mien.importing.pictures.frames import NEUTRAL, Frame, FrameSet
from mien.importing.renpy.rpy import Layer
from mien.types import U8, Size

_FACES: Final = frozenset(
    ["face", "faces", "expression", "expressions", "emotion", "emotions", "mood", "moods", "expr", "emote"]
)
_PLAIN: Final = ("neutral", "normal", "default", "calm")

Found = Sequence[tuple[Layer, FilePath]]


def face_group(layers: Found) -> str:
    """The group whose attributes are whole faces; empty for none, and where mouths are by themselves."""
    groups = dict.fromkeys(layer.group for layer, _ in layers if layer.group)
    if any(family_of(read_name(group).role) == "mouth" for group in groups):
        return ""
    for group in groups:
        count = len({layer.attribute for layer, _ in layers if layer.group == group})
        if group.lower() in _FACES and count > 1:
            return group
    return ""


def face_frames(
    layers: Found, group: str, shown: set[str], decoded: Callable[[FilePath], U8], canvas: Size
) -> tuple[Callable[[], FrameSet], list[str]]:
    """The figure with each face in turn, and the names of what is not seen in any of them.

    `shown`: the attributes that are shown when none is asked for; `decoded` gives the pixels of a file.
    """
    shrinking = Shrinking.to(canvas, 2048)
    faces = list(dict.fromkeys(layer.attribute for layer, _ in layers if layer.group == group))
    plain = next((face for face in faces if face in shown), None)
    plain = plain or next((face for face in faces if face.lower() in _PLAIN), faces[0])

    def seen(face: str) -> list[tuple[Layer, FilePath]]:
        worn = (shown - set(faces)) | {face}
        return [
            (layer, path)
            for layer, path in layers
            if not layer.condition and (not layer.attribute or layer.attribute in worn) and layer.fits(worn)
        ]

    @lru_cache(maxsize=4)
    def whole(face: str) -> U8:
        drawn = []
        for layer, path in seen(face):
            drawn.append(Picture(*shrinking.pixels(decoded(path), layer.offset)))
        picture = over(drawn)
        out = np.zeros((shrinking.size.height, shrinking.size.width, 4), np.uint8)
        box = picture.box
        part = out[max(0, box.y) : box.y + box.height, max(0, box.x) : box.x + box.width]
        part[...] = picture.pixels[: part.shape[0], : part.shape[1]]
        return out

    def read(face: str) -> Callable[[], U8]:
        return lambda: whole(face)

    frames = [Frame(f"{group}/{face}", NEUTRAL if face == plain else face, read(face)) for face in faces]
    frames.sort(key=lambda frame: frame.expression != NEUTRAL)
    used = {id(layer) for face in faces for layer, _ in seen(face)}
    left = [layer.attribute or FilePath(path).stem for layer, path in layers if id(layer) not in used]
    return lambda: FrameSet(shrinking.size, tuple(frames), (), shrinking.scale), left
