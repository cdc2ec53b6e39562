"""What Godot 4 writes: values in binary, as of `store_var`, and as text, as of `var_to_str`.

The binary form is described in Godot's manual under "Binary serialization API": little endian, in words of
four bytes; the low byte of a value's first word is its type, bits from 16 on are flags.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from typing import Any, Final

from mien.errors import FormatError

_MOST_DEPTH: Final = 64
_MOST_VALUES: Final = 4_000_000
_WIDE: Final = 1 << 16

_REALS: Final = {5: 2, 7: 4, 9: 3, 11: 6, 12: 4, 14: 4, 15: 4, 16: 6, 17: 9, 18: 12, 19: 16}
"""Type -> how many reals it is, of 4 bytes, of 8 with the flag: vectors, rectangles, transforms."""
_INTS: Final = {6: 2, 8: 4, 10: 3, 13: 4}
_PACKED: Final = {
    30: ("i", 1),
    31: ("q", 1),
    32: ("f", 1),
    33: ("d", 1),
    35: ("f", 2),
    36: ("f", 3),
    37: ("f", 4),
    38: ("f", 4),
}

Pair = tuple[float, ...]


def read_var(data: bytes, file: str) -> Any:
    """The value of a file written with `store_var`: dictionaries, lists, text, numbers, bytes; vectors and
    colours as tuples; objects as their properties. Raises FormatError."""
    if len(data) < 8:
        raise FormatError(f"{file} is cut after {len(data)} bytes; save it again.")
    (length,) = struct.unpack_from("<I", data)
    if length > len(data) - 4:
        raise FormatError(f"{file} is cut after {len(data)} bytes, of {length + 4}; save it again.")
    try:
        return _Reader(data, 4, 4 + length).value(0)
    except (struct.error, IndexError, UnicodeDecodeError, OverflowError) as error:
        raise FormatError(f"{file} is cut or damaged; save it again.") from error
    except _BadError as error:
        raise FormatError(f"{file} {error}; save it again.") from error


class _BadError(Exception):
    """What is wrong with the bytes."""


class _Reader:
    def __init__(self, data: bytes, at: int, end: int) -> None:
        self._data, self._at, self._end = data, at, end
        self._values = 0

    def value(self, depth: int) -> Any:
        self._values += 1
        if depth > _MOST_DEPTH or self._values > _MOST_VALUES:
            raise _BadError("is nested too deep, or holds too much")
        word = self._u32()
        kind, wide = word & 0xFF, bool(word & _WIDE)
        if kind in _REALS:
            return self._numbers("d" if wide else "f", _REALS[kind])
        if kind in _INTS:
            return self._numbers("i", _INTS[kind])
        if kind in _PACKED:
            return self._packed(kind, wide)
        read = _KINDS.get(kind)
        if read is None:
            raise _BadError(f"holds a value of kind {kind}, which is not known")
        return read(self, word, depth)

    def _u32(self) -> int:
        return int(self._numbers("I", 1)[0])

    def _numbers(self, kind: str, count: int) -> Pair:
        size = struct.calcsize(f"<{count}{kind}")
        if self._at + size > self._end:
            raise IndexError("end")
        found = struct.unpack_from(f"<{count}{kind}", self._data, self._at)
        self._at += size
        return found

    def taken(self, length: int) -> bytes:
        """So many bytes, and what fills the last word up."""
        if length > self._end - self._at:
            raise IndexError("end")
        found = self._data[self._at : self._at + length]
        self._at += length + -length % 4
        return found

    def text(self, *_unused: int) -> str:
        return self.taken(self._u32()).decode("utf-8", "replace")

    def boolean(self, _word: int, _depth: int) -> bool:
        return bool(self._u32())

    def integer(self, word: int, _depth: int) -> int:
        return int(self._numbers("q" if word & _WIDE else "i", 1)[0])

    def real(self, word: int, _depth: int) -> float:
        return float(self._numbers("d" if word & _WIDE else "f", 1)[0])

    def colour(self, _word: int, _depth: int) -> Pair:
        return self._numbers("f", 4)

    def identity(self, _word: int, _depth: int) -> None:
        self._numbers("Q", 1)

    def node_path(self, _word: int, _depth: int) -> str:
        count = self._u32() & 0x7FFFFFFF
        more = self._u32()
        self._u32()
        return "/".join(self.text() for _ in range(self._checked(count + more, 4)))

    def thing(self, word: int, depth: int) -> dict[str, Any] | None:
        """An object: its properties by name."""
        if word & _WIDE:
            self._numbers("Q", 1)
            return None
        name = self.text()
        if not name:
            return None
        count = self._checked(self._u32(), 8)
        return {"class": name} | {self.text(): self.value(depth + 1) for _ in range(count)}

    def _skip_kind(self, kind: int) -> None:
        """What a typed container says of its contents."""
        if kind == 1:
            self._u32()
        elif kind in (2, 3):
            self.text()

    def dictionary(self, word: int, depth: int) -> dict[Any, Any]:
        self._skip_kind(word >> 16 & 3)
        self._skip_kind(word >> 18 & 3)
        found: dict[Any, Any] = {}
        for _ in range(self._checked(self._u32() & 0x7FFFFFFF, 8)):
            key, value = self.value(depth + 1), self.value(depth + 1)
            if not isinstance(key, dict | list):
                found[key] = value
        return found

    def array(self, word: int, depth: int) -> list[Any]:
        self._skip_kind(word >> 16 & 3)
        return [self.value(depth + 1) for _ in range(self._checked(self._u32() & 0x7FFFFFFF, 4))]

    def raw(self, _word: int, _depth: int) -> bytes:
        return self.taken(self._u32())

    def texts(self, _word: int, _depth: int) -> list[str]:
        return [self.text() for _ in range(self._checked(self._u32(), 4))]

    def _packed(self, kind: int, wide: bool) -> list[Any]:
        of, group = _PACKED[kind]
        of = "d" if wide and of == "f" and kind != 37 else of
        count = self._checked(self._u32(), group * struct.calcsize(of))
        flat = self._numbers(of, count * group)
        return list(flat) if group == 1 else [flat[i : i + group] for i in range(0, len(flat), group)]

    def _checked(self, count: int, size: int) -> int:
        """A count of things that take so many bytes at least: never more than there is room for."""
        if count * size > self._end - self._at:
            raise IndexError("end")
        return count


_KINDS: Final[dict[int, Callable[[_Reader, int, int], Any]]] = {
    0: lambda _reader, _word, _depth: None,
    1: _Reader.boolean,
    2: _Reader.integer,
    3: _Reader.real,
    4: _Reader.text,
    20: _Reader.colour,
    21: _Reader.text,
    22: _Reader.node_path,
    23: _Reader.identity,
    24: _Reader.thing,
    27: _Reader.dictionary,
    28: _Reader.array,
    29: _Reader.raw,
    34: _Reader.texts,
}

_NUMBER: Final = re.compile(r"-?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|-?inf|nan", re.IGNORECASE)


def numbers_of(text: Any, count: int = 0) -> tuple[float, ...] | None:
    """The numbers of a value as text, as `Vector2(72, -89)` and `[1, 0, 1]`; None where there are not `count`
    of them (0 for any number), or one is not finite."""
    if not isinstance(text, str) or len(text) > 4096:
        return None
    inside = text[text.find("(") + 1 :] if "(" in text else text
    found = tuple(float(number) for number in _NUMBER.findall(inside))
    is_finite = all(abs(number) < 1e9 for number in found)
    return found if is_finite and (not count or len(found) == count) else None
