"""Places and edges that tests of sampling share."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from composite.scenes import GUTTER, Atlas
from mien.character import Drawing
from mien.types import Affine

QUIET = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

scales = st.floats(0.15, 1.5)
angles = st.floats(-np.pi, np.pi)
fractions = st.floats(0.0, 1.0)
across_scales = pytest.mark.parametrize("scale", [0.3, 0.5, 0.8, 1.0, 1.4])
across_angles = pytest.mark.parametrize("angle", [0.0, 0.1, 0.5, np.pi / 4])


def turned(scale: float, angle: float, about: tuple[float, float], to: tuple[float, float]) -> Affine:
    """Scaled and turned so that one point lands on another."""
    a, b = scale * float(np.cos(angle)), scale * float(np.sin(angle))
    return Affine(a, b, -b, a, to[0] - a * about[0] + b * about[1], to[1] - b * about[0] - a * about[1])


def repeated(atlas: Atlas, drawing: Drawing) -> None:
    """Repeat the edge of a drawing into its gutter, as packers do where the canvas cut the art."""
    x, y, w, h = drawing.region
    page = atlas.page
    page[y : y + h, x - GUTTER : x] = page[y : y + h, x : x + 1]
    page[y : y + h, x + w : x + w + GUTTER] = page[y : y + h, x + w - 1 : x + w]
    room = slice(x - GUTTER, x + w + GUTTER)
    page[y - GUTTER : y, room], page[y + h : y + h + GUTTER, room] = page[y, room], page[y + h - 1, room]
