"""How many layers a Photoshop file says that it has, asked before any of them is parsed."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from mien.art.layered.tree import MAX_LAYERS
from mien.errors import ImageRejected

_BLOCKS = (b"8BIM", b"8B64")


def check_count(path: Path) -> None:
    """Raises ImageRejected for a file that says that it has so many records of layers that these must be too
    many layers: a group is two. Parsing them first takes seconds."""
    records = 0
    # Where the file ends before is told where it is read.
    with path.open("rb") as file, suppress(struct.error, OSError, OverflowError):
        for more in _records(file):
            records += more
    if records > 2 * MAX_LAYERS:
        raise ImageRejected(f"{path}: has more than {MAX_LAYERS} layers; merge some.")


def _records(file: BinaryIO) -> Iterator[int]:
    """How many records each list of layers says that it has: the file's own, and those that files of 16 and
    32 bits have in its place. Raises struct.error where the file ends before, and what a place that no file
    reaches raises."""
    from psd_tools.constants import Tag
    from psd_tools.psd.tagged_blocks import TaggedBlock

    def number(kind: str) -> int:
        value: int = struct.unpack(f">{kind}", file.read(struct.calcsize(f">{kind}")))[0]
        return value

    tags = {tag.value: tag for tag in Tag}
    version = file.read(6)[5]
    size = "Q" if version == 2 else "I"  # PSB
    file.seek(26)
    for _ in range(2):
        file.seek(number("I"), os.SEEK_CUR)
    section = number(size)
    end = file.tell() + section
    if not section:
        return
    layers = number(size)
    behind = file.tell() + layers
    if layers:
        yield abs(number("h"))
    file.seek(behind)
    if file.read(4) in _BLOCKS:  # no masks for all
        file.seek(behind)
    else:
        file.seek(behind)
        file.seek(number("I"), os.SEEK_CUR)
    while file.tell() + 12 <= end and file.read(4) in _BLOCKS:
        known = tags.get(file.read(4))
        length = number(TaggedBlock._length_format(known, version))
        behind = file.tell() + length + -length % 4
        if known in (Tag.LAYER_16, Tag.LAYER_32) and length:
            yield abs(number("h"))
        file.seek(behind)
