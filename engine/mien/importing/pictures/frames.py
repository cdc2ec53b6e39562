"""A set of whole pictures of one figure, each with a face: what packs of expressions and avatars hold."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from threading import Lock
from typing import Any, Final, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from mien.art.folder import in_threads
from mien.art.layered.kept_layers import KeptLayers
from mien.art.layered.shrinking import Shrinking
from mien.importing.flatten import Picture
from mien.importing.layered import MOST_SIDE
from mien.importing.pictures.differences import box_of_mask, words_of
from mien.types import U8, Rect, Size

NEUTRAL: Final = "neutral"
_KEPT: Final = 128 << 20
"""Bytes of decoded pictures that are kept while a set is taken apart, of each what differs from the first."""

_KEPT_FOR_LATER: Final = 256 << 20
"""Bytes of the pictures of a set, decoded, that are kept for when it is saved again; of a larger one none."""
_AHEAD: Final = 2
"""Pictures that are decoded at once: more would not all be kept."""

Key = TypeVar("Key", bound=Hashable)


class OneCanvas(Generic[Key]):
    """Pictures of any sizes on one canvas, each in the middle of its lower edge, shrunk to what a character
    may have.

    Parameters: the `sizes` of all; `load`, which decodes one, (h, w, 4) uint8 straight; `kept`, pictures as
    they were read last, where `content` says what stands for the bytes of one.
    """

    def __init__(
        self,
        sizes: Mapping[Key, Size],
        load: Callable[[Key], U8],
        kept: KeptLayers | None = None,
        content: Callable[[Key], Hashable] | None = None,
    ) -> None:
        known = sizes.values()
        self._sizes, self._load = sizes, load
        self._canvas = Size(max(s.width for s in known), max(s.height for s in known))
        self.shrinking = Shrinking.to(self._canvas, MOST_SIDE)
        each = 4 * self.shrinking.size.width * self.shrinking.size.height
        self._known = _Known[Key](_KEPT)
        self._kept = kept if len(known) * each <= _KEPT_FOR_LATER else None
        self._content = content

    def read(self, key: Key) -> U8:
        """One, as large as the canvas: (h, w, 4) uint8, not to be written to."""
        return self._known.get(key, self._read)

    def reader(self, key: Key) -> Callable[[], U8]:
        """What reads one."""
        return partial(self.read, key)

    def _read(self, key: Key) -> U8:
        if self._kept is None or self._content is None:
            return self._placed(key)
        of = ("frame", self._content(key), self._canvas, self.shrinking.scale)
        return self._kept.made(of, partial(self._placed, key))

    def _placed(self, key: Key) -> U8:
        pixels = self._load(key)
        height, width = pixels.shape[:2]
        if not self.shrinking.shrinks and (width, height) == tuple(self._canvas):
            return pixels
        return on_canvas(*self.shrinking.pixels(pixels, self._at(width, height)), self.shrinking.size)

    def corner(self, key: Key) -> tuple[int, int]:
        """Where the top left of one lies on the canvas, in pixels of the files."""
        return self._at(*self._sizes[key])

    def _at(self, width: int, height: int) -> tuple[int, int]:
        return (self._canvas.width - width) // 2, self._canvas.height - height


class _Known(Generic[Key]):
    """Pictures of one size that are alike: of each but the first what differs from that, as long as there is
    room. Several threads may ask at a time. Parameters: `room`, in bytes."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._lock = Lock()
        self._first: U8 | None = None
        self._parts: dict[Key, tuple[Rect, NDArray[np.uint8], NDArray[np.uint32]]] = {}
        """Where each differs from the first: the box, a bit for each pixel of that, and those that do."""

    def get(self, key: Key, read: Callable[[Key], U8]) -> U8:
        """One, read where it is not known."""
        known = self._parts.get(key)
        if known is None:
            return self._added(key, read(key))
        box, bits, values = known
        assert self._first is not None
        out = self._first.copy()
        differs = np.unpackbits(bits, count=box.width * box.height).view(bool)
        _cut(words_of(out), box)[differs.reshape(box.height, box.width)] = values
        return out

    def _added(self, key: Key, pixels: U8) -> U8:
        with self._lock:
            first = self._first = pixels if self._first is None else self._first
        differs = words_of(first) != words_of(pixels)
        box = box_of_mask(differs)
        differs = _cut(differs, box)
        values = _cut(words_of(pixels), box)[differs]
        bits = np.packbits(differs)
        if bits.nbytes + values.nbytes <= self._room:
            self._room -= bits.nbytes + values.nbytes
            self._parts[key] = box, bits, values
        return pixels


def _cut(array: NDArray[Any], box: Rect) -> NDArray[Any]:
    """What of (h, w) lies in a box."""
    return array[box.y : box.y + box.height, box.x : box.x + box.width]


def on_canvas(pixels: U8, offset: tuple[int, int], canvas: Size) -> U8:
    """What of a picture that lies at `offset` is on a canvas: (h, w, 4) uint8, as large as that."""
    return Picture(pixels, offset).within(Rect(0, 0, *canvas))


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture of the figure."""

    name: str
    """What it is called in tables: its file, or where it lies in one."""
    expression: str
    """What the face says; `NEUTRAL` for the plain one."""
    read: Callable[[], U8]
    """Gives (h, w, 4) uint8 RGBA, straight alpha, as large as the canvas."""
    mouth: float = 0.0
    """How far the mouth is open, 0..1, where the set says it; 0 where it does not."""
    shut: bool = False
    """Whether the eyes are shut, where the set says it."""
    corner: tuple[int, int] = (0, 0)
    """Where the top left of its file lies on the canvas, in pixels of the files."""


def read_ahead(frames: Sequence[Frame]) -> Iterator[tuple[Frame, U8]]:
    """Each with its pixels, in order; two at a time are decoded."""
    for at in range(0, len(frames), _AHEAD):
        some = frames[at : at + _AHEAD]
        yield from zip(some, in_threads(lambda frame: frame.read(), some), strict=True)


@dataclass(frozen=True, slots=True, eq=False)
class FrameSet:
    """Pictures of one figure on one canvas."""

    canvas: Size
    frames: tuple[Frame, ...]
    """In the order of the set; at least one."""
    warnings: tuple[str, ...] = ()
    scale: float = 1.0
    """Pixels of the canvas per pixel of the files."""
    speaks: bool = False
    """Whether the set itself has pictures with the mouth open: `mouth` means something."""

    def of(self, expression: str, *, shut: bool = False) -> tuple[Frame, ...]:
        """Those of one expression, from the mouth shut to wide open."""
        own = [f for f in self.frames if f.expression == expression and f.shut == shut]
        return tuple(sorted(own, key=lambda frame: frame.mouth))

    @property
    def expressions(self) -> tuple[str, ...]:
        """The names of expressions, each once, in the order of the set."""
        return tuple(dict.fromkeys(frame.expression for frame in self.frames))
