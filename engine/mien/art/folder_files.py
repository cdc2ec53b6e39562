"""The files of a character's folder: where they are, and a state that says whether they are as they were."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from unicodedata import normalize

from mien.art.manifest import Manifest, Picture
from mien.art.png_header import MAX_FILE_BYTES
from mien.errors import FormatError, MienError


class Inside:
    """Finds the files that pictures name in a folder, and none outside of it. On any thread."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self._folder, self._manifest = folder, manifest
        self._root = folder.resolve()
        self._folders: dict[str, bool] = {}
        """Which are inside of it, as far as was looked."""

    def path(self, picture: Picture) -> Path:
        """The PNG of a picture. Raises FormatError where it does not lead into the folder."""
        path = as_it_is_there(self._folder, picture.file)
        try:
            inside = self.holds(str(path))
        except (OSError, RuntimeError):  # a name too long for the system, or links in a circle
            inside = False
        if not inside:
            raise FormatError(
                f"{self._manifest.file}: {picture.key} is {path}, which does not lead into the folder; copy "
                "the PNG into it."
            )
        return path

    def holds(self, path: str) -> bool:
        """Whether a file is in the folder, all links followed; most are none, in a folder that was looked at.
        Raises OSError, RuntimeError."""
        # Of the hundreds that a character has, in a third of the time that pathlib takes.
        if os.path.islink(path):  # noqa: PTH114
            return Path(path).resolve().is_relative_to(self._root)
        parent = os.path.dirname(path)  # noqa: PTH120
        if parent not in self._folders:
            self._folders[parent] = Path(parent).resolve().is_relative_to(self._root)
        return self._folders[parent]


def as_it_is_there(folder: Path, file: str) -> Path:
    """The file in the folder, also where its name has accents apart from their letters, as from macOS."""
    path = folder / file
    if file.isascii():
        return path
    apart = folder / normalize("NFD", file)
    return apart if path != apart and not path.exists() and apart.exists() else path


def pictures_in(folder: Path) -> list[Path]:
    """All PNGs under it, in the order of their names; links are not followed. `Path.rglob` takes ten times as
    long."""
    return [Path(path) for path in _pictures_in(str(folder))]


def _pictures_in(folder: str) -> list[str]:
    names = ((inner, name) for inner, _, names in os.walk(folder) for name in names if name.endswith(".png"))
    return sorted(os.path.join(inner, name) for inner, name in names)  # noqa: PTH118


def digest(data: bytes) -> bytes:
    """Of a file's bytes."""
    return sha256(data).digest()


def state_of(folder: Path, digests: Iterable[tuple[str, bytes]], there: Iterable[str]) -> bytes:
    """One for all files: the name of each that a manifest has, and its digest; `there`, all PNGs under the
    folder, of which the names count. It is the same wherever the folder is."""
    begin = len(str(folder))
    names = [path[begin:] for path in there]
    # A file that was read twice, and has changed in between, is there twice: no state of now is like that.
    return sha256(repr((sorted(set(digests)), names)).encode(errors="surrogateescape")).digest()


def state_now(folder: Path, manifest: Manifest) -> bytes | None:
    """The state of the files as they are now, read but not decoded; None where one cannot be read."""
    inside, top = Inside(folder, manifest), f"{folder}{os.sep}"
    files = {picture.file: picture for picture in manifest.pictures()}
    try:
        digests = []
        for name, picture in files.items():
            path = top + name if name.isascii() else str(inside.path(picture))
            if not inside.holds(path):
                return None
            digests.append((name, digest(_bytes(path))))
        return state_of(folder, digests, _pictures_in(top + "parts"))
    except (MienError, OSError, RuntimeError, ValueError):  # whoever reads it is told of it
        return None


def _bytes(path: str) -> bytes:
    """Of a regular file that is no larger than a picture may be. Raises OSError, ValueError."""
    opened = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        about = os.fstat(opened)
        if not stat.S_ISREG(about.st_mode) or about.st_size > MAX_FILE_BYTES:
            raise ValueError("no picture")
        return os.read(opened, about.st_size + 1)
    finally:
        os.close(opened)
