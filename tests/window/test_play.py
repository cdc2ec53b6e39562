"""`mien play` on a display of its own, by real keys."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from art.build import tiny_character
from cli.short import short
from importing.drawn import Thing, ellipse, named, ora
from stage.test_reloading import repaint
from window.desk import Desk
from window.drag import Drag


class Playing:
    """A `mien play` whose words are read."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.said: list[str] = []

    def until(self, words: str) -> str:
        """The next line with these words."""
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self.said.append(line)
            if words in line:
                return line
        raise AssertionError("".join(self.said))

    def ended(self) -> int:
        """Its exit status."""
        self.said += self._process.communicate(timeout=120)[1].splitlines(keepends=True)
        return self._process.returncode


LONGEST_S = 180.0


@contextmanager
def playing(display: str, folder: Path, *arguments: str) -> Iterator[Playing]:
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "mien.cli", "play", "--silent", *arguments],
        env={**os.environ, "DISPLAY": display, "WAYLAND_DISPLAY": ""},
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    ends = threading.Timer(LONGEST_S, process.kill)  # what is waited for never comes: then it is not there
    ends.start()
    try:
        yield Playing(process)
    finally:
        ends.cancel()
        process.kill()
        process.communicate()


def saved(play: Playing, folder: Path) -> str:
    """The name of the next file that it says it has saved, in this folder."""
    path = Path(play.until("saved ").strip().removeprefix("saved "))
    assert path.parent == folder
    return path.name


def test_art_is_shown_saved_and_shown_anew_when_it_is_saved_again(display: str, tmp_path: Path) -> None:
    art = ora(tmp_path / "girl.ora", named())
    desk = Desk(display)
    desk.point(300, 180)
    with playing(display, tmp_path, str(art), "--watch", "--size", "640x360") as play:
        play.until("`mien import ")
        play.until("drop a character, art, a sound or a conversation on the window")
        desk.key("s")
        name = saved(play, tmp_path)
        assert name.startswith("girl 20")
        still = np.asarray(Image.open(tmp_path / name).convert("RGB"))
        assert len(np.unique(still.reshape(-1, 3), axis=0)) > 200
        hat = Thing("hat", ellipse(100, 40, 60, 30, (10, 220, 10)))
        ora(tmp_path / "new.ora", (hat, *named())).replace(art)
        play.until("read anew: girl")
        desk.key("s")
        again = saved(play, tmp_path)
        green = (np.asarray(Image.open(tmp_path / again).convert("RGB")) == (10, 220, 10)).all(axis=-1)
        assert green.sum() > 100
        (tmp_path / "bad.ora").write_bytes(b"no art")
        (tmp_path / "bad.ora").replace(art)
        assert "girl.ora" in play.until("kept what is shown: ")
        titled = any(desk.windows("kept what is shown: ") for _ in range(20_000))
        assert titled, "told where the artist looks, too"
        desk.key("Escape")
        assert play.ended() == 0, play.said
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["girl.ora", name, again])


@pytest.mark.parametrize("arguments", [[], ["--companion"]])
def test_without_anything_what_is_bundled_is_shown_and_waits(
    display: str, tmp_path: Path, arguments: list[str]
) -> None:
    desk = Desk(display)
    desk.point(300, 180)
    with playing(display, tmp_path, "--size", "640x360", *arguments) as play:
        play.until("drop a character, art, a sound or a conversation on the window")
        if arguments:
            play.until("this is a plain window")
        desk.key("Escape")
        assert play.ended() == 0, play.said
    assert bool(arguments) == any("this is a plain window" in line for line in play.said)


def test_after_a_drop_a_window_stays_open_and_shows_what_was_dropped(display: str, tmp_path: Path) -> None:
    art = ora(tmp_path / "girl.ora", named())
    desk = Desk(display)
    with playing(display, tmp_path, "hello", "--size", "640x360") as play:
        play.until("drop a character, art, a sound or a conversation on the window")
        (window,) = desk.windows("Soup")
        Drag(desk, None).drop(window, (300, 180), [art])
        play.until("shown: girl")
        desk.key("Escape")
        assert play.ended() == 0, play.said


def test_a_conversation_that_is_dropped_on_a_watched_window_is_read_once(
    display: str, tmp_path: Path
) -> None:
    mine, talk = tiny_character(tmp_path / "mine"), short(tmp_path / "talk")
    one, two = tiny_character(talk / "one"), tiny_character(talk / "two")
    (talk / "conversation.toml").write_text(
        'format = 1\ntitle = "Short"\n[[cast]]\nkey = "one"\ncharacter = "./one"\n'
        '[[cast]]\nkey = "two"\ncharacter = "./two"\n'
        '[[turn]]\nkey = "said"\nspeaker = "one"\naudio = "one.wav"\n',
        encoding="utf-8",
    )
    desk = Desk(display)
    with playing(display, tmp_path, str(mine), "--watch", "--size", "640x360") as play:
        play.until("drop a character, art, a sound or a conversation on the window")
        (window,) = desk.windows("mine")
        Drag(desk, None).drop(window, (300, 180), [talk])
        play.until("queued: Short")
        repaint(two)
        play.until("read anew: two")
        repaint(mine)
        play.until("read anew: mine")
        desk.key("Escape")
        assert play.ended() == 0, play.said
    # A busy machine may read a file while it is written, and once more then.
    assert one.is_dir() and not [line for line in play.said if "pages" in line], play.said
    anew = {line.rpartition(" ")[2].strip() for line in play.said if "read anew: " in line}
    assert anew == {"two", "mine"}, play.said


def test_a_companion_without_a_window_is_none(tmp_path: Path) -> None:
    with playing("", tmp_path, "--companion", "--headless") as play:
        play.until("--companion is of a window, and --headless opens none: leave one of them out.")
        assert play.ended() == 1
