"""Layered art files as values: Photoshop's PSD and PSB, OpenRaster's ORA, Krita's KRA, and SVG.

Layout: `tree` is the value; `psd`, `ora`, `kra` and `svg` read one each; `read_layered` picks the one that
fits. Under `psd`: `psd_tree` what is drawn, `psd_masks`, `psd_pixels` the rasters, `planes` their samples,
`profiles` colours, `stored` the picture that the file stores of itself. Under `svg`: `svg_style` how elements
are shown, `svg_pages` a document of one layer alone, `svg_drawing` what draws it.
"""

from __future__ import annotations

from pathlib import Path

from mien.arguments import path_of, refuse
from mien.art.layered.kept_layers import KeptLayers
from mien.art.layered.kra import read_kra
from mien.art.layered.ora import read_ora
from mien.art.layered.profiles import Profile
from mien.art.layered.psd import read_psd
from mien.art.layered.svg import read_svg
from mien.art.layered.tree import TOLERANCE, Group, Layer, LayeredArt, Mask, Node

SUFFIXES = (".psd", ".psb", ".ora", ".kra", ".svg")
"""What the names of layered art files end in."""


def read_layered(
    path: str | Path, *, hidden: bool = False, most: int = 0, kept: KeptLayers | None = None
) -> LayeredArt:
    """A PSD, PSB, ORA, KRA or SVG file, told apart by the end of its name.

    `hidden`: what the file hides is there too, with `visible` False. `most`: where the canvas has a longer
    side, in pixels, everything is shrunk to that, a layer at a time, and a small SVG is drawn larger; 0 for
    never. `kept`: layers as they were read last. Raises AssetMissing, FormatError,
    ImageRejected; PsdToolsMissing and ResvgMissing where a PSD or SVG needs what is not installed.
    """
    path = path_of("path", path, "a PSD, PSB, OpenRaster, Krita or SVG file")
    if kept is not None and not isinstance(kept, KeptLayers):
        refuse("kept", kept, "KeptLayers, or None")
    read = {".ora": read_ora, ".kra": read_kra, ".svg": read_svg}.get(path.suffix.lower(), read_psd)
    return read(path, hidden=hidden, most=most, kept=kept)


__all__ = [
    "SUFFIXES",
    "TOLERANCE",
    "Group",
    "KeptLayers",
    "Layer",
    "LayeredArt",
    "Mask",
    "Node",
    "Profile",
    "read_layered",
]
