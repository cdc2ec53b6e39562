"""Packs of pictures, models of PNGTuber programs and Ren'Py's layered images become characters."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from importing import drawn, sprites
from importing.looks import Looks, differ_within
from mien.art.load import load_character
from mien.cli import main
from mien.documents.toml import read_toml
from mien.importing.kinds import read_artwork
from mien.importing.make import Made, make
from mien.importing.mapping import Corrections
from mien.importing.pictures.plates import lift
from mien.importing.write import write
from mien.types import U8, Rect

KINDS: dict[str, Callable[[Path], Path]] = {
    "pack": sprites.pack,
    "girl.tachie.zip": sprites.tachie,
    "livepng": sprites.livepng,
    "girl.veado": sprites.veado,
    "girl.save": sprites.plus,
    "girl.pngRemix": sprites.remix,
    "renpy": sprites.renpy,
    "layers": sprites.layers,
}


def imported(path: Path, folder: Path) -> Made:
    artwork = read_artwork(path)
    made = make(artwork.source, "Girl", artwork.given, {}, artwork.extras)
    write(made, folder, path.name, Corrections(), None, False)
    return made


def written(folder: Path) -> dict[str, Any]:
    """The `character.toml` of a folder."""
    return dict(read_toml(folder / "character.toml", "", 1 << 20))


@pytest.mark.parametrize("kind", KINDS)
def test_speech_changes_the_mouth_alone_and_a_blink_the_eyes(tmp_path: Path, kind: str) -> None:
    source = KINDS[kind](tmp_path / kind)
    assert main(["import", str(source), "-o", str(tmp_path / "made"), "--name", "Girl"]) == 0
    looks = Looks(tmp_path / "made")
    inside, outside = differ_within(looks.rest, looks.visemes["aa"], looks.mouth)
    assert inside > 60
    assert outside == 0
    inside, outside = differ_within(looks.plain, looks.lids["closed"], looks.eyes)
    assert inside > 100
    assert outside == 0
    face = looks.mouth.y + looks.mouth.height / 2, looks.eyes.y + looks.eyes.height / 2
    top = looks.plain.shape[0] - drawn.SIZE[1]
    assert abs(face[0] - top - drawn.MOUTH) < 12
    assert abs(face[1] - top - drawn.EYES) < 16


@pytest.mark.parametrize("kind", KINDS)
def test_at_rest_it_looks_as_it_was_drawn(tmp_path: Path, kind: str) -> None:
    imported(KINDS[kind](tmp_path / kind), tmp_path / "made")
    picture = Looks(tmp_path / "made").plain
    drawn_so = whole(sprites.FACES["neutral"])
    height, width = drawn_so.shape[:2]
    rows, columns = np.flatnonzero(picture[..., 3].any(axis=1)), np.flatnonzero(picture[..., 3].any(axis=0))
    own = np.flatnonzero(drawn_so[..., 3].any(axis=1)), np.flatnonzero(drawn_so[..., 3].any(axis=0))
    top, left = int(rows[0] - own[0][0]), int(columns[0] - own[1][0])
    padded = np.pad(picture, ((64, 64), (64, 64), (0, 0)))
    part = padded[top + 64 : top + 64 + height, left + 64 : left + 64 + width]
    apart = np.abs(part.astype(int) - drawn_so[: part.shape[0], : part.shape[1]]).max(axis=-1)
    assert (apart > 12).mean() < 0.004


def whole(straight: U8) -> U8:
    """Premultiplied."""
    share = straight[..., 3:].astype(np.uint16)
    out = straight.copy()
    out[..., :3] = (straight[..., :3] * share + 127) // 255
    return out


def test_expressions_of_a_pack_are_shown_as_they_are_drawn_and_blink_and_speak(tmp_path: Path) -> None:
    imported(sprites.pack(tmp_path / "girl"), tmp_path / "made")
    document = written(tmp_path / "made")
    assert set(document["expressions"]) == {"neutral", "joy", "anger", "surprise"}
    assert document["expressions"]["joy"] == {"mood": "joy", "rest_viseme": "aa"}
    assert document["expressions"]["anger"]["slots"] == {"expression": "anger", "before_lids": "anger"}
    character = load_character(tmp_path / "made")
    assert character is not None
    said = {v for visemes in document["mouth"]["moods"]["anger"].values() for v in visemes}
    assert {"sil", "aa"} <= said


def test_what_pictures_share_is_stored_once(tmp_path: Path) -> None:
    made = imported(sprites.pack(tmp_path / "girl"), tmp_path / "made")
    figure = drawn.SIZE[0] * drawn.SIZE[1]
    areas = {name: p.box.width * p.box.height for name, p in made.pictures.items()}
    assert sum(area for name, area in areas.items() if "/figure/" in name) <= figure
    assert sum(area for name, area in areas.items() if "/expression/" in name) < 0.5 * figure


def test_a_picture_in_another_pose_replaces_the_figure(tmp_path: Path) -> None:
    moved = np.roll(sprites.FACES["neutral"], 40, axis=1)
    made = imported(sprites.pack(tmp_path / "girl", {**sprites.FACES, "fear": moved}), tmp_path / "made")
    document = written(tmp_path / "made")
    fear = document["expressions"]["fear"]
    assert fear["slots"] == {"figure": "fear"}
    assert fear["override_blink"] == "block"
    mouth = document["mouth"]["moods"][fear["mood"]]
    assert [name for name, visemes in mouth.items() if "aa" in visemes] == ["fear_aa"]
    # The face is found in that pose as well, and its mouth is where it is there.
    there, here = (made.pictures[f"parts/mouth/{name}.png"].box for name in ("fear_aa", "aa"))
    assert abs(there.x + there.width / 2 - (here.x + here.width / 2) - 40) < 3
    load_character(tmp_path / "made")


@pytest.mark.parametrize(("kind", "wide"), [(b"RAW.", False), (b"VDD.", False), (b"VDD.", True)])
def test_an_avatar_of_veadotube_is_read_in_every_way_of_writing_it(
    tmp_path: Path, kind: bytes, wide: bool
) -> None:
    made = imported(sprites.veado(tmp_path / "a.veado", kind, wide), tmp_path / "made")
    looks = Looks(tmp_path / "made")
    assert differ_within(looks.rest, looks.visemes["aa"], looks.mouth)[0] > 60
    assert "angry" in made.document["expressions"]


def test_physics_become_joints_and_the_table_says_how(tmp_path: Path) -> None:
    made = imported(sprites.plus(tmp_path / "a.save"), tmp_path / "made")
    joints = made.document["joints"]
    assert joints["fringe_swings"]["rotate"] == {"bounce": 6.0, "sway": 3.0}
    assert set(joints["back_hair_swings"]) >= {"move", "scale"}
    assert joints["torso"]["move"]["body_sway"] == [6, 0]
    rows = {row.layer: row for row in made.rows if row.became.startswith("joint")}
    assert "turning" in rows["fringe"].why
    assert "drag, stretching" in rows["back hair"].why
    assert "wobble" in rows["body"].why


def test_costumes_and_keys_become_gestures(tmp_path: Path) -> None:
    made = imported(sprites.plus(tmp_path / "a.save"), tmp_path / "made")
    assert made.document["gestures"]["costume_2"] == {"slots": {"hat": "on"}}
    other = imported(sprites.remix(tmp_path / "b.pngRemix"), tmp_path / "other")
    assert other.document["gestures"]["With_hat"] == {"slots": {"hat": "on"}}
    hides = [name for name in made.document["gestures"] if name.startswith("hide_brows")]
    assert hides


def test_eyes_that_change_with_talking_are_kept_and_that_is_said(tmp_path: Path) -> None:
    def change(entries: dict[str, dict[str, object]]) -> None:
        for index, entry in enumerate([*entries.values()]):
            if entry["showBlink"] == 1:
                entry["showTalk"] = 1
                entries[f"x{index}"] = {
                    **entry,
                    "identification": 900,
                    "showTalk": 2,
                    "path": "talking eyes.png",
                }

    made = imported(sprites.plus(tmp_path / "a.save", change), tmp_path / "made")
    status = {row.layer: row.status for row in made.rows}
    assert status["talking eyes"] == "hidden"
    assert any("talking eyes" in remark for remark in made.remarks)


def test_what_hangs_on_a_hidden_sprite_is_hidden_and_blinks_with_it(tmp_path: Path) -> None:
    def change(model: dict[str, list[dict[str, object]]]) -> None:
        for sprite in model["sprites_array"]:
            for state in sprite["states"]:  # type: ignore[attr-defined]
                if sprite["sprite_name"] == "hat":
                    state["visible"] = False

    def pupil(model: dict[str, list[dict[str, object]]]) -> None:
        change(model)
        hat = next(s for s in model["sprites_array"] if s["sprite_name"] == "hat")
        model["sprites_array"].append({**hat, "sprite_name": "feather", "sprite_id": 300.0,
                                       "parent_id": hat["sprite_id"]})  # fmt: skip
        model["sprites_array"][-1]["states"] = [{**hat["states"][0], "visible": True}]  # type: ignore[index]

    made = imported(sprites.remix(tmp_path / "a.pngRemix", pupil), tmp_path / "made")
    assert {row.layer: row.status for row in made.rows}["feather"] == "hidden"


def test_a_turned_and_scaled_sprite_lies_where_its_program_shows_it(tmp_path: Path) -> None:
    def change(model: dict[str, list[dict[str, object]]]) -> None:
        for sprite in model["sprites_array"]:
            if sprite["sprite_name"] == "fringe":
                for state in sprite["states"]:  # type: ignore[attr-defined]
                    x, y = state["offset"]
                    state["scale"] = (2.0, -1.0)
                    state["offset"] = (x / 2, -y)
                    px, py = state["position"]
                    state["position"] = (px, py)

    plain = read_artwork(sprites.remix(tmp_path / "a.pngRemix"))
    turned = read_artwork(sprites.remix(tmp_path / "b.pngRemix", change))
    one = next(i.box for i in plain.source.items() if i.name == "fringe")
    other = next(i.box for i in turned.source.items() if i.name == "fringe")
    assert abs(other.width - 2 * one.width) <= 2
    assert other.height == one.height


def test_of_layered_images_defaults_are_shown_and_conditions_are_told(tmp_path: Path) -> None:
    made = imported(sprites.renpy(tmp_path / "game"), tmp_path / "made")
    status = {row.layer: row.status for row in made.rows}
    assert status["girl_back"] in ("mapped", "kept", "guessed")
    assert status["extra/hat"] == "hidden"
    assert any("weather" in remark for remark in made.remarks)
    assert any("girl_missing" in remark for remark in made.remarks)
    brows = [slot for slot in made.document["slot"] if slot["name"].startswith("brow")]
    assert len(brows) == 2


def test_a_folder_says_what_it_lacks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty").mkdir()
    assert main(["import", str(tmp_path / "empty"), "-o", str(tmp_path / "made")]) == 1
    assert "holds no picture and no model" in capsys.readouterr().err
    assert not (tmp_path / "made").exists()


def test_layered_images_with_whole_faces_are_taken_apart(tmp_path: Path) -> None:
    folder = tmp_path / "game"
    folder.mkdir()
    faces = {
        "neutral": drawn.over(sprites.OPEN_EYES, sprites.BROWS, drawn.LINE),
        "happy": drawn.over(sprites.OPEN_EYES, sprites.BROWS, drawn.WIDE),
        "angry": drawn.over(sprites.NARROW, sprites.ANGRY, sprites.FROWN),
    }
    base = drawn.over(drawn.BACK, drawn.BODY, drawn.HEAD)
    (folder / "sylvie_base.png").write_bytes(sprites.png(base))
    for name, pixels in faces.items():
        (folder / f"sylvie_face_{name}.png").write_bytes(sprites.png(pixels))
    script = folder / "sprites.rpy"
    script.write_text('layeredimage sylvie:\n    always "sylvie_base"\n    group face auto\n', "utf-8")
    made = imported(script, tmp_path / "made")
    assert set(made.document["expressions"]) == {"neutral", "happy", "angry"}
    looks = Looks(tmp_path / "made")
    inside, outside = differ_within(looks.rest, looks.visemes["aa"], looks.mouth)
    assert inside > 60
    assert outside == 0
    assert differ_within(looks.plain, looks.lids["closed"], looks.eyes)[0] > 100


def test_eyes_that_no_picture_changes_are_found_above_the_mouth(tmp_path: Path) -> None:
    four = {"neutral": sprites.FACES["neutral"], "neutral_talk": sprites.FACES["joy"]}
    imported(sprites.pack(tmp_path / "girl", four), tmp_path / "made")
    looks = Looks(tmp_path / "made")
    inside, outside = differ_within(looks.plain, looks.lids["closed"], looks.eyes)
    assert inside > 100
    assert outside == 0
    assert abs(looks.eyes.y + looks.eyes.height / 2 - drawn.EYES) < 16


def test_a_wink_is_no_blink_and_an_else_is_shown(tmp_path: Path) -> None:
    folder = sprites.renpy(tmp_path / "game")
    script = folder / "script.rpy"
    text = script.read_text("utf-8")
    text = text.replace(
        '        "girl_extra_hat"\n    always "girl_fringe"',
        '        "girl_extra_hat"\n    else:\n        "girl_fringe"',
    )
    script.write_text(text, "utf-8")
    inside = folder / "images" / "girl"
    (inside / "girl_eyes_closed.png").rename(inside / "girl_eyes_wink.png")
    made = imported(script, tmp_path / "made")
    status = {row.layer: row.status for row in made.rows}
    assert status["eyes/wink"] == "hidden"
    assert status["girl_fringe"] == "mapped"


def test_a_nose_right_above_the_mouth_stays_on_the_skin() -> None:
    """Mouths that are made have none beside them."""
    nose = drawn.over(*(drawn.ellipse(x, drawn.MOUTH - 12, 5, 3, drawn.INK) for x in (92, 108)))
    line = drawn.arc(100, drawn.MOUTH, 36, 2, 3, drawn.LIPS)
    face = drawn.over(drawn.HEAD, nose, line)
    box = Rect(64, drawn.MOUTH - 8, 72, 16)
    changing = np.zeros(face.shape[:2], bool)
    changing[drawn.MOUTH - 6 : drawn.MOUTH + 8, 64:136] = True
    for known, stays in ((None, False), (changing, True)):
        lifted = lift(face, box, np.zeros_like(changing), known)
        assert lifted is not None
        plate = lifted.plate.within(Rect(0, 0, *drawn.SIZE))[..., 3]
        assert plate[drawn.MOUTH, 100] == 255, "the mouth is off"
        assert (plate[drawn.MOUTH - 12, 92] == 0) == stays
