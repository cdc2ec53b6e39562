"""Krita's files become the same tree as others; their tiles are unpacked as Krita packs them."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest

from importing import drawn
from importing.drawn import Thing, lzf, tiles
from mien.art.layered import Group, Layer, read_layered
from mien.art.layered.kra_tiles import read_tiles, unpacked
from mien.art.layered.planes import Damaged
from mien.errors import ImageRejected
from mien.types import Rect


@pytest.mark.parametrize(
    ("packed", "plain"),
    [
        (b"\x02abc", b"abc"),
        (b"\x00a\xe0\x00\x00", b"a" * 10),  # seven or more: the rest of the length follows
        (b"\x00a\x20\x00", b"a" * 4),
        (b"\x01ab\x40\x01", b"ababab"),  # a piece that overlaps what it makes
        (b"\x03abcd\x20\x03", b"abcdabc"),
    ],
)
def test_lzf_is_unpacked(packed: bytes, plain: bytes) -> None:
    assert unpacked(packed, len(plain)) == plain


@pytest.mark.parametrize("packed", [b"\x20\x05", b"\x05ab", b"\xe0", b"\x00a"])
def test_lzf_that_says_nonsense_is_damaged(packed: bytes) -> None:
    with pytest.raises(Damaged):
        unpacked(packed, 6)


def test_what_is_packed_here_is_unpacked_again() -> None:
    data = np.random.default_rng(3).integers(0, 3, 5000, np.uint8).tobytes() + bytes(3000) + b"end"
    assert unpacked(lzf(data), len(data)) == data


def test_tiles_are_put_where_they_lie() -> None:
    picture = drawn.whole_eye(70)
    for packed in (True, False):
        found = read_tiles(tiles(picture, packed))
        shown = found.read(Rect(0, 0, 200, 260), bytes(4))
        assert np.array_equal(shown[..., (2, 1, 0, 3)], picture)


def test_folders_hidden_layers_and_clips_are_read(tmp_path: Path) -> None:
    shade = Thing("shade", drawn.BODY, clipped=True)
    things = (Thing("group", inside=(shade, Thing("head", drawn.HEAD))), Thing("back", drawn.BACK).hidden())
    art = read_layered(drawn.kra(tmp_path / "a.kra", things), hidden=True)
    back, group = art.root
    assert isinstance(back, Layer)
    assert not back.visible
    assert isinstance(group, Group)
    head, clipped = group.children
    assert clipped.clipped
    assert isinstance(head, Layer)
    assert head.box == Rect(48, 57, 104, 126)
    assert len(read_layered(tmp_path / "a.kra").root) == 1


def test_a_file_that_holds_too_much_is_refused_as_a_whole(tmp_path: Path) -> None:
    thing = Thing("Layer 1", drawn.BODY)
    for _ in range(70):
        thing = Thing("Group", inside=(thing,))
    path = drawn.kra(tmp_path / "a.kra", (thing,))
    with pytest.raises(ImageRejected, match="nested deeper than 64"):
        read_layered(path)


def test_a_layer_that_is_damaged_is_named_and_the_others_stay(tmp_path: Path) -> None:
    path = drawn.kra(tmp_path / "25 Mpx.kra", drawn.plain())
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    files["Art/layers/layer6"] = files["Art/layers/layer6"][:-40]
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    art = read_layered(path)
    assert len(art.root) == len(drawn.plain()) - 1
    assert any("'face'" in line and "cannot be read" in line for line in art.warnings)
    del files["Art/layers/layer6"]  # said with the name of the file
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    assert len(read_layered(path).root) == len(drawn.plain()) - 1
