"""Easing of arrays: what grids and what hangs on them share."""

from __future__ import annotations

import numpy as np

from mien.types import F64


def eased(x: F64) -> F64:
    """0 before 0, 1 after 1, in between eased at both ends (3x^2 - 2x^3)."""
    x = np.minimum(np.maximum(x, 0.0), 1.0)
    found: F64 = x * x * (3.0 - 2.0 * x)
    return found
