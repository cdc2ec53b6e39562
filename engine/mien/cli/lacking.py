"""What an import missed in the art of a character, for the commands that tell of it."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Final

from mien.errors import FormatError

_RECORD: Final = "import.toml"
"""As `mien.importing.write.RECORD`, which is imported only where there is one: it takes long."""


def lacks_of(source: Path) -> tuple[str, ...]:
    """A sentence each; nothing where no import made the character. `source`: its folder, its `character.toml`
    or its `.mien` file."""
    record = (source if source.is_dir() else source.parent) / _RECORD
    if source.suffix == ".mien" or not record.is_file():
        return ()
    from mien.importing.write import read_record

    with suppress(FormatError):  # the next import tells of it
        return read_record(record).lacks
    return ()
