"""Slots that always move as one cost one layer, and look as if each were drawn."""

from __future__ import annotations

import numpy as np
import pytest

from mien.art import LoadedCharacter, load_character, repacked
from mien.catalog import bundled
from mien.composite import CharacterRows, FrameRows
from mien.composite.reference import composite, to_bytes
from mien.motion.still import still_pose
from mien.types import U8, Affine, Pose

HEIGHT = 180


def loaded(name: str, *, joined: bool) -> LoadedCharacter:
    path = bundled("characters", name)
    return load_character(path, scale=lambda canvas: HEIGHT / canvas.height, page_size=1024, joined=joined)


def at_rest(one: LoadedCharacter) -> Pose:
    """On whole pixels, where no filter comes between."""
    pose = still_pose(one.character, "neutral")
    pose.channels[:] = 0.0
    return pose


def drawn(one: LoadedCharacter, pose: Pose) -> tuple[FrameRows, U8]:
    frame = FrameRows(len(one.character.slots), one.character.canvas, (0.2, 0.3, 0.4, 1.0))
    CharacterRows(one.character).fill(frame, pose, Affine())
    return frame, to_bytes(composite(frame, one.pages))


@pytest.mark.parametrize(("name", "fewest"), [("wren", 5), ("otto", 5), ("mizzle", 3)])
def test_at_rest_it_looks_the_same_with_fewer_layers(name: str, fewest: int) -> None:
    apart, together = loaded(name, joined=False), loaded(name, joined=True)
    many, wanted = drawn(apart, at_rest(apart))
    few, shown = drawn(together, at_rest(together))
    joins = sum(slot.joins for slot in together.character.slots)
    assert joins >= fewest
    assert few.count == many.count - joins
    assert np.abs(shown.astype(int) - wanted).max() <= 1


def test_a_shade_that_is_taken_off_leaves_the_rest_as_it_was() -> None:
    apart, together = loaded("wren", joined=False), loaded("wren", joined=True)
    base = next(k for k, slot in enumerate(together.character.slots) if slot.joins)
    poses = [at_rest(one) for one in (apart, together)]
    for pose in poses:
        pose.picks[base + 1] = -1
    (_, wanted), (_, shown) = (drawn(*pair) for pair in zip((apart, together), poses, strict=True))
    assert np.abs(shown.astype(int) - wanted).max() <= 1
    _, whole = drawn(together, at_rest(together))
    assert np.abs(shown.astype(int) - whole).max() > 3


def test_a_shade_that_fades_is_drawn_by_itself_until_it_is_back() -> None:
    one = loaded("otto", joined=True)
    base = next(k for k, slot in enumerate(one.character.slots) if slot.joins)
    frame = FrameRows(len(one.character.slots), one.character.canvas)
    rows = CharacterRows(one.character)
    counts = []
    for fade in (1.0, 0.5, 1.0):
        pose = at_rest(one)
        pose.opacity[base + 1] = fade
        frame.reset()
        rows.fill(frame, pose, Affine())
        counts.append(frame.count)
    assert counts == [counts[0], counts[0] + one.character.slots[base].joins, counts[0]]


def test_the_picture_goes_along_to_larger_pages() -> None:
    one = loaded("otto", joined=True)
    larger = repacked(one, 2048)
    pose = at_rest(one)
    assert np.array_equal(drawn(one, pose)[1], drawn(larger, pose)[1])


def test_nothing_is_joined_unless_it_is_asked_for() -> None:
    assert not any(slot.joins or slot.joined for slot in loaded("wren", joined=False).character.slots)
