"""Zips that strangers packed, read without unpacking anything to disk."""

from __future__ import annotations

import threading
import zipfile
from pathlib import Path
from typing import Final

from mien.art.layered.tree import check_file
from mien.errors import AssetMissing, ImageRejected
from mien.messages import printable, quoted

_COUNTING: Final = threading.Lock()
"""Held while a zip counts who reads it, which it does not lock itself; reading it does."""


def open_archive(path: Path, what: str, remedy: str) -> zipfile.ZipFile:
    """A zip that should be `what`, as "a Krita file". Raises AssetMissing, ImageRejected with the remedy."""
    try:
        check_file(path)
        if not zipfile.is_zipfile(path):
            raise ImageRejected(f"{path} is not {what}: what it holds is no zip, as in those; {remedy}.")
        return zipfile.ZipFile(path)
    except (AssetMissing, ImageRejected):  # which are an OSError and a ValueError
        raise
    except Exception as error:  # of damaged zips zipfile raises whatever it likes
        raise ImageRejected(f"{path} is not {what} ({reason(error)}); {remedy}.") from error


def member(archive: zipfile.ZipFile, name: str, limit: int, file: str) -> bytes:
    """The bytes of a file in the zip, at most `limit`; on any thread. Raises ImageRejected."""
    entry = entry_of(archive, name, file)
    try:
        if entry.file_size > limit:
            raise too_long(file, name, limit)
        with _COUNTING:
            opened = archive.open(entry)
        try:
            data = opened.read(limit + 1)  # what the zip declares is not always true
        finally:
            with _COUNTING:
                opened.close()
    except ImageRejected:
        raise
    except Exception as error:  # damaged, encrypted, or compressed in a way that Python cannot undo
        raise ImageRejected(
            f"{file}: its {quoted(name)} cannot be unpacked ({reason(error)}); export it again."
        ) from error
    if len(data) > limit:
        raise too_long(file, name, limit)
    return data


def too_long(file: str, name: str, limit: int) -> ImageRejected:
    """The error about a file in the zip that is larger than it may be."""
    return ImageRejected(f"{file}: its {quoted(name)} unpacks to more than {limit} bytes; export it again.")


def reason(error: Exception) -> str:
    """What an error of zipfile's says, cut: some quote the file."""
    return printable(str(error) or type(error).__name__)


def entry_of(archive: zipfile.ZipFile, name: str, file: str) -> zipfile.ZipInfo:
    """What the zip says of a file in it. Raises ImageRejected where it has none of that name."""
    for spelt in (name, name.lstrip("/")):  # some write "/data/layer0.png" into stack.xml
        if spelt in archive.NameToInfo:
            return archive.getinfo(spelt)
    raise ImageRejected(f"{file}: it holds no {quoted(name)}; export it again.")
