"""Vector sources become trimmed parts at their place; what is wrong in a source is said."""

from __future__ import annotations

import importlib
import tomllib
from collections.abc import Iterator
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
def tool() -> Iterator[ModuleType]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(Path(__file__).parents[2] / "tools")
        yield importlib.import_module("rasterize")


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


REWRITTEN = {
    "over several lines": (
        "canvas = [40, 30]\nanchor = [20, 29.5] ",
        "canvas = [\n  40,  # wide\n  # 7 high\n  30,\n]\nanchor = [\n20, 29.5\n] ",
    ),
    "inline tables": (
        "[joints.body]\npivot = [20, 30]\nrotate = { body_sway = 2 }\nmove = { body_sway = [6, 0], "
        "head_yaw = [-1.5, 0] }\nscale = { breath = [0.01, 0.02] }\n",
        "[joints]\nbody = { pivot = [20, 30], rotate = { body_sway = 2 }, move = { body_sway = [6, 0], "
        "head_yaw = [-1.5, 0] }, scale = { breath = [0.01, 0.02] } }\n",
    ),
    "quoted keys and other numbers": (
        "[gaze]\nx = [-14, 14]\ny = [-8, 9]\n",
        "[gaze]\nx = [-14, 1_4]\n'y' = [-8, 0x9]\n[about]\nx = 3\n",
    ),
    "an array of inline tables": (
        DOCUMENT[DOCUMENT.index("[meshes.face]") :],
        """[meshes]
face.slots = ["mouth"]
face.box = [8, 16, 20, 26]
face.ball.move = { head_yaw = [2, 0] }
face.hang = [
    { from = [12, 17], to = [12, 25], periods = [1.7], width = 3 },
]
face.rows.breath = [
    [0, -5],
    [0, 0]]
""",
    ),
}


@pytest.mark.parametrize("how", REWRITTEN)
def test_however_the_file_is_laid_out_it_is_made_larger_alike(tool: ModuleType, how: str) -> None:
    usual, other = REWRITTEN[how]
    assert usual in DOCUMENT
    document = DOCUMENT.replace(usual, other)
    found, asked = (tomllib.loads(tool.enlarged(text, 2)) for text in (document, DOCUMENT))
    found.pop("about", None)
    assert found == asked != tomllib.loads(DOCUMENT)


def test_names_and_texts_that_look_like_pixel_values_stay(tool: ModuleType) -> None:
    document = """about = { box = 1, move = [2] }
made = 2026-11-29 01:02:03
text = \'\'\'
canvas = [40, 30]\'\'\'\'
more = \"\"\"anchor = [1]\\" # [gaze]\"\"\"\"
[joints.box]
rotate = { move = 3, "to" = -4 }  # pivot = [1, 2]
[expressions.canvas]
channels = { "gaze.x" = 0.5, x = 1 }
[gestures.offsets]
keys = [ { at_ms = 100, channels = { move = 1 } } ]
"""
    assert tool.enlarged(document, 2) == document


def test_what_cannot_be_made_larger_is_said(tool: ModuleType, folder: Path, tmp_path: Path) -> None:
    whole = "group = [{ first = 'mouth', last = 'mouth', mask = 'm.png' }]\n" + DOCUMENT
    masked = DOCUMENT.replace('joint = "body"', 'joint = "body"\nmask = "m.png"')
    for document, why in ((masked, "has masks"), (whole, "has masks"), (DOCUMENT + "[", "not valid TOML")):
        (folder / "character.toml").write_text(document, "utf-8")
        with pytest.raises(tool.SourceError, match=why):
            tool.enlarge_character(folder, tmp_path / "large", 2)


def test_a_folder_that_holds_something_else_is_left_as_it_is(tool: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other/mine.png").write_bytes(b"mine")
    wren = Path(__file__).parents[2] / "assets/characters/wren"
    with pytest.raises(tool.SourceError, match="name a new folder"):
        tool.enlarge_character(wren, tmp_path / "other", 2)
    assert [path.name for path in (tmp_path / "other").iterdir()] == ["mine.png"]
