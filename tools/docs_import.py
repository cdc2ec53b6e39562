"""Characters that `mien import` makes of files of the bundled cast, for a picture of them.

Nothing is touched up: the vector source, as it is, and whole pictures as packs of expressions hold them, one
set of which is made anew in each picture: larger, turned, with other light.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
from PIL import Image

import mien
from mien.art.head import head_of
from mien.character import Character
from mien.importing.kinds import read_artwork
from mien.importing.make import make
from mien.importing.mapping import Corrections
from mien.importing.write import write
from mien.motion.labels import resolve_expression
from mien.motion.still import still_pose
from mien.stage.picture import Portrait, straight
from mien.types import CHANNEL_INDEX, Pose

LABELS = {"neutral": "neutral", "joy": "happy", "sadness": "sad", "anger": "angry", "surprise": "surprised"}
"""What pictures of a pack are called -> the expression that each shows."""
HEIGHT = 1100
"""Of the pictures of a pack in pixels."""


IMPORT_SHOWS = ("at rest", "lids half", "shut", "aa", "O", "happy", "sad", "turned")
MOODS = ("neutral", "happy", "joy", "sad", "angry", "surprised", "thinking", "embarrassed", "relaxed")
_SIDE = 190


def faces_of_imports(folder: Path, paper: tuple[int, int, int, int]) -> tuple[list[Image.Image], list[str]]:
    """Pictures of heads, a row for each character, and what they are called."""
    pictures: list[Image.Image] = []
    names: list[str] = []
    for name, made in imported(folder):
        with Portrait(made, HEIGHT) as portrait:
            pictures += _heads(portrait, _poses(portrait.character), paper)
        names += [f"{name}: {IMPORT_SHOWS[0]}", *IMPORT_SHOWS[1:]]
    return pictures, names


def made_moods(folder: Path, paper: tuple[int, int, int, int]) -> tuple[list[Image.Image], list[str]]:
    """Pictures of heads, a row for each character, and what they are called: the expressions that are made of
    drawings which have open eyes and a mouth at rest, and nothing hidden."""
    pictures: list[Image.Image] = []
    names: list[str] = []
    for name in ("wren", "otto"):
        made = _imported(_bare(name, folder), folder)
        with Portrait(made, HEIGHT) as portrait:
            poses = (still_pose(portrait.character, expression) for expression in MOODS)
            pictures += _heads(portrait, poses, paper)
        names += MOODS
    return pictures, names


def _bare(name: str, folder: Path) -> Path:
    """The vectors of a bundled character without what is hidden in them."""
    ElementTree.register_namespace("", "http://www.w3.org/2000/svg")
    tree = ElementTree.parse(mien.bundled("characters", name) / f"{name}.svg")
    for above in [*tree.iter()]:
        for group in [one for one in above if one.get("display") == "none"]:
            above.remove(group)
    tree.write(folder / f"{name}.svg")
    return folder / f"{name}.svg"


def _heads(
    portrait: Portrait, poses: Iterable[Pose], paper: tuple[int, int, int, int]
) -> Iterator[Image.Image]:
    """A square picture of a head for each pose."""
    left, top, right, bottom = head_of(portrait.character)
    side = 0.94 * max(right - left, bottom - top)
    x, y = (left + right - side) / 2, (top + bottom - side) / 2
    for pose in poses:
        sheet = Image.new("RGBA", portrait.size, paper)
        sheet.alpha_composite(Image.fromarray(straight(portrait.draw(pose))))
        box = tuple(round(value) for value in (x, y, x + side, y + side))
        padded = Image.new("RGBA", (box[2] - box[0], box[3] - box[1]), paper)
        padded.paste(sheet, (-box[0], -box[1]))
        yield padded.resize((_SIDE, _SIDE), Image.Resampling.LANCZOS)


def _poses(character: Character) -> Iterator[Pose]:
    """What `IMPORT_SHOWS` names, in that order."""
    face = character.expressions["neutral"]
    lids = [replace(face, lids=(state, state)) for state in ("open", "half", "closed")]
    for own in lids:
        known = {**character.expressions, "neutral": own}
        yield still_pose(replace(character, expressions=known), "neutral", "sil")
    yield still_pose(character, "neutral", "aa")
    yield still_pose(character, "neutral", "O")
    for expression in ("happy", "sad"):
        yield still_pose(character, resolve_expression(character, expression) or "neutral")
    turned = still_pose(character, "neutral", "sil")
    turned.channels[CHANNEL_INDEX["head_yaw"]] = 0.9
    turned.channels[CHANNEL_INDEX["head_roll"]] = 0.3
    yield turned


def imported(folder: Path) -> Iterator[tuple[str, Path]]:
    """What each came from, and the folder of the character that was made of it."""
    vectors = mien.bundled("characters", "wren") / "wren.svg"
    for name, source in (
        ("wren.svg", vectors),
        ("a pack of pictures", pack("otto", folder / "pack", anew=False)),
        ("made anew in each", pack("wren", folder / "anew", anew=True)),
    ):
        yield name, _imported(source, folder)


def _imported(source: Path, folder: Path) -> Path:
    """The folder of the character that is made of a source."""
    artwork, made = read_artwork(source), folder / f"{source.stem} made"
    character = make(artwork.source, source.stem, artwork.given, extras=artwork.extras)
    write(character, made, source.name, Corrections(), None, False)
    return made


def pack(name: str, folder: Path, anew: bool) -> Path:
    """A folder of whole pictures of a bundled character."""
    folder.mkdir()
    noise = np.random.default_rng(3)
    with Portrait(mien.bundled("characters", name), HEIGHT) as portrait:
        for number, (label, expression) in enumerate(LABELS.items()):
            pose = still_pose(portrait.character, expression)
            if not anew:  # most packs are drawn over one figure: only faces change
                pose.channels[:] = 0
            pixels = straight(portrait.draw(pose))
            picture = Image.fromarray(pixels)
            if anew:
                picture = picture.rotate(1.5 * number - 3, Image.Resampling.BICUBIC)
                larger = 1 + 0.04 * number
                picture = picture.resize([round(side * larger) for side in picture.size])
                lit = np.asarray(picture).astype(np.float64)
                lit[..., :3] += noise.normal(0, 3, lit[..., :3].shape) + 3 * number
                picture = Image.fromarray(np.clip(lit, 0, 255).astype(np.uint8))
            picture.save(folder / f"{label}.png")
    return folder
