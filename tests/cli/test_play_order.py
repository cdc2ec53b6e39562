"""`mien play` tells its turns when nothing is left that holds the GIL for long."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any

import pytest

from cli.short import SMALL, short
from mien.audio import DecodeWorker
from mien.cli import main
from mien.observe import observation
from mien.stage.governor import Governor


def test_no_turn_is_told_before_the_last_full_collection_and_the_look_at_the_machines_speed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A collection of what opening leaves is one call of 20 to 60 ms: a first sound would wait for it."""
    happened: list[str] = []

    def noted(owner: Any, name: str, what: str) -> None:
        does = getattr(owner, name)
        monkeypatch.setattr(
            owner, name, lambda *given, **named: (happened.append(what), does(*given, **named))[1]
        )

    def collected(phase: str, about: dict[str, int]) -> None:
        if phase == "start" and about["generation"] == 2:
            happened.append("collection")

    noted(DecodeWorker, "submit", "told")
    noted(observation, "loop_us", "speed")
    noted(Governor, "rehearse", "rehearsal")
    gc.callbacks.append(collected)
    try:
        assert main(["play", str(short(tmp_path / "c")), "--headless", "--silent", *SMALL]) == 0
    finally:
        gc.callbacks.remove(collected)
    told = happened.index("told")
    assert {"collection", "speed", "rehearsal"} <= set(happened[:told])
    assert happened[told:] == ["told"]
