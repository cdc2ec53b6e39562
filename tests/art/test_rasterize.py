"""Vector sources become trimmed parts at their place; what is wrong in a source is said."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from mien.art import load_character
from mien.art.png import read_picture

pytest.importorskip("resvg_py")

SOURCE = """<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30" viewBox="0 0 40 30">
<defs><linearGradient id="g"><stop stop-color="#00f"/></linearGradient></defs>
<rect width="40" height="30" fill="#888"/>
<g id="mouth">
  <g id="mouth.rest"><rect x="10" y="20" width="8" height="2" fill="#f00"/></g>
  <g id="mouth.open" display="none"><rect x="10" y="18" width="8" height="6" fill="url(#g)"/></g>
</g>
</svg>"""


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    path = Path(__file__).parents[2] / "tools/rasterize.py"
    spec = importlib.util.spec_from_file_location("rasterize_tool", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.svg").write_text(SOURCE, "utf-8")
    return tmp_path


def test_each_drawing_becomes_a_trimmed_part_at_its_place(tool: ModuleType, folder: Path) -> None:
    assert tool.rasterize(folder) == (2, 2)
    pixels, header = read_picture(folder / "parts/mouth/rest.png", 4096)
    assert header.offset == (10, 20)
    assert pixels.shape == (2, 8, 4)
    assert (pixels == (255, 0, 0, 255)).all()
    pixels, header = read_picture(folder / "parts/mouth/open.png", 4096)
    assert (header.offset, pixels.shape) == ((10, 18), (6, 8, 4))
    assert (pixels == np.array((0, 0, 255, 255))).all(), "hidden drawings are drawn, with shared definitions"


def test_a_slot_may_keep_what_it_draws_beyond_the_canvas(tool: ModuleType, folder: Path) -> None:
    arm = '<g id="arm.main"><rect x="-6" y="20" width="10" height="25" fill="#f00"/></g>'
    for beyond, offset, size in (("", (0, 20), (10, 4)), (' data-beyond="16"', (-6, 20), (25, 10))):
        svg = SOURCE.replace("</svg>", f'<g id="arm"{beyond}>{arm}</g></svg>')
        (folder / "a.svg").write_text(svg, "utf-8")
        tool.rasterize(folder)
        pixels, header = read_picture(folder / "parts/arm/main.png", 4096)
        assert (header.offset, pixels.shape[:2]) == (offset, size)
    (folder / "a.svg").write_text(svg.replace('"16"', '"far"'), "utf-8")
    with pytest.raises(tool.SourceError, match="data-beyond"):
        tool.rasterize(folder)


def test_what_has_not_changed_is_not_drawn_again(tool: ModuleType, folder: Path) -> None:
    tool.rasterize(folder)
    assert tool.rasterize(folder) == (2, 0)
    (folder / "a.svg").write_text(SOURCE.replace("#f00", "#0f0"), "utf-8")
    assert tool.rasterize(folder) == (2, 1)
    assert (read_picture(folder / "parts/mouth/rest.png", 4096)[0] == (0, 255, 0, 255)).all()


def test_parts_of_removed_drawings_are_removed(tool: ModuleType, folder: Path) -> None:
    tool.rasterize(folder)
    (folder / "a.svg").write_text(SOURCE.replace('"mouth.rest"', '"mouth.calm"'), "utf-8")
    tool.rasterize(folder)
    assert sorted(path.name for path in (folder / "parts").rglob("*.png")) == ["calm.png", "open.png"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"mouth.open"', '"mouth.rest"', r"a\.svg: group mouth.rest is there twice"),
        ('<g id="mouth">', '<g transform="scale(2)"><g id="mouth">', "not valid XML: .* line"),
        ('<rect x="10" y="20" width="8" height="2" fill="#f00"/>', "", "mouth.rest draws nothing"),
        ('"mouth.rest"', '"mouth.a/b"', "a name that no slot can have"),
        ('<g id="mouth">', '<g id="lips">', "holds no drawings"),
    ],
)
def test_a_source_that_is_wrong_is_refused(
    tool: ModuleType, folder: Path, old: str, new: str, message: str
) -> None:
    (folder / "a.svg").write_text(SOURCE.replace(old, new, 1), "utf-8")
    with pytest.raises(tool.SourceError, match=message):
        tool.rasterize(folder)


def test_a_slot_inside_another_group_is_refused_because_its_transform_would_be_lost(
    tool: ModuleType, folder: Path
) -> None:
    nested = SOURCE.replace('<g id="mouth">', '<g transform="scale(2)"><g id="mouth">').replace(
        "</svg>", "</g></svg>"
    )
    (folder / "a.svg").write_text(nested, "utf-8")
    with pytest.raises(tool.SourceError, match="inside another group"):
        tool.rasterize(folder)


DOCUMENT = """format = 1
name = "Dot"
canvas = [40, 30]
anchor = [20, 29.5]            # stands 1 pixel lower

[joints.body]
pivot = [20, 30]
rotate = { body_sway = 2 }
move = { body_sway = [6, 0], head_yaw = [-1.5, 0] }
scale = { breath = [0.01, 0.02] }

[[slot]]
name = "mouth"
joint = "body"
drawings = ["rest", "open"]

[mouth]
slot = "mouth"
[mouth.moods.neutral]
rest = ["sil"]
open = ["aa"]

[gaze]
x = [-14, 14]
y = [-8, 9]

[meshes.face]
slots = ["mouth"]
box = [8, 16, 20, 26]
[meshes.face.ball]
move = { head_yaw = [2, 0] }
[[meshes.face.hang]]
from = [12, 17]
to = [12, 25]
periods = [1.7]
width = 3
[meshes.face.rows]
breath = [[0, -5], [0, 0]]
"""


def test_a_character_is_made_larger_from_its_vectors(tool: ModuleType, folder: Path, tmp_path: Path) -> None:
    """For frames of 4K: the same as the loader makes of it at that scale, but for sharper parts."""
    (folder / "character.toml").write_text(DOCUMENT, "utf-8")
    tool.rasterize(folder)
    large = tmp_path / "large"
    assert tool.enlarge_character(folder, large, 2) == (2, 2)
    pixels, header = read_picture(large / "parts/mouth/open.png", 4096)
    assert (header.offset, pixels.shape) == ((20, 36), (12, 16, 4))
    asked, found = load_character(folder, scale=2.0).character, load_character(large).character
    for field in ("canvas", "anchor", "eye_line", "joints", "gaze", "meshes"):
        assert getattr(found, field) == getattr(asked, field), field
    assert "anchor = [40, 59]            # stands 1 pixel lower" in (large / "character.toml").read_text(
        "utf-8"
    )


def test_what_cannot_be_made_larger_is_said(tool: ModuleType, folder: Path, tmp_path: Path) -> None:
    masked = DOCUMENT.replace('joint = "body"', 'joint = "body"\nmask = "m.png"')
    (folder / "character.toml").write_text(masked, "utf-8")
    with pytest.raises(tool.SourceError, match="has masks"):
        tool.enlarge_character(folder, tmp_path / "large", 2)


def test_a_folder_that_holds_something_else_is_left_as_it_is(tool: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other/mine.png").write_bytes(b"mine")
    wren = Path(__file__).parents[2] / "assets/characters/wren"
    with pytest.raises(tool.SourceError, match="name a new folder"):
        tool.enlarge_character(wren, tmp_path / "other", 2)
    assert [path.name for path in (tmp_path / "other").iterdir()] == ["mine.png"]
