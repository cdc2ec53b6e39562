"""Characters that are read anew while frames go on: as if they had always been so, and without a hitch."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mien
from art.build import box, layered_character, tiny_character, tiny_document, tiny_parts, write_png
from interrupting import interrupted_at
from mien.art import folder
from mien.art.kept import KeptFiles
from mien.errors import ScriptError
from mien.stage import foreseeing, loader, loading, recasting, show, staging
from mien.stage.inbox import MOST
from mien.stage.live import LiveStage
from mien.talk import Cue
from mien.testing import open_on
from mien.types import U8
from stage.test_stage import tone
from stage.timeline import Timeline, decoded

SIZE = (96, 80)
Edit = Callable[[dict[str, Any]], object]


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    return tiny_character(tmp_path / "tiny")


def repaint(
    folder: Path, colour: tuple[int, int, int, int] = (200, 30, 40, 255), edit: Edit | None = None
) -> None:
    """Another body, twice as wide, and what `edit` does to the document."""
    document, parts = tiny_document(), tiny_parts()
    parts["body/main"] = (box(50, 30, colour), (7, 50))
    if edit is not None:
        edit(document)
    tiny_character(folder, document, parts)


def frames(stage: LiveStage, most: int = 3000) -> Iterator[int]:
    for k in range(most):
        stage.frame()
        yield k
    raise AssertionError("never done")


def seen(picture: U8, colour: tuple[int, int, int]) -> int:
    """How many pixels have this colour."""
    return int((picture[:, :, :3] == colour).all(axis=2).sum())


def until_read(stage: LiveStage) -> None:
    for _ in frames(stage):
        if not stage.loading:
            return


def speaks(stage: mien.Stage, who: str = "a") -> None:
    stage.set_expression(who, "happy")
    stage.say(who, tone(0.6))
    for _ in range(9):
        stage.frame()


def dimmed(document: dict[str, Any]) -> None:
    document["slot"][0]["opacity"] = 0.5


def edited(edit: Edit) -> dict[str, Any]:
    document = tiny_document()
    edit(document)
    return document


def moved(document: dict[str, Any]) -> None:
    document["canvas"], document["anchor"] = [64, 84], [30, 80]


@pytest.mark.parametrize("edit", [None, moved])
@pytest.mark.parametrize("fades", [False, True])
def test_who_is_read_anew_in_the_middle_of_a_turn_is_drawn_as_if_it_had_always_been_so(
    tmp_path: Path, edit: Edit | None, *, fades: bool
) -> None:
    # Who would look at another looks where its eyes were, until the next look.
    kept, changing = tiny_character(tmp_path / "b"), layered_character(tmp_path / "a")
    cast = {"a": changing, "b": kept} if edit is None else {"a": changing}
    with mien.open_stage(cast, size=SIZE, room=1, fades=fades) as stage:
        made = stage._compositor.counters.allocations
        speaks(stage)
        repaint(changing, edit=edit)
        stage.reload("a")
        assert (stage.loading, stage.cast, stage.warnings) == ((), tuple(cast), ())
        after = [stage.frame().copy() for _ in range(30)]
        assert stage._compositor.counters.allocations == made
        assert [event.interrupted for event in stage.events() if event.kind == "finished"] == [False]
    with mien.open_stage(cast, size=SIZE, fades=fades) as always:
        speaks(always)
        for k, frame in enumerate(after):
            assert np.array_equal(frame, always.frame()), k


def test_live_it_costs_no_frame_more_than_its_budget_and_comes_with_all_that_it_shows(tiny: Path) -> None:
    with open_on(Timeline(), {"a": tiny}, size=SIZE, room=1) as stage:
        decoded(stage, stage.say("a", tone(0.5)))
        stage.frame()
        counters = stage._compositor.counters
        made, pages = (counters.compiles, counters.allocations), counters.page_uploads
        # Where each is on the pages is known from the second time on.
        for k in range(3):
            repaint(tiny, (60 * k, 30, 40, 255))
            stage.reload("a")
            assert (stage.loading, stage.cast, stage.on_stage) == (("a",), ("a",), ("a",))
            stage.set_expression("a", "happy")  # it is there all the time
            until_read(stage)
            stage.frame()
            assert seen(stage.screenshot(), (60 * k, 30, 40)) > 500
        for _ in range(10):
            stage.frame()
        assert (counters.page_uploads, counters.part_uploads) == (pages + 1, 2)
        assert (counters.compiles, counters.allocations) == made
        assert counters.misses == 0 and stage.ledger.count("l1_miss_total") == 0
        assert len(stage._show.loaded_pages) == 1 and stage.warnings == ()


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda folder: (folder / "character.toml").write_text("format = "), "character.toml"),
        (lambda folder: (folder / "parts" / "body" / "main.png").write_bytes(b"no"), "main.png"),
        (lambda folder: (folder / "parts" / "head" / "main.png").unlink(), "head"),
    ],
)
def test_what_is_broken_is_told_with_its_file_and_the_old_picture_stays(
    tiny: Path, spoil: Callable[[Path], object], said: str
) -> None:
    with (
        mien.open_stage({"a": tiny}, size=SIZE, room=1) as stage,
        mien.open_stage({"a": tiny}, size=SIZE) as old,
    ):
        for one in (stage, old):
            one.frame()
        spoil(tiny)
        stage.reload("a")
        assert len(stage.warnings) == 1
        assert stage.warnings[0].startswith("'a' could not be read anew: ") and said in stage.warnings[0]
        for _ in range(5):
            assert np.array_equal(stage.frame(), old.frame())
        repaint(tiny)
        stage.reload("a")
        assert seen(stage.frame(), (200, 30, 40)), "its pages are free again"


def test_what_it_lacks_now_is_left_out_and_what_it_can_do_since_is_known(tiny: Path) -> None:
    def lacks(document: dict[str, Any]) -> None:
        del document["expressions"]["happy"], document["aliases"], document["gestures"]["wave"]
        document["slot"].pop()
        document["expressions"]["zag"] = {"channels": {"head_roll": -0.5}}

    repaint(tiny, edit=lambda document: document["expressions"].update(zig={"mood": "smile"}))
    with mien.open_stage({"a": tiny}, size=SIZE, room=1) as stage:
        stage.set_expression("a", "zig")
        stage.wear("a", "blush", "soft")
        stage.gesture("a", "wave")
        stage.say("a", tone(0.2), cues=[Cue(0.1, "expression", "zig"), Cue(0.1, "expression", "zag")])
        stage.frame()
        with pytest.raises(ScriptError, match="zag"):
            stage.set_expression("a", "zag")
        repaint(tiny, edit=lacks)
        stage.reload("a")
        for _ in range(10):
            stage.frame()
        with pytest.raises(ScriptError, match="zig"):
            stage.set_expression("a", "zig")
        stage.set_expression("a", "zag")
        stage.frame()
        assert len(stage.warnings) == 1 and "'zag'" in stage.warnings[0], "of the turn, as it was then"


def test_as_somebody_else_off_stage_and_told_from_another_thread_at_the_same_time(tmp_path: Path) -> None:
    one, two = tiny_character(tmp_path / "one"), tiny_character(tmp_path / "two")
    repaint(two)
    with open_on(Timeline(), {"a": one, "b": one}, size=SIZE, room=1) as stage:
        stage.leave("a", seconds=0.0)
        for _ in range(3):
            stage.frame()
        stage.reload("a", two)
        stage.reload("a", two)  # waits for the first, and is told of once
        stage.reload("a", one)
        stage.reload("a", two)
        stage.enter("a", seconds=0.0)
        until_read(stage)
        stage.frame()
        assert stage.on_stage == ("a", "b") and seen(stage.screenshot(), (200, 30, 40))
        assert stage.warnings == ()
        for who in ("nobody", ""):
            with pytest.raises(ScriptError):
                stage.reload(who)
        with pytest.raises(ScriptError, match="the character of 'a'"):
            stage.reload("a", 7)  # type: ignore[arg-type]


def test_who_is_given_up_meanwhile_and_who_has_no_room_is_told(tiny: Path) -> None:
    with open_on(Timeline(), {"a": tiny, "b": tiny}, size=SIZE, room=1) as stage:
        stage.leave("b", seconds=0.0)
        for _ in range(3):
            stage.frame()
        stage.unload("b")
        stage.reload("b")
        for _ in frames(stage):
            if stage.cast == ("a",) and not stage.loading:
                break
        assert stage.warnings == ("'b' could not be read anew: it is of the cast no more.",)
    with mien.open_stage({"a": tiny}, size=SIZE) as stage:
        stage.reload("a")
        assert "open the stage with more room" in stage.warnings[0]
        stage.frame()


def test_only_what_has_changed_is_decoded_anew(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = list[str]()
    decode = folder.decode

    def counted(data: bytes, name: str) -> U8:
        read.append(Path(name).stem)
        return decode(data, name)

    with mien.open_stage({"a": tiny, "b": tiny}, size=SIZE, room=1) as stage:
        monkeypatch.setattr(folder, "decode", counted)
        stage.reload("a")
        assert len(read) == len(tiny_parts())
        read.clear()
        write_png(tiny / "parts" / "body" / "main.png", box(30, 30, (1, 2, 3, 255)), (12, 50))
        stage.reload("a")
        assert read == ["main"]
        assert seen(stage.frame(), (1, 2, 3)), "and shown"
        (tiny / "parts" / "mouth" / "grin.png").unlink()
        stage.reload("a")
        assert read == ["main"] and "grin.png" in stage.warnings[-1]
        write_png(tiny / "parts" / "mouth" / "grin.png", box(9, 2, (120, 30, 30, 200)), (27, 42))
        stage.reload("a")
        assert read == ["main", "grin"]
        stage.leave("a", seconds=0.0)
        for _ in range(3):
            stage.frame()
        stage.unload("a")
        stage.frame()
        assert stage._loader.readings.kept == {}


def test_what_changes_no_picture_uploads_none_and_a_part_alone_where_one_has_changed(tiny: Path) -> None:
    with open_on(Timeline(), {"a": tiny}, size=SIZE, room=1) as stage:
        stage.frame()
        counters, kept = stage._compositor.counters, KeptFiles()
        stage._show.read_ns["a"] += 10**12  # what was written just before was read
        stage._loader.readings.keep(
            stage._show.entries["a"], kept, stage._show.read(stage._show.entries["a"], kept)
        )
        before = counters.page_uploads
        for edit in (dimmed, lambda document: None):
            tiny_character(tiny, edited(edit))
            stage.reload("a")
            until_read(stage)
            assert (counters.page_uploads, counters.part_uploads) == (before, 0)


def test_on_the_pages_that_it_has_it_looks_as_if_it_had_always_been_so(tiny: Path) -> None:
    rng = np.random.default_rng(3)
    with mien.open_stage({"a": tiny}, size=SIZE, room=1) as stage:
        counters = stage._compositor.counters
        for k in range(12):
            document, parts = tiny_document(), tiny_parts()
            wide, high = rng.integers(10, 50, 2).tolist()
            parts["body/main"] = (box(wide, high, (20 * k, 30, 40, 255)), (7, 40))
            tiny_character(tiny, document, parts)
            stage.reload("a")
            shown = stage.frame().copy()
            with mien.open_stage({"a": tiny}, size=SIZE) as always:
                pictures = [always.frame() for _ in range(k + 1)]
                assert np.array_equal(shown, pictures[-1]) and seen(shown, (20 * k, 30, 40)) > 50, k
        assert 11 <= counters.part_uploads <= 2 * 11
        (page,) = (page for page in stage.atlas_pages() if page.resident)
        assert page.changes == 11, "who shows a picture of it knows that it is old"


def test_what_was_saved_since_the_stage_was_opened_is_not_taken_for_what_it_shows(tiny: Path) -> None:
    with open_on(Timeline(), {"a": tiny}, size=SIZE, room=1) as stage:
        stage.frame()
        repaint(tiny, (200, 30, 40, 255))
        first = stage._show.entries["a"]
        for read_ns, is_shown in ((0, False), (10**19, True)):
            stage._show.read_ns["a"], kept = read_ns, KeptFiles()
            tiny_character(tiny)
            loaded = stage._show.read(first, kept)
            stage._loader.readings.keep(first, kept, loaded)
            assert (kept.shown is loaded.atlas) == is_shown
            stage._loader.readings.kept.clear()
        repaint(tiny, (200, 30, 40, 255))
        kept, stage._show.read_ns["a"] = KeptFiles(), 10**19
        stage._loader.readings.keep(first, kept, stage._show.read(first, kept))
        assert kept.shown is None, "its drawings lie elsewhere"


def test_pages_that_are_free_need_not_follow_each_other(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(show, "PAGE_SIZE", 128)
    document, parts = tiny_document(), tiny_parts()
    for k, name in enumerate(parts):  # more than a page holds
        parts[name] = (box(64, 80, (40, 40, 10 * k, 255)), (0, 0))
    large = tiny_character(tiny.parent / "large", document, parts)
    with (
        mien.open_stage({"a": large, "b": tiny}, size=SIZE, room=1) as stage,
        mien.open_stage({"a": large, "b": tiny}, size=SIZE) as old,
    ):
        counts = {key: len(pages) for key, pages in stage._show.pages_of.items()}
        assert counts["a"] > counts["b"] > 0
        for who in "babbaabab":
            stage.reload(who)
            assert stage.warnings == ()
            assert np.array_equal(stage.frame(), old.frame())


def test_somebody_may_join_while_another_is_read_anew(tiny: Path) -> None:
    with open_on(Timeline(), {"a": tiny}, size=SIZE, room=1) as stage:
        stage.reload("a")
        stage.load("b", tiny)
        until_read(stage)
        assert (stage.cast, stage.warnings) == (("a", "b"), ())


def test_who_could_not_be_told_of_is_not_loading(tiny: Path) -> None:
    refused = list[str]()

    def flood() -> None:
        for _ in range(MOST):
            stage.set_expression("a", "happy")
        for call in (lambda: stage.reload("a"), lambda: stage.load("b", tiny)):
            with pytest.raises(ScriptError) as caught:
                call()
            refused.append(str(caught.value))

    with open_on(Timeline(), {"a": tiny}, size=SIZE, room=1) as stage:
        thread = threading.Thread(target=flood)
        thread.start()
        thread.join()
        assert len(refused) == 2 and stage.loading == ()


def test_sources_may_be_asked_for_while_others_join(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with mien.open_stage({"a": tiny}, size=SIZE, room=1) as stage:

        def joins(_kind: str, character: str | Path) -> Path:
            stage._show.entries["b"] = stage._show.entries["a"]
            return Path(character)

        monkeypatch.setattr(staging, "bundled_or_path", joins)
        assert stage.sources == {"a": tiny}
        del stage._show.entries["b"]


def test_ctrl_c_at_any_line_leaves_nobody_half_read(tiny: Path) -> None:
    files = [str(module.__file__) for module in (foreseeing, loader, loading, recasting)]
    told = list[str]()
    with open_on(Timeline(), {"a": tiny}, size=SIZE, room=1) as stage:

        def reads() -> None:
            stage.reload("a", done=told.append)
            until_read(stage)

        for line in range(4, 130, 5):
            told.clear()
            repaint(tiny, (line, 30, 40, 255))
            with pytest.raises(KeyboardInterrupt):
                interrupted_at(line, reads, files, lambda: signal.raise_signal(signal.SIGINT))
            until_read(stage)
            assert told == [""] and stage.warnings == (), line
            assert int(stage._loader._pages._free.sum()) == 2, "for who joins, and for who is read anew"


def test_a_host_whose_function_fails_is_told_and_frames_go_on(tiny: Path) -> None:
    def fails(wrong: str) -> None:
        raise ValueError(f"no [{wrong}]")

    with mien.open_stage({"a": tiny}, size=SIZE, room=1) as stage:
        stage.reload("a", done=fails)
        assert stage.warnings == ("done= of reloading 'a' failed: \"ValueError('no []')\"",)
        stage.frame()
