"""The reference draws what Photoshop draws: files of psd-tools' test set, with Photoshop's own pictures.

Compared over white, where both are opaque. Photoshop rounds to 8 bits after each layer, which is what the
tolerances are for; `MIEN_PSD_DATA` says where the files are (see `psd_data`).
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mien.art.layered import Group, LayeredArt, read_layered
from mien.composite.layered_rows import layered_rows
from mien.composite.reference import composite
from mien.stage.picture import draw_layered
from mien.types import F64

psd_tools = pytest.importorskip("psd_tools", reason="reading PSD files needs psd-tools: mien[layered]")

MODES = [
    "color-burn",
    "color-dodge",
    "color",
    "darken",
    "darker-color",
    "difference",
    "divide",
    "exclusion",
    "hard-light",
    "hard-mix",
    "hue",
    "lighten",
    "lighter-color",
    "linear-burn",
    "linear-dodge",
    "linear-light",
    "luminosity",
    "multiply",
    "normal",
    "overlay",
    "pin-light",
    "saturation",
    "screen",
    "soft-light",
    "subtract",
    "vivid-light",
]
EXACT = ["clipping-mask3", "clipping-mask4", "semi-transparent-layers"]
PASS_THROUGH = ["pass-through", "passthrough_blendmodes1"]


def opened(folder: Path, name: str) -> Path:
    path = folder / f"{name}.psd"
    if not path.exists():
        pytest.skip(f"{path.name} is not in {folder}")
    return path


def over_white(picture: F64) -> F64:
    return picture[..., :3] + 1.0 - picture[..., 3:]


def photoshops(path: Path) -> F64:
    """The picture stored in the file, over white."""
    stored = psd_tools.PSDImage.open(path).topil(apply_icc=False).convert("RGBA")
    straight = np.asarray(stored).astype(np.float64) / 255.0
    return over_white(np.concatenate((straight[..., :3] * straight[..., 3:], straight[..., 3:]), axis=2))


def ours(art: LayeredArt) -> F64:
    frame, pages = layered_rows(art)
    return over_white(composite(frame, pages))


def difference(path: Path) -> tuple[float, float]:
    """Largest and mean, of 255."""
    art = read_layered(path)
    assert art.warnings == ()
    apart = np.abs(ours(art) - photoshops(path)) * 255.0
    return float(apart.max()), float(apart.mean())


@pytest.mark.parametrize("name", MODES)
def test_every_mode_over_nothing_and_over_layers(psd_data: Path, name: str) -> None:
    largest, mean = difference(opened(psd_data, name))
    assert largest <= 2.5
    assert mean <= 0.4


@pytest.mark.parametrize("name", EXACT)
def test_clipping_and_half_transparent_layers_to_the_bit(psd_data: Path, name: str) -> None:
    assert difference(opened(psd_data, name))[0] < 1e-6


@pytest.mark.parametrize("name", PASS_THROUGH)
def test_pass_through_groups(psd_data: Path, name: str) -> None:
    assert difference(opened(psd_data, name))[0] <= 2.0


def test_opacity_of_a_pass_through_group(psd_data: Path) -> None:
    """Its adjustment is left out, and named; it scales what it is over, from 255 to 83."""
    path = opened(psd_data, "passthrough_opacity")
    art = read_layered(path)
    assert [warning.split(" is left out")[0] for warning in art.warnings] == ["layer 'Exposure 1'"]
    group = art.root[-1]
    assert isinstance(group, Group)
    below = ours(replace(art, root=art.root[:-1]))
    whole = ours(replace(art, root=(*art.root[:-1], replace(group, opacity=1.0))))
    expected = below * (1 - group.opacity) + whole * (83 / 255) * group.opacity
    assert np.abs(expected - photoshops(path)).max() * 255.0 <= 2.0


def test_dissolve_is_read_and_named(psd_data: Path) -> None:
    art = read_layered(opened(psd_data, "dissolve"))
    assert art.root == ()
    assert len(art.warnings) == 3
    assert all("its mode is dissolve" in warning for warning in art.warnings)


@pytest.mark.parametrize("name", [*MODES, *EXACT, *PASS_THROUGH, "passthrough_opacity"])
def test_the_gpu_draws_the_same(psd_data: Path, name: str) -> None:
    art = read_layered(opened(psd_data, name))
    frame, pages = layered_rows(art)
    assert np.abs(draw_layered(art) - composite(frame, pages) * 255.0).max() <= 1.0
