"""Layered art files as values: Photoshop's PSD and PSB, and OpenRaster's ORA.

Layout: `tree` is the value; `psd` and `ora` read one each; `read_layered` picks the one that fits. Under
`psd`: `psd_tree` what is drawn, `psd_masks`, `psd_pixels` the rasters, `planes` their samples, `profiles`
colours, `stored` the picture that the file stores of itself.
"""

from __future__ import annotations

from pathlib import Path

from mien.arguments import path_of
from mien.art.layered.ora import read_ora
from mien.art.layered.profiles import Profile
from mien.art.layered.psd import read_psd
from mien.art.layered.tree import TOLERANCE, Group, Layer, LayeredArt, Mask, Node

SUFFIXES = (".psd", ".psb", ".ora")
"""What the names of layered art files end in."""


def read_layered(path: str | Path) -> LayeredArt:
    """A PSD, PSB or ORA file, told apart by the end of its name.

    Raises AssetMissing, FormatError, ImageRejected; PsdToolsMissing where a PSD needs what is not installed.
    """
    path = path_of("path", path, "a PSD, PSB or OpenRaster file")
    return read_ora(path) if path.suffix.lower() == ".ora" else read_psd(path)


__all__ = [
    "SUFFIXES",
    "TOLERANCE",
    "Group",
    "Layer",
    "LayeredArt",
    "Mask",
    "Node",
    "Profile",
    "read_layered",
]
