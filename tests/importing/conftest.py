"""Mouths and lids that are made of equal pictures are made once by a process of tests.

They are half of what an import takes, and functions of pictures alone: four hundred imports are of some sixty
faces. What they look like is tried in files of their own, and whether what is kept between imports is as if
made anew, in test_again_and_again, which this leaves alone.
"""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Iterator
from typing import Any

import pytest

from mien.importing import eyes, mouths

AS_IT_IS = ("test_again_and_again.py", "test_memory.py")
"""Files for which that what is made takes as long, or as much memory, as it does."""

_kept: dict[bytes, bytes] = {}
"""Pickled, so that nobody writes to what another is given."""


def _key(*given: object) -> bytes:
    return hashlib.blake2b(pickle.dumps(given)).digest()


def _made_up(drawings: Any, moods: Any, rest: str, wide: str, room: float, made: Any) -> Any:
    """In the place of `mouths.made_up`, which adds to what it is given."""
    key = _key("mouth", drawings, moods, rest, wide, room)
    if key in _kept:
        added, now, told, halves = pickle.loads(_kept[key])
        drawings |= added
        moods.clear()
        moods |= now
        made += told
        return halves
    before, known = dict(drawings), len(made)
    halves = _MADE_UP(drawings, moods, rest, wide, room, made)
    added = {name: one for name, one in drawings.items() if before.get(name) is not one}
    _kept[key] = pickle.dumps((added, moods, made[known:], halves))
    return halves


def _closing(*given: Any) -> Any:
    """In the place of `eyes.closing`."""
    key = _key("eye", *given)
    if key in _kept:
        return pickle.loads(_kept[key])
    found = _CLOSING(*given)
    _kept[key] = pickle.dumps(found)
    return found


_MADE_UP, _CLOSING = mouths.made_up, eyes.closing


@pytest.fixture(autouse=True, scope="module")
def made_once(request: pytest.FixtureRequest) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        if request.path.name not in AS_IT_IS:
            patch.setattr(mouths, "made_up", _made_up)
            patch.setattr(eyes, "closing", _closing)
        yield
