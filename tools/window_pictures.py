#!/usr/bin/env python3
"""Photograph windows for docs/preview.md, into docs/images: a pointer that leads the gaze, and a companion.

Needs an X display of its own, as Xvfb, in DISPLAY: the pointer is moved for real. What a compositing manager
would put below a companion is drawn here.
"""

from __future__ import annotations

import sys
from pathlib import Path

import glfw
import numpy as np
from PIL import Image, ImageDraw

import mien
from mien.types import U8

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "window"))
from desk import Desk  # noqa: E402

FOLDER = ROOT / "docs/images"
SIZE = (420, 420)
PLACES = ((40, 110), (370, 60), (210, 395))
ARROW = ((0, 0), (0, 17), (4, 13), (7, 20), (10, 19), (7, 12), (12, 12))


def pointer(picture: Image.Image, place: tuple[float, float]) -> None:
    """Draw one: screens put theirs over what is photographed."""
    points = [(place[0] + 1.6 * x, place[1] + 1.6 * y) for x, y in ARROW]
    ImageDraw.Draw(picture).polygon(points, fill="black", outline="white")


def photographed(desk: Desk, window: mien.Window) -> U8:
    """(h, w, 3): what the screen shows of it."""
    left, top = glfw.get_window_pos(window._handle)
    return desk.picture(left, top, *glfw.get_framebuffer_size(window._handle))


def gaze(desk: Desk) -> None:
    """The pointer at three places, and a character that was made larger about it."""
    shots = []
    with mien.open_window({"wren": "wren"}, size=SIZE, playout="null", seed=4) as window:
        for place in PLACES:
            left, top = glfw.get_window_pos(window._handle)
            for step in range(45):
                desk.point(left + place[0] + step % 2, top + place[1])
                window.frame()
            shots.append(Image.fromarray(photographed(desk, window)))
            pointer(shots[-1], place)
    wide = Image.new("RGB", (len(shots) * SIZE[0] + 2 * (len(shots) - 1), SIZE[1]), "white")
    for nth, shot in enumerate(shots):
        wide.paste(shot, (nth * (SIZE[0] + 2), 0))
    wide.save(FOLDER / "gaze.jpg", quality=88)


def desktop(size: tuple[int, int]) -> Image.Image:
    """Something to stand on: a plain desktop with a window of text."""
    rows = np.linspace(0, 1, size[1])[:, None, None]
    colours = (1 - rows) * np.array((70, 110, 140)) + rows * np.array((200, 160, 140))
    picture = Image.fromarray(np.repeat(colours, size[0], 1).astype(np.uint8))
    draw = ImageDraw.Draw(picture)
    draw.rounded_rectangle((60, 50, 800, 500), 10, "#f7f6f3", "#3a3a44")
    draw.rounded_rectangle((60, 50, 800, 82), 10, "#3a3a44")
    chance = np.random.default_rng(2)
    for row in range(14):
        x = 90
        while x < 700:
            word = int(chance.integers(24, 90))
            draw.rounded_rectangle((x, 112 + 26 * row, x + word, 122 + 26 * row), 4, "#b9b6ae")
            x += word + 12
    return picture


def companion(desk: Desk) -> None:
    """A companion over another window, as a compositing manager shows it."""
    desk.composites()
    with mien.open_window(
        {"otto": "otto"}, size=(520, 560), playout="null", companion=True, seed=2
    ) as window:
        handle = window._handle
        left, top = glfw.get_window_pos(handle)
        for step in range(60):
            desk.point(400 + step % 2, 200)
            window.frame()
        wide = min(520, 1280 - left)  # what is clear at its right is beyond the screen
        own = desk.pixels(glfw.get_x11_window(handle), wide, 560)
    below = np.asarray(desktop((1280, 800))).astype(float)
    part = below[top : top + 560, left : left + wide]
    alpha = own[..., 3:].astype(float) / 255
    part[...] = own[..., 2::-1] + (1 - alpha) * part
    picture = Image.fromarray(np.rint(below).astype(np.uint8))
    pointer(picture, (400, 200))
    picture.resize((960, 600), Image.Resampling.LANCZOS).save(FOLDER / "companion.jpg", quality=88)


if __name__ == "__main__":
    of = Desk()
    gaze(of)
    companion(of)
