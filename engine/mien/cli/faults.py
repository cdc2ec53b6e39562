"""What an import missed in the art of a character, what it found in a wrong order, and which layers and
corrections it doubts, for the commands that tell of it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from mien.art.faults import CharacterFaults
from mien.errors import FormatError

_RECORD: Final = "import.toml"
"""As `mien.importing.write.RECORD`, which is imported only where there is one: it takes long."""


def faults_told(source: Path, faults: CharacterFaults) -> Mapping[str, tuple[str, ...]]:
    """What a character `lacks`, what of it is `covered`, and what is `doubted`: a sentence each, of parts of
    the face that are missing as its import has told them. `source`: its folder, its `character.toml` or its
    `.mien` file."""
    record = (source if source.is_dir() else source.parent) / _RECORD
    missing = faults.missing
    if missing and source.suffix != ".mien" and record.is_file():
        from mien.importing.write import read_record

        with suppress(FormatError):  # the next import tells of it
            missing = read_record(record).lacks or missing
    return {"lacks": (*missing, *faults.lacks), "covered": faults.covered, "doubted": faults.doubted}
