"""Groups and masks look as if each were drawn apart, in the plainest way, by every way of drawing."""

from __future__ import annotations

import numpy as np
import pytest

from composite.scenes import Draw, noise, solid
from composite.timeline import PAGE_COUNT, Timeline, page
from composite.trees import Branch, Leaf, Mask, Nodes, drawn, grown, pose_of
from mien.composite import CharacterRows, FrameRows
from mien.composite.reference import composite
from mien.types import CHANNEL_INDEX, F64, U8, Affine, Blend, Size

SIZE = Size(40, 36)
RNG = np.random.default_rng(3)
BACKDROPS = {
    "transparent": (0.0, 0.0, 0.0, 0.0),
    "half": (0.1, 0.3, 0.2, 0.5),
    "opaque": (0.8, 0.4, 0.6, 1.0),
}
A, B, C, D = (noise(RNG, 20, 24) for _ in range(4))
MASK: Mask = (noise(RNG, 18, 16), (6, 7))
RED, GREEN, BLUE = ((255, 0, 0, 255), (0, 255, 0, 255), (0, 0, 255, 255))
PLAIN = (Leaf(A, (1, 2)), Leaf(B, (8, 6)))
HARD = (Leaf(A, (1, 2)), Leaf(B, (8, 6), Blend.OVERLAY), Leaf(C, (4, 9), Blend.MULTIPLY, 0.7))
BELOW = Leaf(D, (5, 3))


def shown(
    draw: Draw, nodes: Nodes, clear: tuple[float, float, float, float], opacity: float = 1.0, jaw: int = 0
) -> U8:
    character, atlas = grown(nodes)
    frame = FrameRows(40, SIZE, clear)
    rows = CharacterRows(character, 0, frame, fades=opacity < 1.0)
    pose = pose_of(character)
    pose.channels[CHANNEL_INDEX["jaw"]] = jaw
    rows.fill(frame, pose, Affine(), opacity)
    return draw(frame, [atlas.page])


def expected(nodes: Nodes, clear: tuple[float, float, float, float], jaw: int = 0) -> F64:
    return drawn(nodes, np.broadcast_to(np.array(clear), (SIZE.height, SIZE.width, 4)), jaw) * 255.0


SINGLE: dict[str, Nodes] = {
    "isolated": (BELOW, Branch(PLAIN)),
    "isolated, half": (BELOW, Branch(PLAIN, opacity=0.5)),
    "isolated, multiply": (BELOW, Branch(PLAIN, Blend.MULTIPLY, 0.8)),
    "isolated, hue": (BELOW, Branch(PLAIN, Blend.HUE, 0.8)),
    "isolated, blends inside": (BELOW, Branch(HARD)),
    "isolated, masked": (BELOW, Branch(PLAIN, mask=MASK)),
    "through": (BELOW, Branch(HARD, through=True)),
    "through, half": (BELOW, Branch(PLAIN, opacity=0.5, through=True)),
    "through, blends inside": (BELOW, Branch(HARD, opacity=0.6, through=True)),
    "through, masked": (BELOW, Branch(PLAIN, through=True, mask=MASK)),
    "clip to a slot": (BELOW, Leaf(A, (3, 3), clip=True, opacity=0.6)),
    "clip to a group": (BELOW, Branch(PLAIN), Leaf(C, (7, 7), Blend.SCREEN, 0.8, clip=True)),
    "clip to a masked group": (Branch(PLAIN, mask=MASK, opacity=0.7), Leaf(C, (7, 7), clip=True)),
    "clipped group": (BELOW, Branch(PLAIN, Blend.SCREEN, 0.8, clip=True), Leaf(C, (9, 9))),
    "slot mask": (BELOW, Leaf(A, (2, 3), Blend.NORMAL, 0.9, mask=MASK)),
    "slot mask, clipped": (BELOW, Leaf(A, (2, 3), clip=True, mask=MASK)),
    "mask of a joint": (BELOW, Branch(PLAIN, mask=MASK, joint=1)),
    "nothing visible": (BELOW, Branch((Leaf(A, opacity=0.0), Leaf(B, opacity=0.0)), opacity=0.5)),
    "nothing visible, through": (BELOW, Branch((Leaf(A, opacity=0.0),), opacity=0.5, through=True)),
}
DEEP: dict[str, Nodes] = {
    "nested": (BELOW, Branch((Leaf(A), Branch(HARD, Blend.SCREEN, 0.7), Leaf(B, (9, 1))), opacity=0.6)),
    "nested, through in isolated": (
        BELOW,
        Branch((Leaf(A), Branch(HARD, opacity=0.5, through=True), Leaf(C)), Blend.MULTIPLY, 0.8),
    ),
    "nested, isolated in through": (
        BELOW,
        Branch((Leaf(A), Branch(HARD, opacity=0.5, mask=MASK), Leaf(C)), opacity=0.8, through=True),
    ),
    "through in through": (
        BELOW,
        Branch((Leaf(A), Branch(PLAIN, opacity=0.5, through=True)), opacity=0.5, through=True, mask=MASK),
    ),
    "four deep": (
        BELOW,
        Branch((Branch((Branch((Branch(HARD, opacity=0.9), BELOW), opacity=0.9), BELOW), opacity=0.9),)),
    ),
}


@pytest.mark.parametrize("backdrop", BACKDROPS)
@pytest.mark.parametrize("name", SINGLE)
def test_a_group_or_mask_is_within_one_step(draw: Draw, name: str, backdrop: str) -> None:
    clear, jaw = BACKDROPS[backdrop], 1 if "joint" in name else 0
    out = shown(draw, SINGLE[name], clear, jaw=jaw)
    assert np.abs(out - expected(SINGLE[name], clear, jaw)).max() <= 1.0


@pytest.mark.parametrize("backdrop", BACKDROPS)
@pytest.mark.parametrize("name", DEEP)
def test_groups_within_groups_are_within_two_steps(draw: Draw, name: str, backdrop: str) -> None:
    clear = BACKDROPS[backdrop]
    assert np.abs(shown(draw, DEEP[name], clear) - expected(DEEP[name], clear)).max() <= 2.0


def test_at_half_opacity_no_layer_of_a_character_shows_through_another(draw: Draw) -> None:
    nodes = tuple(Leaf(solid(12, 12, c), (3 * k + 2, 3 * k + 2)) for k, c in enumerate((RED, GREEN, BLUE)))
    nothing = BACKDROPS["transparent"]
    flat = shown(draw, nodes, nothing).astype(np.float64)
    half = shown(draw, nodes, nothing, 0.5)
    assert np.abs(half - flat * 0.5).max() <= 1.0
    assert half[12, 12, 0] == 0
    assert half[13, 13].tolist() in ([0, 0, 128, 128], [0, 0, 127, 127])


@pytest.mark.parametrize("name", [*SINGLE, *DEEP])
def test_a_character_of_groups_fades_as_one_picture(draw: Draw, name: str) -> None:
    nodes = {**SINGLE, **DEEP}[name]
    nothing = BACKDROPS["transparent"]
    half = shown(draw, nodes, nothing, 0.5)
    assert np.abs(half - expected(nodes, nothing) * 0.5).max() <= 2.0


@pytest.mark.parametrize("seed", range(3))
def test_rows_with_masks_and_offscreens_are_as_the_reference_draws_them(draw: Draw, seed: int) -> None:
    scene = Timeline(seed + 10)
    pages = [page(np.random.default_rng(k), k) for k in range(PAGE_COUNT)]
    for _ in range(6):
        scene.step()
        assert np.abs(draw(scene.frame, pages) - composite(scene.frame, pages) * 255.0).max() <= 2.0
