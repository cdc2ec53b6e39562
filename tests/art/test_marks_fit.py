"""What an expression adds to the faces of the bundled cast lies where it belongs."""

from __future__ import annotations

import numpy as np
import pytest

from mien.art import LoadedCharacter, load_character
from mien.catalog import bundled, bundled_names
from mien.composite import CharacterRows, FrameRows
from mien.composite.reference import composite
from mien.motion.slots import put_mix
from mien.motion.still import still_pose
from mien.types import CHANNEL_INDEX, F64, Affine, Blend, Pose

NAMES = bundled_names("characters")
HEIGHT = 320
TURNED = ({"head_yaw": 1.0, "head_pitch": 1.0}, {"head_yaw": -1.0, "head_pitch": -1.0, "sway": 1.0})
EYES = ("head", "lid", "lashes", "tear")
"""Beginnings of the names of slots that tears are looked at with."""


@pytest.fixture(scope="module")
def cast() -> dict[str, LoadedCharacter]:
    return {
        name: load_character(bundled("characters", name), scale=lambda c: HEIGHT / c.height, page_size=1024)
        for name in NAMES
    }


def drawn(one: LoadedCharacter, pose: Pose, *hidden: int) -> F64:
    """The character over nothing, without some slots: (h, w, 4) float64, premultiplied."""
    for slot in hidden:
        put_mix(pose, slot, ((-1, 1.0),))
    frame = FrameRows(len(one.character.slots), one.character.canvas)
    CharacterRows(one.character).fill(frame, pose, Affine())
    return composite(frame, one.pages)


@pytest.mark.parametrize("name", NAMES)
def test_tears_come_out_of_the_lashes_of_eyes_that_are_shut(
    cast: dict[str, LoadedCharacter], name: str
) -> None:
    one = cast[name]
    tear = one.character.slot_index("tear")
    pose = still_pose(one.character, "crying")
    rest = [i for i, slot in enumerate(one.character.slots) if not slot.name.startswith(EYES)]
    wet, dry = drawn(one, pose, *rest), drawn(one, pose, tear)
    changed = np.abs(wet - dry).max(axis=2) > 0.02
    middle = int(np.flatnonzero(changed.any(axis=0)).mean())
    for side in (slice(0, middle), slice(middle, None)):
        tears, face = changed[:, side], dry[:, side]
        columns = np.flatnonzero(tears.any(axis=0))
        tops = tears.argmax(axis=0)
        begins = columns[tops[columns] <= tops[columns].min() + 2]
        assert len(begins) >= 4, "it is as wide as a tear there, and no tip"
        above = [face[tops[x] - 2 : tops[x] + 1, x, :3].max(axis=1).min() for x in begins]
        assert np.mean(np.array(above) < 0.5) > 0.7, "a lash is there"


def test_a_shade_that_an_expression_adds_falls_on_nothing_but_the_character(
    cast: dict[str, LoadedCharacter],
) -> None:
    shades = [
        (one, i)
        for one in cast.values()
        for i, slot in enumerate(one.character.slots)
        if slot.blend is Blend.MULTIPLY and not slot.clip and slot.default < 0
    ]
    assert shades
    for one, shade in shades:
        shown = [e.name for e in one.character.expressions.values() if e.slots.get(shade, -1) >= 0]
        assert shown
        for channels in TURNED:
            pose = still_pose(one.character, shown[0])
            for channel, value in channels.items():
                pose.channels[CHANNEL_INDEX[channel]] = value
            with_it, without = drawn(one, pose), drawn(one, pose, shade)
            assert np.abs(with_it - without).max() > 0.1
            assert np.abs(with_it[..., 3] - without[..., 3]).max() < 0.35, "but for the rim of its edge"
