"""A stage that is opened again takes its pages from the start before, and shows the same."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest

import mien
from art.build import box, layered_character, tiny_character, write_png
from mien.art import folder, load, page_cache
from mien.caches import CACHE
from mien.errors import NoThreads
from mien.types import U8

SIZE = (96, 80)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where pages are kept."""
    monkeypatch.setenv(CACHE, str(tmp_path / "cache"))
    return tmp_path / "cache" / "pages"


@pytest.fixture
def cast(tmp_path: Path) -> dict[str, Path]:
    return {"a": tiny_character(tmp_path / "a"), "b": layered_character(tmp_path / "b")}


def shown(cast: dict[str, Path], room: Path | None = None) -> Iterator[U8]:
    with mien.open_stage(cast, size=SIZE, background=room) as stage:
        for _ in range(3):
            yield stage.frame().copy()
        stage.set_expression("a", "happy")
        for _ in range(8):
            yield stage.frame().copy()


def forbid(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on no picture is decoded."""

    def decoded(*_: object) -> NoReturn:
        raise AssertionError("is made anew")

    monkeypatch.setattr(folder, "decode", decoded)
    monkeypatch.setattr(load, "decode", decoded)


def test_the_next_start_decodes_nothing_and_shows_the_same(
    tmp_path: Path, cast: dict[str, Path], place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = tmp_path / "room.png"
    write_png(room, np.random.default_rng(5).integers(0, 256, (40, 60, 4)).astype(np.uint8))
    with monkeypatch.context() as off:
        off.setenv(CACHE, "off")
        without = list(shown(cast, room))
    assert not place.exists()
    first = list(shown(cast, room))
    assert len(list(place.iterdir())) == 3
    forbid(monkeypatch)
    again = list(shown(cast, room))
    for pictures in (first, again):
        assert all(map(np.array_equal, without, pictures))


def test_what_is_kept_holds_no_page_in_memory_and_no_thread(cast: dict[str, Path], place: Path) -> None:
    with mien.open_stage(cast, size=SIZE) as stage:
        keeping = [one for one in threading.enumerate() if one.name == "mien-keeping"]
        stage.frame()
        for thread in keeping:
            thread.join()
        assert not stage._show.cache._unkept and len(list(place.iterdir())) == 2
    for _ in shown(cast):
        assert not [one for one in threading.enumerate() if one.name == "mien-keeping"]


def test_where_no_thread_can_be_had_nothing_is_kept(
    cast: dict[str, Path], place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_: object) -> NoReturn:
        raise NoThreads("there are no more.")

    monkeypatch.setattr(page_cache, "start_thread", refused)
    with mien.open_stage(cast, size=SIZE) as stage:
        assert stage.frame().any() and not stage._show.cache._unkept
    assert not place.exists()


def test_nothing_is_written_before_all_is_ready(
    cast: dict[str, Path], place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the first start of all takes more must not hold up its picture."""
    ready = page_cache.PageCache.keeping

    def looked(cache: page_cache.PageCache) -> object:
        assert not place.exists() and len(cache._unkept) == 2
        return ready(cache)

    monkeypatch.setattr(page_cache.PageCache, "keeping", looked)
    assert len(list(shown(cast))) == 11


def test_opening_a_stage_loads_no_module_that_nothing_needs(cast: dict[str, Path], place: Path) -> None:
    """numpy's masked arrays, which `np.unique` asks for, took a seventh of the time in which kept pages are
    read. Art files are for imports, and for stills of them."""
    program = """
import sys, mien
with mien.open_stage({"a": sys.argv[1]}, size=(96, 80)) as stage:
    stage.frame()
print(*sorted({"numpy.ma", "mien.art.layered"} & set(sys.modules)))
"""
    for _ in range(2):
        ran = subprocess.run(
            [sys.executable, "-c", program, str(cast["a"])], capture_output=True, text=True, check=True
        )
        assert ran.stdout.strip() == ""


def test_what_is_edited_on_a_stage_of_kept_pages_is_shown(cast: dict[str, Path], place: Path) -> None:
    for _ in shown(cast):
        pass
    edited = cast["a"] / "parts" / "body" / "main.png"
    with mien.open_stage(cast, size=SIZE, room=1) as stage:
        stage.frame()
        write_png(edited, box(50, 30, (200, 30, 40, 255)), (7, 50))
        stage.reload("a")
        after = stage.frame().copy()
    with mien.open_stage(cast, size=SIZE) as always:
        always.frame()
        assert np.array_equal(after, always.frame())


def test_who_joins_or_is_read_as_another_is_taken_from_an_earlier_start_and_kept_for_the_next(
    cast: dict[str, Path], place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    joining, other = tiny_character(tmp_path / "joining"), tiny_character(tmp_path / "other")
    first = dict(list(cast.items())[:1])
    (who,) = first
    with mien.open_stage(first, size=SIZE, room=1) as stage:
        stage.load("more", joining)
        stage.reload(who, other)
        stage.frame()
        made = stage.frame()
    assert len(list(place.iterdir())) == 3
    forbid(monkeypatch)
    with mien.open_stage(first, size=SIZE, room=1) as stage:
        stage.load("more", joining)
        stage.reload(who, other)
        stage.frame()
        assert np.array_equal(stage.frame(), made) and stage.warnings == () and "more" in stage.cast
        assert not stage._show.cache._unkept
