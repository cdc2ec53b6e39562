"""Whether and where a file may be written: asked before work begins, and told in one sentence."""

from __future__ import annotations

import errno
import os
import stat
import sys
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final

from mien.errors import NotWritable
from mien.messages import near_file, quoted, shown_path, suggestion

if sys.platform != "win32":
    import fcntl

_FULL: Final = (errno.ENOSPC, errno.EDQUOT)


MORE_FILES: Final = "let the process open more files (`ulimit -n`)"
"""What to do when it has as many open as it may."""


def check_writable(path: Path, named: str = "", shown: Path | None = None) -> Path:
    """Where a file for `path` goes, links followed; asked before work begins, and changes nothing.

    Of folders that are missing only the last would be made, by `make_folder`: more of them are most often a
    misspelt name. `named` stands before the path in messages: the option that gave it; `shown` in its place:
    the folder that the option names. Raises NotWritable.
    """
    told = f"{named} {shown_path(path if shown is None else shown)}".strip()
    try:
        # The names that the system gives pipes, as /dev/stdout does, lead nowhere when they are followed.
        place = path if _is_special(path) else Path(os.path.realpath(path))
        with suppress(FileNotFoundError):
            if stat.S_ISDIR(place.stat().st_mode):  # or: is the name one that the system takes?
                raise NotWritable(f"{told} is a folder; give the file another name.")
        folder = place.parent
        if not folder.parent.exists():
            raise NotWritable(f"{told}: {_no_folder(folder.parent)}")
        there = next(one for one in (place, folder, folder.parent) if one.exists())
        if not os.access(there, os.W_OK):
            raise NotWritable(f"{told}: may not be written by you; choose another place.")
    except NotWritable:
        raise
    except (OSError, ValueError) as error:  # of a name with a zero in it, or of half a character
        raise unwritable(told, error) from error
    return place


def make_folder(place: Path) -> None:
    """Make the folder that a place is in, where it is missing. Raises OSError."""
    place.parent.mkdir(exist_ok=True)


def open_to_write(place: Path) -> BinaryIO:
    """A file, emptied, which no other run may write until it is closed (by `close_written`), where there are
    locks; of a pipe the end to write into, which nobody has to wait for. Raises OSError."""
    if not place.is_fifo():
        flags = os.O_WRONLY | os.O_CREAT | getattr(os, "O_BINARY", 0)
        file = os.fdopen(os.open(place, flags, 0o666), "wb")
        try:
            if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                _hold(file)
                file.truncate()  # only now: another run may have been writing it
        except BaseException:
            file.close()
            raise
        return file
    try:
        fd = os.open(place, os.O_WRONLY | os.O_NONBLOCK)
    except OSError as error:
        if error.errno == errno.ENXIO:
            raise OSError(errno.ENXIO, "a pipe that nobody reads") from error
        raise
    os.set_blocking(fd, True)
    return os.fdopen(fd, "wb")


def _hold(file: BinaryIO) -> None:
    """Have it for this program alone. Raises OSError where another one has it."""
    if sys.platform == "win32":
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise OSError(error.errno, "another run writes it now") from error
    except OSError:  # the file system has no locks
        return


def close_written(file: BinaryIO, place: Path, *, worth: bool = True) -> None:
    """Close a file that was opened at a place. One that is empty, or not `worth` to be kept, is removed,
    unless it is a pipe or device. Raises OSError, also where nobody finds what was written."""
    if file.closed:
        return
    try:
        file.flush()
        now = os.fstat(file.fileno())
        if stat.S_ISREG(now.st_mode) and not now.st_nlink and not _is_at(place, now):
            raise OSError(errno.ENOENT, "it was removed while it was written")
    finally:
        with suppress(OSError):
            now = os.fstat(file.fileno())
            if stat.S_ISREG(now.st_mode) and not (worth and now.st_size) and _is_at(place, now):
                place.unlink()  # before others may have it
        if sys.platform != "win32":
            with suppress(OSError):
                fcntl.flock(file, fcntl.LOCK_UN)  # or a process that was forked off meanwhile keeps it held
        file.close()


def _is_at(place: Path, file: os.stat_result) -> bool:
    try:
        return os.path.samestat(place.stat(), file)
    except OSError:
        return False


def _no_folder(folder: Path) -> str:
    while not folder.parent.exists():
        folder = folder.parent
    remedy = suggestion(near_file(folder), "make it, or correct the name.")
    return f"there is no folder {shown_path(folder)}; {remedy}"


def _is_special(path: Path) -> bool:
    """Whether there is something that is neither a file nor a folder: a pipe, a device, a socket."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def is_out_of_files(error: BaseException) -> bool:
    """Whether the process, or the system, has as many files open as it may: no file is at fault."""
    return getattr(error, "errno", None) in (errno.EMFILE, errno.ENFILE)


def unwritable(
    told: object, error: BaseException, *, what: str = "", advice: str = "choose another place"
) -> NotWritable:
    """The error of a write that failed, in a sentence. `what` it is that cannot be written: `the ledger`."""
    reason = getattr(error, "strerror", None) or str(error)
    full = getattr(error, "errno", None) in _FULL
    if is_out_of_files(error):
        advice = MORE_FILES
    cannot = f"{what} cannot be written".lstrip()
    return NotWritable(f"{told}: {cannot} ({reason}); {'free some space or ' if full else ''}{advice}.")


def check_suffix(path: Path, suffixes: tuple[str, ...], what: str, named: str = "") -> None:
    """Hold the end of a name to what files of this kind have; `what` it is, as `a picture`. A folder of that
    name is left to `check_writable`. Raises NotWritable."""
    if os.path.isdir(path) or path.suffix.lower() in suffixes:  # noqa: PTH112 - Path.is_dir raises for long names
        return
    has = f"has the suffix {quoted(path.suffix)[1:-1]}" if path.suffix else "has no suffix"
    kinds = suffixes[0] if len(suffixes) == 1 else f"one of {', '.join(suffixes)}"
    told = f"{named} {shown_path(path)}".strip()
    raise NotWritable(f"{told}: the name {has}, and {what} is written as {kinds}; end the name so.")
