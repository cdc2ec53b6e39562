"""A folder becomes a character and pages; scale multiplies every pixel value."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from art.build import box, on_canvas, tiny_character, tiny_document, tiny_parts, write_png
from mien.art import LoadedCharacter, load_character, load_picture
from mien.art.png import premultiply
from mien.character import Drawing
from mien.errors import AtlasFull, FormatError
from mien.types import VISEMES, Blend, Rect, Size

PAGE = 128


def pixels_of(loaded: LoadedCharacter, slot: str, drawing: str) -> np.ndarray[Any, Any]:
    """A drawing back on a transparent canvas, premultiplied."""
    found = loaded.character.slots[loaded.character.slot_index(slot)]
    drawn = found.drawings[found.find(drawing)]
    x, y, width, height = drawn.region
    pixels = loaded.pages[drawn.page][y : y + height, x : x + width]
    return on_canvas(loaded.character.canvas, pixels[:, ::-1] if drawn.flip_x else pixels, *drawn.offset)


def test_every_drawing_is_exact_at_scale_1(tiny: Path) -> None:
    loaded = load_character(tiny, page_size=PAGE)
    for name, (pixels, offset) in tiny_parts().items():
        slot, drawing = name.split("/")
        expected = on_canvas((64, 80), premultiply(pixels), *offset)
        assert (pixels_of(loaded, slot, drawing) == expected).all(), name


def test_names_are_resolved_to_indices(tiny: Path) -> None:
    character = load_character(tiny, page_size=PAGE).character
    assert character.name == "Tiny"
    assert character.canvas == Size(64, 80)
    assert character.anchor == (32.0, 80.0)
    assert [slot.name for slot in character.slots] == ["body", "head", "iris", "lid", "mouth", "blush"]
    assert [joint.parent for joint in character.joints] == [-1, 0, 1]
    iris = character.slots[2]
    assert (iris.blend, iris.clip, iris.joint) == (Blend.MULTIPLY, True, 2)
    assert character.slots[5].default == -1
    happy = character.expressions["happy"]
    assert happy.slots == {5: 0}
    assert happy.lids == ("closed", "half")
    assert happy.rest_viseme == VISEMES.index("sil")
    assert character.aliases == {"joy": "happy"}
    assert character.gestures == {"wave": {0: 0}}
    assert character.lids.left == (3,)
    assert character.gaze.irises == (2,)
    assert character.mouth.slot == 4
    assert set(character.mouth.moods) == {"neutral", "smile"}
    assert all(len(shapes) == len(VISEMES) for shapes in character.mouth.moods.values())


def test_joints_are_put_in_order_of_parents(tmp_path: Path) -> None:
    document = tiny_document()
    document["joints"] = dict(reversed(document["joints"].items()))
    character = load_character(tiny_character(tmp_path / "c", document), page_size=PAGE).character
    assert [joint.name for joint in character.joints] == ["body", "head", "iris"]


def test_what_is_left_out_gets_its_documented_default(tmp_path: Path) -> None:
    document = tiny_document()
    for key in ("anchor", "eye_line", "about", "lids", "gaze", "expressions", "aliases", "gestures"):
        del document[key]
    character = load_character(tiny_character(tmp_path / "c", document), page_size=PAGE).character
    assert character.anchor == (32.0, 80.0)
    assert character.eye_line == (32.0, 32.0)
    assert set(character.expressions) == {"neutral"}
    assert character.lids.left == ()
    assert character.gaze.x == (0.0, 0.0)
    assert character.slots[0].fade_ms == 140.0


def test_the_toml_itself_can_be_named(tiny: Path) -> None:
    assert load_character(tiny / "character.toml", page_size=PAGE).source == tiny


@pytest.mark.parametrize("scale", [0.5, 0.75, 2.0])
def test_scale_multiplies_every_pixel_value(tiny: Path, scale: float) -> None:
    full = load_character(tiny, page_size=PAGE).character
    scaled = load_character(tiny, scale=scale, page_size=256).character
    assert scaled.scale == scale
    assert tuple(scaled.canvas) == (64 * scale, 80 * scale)
    assert scaled.anchor == (32 * scale, 80 * scale)
    assert scaled.eye_line == (32 * scale, 30 * scale)
    assert scaled.joints[1].pivot == (32 * scale, 50 * scale)
    assert scaled.joints[1].move == {"head_yaw": (4 * scale, 0.0)}
    assert scaled.joints[1].rotate == full.joints[1].rotate
    assert scaled.joints[0].scale == full.joints[0].scale
    assert scaled.gaze.x == (-4 * scale, 4 * scale)
    assert scaled.gaze.glint_follow == full.gaze.glint_follow
    assert scaled.expressions == full.expressions
    assert scaled.mouth == full.mouth


def test_scale_can_be_chosen_for_the_canvas(tiny: Path) -> None:
    loaded = load_character(tiny, scale=lambda canvas: 40 / canvas.height, page_size=PAGE)
    assert loaded.character.canvas == Size(32, 40)


def test_a_scaled_drawing_stays_where_it_was(tiny: Path) -> None:
    half = pixels_of(load_character(tiny, scale=0.5, page_size=PAGE), "head", "main").astype(float)
    weight = half[..., 3].sum()
    rows, columns = np.mgrid[: half.shape[0], : half.shape[1]]
    assert (columns * half[..., 3]).sum() / weight + 0.5 == pytest.approx(16.0, abs=0.02)
    assert (rows * half[..., 3]).sum() / weight + 0.5 == pytest.approx(16.0, abs=0.02)


@pytest.mark.parametrize("scale", [0.0, -1.0, 9.0, float("nan"), float("inf")])
def test_a_scale_out_of_range_is_refused(tiny: Path, scale: float) -> None:
    with pytest.raises(FormatError, match="scale is"):
        load_character(tiny, scale=scale)


def test_all_pages_have_the_size_asked_for(tmp_path: Path) -> None:
    small = load_character(tiny_character(tmp_path / "a"), page_size=48)
    assert len(small.pages) > 1
    for page in small.pages:
        assert page.shape == (48, 48, 4)
        assert not page.flags.writeable
        assert (page[..., :3] <= page[..., 3:]).all()


def test_a_part_larger_than_a_page_names_itself(tiny: Path) -> None:
    message = r'character\.toml: slot\[0\] "body" drawing \'main\' is 40 x 30 px, .* page of 32 px'
    with pytest.raises(AtlasFull, match=message):
        load_character(tiny, page_size=32, page_limit=32)


def test_offsets_in_the_toml_win_over_the_png(tmp_path: Path) -> None:
    document = tiny_document()
    document["slot"][0]["offsets"] = {"main": [3, 5]}
    loaded = load_character(tiny_character(tmp_path / "c", document), page_size=PAGE)
    assert loaded.character.slots[0].drawings[0].offset == (3, 5)


def test_a_canvas_sized_png_needs_no_offset(tmp_path: Path) -> None:
    folder = tiny_character(tmp_path / "c")
    pixels, offset = tiny_parts()["body/main"]
    write_png(folder / "parts/body/main.png", on_canvas((64, 80), pixels, *offset))
    plain = load_character(tiny_character(tmp_path / "d"), page_size=PAGE)
    loaded = load_character(folder, page_size=PAGE)
    assert loaded.character == plain.character
    assert all((a == b).all() for a, b in zip(loaded.pages, plain.pages, strict=True))


def test_files_can_live_elsewhere_in_the_folder(tmp_path: Path) -> None:
    document = tiny_document()
    document["slot"][0]["files"] = {"main": "art/torso.png"}
    folder = tiny_character(tmp_path / "c", document)
    (folder / "art").mkdir()
    (folder / "parts/body/main.png").rename(folder / "art/torso.png")
    assert load_character(folder, page_size=PAGE).character.slots[0].drawings[0].offset == (12, 50)


def test_a_picture_fills_its_own_size(tmp_path: Path) -> None:
    path = write_png(tmp_path / "room.png", box(40, 20, (10, 20, 30, 255)))
    loaded = load_picture(path, page_size=64)
    assert loaded.size == Size(40, 20)
    assert loaded.drawing == Drawing("room", 0, Rect(2, 2, 40, 20), (0, 0))
    assert (loaded.pages[0][:24, :44] == (10, 20, 30, 255)).all(), "the gutter repeats the edge"
    half = load_picture(path, scale=0.5, page_size=64)
    assert (half.size, half.drawing.region[2:]) == (Size(20, 10), (20, 10))
    assert (half.pages[0][:14, :24] == (10, 20, 30, 255)).all()


def test_a_picture_may_be_as_large_as_its_page_and_not_larger(tmp_path: Path) -> None:
    path = write_png(tmp_path / "room.png", box(64, 64, (10, 20, 30, 255)))
    assert load_picture(path, page_size=64).drawing.region == (0, 0, 64, 64)
    with pytest.raises(AtlasFull, match=r"room\.png is 64 x 64 px"):
        load_picture(path, page_size=63, page_limit=63)
    assert load_picture(path, page_size=32, scale=0.5).drawing.region == (0, 0, 32, 32)
