"""The files of a character's folder: where they are, and a state that says whether they are as they were."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from unicodedata import normalize

from mien.art.manifest import Manifest, Picture
from mien.art.png_header import read_bytes
from mien.errors import FormatError, MienError


class Inside:
    """Finds the files that pictures name in a folder, and none outside of it. On any thread."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self._folder, self._manifest = folder, manifest
        self._root = folder.resolve()
        self._folders: dict[Path, bool] = {}
        """Which are inside of it, as far as was looked."""

    def path(self, picture: Picture) -> Path:
        """The PNG of a picture. Raises FormatError where it does not lead into the folder."""
        path = as_it_is_there(self._folder, picture.file)
        try:
            inside = self._is_inside(path)
        except (OSError, RuntimeError):  # a name too long for the system, or links in a circle
            inside = False
        if not inside:
            raise FormatError(
                f"{self._manifest.file}: {picture.key} is {path}, which does not lead into the folder; copy "
                "the PNG into it."
            )
        return path

    def _is_inside(self, path: Path) -> bool:
        """All links followed; most are none, in a folder that was looked at."""
        if path.is_symlink():
            return path.resolve().is_relative_to(self._root)
        if path.parent not in self._folders:
            self._folders[path.parent] = path.parent.resolve().is_relative_to(self._root)
        return self._folders[path.parent]


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
    return sorted(_walked(folder))


def _walked(folder: Path) -> Iterator[Path]:
    for inner, _, names in os.walk(folder):
        yield from (Path(inner, name) for name in names if name.endswith(".png"))


def digest(data: bytes) -> bytes:
    """Of a file's bytes."""
    return sha256(data).digest()


def state_of(folder: Path, digests: Iterable[tuple[str, bytes]], there: Iterable[Path]) -> bytes:
    """One for all files: the name of each that a manifest has, and its digest; `there`, all PNGs under the
    folder, of which the names count. It is the same wherever the folder is."""
    begin = len(str(folder))
    names = [str(path)[begin:] for path in there]
    # A file that was read twice, and has changed in between, is there twice: no state of now is like that.
    return sha256(repr((sorted(set(digests)), names)).encode(errors="surrogateescape")).digest()


def state_now(folder: Path, manifest: Manifest) -> bytes | None:
    """The state of the files as they are now, read but not decoded; None where one cannot be read."""
    inside = Inside(folder, manifest)
    with suppress(MienError, OSError):
        files = {picture.file: picture for picture in manifest.pictures()}
        digests = [(name, digest(read_bytes(inside.path(picture)))) for name, picture in files.items()]
        return state_of(folder, digests, pictures_in(folder / "parts"))
    return None
