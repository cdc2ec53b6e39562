"""Expressions that are made for a character: what each shows, and which are left out."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from importing import drawn
from importing.drawn import Thing
from mien.importing.drafts import Draft, Drafts
from mien.importing.expressions import expressions_of
from mien.importing.flatten import Picture
from mien.importing.layered import read_source
from mien.importing.make import make
from mien.importing.mouths import MadeMouth
from mien.importing.rig import Rig
from mien.types import VISEMES


def test_angry_and_sad_turn_the_brows_and_lean_the_lids_each_its_own_way(tmp_path: Path) -> None:
    art = drawn.ora(tmp_path / "art.ora", drawn.plain())
    made = make(read_source(art), "Girl").document
    for name, tilt, lids in (("angry", -1.0, "stern"), ("sad", 1.0, "sorry")):
        expression = made["expressions"][name]
        assert expression["lids"] == lids
        assert expression["channels"]["brow_left_tilt"] == tilt
    assert abs(made["joints"]["brow_left"]["rotate"]["brow_left_tilt"]) >= 15


def test_a_brow_that_is_drawn_on_one_side_alone_leaves_the_other_to_its_joint(tmp_path: Path) -> None:
    own = Thing("eyebrow L angry", drawn.arc(drawn.LEFT, drawn.EYES - 15, 14, 3, 4, drawn.INK), visible=False)
    made = make(read_source(drawn.ora(tmp_path / "art.ora", (own, *drawn.plain()))), "Girl").document
    angry, sad = (made["expressions"][name] for name in ("angry", "sad"))
    assert list(angry["slots"].values()) == ["angry"]
    assert angry["channels"]["brow_right_tilt"] == -1.0
    assert not {"brow_left_tilt", "brow_left_y"} & angry["channels"].keys()
    assert sad["channels"]["brow_left_tilt"] == sad["channels"]["brow_right_tilt"] == 1.0


def test_angry_and_sad_differ_without_brows_also_where_the_file_draws_its_lids(tmp_path: Path) -> None:
    bare = drawn.plain()[:1] + drawn.plain()[3:]
    lids = [
        Thing(f"eye {side} {state}", drawn.over(drawn.white(x), drawn.shut_eye(x)), visible=False)
        for side, x in (("L", drawn.LEFT), ("R", drawn.RIGHT))
        for state in ("closed", "half", "three quarter")
    ]
    for things, wanted in ((bare, ("stern", "sorry")), ((*lids, *bare), (None, "three_quarter"))):
        made = make(read_source(drawn.ora(tmp_path / "art.ora", things)), "Girl").document["expressions"]
        assert (made["angry"].get("lids"), made["sad"].get("lids")) == wanted
        assert made["angry"]["rest_viseme"] == "SS" and "rest_viseme" not in made["sad"]


def test_expressions_that_would_look_like_neutral_are_left_out_and_that_is_said(tmp_path: Path) -> None:
    nothing = Rig(joints={"body": {"pivot": [0, 0]}})
    slots = [Draft("mouth", "mouth", "", {"none": Picture(np.zeros((1, 1, 4), np.uint8), (0, 0))}, "none")]
    mouth = MadeMouth({}, {"neutral": {"none": list(VISEMES)}}, {}, [], "none", {})
    made, told = expressions_of(Drafts(slots), mouth, nothing)
    assert list(made) == ["neutral"]
    (line,) = told
    assert "happy, joy, sad" in line and "left out" in line
    tilted = Rig(joints={"head": {"pivot": [0, 0], "rotate": {"head_roll": 4}}})
    made, told = expressions_of(Drafts(slots), mouth, tilted)
    assert "thinking" in made and "surprised" not in made
    assert told == [
        "nothing is drawn that would show angry and surprised; left out, or it would look as neutral does"
    ]
    everything = make(read_source(drawn.ora(tmp_path / "art.ora", drawn.plain())), "Girl")
    assert len(everything.document["expressions"]) == 9
    assert not any("left out" in remark for remark in everything.remarks)


def test_a_mouth_of_anger_that_the_file_draws_is_shown_at_rest(tmp_path: Path) -> None:
    things = (
        Thing("mouth frown", drawn.arc(100, drawn.MOUTH, 12, -4, 3, drawn.LIPS), visible=False),
        *drawn.plain(),
    )
    made = make(read_source(drawn.ora(tmp_path / "art.ora", things)), "Girl").document
    assert made["expressions"]["angry"]["mood"] == "frown"
    assert "rest_viseme" not in made["expressions"]["angry"]


def test_surprise_opens_the_eyes_wide_and_raises_the_brows_far(tmp_path: Path) -> None:
    made = make(read_source(drawn.ora(tmp_path / "art.ora", drawn.named())), "Girl").document
    surprised = made["expressions"]["surprised"]
    assert surprised["lids"] == "wide"
    assert surprised["channels"]["brow_left_y"] == 1.0
    unit = (drawn.MOUTH - drawn.EYES) / 121
    assert made["joints"]["brow_left"]["move"]["brow_left_y"][1] < -14 * unit


def test_no_two_expressions_that_are_made_are_the_same_but_for_the_head(tmp_path: Path) -> None:
    made = make(read_source(drawn.ora(tmp_path / "art.ora", drawn.plain())), "Girl").document
    faces = [
        (face.get("lids"), face.get("mood"), face.get("rest_viseme"), *sorted(brows(face["channels"])))
        for name, face in made["expressions"].items()
        if name != "neutral"
    ]
    assert len({*faces}) == len(faces)
    lids = {face.get("lids") for face in made["expressions"].values() if face.get("mood") == "smile"}
    assert len(lids) == 4, "happy, joy, embarrassed and relaxed"


def brows(channels: dict[str, float]) -> list[tuple[str, float]]:
    return [(channel, value) for channel, value in channels.items() if channel.startswith("brow")]
