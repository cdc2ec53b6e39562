"""The files inside an OpenRaster zip: each PNG decoded once, and nothing decoded before all is counted.

Names are only names in the zip: nothing is unpacked to disk, and no name leads out of the file.
"""

from __future__ import annotations

import zipfile
from collections import Counter
from collections.abc import Callable, Iterable

from mien.art import png
from mien.art.layered.kept_layers import content_of
from mien.art.layered.tree import MAX_TOTAL_PIXELS, check_pixels, overlap, trimmed
from mien.art.layered.zips import entry_of, member
from mien.art.png_header import MAX_FILE_BYTES, read_header
from mien.errors import ImageRejected
from mien.messages import printable
from mien.types import U8, Rect, Size

Placed = tuple[str, tuple[int, int]]
"""The name of a picture, and where its top left lies on the canvas."""
Shown = tuple[U8, tuple[int, int]]
"""Pixels, and where their top left lies."""

FREE_PIXELS, PIXELS_A_BYTE = 1 << 28, 300
"""Pixels that headers may declare together, clear ones too, and how many more for each byte of the file. A
byte of a PNG is at most 258 pixels; what is packed a second time, in the zip, may be more. The free
ones take 4 s of a core, however few bytes they are."""

_KEPT_PIXELS = 16 << 20
"""Pixels that are kept of what was decoded to be counted."""


class Pictures:
    """The PNGs that the layers of one file name. `canvas`: what is beyond it is left out."""

    def __init__(self, archive: zipfile.ZipFile, file: str, canvas: Size) -> None:
        self._archive = archive
        self._file = file
        self._canvas = canvas
        self._decoded: dict[str, Shown] = {}
        self._uses: Counter[str] = Counter()
        self._sizes: dict[str, Size] = {}
        self._alike: dict[tuple[int, int], str] = {}  # CRC and length -> the first file that has them
        self._same: dict[str, str] = {}

    def count(self, wanted: Iterable[Placed], file_bytes: int, *, kept: bool = True) -> None:
        """Count the pixels of all layers before any is kept. Raises ImageRejected when they are too many.

        Headers tell how many there are at most. Where that is too many, pictures that may be clear in places
        are decoded one at a time, to see how much of them is. `file_bytes`: the length of the file. `kept`:
        False where whoever asks for them makes them smaller, and counts what is left.
        """
        places: dict[str, set[tuple[int, int]]] = {}
        for name, at in wanted:
            places.setdefault(self.same(name), set()).add(at)
        self._uses = Counter({picture: len(offsets) for picture, offsets in places.items()})
        headers = {
            picture: read_header(self._data(picture), self._label(picture), 2 * max(self._canvas) + 8192)
            for picture in places
        }
        self._sizes = {picture: header.size for picture, header in headers.items()}
        declared = sum(header.size.width * header.size.height for header in headers.values())
        if declared > FREE_PIXELS + PIXELS_A_BYTE * file_bytes:
            raise ImageRejected(
                f"{self._file}: its pictures declare {declared >> 20} Mpx, more than {file_bytes} bytes "
                "hold; export it again."
            )
        if not kept:
            return
        areas = {p: self._seen(Rect(0, 0, *headers[p].size), places[p]) for p in places}
        total, sure = sum(areas.values()), sum(areas[p] for p in places if not headers[p].has_alpha)
        check_pixels(sure, self._file)
        room = _KEPT_PIXELS
        for picture in (p for p in places if headers[p].has_alpha):
            if total <= MAX_TOTAL_PIXELS:
                break
            extent, pixels = png.extent(self._data(picture), self._label(picture), room)
            if pixels is not None:  # as of most that claim much and hold little: decoded once is enough
                self._decoded[picture] = pixels, (extent.x, extent.y)
                room -= extent.width * extent.height
            found = self._seen(extent, places[picture])
            total, sure = total - areas[picture] + found, sure + found
            check_pixels(sure, self._file)

    def place(self, name: str, offset: tuple[int, int]) -> Shown:
        """What the canvas shows of a picture without its empty border, and where that lies.

        (h, w, 4) uint8 RGBA, straight alpha. Raises ImageRejected.
        """
        return self._shown(self._trimmed(self.same(name)), offset)

    def content(self, picture: str) -> bytes:
        """What stands for the bytes of a picture, of the name that `same` gives. On any thread."""
        return content_of(self._data(picture))

    def alone(self, name: str, offset: tuple[int, int]) -> Callable[[], Shown] | None:
        """What gives the same as `place` on any thread: of a picture that is shown once, not decoded yet and
        no larger than the canvas; else None."""
        picture = self.same(name)
        size = self._sizes[picture]
        is_large = size.width * size.height > self._canvas.width * self._canvas.height
        if self._uses[picture] != 1 or picture in self._decoded or is_large:
            return None
        return lambda: self._shown(self._read(picture), offset)

    def _shown(self, found: Shown, offset: tuple[int, int]) -> Shown:
        """What the canvas shows of a trimmed picture that lies at a place."""
        pixels, corner = found
        at = offset[0] + corner[0], offset[1] + corner[1]
        box = Rect(*at, pixels.shape[1], pixels.shape[0])
        inside = overlap(box, Rect(0, 0, *self._canvas)) == box
        return (pixels, at) if inside else trimmed(pixels, at, self._canvas)

    def same(self, name: str) -> str:
        """The file in the zip that holds what the one of this name does: of clear layers all say the same."""
        entry = entry_of(self._archive, name, self._file)
        own = entry.filename
        if own not in self._same:
            first = self._alike.setdefault((entry.CRC, entry.file_size), own)
            is_same = first == own or self._data(first) == self._data(own)
            self._same[own] = first if is_same else own
        return self._same[own]

    def _trimmed(self, picture: str) -> Shown:
        """A picture without its empty border, kept while other layers need it."""
        found = self._decoded.pop(picture, None)
        if found is None:
            found = self._read(picture)
        self._uses[picture] -= 1
        if self._uses[picture] > 0:
            self._decoded[picture] = found
        return found

    def _read(self, picture: str) -> Shown:
        return png.decode_trimmed(self._data(picture), self._label(picture))

    def _seen(self, box: Rect, offsets: Iterable[tuple[int, int]]) -> int:
        """How many pixels of a box, in a picture's own pixels, the canvas shows at all these places."""
        canvas, total = Rect(0, 0, *self._canvas), 0
        for x, y in offsets:
            seen = overlap(Rect(x + box.x, y + box.y, box.width, box.height), canvas)
            total += seen.width * seen.height
        return total

    def _data(self, picture: str) -> bytes:
        return member(self._archive, picture, MAX_FILE_BYTES, self._file)

    def _label(self, picture: str) -> str:
        return f"{self._file}: {printable(picture)}"
