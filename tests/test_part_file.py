"""Files that are written whole: what is under the name, and what is left beside it."""

from __future__ import annotations

import errno
import os
import sys
from hashlib import sha256
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from mien import part_file
from mien.errors import NotWritable
from mien.part_file import PartFile, write_whole
from mien.writable import check_writable, unwritable


def test_of_two_at_one_time_each_has_its_own_and_the_last_to_finish_stays(tmp_path: Path) -> None:
    place = tmp_path / "a.bin"
    first, second = PartFile(place), PartFile(place)
    assert first.path != second.path
    first.path.write_bytes(b"first")
    second.path.write_bytes(b"second, and longer")
    second.keep()
    assert place.read_bytes() == b"second, and longer"
    first.keep()
    assert place.read_bytes() == b"first"
    assert list(tmp_path.iterdir()) == [place]


def test_one_that_is_given_up_leaves_what_was_there(tmp_path: Path) -> None:
    place = tmp_path / "a.bin"
    place.write_bytes(b"old")
    part = PartFile(place)
    part.path.write_bytes(b"new")
    part.discard()
    part.discard()
    assert place.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [place]


def test_one_that_cannot_be_given_its_name_leaves_nothing(tmp_path: Path) -> None:
    place = tmp_path / "a.bin"
    part = PartFile(place)
    place.mkdir()  # somebody else was quicker
    with pytest.raises(OSError, match="directory"):
        part.keep()
    part.discard()
    assert list(tmp_path.iterdir()) == [place]


@pytest.mark.skipif(sys.platform == "win32", reason="has no modes")
def test_what_is_replaced_keeps_its_mode(tmp_path: Path) -> None:
    old, new = tmp_path / "old.bin", tmp_path / "new.bin"
    old.write_bytes(b"old")
    for mode in (0o600, 0o664, 0o755):
        old.chmod(mode)
        write_whole(old, b"new")
        assert old.stat().st_mode & 0o7777 == mode
    before = os.umask(0o027)
    try:
        write_whole(new, b"new")
    finally:
        os.umask(before)
    assert new.stat().st_mode & 0o7777 == 0o640


def test_a_link_stays_a_link_and_what_it_points_to_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    target, link = tmp_path / "there" / "real.bin", tmp_path / "link.bin"
    target.write_bytes(b"old")
    link.symlink_to(target)
    write_whole(link, b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


def test_a_pipe_is_written_into_and_never_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(NotWritable, match="no regular file"):
        PartFile(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    write_whole(pipe, b"through")
    assert os.read(reader, 100) == b"through"
    os.close(reader)
    assert pipe.is_fifo()


def test_a_pipe_that_nobody_reads_is_said_and_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(NotWritable, match=r"pipe: cannot be written \(a pipe that nobody reads\); choose"):
        write_whole(pipe, b"lost")


def test_nothing_that_was_planted_beside_it_is_written_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"mine")
    monkeypatch.setattr("mien.part_file.secrets.token_hex", lambda _: "guessed")
    part = PartFile(tmp_path / "a.bin")
    part.discard()
    part.path.symlink_to(victim)
    with pytest.raises(NotWritable, match="cannot be written"):
        PartFile(tmp_path / "a.bin")
    assert victim.read_bytes() == b"mine"
    assert part.path.is_symlink()


def test_what_a_killed_program_left_is_removed_and_what_is_in_use_is_not(tmp_path: Path) -> None:
    place = tmp_path / "a.bin"
    used, killed = PartFile(place), PartFile(place)
    os.close(killed._held.pop())  # as the system does for a program that was killed
    PartFile(place).discard()  # at once, however young what was left is
    assert used.path.exists()
    assert not killed.path.exists()
    PartFile(tmp_path / "b.bin").discard()
    used.keep()


@pytest.mark.skipif(sys.platform == "win32", reason="no locks, so nothing is removed")
def test_a_part_file_that_is_removed_before_it_is_held_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock, removed = part_file._lock, list[str]()

    def slow(fd: int, *, wait: bool = False) -> bool:
        if wait and not removed:  # the next for the same place comes first
            part_file.remove_left_behind(tmp_path, ".mien-")
            removed.extend(set(made) - {path.name for path in tmp_path.iterdir()})
        return lock(fd, wait=wait)

    made: list[str] = []
    token = part_file.secrets.token_hex

    def told(n: int) -> str:
        part = token(n)
        made.append(f".mien-{sha256(b'a.bin').hexdigest()[:12]}-{part}.part")
        return part

    monkeypatch.setattr(part_file, "_lock", slow)
    monkeypatch.setattr(part_file.secrets, "token_hex", told)
    part = PartFile(tmp_path / "a.bin")
    assert removed == made[:1] and part.path.name == made[1]
    part.path.write_bytes(b"whole")
    part.keep()
    assert (tmp_path / "a.bin").read_bytes() == b"whole"


@pytest.mark.skipif(sys.platform == "win32", reason="no locks, so nothing is removed")
def test_a_part_file_is_held_until_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "a.bin"
    part = PartFile(place)
    part.path.write_bytes(b"whole")
    replace = Path.replace

    def slow(self: Path, target: Path) -> Path:
        PartFile(place).discard()  # the next for the same place comes right before
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", slow)
    part.keep()
    assert place.read_bytes() == b"whole"


def test_a_full_disk_is_told_with_its_remedy_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Path, data: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(NotWritable, match=r"a\.bin: cannot be written \(No space left .*\); free some"):
        write_whole(tmp_path / "a.bin", b"data")
    assert list(tmp_path.iterdir()) == []


def test_what_fails_for_another_reason_than_space_is_not_told_to_free_some() -> None:
    assert "free some space" not in str(unwritable("a", OSError(errno.EIO, "Input/output error")))


@pytest.mark.parametrize("name", [".", "n" * 300, "file/below.bin", "a\0b", "half a \ud800"])
def test_a_place_that_takes_no_file_is_refused_before_anything_is_made(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(NotWritable, match=r"^--ledger "):
        check_writable(tmp_path / name, "--ledger")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_link_that_goes_in_circles_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    with pytest.raises(NotWritable):
        PartFile(tmp_path / "a")


class Pressed:
    """Ctrl-C at the n-th step that Python does in part_file.py. A context manager."""

    def __init__(self, n: int) -> None:
        self.left = n

    def __call__(self, frame: FrameType, event: str, _: object) -> Any:
        if frame.f_code.co_filename != part_file.__file__:
            return None
        frame.f_trace_opcodes = True
        if event == "opcode":
            self.left -= 1
            if self.left == 0:
                sys.settrace(None)
                raise KeyboardInterrupt
        return self

    def __enter__(self) -> Pressed:
        self._before = sys.gettrace()
        sys.settrace(self)
        return self

    def __exit__(self, *_: object) -> None:
        sys.settrace(self._before)


def test_whatever_step_is_interrupted_nothing_is_left_beside_the_file(tmp_path: Path) -> None:
    place = tmp_path / "a.bin"
    place.write_bytes(b"old")
    for step in range(1, 10_000):
        try:
            with Pressed(step) as pressed:
                write_whole(place, b"new")
        except KeyboardInterrupt:
            pass
        assert list(tmp_path.iterdir()) == [place], step
        assert place.read_bytes() in (b"old", b"new")
        if pressed.left > 0:
            break
    assert place.read_bytes() == b"new" and 200 < step < 9999


def test_a_part_file_that_is_forgotten_is_removed_and_by_nobody_who_was_forked_off(tmp_path: Path) -> None:
    part = PartFile(tmp_path / "a.bin")
    part_file._remove_forgotten(part.path, part._held, os.getpid() + 1)
    assert part.path.exists()
    os.fstat(part._held[0])
    del part
    assert list(tmp_path.iterdir()) == []
