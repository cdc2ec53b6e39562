"""Sets of whole pictures in which more than faces changes: poses, heads that move, pictures made anew."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import mien
from importing import sprites
from importing.looks import Looks, differ_within
from mien.art.layered.tree import union
from mien.cli import main
from mien.errors import FormatError
from mien.importing.kinds import read_artwork
from mien.importing.make import Made, make
from mien.importing.mapping import Corrections
from mien.importing.pictures.seeking import face_in
from mien.importing.write import write
from mien.motion.still import still_pose
from mien.stage.picture import Portrait
from mien.stage.straight import straight
from mien.types import Rect

FACES = {"neutral": "neutral", "anger": "angry", "sadness": "sad"}


@pytest.fixture(scope="module")
def redrawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Whole pictures of Wren, each larger than the one before, turned, and with noise."""
    folder = tmp_path_factory.mktemp("redrawn") / "set"
    folder.mkdir()
    noise = np.random.default_rng(3)
    with Portrait(mien.bundled("characters", "wren"), 700) as portrait:
        for number, (label, expression) in enumerate(FACES.items()):
            pixels = straight(portrait.draw(still_pose(portrait.character, expression)))
            picture = Image.fromarray(pixels).rotate(3.0 * number)
            picture = picture.resize([round(side * (1 + 0.05 * number)) for side in picture.size])
            grainy = np.asarray(picture).astype(float)
            grainy[..., :3] += noise.normal(0, 3, grainy[..., :3].shape)
            Image.fromarray(np.clip(grainy, 0, 255).astype(np.uint8)).save(folder / f"{label}.png")
    return folder


@pytest.fixture(scope="module")
def taken(redrawn: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Made, Path]:
    """The set as imported, and the folder that it was written to."""
    folder = tmp_path_factory.mktemp("taken") / "made"
    return imported(redrawn, folder), folder


def imported(source: Path, folder: Path, boxes: dict[str, Rect] | None = None) -> Made:
    artwork = read_artwork(source, boxes or {})
    made = make(artwork.source, "Set", artwork.given, extras=artwork.extras)
    write(made, folder, source.name, Corrections(), None, True)
    return made


def test_a_set_made_anew_in_each_picture_speaks_and_blinks_and_says_that_it_guessed(
    taken: tuple[Made, Path],
) -> None:
    made, folder = taken
    assert any("looked for in the plain one" in remark for remark in made.remarks)
    looks = Looks(folder)
    inside, outside = differ_within(looks.rest, looks.visemes["aa"], looks.mouth)
    assert inside > 60
    assert outside == 0
    assert differ_within(looks.plain, looks.lids["closed"], looks.eyes)[0] > 200
    assert made.document["expressions"]["anger"]["slots"] == {"figure": "anger"}
    assert made.document["aliases"]["angry"]


def test_a_pose_speaks_at_its_own_mouth(taken: tuple[Made, Path]) -> None:
    made, folder = taken
    mood = made.document["expressions"]["anger"]["mood"]
    assert mood == "anger"
    with Portrait(folder) as portrait:
        rest, wide = (portrait.draw(still_pose(portrait.character, "anger", v)).copy() for v in ("sil", "aa"))
        plain = portrait.draw(still_pose(portrait.character, "neutral", "aa")).copy()
    drawings = made.document["mouth"]["moods"][mood]
    box = union(made.pictures[f"parts/mouth/{drawing}.png"].box for drawing in drawings)
    inside, outside = differ_within(rest, wide, box)
    assert inside > 60
    assert outside == 0
    assert differ_within(rest, plain, box)[0]


def test_a_face_is_found_where_it_is_or_not_at_all(tmp_path: Path) -> None:
    with Portrait(mien.bundled("characters", "wren"), 700) as portrait:
        pixels = straight(portrait.draw(still_pose(portrait.character)))
        scale = 700 / portrait.character.canvas.height
        mouth = portrait.character.slots[portrait.character.mouth.slot].drawings[0]
        middle = (np.asarray(mouth.offset) + np.asarray(mouth.region[2:]) / 2) * (scale if scale > 1 else 1)
    found = face_in(pixels)
    assert found is not None
    assert abs(found.mouth.x + found.mouth.width / 2 - middle[0]) < 12
    assert abs(found.mouth.y + found.mouth.height / 2 - middle[1]) < 16
    assert found.right.x < found.mouth.x < found.left.x
    noise = np.random.default_rng(2).integers(0, 256, (300, 200, 4), np.uint8)
    assert face_in(noise) is None
    assert face_in(np.zeros((40, 30, 4), np.uint8)) is None
    assert face_in(np.full((1, 5, 4), 255, np.uint8)) is None


@pytest.mark.parametrize("turn", [60, 110, 150, 200])
def test_a_face_is_found_whatever_colour_its_skin_has(redrawn: Path, turn: int) -> None:
    image = Image.open(redrawn / "neutral.png")
    found = face_in(np.asarray(image))
    hue, *others = image.convert("RGB").convert("HSV").split()
    turned = Image.merge("HSV", (hue.point(lambda value: (value + turn) % 256), *others)).convert("RGB")
    turned.putalpha(image.getchannel("A"))
    other = face_in(np.asarray(turned))
    assert found is not None and other is not None
    boxes = zip((found.right, found.left, found.mouth), (other.right, other.left, other.mouth), strict=True)
    assert all(np.abs(np.subtract(one, two)).max() < 12 for one, two in boxes)


@pytest.mark.parametrize("name", ["abstract_stage", "evening_room"])
def test_in_a_room_there_is_no_face(name: str) -> None:
    path = mien.bundled("backgrounds", name)
    assert face_in(np.asarray(Image.open(path).convert("RGBA"))) is None


def test_boxes_say_where_mouth_and_eyes_are(
    redrawn: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "set"
    source.mkdir()
    shutil.copy(redrawn / "neutral.png", source)  # which is not turned
    found = face_in(np.asarray(Image.open(source / "neutral.png")))
    assert found is not None
    lines = [
        f"{name} = [{box.x}, {box.y}, {box.width}, {box.height}]"
        for name, box in (("mouth", found.mouth), ("eye_left", found.left), ("eye_right", found.right))
    ]
    (tmp_path / "map.toml").write_text("[boxes]\n" + "\n".join(lines) + "\n")
    command = ["import", str(source), "-o", str(tmp_path / "made")]
    assert main([*command, "--map", str(tmp_path / "map.toml")]) == 0
    looks = Looks(tmp_path / "made")
    assert differ_within(looks.rest, looks.visemes["aa"], looks.mouth)[0] > 60
    assert differ_within(looks.plain, looks.lids["closed"], looks.eyes)[0] > 200
    assert f"mouth = [{found.mouth.x}" in (tmp_path / "made/import.toml").read_text("utf-8")
    again = looks.visemes["aa"]
    assert main(command) == 0  # what was said is kept
    assert (Looks(tmp_path / "made").visemes["aa"] == again).all()
    capsys.readouterr()


def test_of_what_boxes_say_nothing_was_looked_for(redrawn: Path, tmp_path: Path) -> None:
    found = face_in(np.asarray(Image.open(redrawn / "neutral.png")))
    assert found is not None
    boxes = {"mouth": found.mouth, "eye_left": found.left, "eye_right": found.right}
    made = imported(redrawn, tmp_path / "made", boxes)
    assert not [remark for remark in made.remarks if "looked for" in remark]
    assert "given by [boxes]" in {row.why for row in made.rows if row.became.startswith("mouth: ")}
    assert {row.why for row in made.rows if "eye_shut" in row.became} == {"given by [boxes]"}
    half = imported(redrawn, tmp_path / "half", {"mouth": found.mouth})
    assert any("eyes were looked for in the plain one" in remark for remark in half.remarks)


def test_a_box_where_no_mouth_is_leaves_the_plain_face_without_one(redrawn: Path, tmp_path: Path) -> None:
    made = imported(redrawn, tmp_path / "made", {"mouth": Rect(2, 2, 20, 10)})
    assert set(made.document["mouth"]["moods"]["neutral"]) == {"none"}
    assert "mouth: none" in {row.became for row in made.rows}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("mouth = [1, 2, 3]", "four whole numbers"),
        ("mouth = [1, 2, 0, 9]", "four whole numbers"),
        ("mouth = [1.5, 2, 8, 9]", "four whole numbers"),
        ("nose = [1, 2, 8, 9]", "is not known"),
        ("mouth = [1, 2, 8000, 9]", "reaches beyond"),
    ],
)
def test_boxes_that_are_none_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, words: str
) -> None:
    source = tmp_path / "set"
    source.mkdir()
    for name in FACES:
        Image.new("RGBA", (40, 30), "red").save(source / f"{name}.png")
    (tmp_path / "map.toml").write_text(f"[boxes]\n{text}\n")
    target = tmp_path / "made"
    assert main(["import", str(source), "-o", str(target), "--map", str(tmp_path / "map.toml")]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert words in line
    assert not target.exists()


def test_boxes_are_for_whole_pictures(tmp_path: Path) -> None:
    path = sprites.plus(tmp_path / "a.save")
    with pytest.raises(FormatError, match="holds sprites"):
        read_artwork(path, {"mouth": Rect(1, 1, 9, 9)})
