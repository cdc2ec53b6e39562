"""Whatever the scene, the GPU is within 1 of 255 of the reference."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from composite.scenes import Atlas, Renderers, frame_of, noise, random_frame, slot
from mien.composite import FrameRows
from mien.composite.reference import composite
from mien.types import U8, Affine, Blend

PAGE = 48
PAGES = [noise(np.random.default_rng(seed), PAGE, PAGE) for seed in (1, 2)]
TOLERANCE = 1.0


def worst(out: U8, frame: FrameRows, pages: list[U8]) -> float:
    return float(np.abs(out - composite(frame, pages) * 255.0).max())


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(0, 2**32 - 1),
    size=st.sampled_from([(1, 1), (2, 3), (17, 1), (1, 17), (31, 29), (64, 33)]),
)
def test_random_scenes(strategy: str, renderers: Renderers, seed: int, size: tuple[int, int]) -> None:
    frame = random_frame(np.random.default_rng(seed), size, (PAGE, PAGE), len(PAGES))
    assert worst(renderers.render(strategy)(frame, PAGES), frame, PAGES) <= TOLERANCE


@pytest.mark.parametrize("clip", [False, True], ids=["over", "clipped"])
@pytest.mark.parametrize("mode", [m for m in Blend if m != Blend.PASS_THROUGH], ids=lambda mode: mode.label)
def test_each_mode_over_noise(strategy: str, renderers: Renderers, mode: Blend, clip: bool) -> None:
    rng = np.random.default_rng(mode)
    atlas = Atlas()
    below = slot(atlas.add(noise(rng, 16, 16)))
    above = slot(atlas.add(noise(rng, 16, 16)), blend=mode, opacity=0.9, clip=clip)
    frame = frame_of([below, above], (18, 18), Affine(1.0, 0.05, -0.05, 1.0, 1.3, 0.4))
    assert worst(renderers.render(strategy)(frame, [atlas.page]), frame, [atlas.page]) <= TOLERANCE


def test_many_thin_layers_do_not_drift(strategy: str, renderers: Renderers) -> None:
    rng = np.random.default_rng(5)
    atlas = Atlas(512, 16)
    slots = [slot(atlas.add(noise(rng, 8, 8)), opacity=0.15) for _ in range(40)]
    frame = frame_of(slots, (8, 8), Affine(tx=0.3, ty=0.2))
    assert worst(renderers.render(strategy)(frame, [atlas.page]), frame, [atlas.page]) <= TOLERANCE
