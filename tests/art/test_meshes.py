"""Meshes in a character's text: read, completed by its pictures, scaled, baked, listed, or refused."""

from __future__ import annotations

import shutil
import tomllib
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from art.build import tiny_character, tiny_document
from mien.art import inspect, load_character, pack_character
from mien.art.joining import joins_of
from mien.art.read_manifest import read_manifest
from mien.catalog import bundled
from mien.errors import FormatError
from mien.mesh import Ball, Hang, Mesh, Segment
from mien.types import Size

PAGE = 128
EXAMPLES = Path(__file__).parents[2] / "docs/examples"


def meshed(**meshes: dict[str, Any]) -> dict[str, Any]:
    return {**tiny_document(), "meshes": meshes}


def load(folder: Path, scale: float = 1.0, **meshes: dict[str, Any]) -> tuple[Mesh, ...]:
    made = tiny_character(folder / "c", meshed(**meshes))
    return load_character(made, scale=scale, page_size=PAGE).character.meshes


def test_the_example_bends_wren_the_same_from_a_folder_and_baked_at_any_scale(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(bundled("characters", "wren"), tmp_path / "wren"))
    with (folder / "character.toml").open("a", encoding="utf-8") as file:
        file.write("\n" + (EXAMPLES / "wren-meshes.toml").read_text(encoding="utf-8"))
    baked = tmp_path / "wren.mien"
    pack_character(folder, baked)
    drawn, packed = (load_character(path, scale=0.3).character.meshes for path in (folder, baked))
    assert len(drawn) == 3 and drawn == packed


def test_the_example_for_otto_fits_him() -> None:
    own, meshes = bundled("characters", "otto") / "character.toml", EXAMPLES / "otto-meshes.toml"
    text = "\n".join(part.read_text(encoding="utf-8") for part in (own, meshes))
    assert [mesh.name for mesh in read_manifest(tomllib.loads(text), "otto").meshes] == ["head", "scarf_end"]


def test_what_is_left_out_follows_from_the_drawings(tmp_path: Path) -> None:
    """The head is drawn at (16, 12), 32 wide and 40 high."""
    ball = {"move": {"head_yaw": [4, 0]}}
    (mesh,) = load(tmp_path, m={"slots": ["head"], "ball": ball, "hang": [{}]})
    assert (mesh.slots, mesh.joint, mesh.grid, mesh.box) == ((1,), 1, Size(2, 3), (16, 12, 48, 52))
    assert mesh.ball == Ball((32, 32), (16, 20), {"head_yaw": (4, 0)})
    segments = Segment(1.4, 0.3, 10.0), Segment(1.0, 0.3, 10.0)
    assert mesh.hangs == (Hang((32, 12), (32, 52), 0.0, 0.0, segments),)


FULL: dict[str, Any] = {
    "slots": ["mouth", "head", "lid"],
    "joint": "body",
    "grid": [5, 7],
    "box": [10, 8, 50, 60],
    "ball": {"centre": [30, 28], "radius": [18, 22], "move": {"head_yaw": [6, 0], "head_pitch": [0, -4]}},
    "rows": {"breath": [[0, -2], [0, -1], [0, 0]]},
    "columns": {"body_sway": [[1, 0], [0, 0]]},
    "hang": [
        {
            "from": [20, 12],
            "to": [16, 50],
            "width": 6,
            "gravity": 0.5,
            "periods": [2, 1.3],
            "damping": 0.4,
            "swing": 8,
        }
    ],
}


def test_every_pixel_value_is_scaled(tmp_path: Path) -> None:
    (mesh,) = load(tmp_path, 2.0, m=FULL)
    assert mesh == Mesh(
        name="m",
        slots=(1, 3, 4),
        joint=0,
        grid=Size(5, 7),
        box=(20, 16, 100, 120),
        ball=Ball((60, 56), (36, 44), {"head_yaw": (12, 0), "head_pitch": (0, -8)}),
        rows={"breath": ((0, -4), (0, -2), (0, 0))},
        columns={"body_sway": ((2, 0), (0, 0))},
        hangs=(Hang((40, 24), (32, 100), 12, 0.5, (Segment(2, 0.4, 8), Segment(1.3, 0.4, 8))),),
    )


def test_a_baked_character_has_the_same_meshes(tmp_path: Path) -> None:
    both = {"m": FULL, "n": {"slots": ["blush"], "hang": [{"swing": 4}]}}
    folder = tiny_character(tmp_path / "c", meshed(**both))
    file = pack_character(folder, tmp_path / "c.mien", page_size=PAGE).path
    one, other = (load_character(path, page_size=PAGE).character for path in (folder, file))
    assert len(one.meshes) == 2
    assert one.meshes == other.meshes


def test_a_character_without_meshes_has_none_and_bakes_as_it_did(tiny: Path, tmp_path: Path) -> None:
    assert load_character(tiny, page_size=PAGE).character.meshes == ()
    file = pack_character(tiny, tmp_path / "c.mien", page_size=PAGE).path
    assert b'"meshes"' not in file.read_bytes()


def test_the_summary_lists_them(tmp_path: Path) -> None:
    summary = inspect(tiny_character(tmp_path / "c", meshed(m=FULL)), page_size=PAGE)
    (mesh,) = summary.meshes
    assert asdict(mesh) == {
        "name": "m",
        "joint": "body",
        "slots": ("head", "lid", "mouth"),
        "grid": (5, 7),
        "channels": ("head_yaw", "head_pitch", "breath", "body_sway"),
        "segments": 2,
    }
    assert (
        "mesh m: 5 x 7 points on body, moved by head_yaw, head_pitch, breath, body_sway, 2 hanging segments; "
        "bends head, lid, mouth" in summary.text().splitlines()
    )


@pytest.mark.parametrize(("slots", "joins"), [(["body"], 0), (["body", "blush"], 1)])
def test_slots_that_bend_otherwise_are_not_joined(slots: list[str], joins: int) -> None:
    document = meshed(m={"slots": slots, "hang": [{}]})
    document["slot"].insert(
        1, {"name": "shade", "joint": "body", "drawings": ["main"], "clip": True, "blend": "multiply"}
    )
    if joins:
        document["meshes"]["m"]["slots"] = ["body", "shade"]
    assert len(joins_of(read_manifest(document, "character.toml"))) == joins


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"slots": []}, r"meshes\.m slots names no slot; list those that the mesh bends"),
    ({"slots": ["haed"], "hang": [{}]}, r"slots\[0\] is 'haed', which is not known; .*'head'"),
    ({"slots": ["head"]}, "moves nothing; add a ball, rows, columns or"),
    ({"slots": ["head"], "joint": "neck", "hang": [{}]}, "joint is 'neck', which is not known"),
    ({"slots": ["head"], "grid": [1, 4], "hang": [{}]}, r"grid\[0\] is 1, but must be 2 to 64"),
    ({"slots": ["head"], "grid": 4, "hang": [{}]}, r"grid is 4, but must be \[points across, points down\]"),
    ({"slots": ["head"], "box": [9, 0, 9, 4], "hang": [{}]}, r"box is \[9, 0, 9, 4\], which is empty"),
    ({"slots": ["head"], "ball": {}}, "ball move is empty; say by which channels the ball turns"),
    (
        {"slots": ["head"], "ball": {"radius": [10, 10], "move": {"head_yaw": [7, 0]}}},
        "head_yaw moves the middle by 7 px, and a ball of this radius folds over beyond 6",
    ),
    (
        {"slots": ["head"], "ball": {"move": {"head_yaw": [0, -13]}}},
        "head_yaw moves the middle by -13 px, and a ball of this radius folds over beyond 12",
    ),
    (
        {"slots": ["head"], "ball": {"radius": [0, 3], "move": {"jaw": [1, 0]}}},
        "give at least 1 pixel each way",
    ),
    ({"slots": ["head"], "rows": {"breath": [[0, 1]]}}, r"rows breath has 1 entries, but must have 2 to 16"),
    (
        {"slots": ["head"], "rows": {"breth": [[0, 1], [0, 2]]}},
        "names 'breth', which is not known; .*'breath'",
    ),
    (
        {"slots": ["head"], "hang": [{"periods": []}]},
        r"hang\[0\] periods has 0 entries, a segment each, but must",
    ),
    ({"slots": ["head"], "hang": [{"periods": [0.01]}]}, r"periods\[0\] is 0.01, but must be 0.1 to 20"),
    (
        {"slots": ["head"], "hang": [{"from": [3, 3], "to": [3, 3]}]},
        "to is where it hangs from; write where its",
    ),
    ({"slots": ["head"], "hang": {}}, "must be a list of them"),
    ({"slots": ["head"], "hang": [{"stiff": 1}]}, r"hang\[0\] stiff is not a key of this format"),
    ({"slots": ["head"], "hangs": [{}]}, "moves nothing|hangs is not a key of this format"),
]


@pytest.mark.parametrize(("mesh", "said"), REFUSED, ids=[said for _, said in REFUSED])
def test_what_cannot_be_is_refused_with_a_reason(tmp_path: Path, mesh: dict[str, Any], said: str) -> None:
    with pytest.raises(FormatError, match=said):
        load(tmp_path, m=mesh)


def test_a_slot_in_two_meshes_is_refused() -> None:
    two = meshed(m={"slots": ["head"], "hang": [{}]}, n={"slots": ["lid", "head"], "hang": [{}]})
    with pytest.raises(
        FormatError, match=r"meshes\.n slots\[0\] is 'head', which the mesh 'm' bends already"
    ):
        read_manifest(two, "character.toml")
