"""Hundreds of layers become fewer slots, each joined once."""

from __future__ import annotations

import numpy as np
import pytest

from mien.importing import thinning
from mien.importing.drafts import Draft, Drafts
from mien.importing.flatten import Picture, as_one, over


def test_many_that_become_one_are_drawn_over_each_other_once(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[int] = []

    def counted(pictures: list[Picture]) -> Picture:
        drawn.append(len(pictures))
        return as_one(pictures)

    monkeypatch.setattr(thinning, "as_one", counted)
    pixels = np.full((4, 4, 4), 90, np.uint8)
    slots = [
        Draft(f"hair {i}", "hair", "", {"main": Picture(pixels, (i % 7, i % 5))}, "main", opacity=0.5)
        for i in range(300)
    ]
    pictures = [thinning._faded(slot) for slot in slots]
    drafts = Drafts(slots=slots)
    thinning.thin(drafts)
    assert drawn == [300]
    (slot,) = drafts.slots
    assert slot.opacity == 1.0
    assert (slot.drawings["main"].pixels == over(pictures).pixels).all()
