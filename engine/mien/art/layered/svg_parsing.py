"""SVG files as trees of elements, of no more than is safe to read."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from mien.art.layered.svg_style import SVG, length_of
from mien.art.layered.tree import check_file
from mien.errors import ImageRejected

MAX_FILE_BYTES: Final = 24 * 1024 * 1024
MAX_ELEMENTS: Final = 200_000
MAX_NESTED: Final = 128
"""Most elements inside each other."""

_DOCTYPE: Final = re.compile(r"<!DOCTYPE\s+svg(?:\s+PUBLIC)?(?:\s+(?:\"[^\"<>\[]*\"|'[^'<>\[]*')){0,2}\s*>")


class _Counting(ElementTree.TreeBuilder):
    """Builds a tree that is neither too large nor too deep. Raises ImageRejected."""

    def __init__(self, file: str) -> None:
        super().__init__()
        self._file = file
        self._count = self._depth = 0

    def start(self, tag: str, attrs: dict[str, str], /) -> Element:
        self._count += 1
        self._depth += 1
        if self._count > MAX_ELEMENTS:
            raise ImageRejected(f"{self._file}: has more than {MAX_ELEMENTS} elements; simplify it.")
        if self._depth > MAX_NESTED:
            raise ImageRejected(f"{self._file} is nested deeper than {MAX_NESTED}; flatten some groups.")
        # Some leave the namespace out.
        return super().start(tag if tag.startswith("{") else SVG + tag, attrs)

    def end(self, tag: str, /) -> Element:
        self._depth -= 1
        return super().end(tag if tag.startswith("{") else SVG + tag)


def parsed(path: Path) -> Element:
    """The root of an SVG file. Raises AssetMissing, ImageRejected."""
    try:
        check_file(path)
        length = path.stat().st_size
        if length > MAX_FILE_BYTES:
            raise ImageRejected(f"{path} is longer than {MAX_FILE_BYTES} bytes; embed smaller pictures.")
        data = path.read_bytes()
    except OSError as error:
        if isinstance(error, ImageRejected | LookupError) or not path.is_file():
            raise
        raise ImageRejected(f"{path}: cannot be read ({error}); check its permissions.") from error
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ImageRejected(f"{path} is no SVG in UTF-8; save it as plain SVG.") from error
    text = _DOCTYPE.sub("", text, count=1)
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise ImageRejected(
            f"{path}: declares entities, which can grow without end and are not read; save it as plain SVG."
        )
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", text, count=1)
    try:
        root = ElementTree.fromstring(text, ElementTree.XMLParser(target=_Counting(str(path))))
    except (ElementTree.ParseError, ValueError) as error:
        if isinstance(error, ImageRejected):
            raise
        raise ImageRejected(f"{path} is not valid XML ({error}); save it again.") from error
    if not isinstance(root, Element) or root.tag != f"{SVG}svg":
        raise ImageRejected(f"{path} is no SVG drawing; save it as plain SVG.")
    return root


def canvas_of(root: Element, file: str) -> tuple[tuple[float, float], str]:
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
