"""A whole import in one call: art becomes a character's folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mien.art.kept import KeptFiles
from mien.importing.doubts import overruled
from mien.importing.drafts import Row
from mien.importing.guess import Guess
from mien.importing.kinds import read_artwork, stem_of
from mien.importing.make import make
from mien.importing.mapping import Corrections, given_labels, read_map, strays
from mien.importing.write import RECORD, check_place, check_target, write

_NOTHING: Final = Corrections()


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import has made."""

    rows: tuple[Row, ...]
    """What became of every layer, and what was made up."""
    remarks: tuple[str, ...]
    """What a user should know, a line each."""
    again: bool
    """Whether an import has written to the folder before."""
    found: str = ""
    """In one line what of a face was found, guessed and not found."""
    guesses: tuple[Guess, ...] = ()
    """Parts of the face that were guessed by place and shape."""
    missing: tuple[str, ...] = ()
    """As of `mien.importing.make.Made`."""


def import_art(
    path: Path,
    folder: Path,
    *,
    name: str | None = None,
    map_file: Path | None = None,
    force: bool = False,
    dry_run: bool = False,
    kept_files: KeptFiles | None = None,
) -> Imported:
    """Make a character of a file, or of a folder of pictures, and write it to `folder`.

    `name`: what it is called, None for as the file; `map_file`: corrections, which the folder keeps. What an
    import has written there before gives way, but for what was changed by hand, where `force` is not given;
    with `dry_run` nothing is written. `kept_files`: gets the pictures, as of `write`. Raises AssetMissing,
    FormatError, ImageRejected, NotWritable and their like.
    """
    check_place(folder)
    last = None if dry_run and not folder.exists() else check_target(folder)
    kept = last.corrections if last is not None else _NOTHING
    own = _NOTHING if map_file is None else read_map(map_file)
    said = own.over(kept)
    artwork = read_artwork(path, said.boxes)
    given = given_labels(kept.layers, artwork.source, str(folder / RECORD), strict=False)
    given |= given_labels(own.layers, artwork.source, str(map_file))
    astray = strays(kept.layers, artwork.source, str(folder / RECORD))
    of_old = {layer: what for layer, what in kept.layers.items() if layer not in own.layers}
    astray += overruled(of_old, last.hidden if last else (), artwork.source, str(folder / RECORD))
    labels = {**artwork.given, **given}
    called = stem_of(path) if name is None else name
    made = make(artwork.source, called, labels, {"source": path.name}, artwork.extras, said.boxes)
    del artwork  # its pictures, before those that are written take their place
    written = [] if dry_run else write(made, folder, path.name, said, last, force, kept_files, release=True)
    remarks = (*made.remarks, *astray, *written, *made.lacks, *(cover.line_again for cover in made.covers))
    return Imported(made.rows, remarks, last is not None, made.found, made.guesses, made.missing)
