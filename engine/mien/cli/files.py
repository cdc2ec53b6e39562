"""What a command writes: every place is looked at before work begins."""

from __future__ import annotations

import argparse
import io
import os
from collections.abc import Iterable
from pathlib import Path

from PIL import Image

from mien.catalog import address_of
from mien.cli.console import tell
from mien.errors import NotWritable
from mien.messages import near_file, quoted, shown_path
from mien.part_file import write_whole
from mien.writable import check_suffix, check_writable


def file_name(text: str) -> Path:
    """For argparse: a name of a file or folder, which an empty one and an address are not."""
    if not text:
        raise argparse.ArgumentTypeError("the name is empty; name a file")
    if (address := address_of(text)) is not None:
        raise argparse.ArgumentTypeError(f"{quoted(address)} begins an address; name a file of this machine")
    return Path(text)


class Places:
    """The files that a command will write: no two of them one file, and none of them one that it reads."""

    def __init__(self) -> None:
        self._taken: list[tuple[str, Path]] = []
        self._new: set[Path] = set()

    def claim(self, path: Path, option: str, begins: tuple[bytes, ...] = ()) -> Path:
        """A place for what `option` asks for. Raises NotWritable.

        `begins`: how files of this kind begin: another file that is there is somebody's, and is not written
        over.
        """
        place = check_writable(path, option)
        for other, theirs in self._taken:
            if _same(place, theirs):
                raise NotWritable(
                    f"{other} and {option} both name {shown_path(path)}, and only one of them would be "
                    "left; give each a file of its own."
                )
        self._taken.append((option, place))
        if begins and place.is_file() and not _begins(place, begins):
            raise NotWritable(
                f"{option} {shown_path(path)} is another kind of file and would be lost; name a new one, "
                "or remove it."
            )
        if not place.parent.exists() and place.parent not in self._new:
            self._new.add(place.parent)
            # Of a link that leads somewhere else that is the folder to be made.
            _tell_of_new(place.parent if path.parent.exists() else path.parent, option)
        return path

    def claim_named(
        self, path: Path, option: str, suffixes: tuple[str, ...], what: str, begins: tuple[bytes, ...] = ()
    ) -> Path:
        """As `claim`, for a file whose name must end in one of `suffixes`; `what` it is, as `a picture`."""
        check_suffix(path, suffixes, what, option)
        return self.claim(path, option, begins)

    def spare(self, inputs: Iterable[Path]) -> None:
        """Refuse to write over what is read: files, or what is in a folder. Raises NotWritable."""
        for source in inputs:
            real = Path(os.path.realpath(source))
            for option, place in self._taken:
                inside = place.exists() and real.is_dir() and real in place.parents
                if inside or _same(place, real):
                    raise NotWritable(
                        f"{option} {shown_path(place)} is read by this command, and would be lost; name "
                        "another file."
                    )


def _tell_of_new(folder: Path, option: str) -> None:
    """A folder that will be made is said, or a misspelt name would be found by who looks for the file."""
    close = near_file(folder)
    beside = f"; beside it is {quoted(close)}" if close else ""
    tell(f"mien: {option} goes into a new folder, {shown_path(folder)}{beside}")


def save_png(image: Image.Image, path: Path) -> None:
    """Write a PNG, whole or not at all. Raises NotWritable."""
    data = io.BytesIO()
    image.save(data, "PNG")
    write_whole(path, data.getvalue())


def _same(one: Path, other: Path) -> bool:
    if one == other:
        return True
    try:
        # Of devices and pipes there may be many ends.
        return one.is_file() and one.samefile(other)
    except OSError:
        return False


def _begins(path: Path, ways: tuple[bytes, ...]) -> bool:
    try:
        with path.open("rb") as file:
            begin = file.read(max(map(len, ways)))
    except OSError:
        return True  # what cannot be read cannot be judged
    return not begin or any(begin.startswith(way) for way in ways)
