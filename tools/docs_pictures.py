#!/usr/bin/env python3
"""Draw the pictures of the bundled cast that the documentation shows, into docs/images.

Frames of conversations; a sheet for each character with every expression, and one with every gesture; a
minute of conversation and a minute of idling, a picture for each second; mouths frame by frame; close-ups;
parts drawn for 4K beside those that are enlarged. `film` puts an old video of `hello` beside today's frames,
and wants `--old`: what `mien render hello` of an older checkout wrote. `preview` is the panel of `mien play`,
and wants a display. PNGs have 256 colours, the others are JPEGs: the repository stays small.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import av
import numpy as np
from PIL import Image, ImageDraw, ImageFont

import mien
from docs_import import IMPORT_SHOWS, MOODS, faces_of_imports, made_moods
from docs_preview import SHARP, preview, why
from mien.catalog import bundled_names
from mien.clock import SAMPLE_RATE
from mien.composite.rig import Rig
from mien.motion import Performer
from mien.motion.still import still_pose
from mien.script import GestureSet, Script
from mien.stage.picture import Portrait, straight
from mien.types import Pose, Rect
from rasterize import enlarge_character

FOLDER = Path(__file__).resolve().parents[1] / "docs/images"
SCENES = {"hello": (21.1, (1280, 720)), "forecast": (3.9, (960, 540))}
"""Conversation -> seconds of the frame that is shown, and its size."""
HEIGHT, COLUMNS, LABEL = 256, 6, 24
SHOWN = 0.74
"""Share of the height from the top: head and shoulders."""
PAPER, INK = (236, 232, 226, 255), (60, 56, 52, 255)
FPS = 30
MINUTE, SMALL, ACROSS = 60, (160, 90), 10
"""A minute in pictures: seconds, the size of each, and how many stand beside each other."""
GESTURE_HEIGHT, GESTURE_FPS, GESTURE_FRAMES = 92, 10, 14
HOLDS_MS = 250.0
"""For how long a gesture is held in its sheet, once it stands."""
WORD = ("hello", "good-evening", 0.2, 24)
"""Conversation, turn, second and frames of the mouths."""
CLOSE, ZOOM = 60, 4
"""Pixels of a picture of 720 lines that a close-up shows, and how much they are enlarged."""
CLOSEUPS = {
    "lids": "iris_left",
    "hair": "side_left",
    "neck": "head",
    "elbow": "fore_left",
    "wrist": "hand_left",
}
"""What is looked at closely -> the joint about which it turns."""
GILLS = "gill_mid_left_tip"
"""What Mizzle has for hair."""
FILM = (19.17, 3, 9)
"""Second of the first frame of `hello` in the strip, frames from one to the next, and how many."""
FILM_SHOWS, FILM_WIDTH = 0.55, 160
"""Share of the frame's width from the left, where it happens, and how wide a picture of it is."""
FOUR_K = (2160, 300)
"""Height of a character in a frame of 4K, and how many of its pixels are shown each way."""


def scene(name: str) -> Image.Image:
    """One frame of a bundled conversation."""
    at_s, size = SCENES[name]
    with mien.Stage.of(mien.load_conversation(mien.bundled("conversations", name)), size=size) as stage:
        for _ in range(round(at_s * FPS)):
            picture = stage.frame()
        return Image.fromarray(picture).convert("RGB")


def faces(name: str) -> Image.Image:
    """Every expression of a bundled character, labelled."""
    with Portrait(mien.bundled("characters", name), HEIGHT) as portrait:
        names = list(portrait.character.expressions)
        height = round(SHOWN * HEIGHT)
        poses = (still_pose(portrait.character, expression) for expression in names)
        pictures = [on_paper(portrait, pose).crop((0, 0, portrait.size.width, height)) for pose in poses]
    sheet = sheet_of(pictures, COLUMNS, names)
    return sheet.quantize(256, dither=Image.Dither.NONE)


def gestures(name: str) -> Image.Image:
    """Every gesture of a bundled character, from rest and back, ten pictures a second."""
    step = SAMPLE_RATE // GESTURE_FPS
    pictures: list[Image.Image] = []
    with Portrait(mien.bundled("characters", name), GESTURE_HEIGHT) as portrait:
        character = portrait.character
        pose = Pose.empty(len(character.slots))
        for gesture, motion in character.motions.items():
            script, performer = Script(0), Performer(character, name, 0)
            holds = round((motion.keys[-1].at_ms + HOLDS_MS) / 1000 * GESTURE_FPS)
            lasts = holds + round(motion.retract_ms / 1000 * GESTURE_FPS)
            script.append(GestureSet(SAMPLE_RATE, name, gesture))
            script.append(GestureSet(SAMPLE_RATE + holds * step, name, ""))
            for nth in range(GESTURE_FRAMES):
                # As many for each: of a long one some are left out.
                frame = round(nth * max(1.0, lasts / (GESTURE_FRAMES - 1)))
                performer.pose(script, SAMPLE_RATE + frame * step, pose)
                pictures.append(on_paper(portrait, pose))
        names = [
            gesture if nth == 0 else "" for gesture in character.motions for nth in range(GESTURE_FRAMES)
        ]
    return sheet_of(pictures, GESTURE_FRAMES, names, label=16).convert("RGB")


def minute(conversation: str | None) -> Image.Image:
    """A picture for each second of a conversation, or of two who have nothing to say."""
    if conversation is None:
        stage = mien.open_stage({"wren": "wren", "otto": "otto"}, size=(640, 360), background="evening_room")
    else:
        told = mien.load_conversation(mien.bundled("conversations", conversation))
        stage = mien.Stage.of(told, size=(640, 360))
    pictures = []
    with stage:
        for index in range(MINUTE * FPS):
            picture = stage.frame()
            if index % FPS == FPS // 2:
                small = Image.fromarray(picture).convert("RGB").resize(SMALL, Image.Resampling.LANCZOS)
                pictures.append(small)
    return sheet_of(pictures, ACROSS).convert("RGB")


def mouths() -> Image.Image:
    """The mouth of each character through a word, frame by frame."""
    conversation, key, at_s, count = WORD
    told = mien.load_conversation(mien.bundled("conversations", conversation))
    turn = next(turn for turn in told.turns if turn.key == key)
    pictures = []
    for name in bundled_names("characters"):
        with mien.open_stage({name: name}, size=(640, 800), background=(0.93, 0.91, 0.89, 1.0)) as stage:
            stage.say(name, turn.audio, turn.text, words=turn.words, timings=turn.timings)
            around = square(stage.bounds(name, "mouth"), 128, down=6)
            for index in range(round(at_s * FPS) + count):
                picture = stage.frame()
                if index >= round(at_s * FPS):
                    mouth = Image.fromarray(picture).convert("RGB").crop(around)
                    pictures.append(mouth.resize((96, 96), Image.Resampling.LANCZOS))
    return sheet_of(pictures, count // 2).convert("RGB")


def closeups() -> Image.Image:
    """Where art comes apart first, in the middle of a gesture, enlarged."""
    pictures, names = [], []
    for name in bundled_names("characters"):
        with Portrait(mien.bundled("characters", name), 720) as portrait:
            character = portrait.character
            pose = still_pose(character, "relaxed", gesture="explain")
            picture = on_paper(portrait, pose).convert("RGB")
            placed = np.zeros((len(character.joints), 2, 3))
            Rig(character).affines(pose.channels, placed)
            joints = {joint.name: j for j, joint in enumerate(character.joints)}
            for what, joint in CLOSEUPS.items():
                j = joints[joint if joint in joints else GILLS]
                x, y = placed[j] @ (*character.joints[j].pivot, 1.0)
                crop = picture.crop(square(Rect(round(x), round(y), 0, 0), CLOSE))
                pictures.append(crop.resize((ZOOM * CLOSE, ZOOM * CLOSE), Image.Resampling.NEAREST))
                names.append(f"{name}: {what if joint in joints else 'gill'}")
    return sheet_of(pictures, len(CLOSEUPS), names).convert("RGB")


def film(old: Path | None) -> Image.Image:
    """Some frames of an old video of `hello`, and the same of today."""
    if old is None:
        raise SystemExit("film wants --old: a video of hello that an older checkout has rendered.")
    at_s, step, count = FILM
    wanted = [round(at_s * FPS) + step * nth for nth in range(count)]
    with av.open(str(old)) as container:
        frames = (frame.to_image() for frame in container.decode(video=0))
        before = [
            frame for index, frame in zip(range(wanted[-1] + 1), frames, strict=False) if index in wanted
        ]
    told = mien.load_conversation(mien.bundled("conversations", "hello"))
    after = []
    with mien.Stage.of(told, size=before[0].size) as stage:
        for index in range(wanted[-1] + 1):
            picture = stage.frame()
            if index in wanted:
                after.append(Image.fromarray(picture).convert("RGB"))
    shown = round(FILM_SHOWS * before[0].width), before[0].height
    size = FILM_WIDTH, round(FILM_WIDTH * shown[1] / shown[0])
    small = [one.crop((0, 0, *shown)).resize(size, Image.Resampling.LANCZOS) for one in (*before, *after)]
    names = ["before", *[""] * (count - 1), "now", *[""] * (count - 1)]
    return sheet_of(small, count, names).convert("RGB")


def four_k() -> Image.Image:
    """An eye of each character in a frame of 4K: parts enlarged, and parts drawn for it."""
    height, shown = FOUR_K
    pictures, names = [], []
    for name in bundled_names("characters"):
        with TemporaryDirectory() as kept:
            source, large = mien.bundled("characters", name), Path(kept)
            enlarge_character(source, large, 2)
            for folder, what in ((source, "enlarged"), (large, "drawn twice as large")):
                with Portrait(folder, height) as portrait:
                    character = portrait.character
                    picture = on_paper(portrait, still_pose(character))
                    pivot = next(j.pivot for j in character.joints if j.name == "iris_left")
                    left, top = (round(pivot[axis] - shown / 2) for axis in (0, 1))
                    pictures.append(picture.crop((left, top, left + shown, top + shown)))
                    names.append(f"{name}: {what}")
    return sheet_of(pictures, 2 * len(bundled_names("characters")), names).convert("RGB")


def imports() -> Image.Image:
    """Characters that `mien import` makes of a drawing and of whole pictures: a row each."""
    with TemporaryDirectory() as folder:
        pictures, names = faces_of_imports(Path(folder), PAPER)
    return sheet_of(pictures, len(IMPORT_SHOWS), names).convert("RGB")


def import_moods() -> Image.Image:
    """Expressions that `mien import` makes of open eyes and a mouth at rest: a row for each character."""
    with TemporaryDirectory() as folder:
        pictures, names = made_moods(Path(folder), PAPER)
    return sheet_of(pictures, len(MOODS), names).convert("RGB")


def on_paper(portrait: Portrait, pose: Pose) -> Image.Image:
    """What a portrait draws of a pose, on paper."""
    paper = Image.new("RGBA", portrait.size, PAPER)
    paper.alpha_composite(Image.fromarray(straight(portrait.draw(pose))))
    return paper


def square(bounds: Rect, side: int, down: int = 0) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of a square around the middle of something."""
    left = bounds.x + (bounds.width - side) // 2
    top = bounds.y + (bounds.height - side) // 2 + down
    return left, top, left + side, top + side


def sheet_of(
    pictures: Sequence[Image.Image], columns: int, names: Iterable[str] = (), label: int = LABEL
) -> Image.Image:
    """Pictures of one size in rows, with what they are called below them."""
    width, height = pictures[0].size
    told = [*names]
    line = height + (label if told else 0)
    paper = Image.new("RGBA", (columns * width, -(-len(pictures) // columns) * line), PAPER)
    draw, font = ImageDraw.Draw(paper), ImageFont.load_default(14 if label == LABEL else 11)
    for i, picture in enumerate(pictures):
        x, y = i % columns * width, i // columns * line
        paper.paste(picture, (x, y))
        if told and told[i]:
            draw.text((x + width // 2, y + height + 3), told[i], INK, font, anchor="ma")
    return paper


def drawn_by(old: Path | None) -> dict[str, Callable[[], Image.Image]]:
    """File name -> what draws it."""
    made: dict[str, Callable[[], Image.Image]] = {f"{name}.png": partial(scene, name) for name in SCENES}
    for name in bundled_names("characters"):
        made[f"{name}.png"] = partial(faces, name)
        made[f"{name}-gestures.jpg"] = partial(gestures, name)
    made["minute.jpg"], made["idle.jpg"] = partial(minute, "night_shift"), partial(minute, None)
    return made | {
        "mouths.jpg": mouths,
        "closeups.jpg": closeups,
        "four-k.jpg": four_k,
        "preview.jpg": preview,
        "preview-sections.jpg": partial(preview, ("Channels", "Slots", "Atlas pages")),
        "preview-why.jpg": why,
        "film.jpg": partial(film, old),
        "import.jpg": imports,
        "import-moods.jpg": import_moods,
    }


def main() -> None:
    """Writes those that are named, or all but `film`, which is drawn when `--old` is given, and `preview`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="all by default, `film` only with --old")
    parser.add_argument("--old", type=Path, metavar="VIDEO", help="of hello, for film")
    given = parser.parse_args()
    made = {Path(name).stem: (name, draw) for name, draw in drawn_by(given.old).items()}
    for name in given.names or [
        one for one in made if not one.startswith("preview") and (one != "film" or given.old)
    ]:
        if name not in made:
            parser.error(f"{name!r} is none of {', '.join(made)}")
        file, draw = made[name]
        picture, path = draw(), FOLDER / file
        how = {} if path.suffix == ".png" else SHARP if name.startswith("preview") else {"quality": 80}
        picture.save(path, optimize=True, **how)
        print(f"{path}: {picture.width}x{picture.height}, {path.stat().st_size // 1024} KiB")


if __name__ == "__main__":
    main()
