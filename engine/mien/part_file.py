"""A file that is written whole: under a name of its own beside its place, and moved there when finished.

Readers see the old file or the new one. Two that are written at one time have two part files, and the last
to finish is the one that stays.
"""

from __future__ import annotations

import os
import secrets
import stat
import sys
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Final

from mien.errors import NotWritable
from mien.messages import shown_path
from mien.writable import check_writable, make_folder, open_to_write, unwritable

if sys.platform != "win32":
    import fcntl


def write_whole(path: Path, data: bytes) -> None:
    """Write a file, replacing what is there only when all of it is written.

    What is there and no regular file (a pipe, a device) is not replaced: it is written into. Raises
    NotWritable.
    """
    place = check_writable(path)
    if place.exists() and not place.is_file():
        try:
            with open_to_write(place) as file:
                file.write(data)
        except OSError as error:
            raise unwritable(shown_path(path), error) from error
        return
    part = PartFile(path)
    try:
        part.path.write_bytes(data)
        part.keep()
    except OSError as error:
        raise unwritable(shown_path(path), error) from error
    finally:
        part.discard()


class PartFile:
    """The file that will be `path`, as long as it is not finished. It is made at once, empty.

    Its name cannot be guessed and it is new, so that nothing planted there is written through. Where the
    system has locks it is locked; those that a killed program left behind are removed by the next for the
    same place. Raises NotWritable.
    """

    def __init__(self, path: Path, suffix: str = "") -> None:
        self._told = path
        place = check_writable(path)
        if place.exists() and not place.is_file():
            raise NotWritable(
                f"{shown_path(path)}: is no regular file, and what is written here needs one; choose "
                "another place."
            )
        self._place = place
        # Names of a length of their own: the target's may be as long as the system takes.
        begin = f".mien-{sha256(os.fsencode(place.name)).hexdigest()[:12]}-"
        _remove_left_behind(place.parent, begin)
        self._ended = False
        try:
            make_folder(place)
            made, fd = _made(place.parent, begin, f".part{suffix}")
        except OSError as error:
            raise unwritable(shown_path(path), error) from error
        self._fd: int | None = fd
        self.path: Final = made
        """What to write into."""

    def keep(self) -> None:
        """Give it its name, and the mode of the file that it replaces. Raises OSError: then it is still to be
        discarded."""
        if self._fd is not None:
            with suppress(OSError):  # nothing to replace, or a file system without modes
                self.path.chmod(stat.S_IMODE(self._place.stat().st_mode) & 0o777)
            os.fsync(self._fd)  # or a full disk is noticed by nobody
            if sys.platform == "win32":  # which does not rename what is open
                self._release()
            self.path.replace(self._place)
            self._ended = True
            self._release()  # only now: what nobody holds is removed by the next for the same place

    def discard(self) -> None:
        """Remove it, unless it was kept. Idempotent."""
        self._release()
        if not self._ended:
            self._ended = True
            with suppress(OSError):
                self.path.unlink()

    def _release(self) -> None:
        fd, self._fd = self._fd, None
        if fd is not None:
            os.close(fd)


def _made(folder: Path, begin: str, end: str) -> tuple[Path, int]:
    """A new file, held by this program where the system has locks. Raises OSError."""
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0)
    while True:
        path = folder / f"{begin}{secrets.token_hex(4)}{end}"
        fd = os.open(path, flags, 0o666)
        _lock(fd, wait=True)
        if os.fstat(fd).st_nlink:
            return path, fd
        os.close(fd)  # taken for one left behind, and removed, in the moment before it was held


def _lock(fd: int, *, wait: bool = False) -> bool:
    """Whether this program holds the file now. `wait`: until no other holds it."""
    if sys.platform == "win32":
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:  # another holds it, or the file system has no locks
        return False
    return True


def _remove_left_behind(folder: Path, prefix: str) -> None:
    for left in folder.glob(f"{prefix}*.part*"):
        with suppress(OSError):
            fd = os.open(left, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
            try:
                if stat.S_ISREG(os.fstat(fd).st_mode) and _lock(fd):
                    left.unlink()
            finally:
                os.close(fd)
