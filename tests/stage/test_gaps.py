"""Who is read anew is made ready between frames, piece by piece."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

import mien
from art.build import tiny_character
from mien.art.kept import KeptFiles
from mien.stage import gaps as module
from mien.stage.gaps import Gaps
from mien.stage.loading import Worker
from mien.switching import give_way, giving_way
from mien.testing import open_on
from stage.timeline import Timeline


def test_a_piece_of_work_waits_for_the_end_of_a_frame_and_a_frame_for_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "LONGEST_S", 60.0)  # or a busy machine has it go on sooner
    gaps, order = Gaps(), list[str]()
    gaps.wait()  # nobody is at a frame

    def work() -> None:
        gaps.wait()
        order.append("work")

    thread = threading.Thread(target=work)
    with gaps.frame():
        gaps.wait()  # on its own thread
        thread.start()
        while thread.is_alive() and not gaps._bell._waiting:
            pass
        order.append("frame")
    thread.join(20)
    assert order == ["frame", "work"]


def test_it_waits_no_longer_than_a_moment_for_a_frame_that_does_not_end() -> None:
    gaps = Gaps()
    with gaps.frame():
        thread = threading.Thread(target=gaps.wait)
        thread.start()
        thread.join(20)
        assert not thread.is_alive()


def test_tables_are_made_in_pieces_and_the_step_of_a_frame_is_told_of(tmp_path: Path) -> None:
    with open_on(Timeline(), {"a": tiny_character(tmp_path / "a")}, size=(96, 80), room=1) as stage:
        stage.frame()
        pieces, within = list[bool](), list[bool]()
        show, gaps = stage._show, stage._loader.gaps
        with giving_way(lambda: pieces.append(True)):
            show.tables_again("a", show.characters["a"], 0)
            assert len(pieces) >= 8
            pieces.clear()
            show.read(show.entries["a"], KeptFiles())
            assert len(pieces) >= 6
        pieces.clear()
        give_way()
        assert not pieces, "elsewhere it is nothing"
        tick = show.tick

        def ticked(at: int) -> object:
            within.append(gaps._by == threading.get_ident())
            return tick(at)

        show.tick = ticked  # type: ignore[method-assign,assignment]
        stage.frame()
        assert within == [True] and gaps._by is None


def test_a_stage_that_renders_reads_anew_as_well(tmp_path: Path) -> None:
    """Where no time passes between frames."""
    tiny = tiny_character(tmp_path / "a")
    with mien.open_stage({"a": tiny}, size=(96, 80), room=1) as stage:
        told = list[str]()
        stage.reload("a", done=told.append)
        stage.frame()
        assert told == [""]


def test_the_thread_that_loads_gives_way_wherever_it_may() -> None:
    asked = list[str]()
    worker = Worker(lambda: asked.append(threading.current_thread().name))
    worker.ask(lambda: give_way() or "done")  # type: ignore[func-returns-value]
    while (came := worker.take()) is None:
        pass
    worker.close()
    assert (came, asked) == ("done", ["mien-loading"])
