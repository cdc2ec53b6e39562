#!/usr/bin/env python3
"""Show what a viewer could see of the levels that live frames are drawn at under load: `--help` says how."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from bench_compositor.machine import machine
from mien.audio import AudioSession
from mien.catalog import bundled_or_path
from mien.cli.options import size as size_of
from mien.clock import FrameRate
from mien.composite.gl import Compositor, open_headless
from mien.errors import MienError
from mien.stage.cast import cast_of
from mien.stage.governor import EXACT, LEVELS, Level
from mien.stage.ready import make_ready
from mien.stage.show import Show
from mien.stage.video_file import VideoFile
from mien.talk import load_conversation
from mien.talk.names import background_path
from mien.types import F32, U8, Size

FPS = FrameRate.of(30)
SAVING = LEVELS[1:]
"""The first is exact."""
AMPLIFIED = 8
"""Times by which differences are shown larger."""


def main() -> int:
    """Draw each frame at every level; returns the exit status."""
    options = _parser().parse_args()
    try:
        found = _compared(options, options.size)
    except MienError as error:
        print(error, file=sys.stderr)
        return 1
    text = "\n".join(_told(found, shlex.join(["python", "tools/compare_levels.py", *sys.argv[1:]])))
    print(text)
    if options.write:
        options.write.write_text(text + "\n", encoding="utf-8")
    if options.sheet:
        _sheet(found).save(options.sheet)
    return 0


@dataclass(slots=True)
class Found:
    """How pictures of a level differ from exact ones."""

    level: Level
    differing: list[float] = field(default_factory=list)
    """Share of each frame's pixels that differ by more than 3 of 255 in any colour."""
    means: list[float] = field(default_factory=list)
    """Mean difference of each frame over all pixels and colours, of 255."""
    worst: tuple[float, int, U8, U8] | None = None
    """The frame of the largest mean: that, its number, the exact picture and this one."""

    def add(self, number: int, exact: U8, picture: U8) -> None:
        """Another frame."""
        off = np.abs(exact[..., :3].astype(np.int16) - picture[..., :3])
        mean = float(off.mean())
        self.differing.append(float((off.max(axis=2) > 3).mean()))
        self.means.append(mean)
        if self.worst is None or mean > self.worst[0]:
            self.worst = mean, number, exact.copy(), picture.copy()


def _compared(options: argparse.Namespace, size: Size) -> list[Found]:
    """What each level shows of the same frames."""
    found = [Found(level) for level in SAVING]
    with ExitStack() as opened:
        exact, *others = (
            opened.enter_context(Pictures(options.conversation, size, level)) for level in (EXACT, *SAVING)
        )
        context = open_headless()
        opened.callback(context.release)
        # They have the same cast, and so the same pages.
        scales = tuple(dict.fromkeys(one.level.scale for one in (exact, *others)))
        compositor = opened.enter_context(make_ready(context, exact.show, scales=scales))
        film = None
        if options.film:
            film = opened.enter_context(VideoFile(options.film, Size(size.width * 3, size.height), FPS))
        for number in range(round(options.seconds * float(FPS))):
            wanted = exact.drawn(compositor, number)
            for one, pictures in zip(found, others, strict=True):
                one.add(number, wanted, pictures.drawn(compositor, number))
            if film is not None:
                shown = others[options.level - 1].picture
                film.write(np.hstack((wanted, shown, _difference(wanted, shown))), exact.sound)
    return found


class Pictures:
    """The pictures of a conversation at a level, frame by frame, as a live stage would draw them."""

    def __init__(self, name: str, size: Size, level: Level) -> None:
        self.level = level
        self.sound: F32 = np.zeros((0, 2), np.float32)
        """(n, 2) float32, that of the last frame."""
        self.picture: U8 = np.zeros((size.height, size.width, 4), np.uint8)
        """(h, w, 4) uint8, the last frame."""
        conversation = load_conversation(bundled_or_path("conversations", name))
        with ExitStack() as opened:
            self._audio = opened.enter_context(AudioSession("offline"))
            self.show = Show(
                cast_of(conversation),
                size,
                self._audio,
                background=background_path(conversation),
                seed=conversation.seed,
                hold_every=FPS.sample(1),
            )
            opened.callback(self.show.close)
            self.show.player.dim = conversation.dim_listeners
            if self.show.player.held is not None:
                self.show.player.held.reach_px = level.reach_px
            for turn in conversation.turns:
                self.show.session.queue(turn)
            self._opened = opened.pop_all()

    def __enter__(self) -> Pictures:
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    def drawn(self, compositor: Compositor, number: int) -> U8:
        """(h, w, 4) uint8, of frame `number`; they are asked for in order. The next one overwrites it."""
        at = FPS.sample(number)
        self.sound = self._audio.pull(FPS.sample(number + 1) - at)
        compositor.scale = self.level.scale
        compositor.draw(self.show.tick(at))
        compositor.read_into(self.picture)
        return self.picture


def _difference(exact: U8, picture: U8) -> U8:
    off = np.abs(exact[..., :3].astype(np.int16) - picture[..., :3]) * AMPLIFIED
    shown = np.full(exact.shape, 255, np.uint8)
    shown[..., :3] = np.minimum(off, 255)
    return shown


def _sheet(found: list[Found]) -> Image.Image:
    """A line for each level: the frame of the largest difference, exact, as it is, and how far off."""
    lines = [one for one in found if one.worst is not None]
    assert lines and lines[0].worst is not None
    height, width = lines[0].worst[2].shape[:2]
    sheet = Image.new("RGB", (3 * width, len(lines) * (height + 24)), "white")
    draw = ImageDraw.Draw(sheet)
    for k, one in enumerate(lines):
        assert one.worst is not None
        mean, number, exact, picture = one.worst
        top = k * (height + 24)
        text = f"{_name(one.level)}: frame {number}, mean difference {mean:.2f} of 255"
        draw.text((8, top + 6), f"exact | {text} | difference, {AMPLIFIED} times", fill="black")
        for column, pixels in enumerate((exact, picture, _difference(exact, picture))):
            sheet.paste(Image.fromarray(pixels[..., :3]), (column * width, top + 24))
    return sheet


def _name(level: Level) -> str:
    held = f"joints held within {level.hold_px:g} px"
    return held if level.scale == 1.0 else f"{level.scale:g} of width and height, {held}"


def _told(found: list[Found], command: str) -> Iterator[str]:
    where = machine()
    yield f"`{command}`; {where.renderer}; {where.date}; {len(found[0].means)} frames."
    yield ""
    yield (
        "| level | mean difference, of 255: median / p99 / worst | pixels off by more than 3 of 255, %: "
        "median / p99 / worst |"
    )
    yield "|---|---:|---:|"
    for one in found:
        yield f"| {_name(one.level)} | {_three(one.means, 1)} | {_three(one.differing, 100)} |"


def _three(values: list[float], times: float) -> str:
    return " / ".join(f"{times * np.quantile(values, q):.2f}" for q in (0.5, 0.99, 1.0))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tools/compare_levels.py", description=__doc__)
    parser.add_argument("conversation", nargs="?", default="night_shift", help="as for `mien play`")
    parser.add_argument("--size", type=size_of, default=Size(1280, 720), metavar="WxH")
    parser.add_argument("--seconds", type=float, default=30.0, metavar="S", help="of the conversation (30)")
    parser.add_argument("--write", type=Path, metavar="FILE.md", help="write the table here, too")
    parser.add_argument("--sheet", type=Path, metavar="FILE.png", help="the worst frame of each level")
    parser.add_argument(
        "--film", type=Path, metavar="FILE.mp4", help="exact, drawn at --level, difference, side by side"
    )
    numbers = range(1, len(LEVELS))
    parser.add_argument("--level", type=int, default=1, choices=numbers, help="of the film (1)")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
