"""OpenRaster files (openraster.org): a zip of PNG pictures and a description of their stack in XML.

Nothing is unpacked to disk. Every size that the file declares is checked before it is believed.
"""

from __future__ import annotations

import math
import zipfile
from pathlib import Path
from xml.etree import ElementTree

from mien.art import png
from mien.art.layered.tree import (
    Group,
    Layer,
    LayeredArt,
    Limits,
    Node,
    check_canvas,
    check_file,
    stacked,
    trimmed,
)
from mien.errors import AssetMissing, FormatError, ImageRejected
from mien.messages import quoted as shown
from mien.types import Blend, Size

MAX_STACK_BYTES = 4 * 1024 * 1024
"""Largest stack.xml that is read."""

_OPS = {
    "svg:src-over": Blend.NORMAL,
    "svg:multiply": Blend.MULTIPLY,
    "svg:screen": Blend.SCREEN,
    "svg:overlay": Blend.OVERLAY,
    "svg:darken": Blend.DARKEN,
    "svg:lighten": Blend.LIGHTEN,
    "svg:color-dodge": Blend.COLOR_DODGE,
    "svg:color-burn": Blend.COLOR_BURN,
    "svg:hard-light": Blend.HARD_LIGHT,
    "svg:soft-light": Blend.SOFT_LIGHT,
    "svg:difference": Blend.DIFFERENCE,
    "svg:exclusion": Blend.EXCLUSION,
    "svg:hue": Blend.HUE,
    "svg:saturation": Blend.SATURATION,
    "svg:color": Blend.COLOR,
    "svg:luminosity": Blend.LUMINOSITY,
    "svg:plus": Blend.PLUS,
}


def read_ora(path: Path) -> LayeredArt:
    """An ORA file. Raises AssetMissing, FormatError, ImageRejected."""
    try:
        check_file(path)
        archive = zipfile.ZipFile(path)
    except (AssetMissing, ImageRejected):  # which are an OSError and a ValueError
        raise
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise ImageRejected(f"{path}: is not an OpenRaster file ({error}); export it again.") from error
    with archive:
        return _Reader(path, archive).read()


class _Reader:
    """One file being read: its warnings and what it has used up."""

    def __init__(self, path: Path, archive: zipfile.ZipFile) -> None:
        self._path = path
        self._archive = archive
        self._limits = Limits(str(path))
        self._remarks: list[str] = []
        self._size = Size(1, 1)

    def read(self) -> LayeredArt:
        image = self._parsed(self._member("stack.xml", MAX_STACK_BYTES))
        if image.tag != "image":
            raise self._error(f"its stack.xml describes a <{image.tag}> and not an <image>")
        self._size = Size(self._whole(image, "w", None), self._whole(image, "h", None))
        check_canvas(self._size, str(self._path))
        stack = image.find("stack")
        if stack is None:
            raise self._error("its stack.xml has no <stack>")
        origin = self._offset(stack, (0, 0))
        return LayeredArt(self._size, self._children(stack, origin, 0), tuple(self._remarks))

    def _children(self, stack: ElementTree.Element, origin: tuple[int, int], depth: int) -> tuple[Node, ...]:
        self._limits.depth(depth)
        # The file has the topmost first.
        return stacked([(self._node(element, origin, depth), False) for element in reversed(stack)])

    def _node(self, element: ElementTree.Element, origin: tuple[int, int], depth: int) -> Node | None:
        self._limits.node()
        name = element.get("name", "")
        if element.get("visibility", "visible") == "hidden":
            return None
        if element.tag not in ("layer", "stack"):
            self._remarks.append(f"element <{shown(element.tag)[1:-1]}> is left out: it is not drawn")
            return None
        op = element.get("composite-op", "svg:src-over")
        if op not in _OPS:
            self._remarks.append(
                f"{element.tag} {shown(name)} is left out: its composite-op {shown(op)} is not drawn"
            )
            return None
        blend, opacity = _OPS[op], self._share(element, "opacity")
        at = self._offset(element, origin)
        if element.tag == "layer":
            return self._layer(element, name, at, blend, opacity)
        # What is neither asked to be isolated nor needs to be lets its layers blend with what is below.
        isolated = element.get("isolation", "auto") == "isolate" or blend != Blend.NORMAL or opacity < 1.0
        children = self._children(element, at, depth + 1)
        return Group(name, children, blend if isolated else Blend.PASS_THROUGH, opacity)

    def _layer(
        self, element: ElementTree.Element, name: str, at: tuple[int, int], blend: Blend, opacity: float
    ) -> Layer | None:
        source = element.get("src", "")
        if not source:
            self._remarks.append(f"layer {shown(name)} is left out: it names no picture (src)")
            return None
        if not source.lower().endswith(".png"):
            self._remarks.append(f"layer {shown(name)} is left out: its picture {shown(source)} is not a PNG")
            return None
        label = f"{self._path}: {source}"
        data = self._member(source, png.MAX_FILE_BYTES)
        png.read_header(data, label, 2 * max(self._size) + 8192)
        pixels, offset = trimmed(png.decode(data, label), at, self._size)
        self._limits.pixels(pixels)
        return Layer(name, pixels, offset, blend, opacity)

    def _member(self, name: str, limit: int) -> bytes:
        """The bytes of a file in the zip, at most `limit`."""
        if name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/"):
            raise self._error(f"it names {shown(name)}, which leads out of the file")
        try:
            if self._archive.getinfo(name).file_size > limit:
                raise self._error(f"its {name} unpacks to more than {limit} bytes")
            with self._archive.open(name) as file:
                data = file.read(limit + 1)
        except KeyError:
            raise self._error(f"it holds no {shown(name)}") from None
        except ImageRejected:
            raise
        except Exception as error:  # damaged, encrypted, or compressed in a way that Python cannot undo
            raise self._error(f"its {shown(name)} cannot be unpacked ({error})") from error
        if len(data) > limit:
            raise self._error(f"its {name} unpacks to more than {limit} bytes")
        return data

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
            raise self._value(element, key, "a number")
        return number

    def _value(self, element: ElementTree.Element, key: str, kind: str) -> FormatError:
        where = f"<{element.tag}> {shown(element.get('name', ''))}"
        found = shown(element.get(key)) if key in element.attrib else "missing"
        return FormatError(f"{self._path}: stack.xml: {where}: {key} is {found}, but must be {kind}.")

    def _error(self, what: str) -> ImageRejected:
        return ImageRejected(f"{self._path}: {what}; export it again.")
