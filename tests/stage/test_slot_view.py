"""Single slots looked at: a view that changes what is drawn, and nothing else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import mien
from art.build import layered_character, tiny_character
from mien.art import load_character
from mien.errors import ScriptError
from mien.stage.reasons import SHUT
from mien.stage.slot_bases import base_name, seen_with
from mien.types import U8
from stage.test_stage import SIZE, tone

CAST = {"wren": "wren", "otto": "otto"}


def state(stage: mien.Stage, slot: str) -> mien.SlotState:
    return next(one for one in stage.slots("wren") if one.name == slot)


def others(one: U8, other: U8) -> list[tuple[int, int]]:
    """(x, y) of pixels that differ."""
    ys, xs = (one != other).any(axis=2).nonzero()
    return list(zip(xs.tolist(), ys.tolist(), strict=True))


def told(stage: mien.Stage) -> list[tuple[int, str]]:
    return [(one.at, type(one).__name__) for who in CAST for one in stage._show.script.of(who)]


def test_a_view_changes_pictures_and_leaves_script_and_ledger_alone() -> None:
    with mien.open_stage(CAST, size=SIZE) as stage, mien.open_stage(CAST, size=SIZE) as twin:
        for one in (stage, twin):
            one.say("wren", tone(0.6), "[happy] Hello")
        stage.frame(), twin.frame()
        stage.mute("wren", ["mouth", "hair_top"])
        stage.solo("otto", ("head", "mouth"))
        for _ in range(10):
            assert not np.array_equal(stage.frame(), twin.frame())
        assert told(stage) == told(twin)
        stage.mute("wren")
        stage.solo("otto")
        for _ in range(10):
            assert np.array_equal(stage.frame(), twin.frame())
        for counter in ("l1_rebuild_total", "l1_miss_total"):
            assert stage.ledger.count(counter) == twin.ledger.count(counter)


def test_slots_drawn_as_one_picture_are_drawn_by_themselves_while_one_is_not_shown() -> None:
    with mien.open_stage(CAST, size=SIZE) as stage:
        whole = stage.frame()
        assert state(stage, "hair_rim").together == ("hair_top", "hair_shine", "hair_rim")
        stage.mute("wren", "hair_shine")
        assert others(stage.frame(), whole)
        assert state(stage, "hair_rim").together == () and state(stage, "hair_shine").mute
        stage.mute("wren")
        stage.frame()
        assert state(stage, "hair_rim").together == ("hair_top", "hair_shine", "hair_rim")


def test_what_is_soloed_is_seen_within_the_shape_that_it_is_drawn_in() -> None:
    with mien.open_stage(CAST, size=SIZE) as stage:
        stage.frame()
        assert state(stage, "pupil_left").clipped_to == "sclera_left"
        stage.solo("wren", "sclera_left")
        alone = stage.frame()
        stage.solo("wren", "pupil_left")
        assert others(stage.frame(), alone)  # white, and the pupil on it
        assert {one.slot for one in stage.outlines("wren")} == {"sclera_left", "pupil_left"}


def test_a_muted_slot_is_not_drawn_also_where_it_is_soloed() -> None:
    with mien.open_stage(CAST, size=SIZE) as stage:
        stage.mute("wren", "head")
        stage.solo("wren", "head")
        stage.solo("otto", ["mouth"])
        stage.mute("otto", ["mouth"])
        picture = stage.frame()
        assert (picture == picture[0, 0]).all()
        assert stage.outlines("wren") == stage.outlines("otto") == ()


def test_outlines_hold_all_that_a_slot_draws() -> None:
    with mien.open_stage(CAST, size=(384, 216)) as stage, mien.open_stage(CAST, size=(384, 216)) as twin:
        stage.frame(), twin.frame()
        for slot in ("mouth", "brow_left", "iris_right", "clip_star", "head"):
            stage.mute("wren", slot)
            changed = others(stage.frame(), twin.frame())
            (box,) = twin.outlines("wren", slot)
            assert box.weight == 1.0 and changed
            xs, ys = zip(*box.corners, strict=True)
            assert all(
                min(xs) - 2 <= x <= max(xs) + 2 and min(ys) - 2 <= y <= max(ys) + 2 for x, y in changed
            ), slot
        assert [one.slot for one in stage.outlines("wren", ["tear"])] == []  # shows nothing


def test_who_says_what_a_slot_shows() -> None:
    with mien.open_stage(CAST, size=SIZE) as stage:
        stage.frame()
        assert (state(stage, "mouth").owner, state(stage, "head").owner) == ("mouth", "default")
        assert state(stage, "mouth").because == "mood neutral of expression neutral"
        stage.set_expression("wren", "crying")
        stage.gesture("wren", "wave")
        stage.wear("wren", "sweat", "on")
        stage.show_viseme("wren", "aa")
        for _ in range(30):
            stage.frame()
        assert state(stage, "tear").owner == "expression" and state(stage, "tear").shown[0][0]
        assert state(stage, "tear").because == "expression crying"
        lids = state(stage, "lashes_left")
        assert lids.owner == "expression"
        assert lids.because.startswith("expression crying, which shuts the eyes for a moment")
        assert "gesture wave" in {one.because for one in stage.slots("wren")}
        assert "gesture" in {one.owner for one in stage.slots("wren")}
        sweat = state(stage, "sweat")
        assert (sweat.owner, sweat.worn, sweat.shown) == ("host", "on", (("on", 1.0),))
        mood = stage._show.characters["wren"].expressions["crying"].mood
        assert state(stage, "mouth").owner == "host" and sweat.because == "wear on"
        assert state(stage, "mouth").because == f"show_viseme aa, mood {mood} of expression crying"
        stage.hold("wren", "lid_left", 0.5)
        stage.frame()
        assert (state(stage, "lashes_left").owner, state(stage, "lashes_left").because) == (
            "host", "hold lid_left",
        )  # fmt: skip
        # Of a time that is shown again what was so then.
    with mien.open_stage(CAST, size=SIZE, history_s=60) as stage:
        stage.frame()
        stage.set_expression("wren", "crying")
        for _ in range(10):
            stage.frame()
        assert state(stage, "mouth").because.endswith("expression crying")
        stage.seek(0.0)
        stage.frame()
        assert state(stage, "mouth").because == "mood neutral of expression neutral"


def test_a_view_stays_when_somebody_is_read_anew_and_goes_with_who_is_given_up(tmp_path: Path) -> None:
    folder = tiny_character(tmp_path / "tiny")
    with mien.open_stage({"t": folder}, size=SIZE, room=1) as stage:
        whole = stage.frame()
        stage.mute("t", "head")
        without = stage.frame()
        stage.reload("t")
        while stage.loading:
            stage.frame()
        assert len(others(stage.frame(), without)) < len(others(without, whole)) // 4
        assert next(one for one in stage.slots("t") if one.name == "head").mute
        stage.load("u", folder)
        stage.mute("u", "head")
        stage.frame()
        stage.unload("u")
        stage.load("u", folder)
        assert not any(one.mute for one in stage.slots("u"))


def test_bases_in_groups_are_found(tmp_path: Path) -> None:
    character = load_character(layered_character(tmp_path / "layered")).character
    names = [slot.name for slot in character.slots]
    lid = names.index("lid")
    # The group `eyes`, of the lid alone, is clipped to the head: what lies between is clipped to it as well.
    assert {names[s] for s in seen_with(character, lid)} == {"lid", "head"}
    assert base_name(character, names.index("head")) == ""


def test_slots_that_are_not_there_are_refused() -> None:
    with mien.open_stage(CAST, size=SIZE) as stage:
        for call in (stage.solo, stage.mute, stage.outlines):
            with pytest.raises(ScriptError, match="did you mean 'mouth'"):
                call("wren", "mouht")
            with pytest.raises(ScriptError, match="slots cannot be 3: give the names of slots"):
                call("wren", [3])  # type: ignore[list-item]


def test_why_an_expression_looks_so_is_told_with_what_its_host_has_put_in_its_way(tmp_path: Path) -> None:
    with mien.open_stage({"wren": "wren", "tiny": tiny_character(tmp_path / "tiny")}, size=SIZE) as stage:
        stage.frame()
        assert stage.expression("wren").name == "neutral" and not stage.expression("wren").changes
        assert "brows" in stage.expression("tiny").lacks
        stage.set_expression("wren", "crying")
        for _ in range(30):
            stage.frame()
        state = stage.expression("wren")
        told = {
            "tear: streams",
            "lids: sad for a moment, then open again (`hold_lids = true` keeps them shut)",
            "brows move",
        }
        assert state.name == "crying" and told <= {*state.changes}
        assert ("tear", "streams") in state.shows
        assert state.lacks == state.blocked == state.mend == ()
        assert state.lines()[0].startswith("crying changes ")
        stage.mute("wren", "mouth")
        stage.wear("wren", "tear", "")
        stage.hold("wren", "lid_left", 0.5)
        stage.hold("wren", "head_pitch", 0.5)
        stage.frame()
        blocked = stage.expression("wren").blocked
        assert {"mouth is muted", "tear: wear nothing", "hold head_pitch"} <= {*blocked}
        assert "lashes_left: hold lid_left" in blocked
        stage.mute("wren")
        stage.solo("wren", "head")
        assert "mouth is not among those alone" in stage.expression("wren").blocked
        with pytest.raises(ScriptError, match="nobody"):
            stage.expression("nobody")


def test_a_mouth_that_speech_has_shut_is_told_and_opens_where_its_expression_is_set_again() -> None:
    with mien.open_stage(CAST, size=SIZE) as stage:

        def after(seconds: float) -> tuple[str, str, mien.ExpressionState]:
            for _ in range(round(seconds * 30)):
                stage.frame()
            mouth = state(stage, "mouth")
            return mouth.shown[0][0], mouth.because, stage.expression("wren")

        stage.set_expression("wren", "angry")
        drawn, because, told = after(1.0)
        assert because == "mood frown of expression angry"
        assert told.blocked == () and dict(told.shows)["mouth"] == drawn
        stage.say("wren", mien.bundled("conversations", "hello") / "audio" / "3-bait.wav", "Who?")
        shut, because, told = after(6.0)
        assert shut != drawn
        assert because == f"mood frown of expression angry, {SHUT}"
        assert dict(told.shows)["mouth"] == shut
        assert told.blocked == (f"the mouth is {SHUT}",)
        stage.set_expression("wren", "angry")
        assert (after(1.0)[0], after(0.1)[2].blocked) == (drawn, ())
        before = len(stage._show.script.lanes("wren")["expression"])
        stage.set_expression("wren", "angry")
        after(0.2)
        assert len(stage._show.script.lanes("wren")["expression"]) == before
