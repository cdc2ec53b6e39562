"""A file that is written whole: under a name of its own beside its place, and moved there when finished.

Readers see the old file or the new one. Two that are written at one time have two part files, and the last
to finish is the one that stays.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
import sys
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Final

from mien.errors import NotWritable
from mien.messages import near_file, printable, quoted

if sys.platform != "win32":
    import fcntl

_FULL: Final = (errno.ENOSPC, errno.EDQUOT)

_MOST_PATH: Final = 400
"""Characters of a path that are shown."""


def check_writable(path: Path, named: str = "") -> Path:
    """Where a file for `path` goes, links followed; asked before work begins, and changes nothing.

    Of folders that are missing only the last would be made, by `make_folder`: more of them are most often a
    misspelt name. `named` stands before the path in messages: the option that gave it. Raises NotWritable.
    """
    told = f"{named} {printable(str(path), _MOST_PATH)}".strip()
    try:
        # The names that the system gives pipes, as /dev/stdout does, lead nowhere when they are followed.
        place = path if _is_special(path) else Path(os.path.realpath(path))
        with suppress(FileNotFoundError):
            if stat.S_ISDIR(place.stat().st_mode):  # or: is the name one that the system takes?
                raise NotWritable(f"{told}: is a folder; give the file another name.")
        folder = place.parent
        if not folder.parent.exists():
            raise NotWritable(f"{told}: {_no_folder(folder.parent)}")
        there = next(one for one in (place, folder, folder.parent) if one.exists())
        if not os.access(there, os.W_OK):
            raise NotWritable(f"{told}: may not be written by you; choose another place.")
    except NotWritable:
        raise
    except OSError as error:
        raise unwritable(told, error) from error
    return place


def make_folder(place: Path) -> None:
    """Make the folder that a place is in, where it is missing. Raises OSError."""
    place.parent.mkdir(exist_ok=True)


def _no_folder(folder: Path) -> str:
    while not folder.parent.exists():
        folder = folder.parent
    close = near_file(folder)
    remedy = f"did you mean {quoted(close)}?" if close else "make it, or correct the name."
    return f"there is no folder {printable(str(folder), _MOST_PATH)}; {remedy}"


def _is_special(path: Path) -> bool:
    """Whether there is something that is neither a file nor a folder: a pipe, a device, a socket."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def unwritable(
    told: object, error: BaseException, *, what: str = "", advice: str = "choose another place"
) -> NotWritable:
    """The error of a write that failed, in a sentence. `what` it is that cannot be written: `the ledger`."""
    reason = getattr(error, "strerror", None) or str(error)
    full = getattr(error, "errno", None) in _FULL
    cannot = f"{what} cannot be written".lstrip()
    return NotWritable(f"{told}: {cannot} ({reason}); {'free some space or ' if full else ''}{advice}.")


def write_whole(path: Path, data: bytes) -> None:
    """Write a file, replacing what is there only when all of it is written.

    What is there and no regular file (a pipe, a device) is not replaced: it is written into. Raises
    NotWritable.
    """
    place = check_writable(path)
    if place.exists() and not place.is_file():
        try:
            place.write_bytes(data)
        except OSError as error:
            raise unwritable(path, error) from error
        return
    part = PartFile(path)
    try:
        part.path.write_bytes(data)
        part.keep()
    except OSError as error:
        raise unwritable(path, error) from error
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
                f"{path}: is no regular file, and what is written here needs one; choose another place."
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
            raise unwritable(path, error) from error
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
