"""Characters that join and are given up while frames go on: within each frame's budget, nothing missing."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FrameType, FunctionType, ModuleType

import numpy as np
import pytest

import mien
from art.build import box, layered_character, layered_document, tiny_character, write_png
from mien.clock import VirtualClock
from mien.composite.gl.page_stream import PageStream
from mien.errors import ScriptError
from mien.script import GazeSet
from mien.stage.live import LiveStage
from mien.stage.loading import PageNumbers
from mien.talk import Cue
from mien.testing import open_on
from stage.test_stage import tone
from stage.timeline import Timeline, decoded

SIZE = (96, 48)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_character(tmp_path_factory.mktemp("cast") / "tiny")


class Counting(VirtualClock):
    """A millisecond further whenever it is asked."""

    def now_ns(self) -> int:
        self.advance_ns(1_000_000)
        return super().now_ns()


def frames(stage: LiveStage, most: int = 3000) -> Iterator[int]:
    for k in range(most):
        stage.frame()
        yield k
    raise AssertionError("never done")


def test_one_who_joins_while_another_speaks_costs_no_frame_more_than_its_budget(tiny: Path) -> None:
    with open_on(Timeline(), {"a": tiny}, size=SIZE, room=1) as stage:
        decoded(stage, stage.say("a", tone(0.5)))
        counters, supply = stage._compositor.counters, stage._show.supply
        assert isinstance(supply, PageStream)
        supply._clock = Counting()
        stage.frame()
        made = (counters.compiles, counters.allocations)
        stage.load("b", tiny)
        assert (stage.loading, stage.cast) == (("b",), ("a",))
        stage.enter("b", seconds=0.1)
        before, most = counters.page_bytes, 0
        for _ in frames(stage):
            most = max(most, counters.page_bytes - before)
            before = counters.page_bytes
            if stage.on_stage == ("a", "b"):
                break
        for _ in range(10):
            stage.frame()
        side = stage._show.page_size
        # The clock says that three slices of 64 lines take the 2 ms.
        assert 0 < most <= 3 * 64 * side * 4
        assert counters.page_uploads == 2, "one at the opening, and one since"
        assert (counters.compiles, counters.allocations) == made
        assert counters.misses == 0 and stage.ledger.count("l1_miss_total") == 0
        assert stage.ledger.count("audio_underruns_total") == 0
        assert (stage.loading, stage.warnings) == ((), ())
        assert not [event for event in stage.events() if event.damaged or event.interrupted]


def test_one_who_has_joined_is_drawn_as_if_it_had_been_there_from_the_start(tiny: Path) -> None:
    with (
        mien.open_stage({"a": tiny}, size=SIZE, room=1) as grown,
        mien.open_stage(
            [mien.CastEntry("a", tiny), mien.CastEntry("b", tiny, on_stage=False)], size=SIZE
        ) as whole,
    ):
        # Sizes go by the cast at the opening: these are so small that both are as high as the frame.
        for stage in (grown, whole):
            stage.frame()
        grown.load("b", tiny)
        for stage in (grown, whole):
            stage.enter("b", seconds=0.2)
        for _ in range(12):
            assert np.array_equal(grown.frame(), whole.frame())


def test_who_is_given_up_leaves_its_place_and_its_pages_to_others(tiny: Path) -> None:
    with mien.open_stage({"a": tiny}, size=SIZE, room=1, fades=True) as stage:
        stage.frame()
        made = stage._compositor.counters.allocations
        for key in ("b", "c", "b"):
            stage.load(key, tiny)
            stage.enter(key, transition="fade", seconds=0.1)
            for _ in range(6):
                stage.frame()
            assert stage.on_stage == ("a", key)
            with pytest.raises(ScriptError, match=f"'{key}' is on stage; let it leave first"):
                stage.unload(key)
            stage.leave(key, seconds=0)
            stage.frame()
            stage.unload(key)
            stage.frame()
            stage.frame()
            assert stage.cast == ("a",) and not stage._show.loaded_pages
            assert stage._show.script.lanes(key) == {}
        assert stage._compositor.counters.allocations == made


def test_groups_of_one_who_takes_the_place_of_another_are_drawn_as_if_it_had_always_been_there(
    tiny: Path, tmp_path: Path
) -> None:
    leaves, comes = layered_character(tmp_path / "leaves"), layered_document()
    comes["group"] = comes["group"][1:2]
    joins = tiny_character(tmp_path / "joins", comes)
    write_png(joins / "m.png", box(30, 30, (0, 0, 0, 90)), (15, 15))
    cast = [mien.CastEntry("a", tiny), mien.CastEntry("b", leaves)]
    waits = mien.CastEntry("c", joins, on_stage=False)
    with mien.open_stage(cast, size=SIZE) as grown, mien.open_stage([*cast, waits], size=SIZE) as whole:
        made = grown._compositor.counters.allocations
        for stage in (grown, whole):
            stage.leave("b", seconds=0.1)
            for _ in range(5):
                stage.frame()
        grown.unload("b")
        grown.load("c", joins)
        assert grown.cast == ("a", "c") and grown.warnings == ()
        for stage in (grown, whole):
            stage.enter("c", seconds=0.2)
        for _ in range(10):
            assert np.array_equal(grown.frame(), whole.frame())
        assert grown._compositor.counters.allocations == made


def held_by(*roots: object) -> set[str]:
    """Every text that these hold, in whatever they hold."""
    texts, seen = set[str](), set[int]()
    stack = list(roots)
    while stack:
        one = stack.pop()
        if isinstance(one, str):
            texts.add(one)
        # A look that was told, and those that a script keeps are few, names whom it went to.
        if id(one) in seen or isinstance(one, type | ModuleType | CodeType | FrameType | GazeSet):
            continue
        seen.add(id(one))
        # Of a function what it closes over: its module is no state.
        stack += (one.__closure__ or ()) if isinstance(one, FunctionType) else gc.get_referents(one)
    return texts


def test_nothing_is_kept_of_one_who_was_given_up(tiny: Path) -> None:
    with mien.open_stage({"a": tiny}, size=SIZE, room=1) as stage:
        stage.nod("a")
        for key in ("guest 1", "guest 2"):
            stage.load(key, tiny)
            stage.nod(key)  # which nobody sees
            stage.enter(key, seconds=0.1)
            for _ in range(5):
                stage.frame()
            stage.say(key, tone(0.1), "[happy] Hello!", cues=[Cue(0.0, "gaze", "a")])
            stage.look_at(key, "a")
            stage.look_at("a", key)
            stage.gesture(key, "wave")
            for _ in range(12):
                stage.frame()
            assert len(stage.events()) == 4
            stage.leave(key, seconds=0)
            stage.frame()
            stage.nod(key)
            stage.unload(key)
            stage.look_at("a", "viewer")
            for _ in range(40):
                stage.frame()
            # What is told to hosts is theirs: events and warnings.
            stage._show.session.warnings.clear()
            stage._show.session.ended.clear()
        for _ in range(330):  # as long as a script, and what was spoken, is kept
            stage.nod("a")
            stage.frame()
        texts = held_by(stage._show, stage._loader, stage._compositor)
        assert "a" in texts
        assert not [text for text in texts if "guest" in text]


def test_what_cannot_join_is_told_and_frames_go_on(tiny: Path, tmp_path: Path) -> None:
    with mien.open_stage({"a": tiny}, size=SIZE, room=1) as stage:
        stage.load("b", tmp_path / "nobody")
        assert "'b' could not be loaded: " in stage.warnings[-1]
        assert list(stage.cast) == ["a"]
        stage.load("b", tiny)
        assert stage.cast == ("a", "b"), "its room is free again"
        with pytest.raises(ScriptError, match="has room for 2 characters, and 'c' is one more: unload"):
            stage.load("c", tiny)
        with pytest.raises(ScriptError, match="'b' is in the cast already"):
            stage.load("b", tiny)
        stage.frame()
    with mien.open_stage({"a": tiny}, size=SIZE) as stage, pytest.raises(ScriptError, match="room for 1 "):
        stage.load("b", tiny)


def test_page_numbers_are_given_in_a_row_or_not_and_come_back() -> None:
    numbers = PageNumbers(2, 4)
    assert (numbers.take(2), numbers.take(1), numbers.take(2), numbers.take(1)) == ([2, 3], [4], None, [5])
    numbers.give(range(1))  # of who was there from the start
    numbers.give([4])
    assert numbers.take(2) == [0, 4] and numbers.take(1) is None


def joined(stage: LiveStage, tiny: Path) -> None:
    """Somebody who has joined, come and gone again."""
    stage.load("b", tiny)
    stage.enter("b", seconds=0.0)
    for _ in frames(stage):
        if stage.on_stage == ("a", "b"):
            break
    stage.leave("b", seconds=0.0)
    for _ in range(5):
        stage.frame()


def test_who_is_given_up_twice_or_told_more_meanwhile_stays_or_goes_once(tiny: Path) -> None:
    with open_on(Timeline(), {"a": tiny}, size=SIZE, room=1) as stage:
        joined(stage, tiny)
        stage.unload("b")
        with pytest.raises(ScriptError, match="is being given up already"):
            stage.unload("b")
        stage.enter("b", seconds=0.0)
        for _ in frames(stage):
            if stage.warnings:
                break
        assert stage.on_stage == ("a", "b")
        assert stage.warnings == ("'b' could not be given up: 'b' is on stage; let it leave first.",)
        stage.leave("b", seconds=0.0)
        for _ in range(5):
            stage.frame()
        stage.unload("b")
        feed = mien.PcmFeed(48_000)  # a turn that is never over, however long the worker takes
        stage.say("b", feed)
        for _ in frames(stage):
            if "'b' has turns to speak" in stage.warnings[-1]:
                break
        assert stage.cast == ("a", "b")


def test_cues_are_told_of_also_where_who_followed_them_or_was_looked_at_is_gone_since(tiny: Path) -> None:
    with mien.open_stage({"a": tiny, "b": tiny}, size=SIZE) as stage:
        cues = [Cue(0.0, "nod", 0.5), Cue(0.0, "gaze", "a"), Cue(0.0, "gesture", "none such")]
        stage.say("b", tone(0.1), cues=[*cues, Cue(0.0, "nod", 0.5)])
        stage.say("a", tone(0.1), cues=[Cue(0.0, "gaze", "b")])
        for _ in stage.frames(tail_s=0.1):
            pass
        stage.leave("b", seconds=0.0)
        stage.frame()
        stage.unload("b")
        while stage.cast != ("a",):
            stage.frame()
        told = [(event.turn, event.cue.kind) for event in stage.events() if event.cue is not None]
        assert told == [("turn-1", "nod"), ("turn-1", "gaze"), ("turn-1", "nod"), ("turn-2", "gaze")]


def test_what_is_told_of_one_who_is_being_loaded_fails_by_itself_and_nothing_else(tiny: Path) -> None:
    with open_on(Timeline(), {"a": tiny}, size=SIZE, room=1) as stage:
        stage.load("b", tiny)
        with pytest.raises(ScriptError, match="is being loaded; until it is there it can only `enter`"):
            stage.set_expression("b", "neutral")
        stage.enter("b", transition="fade")
        for _ in frames(stage):
            if not stage.loading:
                break
        assert (stage.cast, stage.on_stage) == (("a", "b"), ("a",))
        assert "cannot fade on this stage" in stage.warnings[0]
        stage.enter("b", seconds=0.0)
        stage.frame()
        stage.frame()
        assert stage.on_stage == ("a", "b")


def test_another_thread_may_load_somebody_and_have_it_enter(tiny: Path) -> None:
    with open_on(Timeline(), {"a": tiny}, size=SIZE, room=1) as stage:
        stage.frame()
        refused = list[Exception]()

        def tell() -> None:
            try:
                stage.load("b", tiny)
                stage.enter("b", seconds=0.0)
            except Exception as error:
                refused.append(error)

        other = threading.Thread(target=tell)
        other.start()
        other.join()
        for _ in frames(stage):
            if stage.on_stage == ("a", "b"):
                break
        assert refused == [] and stage.warnings == ()


def test_a_page_budget_without_room_for_who_joins_refuses_it(tiny: Path) -> None:
    page = 4 * 1024**2
    with open_on(Timeline(), {"a": tiny}, size=SIZE, room=1, page_budget=page) as stage:
        stage.load("b", tiny)
        for _ in frames(stage):
            if not stage.loading:
                break
        assert stage.cast == ("a",)
        assert "the page budget leaves room for 0; give more" in stage.warnings[0]


def test_who_joins_or_cannot_is_told_to_whoever_asked(tiny: Path, tmp_path: Path) -> None:
    told: list[tuple[str, str]] = []
    with open_on(Timeline(), {"a": tiny}, size=SIZE, room=1) as stage:
        (tmp_path / "character.toml").touch()
        stage.load("b", tmp_path, done=lambda wrong: told.append(("b", wrong)))
        for _ in frames(stage):
            if not stage.loading:
                break
        stage.load("c", tiny, done=lambda wrong: told.append(("c", wrong)))
        for _ in frames(stage):
            if not stage.loading:
                break
        with pytest.raises(ScriptError, match="has room for 2"):
            stage.load("d", tiny, done=lambda wrong: told.append(("d", wrong)))
    assert [key for key, _ in told] == ["b", "c", "d"]
    assert "character.toml" in told[0][1] and told[1][1] == "" and "has room for 2" in told[2][1]
