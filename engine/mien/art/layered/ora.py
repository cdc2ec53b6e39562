"""OpenRaster files (openraster.org): a zip of PNG pictures and a description of their stack in XML.

Nothing is unpacked to disk. Every size that the file declares is checked before it is believed.
"""

from __future__ import annotations

import math
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from xml.etree import ElementTree

from mien.art.layered import merged_image
from mien.art.layered.ahead import Ahead
from mien.art.layered.kept_layers import KeptLayers
from mien.art.layered.ora_modes import ATOP, operator_of
from mien.art.layered.ora_pictures import Pictures, Placed, Shown
from mien.art.layered.shrinking import Shrinking
from mien.art.layered.tree import (
    Group,
    Layer,
    LayeredArt,
    Limits,
    Node,
    check_canvas,
)
from mien.art.layered.zips import member, open_archive
from mien.errors import FormatError, ImageRejected
from mien.messages import printable
from mien.messages import quoted as shown
from mien.types import Blend, Size

MAX_STACK_BYTES = 4 * 1024 * 1024
"""Largest stack.xml that is read."""


def read_ora(
    path: Path, *, hidden: bool = False, most: int = 0, kept: KeptLayers | None = None
) -> LayeredArt:
    """An ORA file; parameters as of `read_layered`. Raises AssetMissing, FormatError, ImageRejected."""
    with open_archive(path, "an OpenRaster file", "export it again") as archive:
        return _Reader(path, archive, hidden, KeptLayers() if kept is None else kept).read(most)


class _Reader:
    """One file being read: its warnings and what it has used up."""

    def __init__(self, path: Path, archive: zipfile.ZipFile, hidden: bool, kept: KeptLayers) -> None:
        self._path = path
        self._hidden = hidden
        self._kept = kept
        self._archive = archive
        self._limits = Limits(str(path))
        self._remarks: list[str] = []
        self._pictures: Pictures  # made as soon as the canvas is known
        self._shrinking: Shrinking
        self._small: dict[Placed, Shown] = {}
        self._ahead: Ahead[Shown] = Ahead((), Size(1, 1))
        self._size = Size(0, 0)

    def read(self, most: int) -> LayeredArt:
        image = self._parsed(member(self._archive, "stack.xml", MAX_STACK_BYTES, str(self._path)))
        if image.tag != "image":
            raise self._error(f"its stack.xml describes a <{printable(image.tag)}> and not an <image>")
        size = Size(self._whole(image, "w", None), self._whole(image, "h", None))
        check_canvas(size, str(self._path), most)
        stack = image.find("stack")
        if stack is None:
            raise self._error("its stack.xml has no <stack>")
        self._size, self._shrinking = size, Shrinking.to(size, most)
        origin = self._offset(stack, (0, 0))
        self._pictures = Pictures(self._archive, str(self._path), size)
        wanted = list(self._wanted(stack, origin, 0))
        self._pictures.count(wanted, self._path.stat().st_size, kept=not self._shrinking.shrinks)
        with Ahead(self._jobs(wanted), size) as self._ahead:
            nodes, _ = self._children(stack, origin, True)
        is_stored = merged_image.NAME in self._archive.NameToInfo and not self._shrinking.shrinks
        stored = merged_image.MergedImage(self._path, size) if is_stored else None
        shrinking = self._shrinking
        return LayeredArt(shrinking.size, nodes, tuple(self._remarks), stored=stored, scale=shrinking.scale)

    def _wanted(self, stack: ElementTree.Element, origin: tuple[int, int], depth: int) -> Iterator[Placed]:
        """The pictures of all layers that are drawn, in the order of `_children`, none of them decoded yet.
        Counts layers and depth."""
        self._limits.depth(depth)
        for element in reversed(stack):
            self._limits.node()
            if not self._is_wanted(element) or element.tag not in ("layer", "stack"):
                continue
            at = self._offset(element, origin)
            if element.tag == "stack":
                yield from self._wanted(element, at, depth + 1)
            elif _names_png(element):
                yield element.get("src", ""), at

    def _children(
        self, stack: ElementTree.Element, origin: tuple[int, int], isolated: bool
    ) -> tuple[tuple[Node, ...], int]:
        """The nodes of a stack, bottom to top, and how many groups are inside each other in them.

        `isolated`: what is below the stack has no part in them.
        """
        kept: list[Node] = []
        height = 0
        for element in reversed(stack):  # the file has the topmost first
            found = self._node(element, origin)
            if found is None:
                continue
            node, inside = found
            if not _keeps_alpha(element):
                kept.append(node)
            elif kept:
                kept, was_wrapped = as_one_base(kept, isolated)
                height += was_wrapped
                kept.append(replace(node, clipped=True))
            elif isolated:
                continue
            else:
                self._remark(element, "is drawn unclipped: its stack holds nothing below it")
                kept.append(node)
            height = max(height, inside)
            self._limits.depth(height)
        return tuple(kept), height

    def _node(self, element: ElementTree.Element, origin: tuple[int, int]) -> tuple[Node, int] | None:
        """What an element draws, if anything, and how many groups are inside each other in it."""
        if not self._is_wanted(element):
            return None
        if element.tag not in ("layer", "stack"):
            self._remarks.append(f"element <{printable(element.tag)}> is left out: it is not drawn")
            return None
        op = element.get("composite-op", "svg:src-over")
        operator = operator_of(op, shown(op))
        if operator.remark:
            self._remark(element, operator.remark)
        blend, opacity = operator.blend, self._share(element, "opacity")
        if blend is None:
            return None
        name, at = element.get("name", ""), self._offset(element, origin)
        if element.tag == "stack":
            # What is neither asked to be isolated nor needs to be lets its layers blend with what is below.
            isolated = element.get("isolation", "auto") == "isolate" or blend != Blend.NORMAL or opacity < 1.0
            children, height = self._children(element, at, isolated)
            mode = blend if isolated else Blend.PASS_THROUGH
            return Group(name, children, mode, opacity, visible=_is_shown(element)), height + 1
        source = element.get("src", "")
        if not source:
            self._remark(element, "is left out: it names no picture (src)")
        elif not _names_png(element):
            self._remark(element, f"is left out: its picture {shown(source)} is not a PNG")
        else:
            pixels, corner = self._picture(source, at)
            return Layer(name, pixels, corner, blend, opacity, visible=_is_shown(element)), 0
        return None

    def _picture(self, source: str, at: tuple[int, int]) -> Shown:
        """A picture at a place, shrunk: the same array for all layers that show the same, and not read again
        where it was kept."""
        key = self._pictures.same(source), at
        if key not in self._small:
            found = self._ahead.take(key, lambda: self._shown(*key, lambda: self._pictures.place(*key)))
            if self._shrinking.shrinks:  # else they were counted
                self._limits.pixels(found[0])
            self._small[key] = found
        return self._small[key]

    def _jobs(self, wanted: Iterable[Placed]) -> Iterator[tuple[Placed, Callable[[], Shown]]]:
        """What reads those that can be read on other threads."""
        for key in dict.fromkeys((self._pictures.same(name), at) for name, at in wanted):
            if (read := self._pictures.alone(*key)) is not None:
                yield key, partial(self._shown, *key, read)

    def _shown(self, picture: str, at: tuple[int, int], read: Callable[[], Shown]) -> Shown:
        """As it was kept; else `read`, and shrunk. On any thread."""
        key = ("ora", self._pictures.content(picture), at, self._size, self._shrinking.scale)
        return self._kept.made(key, lambda: self._shrinking.pixels(*read()))

    def _is_wanted(self, element: ElementTree.Element) -> bool:
        return self._hidden or _is_shown(element)

    def _remark(self, element: ElementTree.Element, what: str) -> None:
        self._remarks.append(f"{element.tag} {shown(element.get('name', ''))} {what}")

    def _parsed(self, data: bytes) -> ElementTree.Element:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise self._error("its stack.xml is not UTF-8") from error
        # No stack needs a document type, and with one come entities, which can grow without end.
        if "<!DOCTYPE" in text or "<!ENTITY" in text:
            raise self._error("its stack.xml declares a document type, which Mien does not read")
        try:
            return ElementTree.fromstring(text)
        except (ElementTree.ParseError, ValueError) as error:
            raise self._error(f"its stack.xml is not valid XML ({error})") from error

    def _offset(self, element: ElementTree.Element, origin: tuple[int, int]) -> tuple[int, int]:
        return origin[0] + self._whole(element, "x", 0), origin[1] + self._whole(element, "y", 0)

    def _whole(self, element: ElementTree.Element, key: str, default: int | None) -> int:
        number = self._number(element, key, default)
        if number != round(number):
            raise self._value(element, key, "a whole number of pixels")
        return round(number)

    def _share(self, element: ElementTree.Element, key: str) -> float:
        number = self._number(element, key, 1.0)
        if not 0.0 <= number <= 1.0:
            raise self._value(element, key, "0.0 to 1.0")
        return number

    def _number(self, element: ElementTree.Element, key: str, default: float | None) -> float:
        text = element.get(key)
        if text is None and default is not None:
            return default
        try:
            number = float(text or "")
        except ValueError:
            number = math.nan
        if not abs(number) <= 1e6:  # NaN too
            raise self._value(element, key, "a number from -1000000 to 1000000")
        return number

    def _value(self, element: ElementTree.Element, key: str, kind: str) -> FormatError:
        where = f"<{element.tag}> {shown(element.get('name', ''))}"
        found = shown(element.get(key)) if key in element.attrib else "missing"
        return FormatError(f"{self._path}: stack.xml: {where}: {key} is {found}, but must be {kind}.")

    def _error(self, what: str) -> ImageRejected:
        return ImageRejected(f"{self._path}: {what}; export it again.")


def _is_shown(element: ElementTree.Element) -> bool:
    return element.get("visibility", "visible") != "hidden"


def _names_png(element: ElementTree.Element) -> bool:
    return element.get("src", "").lower().endswith(".png")


def _keeps_alpha(element: ElementTree.Element) -> bool:
    """Whether it shows only where there is something below it in its stack."""
    return element.get("composite-op") == ATOP or element.get("alpha-preserve") == "true"


def as_one_base(nodes: list[Node], isolated: bool) -> tuple[list[Node], bool]:
    """Siblings of which only the first is not clipped, drawn as they are, and whether that took a new group:
    what is clipped on top of them then shows where any of them does."""
    bases = [node for node in nodes if not node.clipped]
    if len(bases) == 1 and (isolated or bases[0].blend == Blend.NORMAL):
        return nodes, False
    return [Group("", tuple(nodes), Blend.NORMAL if isolated else Blend.PASS_THROUGH)], True
