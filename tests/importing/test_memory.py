"""An import holds its pictures once: of layers that are shrunk some rows, and what is known is let go of."""

from __future__ import annotations

import tracemalloc
import weakref
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from importing import drawn
from mien.art.kept import KeptFiles
from mien.art.layered.shrinking import Shrinking
from mien.art.layered.tree import trimmed
from mien.art.png import premultiply
from mien.art.sprites import FILTER
from mien.importing.kinds import read_artwork
from mien.importing.make import make
from mien.importing.mapping import Corrections
from mien.importing.pictures.frames import on_canvas
from mien.importing.write import write
from mien.types import U8, Rect, Size


def picture(width: int, height: int) -> U8:
    """Blots with soft edges on nothing."""
    noise = np.random.default_rng(4)
    y, x = np.mgrid[0:height, 0:width]
    out = np.zeros((height, width, 4), np.uint8)
    for _ in range(6):
        about = noise.uniform(0.2, 0.8, 2) * (width, height)
        far = np.hypot(x - about[0], (y - about[1]) * 1.6) - noise.uniform(8, 0.2 * min(width, height))
        share = np.clip(-far / 3, 0, 1)
        out[share > 0, :3] = noise.integers(0, 256, 3)
        out[..., 3] = np.maximum(out[..., 3], np.rint(255 * share).astype(np.uint8))
    return out


@pytest.mark.parametrize(
    ("offset", "most"), [((0, 0), 300), ((37, 211), 300), ((-20, 55), 411), ((3, 3), 97)]
)
def test_a_layer_that_is_shrunk_some_rows_at_a_time_is_as_if_it_had_been_at_once(
    monkeypatch: pytest.MonkeyPatch, offset: tuple[int, int], most: int
) -> None:
    straight, canvas = picture(700, 620), Size(900, 1000)
    whole = Shrinking.to(canvas, most).pixels(straight, offset)
    asked: list[tuple[int, int]] = []

    def read(first: int, last: int) -> U8:
        asked.append((first, last))
        return straight[first:last]

    monkeypatch.setattr("mien.art.layered.shrinking._STRIP_PIXELS", 20_000)
    pixels, at = Shrinking.to(canvas, most).rows(read, Rect(*offset, 700, 620))
    assert len(asked) > 8
    assert all(last == first for (_, last), (first, _) in pairwise(asked)), "from above"
    canvas = Shrinking.to(canvas, most).size
    placed, known = (premultiply(on_canvas(*one, canvas)).astype(int) for one in ((pixels, at), whole))
    # Steps of four and more are halved first, from another row.
    assert np.abs(placed - known).max() <= (2 if most > 120 else 24)


def test_what_is_shrunk_is_as_pillow_shrinks_it() -> None:
    from PIL import Image

    straight, canvas = picture(800, 600), Size(800, 600)
    pixels, at = Shrinking.to(canvas, 400).pixels(straight, (0, 0))
    small = Image.fromarray(straight).resize((400, 300), FILTER)
    known, corner = trimmed(np.asarray(small), (0, 0), Size(400, 300))
    assert at == corner
    assert np.abs(premultiply(pixels).astype(int) - premultiply(known)).max() <= 1


def test_little_of_a_large_layer_is_in_memory_at_once() -> None:
    rows = np.full((1, 4000, 4), 200, np.uint8)
    canvas = Size(4000, 4000)
    tracemalloc.start()
    try:
        pixels, _ = Shrinking.to(canvas, 500).rows(
            lambda first, last: np.repeat(rows, last - first, axis=0), Rect(0, 0, 4000, 4000)
        )
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert pixels.shape == (500, 500, 4)
    assert peak < 4000 * 4000 * 4 / 6


def test_pictures_are_let_go_of_as_they_are_known(tmp_path: Path) -> None:
    path = drawn.ora(tmp_path / "art.ora", drawn.named())
    for release in (False, True):
        artwork = read_artwork(path)
        made = make(artwork.source, "Girl", artwork.given, {}, artwork.extras)
        del artwork
        held = {name: weakref.ref(one.pixels) for name, one in made.pictures.items() if one.pixels.size}
        folder = tmp_path / f"made {release}"
        kept = KeptFiles()
        write(made, folder, path.name, Corrections(), None, False, kept, release=release)
        left = {name for name, one in held.items() if one() is not None}
        assert left == (set() if release else held.keys())
