"""Faces that are painted on layers which name no eyes or no mouth: a figure on one layer, a head with a face.

The picture that all layers show together is looked at as a whole picture is, or where somebody says that
things are. What is made (skin under the mouth, the mouth, lids) lies right above the layers that show there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np

from mien.art.layered.tree import overlap, union
from mien.importing.coarse import coarse
from mien.importing.drafts import Drafts, Row
from mien.importing.extras import Extras
from mien.importing.face import Face
from mien.importing.flatten import Picture, together
from mien.importing.labels import HIDDEN, How, Label, Labels
from mien.importing.names import family_of
from mien.importing.pictures.apart import BY_BOXES, NO_BOXES, Boxes, boxes_asked, scaled_boxes
from mien.importing.pictures.lifting_eyes import lids, lift_eye
from mien.importing.pictures.places import NOWHERE, FacePlaces
from mien.importing.pictures.plates import lift
from mien.importing.pictures.rows import MADE
from mien.importing.pictures.seeking import face_in
from mien.importing.pictures.work import grown_box
from mien.importing.rig import Rig
from mien.importing.source import Item, Path, Source
from mien.types import F64, Blend, Rect, Size

_LOOKED: Final = 480
"""Longest side in pixels of the picture in which a face is looked for."""
_SHOWS: Final = 0.05
"""Share of where eyes and mouth are from which a layer shows there."""


@dataclass(slots=True, eq=False)
class Painted(Extras):
    """Keeps what was made on the layer that it was painted on, and has its say in the table."""

    source: Source
    labels: dict[Path, Label] = field(default_factory=dict)
    """Of what was made."""
    remarks: list[str] = field(default_factory=list)

    def joints(self, drafts: Drafts, rig: Rig, face: Face) -> None:
        """The mouth and the lids move with the skin that they are on: what is under them does."""
        base = "head" if face.is_own else "torso"
        if (MADE, "mouth") in self.labels:
            rig.joints["mouth"] = {**rig.joints["mouth"], "parent": base}
        for slot in drafts.slots:
            if slot.role != "mouth" and any(path in self.labels for path in slot.paths):
                slot.joint = base

    def is_made(self, path: Path) -> bool:
        """What was made of the picture of all layers."""
        return path in self.labels

    def finish(self, document: dict[str, Any], drafts: Drafts) -> None:
        """What was made is no layer of the file."""
        del document
        made = {"/".join(path): label for path, label in self.labels.items()}
        drafts.rows[:] = [_told(row, made[row.layer]) if row.layer in made else row for row in drafts.rows]


def _told(row: Row, label: Label) -> Row:
    if label.role:
        return replace(row, layer="")
    return Row("", "made", "skin under the mouth", "in the colours around it")


def find_painted(source: Source, labels: Labels, boxes: Boxes = NO_BOXES) -> Painted | None:
    """The eyes and the mouth that are on layers of no such name; None where there is nothing to be found.

    `boxes`: where somebody says that they are, in pixels of the file. Raises FormatError for one beyond the
    canvas.
    """
    families = {family_of(label.role) for label in labels.values() if label.state != HIDDEN}
    said = scaled_boxes(boxes, source.canvas, source.scale)
    unused = {
        name: what
        for name, what in (("mouth", "the mouth"), ("eye_left", "eyes"), ("eye_right", "eyes"))
        if name in said and ("mouth" if name == "mouth" else "eye") in families
    }
    remarks = [f"boxes.{name} is not used: layers are named as {what}" for name, what in unused.items()]
    said = {name: box for name, box in said.items() if name not in unused}
    wanted = [family for family in ("eye", "mouth") if family not in families]
    if not wanted:
        return Painted(source, remarks=remarks) if remarks else None
    places = _places(source, labels, said, wanted)
    made = _Making(source, places, "given" if said else "guessed")
    if "mouth" in wanted:
        made.mouth()
    if "eye" in wanted:
        made.eyes()
    if not made.items:
        return Painted(source, remarks=remarks) if remarks else None
    if not said:
        what = " and ".join({"eye": "eyes", "mouth": "mouth"}[family] for family in wanted)
        remarks.append(
            f"no layer is named as {what}: a face was found in the picture of all layers, and they were made "
            f"of that; {boxes_asked('they are')}"
        )
    root = _inserted(source.root, _topmost(source.root, places), made.items)
    return Painted(replace(source, root=root), made.labels, remarks)


def _places(source: Source, labels: Labels, said: Mapping[str, Rect], wanted: Sequence[str]) -> FacePlaces:
    """Where they are: as somebody said, else where a face is found that has in its place what layers are."""
    needed = [*(["mouth"] if "mouth" in wanted else []), *(["eye_left"] if "eye" in wanted else [])]
    found = None
    if not any(name in said or name.replace("left", "right") in said for name in needed):
        found = _found(source)
        known = {
            family: union(item.box for item in source.items() if family_of(labels[item.path].role) == family)
            for family in ("eye", "mouth")
            if family not in wanted
        }
        if found is not None and not _fits(found, known):
            found = None
    found = found or FacePlaces(NOWHERE, NOWHERE, NOWHERE)
    return FacePlaces(
        said.get("eye_right", found.right), said.get("eye_left", found.left), said.get("mouth", found.mouth)
    )


def _fits(found: FacePlaces, known: Mapping[str, Rect]) -> bool:
    """Whether what was found lies on what layers are."""
    boxes = {"eye": union(found.eyes), "mouth": found.mouth}
    return all(overlap(boxes[family], box).width > 0 for family, box in known.items())


def _found(source: Source) -> FacePlaces | None:
    step = max(1, -(-max(source.canvas) // _LOOKED))
    size = Size(*(-(-side // step) for side in source.canvas))
    small = together(tuple(coarse(item, step) for item in source.root))
    found = face_in(small.within(Rect(0, 0, *size)))
    if found is None:
        return None
    wide = [Rect(*(value * step for value in box)) for box in (found.right, found.left, found.mouth)]
    return FacePlaces(*wide)


def _cropped(item: Item, box: Rect) -> Item:
    """What of an item lies in a box."""
    if item.is_folder:
        children = tuple(_cropped(child, box) for child in item.children)
        return replace(item, box=union(child.box for child in children), children=children)
    here = overlap(item.box, box)
    x, y = here.x - item.box.x, here.y - item.box.y
    read = item.pixels
    assert read is not None
    return replace(item, box=here, pixels=lambda: read()[y : y + here.height, x : x + here.width])


class _Making:
    """Makes layers of what is painted in places."""

    def __init__(self, source: Source, places: FacePlaces, how: How) -> None:
        self.items: list[Item] = []
        """Bottom to top."""
        self.labels: dict[Path, Label] = {}
        self._canvas, self._places, self._how = source.canvas, places, how
        self._why = BY_BOXES if how == "given" else "a face in the picture of all layers"
        boxes = [box for box in (*places.eyes, places.mouth) if box.width]
        around = union(grown_box(box, 0.8, 8) for box in boxes)
        self._region = overlap(around, Rect(0, 0, *source.canvas))
        shown = together(tuple(_cropped(item, self._region) for item in source.root)) if boxes else None
        self._pixels = np.zeros((0, 0, 4), np.uint8) if shown is None else shown.within(self._region)
        self._skin: F64 | None = None

    def mouth(self) -> None:
        """The mouth, and skin under it."""
        box = self._places.mouth
        lifted = lift(self._pixels, self._inside(box), None) if box.width else None
        if lifted is None:
            return
        plate = lifted.plate.pixels
        self._skin = np.median(plate[plate[..., 3] > 200][:, :3].astype(np.float64), axis=0)
        self._add("skin", lifted.plate, Label(how=self._how), visible=True)
        self._add("mouth", lifted.ink, self._label("mouth", "", "sil"), visible=True)

    def eyes(self) -> None:
        """Lids over both eyes, from open to shut."""
        for side, box in (("right", self._places.right), ("left", self._places.left)):
            lifted = lift_eye(self._pixels, self._inside(box), self._skin) if box.width else None
            for state, picture in lids(lifted, side).items() if lifted is not None else ():
                self._add(f"eye {side} {state}", picture, self._label("eye", side, state), visible=False)

    def _label(self, role: str, side: str, state: str) -> Label:
        return Label(role, side, state, self._how, why=self._why)

    def _inside(self, box: Rect) -> Rect:
        return Rect(box.x - self._region.x, box.y - self._region.y, box.width, box.height)

    def _add(self, name: str, picture: Picture, label: Label, *, visible: bool) -> None:
        x, y = picture.offset
        placed = Picture(picture.pixels, (x + self._region.x, y + self._region.y)).trimmed(self._canvas)
        if not placed.is_empty:
            self.items.append(Item(name, (MADE, name), visible, placed.box, lambda: placed.pixels))
            self.labels[MADE, name] = label


def _topmost(root: Sequence[Item], places: FacePlaces) -> Path:
    """The topmost picture that shows where eyes and mouth are."""
    boxes = [box for box in (*places.eyes, places.mouth) if box.width]
    found: Path = ()
    for item in _shown(root):
        assert item.pixels is not None
        picture = Picture(item.pixels(), item.box[:2])
        share = sum(float(picture.within(box)[..., 3].mean()) for box in boxes)
        if share > 255 * _SHOWS * len(boxes):
            found = item.path
    return found


def _shown(items: Sequence[Item]) -> Iterator[Item]:
    """Pictures that are shown, bottom to top."""
    for item in items:
        if item.visible and item.is_folder:
            yield from _shown(item.children)
        elif item.visible:
            yield item


def _inserted(items: Sequence[Item], under: Path, made: Sequence[Item]) -> tuple[Item, ...]:
    """Items with those that were made right above one of them: in the folder that it lies in, where that
    leaves what is in it as it is."""
    at = next((n for n, item in enumerate(items) if under[: len(item.path)] == item.path), len(items) - 1)
    base = items[at]
    behind = at + 1
    while behind < len(items) and items[behind].clipped:
        behind += 1
    plain = base.blend in (Blend.NORMAL, Blend.PASS_THROUGH) and base.opacity >= 1.0 and base.mask is None
    is_open = base.is_folder and base.visible and bool(base.children)
    if is_open and plain and not base.clipped and behind == at + 1:
        children = _inserted(base.children, under, made)
        folder = replace(base, box=union(child.box for child in children), children=children)
        return (*items[:at], folder, *items[at + 1 :])
    return (*items[:behind], *made, *items[behind:])
