"""The part of the shaders that follows from values of ours: the layout of a row, and the blend codes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np

from mien.composite.rows import NO_MASK, ROW, SAMPLE
from mien.types import MAX_MIXED, Blend

_VEC4: Final = 16
"""Bytes of a vec4 of float32."""
_TYPES: Final = {1: "float", 2: "vec2", 3: "vec3", 4: "vec4"}


def row_layout() -> str:
    """An accessor for every field of `ROW`, over `row_vec4(row, column)`.

    `row_bounds(row)` is a vec4; `row_samples(row, nth)` and `row_mask(row)` are a `Sample`, whose members are
    the fields of `SAMPLE`. Raises ValueError for a layout with a field across two vec4.
    """
    lines = [
        f"const int MAX_MIXED = {MAX_MIXED};",
        f"const float NO_MASK = {NO_MASK!r};",
        f"struct Sample {{ {' '.join(f'{kind} {name};' for name, kind, *_ in _fields(SAMPLE))} }};",
        "Sample sample_at(int row, int column) {",
        *(f"    vec4 v{k} = row_vec4(row, column + {k});" for k in range(SAMPLE.itemsize // _VEC4)),
        f"    return Sample({', '.join(f'v{k}{swizzle}' for _, _, k, swizzle in _fields(SAMPLE))});",
        "}",
    ]
    for name, kind, column, swizzle in _fields(ROW):
        if kind == "Sample[]":
            step = SAMPLE.itemsize // _VEC4
            at = f"sample_at(row, {column} + {step} * nth)"
            lines.append(f"Sample row_{name}(int row, int nth) {{ return {at}; }}")
        elif kind == "Sample":
            lines.append(f"Sample row_{name}(int row) {{ return sample_at(row, {column}); }}")
        else:
            lines.append(f"{kind} row_{name}(int row) {{ return row_vec4(row, {column}){swizzle}; }}")
    return "\n".join(["// Generated from mien.composite.rows.", *lines, ""])


def blend_modes() -> str:
    """`MODE_MULTIPLY` and its like, with the codes of `Blend`."""
    lines = [f"const int MODE_{mode.name} = {mode.value};" for mode in Blend]
    return "\n".join(["// Generated from mien.types.Blend.", *lines, ""])


GENERATED: Final[Mapping[str, Callable[[], str]]] = {
    "row_layout.glsl": row_layout,
    "blend_modes.glsl": blend_modes,
}
"""What makes the includes that are not files."""


def _fields(layout: np.dtype[np.void]) -> list[tuple[str, str, int, str]]:
    """Of each field its name, its GLSL type, its vec4, and its part of that."""
    found = []
    for name, (field, offset, *_) in (layout.fields or {}).items():
        column, inside = divmod(offset, _VEC4)
        if field.base == SAMPLE:
            found.append((name, "Sample[]" if field.shape else "Sample", column, ""))
            continue
        count = field.itemsize // 4
        if inside + field.itemsize > _VEC4:
            raise ValueError(f"{name} lies across two vec4: move it in the layout of rows")
        swizzle = "" if count == 4 else "." + "xyzw"[inside // 4 : inside // 4 + count]
        found.append((name, _TYPES[count], column, swizzle))
    return found
