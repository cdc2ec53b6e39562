"""Atlas pages looked at: what is on them, which are on the GPU, and what they look like."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import mien
from art.build import tiny_character
from mien.art import load_character
from mien.composite.gl.page_layout import PageLayout
from mien.errors import ScriptError
from mien.types import U8, Size
from stage.test_stage import SIZE


def test_every_page_is_listed_with_whose_drawings_are_on_it(tmp_path: Path) -> None:
    folder = tiny_character(tmp_path / "tiny")
    with mien.open_stage({"a": folder, "b": "otto"}, size=SIZE, background="evening_room", room=1) as stage:
        pages = stage.atlas_pages()
        assert [page.number for page in pages] == list(range(len(pages)))
        assert {page.owner for page in pages} == {"", "a", "b"} and all(page.resident for page in pages)
        assert "head/main" in next(page.drawings for page in pages if page.owner == "a")
        counted = stage.residency()
        assert counted.pages == counted.resident == len(pages) and counted.budget is None
        assert counted.bytes == counted.resident_bytes == sum(page.bytes for page in pages)
        stage.load("c", folder)
        stage.frame()
        assert {page.owner for page in stage.atlas_pages()} == {"", "a", "b", "c"}


def test_a_picture_of_a_page_has_its_pixels(tmp_path: Path) -> None:
    folder = tiny_character(tmp_path / "tiny")
    with mien.open_stage({"a": folder}, size=SIZE) as stage:
        before = stage.frame().copy()
        made = stage._compositor.counters.allocations
        picture = stage.page_picture(0, 16_384)
        assert picture is not None and picture.shape == (2048, 2048, 4)
        actor = stage._show.player.actors[0]
        loaded = load_character(folder, scale=actor.character.scale, joined=True)
        page = loaded.pages[0]
        assert np.array_equal(picture[: page.shape[0], : page.shape[1]], page)
        small = stage.page_picture(0, 100)
        assert small is not None and max(small.shape[:2]) <= 100 and small.any()
        assert abs(float(small.mean()) - float(picture.mean())) < 0.5
        for size, parts in ((100, 7), (512, 32), (16_384, 3), (3, 5)):
            read = [stage.page_picture(0, size, part=(k, parts)) for k in range(parts)]
            whole = stage.page_picture(0, size)
            assert whole is not None
            assert np.array_equal(np.concatenate([one for one in read if one is not None]), whole)
        assert stage._compositor.counters.allocations == made
        twin = mien.open_stage({"a": folder}, size=SIZE)
        twin.frame()
        assert np.array_equal(stage.frame(), twin.frame()) and before.any()
        twin.close()


@pytest.mark.parametrize("in_strips", [True, False])
def test_the_pixels_of_a_page_come_back_from_any_layout(in_strips: bool) -> None:
    size = Size(150, 130)
    layout = PageLayout(size, in_strips=in_strips)
    page: U8 = np.random.default_rng(1).integers(0, 256, (130, 150, 4)).astype(np.uint8)
    layers = np.zeros((layout.per_page, layout.size.height, layout.size.width, 4), np.uint8)
    for layer, line, lines in layout.parts(0, 0, page):
        layers[layer, line : line + len(lines)] = lines
    for first, end in ((0, 130), (0, 1), (63, 65), (64, 128), (70, 130)):
        kept, within = layout.holding(first, end)
        held = layers[kept.start : kept.stop] if within is None else layers[:, within[0] : within[1]]
        assert np.array_equal(layout.lines(held, first, end, size.width), page[first:end])


def test_a_number_of_no_page_is_refused() -> None:
    with mien.open_stage({"otto": "otto"}, size=SIZE) as stage:
        with pytest.raises(ScriptError, match="99 is no page; give one of 0 to "):
            stage.page_picture(99)
        with pytest.raises(ScriptError, match=r"part cannot be 4.* 0 to 3 of 4 parts"):
            stage.page_picture(0, part=(4, 4))
        with pytest.raises(ScriptError, match="size cannot be 0"):
            stage.page_picture(0, 0)
