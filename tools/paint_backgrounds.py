#!/usr/bin/env python3
"""Turn the vector backgrounds under assets/backgrounds into the PNGs that Mien shows.

Each SVG is drawn by resvg at its own size and written as opaque RGB. Its brush marks also break up the
bands that 8 bits would leave in soft dark gradients, so no grain is added: a quarter of the pixels lifted
by one step made the files half as large again, and no band was seen without it at four times the contrast.
"""

from __future__ import annotations

import argparse
import io
from pathlib import Path

import resvg_py
from PIL import Image

FOLDER = Path(__file__).resolve().parents[1] / "assets" / "backgrounds"


def paint(source: Path) -> Path:
    """Write SOURCE.png beside SOURCE.svg; returns its path."""
    drawn = resvg_py.svg_to_bytes(svg_string=source.read_text(encoding="utf-8"), skip_system_fonts=True)
    target = source.with_suffix(".png")
    Image.open(io.BytesIO(bytes(drawn))).convert("RGB").save(target, "PNG", optimize=True)
    return target


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("source", type=Path, nargs="*", help="SVG files (default: all bundled backgrounds)")
    for source in parser.parse_args().source or sorted(FOLDER.glob("*.svg")):
        target = paint(source)
        print(f"{target}: {target.stat().st_size / 1024:.0f} KiB")


if __name__ == "__main__":
    main()
