"""Art that is shown is made again when it is saved, in a process that ends with what shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from io import StringIO
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest
from rich.console import Console

import mien
from importing import drawn
from mien.cli import main, shown_art
from mien.cli.shown_art import ShownArt
from mien.cli.watched import Watched
from mien.dropping import Dropping, saved

WAIT_S = 60.0


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> SimpleQueue[str]:
    monkeypatch.setattr(shown_art, "_STAYS_S", 0.1)
    return SimpleQueue()


@pytest.fixture
def art(tmp_path: Path) -> Iterator[ShownArt]:
    path = drawn.ora(tmp_path / "art.ora", drawn.plain())
    with closing(ShownArt(path, tmp_path / "made", Console(quiet=True), apart=True)) as made:
        made.make()
        yield made


def test_what_was_found_guessed_and_not_found_is_told_and_where_all_of_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    things = (
        *drawn.plain()[:1],
        *(thing.called("Layer 7") if thing.name == "mouth" else thing for thing in drawn.plain()[3:]),
    )
    path = drawn.ora(tmp_path / "girl.ora", things)
    short = ["--headless", "--silent", "--seconds", "0.1", "--size", "96x80"]
    for watch in ([], ["--watch"]):
        assert main(["play", str(path), *short, *watch]) == 0
        told = "".join(capsys.readouterr())
        assert "found: eyes, hair, head, body; guessed: mouth ('Layer 7'); not found: brows" in told
        assert f"shown as `mien import {path}` would make it; with --dry-run that says what" in told


def test_what_is_saved_broken_gone_and_back_again(
    art: ShownArt, told: SimpleQueue[str], tmp_path: Path
) -> None:
    path, aside = tmp_path / "art.ora", tmp_path / "aside.ora"

    def save(things: Sequence[drawn.Thing] | None) -> None:
        """All of it at once, as programs do that think of who reads it."""
        if things is None:
            aside.write_bytes(b"no zip")
        else:
            drawn.ora(aside, things)
        aside.replace(path)

    with art.followed(lambda: told.put("made"), told.put):
        save(drawn.plain()[1:])
        assert told.get(timeout=WAIT_S) == "made"
        save(None)
        assert "art.ora" in told.get(timeout=WAIT_S)
        save(drawn.plain())
        assert told.get(timeout=WAIT_S) == "made"
        path.rename(aside)
        wrong = told.get(timeout=WAIT_S)
        assert wrong == f"{path} is not there any more; it is shown anew once it is back."
        aside.rename(path)
        assert told.get(timeout=WAIT_S) == "made"
    assert told.empty()


class Looks:
    """In the place of the pause between two looks at a file: something is done with the file, or nothing."""

    def __init__(self, *steps: Callable[[], object] | int) -> None:
        """A number: so many looks at which it is as it was."""
        self._steps = list[Callable[[], object]]()
        for step in steps:
            self._steps += [lambda: None] * step if isinstance(step, int) else [step]

    def wait(self, _: float) -> bool:
        if not self._steps:
            return True
        self._steps.pop(0)()
        return False

    def is_set(self) -> bool:
        return not self._steps

    def set(self) -> None:
        self._steps.clear()


LOOKS = round(shown_art._STAYS_S / shown_art._LOOK_S)


def test_a_file_that_is_written_in_several_goes_is_waited_for(art: ShownArt, tmp_path: Path) -> None:
    """As `cp` does, which empties the file first, and may be held up between any two of them."""
    path, told = tmp_path / "art.ora", list[str]()
    data = drawn.ora(tmp_path / "new.ora", drawn.plain()[1:]).read_bytes()

    def written(share: float) -> Callable[[], object]:
        return lambda: path.write_bytes(data[: round(share * len(data))])

    looks: Any = Looks(written(0), LOOKS - 9, written(0.3), LOOKS - 9, written(0.7), 3, written(1), LOOKS * 2)
    art._stop = looks
    art._follow(lambda: told.append("made"), told.append, lambda: True)
    assert told == ["made"]


def test_what_is_saved_on_while_it_is_read_is_told_once(
    art: ShownArt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, told = tmp_path / "art.ora", list[str]()
    monkeypatch.setattr(art, "_tell", lambda remarks: told.append(remarks[0]))
    assert art._importer is not None
    make = art._importer.make
    meanwhile = [drawn.plain()[1:], drawn.plain()]

    def making() -> tuple[str, ...]:
        remarks = make()
        if meanwhile:
            drawn.ora(path, meanwhile.pop(0))
        return remarks

    monkeypatch.setattr(art._importer, "make", making)
    looks: Any = Looks(lambda: drawn.ora(path, drawn.named()), 12)
    art._stop = looks
    art._follow(lambda: told.append("made"), told.append, lambda: True)
    assert told == ["found: eyes, brows, mouth, hair, head, body", "made"]


def test_what_is_saved_again_and_again_is_shown_all_the_same(
    art: ShownArt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, told, sizes = tmp_path / "art.ora", list[str](), iter(range(1, 99))

    def made() -> tuple[str, ...]:
        art._saved = saved(path)
        path.write_bytes(b" " * next(sizes))
        return ("found",)

    monkeypatch.setattr(art, "_made", made)
    looks: Any = Looks(lambda: path.write_bytes(b""), 30)
    art._stop = looks
    art._follow(lambda: told.append("made"), told.append, lambda: True)
    assert told == ["made"] * 2


def test_a_file_that_stays_empty_is_told_once(art: ShownArt, tmp_path: Path) -> None:
    path, told = tmp_path / "art.ora", list[str]()
    looks: Any = Looks(lambda: path.write_bytes(b""), LOOKS * 3)
    art._stop = looks
    art._follow(lambda: told.append("made"), told.append, lambda: True)
    assert len(told) == 1 and "art.ora" in told[0] and "empty" in told[0]


def test_nothing_is_left_of_it(art: ShownArt) -> None:
    assert art._importer is not None
    process = art._importer._process
    assert process is not None and process.poll() is None
    with art.followed(lambda: None, lambda wrong: None):
        pass
    assert process.returncode is not None


def test_art_that_is_dropped_is_watched_in_the_place_of_what_was_shown(art: ShownArt, tmp_path: Path) -> None:
    first, second = tmp_path / "art.ora", drawn.ora(tmp_path / "other.ora", drawn.named())
    said = StringIO()
    watched = Watched(art)
    with (
        mien.open_live({"girl": art.folder}, size=(96, 80), fps=60, room=1, playout="null") as stage,
        watched.beside(stage, Console(file=said, width=400)),
        Dropping(stage, lambda sentence: said.write(f"{sentence}\n"), watched.take) as dropping,
    ):

        def until(over: Callable[[], bool]) -> None:
            for _ in range(60 * round(WAIT_S)):
                if over():
                    return
                stage.frame()
            raise AssertionError(said.getvalue())

        dropping.drop([second], "girl")
        until(lambda: "shown: other" in said.getvalue())
        importer = art._importer
        assert importer is not None and importer._process is not None
        process = importer._process
        until(lambda: process.poll() is not None)  # the old one is forgotten
        first.write_bytes(b"no zip")
        drawn.ora(tmp_path / "aside.ora", drawn.plain()).replace(second)
        until(lambda: "read anew: other" in said.getvalue())
        second.write_bytes(b"no zip either")
        until(lambda: "other.ora is not" in said.getvalue())
        assert "art.ora" not in said.getvalue()
