"""Chance that depends only on (seed, key, lane, index): the same on every machine, in any order of asking."""

from __future__ import annotations

from math import cos, log, pi, sqrt

from mien.bounded_cache import BoundedCache

_MASK = (1 << 64) - 1


def mix64(x: int) -> int:
    """SplitMix64's output function (Steele, Lea, Flood 2014): 64 well-stirred bits of an integer."""
    x = (x + 0x9E3779B97F4A7C15) & _MASK
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & _MASK
    return x ^ (x >> 31)


def text64(text: str) -> int:
    """64 bits of a text (FNV-1a over UTF-8); Python's own `hash` differs between runs."""
    bits = 0xCBF29CE484222325
    for byte in text.encode():
        bits = ((bits ^ byte) * 0x100000001B3) & _MASK
    return bits


class Chance:
    """Random numbers by address. A lane is one use (a small integer), an index one draw of it."""

    __slots__ = ("_base", "_drawn")

    def __init__(self, seed: int, key: str) -> None:
        self._base = mix64((seed & _MASK) ^ text64(key))
        # The same are asked for frame after frame.
        self._drawn: BoundedCache[tuple[int, int], float] = BoundedCache(1024)

    def unit(self, lane: int, index: int) -> float:
        """In [0, 1), uniform."""
        drawn = self._drawn.get((lane, index))
        if drawn is None:
            bits = mix64(mix64(self._base + lane * 0xD1342543DE82EF95) ^ (index & _MASK))
            drawn = self._drawn.put((lane, index), (bits >> 11) / (1 << 53))
        return drawn

    def between(self, lane: int, index: int, low: float, high: float) -> float:
        """In [low, high), uniform."""
        return low + (high - low) * self.unit(lane, index)

    def normal(self, lane: int, index: int) -> float:
        """Mean 0, deviation 1 (Box and Muller)."""
        u = max(self.unit(lane, 2 * index), 1e-12)
        return sqrt(-2.0 * log(u)) * cos(2.0 * pi * self.unit(lane, 2 * index + 1))
