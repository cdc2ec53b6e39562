"""Layered files whose layers name no eyes or no mouth: what is painted on them blinks and speaks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import mien
from importing import drawn
from importing.drawn import BACK, BODY, EYES, FRINGE, HEAD, LEFT, LINE, MOUTH, RIGHT, Thing
from importing.looks import Looks, differ_within
from mien.art.png import premultiply
from mien.cli import main
from mien.importing.kinds import read_artwork
from mien.importing.make import Made, make
from mien.importing.mapping import Corrections
from mien.importing.write import write
from mien.motion.still import still_pose
from mien.stage.picture import Portrait
from mien.stage.straight import straight
from mien.types import Rect

FIGURE = drawn.over(
    BACK, BODY, HEAD, LINE, *(draw(x) for x in (LEFT, RIGHT) for draw in (drawn.whole_eye, drawn.brow))
)
MOUTH_BOX = Rect(80, MOUTH - 8, 40, 20)
EYE_BOXES = {
    "eye_left": Rect(round(LEFT) - 20, EYES - 16, 40, 32),
    "eye_right": Rect(round(RIGHT) - 20, EYES - 16, 40, 32),
}
BOXES = {"mouth": MOUTH_BOX, **EYE_BOXES}


def map_file(path: Path, boxes: dict[str, Rect]) -> Path:
    path.write_text("[boxes]\n" + "".join(f"{name} = {list(box)}\n" for name, box in boxes.items()))
    return path


@pytest.mark.parametrize(("kind", "suffix"), [(drawn.psd, "psd"), (drawn.kra, "kra"), (drawn.ora, "ora")])
def test_a_figure_on_one_layer_blinks_and_speaks_where_boxes_say_it(
    tmp_path: Path, kind: Callable[..., Path], suffix: str
) -> None:
    if suffix == "psd":
        pytest.importorskip("psd_tools", reason="reading PSD needs psd-tools: mien[layered]")
    art = kind(tmp_path / f"art.{suffix}", (Thing("Layer 2", FRINGE), Thing("Layer 1", FIGURE)))
    command = ["import", str(art), "-o", str(tmp_path / "made"), "--map"]
    assert main([*command, str(map_file(tmp_path / "map.toml", BOXES))]) == 0
    looks = Looks(tmp_path / "made")
    inside, outside = differ_within(looks.rest, looks.visemes["aa"], looks.mouth)
    assert inside > 40
    assert outside == 0
    for side in ("eye_left", "eye_right"):
        assert differ_within(looks.plain, looks.lids["closed"], EYE_BOXES[side])[0] > 100
    as_painted = premultiply(drawn.over(FIGURE, FRINGE))
    apart = differ_within(looks.rest, as_painted, MOUTH_BOX)
    assert apart[0] < 12
    assert apart[1] == 0
    # The boxes are kept, as all corrections are.
    assert main(command[:-1]) == 0
    assert differ_within(Looks(tmp_path / "made").rest, looks.rest, MOUTH_BOX) == (0, 0)


def test_what_was_made_is_told_and_no_layer_of_the_file(tmp_path: Path) -> None:
    made = imported(drawn.ora(tmp_path / "art.ora", (Thing("Layer 1", FIGURE),)), tmp_path / "made", BOXES)
    own = [row for row in made.rows if row.why == "given by [boxes]"]
    assert {row.layer for row in own} == {""}
    assert "mouth: sil" in {row.became for row in own}
    assert {row.status for row in own} == {"given"}
    assert "skin under the mouth" in {row.became for row in made.rows if row.status == "made"}
    assert {row.layer for row in made.rows if row.layer} == {"Layer 1"}
    assert {slot["name"] for slot in made.document["slot"]} >= {"mouth", "eye_shut_left", "eye_shut_right"}


def test_eyes_that_are_layers_stay_and_a_mouth_that_is_painted_speaks(tmp_path: Path) -> None:
    things = tuple(thing for thing in drawn.plain() if thing.name not in ("mouth", "face"))
    art = drawn.ora(tmp_path / "art.ora", (*things[:5], Thing("face", drawn.over(HEAD, LINE)), *things[5:]))
    made = imported(art, tmp_path / "made", BOXES)
    assert "boxes.eye_left is not used: layers are named as eyes" in made.remarks
    looks = Looks(tmp_path / "made")
    assert differ_within(looks.rest, looks.visemes["aa"], looks.mouth)[0] > 40
    assert made.document["joints"]["mouth"]["parent"] == "head"
    # The skin that the mouth was painted on lies over the face and under the fringe.
    names = [slot["name"] for slot in made.document["slot"]]
    assert names.index("face") < names.index("skin") < names.index("mouth") < names.index("front_hair")


def test_a_face_that_is_found_blinks_and_speaks_and_that_is_told(tmp_path: Path) -> None:
    with Portrait(mien.bundled("characters", "wren"), 700) as portrait:
        figure = straight(portrait.draw(still_pose(portrait.character)))
    sky = np.zeros_like(figure)
    sky[400:, :60] = (90, 120, 200, 255)
    things = (Thing("Layer 2", inside=(Thing("Layer 3", figure),)), Thing("Layer 1", sky))
    height, width = figure.shape[:2]
    art = drawn.ora(tmp_path / "art.ora", things, (width, height))
    made = imported(art, tmp_path / "made", {})
    assert any("a face was found in the picture of all layers" in remark for remark in made.remarks)
    assert {row.status for row in made.rows if "eye_shut" in row.became} == {"guessed"}
    assert not [row for row in made.rows if row.status == "given"]
    looks = Looks(tmp_path / "made")
    assert differ_within(looks.rest, looks.visemes["aa"], looks.mouth)[0] > 60
    assert differ_within(looks.plain, looks.lids["closed"], looks.eyes)[0] > 200
    # A box that is not used says nothing of eyes: they are found, and told as found.
    x, y, wide, high = looks.mouth
    mouth = np.zeros_like(figure)
    mouth[y : y + high, x : x + wide] = figure[y : y + high, x : x + wide]
    art = drawn.ora(tmp_path / "art.ora", (Thing("mouth", mouth), *things), (width, height))
    made = imported(art, tmp_path / "again", {"mouth": looks.mouth})
    assert "boxes.mouth is not used: layers are named as the mouth" in made.remarks
    (told,) = [r for r in made.remarks if r.startswith("no layer is named as eyes: a face was found")]
    assert "the sheet of `mien import`" in told, "`mien play` tells it, too, and has no sheet and no --map"
    assert {row.status for row in made.rows if "eye_shut" in row.became} == {"guessed"}


def test_where_no_face_is_found_nothing_is_made(tmp_path: Path) -> None:
    art = drawn.ora(tmp_path / "art.ora", (Thing("Layer 1", drawn.over(BACK, BODY)),))
    made = imported(art, tmp_path / "made", {})
    assert any(remark.startswith("no mouth was found") for remark in made.remarks)
    assert any("[boxes]" in remark for remark in made.remarks)


@pytest.mark.parametrize(
    "top",
    [Thing("Group"), Thing("Group", inside=(Thing("Notes", FRINGE),), visible=False)],
    ids=["an empty folder", "a hidden folder"],
)
def test_a_figure_in_many_thin_layers_speaks_below_a_folder_that_shows_nothing(
    tmp_path: Path, top: Thing
) -> None:
    bands = []
    for first in range(0, FIGURE.shape[1], 2):
        band = np.zeros_like(FIGURE)
        band[:, first : first + 2] = FIGURE[:, first : first + 2]
        bands.append(Thing(f"Layer {first}", band))
    made = imported(drawn.ora(tmp_path / "art.ora", (top, *bands)), tmp_path / "made", BOXES)
    looks = Looks(tmp_path / "made")
    assert {slot["name"] for slot in made.document["slot"]} >= {"mouth", "eye_shut_left", "eye_shut_right"}
    assert differ_within(looks.rest, looks.visemes["aa"], looks.mouth)[0] > 40


def test_a_box_beyond_the_canvas_is_refused(tmp_path: Path) -> None:
    art = drawn.ora(tmp_path / "art.ora", (Thing("Layer 1", FIGURE),))
    with pytest.raises(mien.FormatError, match=r"boxes\.mouth reaches beyond"):
        imported(art, tmp_path / "made", {"mouth": Rect(190, 10, 400, 20)})


def imported(source: Path, folder: Path, boxes: dict[str, Rect]) -> Made:
    artwork = read_artwork(source, boxes)
    made = make(artwork.source, "Painted", artwork.given, extras=artwork.extras, boxes=boxes)
    write(made, folder, source.name, Corrections(), None, True)
    return made
