#!/usr/bin/env python3
"""Draw the pictures of the bundled cast that the documentation shows, into docs/images.

`hello.png` and `forecast.png` are frames of the bundled conversations; a contact sheet for each character
shows every expression, in 256 colours, which keeps the repository small.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

import mien
from mien.catalog import bundled_names
from mien.motion.still import still_pose
from mien.stage.picture import Portrait, straight

FOLDER = Path(__file__).resolve().parents[1] / "docs/images"
SCENES = {"hello": (21.1, (1280, 720)), "forecast": (3.9, (960, 540))}
"""Conversation -> seconds of the frame that is shown, and its size."""
HEIGHT, COLUMNS, LABEL = 256, 6, 24
SHOWN = 0.74
"""Share of the height from the top: head and shoulders."""
PAPER, INK = (236, 232, 226, 255), (60, 56, 52, 255)


def scene(name: str) -> Image.Image:
    """One frame of a bundled conversation."""
    at_s, size = SCENES[name]
    with mien.Stage.of(mien.load_conversation(mien.bundled("conversations", name)), size=size) as stage:
        for _ in range(round(at_s * 30)):
            picture = stage.frame()
        return Image.fromarray(picture).convert("RGB")


def sheet(name: str) -> Image.Image:
    """Every expression of a bundled character, labelled."""
    with Portrait(mien.bundled("characters", name), HEIGHT) as portrait:
        names = list(portrait.character.expressions)
        width, height = portrait.size.width, round(SHOWN * HEIGHT)
        paper = Image.new("RGBA", (COLUMNS * width, -(-len(names) // COLUMNS) * (height + LABEL)), PAPER)
        draw, font = ImageDraw.Draw(paper), ImageFont.load_default(14)
        for i, expression in enumerate(names):
            x, y = i % COLUMNS * width, i // COLUMNS * (height + LABEL)
            drawn = Image.fromarray(straight(portrait.draw(still_pose(portrait.character, expression))))
            paper.alpha_composite(drawn.crop((0, 0, width, height)), (x, y))
            draw.text((x + width // 2, y + height + 3), expression, INK, font, anchor="ma")
        return paper.convert("RGB")


def main() -> None:
    """Writes those that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    known = (*SCENES, *bundled_names("characters"))
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(known)}; all by default")
    for name in parser.parse_args().names or known:
        if name not in known:
            parser.error(f"{name!r} is none of {', '.join(known)}")
        picture = scene(name) if name in SCENES else sheet(name).quantize(256, dither=Image.Dither.NONE)
        path = FOLDER / f"{name}.png"
        picture.save(path, optimize=True)
        print(f"{path}: {picture.width}x{picture.height}, {path.stat().st_size // 1024} KiB")


if __name__ == "__main__":
    main()
