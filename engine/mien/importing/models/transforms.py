"""Values of a sprite's state, and the transforms that they make."""

from __future__ import annotations

from math import cos, hypot, sin
from typing import Any

Matrix = tuple[float, float, float, float, float, float]
"""Where a step to the right leads (x, y), a step down, and the origin."""


def matrix_of(state: dict[str, Any]) -> Matrix:
    """The transform of a sprite against what it hangs on."""
    turn = number(state, "rotation")
    wide, high = pair(state, "scale", (1.0, 1.0))
    x, y = pair(state, "position", (0.0, 0.0))
    return cos(turn) * wide, sin(turn) * wide, -sin(turn) * high, cos(turn) * high, x, y


def product(outer: Matrix, inner: Matrix) -> Matrix:
    """A transform within another one."""
    a, b, c, d, _, _ = outer
    return (
        a * inner[0] + c * inner[1],
        b * inner[0] + d * inner[1],
        a * inner[2] + c * inner[3],
        b * inner[2] + d * inner[3],
        *placed_at(outer, inner[4:]),
    )


def placed_at(matrix: Matrix, point: tuple[float, ...]) -> tuple[float, float]:
    """Where a point of a transform lies outside of it."""
    a, b, c, d, x, y = matrix
    return a * point[0] + c * point[1] + x, b * point[0] + d * point[1] + y


def scaled(linear: tuple[float, ...], wide: float, high: float) -> tuple[float, ...]:
    """Steps made longer; as they are where nothing would be left of them."""
    found = (linear[0] * wide, linear[1] * wide, linear[2] * high, linear[3] * high)
    return found if min(hypot(*found[:2]), hypot(*found[2:])) > 1e-3 else (1.0, 0.0, 0.0, 1.0)


def number(table: dict[str, Any], key: str, default: float = 0.0) -> float:
    """A number of a table; the default for what is none, or is beyond all measure."""
    value = table.get(key)
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e6
    return float(value) if is_number else default  # type: ignore[arg-type]


def pair(table: dict[str, Any], key: str, default: tuple[float, float]) -> tuple[float, float]:
    """Two numbers of a table."""
    value = table.get(key)
    if isinstance(value, tuple) and len(value) == 2 and all(abs(v) < 1e6 for v in value):
        return float(value[0]), float(value[1])
    return default


def colour(table: dict[str, Any], key: str) -> tuple[float, ...]:
    """Red, green, blue and alpha of a table; white where it says none."""
    value = table.get(key)
    return (
        value
        if isinstance(value, tuple) and len(value) == 4 and all(abs(v) < 100 for v in value)
        else (1.0,) * 4
    )
