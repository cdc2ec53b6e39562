"""Paths in documents: relative to the file, portable, and inside its folder where that is asked for."""

from __future__ import annotations

import os
import stat
from errno import EACCES, EINVAL
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import BinaryIO

from mien.documents.table import Table
from mien.errors import AssetMissing
from mien.messages import near_file, quoted, suggestion


def relative(table: Table, key: str) -> str:
    """A path relative to the file, of a form that every system takes."""
    name = table.filled(key)
    if "\\" in name or "\0" in name:
        raise table.error(f"is {quoted(name)}, no portable path; write it with forward slashes", key)
    if PurePosixPath(name).is_absolute() or PureWindowsPath(name).drive:
        file = Path(table.file).name
        raise table.error(f"is {quoted(name)}, which is an absolute path; name it relative to {file}", key)
    if any(len(part.encode()) > 255 for part in PurePosixPath(name).parts) or len(name.encode()) > 1024:
        raise table.error(f"is {quoted(name)}, which is too long for a file name; rename the file", key)
    return name


def inside(table: Table, key: str, folder: Path) -> Path:
    """The path of an existing file in the folder, or below it. Raises AssetMissing when there is none."""
    name = relative(table, key)
    if ".." in PurePosixPath(name).parts:
        raise table.error(f"is {quoted(name)}, which leaves the folder; copy the file in", key)
    path = folder / name
    if not _leads_into(path, folder):
        raise table.error(f"is {quoted(name)}, a link out of the folder; copy the file itself there", key)
    if path.is_dir():
        raise table.error(f"is {quoted(name)}, a folder; name a file in it", key)
    if path.exists() and not path.is_file():
        raise table.error(f"is {quoted(name)}, a pipe or a device; put a regular file there", key)
    if not path.is_file():
        close = near_file(path)
        meant = close and str(PurePosixPath(name).with_name(close))
        remedy = suggestion(meant, "add the file or correct the name.")
        raise AssetMissing(
            str(table.error(f"is {quoted(name)}, and no such file is in {path.parent}; {remedy}", key))
        )
    return path


def open_regular(path: Path, folder: Path | None = None) -> BinaryIO:
    """A regular file, opened to be read; with a `folder`, one that lies there, or below, at this moment: what
    was checked when the file was loaded may be a link since. Raises OSError."""
    # Without waiting, as a pipe with that name would have it; of a file that changes nothing.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    file = os.fdopen(os.open(path, flags), "rb")
    try:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(EINVAL, "it is no regular file")
        if folder is not None and not _place_of(file, path).is_relative_to(folder.resolve()):
            raise PermissionError(EACCES, "it leads out of its folder")
    except BaseException:
        file.close()
        raise
    return file


def _place_of(file: BinaryIO, path: Path) -> Path:
    """Where an open file lies, without links."""
    try:
        return Path(f"/proc/self/fd/{file.fileno()}").readlink()  # which nobody can exchange
    except OSError:  # a system without
        real = path.resolve(strict=True)
        if not os.path.samestat(os.lstat(real), os.fstat(file.fileno())):
            raise PermissionError(EACCES, "it was exchanged while it was opened") from None
        return real


def _leads_into(path: Path, folder: Path) -> bool:
    try:
        return path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError):  # a loop of links
        return False
