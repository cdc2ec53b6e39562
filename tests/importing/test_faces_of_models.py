"""PNGTuber models whose pictures change with talking and blinking at once, their order and their frames."""

from __future__ import annotations

import base64
import json
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from importing import drawn, sprites
from importing.looks import Looks, differ_within
from importing.test_ways_of_naming import assert_lives, imported
from mien.importing.kinds import read_artwork
from mien.types import U8

LIDS = (sprites.OPEN_EYES, sprites.SHUT_EYES)
MOUTHS = (drawn.LINE, drawn.WIDE)


def sprite(number: int, name: str, pixels: U8, **more: Any) -> dict[str, Any]:
    """A sprite as large as the canvas, in its middle."""
    return {
        "type": "sprite", "path": f"C:/art/{name}.png", "identification": number, "parentId": None,
        "pos": "Vector2(100, 130)", "offset": "Vector2(0, 0)", "zindex": 0, "showTalk": 0, "showBlink": 0,
        "costumeLayers": str([1] * 10), "frames": 1, "toggle": "null",
        "imageData": base64.b64encode(sprites.png(pixels)).decode(), **more,
    }  # fmt: skip


def avatar(path: Path, *entries: dict[str, Any]) -> Path:
    path.write_text(json.dumps({str(i): entry for i, entry in enumerate(entries)}), "utf-8")
    return path


def four_faces(is_whole: bool) -> list[dict[str, Any]]:
    """One picture for each of talking and blinking: of the figure, or of eyes and mouth alone over a head."""
    made = []
    for number in range(4):
        eyes, mouth = LIDS[number // 2], MOUTHS[number % 2]
        pixels = sprites.face(eyes, mouth) if is_whole else drawn.over(eyes, mouth)
        talk, blink = number % 2 + 1, number // 2 + 1
        made.append(sprite(number + 1, f"picture {number}", pixels, showTalk=talk, showBlink=blink))
    if not is_whole:
        things = ("back", drawn.BACK), ("body", drawn.BODY), ("head", drawn.HEAD)
        made += [sprite(20 + i, name, pixels, zindex=-9 + i) for i, (name, pixels) in enumerate(things)]
    return made


def test_faces_that_lie_far_apart_are_not_compared_on_all_that_is_between(tmp_path: Path) -> None:
    small = np.full((10, 10, 4), 255, np.uint8)
    far = {1: "Vector2(-3500, -3500)", 2: "Vector2(3500, 3500)"}
    entries = [
        sprite(number, f"picture {number}", small, showTalk=1, showBlink=number, pos=far[number])
        for number in far
    ]
    path = avatar(tmp_path / "a.save", *entries)
    tracemalloc.start()
    try:
        read_artwork(path)
        assert tracemalloc.get_traced_memory()[1] < 40e6  # a picture of all would take 196 MB
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("is_whole", [True, False])
def test_a_picture_for_each_of_talking_and_blinking_speaks_and_blinks(tmp_path: Path, is_whole: bool) -> None:
    made = imported(avatar(tmp_path / "a.save", *four_faces(is_whole)), tmp_path / "made")
    looks = assert_lives(tmp_path / "made")
    assert not any("no eyes were found" in remark for remark in made.remarks)
    shown = (looks.plain, sprites.face() if is_whole else None)
    if shown[1] is not None:
        assert (np.abs(shown[0].astype(int) - premultiplied(shown[1])).max(axis=-1) > 3).sum() == 0
    # A lid that is made up leaves nothing of the one that is drawn.
    skin = looks.lids["happy"][drawn.EYES + 6, drawn.LEFT, :3].astype(int)
    assert np.abs(skin - drawn.SKIN).max() < 12


def test_a_picture_that_a_blink_draws_anew_is_left_whole(tmp_path: Path) -> None:
    faces = four_faces(True)
    moved = np.roll(sprites.face(sprites.SHUT_EYES), 9, axis=0)
    faces[2] = sprite(3, "picture 2", moved, showTalk=1, showBlink=2)
    made = imported(avatar(tmp_path / "a.save", *faces), tmp_path / "made")
    assert any("no eyes were found" in remark for remark in made.remarks)
    assert "eye" not in {row.became.split()[0] for row in made.rows}


def premultiplied(straight: U8) -> U8:
    out = straight.astype(float)
    out[..., :3] *= out[..., 3:] / 255
    return np.rint(out).astype(np.uint8)


def test_eyes_taken_off_a_face_move_with_it(tmp_path: Path) -> None:
    faces = four_faces(True)
    for entry in faces:
        entry["rotDrag"] = 3
    made = imported(avatar(tmp_path / "a.save", *faces), tmp_path / "made")
    joints = {slot["name"]: slot["joint"] for slot in made.document["slot"]}
    eyes = {joint for name, joint in joints.items() if "eyes" in name or "shut" in name}
    parents = {joints["mouth"], made.document["joints"][joints["mouth"]].get("parent", "")}
    assert all(joint in parents or made.document["joints"][joint]["parent"] in parents for joint in eyes)


def test_depths_count_for_the_whole_figure_and_not_within_what_they_hang_on(tmp_path: Path) -> None:
    path = avatar(
        tmp_path / "a.save",
        sprite(1, "head", drawn.HEAD, zindex=2),
        sprite(2, "fringe", drawn.FRINGE, zindex=3, parentId=1, pos="Vector2(0, 0)"),
        sprite(3, "back hair", drawn.BACK, zindex=-1, parentId=1, pos="Vector2(0, 0)"),
        sprite(4, "body", drawn.BODY, zindex=0),
        sprite(5, "scarf", drawn.ROUND, zindex=0),
    )
    source = read_artwork(path).source
    assert [item.name for item in source.items()] == ["back hair", "body", "scarf", "head", "fringe"]
    assert {item.box[:2] for item in source.items() if item.name in ("head", "back hair")} == {(0, 0)}


def test_of_a_strip_of_frames_the_first_is_shown_and_that_is_said(tmp_path: Path) -> None:
    strip = np.hstack([drawn.HEAD, drawn.BACK, drawn.BODY])
    art = read_artwork(avatar(tmp_path / "a.save", sprite(1, "head", strip, frames=3)))
    (item,) = art.source.items()
    assert item.pixels is not None and (item.pixels() == drawn.HEAD).all()
    assert art.source.warnings == ("head: its 3 frames stand still, at the first",)


def test_a_model_of_remix_with_one_picture_for_each_state_blinks(tmp_path: Path) -> None:
    def change(model: dict[str, list[dict[str, Any]]]) -> None:
        kept = [s for s in model["sprites_array"] if s["sprite_name"] in ("back hair", "body", "head")]
        head = next(s for s in kept if s["sprite_name"] == "head")
        for number in range(4):
            pixels = drawn.over(drawn.HEAD, LIDS[number // 2], MOUTHS[number % 2])
            part = sprites.cut_out(pixels)[0]
            states = [
                {**state, "should_talk": True, "should_blink": True, "open_mouth": number % 2 == 1,
                 "open_eyes": number < 2}
                for state in head["states"]
            ]  # fmt: skip
            image = {"id": 70 + number, "image_name": "face", "runtime_texture": sprites.png(part)}
            model["image_manager_data"].append(image)
            kept.append({**head, "sprite_name": f"face {number}", "sprite_id": 700.0 + number,
                         "image_id": image["id"], "states": states})  # fmt: skip
        model["sprites_array"] = [s for s in kept if s["sprite_name"] != "head"]

    imported(sprites.remix(tmp_path / "a.pngRemix", change), tmp_path / "made")
    looks = Looks(tmp_path / "made")
    assert differ_within(looks.plain, looks.lids["closed"], looks.eyes)[0] > 100
