"""Characters that are only measured: where everything of them lies, without the pages to draw it from."""

from __future__ import annotations

from pathlib import Path

from mien.art.build import build_character
from mien.art.folder import manifest_in, read_parts
from mien.art.kept import KeptFiles
from mien.art.packed import SpritePlacement
from mien.character import Character
from mien.types import Rect


def measured(folder: Path, kept: KeptFiles) -> Character:
    """The character of a folder at its own size. Its regions are as large as what they show, and are on no
    page. `kept`: its pictures as they were read last, and for whoever loads it next.

    Raises as `load_character`.
    """
    manifest, _ = manifest_in(folder, kept)
    sprites = read_parts(folder, manifest, kept=kept).sprites
    kept.forget_others()
    regions = [Rect(0, 0, sprite.pixels.shape[1], sprite.pixels.shape[0]) for sprite in sprites]
    placements = [SpritePlacement(0, region, False) for region in regions]
    return build_character(manifest, placements, [sprite.offset for sprite in sprites], 1.0)
