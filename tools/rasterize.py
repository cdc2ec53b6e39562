#!/usr/bin/env python3
"""Turn vector sources into PNG parts: one PNG per drawing, trimmed, with its offset in an oFFs chunk.

An SVG source holds one group per slot, `<g id="SLOT">`, bottom to top, and inside it one group per
drawing, `<g id="SLOT.DRAWING">`. Anything outside those groups is a guide and is not drawn. What a slot
draws beyond the canvas is cut off, unless its group says how many pixels are kept around it, as in
`data-beyond="300"`: forearms that hang below the canvas and come up. A drawing
whose source has not changed since its PNG was written is not drawn again.

`--times 2 --into FOLDER` makes a character of its own there, of twice as many pixels each way, for frames of
4K: parts drawn from the same vectors, and a character.toml whose pixel values are twice as large.
"""

from __future__ import annotations

import argparse
import copy
import hashlib
import io
import re
import struct
import sys
import tomllib
import xml.etree.ElementTree as ET
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from importlib.metadata import version
from pathlib import Path

import resvg_py
from PIL import Image

from toml_numbers import Number, with_numbers

SVG = "{http://www.w3.org/2000/svg}"
ET.register_namespace("", SVG[1:-1])
ET.register_namespace("xlink", "http://www.w3.org/1999/xlink")

NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}")
"""Names that the character format takes."""

STAMP = "mien-source"
"""PNG text chunk with the digest of what the part was drawn from."""


MOST_TIMES = 4
"""Largest enlargement: canvases are at most 4096 pixels a side."""

PIXELS = (
    ("canvas",),
    ("anchor",),
    ("eye_line",),
    ("joints", "*", "pivot"),
    ("joints", "*", "move"),
    ("slot", "offsets"),
    ("gaze", "x"),
    ("gaze", "y"),
    ("meshes", "*", "box"),
    ("meshes", "*", "ball", "centre"),
    ("meshes", "*", "ball", "radius"),
    ("meshes", "*", "ball", "move"),
    ("meshes", "*", "rows"),
    ("meshes", "*", "columns"),
    ("meshes", "*", "hang", "from"),
    ("meshes", "*", "hang", "to"),
    ("meshes", "*", "hang", "width"),
)
"""The keys of a character.toml in or under which all numbers are in canvas pixels; *: any name."""


class SourceError(ValueError):
    """The SVG does not hold slots and drawings as it should."""


@dataclass(frozen=True)
class Part:
    """One drawing of a source."""

    slot: str
    drawing: str
    page: ET.Element
    """An SVG document with this drawing alone, on the whole canvas and `beyond` pixels around it."""
    beyond: int = 0
    times: int = 1
    """Pixels drawn per pixel of the canvas, each way."""

    @property
    def path(self) -> str:
        return f"{self.slot}/{self.drawing}.png"

    def markup(self) -> str:
        return ET.tostring(self.page, encoding="unicode")

    def stamp(self) -> str:
        """Digest of everything that decides the pixels."""
        return hashlib.sha256(f"{version('resvg-py')}\n{self.markup()}".encode()).hexdigest()


def parts_of(source: Path, times: int = 1) -> list[Part]:
    """The drawings of an SVG in file order, `times` as large. Raises SourceError."""
    try:
        root = ET.parse(source).getroot()
    except ET.ParseError as error:
        raise SourceError(f"{source} is not valid XML: {error}; mend that line.") from error
    shared = list(root.iter(f"{SVG}defs"))
    slots = {id(group) for group in root.findall(f"{SVG}g")}
    found: dict[str, Part] = {}
    for group in root.iter(f"{SVG}g"):
        slot = group.get("id", "")
        for child, drawing in drawings_of(group):
            if id(group) not in slots:
                raise SourceError(
                    f"{source}: slot {slot!r} is inside another group; move it to the top level."
                )
            if not NAME.fullmatch(slot) or not NAME.fullmatch(drawing):
                raise SourceError(
                    f"{source}: group {slot}.{drawing} has a name that no slot can have; rename it."
                )
            beyond = beyond_of(source, group)
            page = alone(root, shared, group, child, beyond)
            enlarge(page, times)
            part = Part(slot, drawing, page, beyond, times)
            if part.path in found:
                raise SourceError(f"{source}: group {slot}.{drawing} is there twice; rename one.")
            found[part.path] = part
    if not found:
        raise SourceError(
            f'{source}: holds no drawings; name groups <g id="SLOT"> and <g id="SLOT.DRAWING">.'
        )
    return list(found.values())


def beyond_of(source: Path, group: ET.Element) -> int:
    """How many pixels around the canvas a slot's group keeps. Raises SourceError."""
    given = group.get("data-beyond", "0")
    if not given.isdecimal() or int(given) > 2048:
        raise SourceError(
            f"{source}: group {group.get('id', '')} has data-beyond={given!r}; give whole pixels, 0 to 2048."
        )
    return int(given)


def drawings_of(group: ET.Element) -> Iterator[tuple[ET.Element, str]]:
    """Child groups called `SLOT.DRAWING` after their parent, with the drawing's name."""
    slot = group.get("id", "")
    for child in group.findall(f"{SVG}g"):
        name = child.get("id", "")
        if slot and name.startswith(f"{slot}."):
            yield child, name[len(slot) + 1 :]


def alone(
    root: ET.Element, shared: list[ET.Element], group: ET.Element, child: ET.Element, beyond: int
) -> ET.Element:
    """An SVG document that draws one drawing, with the definitions and the slot's own attributes."""
    page = ET.Element(root.tag, root.attrib)
    if beyond:
        width, height = (int(root.attrib[key]) + 2 * beyond for key in ("width", "height"))
        page.attrib |= {"width": str(width), "height": str(height)}
        page.set("viewBox", f"{-beyond} {-beyond} {width} {height}")
    page.extend(shared)
    holder = ET.SubElement(page, f"{SVG}g", {k: v for k, v in group.attrib.items() if k != "display"})
    drawn = copy.deepcopy(child)
    drawn.attrib.pop("display", None)
    holder.append(drawn)
    return page


def enlarge(page: ET.Element, times: int) -> None:
    """Draw a page `times` as large each way."""
    if times != 1:
        size = {key: int(page.attrib[key]) for key in ("width", "height")}
        page.attrib.setdefault("viewBox", f"0 0 {size['width']} {size['height']}")
        page.attrib |= {key: str(side * times) for key, side in size.items()}


def enlarged(document: str, times: int) -> str:
    """A character.toml whose pixel values are `times` as large; everything else stays as it is written."""

    def written(number: Number) -> str | None:
        in_pixels = any(
            len(number.path) >= len(keys) and all(map(fnmatchcase, number.path, keys)) for keys in PIXELS
        )
        return f"{times * number.value:.12g}" if in_pixels else None

    return with_numbers(document, written)


def render(part: Part) -> Image.Image:
    """The drawing alone on the whole canvas, straight-alpha RGBA."""
    png = resvg_py.svg_to_bytes(svg_string=part.markup(), skip_system_fonts=True)
    return Image.open(io.BytesIO(bytes(png))).convert("RGBA")


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def with_chunks(png: bytes, x: int, y: int, stamp: str) -> bytes:
    """Insert an oFFs chunk (PNG extensions, section 4.3; unit 0 is the pixel) and the stamp after IHDR."""
    offset = chunk(b"oFFs", struct.pack(">iiB", x, y, 0))
    return png[:33] + offset + chunk(b"tEXt", f"{STAMP}\0{stamp}".encode("latin-1")) + png[33:]


def is_fresh(path: Path, stamp: str) -> bool:
    """Whether the PNG was drawn from the same source."""
    try:
        return f"{STAMP}\0{stamp}".encode("latin-1") in path.read_bytes()[:256]
    except FileNotFoundError:
        return False


def rasterize(folder: Path, into: Path | None = None, times: int = 1) -> tuple[int, int]:
    """Write `parts/SLOT/DRAWING.png` for every drawing of a folder's sources, and remove stale ones.

    With `into` the parts go to that folder, `times` as large. Returns how many drawings there are and how
    many were drawn anew. Raises SourceError, before anything is removed.
    """
    target = folder if into is None else into
    parts: dict[Path, Part] = {}
    for source in sorted(folder.glob("*.svg")):
        for part in parts_of(source, times):
            path = target / "parts" / part.path
            if path in parts:
                raise SourceError(f"{source}: group {part.slot}.{part.drawing} is in another source too.")
            parts[path] = part
    if not parts:
        raise SourceError(f"{folder}: holds no .svg; give a character's folder.")
    drawn = 0
    for path, part in parts.items():
        stamp = part.stamp()
        if is_fresh(path, stamp):
            continue
        image = render(part)
        box = image.getchannel("A").getbbox()
        if box is None:
            name = f"{part.slot}.{part.drawing}"
            raise SourceError(f"{folder}: group {name} draws nothing; draw something or remove the group.")
        buffer = io.BytesIO()
        image.crop(box).save(buffer, "PNG", optimize=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        left, top = (edge - part.beyond * times for edge in box[:2])
        path.write_bytes(with_chunks(buffer.getvalue(), left, top, stamp))
        drawn += 1
    for stale in set((target / "parts").rglob("*.png")) - set(parts):
        stale.unlink()
        if not any(stale.parent.iterdir()):
            stale.parent.rmdir()
    return len(parts), drawn


def enlarge_character(folder: Path, into: Path, times: int) -> tuple[int, int]:
    """A character `times` as large, of a folder with vectors. Returns as `rasterize`. Raises SourceError."""
    document = (folder / "character.toml").read_text(encoding="utf-8")
    try:
        tables = tomllib.loads(document)
    except tomllib.TOMLDecodeError as error:
        raise SourceError(f"{folder}/character.toml is not valid TOML: {error}; mend that line.") from error
    if any("mask" in table for kind in ("slot", "group") for table in tables.get(kind, ())):
        raise SourceError(f"{folder}: has masks, which are no vectors; enlarge it in an image editor.")
    larger = enlarged(document, times)
    there = into / "character.toml"
    if into.exists() and any(into.iterdir()) and not (there.exists() and there.read_text("utf-8") == larger):
        raise SourceError(f"{into}: holds something else than this character made larger; name a new folder.")
    counts = rasterize(folder, into, times)
    there.write_text(larger, encoding="utf-8")
    return counts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="+", help="character folders that hold an .svg and parts/")
    parser.add_argument("--times", type=int, default=2, help="how much larger, with --into (default: 2)")
    parser.add_argument("--into", type=Path, metavar="FOLDER", help="where a larger character goes")
    given = parser.parse_args()
    if given.into is not None and (
        len(given.folder) != 1 or given.into.resolve() == given.folder[0].resolve()
    ):
        parser.error("--into takes one character, and another folder than its own")
    if not 1 <= given.times <= MOST_TIMES:
        parser.error(f"--times is {given.times}, but must be 1 to {MOST_TIMES}")
    for folder in given.folder:
        try:
            if given.into is None:
                count, drawn = rasterize(folder)
            else:
                count, drawn = enlarge_character(folder, given.into, given.times)
        except (SourceError, FileNotFoundError) as error:
            sys.exit(str(error))
        print(f"{given.into or folder}: {count} drawings, {drawn} drawn anew")


if __name__ == "__main__":
    main()
