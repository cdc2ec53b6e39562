"""What an import missed in the art of a character, and what it found in a wrong order, for the commands that
tell of it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from mien.errors import FormatError

_RECORD: Final = "import.toml"
"""As `mien.importing.write.RECORD`, which is imported only where there is one: it takes long."""


def faults_of(source: Path) -> Mapping[str, tuple[str, ...]]:
    """What the art `lacks`, and what of the face is `covered`: a sentence each; none where no import made the
    character. `source`: its folder, its `character.toml` or its `.mien` file."""
    record = (source if source.is_dir() else source.parent) / _RECORD
    lacks: tuple[str, ...] = ()
    covered: tuple[str, ...] = ()
    if source.suffix != ".mien" and record.is_file():
        from mien.importing.write import read_record

        with suppress(FormatError):  # the next import tells of it
            found = read_record(record)
            lacks, covered = found.lacks, found.covered
    return {"lacks": lacks, "covered": covered}
