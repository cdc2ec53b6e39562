"""Documents that show one layer of an SVG and nothing else: the layer with what it refers to, in the places
that it lies in."""

from __future__ import annotations

import base64
import binascii
import copy
import re
from collections.abc import Iterator, Sequence
from typing import Final
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from mien.art.layered.svg_style import SVG, XLINK, shown_whole
from mien.art.rasters import raster_size
from mien.errors import ImageRejected
from mien.messages import quoted
from mien.types import Rect, Size

_HREFS: Final = ("href", f"{XLINK}href")
_URL: Final = re.compile(r"url\(\s*['\"]?#([^)'\"\s]+)")
_EMBEDDED: Final = re.compile(r"\s*data:image/(?:png|jpe?g|gif|webp)\s*(?:;[^,;]*)*;base64,", re.IGNORECASE)
_OWN: Final = ("id", "opacity", "filter", "mix-blend-mode", "display", "visibility")
"""What of a folder is no part of the pictures in it."""
_CUTS: Final = ("clip-path", "mask")
_ALL: Final = {"x": "-1000000", "y": "-1000000", "width": "2000000", "height": "2000000", "fill": "#fff"}
"""A rectangle over everything."""

Chain = tuple[Element, ...]
"""The elements that something lies in, the document first."""


class Pages:
    """Makes them of one document.

    Parameters: `root`, the document, of which what it must not refer to is taken out; `size`, of the canvas
    in pixels; `box`, what of the drawing's own units lies on it, as text of four numbers; `remarks`, to which
    is added what was taken out.
    """

    def __init__(self, root: Element, size: Size, box: str, remarks: list[str]) -> None:
        self.size = size
        self._box = box
        self._by_id: dict[str, Element] = {}
        _without_references(root, remarks)
        for element in root.iter():
            if element.get("id"):
                self._by_id.setdefault(element.get("id", ""), element)
        self._styles = list(root.iter(f"{SVG}style"))

    def outline(self, chain: Chain) -> str:
        """What the last of a chain shows of what lies in it, by its clip and its mask, as `inner`."""
        return self.inner(chain, [Element(f"{SVG}rect", _ALL)], cut=True)

    def inner(self, chain: Chain, drawn: Sequence[Element], *, cut: bool = False) -> str:
        """The canvas with these elements alone, as a piece of a document. They are shown whole, whatever they
        say themselves; `chain`: what they lie in, which moves them. `cut`: the last of it clips them, too."""
        canvas = Element(
            f"{SVG}svg", {k: v for k, v in chain[0].attrib.items() if k not in ("x", "y", "style")}
        )
        width, height = map(str, self.size)
        canvas.attrib |= {"x": "0", "y": "0", "width": width, "height": height, "viewBox": self._box}
        # What is around it cuts it as well; where it cuts itself, each picture takes four times as long.
        canvas.set("overflow", "visible")
        canvas.extend(self._styles)
        needed = ElementTree.SubElement(canvas, f"{SVG}defs")
        needed.extend(self._needed((*chain[1:], *self._styles), drawn))
        place = canvas
        for outer in chain[1:]:
            cuts = cut and outer is chain[-1]
            left = _OWN if cuts else (*_OWN, *_CUTS)
            place = ElementTree.SubElement(
                place, f"{SVG}g", {key: value for key, value in outer.attrib.items() if key not in left}
            )
            shown_whole(place, "filter:none" if cuts else "filter:none;clip-path:none;mask:none")
        for element in drawn:
            own = copy.copy(element)  # its children are the same, its attributes are not
            own.attrib = dict(element.attrib)
            if len(drawn) == 1:
                shown_whole(own)
            place.append(own)
        return ElementTree.tostring(canvas, encoding="unicode")

    def _needed(self, outer: Sequence[Element], drawn: Sequence[Element]) -> list[Element]:
        """All that these refer to, and what that refers to."""
        found: dict[str, Element] = {}
        waiting = [name for element in outer for name in _own_references(element)]
        waiting += [name for element in drawn for name in _references(element)]
        while waiting:
            name = waiting.pop()
            element = self._by_id.get(name)
            if element is not None and name not in found:
                found[name] = element
                waiting += _references(element)
        return list(found.values())

    def whole(self, inner: str, most: int) -> tuple[str, Size]:
        """A document of the whole canvas, its longer side at most so many pixels; and its size."""
        share = min(1.0, most / max(self.size))
        size = Size(*(max(1, round(side * share)) for side in self.size))
        return _document(inner, Rect(0, 0, *self.size), size), size

    def part(self, inner: str, box: Rect) -> str:
        """A document of a part of the canvas, pixel by pixel."""
        return _document(inner, box, Size(box.width, box.height))


def _document(inner: str, box: Rect, size: Size) -> str:
    where = " ".join(map(str, box))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size.width}" height="{size.height}" '
        f'viewBox="{where}" preserveAspectRatio="none">{inner}</svg>'
    )


def _references(element: Element) -> Iterator[str]:
    for one in element.iter():
        yield from _own_references(one)


def _own_references(element: Element) -> Iterator[str]:
    if element.tag == f"{SVG}style":
        yield from _URL.findall("".join(element.itertext()))
    for key, value in element.attrib.items():
        if key in _HREFS and value.startswith("#"):
            yield value[1:]
        elif "url(" in value:
            yield from _URL.findall(value)


def _without_references(root: Element, remarks: list[str]) -> None:
    """Take out of a document all that lies outside of it: pictures in files, and drawings in drawings."""
    for element in root.iter():
        for key in _HREFS:
            value = element.get(key)
            if value is None or value.startswith("#"):
                continue
            if element.tag not in (f"{SVG}image", f"{SVG}feImage"):
                del element.attrib[key]
                continue
            fault = _fault_of(value)
            if fault:
                del element.attrib[key]
                remarks.append(f"a picture in it is left out: {fault}")


def _fault_of(address: str) -> str:
    """Why a picture that is named so is not drawn; empty for one that the document itself holds."""
    head = _EMBEDDED.match(address)
    if head is None:
        return f"{quoted(address[:60])} is not in the file, and no other is read; embed it"
    try:
        raster_size(base64.b64decode(address[head.end() :]), "it")
    except (binascii.Error, ValueError) as error:
        return str(error) if isinstance(error, ImageRejected) else "it is no base64"
    return ""
