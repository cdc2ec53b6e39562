#!/usr/bin/env python3
"""Hold Mien's pictures of layered art files to those that the files store: `--help` says how."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from mien.art.layered import SUFFIXES, read_layered
from mien.errors import MienError
from mien.stage.picture import draw_and_compare


def main() -> int:
    """Prints a line for each file that is drawn otherwise, and how many there are of each kind."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="files, or folders to search")
    kinds: Counter[str] = Counter()
    for path in _files(parser.parse_args().paths):
        kind, words = _compared(path)
        kinds[kind] += 1
        if words:
            print(f"{path}: {kind}: {words}")
    for kind, count in kinds.most_common():
        print(f"{count:5} {kind}", file=sys.stderr)
    return 0


def _files(paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(p for p in path.rglob("*") if p.suffix.lower() in SUFFIXES)
        else:
            yield path


def _compared(path: Path) -> tuple[str, str]:
    """What kind of outcome a file has, and more about it."""
    try:
        art = read_layered(path)
        _, difference = draw_and_compare(art)
    except MienError as error:
        return "refused", str(error)
    if difference is not None:
        kind = "differs, with a cause named" if art.warnings else "differs"
        return kind, "; ".join((difference, *art.warnings))
    return ("the same" if art.stored is not None else "has nothing to compare with"), ""


if __name__ == "__main__":
    raise SystemExit(main())
