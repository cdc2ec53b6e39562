"""The files inside an OpenRaster zip: each PNG decoded once, and nothing decoded before all is counted.

Names are only names in the zip: nothing is unpacked to disk, and no name leads out of the file.
"""

from __future__ import annotations

import zipfile
from collections import Counter
from collections.abc import Iterable

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
        self._decoded: dict[str, tuple[U8, tuple[int, int]]] = {}
        self._placed: dict[tuple[str, tuple[int, int]], tuple[U8, tuple[int, int]]] = {}
        self._uses: Counter[str] = Counter()
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
            places.setdefault(self._picture(name), set()).add(at)
        self._uses = Counter({picture: len(offsets) for picture, offsets in places.items()})
        headers = {
            picture: read_header(self._data(picture), self._label(picture), 2 * max(self._canvas) + 8192)
            for picture in places
        }
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

    def place(self, name: str, offset: tuple[int, int], *, keep: bool = True) -> tuple[U8, tuple[int, int]]:
        """What the canvas shows of a picture without its empty border, and where that lies.

        (h, w, 4) uint8 RGBA, straight alpha; asked again, the same array where it was to be kept. Raises
        ImageRejected.
        """
        key = picture, _ = self._picture(name), offset
        if key not in self._placed:
            pixels, corner = self._trimmed(picture)
            at = offset[0] + corner[0], offset[1] + corner[1]
            box = Rect(*at, pixels.shape[1], pixels.shape[0])
            inside = overlap(box, Rect(0, 0, *self._canvas)) == box
            found = (pixels, at) if inside else trimmed(pixels, at, self._canvas)
            if not keep:
                return found
            self._placed[key] = found
        return self._placed[key]

    def content(self, name: str) -> bytes:
        """What stands for the bytes of a picture."""
        return content_of(self._data(self._picture(name)))

    def _picture(self, name: str) -> str:
        """The file in the zip that holds what the one of this name does: of clear layers all say the same."""
        entry = entry_of(self._archive, name, self._file)
        own = entry.filename
        if own not in self._same:
            first = self._alike.setdefault((entry.CRC, entry.file_size), own)
            is_same = first == own or self._data(first) == self._data(own)
            self._same[own] = first if is_same else own
        return self._same[own]

    def _trimmed(self, picture: str) -> tuple[U8, tuple[int, int]]:
        """A picture without its empty border, kept while other layers need it."""
        found = self._decoded.pop(picture, None)
        if found is None:
            found = png.decode_trimmed(self._data(picture), self._label(picture))
        self._uses[picture] -= 1
        if self._uses[picture] > 0:
            self._decoded[picture] = found
        return found

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
