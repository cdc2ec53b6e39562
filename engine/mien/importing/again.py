"""A source that is imported whenever it is saved: only what has changed is read, made and written anew."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from mien.art.layered import KeptLayers
from mien.art.png_writing import png_of
from mien.errors import NotWritable
from mien.importing.document import Pictures, toml_text
from mien.importing.flatten import Picture, flattened_with
from mien.importing.kinds import read_artwork, stem_of
from mien.importing.make import Made, make
from mien.importing.mapping import Corrections, given_labels
from mien.importing.write import HEAD, MANIFEST, RECORD, check_target, digest, record_text, write
from mien.messages import shown_path
from mien.part_file import write_whole
from mien.writable import unwritable

_NOTHING: Final = Corrections()
States = Mapping[str, tuple[int, int, int]]
"""Of files by their paths: when they were written, how long they are, and which they are."""


@dataclass(frozen=True, slots=True)
class _Written:
    """What the last import has written, where nobody has changed anything of it by hand."""

    corrections: Corrections
    pictures: Pictures
    digests: Mapping[str, str]
    manifest: str
    states: States


class Again:
    """Imports a source again and again. Parameters: its `path`; `folder` of the character that is made of it.

    What somebody changes in the folder meanwhile is kept, as by any import.
    """

    def __init__(self, path: Path, folder: Path) -> None:
        self._path, self._folder = path, folder
        self._kept = KeptLayers()
        self._last: _Written | None = None
        self.drawn = self.written = 0
        """How many pictures the last import has encoded, and files it has written."""
        self.found = ""
        """In one line what of a face the last import found, guessed and did not find."""

    def make(self) -> tuple[str, ...]:
        """Import it: what a user should know, a line each. Raises as `import_art`."""
        last = self._last
        if last is not None and last.states != _states(self._folder):
            last = None  # somebody else was here
        before = check_target(self._folder) if last is None else None
        corrections = last.corrections if last else before.corrections if before else _NOTHING
        artwork = read_artwork(self._path, corrections.boxes, self._kept)
        of_record = str(self._folder / RECORD)
        given = given_labels(corrections.layers, artwork.source, of_record, strict=False)
        about, labels = {"source": self._path.name}, {**artwork.given, **given}
        with flattened_with(self._kept):
            made = make(artwork.source, stem_of(self._path), labels, about, artwork.extras, corrections.boxes)
        self._kept.forget_others()
        self._last, self.found = None, made.found
        if last is None:
            kept_by_hand = write(made, self._folder, self._path.name, corrections, before, False)
            if not kept_by_hand:
                self._last = self._as_written(made, corrections)
            self.drawn, self.written = len(made.pictures), len(made.pictures) + 2
            return (*made.remarks, *kept_by_hand, *made.lacks, *made.covered)
        try:
            self._last = self._change(made, last)
        except OSError as error:
            if isinstance(error, NotWritable):
                raise
            raise unwritable(shown_path(self._folder), error) from error
        return (*made.remarks, *made.lacks, *made.covered)

    def get_ready(self) -> None:
        """Do ahead of the next time what takes long."""
        if self._path.suffix.lower() == ".svg":
            self._kept.get_ready()

    def close(self) -> None:
        """End what was started. Idempotent."""
        self._kept.close()

    def _as_written(self, made: Made, corrections: Corrections) -> _Written:
        digests = {name: digest((self._folder / name).read_bytes()) for name in made.pictures}
        manifest = (self._folder / MANIFEST).read_text("utf-8")
        return _Written(corrections, made.pictures, digests, manifest, _states(self._folder))

    def _change(self, made: Made, last: _Written) -> _Written:
        """Have the folder hold what was made now: a file at a time, the pictures before what names them."""
        new = {
            name: png_of(picture.pixels, picture.offset)
            for name, picture in made.pictures.items()
            if name not in last.pictures or not _same(picture, last.pictures[name])
        }
        digests = {name: digest(new[name]) if name in new else last.digests[name] for name in made.pictures}
        manifest = toml_text(made.document, [HEAD.format(source=self._path.name)])
        files = {name: data for name, data in new.items() if data and digests[name] != last.digests.get(name)}
        texts = {MANIFEST: manifest.encode()} if manifest != last.manifest else {}
        texts[RECORD] = record_text(made, digests, self._path.name, last.corrections).encode()
        for name, data in {**files, **texts}.items():
            write_whole(self._folder / name, data)
        for name in last.pictures.keys() - made.pictures.keys():
            (self._folder / name).unlink()
        self.drawn, self.written = len(new), len(files) + len(texts)
        return _Written(last.corrections, made.pictures, digests, manifest, _states(self._folder))


def _same(one: Picture, other: Picture) -> bool:
    if one.offset != other.offset or one.pixels.shape != other.pixels.shape:
        return False
    return one.pixels is other.pixels or np.array_equal(one.pixels, other.pixels)


def _states(folder: Path) -> States:
    found = {}
    for inner, _, names in os.walk(folder):
        for name in names:
            path = Path(inner, name)
            with suppress(OSError):
                about = path.stat()
                found[str(path)] = (about.st_mtime_ns, about.st_size, about.st_ino)
    return found
