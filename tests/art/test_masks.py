"""A mask is a picture of how much is shown: read from alpha or grey, packed and baked as drawings are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from art.build import Pixels, box, chunk, on_canvas, tiny_character, tiny_document, tiny_parts, write_png
from mien.art import LoadedCharacter, load_character, pack_character
from mien.character import Drawing
from mien.errors import AssetMissing, FormatError, ImageRejected

PAGE = 128
CANVAS = (64, 80)


def ramp() -> Pixels:
    """A mask over the tiny body, which is 40 x 30 at (12, 50): alpha from 15 to 240, left to right."""
    pixels = box(16, 30, (9, 8, 7, 255))
    pixels[..., 3] = np.arange(1, 17) * 15
    return pixels


def masked(folder: Path, pixels: Pixels, **keys: Any) -> Path:
    """The tiny character with a canvas-sized mask on its body."""
    document = tiny_document()
    document["slot"][0].update(mask="masks/body.png", **keys)
    made = tiny_character(folder, document)
    write_png(made / "masks/body.png", pixels)
    return made


def shown(loaded: LoadedCharacter, mask: Drawing | None) -> Pixels:
    """The alpha of a mask back on a transparent canvas."""
    assert mask is not None
    x, y, width, height = mask.region
    pixels = loaded.pages[mask.page][y : y + height, x : x + width]
    assert (pixels == pixels[..., 3:]).all(), "white, premultiplied"
    pixels = pixels[:, ::-1] if mask.flip_x else pixels
    return on_canvas(loaded.character.canvas, pixels, *mask.offset)[..., 3]


def test_the_alpha_channel_is_the_mask_and_its_colours_mean_nothing(tmp_path: Path) -> None:
    loaded = load_character(masked(tmp_path / "c", on_canvas(CANVAS, ramp(), 20, 50)), page_size=PAGE)
    mask = loaded.character.slots[0].mask
    assert mask is not None
    assert (mask.offset, mask.region[2:]) == ((20, 50), (16, 30))
    assert (shown(loaded, mask)[50:80, 20:36] == np.arange(1, 17) * 15).all()
    assert loaded.character.slots[1].mask is None


@pytest.mark.parametrize("mode", ["L", "RGB", "P", "I;16", "1"])
def test_without_transparency_the_grey_is_the_mask(tmp_path: Path, mode: str) -> None:
    grey = on_canvas(CANVAS, ramp(), 20, 50)[..., 3]
    if mode == "1":
        grey = np.where(grey > 100, 255, 0).astype(np.uint8)
    folder = masked(tmp_path / "c", on_canvas(CANVAS, ramp(), 20, 50))
    if mode == "I;16":
        image = Image.fromarray(grey.astype(np.uint16) * 257)
    else:
        image = Image.fromarray(grey).convert(mode)
    image.save(folder / "masks/body.png", "PNG")
    loaded = load_character(folder, page_size=PAGE)
    assert (shown(loaded, loaded.character.slots[0].mask) == grey).all()


def test_a_grey_picture_with_transparency_is_a_mask_by_its_alpha(tmp_path: Path) -> None:
    folder = masked(tmp_path / "c", on_canvas(CANVAS, ramp(), 20, 50))
    image = Image.open(folder / "masks/body.png")
    image.convert("LA").save(folder / "masks/body.png", "PNG")
    loaded = load_character(folder, page_size=PAGE)
    assert (shown(loaded, loaded.character.slots[0].mask)[60, 20:36] == np.arange(1, 17) * 15).all()


def test_one_transparent_colour_makes_a_mask_by_alpha(tmp_path: Path) -> None:
    folder = masked(tmp_path / "c", on_canvas(CANVAS, ramp(), 20, 50))
    grey = np.full((80, 64), 90, np.uint8)
    grey[50:60, 20:30] = 7
    Image.fromarray(grey).save(folder / "masks/body.png", "PNG", transparency=90)
    loaded = load_character(folder, page_size=PAGE)
    alpha = shown(loaded, loaded.character.slots[0].mask)
    assert (alpha[50:60, 20:30] == 255).all()
    assert int((alpha > 0).sum()) == 100


def test_a_coloured_picture_without_transparency_is_no_mask(tmp_path: Path) -> None:
    folder = masked(tmp_path / "c", on_canvas(CANVAS, ramp(), 20, 50))
    Image.fromarray(box(64, 80, (200, 10, 10, 255))).convert("RGB").save(folder / "masks/body.png", "PNG")
    with pytest.raises(ImageRejected, match=r"masks/body\.png is a mask, but coloured and without transp"):
        load_character(folder)


def test_a_mask_is_placed_by_its_own_key_or_its_own_chunk(tmp_path: Path) -> None:
    by_key = masked(tmp_path / "a", ramp(), mask_offset=[20, 50])
    by_chunk = masked(tmp_path / "b", ramp())
    write_png(by_chunk / "masks/body.png", ramp(), (20, 50))
    by_size = masked(tmp_path / "c", on_canvas(CANVAS, ramp(), 20, 50))
    loaded = [load_character(folder, page_size=PAGE) for folder in (by_key, by_chunk, by_size)]
    assert loaded[0].character == loaded[1].character == loaded[2].character
    for pages in zip(*(one.pages for one in loaded), strict=True):
        assert (pages[0] == pages[1]).all()
        assert (pages[0] == pages[2]).all()


def test_equal_and_mirrored_masks_share_a_region(tmp_path: Path) -> None:
    document = tiny_document()
    document["slot"][0].update(mask="masks/a.png")
    document["slot"][1].update(mask="masks/b.png", mask_offset=[3, 4])
    document["slot"][3].update(mask="masks/c.png", mask_offset=[23, 24])
    folder = tiny_character(tmp_path / "c", document)
    write_png(folder / "masks/a.png", ramp(), (20, 44))
    write_png(folder / "masks/b.png", ramp() ^ np.array((255, 255, 255, 0), np.uint8))
    write_png(folder / "masks/c.png", np.ascontiguousarray(ramp()[:, ::-1]))
    masks = [slot.mask for slot in load_character(folder, page_size=PAGE).character.slots]
    assert masks[0] is not None
    assert masks[1] is not None
    assert masks[3] is not None
    assert masks[0].region == masks[1].region == masks[3].region
    assert [mask.flip_x for mask in masks if mask is not None] == [False, False, True]
    report = pack_character(folder, tmp_path / "c.mien", page_size=PAGE)
    assert (report.drawings, report.masks, report.shared, report.mirrored) == (10, 3, 2, 1)


@pytest.mark.parametrize(("scale", "page"), [(1.0, PAGE), (1.0, 96), (0.5, PAGE), (1.5, 256)])
def test_a_baked_mask_is_the_same_mask(tmp_path: Path, scale: float, page: int) -> None:
    folder = masked(tmp_path / "c", on_canvas(CANVAS, ramp(), 20, 50))
    baked = pack_character(folder, tmp_path / "c.mien", page_size=PAGE).path
    a = load_character(folder, scale=scale, page_size=page)
    b = load_character(baked, scale=scale, page_size=page)
    assert (shown(a, a.character.slots[0].mask) == shown(b, b.character.slots[0].mask)).all()


def test_a_mask_is_resampled_on_the_grid_of_its_slot(tmp_path: Path) -> None:
    """A mask equal to its drawing has the drawing's alpha at every scale."""
    folder = masked(tmp_path / "c", on_canvas(CANVAS, *_body()))
    for scale in (0.3, 0.5, 0.77, 2.5):
        loaded = load_character(folder, scale=scale, page_size=256)
        slot = loaded.character.slots[0]
        drawing = slot.drawings[0]
        x, y, width, height = drawing.region
        pixels = loaded.pages[drawing.page][y : y + height, x : x + width]
        alpha = on_canvas(loaded.character.canvas, pixels, *drawing.offset)[..., 3]
        assert (shown(loaded, slot.mask) == alpha).all()


def _body() -> tuple[Pixels, int, int]:
    pixels, (x, y) = tiny_parts()["body/main"]
    return pixels, x, y


def test_a_mask_among_the_parts_is_not_called_unused(tmp_path: Path) -> None:
    document = tiny_document()
    document["slot"][0].update(mask="parts/body/mask.png")
    folder = tiny_character(tmp_path / "c", document)
    write_png(folder / "parts/body/mask.png", ramp(), (20, 50))
    assert not any("no slot draws this" in warning for warning in load_character(folder).warnings)


def test_a_mask_that_is_missing_is_named_with_its_slot(tmp_path: Path) -> None:
    folder = masked(tmp_path / "c", ramp())
    (folder / "masks/body.png").unlink()
    with pytest.raises(AssetMissing, match=r'slot\[0\] "body" mask needs .*masks/body\.png, which does not'):
        load_character(folder)


def test_a_damaged_mask_is_refused(tmp_path: Path) -> None:
    folder = masked(tmp_path / "c", ramp())
    path = folder / "masks/body.png"
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(ImageRejected, match=r"masks/body\.png is truncated"):
        load_character(folder)
    path.write_bytes(path.read_bytes()[:8] + chunk(b"IHDR", bytes(13)))
    with pytest.raises(ImageRejected, match=r"masks/body\.png: "):
        load_character(folder)


Change = Callable[[dict[str, Any]], object]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: s.update(mask=3), "mask is 3, but must be text"),
        (lambda s: s.update(mask="../a.png"), r"mask is '\.\./a\.png'; give a path inside"),
        (lambda s: s.update(mask=""), "mask is ''; give a path inside"),
        (lambda s: s.update(mask="a.png", mask_offset=[1]), "mask_offset is .*, but must be two numbers"),
        (lambda s: s.update(mask="a.png", mask_offset=[0.5, 1]), r"mask_offset\[0\] is 0.5"),
        (lambda s: s.update(mask_offset=[1, 1]), "mask_offset places a mask that is not named"),
        (lambda s: s.update(masks="a.png"), "masks is not a key of this format; did you mean 'mask'"),
    ],
)
def test_a_mask_that_is_written_wrong_is_named(tmp_path: Path, change: Change, message: str) -> None:
    document = tiny_document()
    change(document["slot"][0])
    folder = tiny_character(tmp_path / "c", document)
    with pytest.raises(FormatError, match=rf'character\.toml: slot\[0\] "body" {message}'):
        load_character(folder)


def warnings(folder: Path) -> str:
    return "\n".join(r for r in load_character(folder, page_size=PAGE).warnings if "mask" in r)


def test_masks_that_hide_everything_or_nothing_are_remarked_in_both_forms(tmp_path: Path) -> None:
    cases = {
        "hides everything": on_canvas(CANVAS, box(4, 4, (0, 0, 0, 0)), 20, 50),
        "covers nothing that it shows": on_canvas(CANVAS, box(10, 10, (0, 0, 0, 255)), 0, 0),
        "opaque all over and hides nothing": box(*CANVAS, (0, 0, 0, 255)),
        "": on_canvas(CANVAS, ramp(), 20, 50),
    }
    for i, (expected, pixels) in enumerate(cases.items()):
        folder = masked(tmp_path / f"{i}", pixels)
        assert expected in warnings(folder)
        assert bool(expected) == bool(warnings(folder))
        baked = pack_character(folder, tmp_path / f"{i}.mien", page_size=PAGE).path
        assert expected in warnings(baked)


def test_an_opaque_mask_that_crops_is_not_remarked(tmp_path: Path) -> None:
    assert warnings(masked(tmp_path / "c", on_canvas(CANVAS, box(20, 30, (0, 0, 0, 255)), 12, 50))) == ""
