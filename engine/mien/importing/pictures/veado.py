"""veadotube mini avatars, `.veado`: chunks of states with four pictures each, mouth shut and open, eyes open
and shut.

The format is documented at veado.tube/docs/tech/file: little endian; text and counts as .NET writes them.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Final

import numpy as np

from mien.art.layered.tree import check_file
from mien.art.png_header import MAX_FILE_BYTES, MAX_PIXELS
from mien.errors import FormatError, ImageRejected
from mien.importing.pictures.frames import NEUTRAL, Frame, FrameSet, OneCanvas
from mien.importing.pictures.veado_delta import delta_pixels
from mien.messages import printable
from mien.types import U8, Size

MAGIC: Final = b"VEADOTUBE"
_MOST_CHUNKS: Final = 65_536
_MOST_STATES: Final = 128
_MOST_SIDE: Final = 8192


@dataclass(frozen=True, slots=True)
class _State:
    name: str
    images: tuple[int, int, int, int]
    """Of mouth shut, mouth open, and both with the eyes shut; 0 for none."""


def read_veado(path: FilePath) -> FrameSet:
    """A mini avatar. Raises AssetMissing, FormatError, ImageRejected."""
    check_file(path)
    if path.stat().st_size > MAX_FILE_BYTES:
        raise ImageRejected(f"{path} is longer than {MAX_FILE_BYTES} bytes; save it smaller.")
    try:
        return _Avatar(path, path.read_bytes()).frames()
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise FormatError(f"{path} is cut or damaged; save it again in veadotube.") from error


class _Avatar:
    def __init__(self, path: FilePath, data: bytes) -> None:
        self._path = path
        self._warnings: list[str] = []
        if not data.startswith(MAGIC):
            zipped = data.startswith(b"PK")
            fault = (
                "is of veadotube mini 1.4 or earlier; save it with a newer one"
                if zipped
                else "is no veadotube avatar"
            )
            raise FormatError(f"{path} {fault}{'.' if zipped else '; name a .veado file.'}")
        self._chunks: dict[int, tuple[bytes, bytes]] = {}
        at = len(MAGIC)
        while at + 12 <= len(data) and len(self._chunks) < _MOST_CHUNKS:
            number, kind, length = struct.unpack_from("<I4sI", data, at)
            if not number or not length:
                break
            at += 12
            if at + length > len(data):
                raise FormatError(f"{path} is cut after {len(data)} bytes; save it again in veadotube.")
            self._chunks.setdefault(number, (kind, data[at : at + length]))
            at += length

    def frames(self) -> FrameSet:
        lists = [body for kind, body in self._chunks.values() if kind == b"MLST"]
        if not lists:
            full = any(kind == b"DART" for kind, _ in self._chunks.values())
            what = "is a dynamic avatar of the full veadotube" if full else "holds no states"
            raise FormatError(f"{self._path} {what}; a mini avatar can be imported.")
        numbers = struct.unpack(f"<{len(lists[0]) // 4}I", lists[0][: len(lists[0]) // 4 * 4])[:_MOST_STATES]
        states = [self._state(number) for number in numbers if number in self._chunks]
        states = [state for state in states if any(state.images)]
        if not states:
            raise FormatError(f"{self._path}: holds no state with a picture; save it again in veadotube.")
        sizes = {n: self._image(n)[0] for state in states for n in state.images if n}
        canvas = OneCanvas[int](sizes, self._pixels)
        shrinking = canvas.shrinking
        frames = []
        taken: set[str] = set()
        for index, state in enumerate(states):
            expression = NEUTRAL if not index else _plain(state.name, taken)
            taken.add(expression)
            seen: set[int] = set()
            for number, (what, mouth, shut) in zip(state.images, _SHOWN, strict=True):
                if number and number not in seen:
                    seen.add(number)
                    frames.append(
                        Frame(
                            f"{printable(state.name)}: {what}",
                            expression,
                            canvas.reader(number),
                            mouth,
                            shut,
                            canvas.corner(number),
                        )
                    )
        return FrameSet(shrinking.size, tuple(frames), tuple(self._warnings), shrinking.scale, True)

    def _state(self, number: int) -> _State:
        body = self._chunk(number, b"MSTA")
        name, at = _text(body, 0)
        at += 1
        # Newer versions write the flags as four bytes, three of them 0.
        if (
            body[at : at + 3] == b"\0\0\0"
            and not self._are_images(body, at)
            and self._are_images(body, at + 3)
        ):
            at += 3
        images = struct.unpack_from("<8I", body, at)[4:]
        return _State(name, images)

    def _are_images(self, body: bytes, at: int) -> bool:
        if at + 32 > len(body):
            return False
        return all(
            not n or self._chunks.get(n, (b"",))[0] == b"AIMG" for n in struct.unpack_from("<8I", body, at)
        )

    def _chunk(self, number: int, kind: bytes) -> bytes:
        found, body = self._chunks.get(number, (b"", b""))
        if found != kind:
            raise FormatError(f"{self._path}: lacks its chunk {number}; save it again in veadotube.")
        return body

    def _image(self, number: int) -> tuple[Size, int, tuple[int, int]]:
        """Its size, its first texture, and where that lies from the lower left."""
        body = self._chunk(number, b"AIMG")
        width, height = struct.unpack_from("<II", body)
        count, at = _count(body, 8)
        if count > 1:
            _, at = _count(body, at)
            line = "its animated pictures stand still, each at its first frame"
            if line not in self._warnings:
                self._warnings.append(line)
        texture, x, y = struct.unpack_from("<III", body, at)
        self._check(width, height)
        return Size(width, height), texture, (x, y)

    def _check(self, width: int, height: int) -> None:
        if not (0 < width <= _MOST_SIDE and 0 < height <= _MOST_SIDE) or width * height > MAX_PIXELS:
            raise ImageRejected(
                f"{self._path}: declares a picture of {width} x {height} pixels, and {_MOST_SIDE} on a side "
                f"or {MAX_PIXELS >> 20} Mpx in all is the limit; make it smaller."
            )

    def _pixels(self, number: int) -> U8:
        size, texture, (x, y) = self._image(number)
        body = self._chunk(texture, b"ABMP")
        width, height, kind = struct.unpack_from("<II4s", body)
        self._check(width, height)
        data = body[12:]
        if kind == b"RAW.":
            if len(data) < 4 * width * height:
                raise FormatError(f"{self._path}: a picture is cut; save it again in veadotube.")
            flat = np.frombuffer(data, np.uint8, 4 * width * height).reshape(height, width, 4)
        elif kind == b"VDD.":
            flat = delta_pixels(data, width, height, str(self._path))
        else:
            raise FormatError(
                f"{self._path}: has pictures of the kind "
                f"{printable(kind.decode('latin-1'))}, which are not known."
            )
        out = np.zeros((size.height, size.width, 4), np.uint8)
        part = out[y : y + height, x : x + width]
        part[...] = flat[: part.shape[0], : part.shape[1]]
        return out[::-1].copy()


_SHOWN: Final = (
    ("mouth shut", 0.0, False),
    ("mouth open", 1.0, False),
    ("blinking, mouth shut", 0.0, True),
    ("blinking, mouth open", 1.0, True),
)


def _plain(name: str, taken: set[str]) -> str:
    base = "".join(c if c.isalnum() else "_" for c in name.strip().lower()).strip("_")[:40] or "state"
    own, count = base, 1
    while own in taken:
        count += 1
        own = f"{base}_{count}"
    return own


def _count(body: bytes, at: int) -> tuple[int, int]:
    """A count of variable length, seven bits a byte, and where it ends."""
    value = 0
    for shift in range(0, 35, 7):
        byte = body[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            break
    return value, at


def _text(body: bytes, at: int) -> tuple[str, int]:
    length, at = _count(body, at)
    if at + length > len(body):
        raise IndexError("text")
    return body[at : at + length].decode("utf-8"), at + length
