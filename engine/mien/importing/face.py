"""Where a face is: measured on what is drawn of it, else from the size of what there is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mien.art.layered.tree import union
from mien.importing.drafts import Draft, Drafts
from mien.importing.names import EYE_ROLES
from mien.types import Rect, Size

EYE_TO_MOUTH = 121.0
"""Pixels from the eyes to the mouth of the bundled Wren, whose joints everything is measured against."""


@dataclass(frozen=True, slots=True)
class Face:
    """Places on the canvas in pixels, y down."""

    centre: float
    """The column of the nose."""
    eyes: float
    """The row of the eyes."""
    mouth: float
    top: float
    """Of the forehead."""
    chin: float
    unit: float
    """How much larger than Wren's face."""
    figure: Rect
    """All that is shown."""
    is_own: bool
    """Whether the head is on layers of its own, and can turn against the body."""

    @property
    def neck(self) -> tuple[float, float]:
        """What the head turns about."""
        return self.centre, self.chin + 8 * self.unit

    def at(self, right: float, down: float) -> tuple[float, float]:
        """A place so many of Wren's pixels from the middle between the eyes."""
        return self.centre + right * self.unit, self.eyes + down * self.unit


def face_of(drafts: Drafts, canvas: Size) -> Face:
    """The face of what has been found."""
    figure = union(slot.box for slot in drafts.slots if slot.default and slot.role != "background")
    if not figure.width:
        figure = Rect(0, 0, *canvas)
    eyes = _box(slot for slot in drafts.of(*EYE_ROLES) if slot.role != "brow")
    mouth = _box(drafts.of("mouth", shown=True))
    skin = _box(drafts.of("face", "head"))
    if eyes and mouth and _middle_y(mouth) > _middle_y(eyes):
        between = _middle_y(mouth) - _middle_y(eyes)
        eyes_y, mouth_y = _middle_y(eyes), _middle_y(mouth)
        centre = _middle_x(eyes) if eyes.width > 1.2 * between else _middle_x(mouth)
    elif eyes:
        between = max(0.55 * eyes.width, 1.0)
        eyes_y, mouth_y, centre = _middle_y(eyes), _middle_y(eyes) + between, _middle_x(eyes)
    elif mouth:
        between = max(2.2 * mouth.width, 1.0)
        eyes_y, mouth_y, centre = _middle_y(mouth) - between, _middle_y(mouth), _middle_x(mouth)
    else:
        head = skin or Rect(figure.x, figure.y, figure.width, min(figure.height, figure.width))
        between = head.height / 4
        eyes_y, centre = head.y + 0.55 * head.height, _middle_x(head)
        mouth_y = eyes_y + between
    chin, top = mouth_y + 0.62 * between, eyes_y - 1.9 * between
    if skin and abs(skin.y + skin.height - chin) < 0.9 * between:
        chin = skin.y + skin.height
    return Face(
        centre, eyes_y, mouth_y, top, chin, between / EYE_TO_MOUTH, figure, _is_own(drafts, chin, between)
    )


def _is_own(drafts: Drafts, chin: float, between: float) -> bool:
    """Whether something that lies under the eyes ends near the chin, and nothing that shows the face goes
    far on."""
    heads = list(drafts.of("face", "head"))
    return any(slot.box.y + slot.box.height < chin + 2.5 * between for slot in heads)


def _box(slots: Iterable[Draft]) -> Rect | None:
    box = union(slot.box for slot in slots)
    return box if box.width else None


def _middle_x(box: Rect) -> float:
    return box.x + box.width / 2


def _middle_y(box: Rect) -> float:
    return box.y + box.height / 2
