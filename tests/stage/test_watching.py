"""Characters are read anew when somebody saves their files, and only then."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from time import time_ns
from typing import Any

import pytest
from watchfiles import Change

import mien
from art.build import box, tiny_character, tiny_document, tiny_parts, write_png
from mien.art import folder, pack_character
from mien.errors import NoThreads, ScriptError
from mien.stage import readings, watching
from mien.stage.live import LiveStage
from mien.stage.tellings import SETTLED_S
from mien.stage.watching import Watching
from stage.test_reloading import repaint, seen

SIZE = (96, 80)


class Told:
    """What was told of whom."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str]] = []

    def __call__(self, who: str, wrong: str) -> None:
        self.calls.append((who, wrong))

    def wait(self, stage: LiveStage) -> tuple[str, str]:
        """Show frames until there is something more: on a busy machine, many."""
        while not self.calls:
            stage.frame()
        return self.calls.pop(0)


def until_seen(stage: LiveStage, colour: tuple[int, int, int]) -> None:
    """Show frames until one has this colour."""
    while not seen(stage.frame(), colour):
        pass


def test_what_is_saved_is_shown_and_what_is_broken_is_told_until_it_is_mended(tmp_path: Path) -> None:
    loose, other = tiny_character(tmp_path / "loose"), tiny_character(tmp_path / "other")
    packed = tmp_path / "packed.mien"
    pack_character(other, packed)
    told = Told()
    with mien.open_live({"a": loose, "b": packed}, size=SIZE, fps=60, room=1, playout="null") as stage:
        stage.frame()
        with Watching(stage, told):
            write_png(loose / "parts" / "body" / "main.png", box(40, 30, (200, 30, 40, 255)), (12, 50))
            # What is saved before the thread has begun to watch is shown, and told only where it is broken.
            until_seen(stage, (200, 30, 40))
            document = tiny_document()
            (loose / "character.toml").write_text("canvas = 7\n")
            while (news := told.wait(stage)) == ("a", ""):
                pass
            who, wrong = news
            assert who == "a" and "character.toml" in wrong and seen(stage.frame(), (200, 30, 40)) > 100
            parts = tiny_parts()
            parts["body/main"] = (box(40, 30, (10, 200, 40, 255)), (12, 50))
            tiny_character(other, document, parts)
            pack_character(other, tmp_path / "new.mien")
            (tmp_path / "new.mien").replace(packed)
            assert told.wait(stage) == ("b", "")
            stage.frame()
            assert seen(stage.frame(), (10, 200, 40)) > 100
            repaint(loose, (7, 7, 200, 255))
            while told.wait(stage) != ("a", ""):
                pass
        while stage.loading:  # on a busy machine it was saved in several goes
            stage.frame()
        told.calls.clear()
        repaint(loose)
        for _ in range(20):
            stage.frame()
        assert not told.calls


def test_a_file_is_its_owners_alone_and_a_stage_that_is_closed_ends_it(tmp_path: Path) -> None:
    one, two = tiny_character(tmp_path / "cast" / "one"), tiny_character(tmp_path / "cast" / "two")
    told = Told()
    with mien.open_stage({"a": one, "b": one, "c": two}, size=SIZE, room=1) as stage:
        watching = Watching(stage, told)
        stray = [tmp_path / "cast" / "note.txt", tmp_path / "cast" / "one.png", tmp_path]
        assert watching._changed((Change.modified, str(path)) for path in stray) and told.calls == []
        assert watching._changed([(Change.added, str(one / "parts" / "more" / "x.png"))])
        assert sorted(told.calls) == [("a", ""), ("b", "")]
        stage.leave("b", seconds=0.0)
        stage.frame()
        stage.frame()
        stage.unload("b")
        told.calls.clear()
        assert watching._changed([(Change.modified, str(one / "character.toml"))])
        assert told.calls == [("a", "")], "who is of the cast no more is left alone"
    assert not watching._changed([(Change.modified, str(two / "character.toml"))])


def test_the_command_says_what_it_reads_anew(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from mien.cli.console import asides
    from mien.cli.watched import _kept, _read

    with mien.open_live({"a": tiny_character(tmp_path / "[b]x")}, size=SIZE, room=1, playout="null") as stage:
        kept = _kept(stage, asides())
        _read(kept, asides(), "a", "")
        _read(kept, asides(), "a", "[b]x/character.toml: no")
        assert capsys.readouterr().err == "read anew: a\nkept a: [b]x/character.toml: no\n"


def test_a_window_shows_no_more_what_was_wrong_once_it_is_mended() -> None:
    from mien.cli.console import asides
    from mien.cli.watched import _kept, _read
    from mien.stage.notes import Notes

    class Window:
        notes = Notes()

        def note(self, sentence: str, about: str = "") -> None:
            self.notes.tell(sentence, about)

    window: Any = Window()
    kept = _kept(window, asides())
    _read(kept, asides(), "a", "character.toml: no")
    kept("the art", "girl.psd: no")
    assert len(list(window.notes.heard(0))) == 2
    assert window.notes.newest == "kept what is shown: girl.psd: no"
    kept("the art", "")
    assert not list(window.notes.heard(1))
    assert window.notes.newest == "kept what is shown: a: character.toml: no"
    _read(kept, asides(), "a", "")
    assert not list(window.notes.heard(2)) and window.notes.newest == ""


def until_later(stage: LiveStage, ns: int) -> None:
    """Show frames until files that are written now have another time."""
    end_ns = time_ns() + ns
    while time_ns() < end_ns:
        stage.frame()


def test_who_joins_is_read_once_more_only_where_a_file_was_written_since(tmp_path: Path) -> None:
    one, two = tiny_character(tmp_path / "one"), tiny_character(tmp_path / "two")
    with mien.open_live({"a": one}, size=SIZE, fps=60, room=2, playout="null") as stage:
        watching = Watching(stage)
        until_later(stage, 50_000_000)
        stage.load("b", two)
        stage.load("c", one)
        stage.reload("a", two)
        while stage.loading:
            stage.frame()
        watching._known = watching._places()
        assert watching._written("abc") == set()
        repaint(two, (10, 200, 40, 255))
        assert watching._written("abc") == {"a", "b"}
        until_later(stage, 50_000_000)
        watching._read("ab")
        assert watching._written("abc") == set(), "they are to be read"
        while stage.loading:
            stage.frame()
        (one / "parts" / "body" / "more.png").write_bytes(b"")
        assert watching._written("abc") == {"c"}
        two.rename(tmp_path / "away")
        assert watching._written("abc") == {"a", "b", "c"}


def test_who_is_read_anew_has_room_also_when_all_have_joined_who_may(tmp_path: Path) -> None:
    looks = [tiny_character(tmp_path / name) for name in "abc"]
    told = Told()
    with mien.open_live({"a": looks[0]}, size=SIZE, fps=60, room=2, playout="null") as stage:
        for key, look in zip("bc", looks[1:], strict=True):
            stage.load(key, look)
        while stage.loading:
            stage.frame()
        for key in "abc":
            stage.reload(key, tiny_character(tmp_path / f"other {key}"), done=partial(told, key))
            assert told.wait(stage) == (key, "")


def deleted(where: Path) -> None:
    shutil.rmtree(where)
    repaint(where)


def swapped(where: Path) -> None:
    repaint(where.with_name("other"))
    where.rename(where.with_name("old"))
    where.with_name("other").rename(where)


def linked(where: Path) -> None:
    repaint(where.with_name("other"))
    where.with_name("link").symlink_to("other")
    where.with_name("link").replace(where)


@pytest.mark.parametrize("change", [deleted, swapped, linked])
def test_a_folder_that_is_another_by_now_is_watched_as_well(
    tmp_path: Path, change: Callable[[Path], object]
) -> None:
    where, told = tmp_path / ".venv" / "a", Told()  # wherever a project lies
    tiny_character(where)
    if change is linked:
        where.rename(where.with_name("first"))
        where.symlink_to("first")
    with (
        mien.open_live({"a": where}, size=SIZE, fps=60, room=1, playout="null") as stage,
        Watching(stage, told),
    ):
        stage.frame()
        change(where)
        # Whether it is told as well depends on what was being read meanwhile.
        until_seen(stage, (200, 30, 40))
        repaint(where, (10, 200, 40, 255))
        until_seen(stage, (10, 200, 40))


def test_who_is_reloaded_as_another_or_joins_is_watched_too(tmp_path: Path) -> None:
    one, two = tiny_character(tmp_path / "one"), tiny_character(tmp_path / "two")
    told = Told()
    with (
        mien.open_live({"a": one}, size=SIZE, fps=60, room=2, playout="null") as stage,
        Watching(stage, told),
    ):
        stage.reload("a", two)
        stage.load("b", one)
        while stage.loading or stage.sources["a"] != two:
            stage.frame()
        for green in range(1, 200):  # the first may come before anybody looks
            repaint(two, (10, green, 40, 255))
            repaint(one, (10, green, 40, 255))
            for _ in range(20):
                stage.frame()
            if {who for who, _ in told.calls} == {"a", "b"}:
                break
        assert {wrong for _, wrong in told.calls} == {""}
        assert {who for who, _ in told.calls} == {"a", "b"}


@pytest.mark.parametrize("apart", [True, False], ids=["a process reads", "read here"])
def test_the_first_save_too_decodes_only_what_was_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, apart: bool
) -> None:
    monkeypatch.setattr(readings, "can_work_apart", lambda: apart)
    top, told, read = tiny_character(tmp_path / "a"), Told(), list[str]()
    decode = folder.decode

    def counted(data: bytes, name: str) -> Any:
        read.append(Path(name).stem)
        return decode(data, name)

    with mien.open_live({"a": top}, size=SIZE, fps=60, room=1, playout="null") as stage:
        stage.frame()
        stage._show.read_ns["a"] += 10**12  # what was written just before was read
        with Watching(stage, told) as watches:
            watches._ahead.wait()
            monkeypatch.setattr(folder, "decode", counted)
            write_png(top / "parts" / "body" / "main.png", box(40, 30, (200, 30, 40, 255)), (12, 50))
            before = stage._compositor.counters.page_uploads
            assert told.wait(stage) == ("a", "")
            assert set(read) == (set() if apart else {"main"})
            counters = stage._compositor.counters
            assert (counters.page_uploads, counters.part_uploads) == (before, 1)
            assert seen(stage.frame(), (200, 30, 40)) > 100


def test_where_its_threads_cannot_begin_no_process_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(*_: object) -> None:
        raise NoThreads("there are none")

    monkeypatch.setattr(watching, "start_thread", none)
    with mien.open_live({"a": tiny_character(tmp_path / "a")}, size=SIZE, playout="null") as stage:
        with pytest.raises(NoThreads):
            Watching(stage).__enter__()
        assert stage._loader.readings._apart is None


def test_what_is_wrong_is_told_once_where_it_is_read_once_more(tmp_path: Path) -> None:
    top = tiny_character(tmp_path / "a")
    told = Told()
    with mien.open_stage({"a": top}, size=SIZE, room=1) as stage:
        watches = Watching(stage, told)
        shutil.rmtree(top / "parts" / "mouth")
        assert watches._read(["a"]) and not told.calls, "more may be written"
        for how in ("settled", "once_more", "once_more"):
            assert watches._read(["a"], **{how: True})
        assert len(told.calls) == 1 and "mouth" in told.calls[0][1]
        assert watches._read(["a"]) and watches._read(["a"], settled=True)
        assert len(told.calls) == 2, "who saves anew is told anew"
        tiny_character(top)
        assert watches._read(["a"], once_more=True)
        assert told.calls[2:] == [("a", "")]


LOOKS_S = 0.25
SETTLED = round(SETTLED_S / LOOKS_S)


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The clock by which it waits, in seconds."""
    now = [0.0]
    monkeypatch.setattr("mien.stage.tellings.monotonic", lambda: now[0])
    return now


def looked_at(watches: Watching, now: list[float], *looks: Callable[[], object] | None) -> None:
    """Have it look so often: a file is written before some of them, and none before others."""

    def changes(_: object) -> Iterator[set[tuple[Change, str]]]:
        for write in looks:
            now[0] += LOOKS_S
            if write is None:
                yield set()
            else:
                yield {(Change.modified, str(write()))}
        watches._stop.set()

    watches._changes = changes  # type: ignore[method-assign,assignment]
    watches._watch()


def test_a_picture_that_is_written_in_several_goes_is_waited_for_and_told_once_it_stays_broken(
    tmp_path: Path, now: list[float]
) -> None:
    """As `cp` does, which empties the file first, and may be held up between any two of them."""
    top, told = tiny_character(tmp_path / "a"), Told()
    part = top / "parts" / "body" / "main.png"
    write_png(tmp_path / "new.png", box(40, 30, (200, 30, 40, 255)), (12, 50))
    data = (tmp_path / "new.png").read_bytes()

    def written(count: int) -> Callable[[], Path]:
        def write() -> Path:
            part.write_bytes(data[:count])
            return part

        return write

    waits = [None] * (SETTLED - 1)
    with mien.open_stage({"a": top}, size=SIZE, room=1) as stage:
        stage._show.read_ns["a"] += 10**12  # what was written just before was read
        watches = Watching(stage, told)
        whole = written(len(data))
        looked_at(
            watches, now, written(0), *waits, written(len(data) // 2), *waits, whole, *waits, None, None
        )
        assert told.calls == [("a", "")]
        assert seen(stage.frame(), (200, 30, 40)) > 100
        watches._stop.clear()
        told.calls.clear()
        looked_at(watches, now, written(0), *waits)
        assert not told.calls
        watches._stop.clear()
        looked_at(watches, now, None, None, None)
        assert len(told.calls) == 1 and "main.png" in told.calls[0][1] and "is empty" in told.calls[0][1]


def test_what_stays_broken_is_told_also_where_other_files_beside_it_change_all_the_time(
    tmp_path: Path, now: list[float]
) -> None:
    """As a log does that is written into the folder of a packed character."""
    packed, told = tmp_path / "a.mien", Told()
    pack_character(tiny_character(tmp_path / "a"), packed)

    def write() -> Path:
        packed.write_bytes(b"")
        return packed

    with mien.open_stage({"a": packed}, size=SIZE, room=1) as stage:
        stage._show.read_ns["a"] += 10**12  # what was written just before was read
        watches = Watching(stage, told)
        log = [lambda: tmp_path / "run.log"] * SETTLED
        looked_at(watches, now, write, *log[1:])
        assert not told.calls
        watches._stop.clear()
        looked_at(watches, now, *log[:1])
        assert len(told.calls) == 1 and "a.mien" in told.calls[0][1]


def test_links_of_a_character_lead_nobody_out_of_its_folder(tmp_path: Path) -> None:
    folder, elsewhere = tiny_character(tmp_path / "a"), tmp_path / "elsewhere"
    (elsewhere / "deep").mkdir(parents=True)
    (folder / "parts" / "out").symlink_to(elsewhere)
    (folder / ".git").mkdir()
    with mien.open_stage({"a": folder}, size=SIZE, room=1) as stage:
        folders = set(Watching(stage)._folders())
        assert folder.resolve() in folders and len(folders) > 3
        assert all(one.is_relative_to(folder.resolve()) for one in folders)
        assert not any(one.name in ("out", "deep", ".git") for one in folders)


def test_where_the_system_watches_no_more_files_are_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, told, watch = tiny_character(tmp_path / "a"), Told(), watching.watch

    def full(*folders: Path, force_polling: bool | None, **keywords: Any) -> Any:
        if not force_polling:
            raise OSError("OS file watch limit reached")
        return watch(*folders, force_polling=True, **keywords)

    monkeypatch.setattr(watching, "watch", full)
    with (
        mien.open_live({"a": folder}, size=SIZE, fps=60, room=1, playout="null") as stage,
        Watching(stage, told) as watches,
    ):
        while not watches._polls:
            stage.frame()
        for green in range(1, 200):  # the first may come before anybody looks
            repaint(folder, (10, green, 40, 255))
            for _ in range(20):
                stage.frame()
            if told.calls:
                break
        assert told.wait(stage) == ("a", "")


def test_what_cannot_be_watched_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ScriptError, match="stage cannot be 7: give a stage"):
        Watching(7)  # type: ignore[arg-type]
    with (
        mien.open_stage({"a": tiny_character(tmp_path / "a")}, size=SIZE, room=1) as stage,
        pytest.raises(ScriptError, match="tell cannot be 'x': give a function"),
    ):
        Watching(stage, "x")  # type: ignore[arg-type]


def test_a_folder_that_stands_apart_is_read_when_that_is_told(tmp_path: Path) -> None:
    one, two = tiny_character(tmp_path / "one"), tiny_character(tmp_path / "two")
    told = Told()
    with (
        mien.open_live({"a": one, "b": two}, size=SIZE, fps=60, room=1, playout="null") as stage,
        Watching(stage, told, [one]) as watched,
    ):
        assert one.resolve() not in watched._folders() and two.resolve() in watched._folders()
        stage.frame()
        repaint(one)
        watched.read(one)
        assert told.wait(stage) == ("a", "")
        stage.frame()
        assert seen(stage.frame(), (200, 30, 40)) > 100
        watched.set_apart(two)
        assert two.resolve() not in watched._folders()
        for wrong in (lambda: Watching(stage, None, "one"), lambda: watched.set_apart(7)):  # type: ignore[arg-type]
            with pytest.raises(ScriptError, match="apart"):
                wrong()


def test_who_is_read_from_elsewhere_since_the_last_look_is_read_when_that_is_told(tmp_path: Path) -> None:
    one, two = tiny_character(tmp_path / "one"), tiny_character(tmp_path / "two")
    told = Told()
    with mien.open_stage({"a": one}, size=SIZE, room=1) as stage:
        watching = Watching(stage, told)  # which is not begun: it looks no more
        stage.reload("a", two)
        watching.read(two)
        assert told.calls == [("a", "")]


@pytest.mark.parametrize("how", ["deleted", "renamed"])
@pytest.mark.parametrize("packed", [False, True])
def test_what_is_gone_is_told_once_and_what_is_shown_stays_until_it_is_back(
    tmp_path: Path, how: str, packed: bool
) -> None:
    character, told = tiny_character(tmp_path / "cast" / "one"), Told()
    if packed:
        pack_character(character, tmp_path / "cast" / "one.mien")
        character = tmp_path / "cast" / "one.mien"
    with (
        mien.open_live({"a": character}, size=SIZE, fps=60, room=1, playout="null") as stage,
        Watching(stage, told),
    ):
        before = seen(stage.frame(), (40, 60, 120))
        away = tmp_path / "away"
        character.rename(away)
        if how == "deleted":
            shutil.rmtree(away) if away.is_dir() else away.unlink()
        who, wrong = told.wait(stage)
        assert who == "a" and "one" in wrong and wrong.endswith(".")
        for _ in range(30):
            stage.frame()
        assert not told.calls and seen(stage.frame(), (40, 60, 120)) == before
        fresh = tiny_character(tmp_path / "fresh")
        if packed:
            pack_character(fresh, tmp_path / "cast" / "fresh.mien")
            (tmp_path / "cast" / "fresh.mien").rename(character)
        else:
            fresh.rename(character)
        assert told.wait(stage) == ("a", "")
