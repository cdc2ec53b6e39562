"""The files inside an OpenRaster zip: each PNG decoded once, and nothing decoded before all is counted.

Names are only names in the zip: nothing is unpacked to disk, and no name leads out of the file.
"""

from __future__ import annotations

import zipfile
from collections import Counter
from collections.abc import Sequence

from mien.art import png
from mien.art.layered.tree import MAX_TOTAL_PIXELS, check_pixels, overlap, trimmed
from mien.documents.toml import shown
from mien.errors import ImageRejected
from mien.types import U8, Rect, Size

Placed = tuple[str, tuple[int, int]]
"""The name of a picture, and where its top left lies on the canvas."""


def member(archive: zipfile.ZipFile, name: str, limit: int, file: str) -> bytes:
    """The bytes of a file in the zip, at most `limit`. Raises ImageRejected."""
    try:
        entry = _entry(archive, name)
        if entry.file_size > limit:
            raise too_long(file, name, limit)
        with archive.open(entry) as opened:
            data = opened.read(limit + 1)  # what the zip declares is not always true
    except KeyError:
        raise ImageRejected(f"{file}: it holds no {shown(name)}; export it again.") from None
    except ImageRejected:
        raise
    except Exception as error:  # damaged, encrypted, or compressed in a way that Python cannot undo
        raise ImageRejected(
            f"{file}: its {shown(name)} cannot be unpacked ({reason(error)}); export it again."
        ) from error
    if len(data) > limit:
        raise too_long(file, name, limit)
    return data


def too_long(file: str, name: str, limit: int) -> ImageRejected:
    """The error about a file in the zip that is larger than it may be."""
    return ImageRejected(f"{file}: its {shown(name)} unpacks to more than {limit} bytes; export it again.")


def reason(error: Exception) -> str:
    """What an error of zipfile's says, cut: some quote the file."""
    return shown(str(error) or type(error).__name__)[1:-1]


def _entry(archive: zipfile.ZipFile, name: str) -> zipfile.ZipInfo:
    try:
        return archive.getinfo(name)
    except KeyError:  # some write "/data/layer0.png" into stack.xml
        return archive.getinfo(name.lstrip("/"))


class Pictures:
    """The PNGs that the layers of one file name. `canvas`: what is beyond it is left out."""

    def __init__(self, archive: zipfile.ZipFile, file: str, canvas: Size) -> None:
        self._archive = archive
        self._file = file
        self._canvas = canvas
        self._decoded: dict[str, tuple[U8, tuple[int, int]]] = {}
        self._placed: dict[Placed, tuple[U8, tuple[int, int]]] = {}
        self._uses: Counter[str] = Counter()

    def count(self, wanted: Sequence[Placed]) -> None:
        """Count the pixels of all layers before any is kept. Raises ImageRejected when they are too many.

        Headers tell how many there are at most. Where that is too many, pictures that may be clear in places
        are decoded one at a time, to see how much of them is.
        """
        places = set(wanted)
        self._uses = Counter(name for name, _ in places)
        extents: dict[str, Rect] = {}
        unsure = []
        for name in self._uses:
            label = self._label(name)
            header = png.read_header(self._data(name), label, 2 * max(self._canvas) + 8192)
            extents[name] = Rect(0, 0, *header.size)
            if header.has_alpha:
                unsure.append(name)
        while unsure and self._total(places, extents) > MAX_TOTAL_PIXELS:
            check_pixels(self._total([p for p in places if p[0] not in unsure], extents), self._file)
            name = unsure.pop()
            extents[name] = png.extent(self._data(name), self._label(name))
        check_pixels(self._total(places, extents), self._file)

    def place(self, name: str, offset: tuple[int, int]) -> tuple[U8, tuple[int, int]]:
        """What the canvas shows of a picture without its empty border, and where that lies.

        (h, w, 4) uint8 RGBA, straight alpha; asked again, the same array. Raises ImageRejected.
        """
        key = name, offset
        if key not in self._placed:
            pixels, corner = self._trimmed(name)
            at = offset[0] + corner[0], offset[1] + corner[1]
            box = Rect(*at, pixels.shape[1], pixels.shape[0])
            inside = overlap(box, Rect(0, 0, *self._canvas)) == box
            self._placed[key] = (pixels, at) if inside else trimmed(pixels, at, self._canvas)
        return self._placed[key]

    def _trimmed(self, name: str) -> tuple[U8, tuple[int, int]]:
        """A picture without its empty border, kept while other layers need it."""
        found = self._decoded.pop(name, None) or png.decode_trimmed(self._data(name), self._label(name))
        self._uses[name] -= 1
        if self._uses[name] > 0:
            self._decoded[name] = found
        return found

    def _total(self, places: Sequence[Placed] | set[Placed], extents: dict[str, Rect]) -> int:
        """Pixels on the canvas."""
        canvas, total = Rect(0, 0, *self._canvas), 0
        for name, (x, y) in places:
            box = extents[name]
            seen = overlap(Rect(x + box.x, y + box.y, box.width, box.height), canvas)
            total += seen.width * seen.height
        return total

    def _data(self, name: str) -> bytes:
        return member(self._archive, name, png.MAX_FILE_BYTES, self._file)

    def _label(self, name: str) -> str:
        return f"{self._file}: {shown(name)[1:-1]}"
