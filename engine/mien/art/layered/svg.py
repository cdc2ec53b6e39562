"""SVG drawings: groups and drawings with names as layers, each drawn by resvg.

A group is one layer where nothing in it has a name, and a folder where something has. What clips or masks a
folder is a mask of it; a folder with a filter is one layer. Nothing beside the file is read.
"""

from __future__ import annotations

import importlib.util
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
from mien.art.layered.svg_parsing import canvas_of, parsed
from mien.art.layered.svg_style import SVG, Look, Styles, name_of
from mien.art.layered.tree import Group, Layer, LayeredArt, Limits, Mask, Node, overlap, trimmed
from mien.installing import pip_install
from mien.types import U8, Blend, Rect, Size

MAX_DRAWN_SIDE: Final = 4096
"""Longest side of what is drawn in pixels: larger drawings are drawn smaller."""
LEAST_SIDE: Final = 1536
"""Longest side of what is made of a smaller drawing, where it is to be shrunk if large: lines have no size of
their own."""
_MOST_LAYERS: Final = 400
"""Where names make more layers than this, those of single shapes are not counted, then only those at the top
are: each takes some milliseconds."""
_MOST_PIXELS: Final = 16 << 20
"""Most pixels of all layers together where a drawing is to be shrunk if large: resvg takes 25 ns for a pixel
of one colour and 200 to 450 ns for one of gradients. The layers of the bundled characters have 6 to 8
million, 2 of them with gradients."""
_ROUGH: Final = 320
"""Longest side in pixels of the small picture that tells where a layer is."""
_ROUGH_PIXELS: Final = 1 << 20
"""Pixels that layers may cover of these pictures together; of those after it pictures of half the side are
made, and of those after twice as many of a quarter. Those of the bundled characters cover 0.3 million."""
_SHADED: Final = 4.0
"""As how much a pixel of a layer with gradients or patterns counts."""
_SHADED_ROUGH: Final = 12
"""The same in the small pictures, which need not be large."""
_LEVELS: Final = 4
"""Folders that a layer may lie in as if it lay in none; from there on each so many count as the layer again:
it is drawn once more in each."""

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
            f"{path}: drawing SVG needs Python with resvg-py; install it with: {pip_install('mien[layered]')}"
        )
    own, box = canvas_of(root, str(path))
    scale = _scale(own, most)
    size = Size(*(max(1, round(side * scale)) for side in own))
    kept = KeptLayers() if kept is None else kept
    with Drawing(str(path), path.stat().st_size, kept.take_spare()) as drawing:
        reader = _Reader(str(path), root, size, box, hidden, drawing, kept)
        nodes = reader.read(_MOST_PIXELS if most else 0)
    return LayeredArt(reader.size, nodes, tuple(reader.remarks), scale=scale * reader.size.width / size.width)


def _scale(own: tuple[float, float], most: int) -> float:
    """Pixels per pixel of the drawing's own size."""
    longest = max(own)
    wanted = min(max(longest, LEAST_SIDE), most) if most else longest
    return min(wanted, MAX_DRAWN_SIDE) / longest


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
        self.size = size
        """Of the canvas, in pixels."""
        self._hidden = hidden
        self._drawing = drawing
        self._kept = kept
        self._styles = Styles(root)
        self._pages = Pages(root, size, box, self.remarks)
        self._limits = Limits(file)
        self._depth = _DEPTHS[0]
        self._found: list[tuple[Rect, Size]] = []
        self._weights: list[float] = []
        self._covered = 0
        self._is_looking = True

    def read(self, most: int) -> tuple[Node, ...]:
        """Bottom to top. `most`: pixels of all layers together, above which the canvas is made smaller; 0 for
        any number."""
        for self._depth in _DEPTHS:
            if self._count(self._root, 1) <= _MOST_LAYERS:
                break
        if self._depth is not _DEPTHS[0]:
            self.remarks.append("has so many things with names that only groups are layers")
        if next(self._root.iter(f"{SVG}text"), None) is not None:
            self.remarks.append("text is not drawn, as the file has no letters; turn it into paths")
        self._nodes(self._root, (self._root,))
        self._is_looking, self._limits = False, Limits(self._file)
        self._fit(most)
        self._found.reverse()
        return self._nodes(self._root, (self._root,))

    def _fit(self, most: int) -> None:
        """Make the canvas so small that the layers found have no more pixels together."""
        boxes = (_enlarged(box, rough, self.size) for box, rough in self._found)
        total = sum(box.width * box.height * own for box, own in zip(boxes, self._weights, strict=True))
        if most and total > most:
            share = (most / total) ** 0.5
            self.size = Size(*(max(1, int(side * share)) for side in self.size))
            self._pages.size = self.size
            width, height = self.size
            self.remarks.append(f"its layers cover so much that it is made {width} x {height} pixels large")

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
            mask = self._mask(self._pages.outline(inner), name, len(chain)) if look.cut else None
            return Group(name, children, blend, look.opacity, mask, visible=look.visible)
        pixels, offset = self._drawn(self._pages.inner(chain, run), name, len(chain))
        return Layer(name, pixels, offset, look.blend, look.opacity, visible=look.visible)

    def _mask(self, inner: str, name: str, level: int) -> Mask:
        pixels, offset = self._drawn(inner, name, level)
        return Mask(pixels[..., 3], offset, 0)

    def _drawn(self, inner: str, name: str, level: int) -> tuple[U8, tuple[int, int]]:
        """The pixels of a piece of a document, straight, trimmed, and where they lie; while it is only looked
        at how large they are, none. `level`: the folders that it lies in, the document too."""
        # The piece is all that they follow from.
        if self._is_looking:
            found = self._kept.made(("svg, small", inner), lambda: self._looked(inner, name))
            is_shaded = "Gradient" in inner or "pattern" in inner
            self._found.append(found)
            self._covered += found[0].width * found[0].height * (_SHADED_ROUGH if is_shaded else 1)
            shaded = _SHADED if is_shaded else 1.0
            self._weights.append(shaded * (1.0 + max(0, level - 1 - _LEVELS) / _LEVELS))
            return _NOTHING
        box = _enlarged(*self._found.pop(), self.size)
        if not box.width:
            return _NOTHING
        made = self._kept.made(("svg", self.size, inner), lambda: self._made(inner, name, box))
        self._limits.pixels(made[0])
        return made

    def _looked(self, inner: str, name: str) -> tuple[Rect, Size]:
        """Where it lies in a small picture, and how large that is."""
        most = _ROUGH >> min(2, self._covered // _ROUGH_PIXELS)
        document, rough = self._pages.whole(inner, most)
        small, at = png.decode_trimmed(self._drawing.png(document, _what(name)), self._file)
        return Rect(*at, small.shape[1], small.shape[0]), rough

    def _made(self, inner: str, name: str, box: Rect) -> tuple[U8, tuple[int, int]]:
        document = self._pages.part(inner, box)
        pixels, corner = png.decode_trimmed(self._drawing.png(document, _what(name)), self._file)
        return trimmed(pixels, (box.x + corner[0], box.y + corner[1]), self.size)


_NOTHING: Final = (np.zeros((0, 0, 4), np.uint8), (0, 0))


def _what(name: str) -> str:
    """What a layer is called in errors."""
    return f"layer {name!r}" if name else "a layer without a name"


_PLAIN: Final = Look(True, 1.0, Blend.NORMAL, False, False, False)


def _enlarged(box: Rect, rough: Size, size: Size) -> Rect:
    """A box of a small picture on the canvas, with a border as wide as what may be too faint to be seen; of
    nothing, nothing."""
    if not box.width:
        return box
    across, down = size.width / rough.width, size.height / rough.height
    left, top = int((box.x - 2) * across), int((box.y - 2) * down)
    right, bottom = int((box.x + box.width + 2) * across) + 1, int((box.y + box.height + 2) * down) + 1
    return overlap(Rect(left, top, right - left, bottom - top), Rect(0, 0, *size))
