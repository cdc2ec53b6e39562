"""How well `mien import` does on real files: for each, what differs between faces that must differ, and
where.

    python tools/judge_import.py FILES_OR_FOLDERS...

For each file, imported into a temporary folder: whether the pictures of `sil` and `aa` differ, and what
share of that lies in the mouth's box; the same of open and shut lids and the eyes' boxes; and how far the
character at rest is from the art as it is drawn layer by layer. The shares of files that pass stand at the
end, by kind.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from mien.art.layered import SUFFIXES, read_layered
from mien.art.layered.tree import union
from mien.art.png import premultiply
from mien.character import Character
from mien.errors import MienError
from mien.importing.artwork import Artwork
from mien.importing.flatten import together
from mien.importing.kinds import ALL_SUFFIXES, read_artwork
from mien.importing.layered import MOST_SIDE
from mien.importing.make import make
from mien.importing.mapping import Corrections
from mien.importing.write import write
from mien.motion.still import still_pose
from mien.stage.picture import Portrait, draw_and_compare
from mien.types import U8, Pose, Rect

LEAST = 40
"""Pixels that must differ by more than 12 of 255 for two faces to be two."""
WITHIN = 0.98
"""Least share of what differs that lies in the box."""
MOST_OFF = 1.5
"""Most mean difference, of 255, of a character at rest from its art, over white."""


@dataclass(frozen=True)
class Verdict:
    """What was found of one file."""

    file: str
    kind: str
    speaks: bool = False
    blinks: bool = False
    whole: bool = False
    """Everything that is shown in the art is there."""
    seconds: float = 0.0
    mouth: str = ""
    """How its mouth was found: mapped, guessed, made."""
    detail: str = ""


def main(argv: list[str] | None = None) -> int:
    """Judge; 0 when all files could be imported."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--keep", type=Path, help="a folder for the characters")
    arguments = parser.parse_args(argv)
    verdicts = []
    for path in files(arguments.paths):
        verdict = judge(path, arguments.keep)
        verdicts.append(verdict)
        if not arguments.json:
            print(line(verdict), flush=True)
    if arguments.json:
        print(json.dumps([asdict(verdict) for verdict in verdicts], indent=2))
    else:
        print(summary(verdicts))
    return int(any(verdict.detail.startswith("refused") for verdict in verdicts))


def files(paths: list[Path]) -> Iterator[Path]:
    """Files that can be imported among paths and in folders; folders of pictures are given as they are."""
    for path in paths:
        found = (
            sorted(p for p in path.rglob("*") if p.suffix.lower() in ALL_SUFFIXES) if path.is_dir() else []
        )
        yield from found or [path]


def judge(path: Path, keep: Path | None) -> Verdict:
    """Import one file and look at what comes out."""
    kind = path.suffix.lower()[1:] or "folder"
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        target = (keep or Path(folder)) / path.stem
        try:
            artwork = read_artwork(path)
            made = make(artwork.source, path.stem, artwork.given, extras=artwork.extras)
            write(made, target, path.name, Corrections(), None, True)
            took = time.perf_counter() - start
            verdict = look(path, artwork, target, kind)
        except MienError as error:
            return Verdict(path.name, kind, detail=f"refused: {error}", seconds=time.perf_counter() - start)
    found = sorted({row.status for row in made.rows if row.became.startswith("mouth") and row.layer})
    return replace(verdict, seconds=took, mouth=" ".join(found))


def look(path: Path, artwork: Artwork, folder: Path, kind: str) -> Verdict:
    """Draw a character and compare."""
    with Portrait(folder) as portrait:
        character = portrait.character
        rest = drawn(portrait, still_pose(character, "neutral", "sil"))
        wide = drawn(portrait, still_pose(character, "neutral", "aa"))
        shut = drawn(portrait, shut_pose(character))
        plain = drawn(portrait, still_pose(character, "neutral"))
        speaks, mouth = differs(rest, wide, [character.mouth.slot], character)
        lids = [*character.lids.left, *character.lids.right]
        blinks, eyes = differs(plain, shut, lids, character)
    if path.suffix.lower() in SUFFIXES:
        picture, _ = draw_and_compare(read_layered(path, most=MOST_SIDE))
    else:
        shown = together(artwork.source.root)
        picture = premultiply(shown.within(Rect(0, 0, *artwork.source.canvas)))
    off = float(np.abs(over_white(picture) - over_white(plain)).mean())
    detail = f"mouth {mouth}; eyes {eyes}; off {off:.2f}"
    return Verdict(path.name, kind, speaks, blinks, off <= MOST_OFF, detail=detail)


def shut_pose(character: Character) -> Pose:
    """The neutral face with its lids shut."""
    neutral = replace(character.expressions["neutral"], lids=("closed", "closed"))
    return still_pose(replace(character, expressions={**character.expressions, "neutral": neutral}))


def drawn(portrait: Portrait, pose: Pose) -> U8:
    """A picture with a pose."""
    return portrait.draw(pose).copy()


def over_white(premultiplied: U8) -> np.ndarray:
    """(h, w, 3) float of a picture over white."""
    return premultiplied[..., :3] + (255.0 - premultiplied[..., 3:])


def differs(one: U8, other: U8, slots: list[int], character: Character) -> tuple[bool, str]:
    """Whether two pictures differ, and in the boxes of slots alone; and a few words on it."""
    apart = np.abs(one.astype(np.int16) - other).max(axis=-1) > 12
    count = int(apart.sum())
    box = union(Rect(*d.offset, *d.region[2:]) for slot in slots for d in character.slots[slot].drawings)
    inside = int(
        apart[max(0, box.y - 2) : box.y + box.height + 2, max(0, box.x - 2) : box.x + box.width + 2].sum()
    )
    share = inside / count if count else 0.0
    return count >= LEAST and share >= WITHIN, f"{count} px, {share:.0%} inside"


def line(verdict: Verdict) -> str:
    """One line of a file."""
    marks = " ".join(
        f"{name}{'+' if good else '-'}"
        for name, good in (("speaks", verdict.speaks), ("blinks", verdict.blinks), ("whole", verdict.whole))
    )
    return f"{verdict.file}: {marks} {verdict.seconds:.1f} s [{verdict.mouth}] {verdict.detail}"


def summary(verdicts: list[Verdict]) -> str:
    """Shares by kind."""
    kinds = defaultdict(list)
    for verdict in verdicts:
        kinds[verdict.kind].append(verdict)
    lines = ["", "kind  files  speak  blink  whole"]
    for kind, own in sorted(kinds.items()):
        count = len(own)
        shares = [sum(getattr(v, name) for v in own) for name in ("speaks", "blinks", "whole")]
        lines.append(f"{kind:5} {count:5}  " + "  ".join(f"{share / count:5.0%}" for share in shares))
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
