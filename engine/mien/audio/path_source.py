"""A sound file by name."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from mien.audio.addresses import reason_of
from mien.audio.sources import Source
from mien.documents.paths import open_regular
from mien.errors import AssetMissing, AudioRejected
from mien.messages import shown_path
from mien.writable import MORE_FILES, is_out_of_files

if TYPE_CHECKING:
    from mien.audio.decoder import Decoder


class PathSource(Source):
    """A file by name. With a `folder`, it has to lie there when it is opened, too."""

    def __init__(self, path: str | Path, folder: Path | None = None) -> None:
        super().__init__(f"audio file '{shown_path(path)}'")
        self.path, self.folder = Path(path), folder

    def missing(self) -> str:
        """What is said where there is no such file; `""` where there is, or `open` has more to say."""
        with suppress(OSError, ValueError):  # no name that the system takes
            if not self.path.exists():
                return f"{self.name} does not exist; check the path."
        return ""

    def open(self) -> Decoder:
        """Its sound."""
        from mien.audio.opening import of_path

        path = self.path
        if told := self.missing():
            raise AssetMissing(told)
        try:
            if path.is_dir():
                raise AudioRejected(f"{self.name} is a folder; name a file in it.")
            if path.stat().st_size == 0:
                raise AudioRejected(f"{self.name} is empty; it may not have been written completely.")
            file = open_regular(path, self.folder)
        except (AssetMissing, AudioRejected):  # which are an OSError and a ValueError
            raise
        except (OSError, ValueError) as error:
            remedy = MORE_FILES if is_out_of_files(error) else "check its name and its permissions"
            raise AudioRejected(f"{self.name} cannot be read ({reason_of(error)}); {remedy}.") from error
        return of_path(self.name, str(path), file)
