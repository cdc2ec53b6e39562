"""Pages of one size for all that are drawn together, and backgrounds as large as their frame."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from art.build import Pixels, box, layered_character, write_png
from mien.art import LoadedCharacter, load_character, load_picture, pack_character, repacked
from mien.art.atlas import GUTTER_PX
from mien.art.png import premultiply
from mien.character import Drawing
from mien.errors import AtlasFull, FormatError
from mien.types import Rect, Size


def around(pages: tuple[Pixels, ...], drawing: Drawing) -> Pixels:
    """A drawing's region with its gutter."""
    x, y, width, height = drawing.region
    g = GUTTER_PX
    return pages[drawing.page][y - g : y + height + g, x - g : x + width + g]


def noise(width: int, height: int) -> Pixels:
    """An opaque picture in which every pixel differs from its neighbours."""
    pixels = np.random.default_rng(7).integers(0, 256, (height, width, 4), np.uint8)
    pixels[..., 3] = 255
    return pixels


def same_but_for_places(a: LoadedCharacter, b: LoadedCharacter) -> None:
    for x, y in zip(a.character.drawings(), b.character.drawings(), strict=True):
        assert (x.name, x.offset, x.flip_x, x.region[2:]) == (y.name, y.offset, y.flip_x, y.region[2:])
        assert (around(a.pages, x) == around(b.pages, y)).all()


@pytest.mark.parametrize("side", [96, 100, 144, 160, 480])
def test_pages_become_tiles_of_larger_ones_and_no_pixel_changes(tmp_path: Path, side: int) -> None:
    small = load_character(layered_character(tmp_path / "c"), page_size=48)
    assert len(small.pages) > 1
    large = repacked(small, side)
    assert large.page_size == side
    assert len(large.pages) == -(-len(small.pages) // (side // 48) ** 2)
    same_but_for_places(small, large)
    for page in large.pages:
        assert page.shape == (side, side, 4)
        assert page.flags.c_contiguous
        assert not page.flags.writeable
    assert (large.source, large.warnings) == (small.source, small.warnings)


def test_pages_of_the_right_size_are_the_same_pages(tiny: Path) -> None:
    loaded = load_character(tiny, page_size=128)
    assert repacked(loaded, 128) is loaded


def test_pages_cannot_become_smaller(tiny: Path) -> None:
    loaded = load_character(tiny, page_size=128)
    with pytest.raises(
        AtlasFull, match="tiny is on pages of 128 px, larger than 64 px; load it with a page_limit"
    ):
        repacked(loaded, 64)
    with pytest.raises(FormatError, match="page_size is 9000"):
        repacked(loaded, 9000)


def test_a_picture_that_fills_its_page_gets_the_gutter_that_it_had_no_room_for(tmp_path: Path) -> None:
    path = write_png(tmp_path / "room.png", noise(64, 64))
    bare = load_picture(path, page_size=64)
    assert bare.drawing.region == (0, 0, 64, 64)
    large = repacked(bare, 128)
    assert large.drawing.region == (2, 2, 64, 64)
    assert (
        around(large.pages, large.drawing) == np.pad(bare.pages[0], ((2, 2), (2, 2), (0, 0)), "edge")
    ).all()


def test_a_file_packed_on_larger_pages_than_wanted_is_packed_anew(tiny: Path, tmp_path: Path) -> None:
    """As for a renderer whose largest texture is smaller than the file's pages."""
    path = pack_character(tiny, tmp_path / "big.mien", page_size=512).path
    for size, limit in ((64, 8192), (512, 64)):
        loaded = load_character(path, page_size=size, page_limit=limit)
        assert loaded.page_size == 64
        assert len(loaded.pages) > 1
        same_but_for_places(loaded, load_character(tiny, page_size=64))


def test_a_file_packed_for_a_drawing_larger_than_a_page_loads_as_its_folder(
    tiny: Path, tmp_path: Path
) -> None:
    report = pack_character(tiny, tmp_path / "c.mien", page_size=32)
    assert report.page_size == 64
    a, b = (load_character(path, page_size=32) for path in (tiny, report.path))
    assert a.character == b.character
    assert all((x == y).all() for x, y in zip(a.pages, b.pages, strict=True))


def test_a_drawing_larger_than_a_page_makes_the_pages_larger(tiny: Path) -> None:
    """The body is 40 x 30, and 44 with its gutter."""
    assert load_character(tiny, page_size=22).page_size == 44
    assert load_character(tiny, page_size=30).page_size == 60
    assert load_character(tiny, page_size=30, page_limit=50).page_size == 50
    assert load_character(tiny, scale=2.0, page_size=30).page_size == 90
    with pytest.raises(AtlasFull, match=r'slot\[0\] "body" drawing \'main\' is 40 x 30 px, .* page of 43 px'):
        load_character(tiny, page_size=30, page_limit=43)
    with pytest.raises(
        AtlasFull, match=r'slot\[0\] "body" drawing \'main\' is 320 x 240 px, .* page of 300 px'
    ):
        load_character(tiny, scale=8.0, page_size=30, page_limit=300)


@pytest.mark.parametrize("limit", [0, 15, 8193])
def test_a_page_limit_out_of_range_is_refused(tiny: Path, limit: int) -> None:
    with pytest.raises(FormatError, match=f"page_limit is {limit}"):
        load_character(tiny, page_limit=limit)


def test_a_background_larger_than_a_page_is_kept_at_its_size(tmp_path: Path) -> None:
    pixels = noise(150, 90)
    loaded = load_picture(write_png(tmp_path / "room.png", pixels), page_size=64)
    assert loaded.page_size == 192
    x, y, width, height = loaded.drawing.region
    assert (loaded.pages[0][y : y + height, x : x + width] == premultiply(pixels)).all()


@pytest.mark.parametrize(
    ("frame", "left", "top"), [((40, 30), 5, 10), ((41, 30), 5, 10), ((41, 31), 5, 10), ((60, 20), 0, 15)]
)
def test_only_what_the_frame_shows_of_a_picture_is_kept(
    tmp_path: Path, frame: tuple[int, int], left: int, top: int
) -> None:
    pixels = noise(50, 50)
    loaded = load_picture(write_png(tmp_path / "room.png", pixels), frame=Size(*frame), page_size=64)
    width, height = min(50, frame[0]), frame[1]
    assert loaded.size == (50, 50)
    assert loaded.drawing.offset == (left, top)
    assert loaded.drawing.region[2:] == (width, height)
    kept = premultiply(pixels)[top : top + height, left : left + width]
    assert (around(loaded.pages, loaded.drawing) == np.pad(kept, ((2, 2), (2, 2), (0, 0)), "edge")).all()
    if width < 50:
        assert (frame[0] - loaded.size.width) // 2 + left == 0, "centred, it begins where the frame does"


@pytest.mark.parametrize("scale", [0.4, 1.6, 3.0])
def test_a_scaled_picture_is_cut_to_the_frame_without_changing_a_pixel(tmp_path: Path, scale: float) -> None:
    path = write_png(tmp_path / "room.png", noise(50, 40))
    whole = load_picture(path, scale=scale, page_size=256)
    frame = Size(whole.size.width - 7, whole.size.height - 4)
    part = load_picture(path, scale=scale, frame=frame, page_size=256)
    assert part.size == whole.size
    (x, y), (_, _, width, height) = part.drawing.offset, part.drawing.region
    assert (width, height) == frame
    ox, oy, *_ = whole.drawing.region
    expected = whole.pages[0][oy + y : oy + y + height, ox + x : ox + x + width]
    px, py, *_ = part.drawing.region
    found = part.pages[0][py : py + height, px : px + width]
    assert np.abs(found.astype(int) - expected).max() <= 1, "the resampler rounds its weights by position"


def test_a_wide_picture_in_a_narrow_frame_needs_no_page_of_its_whole_width(tmp_path: Path) -> None:
    path = write_png(tmp_path / "room.png", noise(64, 4))
    loaded = load_picture(path, scale=8.0, frame=Size(20, 32), page_size=36, page_limit=40)
    assert loaded.size == (512, 32)
    assert (loaded.page_size, loaded.drawing.region) == (36, Rect(2, 2, 20, 32))


def test_a_single_pixel_covers_any_frame(tmp_path: Path) -> None:
    path = write_png(tmp_path / "room.png", box(1, 1, (10, 20, 30, 255)))
    loaded = load_picture(path, scale=300.0, frame=Size(300, 200), page_size=64)
    x, y, *_ = loaded.drawing.region
    assert loaded.drawing.region[2:] == (300, 200)
    assert (loaded.pages[0][y : y + 200, x : x + 300] == (10, 20, 30, 255)).all()
    with pytest.raises(FormatError, match="scale is 300"):
        load_picture(path, scale=300.0, page_size=64)


def test_a_picture_of_which_the_frame_shows_only_clear_pixels_shows_nothing(tmp_path: Path) -> None:
    pixels = box(50, 50, (0, 0, 0, 0))
    pixels[:4, :4] = 255
    path = write_png(tmp_path / "room.png", pixels)
    for scale in (1.0, 2.0):
        loaded = load_picture(path, scale=scale, frame=Size(10, 10), page_size=64)
        assert loaded.drawing.region[2:] == (1, 1)
        assert not loaded.pages[0].any()
