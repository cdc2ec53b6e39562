"""Characters that are watched are read by a process of its own, and look as if they were read here."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import mien
from art.build import box, tiny_character, tiny_document, tiny_parts, write_png
from mien.art import load
from mien.art.kept import KeptFiles
from mien.art.load import load_character
from mien.errors import AssetMissing, FormatError
from mien.shared_memory import SharedMemory, remove_left
from mien.stage.cast import CastEntry, scale_of
from mien.stage.live import LiveStage
from mien.stage.reader import Measures, Reader, pages_in
from mien.stage.reader_apart import ReaderApart, ReaderGone
from mien.types import Size
from stage.test_reloading import SIZE, seen

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no memory can be handed to a process there")

MEASURES = Measures(Size(96, 80), 1, 2048, True)


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    return tiny_character(tmp_path / "tiny")


@pytest.fixture
def apart() -> Iterator[ReaderApart]:
    reader = ReaderApart(MEASURES)
    yield reader
    reader.close()


def opened(tiny: Path) -> LiveStage:
    """A stage of which a process has read all ahead."""
    stage = mien.open_live({"a": tiny}, size=SIZE, fps=60, room=1, playout="null")
    stage._show.read_ns["a"] += 10**12  # what was written just before was read
    readings = stage._loader.readings
    readings.begin_apart()
    readings.read_ahead(stage._show.entries["a"])
    return stage


def saved(stage: LiveStage) -> str:
    """Have it read anew, and wait for it: what was wrong."""
    told = list[str]()
    stage.reload("a", done=told.append)
    while not told:
        stage.frame()
    return told[0]


def repaint(tiny: Path, colour: tuple[int, int, int, int]) -> None:
    write_png(tiny / "parts" / "body" / "main.png", box(40, 30, colour), (12, 50))


def test_what_it_has_read_is_what_is_read_here(tiny: Path, apart: ReaderApart) -> None:
    entry, reader = CastEntry("a", tiny), Reader(MEASURES)
    for ahead in (True, False):
        found = apart.read(entry, ahead=ahead)
        here = reader.read(entry)
        assert found is not None and here is not None
        loaded, newest_ns = found
        assert (loaded.character, loaded.warnings, newest_ns) == (
            here.character,
            here.warnings,
            here.newest_ns,
        )
        scale = scale_of(entry, MEASURES.frame, 1)
        own = load_character(tiny, scale=scale, page_size=2048, joined=True)
        assert all(np.array_equal(one, other) for one, other in zip(loaded.pages, own.pages, strict=True))
        assert not loaded.pages[0].flags.writeable
    reader.forget("a")


def test_a_save_brings_what_has_changed_alone_again_and_again(tiny: Path) -> None:
    with opened(tiny) as stage:
        counters = stage._compositor.counters
        before = counters.page_uploads
        for nth in range(1, 5):
            repaint(tiny, (200, nth, 40, 255))
            assert saved(stage) == ""
            assert seen(stage.frame(), (200, nth, 40)) > 100
            assert (counters.page_uploads, counters.part_uploads) == (before, nth)
        assert not stage._loader.readings.kept, "nothing was read here"


def test_what_was_read_and_is_not_shown_is_not_taken_for_what_is(
    tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where its tables are refused: what is saved next lies on the pages that are shown."""
    entry, reader = CastEntry("a", tiny), Reader(MEASURES)
    shown = reader.read(entry)
    reader.shown("a")
    with monkeypatch.context() as full:
        full.setattr(load, "exchanged", lambda *_: None)
        repaint(tiny, (200, 1, 40, 255))
        refused = reader.read(entry)
    repaint(tiny, (200, 2, 40, 255))
    found = reader.read(entry)
    assert shown is not None and refused is not None and found is not None
    assert refused.memory != shown.memory == found.memory
    assert found.brought is not None
    (room,) = found.brought
    _, place, count = found.memory
    memory = SharedMemory.at(place, count * 4 * MEASURES.page_size**2)
    page = pages_in(memory, count, MEASURES.page_size)[room.page]
    memory.close()
    x, y, width, height = room.region
    assert (page[y + height // 2, x + width // 2] == (200, 2, 40, 255)).all()
    reader.forget("a")
    assert not Path(shown.memory[1]).exists() and not Path(refused.memory[1]).exists()


def test_what_is_wrong_is_told_in_the_same_sentence(tiny: Path, apart: ReaderApart) -> None:
    (tiny / "parts" / "mouth" / "grin.png").unlink()
    with pytest.raises(AssetMissing, match=r"grin\.png, which does not exist"):
        apart.read(CastEntry("a", tiny))
    (tiny / "character.toml").write_text("canvas = 7\n")
    with pytest.raises(FormatError) as here:
        load_character(tiny)
    with pytest.raises(FormatError) as told:
        apart.read(CastEntry("a", tiny))
    assert str(told.value) == str(here.value)
    tiny_character(tiny)
    assert apart.read(CastEntry("a", tiny)) is not None, "and it goes on"


def test_a_process_that_is_killed_costs_no_save(tiny: Path) -> None:
    with opened(tiny) as stage:
        apart = stage._loader.readings._apart
        assert apart is not None
        os.kill(apart.reader.pid, signal.SIGKILL)
        for nth in (1, 2):
            repaint(tiny, (200, nth, 40, 255))
            assert saved(stage) == ""
            assert seen(stage.frame(), (200, nth, 40)) > 100
        assert stage._loader.readings._apart is None and "a" in stage._loader.readings.kept


def test_who_was_read_here_meanwhile_is_read_here_from_then_on(tiny: Path) -> None:
    """What is on the pages is known here alone."""
    with opened(tiny) as stage:
        readings = stage._loader.readings
        assert readings._apart is not None
        counters = stage._compositor.counters
        with readings._apart.reader.asking:  # it is at another
            repaint(tiny, (200, 1, 40, 255))
            assert saved(stage) == ""
        assert "a" in readings.kept and "a" not in readings._apart.has
        before = counters.page_uploads
        repaint(tiny, (200, 2, 40, 255))
        assert saved(stage) == ""
        assert (counters.page_uploads, counters.part_uploads) == (before, 1)
        assert seen(stage.frame(), (200, 2, 40)) > 100


def test_a_process_is_not_told_that_what_another_one_read_is_shown(tiny: Path) -> None:
    with opened(tiny) as stage:
        readings = stage._loader.readings
        repaint(tiny, (200, 1, 40, 255))
        assert saved(stage) == ""
        readings.close()
        readings.begin_apart()
        readings.read_ahead(stage._show.entries["a"])
        write_png(tiny / "parts" / "head" / "main.png", box(32, 40, (10, 200, 70, 255)), (16, 12))
        assert saved(stage) == ""
        picture = stage.frame()
        assert seen(picture, (200, 1, 40)) > 100 and seen(picture, (10, 200, 70)) > 100


def test_who_was_read_here_while_the_process_read_ahead_is_not_kept_by_it(tiny: Path) -> None:
    with opened(tiny) as stage:
        readings = stage._loader.readings
        assert readings._apart is not None
        readings.kept["a"] = KeptFiles()
        readings.read_ahead(stage._show.entries["a"])
        assert not readings._apart.reader._pages


def test_another_character_in_its_place_is_read_here(tiny: Path, tmp_path: Path) -> None:
    document, parts = tiny_document(), tiny_parts()
    parts["body/main"] = (box(50, 30, (10, 200, 40, 255)), (7, 50))
    other = tiny_character(tmp_path / "other", document, parts)
    with opened(tiny) as stage:
        stage.reload("a", other)
        while stage.loading or stage.sources["a"] != other:
            stage.frame()
        assert seen(stage.frame(), (10, 200, 40)) > 100
        write_png(other / "parts" / "body" / "main.png", box(50, 30, (9, 9, 200, 255)), (7, 50))
        assert saved(stage) == "" and seen(stage.frame(), (9, 9, 200)) > 100


def test_it_ends_with_its_stage_and_with_whoever_asks(tiny: Path, apart: ReaderApart) -> None:
    with opened(tiny) as stage:
        readings = stage._loader.readings
        assert readings._apart is not None
        process = readings._apart.reader._process
    assert process.poll() is not None and stage._loader.readings._apart is None
    assert apart._process.stdin is not None
    apart._process.stdin.close()  # as a program that is killed leaves it
    assert apart._process.wait(20) == 0
    with pytest.raises(ReaderGone):
        apart.read(CastEntry("a", tiny))


def test_memory_that_has_a_name_is_removed_behind_a_process_that_was_killed(tmp_path: Path) -> None:
    left, other = tmp_path / "left", Path("/proc/self/stat")
    left.write_bytes(b"pages")
    for place in (left, other, left):
        remove_left(str(place))
    assert not left.exists() and other.exists()
