"""Krita's files, .kra: a zip with a description of the layers in XML and their pixels as tiles.

Nothing is unpacked to disk. Every size that the file declares is checked before it is believed.
"""

from __future__ import annotations

import re
import threading
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple
from xml.etree import ElementTree

from mien.art.layered import merged_image
from mien.art.layered.ahead import Ahead
from mien.art.layered.kept_layers import KeptLayers, content_of
from mien.art.layered.kra_tiles import Tiles, depth_of, mask_of, moved, read_tiles, straight_of
from mien.art.layered.ora import as_one_base
from mien.art.layered.ora_modes import operator_of
from mien.art.layered.planes import Damaged
from mien.art.layered.shrinking import Shrinking
from mien.art.layered.tree import (
    MAX_DEPTH,
    Group,
    Layer,
    LayeredArt,
    Limits,
    Mask,
    Node,
    TooMuch,
    check_canvas,
    overlap,
)
from mien.art.layered.zips import member, open_archive
from mien.errors import FormatError, ImageRejected
from mien.messages import printable
from mien.messages import quoted as shown
from mien.types import U8, Blend, Rect, Size

MAX_XML_BYTES: Final = 8 * 1024 * 1024
"""Largest maindoc.xml that is read."""
MAX_LAYER_BYTES: Final = 512 * 1024 * 1024
"""Most bytes of one layer's tiles, packed."""

_DOCTYPE: Final = re.compile(r"<!DOCTYPE\s+DOC\s+PUBLIC\s+(['\"])[^'\"<>\[]*\1\s+(['\"])[^'\"<>\[]*\2\s*>")


def read_kra(
    path: Path, *, hidden: bool = False, most: int = 0, kept: KeptLayers | None = None
) -> LayeredArt:
    """A KRA file; parameters as of `read_layered`. Raises AssetMissing, FormatError, ImageRejected."""
    with open_archive(path, "a Krita file", "save it again") as archive:
        return _Reader(path, archive, hidden, KeptLayers() if kept is None else kept).read(most)


class _Painted(NamedTuple):
    """What a layer of paint shows of the canvas."""

    pixels: U8
    """(h, w, 4) uint8, straight, trimmed and shrunk."""
    corner: tuple[int, int]
    """Where its top left lies on the canvas, shrunk."""
    whole: Size
    """How large it was before it was shrunk."""


class _Reader:
    """One file being read."""

    def __init__(self, path: Path, archive: zipfile.ZipFile, hidden: bool, kept: KeptLayers) -> None:
        self._path = path
        self._kept = kept
        self._archive = archive
        self._hidden = hidden
        self._limits = Limits(str(path))
        self._remarks: list[str] = []
        self._canvas = Rect(0, 0, 0, 0)
        self._shrinking: Shrinking
        self._folder = ""
        self._space = ""
        self._by_id: dict[str, ElementTree.Element] = {}
        self._claiming = threading.Lock()
        self._ahead: Ahead[_Painted] = Ahead((), Size(1, 1))

    def read(self, most: int) -> LayeredArt:
        document = self._parsed(member(self._archive, "maindoc.xml", MAX_XML_BYTES, str(self._path)))
        image = _child(document, "IMAGE")
        if image is None:
            raise self._error("its maindoc.xml has no <IMAGE>")
        size = Size(self._whole(image, "width"), self._whole(image, "height"))
        check_canvas(size, str(self._path), most)
        self._canvas = Rect(0, 0, *size)
        self._shrinking = Shrinking.to(size, most)
        self._folder = f"{image.get('name', '')}/layers/"
        if not any(name.startswith(self._folder) for name in self._archive.NameToInfo):
            # Of a document that was renamed the folder keeps its name.
            inner = [name for name in self._archive.NameToInfo if "/layers/" in name]
            self._folder = inner[0].partition("/layers/")[0] + "/layers/" if inner else self._folder
        self._space = image.get("colorspacename", "RGBA")
        for element in image.iter():
            if element.get("uuid"):
                self._by_id[element.get("uuid", "")] = element
        with Ahead(self._jobs(image, 0), size) as self._ahead:
            nodes, _ = self._children(image, True, 0)
        is_stored = merged_image.NAME in self._archive.NameToInfo and not self._shrinking.shrinks
        stored = merged_image.MergedImage(self._path, size) if is_stored else None
        shrinking = self._shrinking
        return LayeredArt(shrinking.size, nodes, tuple(self._remarks), stored=stored, scale=shrinking.scale)

    def _children(
        self, parent: ElementTree.Element, isolated: bool, depth: int
    ) -> tuple[tuple[Node, ...], int]:
        """The nodes in a group, bottom to top, and how many groups are inside each other in them."""
        self._limits.depth(depth)
        layers = _child(parent, "layers")
        kept: list[Node] = []
        height = 0
        for element in reversed(list(layers if layers is not None else ())):  # the file has the topmost first
            self._limits.node()
            found = self._node(element, depth)
            if found is None:
                continue
            node, inside = found
            if not _inherits_alpha(element):
                kept.append(node)
            elif kept:
                kept, was_wrapped = as_one_base(kept, isolated)
                height += was_wrapped
                kept.append(replace(node, clipped=True))
            elif not isolated:
                self._remark(element, "is drawn unclipped: its group holds nothing below it")
                kept.append(node)
            height = max(height, inside)
            self._limits.depth(height)
        return tuple(kept), height

    def _node(self, element: ElementTree.Element, depth: int) -> tuple[Node, int] | None:
        visible = element.get("visible", "1") != "0"
        if not (visible or self._hidden):
            return None
        kind, name = element.get("nodetype", ""), element.get("name", "")
        operator = operator_of(
            f"krita:{element.get('compositeop', 'normal')}", shown(element.get("compositeop", ""))
        )
        if operator.remark:
            self._remark(element, operator.remark)
        blend, opacity = operator.blend, self._opacity(element)
        if blend is None:
            return None
        try:
            mask = self._shrinking.mask(self._mask(element))
            if kind == "grouplayer":
                through = element.get("passthrough", "0") == "1"
                nodes, height = self._children(element, not through, depth + 1)
                mode = Blend.PASS_THROUGH if through else blend
                return Group(name, nodes, mode, opacity, mask, visible=visible), height + 1
            source = self._source(element)
            if source is None:
                self._remark(
                    element, f"is left out: it is a {printable(kind or 'layer without a kind')}, not paint"
                )
                return None
            painted = self._ahead.take(id(element), partial(self._painted, source, element))
        except TooMuch:
            raise
        except (Damaged, ImageRejected) as error:
            self._remark(element, f"is left out: its pixels cannot be read ({printable(str(error))})")
            return None
        self._limits.area(*painted.whole)
        return Layer(name, painted.pixels, painted.corner, blend, opacity, mask, visible=visible), 0

    def _source(self, element: ElementTree.Element) -> ElementTree.Element | None:
        """The layer of paint that an element shows: itself, or what it is a clone of; None for others."""
        if element.get("nodetype") == "clonelayer":
            element = self._by_id.get(element.get("clonefromuuid", ""), element)
        return element if element.get("nodetype") == "paintlayer" else None

    def _jobs(self, parent: ElementTree.Element, depth: int) -> Iterator[tuple[int, Callable[[], _Painted]]]:
        """What paints the layers in a group, in the order of `_children`."""
        layers = _child(parent, "layers")
        for element in reversed(list(layers if layers is not None else ())):
            if element.get("visible", "1") == "0" and not self._hidden:
                continue
            if element.get("nodetype") == "grouplayer":
                if depth < MAX_DEPTH:  # more are refused
                    yield from self._jobs(element, depth + 1)
            elif (source := self._source(element)) is not None:
                yield id(element), partial(self._painted, source, element)

    def _painted(self, source: ElementTree.Element, element: ElementTree.Element) -> _Painted:
        """A layer of paint, shrunk, as it was kept where it is the same. On any thread. Raises Damaged,
        ImageRejected."""
        space = source.get("colorspacename", self._space)
        tiles, default, content = self._tiles(source.get("filename", ""))
        depth = depth_of(space, tiles)
        at = self._place(element)
        covered = overlap(moved(tiles.box(), at), self._canvas)
        if default[-depth:] != bytes(depth):
            covered = self._canvas
        with self._claiming:
            self._limits.claim(covered.width * covered.height)
        key = ("kra", content, space, covered, at, self._canvas, self._shrinking.scale)
        return self._kept.made(key, lambda: self._read(tiles, default, covered, at, depth))

    def _read(self, tiles: Tiles, default: bytes, covered: Rect, at: tuple[int, int], depth: int) -> _Painted:
        """What the tiles show of the box that they cover of the canvas. `depth`: bytes of a channel."""
        pixels, (x, y) = straight_of(tiles.read(moved(covered, (-at[0], -at[1])), default), depth)
        corner = covered.x + x, covered.y + y
        return _Painted(*self._shrinking.pixels(pixels, corner), Size(pixels.shape[1], pixels.shape[0]))

    def _mask(self, element: ElementTree.Element) -> Mask | None:
        """The transparency masks of a layer, together. Raises Damaged."""
        found = None
        masks = _child(element, "masks")
        for mask in masks if masks is not None else ():
            if mask.get("visible", "1") == "0":
                continue
            if mask.get("nodetype") != "transparencymask":
                self._remark(element, f"is drawn without its {printable(mask.get('nodetype', 'mask'))}")
                continue
            tiles, default, content = self._tiles(f"{mask.get('filename', '')}.pixelselection")
            if tiles.pixel != 1:
                raise Damaged(f"its mask has {tiles.pixel} bytes a pixel")
            at, outside = self._place(mask), default[0] if default else 0
            box = overlap(moved(tiles.box(), at), self._canvas)
            if outside:
                box = self._canvas
            if found is None:
                found = self._kept.made(
                    ("kra, mask", content, box, at), partial(mask_of, tiles, default, box, at)
                )
            else:
                self._remark(element, "is drawn with the first of its masks")
        return found

    def _tiles(self, name: str) -> tuple[Tiles, bytes, bytes]:
        """The tiles of a layer's file, its default pixel, and what stands for both."""
        if not name or "/" in name:
            raise Damaged("it names no file")
        data = member(self._archive, self._folder + name, MAX_LAYER_BYTES, str(self._path))
        default = b""
        if f"{self._folder}{name}.defaultpixel" in self._archive.NameToInfo:
            default = member(self._archive, f"{self._folder}{name}.defaultpixel", 64, str(self._path))
        tiles = read_tiles(data)
        return tiles, (default + bytes(tiles.pixel))[: tiles.pixel], content_of(data, default)

    def _place(self, element: ElementTree.Element) -> tuple[int, int]:
        return self._whole(element, "x", 0), self._whole(element, "y", 0)

    def _opacity(self, element: ElementTree.Element) -> float:
        return min(255, max(0, self._whole(element, "opacity", 255))) / 255

    def _whole(self, element: ElementTree.Element, key: str, default: int | None = None) -> int:
        text = element.get(key)
        if text is None and default is not None:
            return default
        if text is None or re.fullmatch(r"-?\d{1,7}", text) is None:
            found = shown(text) if text is not None else "missing"
            where = f"<{printable(element.tag)}> {shown(element.get('name', ''))}"
            raise FormatError(
                f"{self._path}: maindoc.xml: {where}: {key} is {found}, but must be a whole number."
            )
        return int(text)

    def _parsed(self, data: bytes) -> ElementTree.Element:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise self._error("its maindoc.xml is not UTF-8") from error
        text = _DOCTYPE.sub("", text, count=1)
        if "<!DOCTYPE" in text or "<!ENTITY" in text:
            raise self._error("its maindoc.xml declares a document type that Krita does not write")
        try:
            root = ElementTree.fromstring(text)
        except (ElementTree.ParseError, ValueError) as error:
            raise self._error(f"its maindoc.xml is not valid XML ({error})") from error
        for element in root.iter():
            element.tag = element.tag.rpartition("}")[2]
        return root

    def _remark(self, element: ElementTree.Element, what: str) -> None:
        self._remarks.append(f"layer {shown(element.get('name', ''))} {what}")

    def _error(self, what: str) -> ImageRejected:
        return ImageRejected(f"{self._path}: {what}; save it again.")


def _child(element: ElementTree.Element, tag: str) -> ElementTree.Element | None:
    return element.find(tag)


def _inherits_alpha(element: ElementTree.Element) -> bool:
    """Whether it shows only where there is something below it in its group: its alpha channel is switched
    off."""
    return element.get("channelflags", "")[3:4] == "0"
