"""A file that is written whole: under a name of its own beside its place, and moved there when finished.

Readers see the old file or the new one. Two that are written at one time have two part files, and the last
to finish is the one that stays.
"""

from __future__ import annotations

import os
import secrets
import stat
import sys
import weakref
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Final

from mien.errors import NotWritable
from mien.messages import shown_path
from mien.writable import check_writable, make_folder, open_to_write, unwritable

if sys.platform != "win32":
    import fcntl

PREFIX: Final = ".mien-"
"""What the names of part files begin with."""


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
                f"{shown_path(path)} is no regular file, and what is written here needs one; choose "
                "another place."
            )
        self._place = place
        # Names of a length of their own: the target's may be as long as the system takes.
        begin = f"{PREFIX}{sha256(os.fsencode(place.name)).hexdigest()[:12]}-"
        remove_left_behind(place.parent, begin)
        self._ended = False
        self._held: list[int] = []  # its file descriptor, as long as it is open
        try:
            make_folder(place)
            made = self._made(place.parent, begin, f".part{suffix}")
        except OSError as error:
            raise unwritable(shown_path(path), error) from error
        self.path: Final = made
        """What to write into."""

    def keep(self) -> None:
        """Give it its name, and the mode of the file that it replaces. Raises OSError: then it is still to be
        discarded."""
        if self._held:
            with suppress(OSError):  # nothing to replace, or a file system without modes
                self.path.chmod(stat.S_IMODE(self._place.stat().st_mode) & 0o777)
            os.fsync(self._held[0])  # or a full disk is noticed by nobody
            if sys.platform == "win32":  # which does not rename what is open
                self._release()
            self.path.replace(self._place)
            self._ended = True
            self._forgotten.detach()
            self._release()  # only now: what nobody holds is removed by the next for the same place

    def discard(self) -> None:
        """Remove it, unless it was kept. Idempotent."""
        self._release()
        if not self._ended:
            self._ended = True
            with suppress(OSError):
                self.path.unlink()
            self._forgotten.detach()

    def _release(self) -> None:
        while self._held:
            os.close(self._held.pop())

    def _made(self, folder: Path, begin: str, end: str) -> Path:
        """A new file, held by this program where the system has locks. Raises OSError."""
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0)
        while True:
            path = folder / f"{begin}{secrets.token_hex(4)}{end}"
            # Before it is there: Ctrl-C may come before anybody can discard it.
            self._forgotten = weakref.finalize(self, _remove_forgotten, path, self._held, os.getpid())
            try:
                self._held.append(os.open(path, flags, 0o666))
            except OSError:
                self._forgotten.detach()  # what is there is another's
                raise
            _lock(self._held[0], wait=True)
            if os.fstat(self._held[0]).st_nlink:
                return path
            self._release()  # taken for one left behind, and removed, in the moment before it was held
            self._forgotten.detach()


def _remove_forgotten(path: Path, held: list[int], process: int) -> None:
    """Remove a part file that nobody has kept or discarded, in the process that made it and in none that was
    forked off."""
    if os.getpid() == process:
        for fd in held:
            os.close(fd)
        with suppress(OSError):
            path.unlink()


def _lock(fd: int, *, wait: bool = False) -> bool:
    """Whether this program holds the file now. `wait`: until no other holds it."""
    if sys.platform == "win32":
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:  # another holds it, or the file system has no locks
        return False
    return True


def remove_left_behind(folder: Path, prefix: str) -> None:
    """Remove part files of a folder that begin so and that nobody holds: of programs that were killed."""
    for left in folder.glob(f"{prefix}*.part*"):
        with suppress(OSError):
            fd = os.open(left, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
            try:
                if stat.S_ISREG(os.fstat(fd).st_mode) and _lock(fd):
                    left.unlink()
            finally:
                os.close(fd)
