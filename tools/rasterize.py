#!/usr/bin/env python3
"""Turn vector sources into PNG parts: one PNG per drawing, trimmed, with its offset in an oFFs chunk.

An SVG source holds one group per slot, `<g id="SLOT">`, bottom to top, and inside it one group per
drawing, `<g id="SLOT.DRAWING">`. Anything outside those groups is a guide and is not drawn.
"""

from __future__ import annotations

import argparse
import copy
import io
import struct
import sys
import xml.etree.ElementTree as ET
import zlib
from pathlib import Path

import resvg_py
from PIL import Image

SVG = "{http://www.w3.org/2000/svg}"
ET.register_namespace("", SVG[1:-1])
ET.register_namespace("xlink", "http://www.w3.org/1999/xlink")


def drawings_of(root: ET.Element) -> list[tuple[str, str, ET.Element, list[ET.Element]]]:
    """(slot, drawing, its group, the slot group's attributes holder) in file order."""
    found = []
    for group in root.iter(f"{SVG}g"):
        slot = group.get("id", "")
        for child in group.findall(f"{SVG}g"):
            name = child.get("id", "")
            if slot and name.startswith(f"{slot}."):
                found.append((slot, name[len(slot) + 1 :], child, [group]))
    return found


def render(root: ET.Element, group: ET.Element, slot_group: ET.Element) -> Image.Image:
    """The drawing alone on the whole canvas, straight-alpha RGBA."""
    page = ET.Element(root.tag, root.attrib)
    for defs in root.iter(f"{SVG}defs"):
        page.append(defs)
    holder = ET.SubElement(page, f"{SVG}g", {k: v for k, v in slot_group.attrib.items() if k != "display"})
    shown = copy.deepcopy(group)
    shown.attrib.pop("display", None)
    holder.append(shown)
    png = resvg_py.svg_to_bytes(svg_string=ET.tostring(page, encoding="unicode"), skip_system_fonts=True)
    return Image.open(io.BytesIO(bytes(png))).convert("RGBA")


def with_offset(png: bytes, x: int, y: int) -> bytes:
    """Insert an oFFs chunk (PNG extensions, section 4.3; unit 0 is the pixel) after IHDR."""
    body = b"oFFs" + struct.pack(">iiB", x, y, 0)
    chunk = struct.pack(">I", 9) + body + struct.pack(">I", zlib.crc32(body))
    return png[:33] + chunk + png[33:]


def rasterize(source: Path, parts: Path) -> int:
    """Write `parts/SLOT/DRAWING.png` for every drawing of `source`; returns how many."""
    root = ET.parse(source).getroot()
    wanted = set()
    for slot, name, group, (slot_group,) in drawings_of(root):
        image = render(root, group, slot_group)
        box = image.getchannel("A").getbbox()
        if box is None:
            sys.exit(f"{source}: group {slot}.{name} draws nothing; draw something or remove the group.")
        buffer = io.BytesIO()
        image.crop(box).save(buffer, "PNG", optimize=True)
        path = parts / slot / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(with_offset(buffer.getvalue(), box[0], box[1]))
        wanted.add(path)
    for stale in set(parts.rglob("*.png")) - wanted:
        stale.unlink()
    return len(wanted)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path, nargs="+", help="character folders that hold an .svg and parts/")
    for folder in parser.parse_args().source:
        for source in sorted(folder.glob("*.svg")):
            count = rasterize(source, folder / "parts")
            print(f"{source}: {count} drawings")


if __name__ == "__main__":
    main()
