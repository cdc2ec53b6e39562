"""The head on a contact sheet is found from the face, whatever the character's build."""

from __future__ import annotations

import pytest

from mien.art.head import head_of
from mien.character import Character, Drawing, Expression, Gaze, Lids, Mouth, Slot
from mien.types import Rect, Size

Box = tuple[int, int, int, int]


def slot(name: str, *boxes: Box) -> Slot:
    drawings = tuple(
        Drawing(f"{k}", 0, Rect(0, 0, width, height), (x, y)) for k, (x, y, width, height) in enumerate(boxes)
    )
    return Slot(name, drawings, 0, 0)


def built(mouth: tuple[Box, ...], lids: tuple[Box, ...] = (), brows: tuple[Box, ...] = ()) -> Character:
    slots = [slot("mouth", *mouth)]
    slots += [slot("lid", *lids)] if lids else []
    slots += [slot("left_brow", *brows)] if brows else []
    return Character(
        name="Odd",
        canvas=Size(400, 400),
        scale=1.0,
        anchor=(200, 400),
        eye_line=(200, 150),
        slots=tuple(slots),
        joints=(),
        expressions={"neutral": Expression("neutral", {})},
        aliases={},
        mouth=Mouth(0, {"neutral": (0,) * 15}),
        lids=Lids((1,) if lids else (), ()),
        gaze=Gaze((0, 0), (0, 0), (), ()),
        gestures={},
    )


@pytest.mark.parametrize(
    "faces",
    [
        {
            "mouth": ((180, 360, 40, 20), (170, 350, 60, 49)),
            "lids": ((120, 140, 160, 30),),
        },  # at the very bottom
        {"mouth": ((196, 156, 8, 4),), "lids": ((190, 146, 20, 6),), "brows": ((188, 140, 24, 3),)},  # small
        {"mouth": ((20, 200, 360, 30),), "lids": ((60, 140, 280, 20),)},  # wide
        {"mouth": ((180, 200, 40, 20),)},  # nothing but a mouth
        {"mouth": ((180, 60, 40, 20),), "lids": ((120, 140, 160, 30),)},  # above the eyes
    ],
)
def test_every_drawing_of_the_face_is_within_the_head_with_room_around(
    faces: dict[str, tuple[Box, ...]],
) -> None:
    left, top, right, bottom = head_of(built(**faces))
    boxes = [box for of in faces.values() for box in of]
    assert all(left < x and right > x + width for x, _, width, _ in boxes)
    assert all(top < y and bottom > y + height for _, y, _, height in boxes)
    longest = max(max(x + w for x, _, w, _ in boxes) - min(x for x, _, _, _ in boxes), 30)
    assert right - left < 12 * longest, "and no more than a head"


def test_an_empty_drawing_counts_for_nothing() -> None:
    assert head_of(built(((180, 200, 40, 20), (0, 0, 1, 1)))) == head_of(built(((180, 200, 40, 20),)))
