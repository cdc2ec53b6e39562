"""SVG drawings: groups and drawings with names as layers, each drawn by resvg.

A group is one layer where nothing in it has a name, and a folder where something has. What clips or masks a
folder is a mask of it; a folder with a filter is one layer. Nothing beside the file is read.
"""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from xml.etree.ElementTree import Element

import numpy as np

from mien.art import png
from mien.art.layered.kept_layers import KeptLayers
from mien.art.layered.svg_drawing import Drawing, ResvgMissing
from mien.art.layered.svg_pages import Chain, Pages
from mien.art.layered.svg_parsing import parsed
from mien.art.layered.svg_style import SVG, Look, Styles, length_of, name_of
from mien.art.layered.tree import Group, Layer, LayeredArt, Limits, Mask, Node, overlap, trimmed
from mien.errors import ImageRejected
from mien.types import U8, Blend, Rect, Size

MAX_DRAWN_SIDE: Final = 4096
"""Longest side of what is drawn in pixels: larger drawings are drawn smaller."""
LEAST_SIDE: Final = 1536
"""Longest side of what is made of a smaller drawing, where it is to be shrunk if large: lines have no size of
their own."""
_MOST_LAYERS: Final = 400
"""Where names make more layers than this, those of single shapes are not counted, then only those at the top
are: each takes some milliseconds."""
_ROUGH: Final = 320
"""Longest side in pixels of the small picture that tells where a layer is."""

_FOLDERS: Final = frozenset(f"{SVG}{tag}" for tag in ("g", "a", "switch"))
_SHAPES: Final = frozenset(
    f"{SVG}{tag}"
    for tag in (
        *("path", "rect", "circle", "ellipse", "line", "polyline", "polygon"),
        *("use", "image", "text", "svg"),
    )
)


def read_svg(
    path: Path, *, hidden: bool = False, most: int = 0, kept: KeptLayers | None = None
) -> LayeredArt:
    """An SVG file; parameters as of `read_layered`. Raises AssetMissing, FormatError, ImageRejected;
    ResvgMissing where what draws it is not installed."""
    root = parsed(path)
    if importlib.util.find_spec("resvg_py") is None or getattr(sys, "frozen", False):
        raise ResvgMissing(
            f"{path}: drawing SVG needs Python with resvg-py; install it with: pip install 'mien[layered]'"
        )
    own, box = _canvas(root, str(path))
    scale = _scale(own, most)
    size = Size(*(max(1, round(side * scale)) for side in own))
    kept = KeptLayers() if kept is None else kept
    with Drawing(str(path), kept.take_spare()) as drawing:
        reader = _Reader(str(path), root, size, box, hidden, drawing, kept)
        nodes = reader.read()
    return LayeredArt(size, nodes, tuple(reader.remarks), scale=scale)


def _scale(own: tuple[float, float], most: int) -> float:
    """Pixels per pixel of the drawing's own size."""
    longest = max(own)
    wanted = min(max(longest, LEAST_SIDE), most) if most else longest
    return min(wanted, MAX_DRAWN_SIDE) / longest


def _canvas(root: Element, file: str) -> tuple[tuple[float, float], str]:
    """The drawing's own size in pixels, and what of its units lies there."""
    numbers = re.split(r"[\s,]+", root.get("viewBox", "").strip())
    try:
        box = tuple(float(number) for number in numbers)
    except ValueError:
        box = ()
    if len(box) != 4 or not all(abs(number) < 1e7 for number in box) or min(box[2:]) <= 0:
        box = ()
    width, height = length_of(root.get("width")), length_of(root.get("height"))
    if box and (width is None or height is None):
        # Of one side the other follows.
        share = (width or 0) / box[2] or (height or 0) / box[3] or 1.0
        width, height = box[2] * share, box[3] * share
    if width is None or height is None:
        raise ImageRejected(f"{file}: says neither its width and height nor a viewBox; save it with them.")
    if not (
        min(width, height) > 1e-3
        and max(width, height) < 1e6
        and max(width, height) < 4096 * min(width, height)
    ):
        raise ImageRejected(
            f"{file}: its canvas is {width:g} x {height:g} pixels, which no picture has; set its size anew."
        )
    return (width, height), " ".join(f"{number:g}" for number in box or (0.0, 0.0, width, height))


@dataclass(frozen=True, slots=True)
class _Depth:
    """How finely a drawing is taken apart."""

    shapes: bool
    """Whether shapes with names are layers of their own."""
    folders: int
    """How many folders may lie inside each other."""


_DEPTHS: Final = (_Depth(True, 64), _Depth(False, 64), _Depth(False, 2), _Depth(False, 1))


class _Reader:
    """One drawing being read."""

    def __init__(
        self,
        file: str,
        root: Element,
        size: Size,
        box: str,
        hidden: bool,
        drawing: Drawing,
        kept: KeptLayers,
    ) -> None:
        self.remarks: list[str] = []
        self._file = file
        self._root = root
        self._size = size
        self._hidden = hidden
        self._drawing = drawing
        self._kept = kept
        self._styles = Styles(root)
        self._pages = Pages(root, size, box, self.remarks)
        self._limits = Limits(file)
        self._depth = _DEPTHS[0]

    def read(self) -> tuple[Node, ...]:
        """Bottom to top."""
        for self._depth in _DEPTHS:
            if self._count(self._root, 1) <= _MOST_LAYERS:
                break
        if self._depth is not _DEPTHS[0]:
            self.remarks.append("has so many things with names that only groups are layers")
        if next(self._root.iter(f"{SVG}text"), None) is not None:
            self.remarks.append("text is not drawn, as the file has no letters; turn it into paths")
        return self._nodes(self._root, (self._root,))

    def _count(self, folder: Element, level: int) -> int:
        total = 0
        for run in self._runs(folder, level):
            is_folder = len(run) == 1 and self._is_folder(run[0], level)
            total += self._count(run[0], level + 1) if is_folder else 1
        return total

    def _runs(self, folder: Element, level: int) -> Iterator[list[Element]]:
        """What is drawn in a folder: things of their own one at a time, what lies between them together."""
        run: list[Element] = []
        for child in folder:
            if child.tag not in _FOLDERS and child.tag not in _SHAPES:
                continue
            if child.tag in _FOLDERS or (self._depth.shapes and name_of(child)):
                if run:
                    yield run
                    run = []
                yield [child]
            else:
                run.append(child)
        if run:
            yield run

    def _is_folder(self, element: Element, level: int) -> bool:
        """Whether an element is taken apart: it is a group, and something in it has a name, or it is the only
        one at the top."""
        if element.tag not in _FOLDERS or level > self._depth.folders:
            return False
        if self._styles.look(element).filtered:
            return False
        if level == 1 and sum(child.tag in _FOLDERS or child.tag in _SHAPES for child in self._root) == 1:
            return True
        return any(
            name_of(inner) and (inner.tag in _FOLDERS or (self._depth.shapes and inner.tag in _SHAPES))
            for inner in element.iter()
            if inner is not element
        )

    def _nodes(self, folder: Element, chain: Chain) -> tuple[Node, ...]:
        nodes: list[Node] = []
        for run in self._runs(folder, len(chain)):
            node = self._node(run, chain)
            if node is not None:
                nodes.append(node)
        return tuple(nodes)

    def _node(self, run: Sequence[Element], chain: Chain) -> Node | None:
        self._limits.node()
        first = run[0]
        look = self._styles.look(first) if len(run) == 1 else _PLAIN
        if not (look.visible or self._hidden):
            return None
        name = name_of(first) or first.get("id", "") if len(run) == 1 else ""
        if len(run) == 1 and self._is_folder(first, len(chain)):
            self._limits.depth(len(chain))
            inner = (*chain, first)
            children = self._nodes(first, inner)
            blend = look.blend if look.isolated else Blend.PASS_THROUGH
            if not children:
                return None
            mask = self._mask(self._pages.outline(inner), name) if look.cut else None
            return Group(name, children, blend, look.opacity, mask, visible=look.visible)
        pixels, offset = self._drawn(self._pages.inner(chain, run), name)
        return Layer(name, pixels, offset, look.blend, look.opacity, visible=look.visible)

    def _mask(self, inner: str, name: str) -> Mask:
        pixels, offset = self._drawn(inner, name)
        return Mask(pixels[..., 3], offset, 0)

    def _drawn(self, inner: str, name: str) -> tuple[U8, tuple[int, int]]:
        """The pixels of a piece of a document, straight, trimmed, and where they lie."""
        # The piece is all that they follow from.
        made = self._kept.made(("svg", self._size, inner), lambda: self._made(inner, name))
        self._limits.pixels(made[0])
        return made

    def _made(self, inner: str, name: str) -> tuple[U8, tuple[int, int]]:
        what = f"layer {name!r}" if name else "a layer without a name"
        document, rough = self._pages.whole(inner, _ROUGH)
        small, at = png.decode_trimmed(self._drawing.png(document, what), self._file)
        if not small.size:
            return np.zeros((0, 0, 4), np.uint8), (0, 0)
        box = _enlarged(Rect(*at, small.shape[1], small.shape[0]), rough, self._size)
        pixels, corner = png.decode_trimmed(self._drawing.png(self._pages.part(inner, box), what), self._file)
        return trimmed(pixels, (box.x + corner[0], box.y + corner[1]), self._size)


_PLAIN: Final = Look(True, 1.0, Blend.NORMAL, False, False, False)


def _enlarged(box: Rect, rough: Size, size: Size) -> Rect:
    """A box of a small picture on the canvas, with a border as wide as what may be too faint to be seen."""
    across, down = size.width / rough.width, size.height / rough.height
    left, top = int((box.x - 2) * across), int((box.y - 2) * down)
    right, bottom = int((box.x + box.width + 2) * across) + 1, int((box.y + box.height + 2) * down) + 1
    return overlap(Rect(left, top, right - left, bottom - top), Rect(0, 0, *size))
