"""A whole import in one call: art becomes a character's folder."""

from __future__ import annotations

from pathlib import Path

from mien.importing.kinds import read_artwork, stem_of
from mien.importing.make import make
from mien.importing.mapping import given_labels
from mien.importing.write import RECORD, check_target, write


def import_art(path: Path, folder: Path) -> tuple[str, ...]:
    """Make a character of a file, or of a folder of pictures, and write it to `folder`.

    What an import has written there before gives way, but for what was changed by hand. Returns what a user
    should know, a line each. Raises AssetMissing, FormatError, ImageRejected, NotWritable and their like.
    """
    last = check_target(folder)
    layers = dict(last.layers) if last is not None else {}
    artwork = read_artwork(path)
    corrected = given_labels(layers, artwork.source, str(folder / RECORD), strict=False)
    labels = {**artwork.given, **corrected}
    made = make(artwork.source, stem_of(path), labels, {"source": path.name}, artwork.extras)
    return (*made.remarks, *write(made, folder, path.name, layers, last, force=False))
