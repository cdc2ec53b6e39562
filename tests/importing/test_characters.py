"""Layered files of every kind become characters that speak with their mouths and blink with their eyes."""

from __future__ import annotations

import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import mien
from importing import drawn
from importing.drawn import Thing
from importing.looks import Looks, differ_within
from mien.art import inspect
from mien.art.layered import read_layered
from mien.importing.layered import read_source
from mien.importing.make import Made, make
from mien.importing.mapping import Corrections
from mien.importing.write import write
from mien.stage.picture import draw_and_compare

KINDS: dict[str, Callable[[], tuple[Thing, ...]]] = {
    "named": drawn.named,
    "plain": drawn.plain,
    "unnamed": drawn.unnamed,
    "japanese": drawn.japanese,
    "all_shown": drawn.all_shown,
}


def imported(path: Path, folder: Path) -> Made:
    made = make(read_source(path), path.stem)
    write(made, folder, path.name, Corrections(), None, False)
    return made


def status(made: Made, layer: str) -> str:
    return next(row.status for row in made.rows if row.layer == layer)


@pytest.mark.parametrize("kind", KINDS)
def test_speech_changes_the_mouth_alone_and_a_blink_the_eyes(tmp_path: Path, kind: str) -> None:
    imported(drawn.ora(tmp_path / "art.ora", KINDS[kind]()), tmp_path / "made")
    looks = Looks(tmp_path / "made")
    inside, outside = differ_within(looks.rest, looks.visemes["aa"], looks.mouth)
    assert inside > 60
    assert outside == 0
    for state in ("half", "closed"):
        inside, outside = differ_within(looks.plain, looks.lids[state], looks.eyes)
        assert inside > 100, state
        assert outside == 0, state
    assert differ_within(looks.lids["half"], looks.lids["closed"], looks.eyes)[0] > 60
    assert differ_within(looks.rest, looks.visemes["PP"], looks.mouth)[0] == 0


@pytest.mark.parametrize("kind", ["named", "plain", "unnamed", "japanese"])
def test_at_rest_it_looks_as_it_was_drawn(tmp_path: Path, kind: str) -> None:
    path = drawn.ora(tmp_path / "art.ora", KINDS[kind]())
    imported(path, tmp_path / "made")
    art, _ = draw_and_compare(read_layered(path))
    apart = np.abs(art.astype(np.int16) - Looks(tmp_path / "made").plain).max(axis=-1)
    assert (apart > 3).sum() == 0


@pytest.mark.parametrize("kind", KINDS)
def test_no_layer_is_dropped_and_nothing_in_it_is_a_fault(tmp_path: Path, kind: str) -> None:
    path = drawn.ora(tmp_path / "art.ora", KINDS[kind]())
    made = imported(path, tmp_path / "made")
    layers = {row.layer for row in made.rows}
    source = read_source(path)
    assert {"/".join(item.path) for item in source.items() if not item.is_folder} <= layers
    told = inspect(tmp_path / "made").warnings
    assert [line for line in told if "names no irises" not in line] == []


def test_all_kinds_of_files_become_the_same_character(tmp_path: Path) -> None:
    documents = []
    for write_file, name in ((drawn.ora, "a.ora"), (drawn.psd, "a.psd"), (drawn.kra, "a.kra")):
        if name.endswith("psd"):
            pytest.importorskip("psd_tools")
        documents.append(make(read_source(write_file(tmp_path / name, drawn.named())), "A").document)
    assert documents[0] == documents[1] == documents[2]


def test_what_is_made_up_is_said(tmp_path: Path) -> None:
    made = imported(drawn.ora(tmp_path / "art.ora", drawn.plain()), tmp_path / "made")
    said = [row.became for row in made.rows if row.status == "made"]
    assert "left eye: wide, three_quarter, half, nearly, closed, stern, sorry, happy" in said
    assert "mouth: made_aa" in said
    named = imported(drawn.ora(tmp_path / "named.ora", drawn.named()), tmp_path / "named")
    assert not any(
        "made_aa" in row.became for row in named.rows if row.status == "made" and "half" not in row.became
    )


def test_what_is_guessed_is_said(tmp_path: Path) -> None:
    made = imported(drawn.ora(tmp_path / "art.ora", drawn.unnamed()), tmp_path / "made")
    assert status(made, "Layer 6") == "guessed"  # the mouth
    assert status(made, "Layer 4") == status(made, "Layer 5") == "guessed"  # the eyes
    assert status(made, "Layer 8") == "kept"  # the body


def test_both_eyes_on_one_layer_are_two(tmp_path: Path) -> None:
    imported(drawn.ora(tmp_path / "art.ora", drawn.japanese()), tmp_path / "made")
    character = Looks(tmp_path / "made").character
    left = {character.slots[i].name for i in character.lids.left}
    right = {character.slots[i].name for i in character.lids.right}
    assert left
    assert len(left) == len(right)
    assert not left & right
    boxes = [character.slots[i].drawings[0] for i in character.lids.left if character.slots[i].default == 0]
    assert all(d.offset[0] >= 95 for d in boxes if d.region.width > 1)  # the character's own left


def test_brows_alone_that_are_named_as_the_viewer_sees_them_are_turned_round(tmp_path: Path) -> None:
    swapped = {"eyebrow L": "eyebrow R", "eyebrow R": "eyebrow L"}
    things = tuple(thing.called(swapped.get(thing.name, thing.name)) for thing in drawn.plain())
    made = imported(drawn.ora(tmp_path / "art.ora", things), tmp_path / "made")
    (told,) = (remark for remark in made.remarks if "as the viewer sees them" in remark)
    assert told.startswith("left and right of 'eyebrow L', 'eyebrow R' are named as the viewer sees them")
    character = Looks(tmp_path / "made").character
    sides = {slot.name[-5:]: slot.drawings[0].offset[0] for slot in character.slots if "brow" in slot.name}
    assert sides["_left"] > 100 > sides["right"]


def test_left_and_right_as_the_viewer_sees_them_are_turned_round_and_that_is_said(tmp_path: Path) -> None:
    swapped = tuple(
        thing.called(thing.name[:-1] + {"L": "R", "R": "L"}[thing.name[-1]])
        if thing.name[-2:] in (" L", " R")
        else thing
        for thing in drawn.plain()
    )
    made = imported(drawn.ora(tmp_path / "art.ora", swapped), tmp_path / "made")
    (told,) = (remark for remark in made.remarks if "as the viewer sees them" in remark)
    assert told.startswith(
        "left and right of 'eye L', 'eye R', 'eyebrow L' and 1 more are named as the viewer"
    )
    character = Looks(tmp_path / "made").character
    (slot,) = character.lids.left
    assert character.slots[slot].drawings[0].offset[0] > 100


def test_a_hidden_layer_is_kept_and_shown_by_a_gesture(tmp_path: Path) -> None:
    hat, *others = drawn.all_shown()
    made = imported(drawn.ora(tmp_path / "art.ora", (hat.called("hat"), *others)), tmp_path / "made")
    assert status(made, "hat") == "hidden"
    character = Looks(tmp_path / "made").character
    (slot,) = (slot for slot in character.slots if "hat" in slot.name)
    assert slot.default == -1
    assert slot.name in character.gestures


def test_a_marker_is_the_pivot_of_its_layer(tmp_path: Path) -> None:
    made = imported(drawn.ora(tmp_path / "art.ora", drawn.all_shown()), tmp_path / "made")
    slot = next(slot for slot in made.document["slot"] if slot["name"] == "hairfront")
    assert made.document["joints"][slot["joint"]]["pivot"] == [100, 60]


def test_a_hidden_blush_is_worn_when_happy(tmp_path: Path) -> None:
    made = imported(drawn.ora(tmp_path / "art.ora", drawn.japanese()), tmp_path / "made")
    (blush,) = (slot["name"] for slot in made.document["slot"] if "頬" in slot["name"])
    assert made.document["expressions"]["happy"]["slots"][blush] == "on"


def test_an_iris_is_clipped_to_its_white_and_looks_about(tmp_path: Path) -> None:
    made = imported(drawn.ora(tmp_path / "art.ora", drawn.named()), tmp_path / "made")
    pupils = [slot for slot in made.document["slot"] if slot["joint"].startswith("iris")]
    assert len(pupils) == 2
    assert all(slot["clip"] for slot in pupils)
    low, high = made.document["gaze"]["x"]
    assert low < 0 < high


def test_clipped_shades_stay_clipped_and_move_with_their_base(tmp_path: Path) -> None:
    shade = Thing("shade", drawn.ellipse(140, 150, 60, 60, (150, 90, 80)), clipped=True)
    things: list[Thing] = []
    for thing in drawn.plain():
        things += [shade, thing] if thing.name == "face" else [thing]
    path = drawn.ora(tmp_path / "art.ora", things)
    made = imported(path, tmp_path / "made")
    slots = {slot["name"]: slot for slot in made.document["slot"]}
    assert slots["shade"]["clip"]
    assert slots["shade"]["joint"] == slots["face"]["joint"]
    art, _ = draw_and_compare(read_layered(path))
    assert (np.abs(art.astype(np.int16) - Looks(tmp_path / "made").plain).max(axis=-1) > 3).sum() == 0


def test_of_a_character_without_a_mouth_inspect_says_that_and_names_no_file_that_the_import_wrote(
    tmp_path: Path,
) -> None:
    imported(drawn.ora(tmp_path / "art.ora", (Thing("something", drawn.HEAD),)), tmp_path / "made")
    told = inspect(tmp_path / "made").warnings
    assert [line.split(":")[0] for line in told] == ["lids left", "lids right", "gaze", "mouth"]
    assert "never moves; draw it open" in told[-1]


def test_a_file_without_a_mouth_is_a_character_and_told_how_to_name_one(tmp_path: Path) -> None:
    path = drawn.ora(tmp_path / "art.ora", (Thing("something", drawn.HEAD),))
    made = imported(path, tmp_path / "made")
    assert any("no mouth was found" in remark and "--map" in remark for remark in made.remarks)
    assert any("no eyes were found" in remark for remark in made.remarks)
    assert Looks(tmp_path / "made").plain.any()


@pytest.mark.parametrize("alpha", [30, 90])
def test_eyes_and_a_mouth_that_are_faint_are_taken(tmp_path: Path, alpha: int) -> None:
    things = []
    for thing in drawn.plain():
        assert thing.pixels is not None
        pixels = thing.pixels.copy()
        if thing.name.startswith(("eye ", "mouth")):
            pixels[..., 3] = np.minimum(pixels[..., 3], alpha)
        things.append(Thing(thing.name, pixels))
    imported(drawn.ora(tmp_path / "art.ora", things), tmp_path / "made")


def test_lips_and_teeth_that_are_shown_together_are_one_mouth(tmp_path: Path) -> None:
    pieces = (Thing("lips_up", drawn.LINE), Thing("teeth", drawn.ROUND), Thing("mouth", drawn.WIDE))
    things = [piece for thing in drawn.plain() for piece in (pieces if thing.name == "mouth" else (thing,))]
    path = drawn.ora(tmp_path / "art.ora", things)
    imported(path, tmp_path / "made")
    looks = Looks(tmp_path / "made")
    art, _ = draw_and_compare(read_layered(path))
    for shown in (looks.visemes["aa"], looks.plain):
        assert (np.abs(art.astype(np.int16) - shown).max(axis=-1) > 3).sum() == 0
    assert differ_within(looks.rest, looks.visemes["aa"], looks.mouth)[0] > 60


def test_an_eye_that_looks_through_a_hole_in_the_face_is_covered_by_a_lid(tmp_path: Path) -> None:
    face = drawn.HEAD.copy()
    for x in (drawn.LEFT, drawn.RIGHT):
        face[..., 3] = np.minimum(face[..., 3], 255 - drawn.ellipse(x, drawn.EYES, 13, 9, (0, 0, 0))[..., 3])
    things = [thing for thing in drawn.plain() if not thing.name.startswith("eye ") and thing.name != "face"]
    at = next(i for i, thing in enumerate(things) if thing.name == "body")
    eyes = (Thing("eye L", drawn.white(drawn.LEFT)), Thing("eye R", drawn.white(drawn.RIGHT)))
    things[at:at] = [Thing("face", face), *eyes]
    imported(drawn.ora(tmp_path / "art.ora", things), tmp_path / "made")
    looks = Looks(tmp_path / "made")
    inside, outside = differ_within(looks.plain, looks.lids["closed"], looks.eyes)
    assert inside > 300
    assert outside == 0
    shut = looks.lids["closed"][drawn.EYES, drawn.LEFT, :3].astype(int)
    assert np.abs(shut - drawn.SKIN).max() < 8


def test_art_that_is_too_large_to_be_shrunk_is_refused_before_a_pixel_is_read(tmp_path: Path) -> None:
    path = drawn.ora(tmp_path / "art.ora", drawn.plain(), size=(8000, 8000))
    with pytest.raises(mien.ImageRejected, match="8000 x 8000 pixels, which is more than the 40 Mpx"):
        read_source(path)


def test_large_art_is_shrunk_as_it_is_read(tmp_path: Path) -> None:
    path = drawn.ora(tmp_path / "art.ora", drawn.plain())
    source = read_source(path, 130)
    assert source.canvas == (100, 130)
    assert source.scale == 0.5
    whole = read_source(path)
    for small, large in zip(source.items(), whole.items(), strict=True):
        assert abs(small.box.width * 2 - large.box.width) <= 4
    make(source, "small")


def test_it_talks(tmp_path: Path) -> None:
    imported(drawn.ora(tmp_path / "art.ora", drawn.named()), tmp_path / "made")
    time = np.arange(48000) / 24000
    voice = np.sin(2 * np.pi * 180 * time) * (np.sin(2 * np.pi * 3 * time) > 0) * 12000
    with wave.open(str(tmp_path / "a.wav"), "wb") as file:
        file.setparams((1, 2, 24000, 0, "NONE", ""))
        file.writeframes(voice.astype("<i2").tobytes())
    with mien.Stage({"a": tmp_path / "made"}, size=(120, 160), fps=10) as stage:
        stage.say("a", tmp_path / "a.wav")
        frames = [frame.tobytes() for frame in stage.frames()]
    assert len(frames) >= 20
    assert len(set(frames)) > 8
