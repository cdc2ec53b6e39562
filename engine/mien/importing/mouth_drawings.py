"""Pictures of mouths made from other pictures of them: shut, opened, bent."""

from __future__ import annotations

import numpy as np

from mien.importing.flatten import Picture, over
from mien.importing.warping import edges, filled, moved_columns, smoothed, stretched
from mien.types import F64, Rect


def is_open(picture: Picture) -> bool:
    """Whether a mouth looks open: as high as a good part of its width, and filled. A line that curves, or has
    the shade of a lip below it, is as high and is shut."""
    filled = float((picture.pixels[..., 3] > 128).mean()) if picture.pixels.size else 0.0
    return picture.box.height > 0.42 * picture.box.width and filled > 0.56


def bent(picture: Picture, lift: float) -> Picture:
    """A mouth whose corners are higher by so much of its width; its middle goes the other way a little."""
    box = picture.box
    most = abs(lift) * box.width
    tall = Rect(box.x, box.y - round(most) - 2, box.width, box.height + 2 * round(most) + 4)
    columns = 2 * (np.arange(box.width) + 0.5) / box.width - 1
    return moved_columns(picture, tall, lift * box.width * (0.3 - columns * columns))


def shut(picture: Picture) -> Picture:
    """An open mouth as a line: squeezed about a place in its upper half."""
    box = picture.box
    thin = max(3.0, 0.09 * box.width)
    about = box.x + box.width / 2, box.y + 0.4 * box.height
    return stretched(picture, 0.92, min(1.0, thin / max(1, box.height)), about)


def opened(line: Picture, room: float) -> Picture:
    """A mouth that is a line, drawn open: the line along both lips, and what is inside between them."""
    box = line.box
    pixels = line.pixels
    upper, lower = edges(pixels[..., 3])
    reach = max(1, box.width // 16)
    centre = smoothed((upper + lower) / 2, reach)
    thick = np.clip(smoothed(lower - upper, reach), 2.0, max(2.0, 0.12 * box.width))
    drop = float(np.clip(0.5 * box.width, 8, max(8.0, room)))
    columns = (np.arange(box.width) + 0.5) / box.width
    bow = np.sqrt(np.maximum(0.0, 1 - (2 * columns - 1) ** 2))
    base = _flattened(centre, 0.45)
    tall = Rect(box.x, box.y - round(0.2 * drop), box.width, round(box.height + 1.4 * drop) + 4)
    shift = box.y - tall.y
    top = base + shift - 0.12 * drop * bow
    bottom = base + shift + 0.88 * drop * bow
    ink = _ink(line)
    deep = 0.45 * np.asarray(ink) + 0.55 * np.asarray((112.0, 30.0, 42.0))
    tongue = 0.25 * np.asarray(ink) + 0.75 * np.asarray((214.0, 108.0, 112.0))
    tongue_bow = np.sqrt(np.maximum(0.0, 1 - ((columns - 0.5) / 0.36) ** 2))
    tongue_top = np.where(tongue_bow > 0, bottom - 0.34 * drop * tongue_bow, bottom)
    half = thick / 2 * np.clip(2.2 * bow, 0.35, 1.0)
    return over(
        [
            filled(tall, top, bottom, deep),
            filled(tall, np.maximum(tongue_top, top), bottom, tongue),
            filled(tall, bottom - half, bottom + half, ink),
            filled(tall, top - half, top + half, ink),
        ]
    )


def _flattened(line: F64, share: float) -> F64:
    """A line with less of its bend."""
    straight: F64 = np.interp(np.arange(len(line)), [0, len(line) - 1], [line[0], line[-1]])
    return straight + share * (line - straight)


def _ink(line: Picture) -> F64:
    """The colour of a line: its darker half."""
    drawn = line.pixels[line.pixels[..., 3] >= 128][:, :3].astype(np.float64)
    if not len(drawn):
        return np.asarray((90.0, 40.0, 45.0))
    light = drawn @ (0.299, 0.587, 0.114)
    found: F64 = drawn[light <= np.median(light)].mean(axis=0)
    return found
