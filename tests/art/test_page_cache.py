"""Pages that are kept from one start to the next: what comes from there is, to the bit, what is made anew."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest

import mien
from art.build import box, layered_character, tiny_character, tiny_document, write_png
from mien.art import baked, folder, load, load_character, load_picture, page_cache, png_header
from mien.art.load import LoadedCharacter, LoadedPicture
from mien.art.page_cache import PageCache
from mien.caches import CACHE, cache_folder
from mien.errors import FormatError
from mien.types import Size

RED = (200, 30, 40, 255)
BODY = Path("parts", "body", "main.png")


def read(source: Path, cache: PageCache, **how: Any) -> LoadedCharacter:
    """A character, and what is new of it is kept."""
    loaded = load_character(source, page_size=128, cache=cache, **how)
    cache.keep()
    return loaded


def same(one: LoadedCharacter | LoadedPicture, other: LoadedCharacter | LoadedPicture) -> bool:
    if isinstance(one, LoadedCharacter):
        assert isinstance(other, LoadedCharacter)
        assert one.character == other.character and one.warnings == other.warnings
    else:
        assert isinstance(other, LoadedPicture)
        assert one.drawing == other.drawing and one.size == other.size
    assert not any(page.flags.writeable for page in other.pages)
    return len(one.pages) == len(other.pages) and all(map(np.array_equal, one.pages, other.pages))


@pytest.fixture
def cache(tmp_path: Path) -> PageCache:
    return PageCache(tmp_path / "cache" / "pages")


@pytest.fixture
def nothing_is_made(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From when it is called no picture is decoded, resampled or packed."""

    def forbid() -> None:
        def made(*_arguments: object, **_keywords: object) -> NoReturn:
            raise AssertionError("is made anew")

        for module, name in (
            (folder, "decode"), (baked, "decode"), (load, "decode"), (load, "resampled"),
            (load, "build_atlas"),
        ):  # fmt: skip
            monkeypatch.setattr(module, name, made)

    return forbid


@pytest.mark.parametrize(
    "how", [{}, {"scale": 0.7}, {"scale": 0.7, "joined": True}, {"scale": 3.0, "page_limit": 256}]
)
@pytest.mark.parametrize("kind", ["tiny", "layered", "baked"])
def test_pages_of_an_earlier_start_are_those_that_would_be_made(
    tmp_path: Path, cache: PageCache, nothing_is_made: Callable[[], None], kind: str, how: dict[str, Any]
) -> None:
    top = layered_character(tmp_path / "a") if kind == "layered" else tiny_character(tmp_path / "a")
    if kind == "baked":
        top = mien.pack_character(top, tmp_path / "a.mien", page_size=128).path
    made = load_character(top, page_size=128, **how)
    assert same(made, read(top, cache, **how))
    nothing_is_made()
    assert same(made, read(top, cache, **how))


def test_a_background_is_kept_as_well(
    tmp_path: Path, cache: PageCache, nothing_is_made: Callable[[], None]
) -> None:
    path = tmp_path / "room.png"
    pixels = np.random.default_rng(5).integers(0, 256, (40, 60, 4)).astype(np.uint8)
    write_png(path, pixels)
    how: list[dict[str, Any]] = [{}, {"scale": 1.3}, {"scale": 2.0, "frame": Size(50, 30)}]
    made = [load_picture(path, page_size=128, **one) for one in how]
    for one in how:
        load_picture(path, page_size=128, cache=cache, **one)
    cache.keep()
    nothing_is_made()
    for one, there in zip(how, made, strict=True):
        assert same(there, load_picture(path, page_size=128, cache=cache, **one))


def edits() -> list[Callable[[Path, dict[str, Any]], object]]:
    return [
        lambda top, document: write_png(top / BODY, box(40, 30, RED), (12, 50)),
        lambda top, document: write_png(top / BODY, box(40, 30, RED), (13, 50)),
        lambda top, document: document["slot"].reverse(),
        lambda top, document: write_png(top / "parts" / "more.png", box(9, 9, RED), (0, 0)),
        lambda top, document: (top / "parts" / "more.png").rename(top / "parts" / "most.png"),
        lambda top, document: document.update(canvas=[70, 90]),
    ]


def test_whatever_was_edited_is_shown_as_it_is(tmp_path: Path, cache: PageCache) -> None:
    document = tiny_document()
    top = tiny_character(tmp_path / "a", document)
    for edit in edits():
        edit(top, document)
        tiny_character(tmp_path / "other", document)
        shutil.copy(tmp_path / "other" / "character.toml", top)
        made = load_character(top, page_size=128, scale=0.7)
        for _ in range(2):
            assert same(made, read(top, cache, scale=0.7))


def test_an_edit_that_leaves_size_and_time_as_they_were_is_seen(tmp_path: Path, cache: PageCache) -> None:
    top = tiny_character(tmp_path / "a")
    write_png(top / BODY, box(40, 30, RED), (12, 50))
    before, about = read(top, cache), (top / BODY).stat()
    write_png(top / BODY, box(40, 30, (RED[1], RED[0], *RED[2:])), (12, 50))
    os.utime(top / BODY, ns=(about.st_atime_ns, about.st_mtime_ns))
    now = (top / BODY).stat()
    assert (now.st_size, now.st_mtime_ns) == (about.st_size, about.st_mtime_ns)
    after = read(top, cache)
    assert same(load_character(top, page_size=128), after) and not same(before, after)


def test_what_is_edited_while_it_is_read_is_not_kept_as_what_it_was(
    tmp_path: Path, cache: PageCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever saves just then: the pages are of the old file, and so is the state that they are kept for."""
    top = tiny_character(tmp_path / "a")
    first = read(top, cache)
    decode = folder.decode

    def saved_meanwhile(data: bytes, name: str) -> Any:
        # As a whole: another thread may read it just then.
        new = tmp_path / f"{threading.get_ident()}.png"
        write_png(new, box(40, 30, RED), (12, 50))
        new.replace(top / BODY)
        return decode(data, name)

    shutil.rmtree(tmp_path / "cache")
    monkeypatch.setattr(folder, "decode", saved_meanwhile)
    read(top, cache)
    monkeypatch.undo()
    assert same(load_character(top, page_size=128), read(top, cache))
    assert not same(first, read(top, cache))


def test_warnings_name_the_files_of_this_folder(tmp_path: Path, cache: PageCache) -> None:
    top = tiny_character(tmp_path / "one" / "a")
    write_png(top / "parts" / "more.png", box(9, 9, RED), (0, 0))
    shutil.copytree(top, tmp_path / "two" / "a")
    for there in ("one", "two"):
        assert str(tmp_path / there / "a") in " ".join(read(tmp_path / there / "a", cache).warnings)


def test_a_folder_that_has_moved_needs_nothing_made(
    tmp_path: Path, cache: PageCache, nothing_is_made: Callable[[], None]
) -> None:
    """Art that is imported anew at each start lies in another folder each time."""
    top = tiny_character(tmp_path / "one" / "a")
    read(top, cache)
    shutil.move(top, tmp_path / "a")
    nothing_is_made()
    assert read(tmp_path / "a", cache).source == tmp_path / "a"


def test_what_leads_out_of_the_folder_is_refused_all_the_same(tmp_path: Path, cache: PageCache) -> None:
    top = tiny_character(tmp_path / "a")
    read(top, cache)
    (top / BODY).rename(tmp_path / "outside.png")
    (top / BODY).symlink_to(tmp_path / "outside.png")
    with pytest.raises(FormatError, match="does not lead into the folder"):
        read(top, cache)


def damages() -> list[Callable[[Path], object]]:
    def flipped(at: float) -> Callable[[Path], object]:
        def flip(path: Path) -> None:
            data = bytearray(path.read_bytes())
            data[int(at * (len(data) - 1))] ^= 1
            path.write_bytes(data)

        return flip

    def cut(left: float) -> Callable[[Path], object]:
        return lambda path: os.truncate(path, int(left * path.stat().st_size))

    def blank(path: Path) -> None:
        size = path.stat().st_size
        os.truncate(path, size // 2)  # what a disk has of a file after the power went
        os.truncate(path, size)

    def exchanged(path: Path) -> None:
        data = path.read_bytes()
        path.write_bytes(data[:-8] + data[-4:] + data[-8:-4])

    def replaced(by: Callable[[Path], object]) -> Callable[[Path], object]:
        return lambda path: (path.unlink(), by(path))

    return [
        *map(cut, (0, 0.001, 0.01, 0.5, 0.999)),
        *map(flipped, (0, 0.001, 0.002, 0.01, 0.02, 0.5, 1)),
        blank,
        exchanged,
        lambda path: path.write_bytes(path.read_bytes() + b"\0"),
        lambda path: path.write_bytes(b"mienpg1\n" + b"\xff" * 200),
        replaced(Path.mkdir),
        replaced(lambda path: os.mkfifo(path)),
        replaced(lambda path: path.symlink_to(path)),
    ]


@pytest.mark.parametrize("damage", damages())
def test_what_is_broken_is_made_and_kept_anew(
    tmp_path: Path, cache: PageCache, damage: Callable[[Path], object], nothing_is_made: Callable[[], None]
) -> None:
    top = tiny_character(tmp_path / "a", tiny_document())
    pixels = np.random.default_rng(3).integers(0, 256, (30, 40, 4)).astype(np.uint8)
    write_png(top / BODY, pixels, (12, 50))
    made = read(top, cache)
    assert cache.folder is not None
    (kept,) = cache.folder.iterdir()
    damage(kept)
    assert same(made, read(top, cache))
    if kept.is_file():  # what is no file is nobody's to replace
        nothing_is_made()
    assert same(made, read(top, cache))


def test_pages_of_another_version_are_made_anew(
    tmp_path: Path, cache: PageCache, monkeypatch: pytest.MonkeyPatch, nothing_is_made: Callable[[], None]
) -> None:
    top = tiny_character(tmp_path / "a")
    read(top, cache)
    monkeypatch.setattr(page_cache, "_maker", lambda: b"another")
    with monkeypatch.context():
        nothing_is_made()
        with pytest.raises(AssertionError):
            read(top, cache)
    monkeypatch.undo()


@pytest.mark.parametrize("lack", ["a file", "no room", "full", "denied"])
def test_what_cannot_be_kept_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lack: str) -> None:
    place = tmp_path / "cache"
    cache = PageCache(place / "pages")
    if lack == "a file":
        place.write_bytes(b"")
    elif lack == "no room":
        usage = type("Usage", (), {"free": page_cache.LEAST_FREE_BYTES})
        monkeypatch.setattr(page_cache.shutil, "disk_usage", lambda _: usage)
    else:
        error = OSError(28, "No space left on device") if lack == "full" else PermissionError(13, "denied")

        def fails(_part: object) -> NoReturn:
            raise error

        monkeypatch.setattr(page_cache.PartFile, "keep", fails)
    top = tiny_character(tmp_path / "a")
    made = load_character(top, page_size=128)
    for _ in range(2):
        assert same(made, read(top, cache))
    assert not list(tmp_path.glob("cache/pages/*")) and not list(tmp_path.glob("cache/pages/.*"))


def test_it_never_grows_past_its_bound_and_keeps_what_was_used_last(tmp_path: Path) -> None:
    place = tmp_path / "cache"
    tops = [tiny_character(tmp_path / name) for name in "abcd"]
    read(tops[0], PageCache(place))
    (one,) = place.iterdir()
    size = one.stat().st_size
    cache = PageCache(place, 3 * size + size // 2)
    first = one.name
    for nth, top in enumerate([*tops[1:3], tops[0], tops[3]]):
        read(top, cache)
        for path in place.iterdir():  # file systems have coarse clocks
            if path.stat().st_mtime_ns > 10**18:
                os.utime(path, ns=(nth, nth))
        assert sum(path.stat().st_size for path in place.iterdir()) <= 3 * size + size // 2
    assert len(list(place.iterdir())) == 3 and (place / first).exists()
    read(tops[0], PageCache(tmp_path / "small", size))  # nearly all of it for one: not worth it
    assert not (tmp_path / "small").exists()


def test_what_a_killed_program_left_behind_goes(tmp_path: Path, cache: PageCache) -> None:
    assert cache.folder is not None
    cache.folder.mkdir(parents=True)
    left = cache.folder / ".mien-0123456789ab-01234567.part"
    left.write_bytes(b"half")
    read(tiny_character(tmp_path / "a"), cache)
    assert not left.exists()


def test_several_that_keep_the_same_at_once_keep_it_whole(
    tmp_path: Path, cache: PageCache, nothing_is_made: Callable[[], None]
) -> None:
    top = tiny_character(tmp_path / "a")
    made = load_character(top, page_size=128)
    found: list[bool] = []

    def start() -> None:
        own = PageCache(cache.folder)
        found.extend(same(made, read(top, own)) for _ in range(5))

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 20
    nothing_is_made()
    assert same(made, read(top, cache))


def test_where_nothing_is_kept_no_file_is_read_twice(
    tmp_path: Path, cache: PageCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first start of all costs nothing more."""
    top = tiny_character(tmp_path / "a")
    asked: list[Path] = []
    own = png_header.Path.read_bytes
    monkeypatch.setattr(png_header.Path, "read_bytes", lambda path: (asked.append(path), own(path))[1])
    load_character(top, page_size=128, cache=cache)
    assert asked and len(asked) == len(set(asked))


@pytest.mark.parametrize(
    ("environ", "found"),
    [
        ({"HOME": "/home/a"}, "/home/a/.cache/mien"),
        ({"HOME": "/home/a", "XDG_CACHE_HOME": "/var/a"}, "/var/a/mien"),
        ({"HOME": "/home/a", "XDG_CACHE_HOME": "here"}, "/home/a/.cache/mien"),
        ({"HOME": "/home/a", CACHE: "/tmp/mine"}, "/tmp/mine"),
        ({"HOME": "/home/a", CACHE: "~/mine"}, os.path.expanduser("~/mine")),  # noqa: PTH111
        ({"HOME": "/home/a", CACHE: "Off"}, None),
        ({"HOME": "/home/a", CACHE: "0"}, None),
        ({"HOME": "here"}, None),
        ({}, None),
    ],
)
def test_where_it_is_kept(
    monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], found: str | None
) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    assert cache_folder(environ) == (None if found is None else Path(found))


def test_a_cache_that_is_off_keeps_nothing(tmp_path: Path) -> None:
    cache = PageCache(None)
    read(tiny_character(tmp_path / "a"), cache)
    assert not cache._unkept
