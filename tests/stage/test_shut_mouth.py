"""Whoever is interrupted shuts the mouth: what is seen of it."""

from __future__ import annotations

import random

import pytest

import mien

SENTENCE = mien.bundled("conversations", "hello") / "audio" / "1-good-evening.opus"
SHUT = "neutral_sil"
TIMES = 8


@pytest.mark.parametrize("fps", [30, 60])
def test_after_an_interruption_one_picture_at_most_has_an_open_mouth(fps: int) -> None:
    """That of the moment in which the sound begins to fall silent."""
    chance = random.Random(5)
    with mien.open_stage({"wren": "wren"}, size=(64, 48), fps=fps) as stage:

        def is_shut() -> bool:
            stage.frame()
            (mouth,) = [slot for slot in stage.slots("wren") if slot.name == "mouth"]
            return mouth.shown[0][0] == SHUT

        for _ in range(TIMES):
            stage.say("wren", SENTENCE, "Good evening!")
            for _ in range(chance.randrange(fps // 2, 2 * fps)):
                stage.frame()
            assert not all(is_shut() for _ in range(2 * fps)), "it speaks on"
            stage.interrupt()
            _, *later = [is_shut() for _ in range(6)]
            assert all(later)
