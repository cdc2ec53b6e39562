"""Warnings of what is asked of somebody off stage: one for each time that it is there."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest

from mien.script import Event, GazeSet, GestureSet, Nod
from mien.talk.entrances import Entrances
from mien.talk.off_stage import OffStageWarnings


def off_stage(cast_of: set[str], here: str = "") -> tuple[OffStageWarnings, list[str]]:
    """Of a cast of whom those of `here` are on stage, and where the warnings go."""
    blocking = SimpleNamespace(
        knows=cast_of.__contains__, is_here=here.split().__contains__, gone_since=lambda key: 0
    )
    entrances = SimpleNamespace(blocking=blocking, waiting=())
    said: list[str] = []
    return OffStageWarnings(cast(Entrances, entrances), said.append), said


def asked(warnings: OffStageWarnings, *events: Event) -> None:
    for event in events:
        warnings.note(event, None)
    warnings.warn()


@pytest.mark.parametrize("name", ["nod", "gesture"])
def test_who_is_named_as_what_others_are_asked_for_leaves_their_warnings_told(name: str) -> None:
    warnings, said = off_stage({"b", name})
    told = (Nod(0, "b", 0.5), GestureSet(0, "b", "wave"))
    asked(warnings, *told)
    assert len(said) == 2
    warnings.forget(name)
    asked(warnings, *told)
    assert len(said) == 2


@pytest.mark.parametrize("gone", ["a", "b"])
def test_what_was_told_of_one_who_is_no_longer_of_the_cast_is_told_anew_of_another_of_its_name(
    gone: str,
) -> None:
    warnings, said = off_stage({"a", "b"}, here="a")
    look = GazeSet(0, "a", 0.0, 0.0, whom="b")
    asked(warnings, look)
    warnings.forget(gone)
    asked(warnings, look)
    assert len(said) == 2
