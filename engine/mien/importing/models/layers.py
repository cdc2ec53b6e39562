"""A model of sprites as a source: its parts as layers with what they are, and how they move beside them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import ceil, floor

from mien.art.layered.shrinking import Shrinking
from mien.art.layered.tree import MAX_SIDE, MAX_TOTAL_PIXELS
from mien.errors import FormatError, ImageRejected
from mien.importing.artwork import Artwork
from mien.importing.flatten import Picture, over
from mien.importing.labels import Label
from mien.importing.layered import MOST_SIDE
from mien.importing.models.parts import OPEN, SHUT, SILENT, SPEAKING, Model, Part
from mien.importing.models.swinging import Swinging
from mien.importing.models.whole_faces import with_own_eyes
from mien.importing.names import EYE_ROLES, family_of, read_name
from mien.importing.source import Item, Path, Source, own_names
from mien.types import Rect, Size

_BY_MODEL = "by when the model shows it"
_HIDDEN = Label(state="hidden", how="given", why=_BY_MODEL)


@dataclass(slots=True, eq=False)
class _Layer:
    """Parts that are one layer."""

    parts: tuple[Part, ...]
    clipped: bool
    visible: bool
    label: Label | None = None
    path: Path = field(default=())

    @property
    def first(self) -> Part:
        return self.parts[0]


def artwork_of(model: Model, file: str) -> Artwork:
    """The layers of a model. Raises FormatError, ImageRejected."""
    if not model.parts:
        raise FormatError(f"{file}: holds no picture; add one to the model and save it.")
    left, top, canvas = _canvas(model.parts, file)
    model = with_own_eyes(model)
    shrinking = Shrinking.to(canvas, MOST_SIDE)
    warnings = list(model.warnings)
    layers = [_Layer((part,), clipped, _is_shown(part)) for part, clipped in _ordered(model.parts)]
    layers = _roles(layers, warnings)
    for layer, name in zip(layers, own_names([layer.first.name for layer in layers]), strict=True):
        layer.path = (name,)
    items = tuple(_item(layer, (left, top), shrinking) for layer in layers)
    given = {layer.path: layer.label for layer in layers if layer.label is not None}
    source = Source(shrinking.size, items, tuple(warnings), shrinking.scale)
    paths = {part.key: layer.path for layer in layers for part in layer.parts}
    scale, corner = shrinking.scale, (left, top)
    pivots = {
        p.key: ((p.pivot[0] - corner[0]) * scale, (p.pivot[1] - corner[1]) * scale) for p in model.parts
    }
    return Artwork(source, given, Swinging(model, paths, pivots, scale))


def _is_shown(part: Part) -> bool:
    return part.visible and (not part.costumes or 0 in part.costumes)


def _canvas(parts: Sequence[Part], file: str) -> tuple[int, int, Size]:
    """The left and upper edge of the plane's part that is used, and how large that is."""
    total = sum(part.size.width * part.size.height for part in parts)
    if total > MAX_TOTAL_PIXELS:
        raise ImageRejected(
            f"{file}: its pictures have more than {MAX_TOTAL_PIXELS >> 20} Mpx together; make them smaller."
        )
    left, top = floor(min(p.corner[0] for p in parts)), floor(min(p.corner[1] for p in parts))
    right = ceil(max(p.corner[0] + p.size.width for p in parts))
    bottom = ceil(max(p.corner[1] + p.size.height for p in parts))
    size = Size(max(16, right - left), max(16, bottom - top))
    if max(size) > MAX_SIDE:
        raise ImageRejected(
            f"{file}: its sprites lie on {size.width} x {size.height} pixels, and {MAX_SIDE} a side is the "
            "limit; move them together."
        )
    return left, top, size


def _ordered(parts: Sequence[Part]) -> Iterator[tuple[Part, bool]]:
    """Bottom to top, and whether each is clipped: what hangs on one that clips lies right above it."""
    below = {part.key: part for part in parts}
    children: dict[str, list[Part]] = {}
    for part in parts:
        children.setdefault(part.parent if part.parent in below else "", []).append(part)
    walked: list[Part] = []
    _walk("", children, walked)
    clip_of: dict[str, str] = {}
    for part in walked:  # parents come first
        clip_of[part.key] = clip_of.get(part.parent, "") or (
            part.parent if part.parent in below and below[part.parent].clips else ""
        )
    order = {part.key: index for index, part in enumerate(walked)}
    ranked = sorted(walked, key=lambda p: (p.depth, order[p.key]))
    for part in ranked:
        if not clip_of[part.key]:
            yield part, False
            for inner in ranked:
                if clip_of[inner.key] == part.key:
                    yield inner, True


def _walk(key: str, children: dict[str, list[Part]], walked: list[Part]) -> None:
    waiting = list(reversed(children.get(key, [])))
    while waiting:
        part = waiting.pop()
        walked.append(part)
        waiting += reversed(children.get(part.key, []))


def _roles(layers: list[_Layer], warnings: list[str]) -> list[_Layer]:
    """Say what layers are that show with talking and blinking; several of one mouth become one layer."""
    talks = any(layer.first.talk and not layer.first.blink and layer.visible for layer in layers)
    mouths: dict[int, list[_Layer]] = {SILENT: [], SPEAKING: []}
    whites = {layer.first.key for layer in layers if read_name(layer.first.name).role == "white"}
    for layer in layers:
        part = layer.first
        reading = read_name(part.name)
        if not part.talk and not part.blink:
            continue
        if not layer.visible:
            layer.label = _HIDDEN
        elif part.talk and (not part.blink or (not talks and part.blink == OPEN)):
            if family_of(reading.role) in ("eye", "brow", "hair"):
                layer.label = _HIDDEN if part.talk == SPEAKING else None
                if part.talk == SPEAKING:
                    warnings.append(f"{part.name} is shown while speaking; it was kept, and not shown")
                continue
            mouths[part.talk].append(layer)
        elif part.talk == SPEAKING:
            layer.label = _HIDDEN
            warnings.append(
                f"{part.name}: shows eyes while speaking; lids are the same then, it was kept, and not shown"
            )
        elif part.talk and not talks:
            layer.label = _HIDDEN
        else:
            role = reading.role if reading.role in EYE_ROLES else "eye"
            if role == "eye" and layer.clipped and part.parent in whites:
                role = "iris"
            lids = "closed" if part.blink == SHUT else ""
            layer.label = Label(role, reading.side, lids, "given", why=_BY_MODEL)
            layer.visible = True
    joined = {id(one): group for group in mouths.values() for one in group[1:]}
    for state, group in mouths.items():
        if group:
            group[0].parts = tuple(part for one in group for part in one.parts)
            said = "sil" if state == SILENT else "aa"
            group[0].label = Label("mouth", state=said, how="given", why=_BY_MODEL)
            group[0].visible = state == SILENT
    return [layer for layer in layers if id(layer) not in joined]


def _item(layer: _Layer, corner: tuple[int, int], shrinking: Shrinking) -> Item:
    boxes = [_box(part, corner, shrinking.scale) for part in layer.parts]

    drawn = []
    for part in layer.parts:
        at = round(part.corner[0] - corner[0]), round(part.corner[1] - corner[1])
        drawn.append(Picture(*shrinking.pixels(part.pixels(), at)))
    whole = drawn[0] if len(drawn) == 1 else over(drawn)
    box = whole.box if whole.pixels.size else boxes[0]
    part = layer.first
    if part.blink == SHUT or (part.talk == SPEAKING and layer.label != _HIDDEN):
        visible = False
    else:
        visible = layer.visible
    pixels = whole.pixels
    return Item(
        part.name, layer.path, visible, box, lambda: pixels, (), part.blend, part.opacity, None, layer.clipped
    )


def _box(part: Part, corner: tuple[int, int], scale: float) -> Rect:
    return Rect(
        round((part.corner[0] - corner[0]) * scale),
        round((part.corner[1] - corner[1]) * scale),
        max(1, round(part.size.width * scale)),
        max(1, round(part.size.height * scale)),
    )
