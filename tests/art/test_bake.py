"""A baked character is the same character; packing is repeatable and never loses a file."""

# ruff: noqa: E501 (one line per case: the list reads as a table)

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from art.build import box, layered_character, tiny_character, tiny_document, tiny_parts
from mien.art import load_character, pack_character
from mien.character import Character
from mien.errors import AssetMissing, FormatError, ImageRejected, MienError, NotWritable

PAGE = 96


@pytest.fixture
def baked(tiny: Path, tmp_path: Path) -> Path:
    return pack_character(tiny, tmp_path / "tiny.mien", page_size=PAGE).path


def rewrite(path: Path, change: Callable[[dict[str, bytes]], object]) -> Path:
    """Change the entries of a .mien file."""
    with zipfile.ZipFile(path) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    change(entries)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return path


def document_of(entries: dict[str, bytes]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(entries["character.json"])
    return found


def with_document(change: Callable[[dict[str, Any]], object]) -> Callable[[dict[str, bytes]], None]:
    def apply(entries: dict[str, bytes]) -> None:
        document = document_of(entries)
        change(document)
        entries["character.json"] = json.dumps(document).encode()

    return apply


def without_pages(character: Character) -> object:
    """What must be equal however the drawings were packed."""
    drawings = [[(d.name, d.offset, d.region[2:]) for d in slot.drawings] for slot in character.slots]
    return drawings, character.joints, character.expressions, character.mouth, character.canvas


def same(a: Character, b: Character) -> bool:
    """Equal but for the places on the pages."""
    return without_pages(a) == without_pages(b)


def test_a_baked_character_equals_its_folder(tiny: Path, baked: Path) -> None:
    from_folder = load_character(tiny, page_size=PAGE)
    from_file = load_character(baked, page_size=PAGE)
    assert from_file.character == from_folder.character
    assert len(from_file.pages) == len(from_folder.pages)
    for a, b in zip(from_file.pages, from_folder.pages, strict=True):
        assert (a == b).all()
        assert a.flags.c_contiguous
        assert not a.flags.writeable


@pytest.mark.parametrize(("scale", "page"), [(0.5, PAGE), (1.0, 128), (1.7, 256)])
def test_a_baked_character_scales_and_repacks_as_its_folder(
    tiny: Path, baked: Path, scale: float, page: int
) -> None:
    from_folder = load_character(tiny, scale=scale, page_size=page)
    from_file = load_character(baked, scale=scale, page_size=page)
    assert same(from_file.character, from_folder.character)
    for a, b in zip(from_file.pages, from_folder.pages, strict=True):
        assert (a == b).all()


def test_packing_twice_gives_the_same_bytes(tiny: Path, tmp_path: Path) -> None:
    first = pack_character(tiny, tmp_path / "a.mien", page_size=PAGE)
    second = pack_character(tiny, tmp_path / "b.mien", page_size=PAGE)
    assert first.path.read_bytes() == second.path.read_bytes()
    assert first.bytes == first.path.stat().st_size


def test_the_report_counts_what_is_shared(tmp_path: Path) -> None:
    document, parts = tiny_document(), tiny_parts()
    document["slot"][5]["drawings"] = ["soft", "twin", "mirror"]
    pixels, offset = box(6, 4, (255, 90, 90, 77)), (20, 36)
    pixels[:, 0] = (1, 2, 3, 255)
    parts["blush/soft"] = parts["blush/twin"] = (pixels, offset)
    parts["blush/mirror"] = (np.ascontiguousarray(pixels[:, ::-1]), (40, 36))
    folder = tiny_character(tmp_path / "c", document, parts)
    report = pack_character(folder, tmp_path / "c.mien", page_size=PAGE)
    assert (report.drawings, report.regions, report.shared, report.mirrored) == (12, 10, 2, 1)
    assert 0.0 < report.fill <= 1.0
    blush = load_character(report.path, page_size=PAGE).character.slots[5]
    assert [d.flip_x for d in blush.drawings] == [False, False, True]
    half = load_character(report.path, page_size=PAGE, scale=0.5)
    assert same(half.character, load_character(folder, page_size=PAGE, scale=0.5).character)


def test_packing_over_a_file_replaces_it_whole(tiny: Path, baked: Path) -> None:
    before = baked.read_bytes()
    baked.write_bytes(b"something else")
    pack_character(tiny, baked, page_size=PAGE)
    assert baked.read_bytes() == before


def test_a_failure_while_writing_leaves_the_old_file_and_no_other(
    tiny: Path, baked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, listing = baked.read_bytes(), sorted(baked.parent.iterdir())

    def disk_full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", disk_full)
    with pytest.raises(NotWritable, match=r"tiny\.mien: cannot be written \(No space left"):
        pack_character(tiny, baked, page_size=PAGE)
    assert baked.read_bytes() == before
    assert sorted(baked.parent.iterdir()) == listing


def test_stopping_while_writing_leaves_the_old_file_and_no_other(
    tiny: Path, baked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, listing = baked.read_bytes(), sorted(baked.parent.iterdir())

    def stop(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("os.fsync", stop)
    with pytest.raises(KeyboardInterrupt):
        pack_character(tiny, baked, page_size=PAGE)
    assert baked.read_bytes() == before
    assert sorted(baked.parent.iterdir()) == listing


def test_a_broken_character_is_refused_before_anything_is_written(tiny: Path, tmp_path: Path) -> None:
    (tiny / "parts/mouth/open.png").unlink()
    with pytest.raises(AssetMissing):
        pack_character(tiny, tmp_path / "out.mien")
    assert not (tmp_path / "out.mien").exists()


def test_an_empty_file_is_called_empty(tmp_path: Path) -> None:
    (tmp_path / "a.mien").write_bytes(b"")
    with pytest.raises(FormatError, match=r"a\.mien is empty; copy it again"):
        load_character(tmp_path / "a.mien")


def test_a_folder_that_does_not_exist_is_not_written_to(tiny: Path, tmp_path: Path) -> None:
    with pytest.raises(NotWritable, match="does not exist; make it first"):
        pack_character(tiny, tmp_path / "none" / "out.mien", page_size=PAGE)


@pytest.mark.parametrize("data", [b"hello", b"PK\x03\x04" + bytes(40)], ids=["text", "half a zip"])
def test_a_file_that_is_no_zip_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x.mien"
    path.write_bytes(data)
    with pytest.raises(FormatError, match=r"x\.mien is not a baked character .*mien pack"):
        load_character(path)


BROKEN: list[tuple[str, Callable[[dict[str, bytes]], object], str]] = [
    ("no document", lambda e: e.pop("character.json"), r"holds no character\.json"),
    ("no page", lambda e: e.pop("page0.png"), r"holds no page0\.png"),
    ("no JSON", lambda e: e.update({"character.json": b"{"}), "is not valid JSON"),
    ("deep JSON", lambda e: e.update({"character.json": b"[" * 200_000}), "not valid JSON"),
    ("no UTF-8", lambda e: e.update({"character.json": b'{"a": "\xff"}'}), "not valid JSON"),
    ("another version", with_document(lambda d: d.update(format=99)), "format is 99"),
    ("an unknown key", with_document(lambda d: d.update(extra=1)), "extra is not a key"),
    ("many pages", with_document(lambda d: d.update(pages=33)), "pages is 33"),
    (
        "a bomb of pages",
        with_document(lambda d: d.update(pages=32, page_size=8192)),
        "pages is 32, of 8192 px each, more than 1024 MiB",
    ),
    ("another page size", with_document(lambda d: d.update(page_size=128)), "is 96 x 96 px, but must be 128"),
    (
        "a region off the page",
        with_document(lambda d: d["slot"][0]["regions"]["main"].update(region=[90, 0, 40, 30])),
        r'slot\[0\] "body"\.regions\.main region is \[90, 0, 40, 30\], which leaves the page',
    ),
    (
        "a region on no page",
        with_document(lambda d: d["slot"][0]["regions"]["main"].update(page=7)),
        "page is 7",
    ),
    (
        "a missing region",
        with_document(lambda d: d["slot"][0]["regions"].pop("main")),
        "main page is missing",
    ),
]


@pytest.mark.parametrize(("change", "message"), [b[1:] for b in BROKEN], ids=[b[0] for b in BROKEN])
def test_a_broken_baked_character_says_what_is_wrong(
    baked: Path, change: Callable[[dict[str, bytes]], object], message: str
) -> None:
    with pytest.raises(FormatError, match=rf"tiny\.mien.*{message}"):
        load_character(rewrite(baked, change), page_size=PAGE)


LAYERS: list[tuple[str, Callable[[dict[str, Any]], object], str]] = [
    ("a mask off the page", lambda d: d["slot"][1]["mask"].update(region=[90, 0, 30, 30]), r'slot\[1\] "head"\.mask region is'),
    ("a mask on no page", lambda d: d["group"][0]["mask"].update(page=7), r'group\[0\] "all"\.mask page is 7'),
    ("a mask as a file", lambda d: d["slot"][1].update(mask="m.png"), "mask is 'm.png', but must be a table"),
    ("an offset of a mask", lambda d: d["slot"][1].update(mask_offset=[1, 1]), "mask_offset is not a key"),
    ("a group of no slot", lambda d: d["group"][0].update(last="tail"), "last is 'tail', which is not known"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "message"), [b[1:] for b in LAYERS], ids=[b[0] for b in LAYERS])
def test_a_broken_baked_mask_or_group_says_what_is_wrong(
    tmp_path: Path, change: Callable[[dict[str, Any]], object], message: str
) -> None:
    folder = layered_character(tmp_path / "layered")
    path = pack_character(folder, tmp_path / "layered.mien", page_size=PAGE).path
    with pytest.raises(FormatError, match=rf"layered\.mien.*{message}"):
        load_character(rewrite(path, with_document(change)), page_size=PAGE)


def test_a_damaged_page_is_refused(baked: Path) -> None:
    def damage(entries: dict[str, bytes]) -> None:
        page = bytearray(entries["page0.png"])
        page[60] ^= 1
        entries["page0.png"] = bytes(page)

    with pytest.raises(ImageRejected, match=r"tiny\.mien: page0\.png is damaged"):
        load_character(rewrite(baked, damage), page_size=PAGE)


def test_a_compressed_entry_is_refused_because_it_could_be_a_bomb(baked: Path) -> None:
    with zipfile.ZipFile(baked) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    entries["character.json"] += b" " * 10_000_000
    with zipfile.ZipFile(baked, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    with pytest.raises(FormatError, match="entries are stored"):
        load_character(baked)


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = layered_character(tmp_path_factory.mktemp("once") / "tiny")
    return pack_character(folder, folder.parent / "tiny.mien", page_size=PAGE).path


def test_a_file_that_asks_for_a_newer_unzipper_is_refused_by_name(once: Path) -> None:
    data = bytearray(once.read_bytes())
    data[data.find(b"PK\x01\x02") + 6] = 64
    path = once.with_name("newer.mien")
    path.write_bytes(data)
    with pytest.raises(FormatError, match=r"newer.mien is not a baked character \(zip file version 6.4\)"):
        load_character(path, page_size=PAGE)


@settings(max_examples=150, deadline=None)
@given(at=st.floats(0, 1, exclude_max=True), value=st.integers(0, 255), cut=st.booleans())
def test_any_damage_to_the_file_loads_or_raises_one_of_our_errors(
    once: Path, at: float, value: int, cut: bool
) -> None:
    original = once.read_bytes()
    data = bytearray(original)
    place = int(at * len(data))
    data[place] = value
    path = once.with_name("damaged.mien")
    path.write_bytes(data[:place] if cut else data)
    try:
        load_character(path, page_size=PAGE)
    except MienError as error:
        assert "damaged.mien" in str(error)
