"""A backend has the calls of a live stage, with the same names, parameters and results."""

from __future__ import annotations

import inspect

import pytest

import mien
from mien.backend import calls, messages
from mien.backend.coding import as_type, decoded, encoded, from_engine, from_host
from mien.stage.live import LiveStage

NOT_HAD = {
    "screenshot": "each frame is a picture in memory already",
    "picture": "the same",
    "run": "a loop over `frames`",
    "draw_to": "for a program in whose context a stage draws",
    "texture": "the same",
    "ledger": "it is the engine's; `metrics` has its totals",
}
"""What a live stage has and a backend has not, and why."""


def public(kind: type) -> set[str]:
    return {name for name in dir(kind) if not name.startswith("_")}


def test_a_backend_has_what_a_live_stage_has() -> None:
    made = {"options", "size", "fps", "foreseen", "renderer", "is_software"}  # attributes of the instance
    missing = public(LiveStage) - public(mien.Backend) - made
    assert missing <= set(NOT_HAD), missing


@pytest.mark.parametrize("name", sorted(calls.CALLS - {"reload"}))
def test_a_call_has_the_same_parameters_types_and_words(name: str) -> None:
    mine, its = getattr(mien.Backend, name), getattr(LiveStage, name)
    assert inspect.signature(mine) == inspect.signature(its)
    assert inspect.getdoc(mine) == inspect.getdoc(its)
    calls.types_of(name)  # each can be resolved


@pytest.mark.parametrize("name", ["say", "queue", "events"])
def test_its_own_calls_have_the_parameters_of_the_stage(name: str) -> None:
    assert inspect.signature(getattr(mien.Backend, name)) == inspect.signature(getattr(LiveStage, name))


@pytest.mark.parametrize("name", sorted(calls.PROPERTIES - {"foreseen"}))
def test_a_property_has_a_type_that_can_be_sent(name: str) -> None:
    assert "return" in calls.types_of(name)
    assert name in dir(mien.Backend)


def test_what_is_sent_comes_back_as_it_was() -> None:
    say = messages.Say(
        7,
        "wren",
        messages.PcmSound(3, 16_000, "live"),
        "text [happy]",
        (mien.Word("text", 0.0, 0.5),),
        (
            mien.Cue(0.0, "gaze", (0.1, -0.2)),
            mien.Cue(1.0, "enter", mien.Staging("otto", ("left", 1.0), 0.5, "left")),
            mien.Cue(1.5, "nod", 1.0),
            mien.Cue(2.0, "drawing", None, slot="hat"),
            mien.Cue(0.0, "expression", "happy", fraction=0.5),
        ),
        -0.5,
        mien.VisemeTimings("oculus", (("PP", 0.0, 0.1),)),
        "key",
    )
    assert from_host(encoded(say)) == say
    event = mien.TurnEvent("cue", "key", "wren", 48_000, 1.0, cue=say.cues[1])
    happened = messages.Happened((event,), 5, (mien.TurnPosition("key", "wren", 1.0),), (("pause", {}),))
    assert from_engine(encoded(happened)) == happened


def test_what_a_stage_tells_of_itself_comes_back_as_it_was() -> None:
    with mien.open_live({"wren": "wren"}, size=(64, 36), playout="null") as stage:
        stage.frame()
        for name, arguments in {
            "channels": ("wren",), "repertoire": ("wren",), "slots": ("wren",), "outlines": ("wren",),
            "atlas_pages": (), "residency": (), "turns": (), "standing": ("wren",),
            "bounds": ("wren", "mouth"), "who_is_at": (30, 20), "playing": (),
        }.items():  # fmt: skip
            given = getattr(stage, name)(*arguments)
            assert decoded(encoded(given), calls.types_of(name)["return"]) == given, name
        page = stage.page_picture(stage.atlas_pages()[0].number)
        assert (decoded(encoded(page), calls.types_of("page_picture")["return"]) == page).all()


def test_what_cannot_be_a_type_is_left_for_the_stage_to_refuse() -> None:
    assert as_type([0.5, 1], tuple[float, float]) == (0.5, 1.0)
    assert as_type("nonsense", float) == "nonsense"
