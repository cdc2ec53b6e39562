"""Paths in documents: relative to the file, portable, and inside its folder where that is asked for."""

from __future__ import annotations

from pathlib import Path, PurePosixPath, PureWindowsPath

from mien.documents.table import Table
from mien.errors import AssetMissing
from mien.messages import near_file, quoted


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
        remedy = f"did you mean {quoted(meant)}?" if meant else "add the file or correct the name."
        raise AssetMissing(
            str(table.error(f"is {quoted(name)}, and no such file is in {path.parent}; {remedy}", key))
        )
    return path


def _leads_into(path: Path, folder: Path) -> bool:
    try:
        return path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError):  # a loop of links
        return False
