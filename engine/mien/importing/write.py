"""A made character as a folder: whole or not at all, with what was corrected by hand since the last time.

Beside `character.toml` stands `import.toml`: the corrections that are used again, what was understood, and
what was written, so that a later import knows what is somebody's own.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import numpy as np

from mien.art.folder import in_threads, know, read_folder
from mien.art.kept import KeptFiles
from mien.art.png_writing import png_of
from mien.documents.toml import read_toml
from mien.errors import FormatError, NotWritable
from mien.importing.document import PARTS, toml_text
from mien.importing.make import Made
from mien.importing.mapping import Corrections, corrections_of
from mien.importing.merge import merged
from mien.importing.origins import drawn_by_hand
from mien.messages import shown_path
from mien.types import Size
from mien.writable import check_writable, unwritable

MANIFEST: Final = "character.toml"
RECORD: Final = "import.toml"
HEAD: Final = "Made from {source} by `mien import`, which keeps what is changed here when it is run again."
"""What stands in front of the first."""
_NOTES: Final = (
    "Nothing below is to be changed: it says what the last import wrote, file by file and as one long line,",
    "so that the next one keeps what you have changed by hand.",
)
"""What stands above the part of the second that is nobody's to correct."""
_WRITERS: Final = 4
_MOST_RECORD: Final = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Record:
    """What the last import into a folder left behind."""

    corrections: Corrections
    written: Mapping[str, Any]
    """The `character.toml` that it wrote, as a document."""
    files: Mapping[str, str]
    """Digests of the files that it wrote, by their paths."""
    lacks: tuple[str, ...] = ()
    """As of `mien.importing.make.Made`."""
    hidden: tuple[str, ...] = ()
    """The same."""


def check_target(folder: Path) -> Record | None:
    """What a former import left in the folder that is to be written; None where there is no folder, or an
    empty one.

    Raises NotWritable where something else is there, and where it cannot be written.
    """
    check_place(folder)
    check_writable(folder / MANIFEST, "-o", folder)
    if not folder.exists() or not any(folder.iterdir()):
        return None
    if not (folder / RECORD).is_file():
        raise NotWritable(
            f"-o {shown_path(folder)}: holds what no import wrote, and that would be lost; name a new folder."
        )
    return read_record(folder / RECORD)


def check_place(folder: Path) -> None:
    """Whether a folder may be where one is to be written: no file, and in none. Raises NotWritable."""
    for part in (folder, *folder.parents):
        # Path's raise for long names.
        if not os.path.lexists(part) or os.path.isdir(part):  # noqa: PTH112
            continue
        what = "is a file" if os.path.exists(part) else "is a link that leads nowhere"  # noqa: PTH110
        if part == folder:
            raise NotWritable(f"-o {shown_path(folder)} {what}; name a folder.")
        raise NotWritable(
            f"-o {shown_path(folder)}: {shown_path(part)} {what}, and no folder; name one that is elsewhere."
        )


def read_record(path: Path) -> Record:
    """An `import.toml`. Raises FormatError."""
    data = read_toml(path, "import again into a new folder", _MOST_RECORD)
    corrections = corrections_of(data, path)
    files, written = data.get("files", {}), data.get("written", "{}")
    if isinstance(written, dict):
        written = written.get("document", "{}")
    try:  # of older imports it is a line at the top
        document = json.loads(written) if isinstance(written, str) else None
    except ValueError:
        document = None
    if not _are_texts(files) or not isinstance(document, dict):
        raise FormatError(
            f"{path} is not as an import writes it; mend [layers], or import into a new folder."
        )
    lacks, hidden = _texts(data.get("lacks")), _texts(data.get("hidden"))
    return Record(corrections, document, files, lacks, hidden)  # type: ignore[arg-type]


def _texts(found: object) -> tuple[str, ...]:
    return tuple(map(str, found)) if isinstance(found, list) else ()


def _are_texts(table: object) -> bool:
    return isinstance(table, dict) and all(isinstance(value, str) for value in table.values())


def write(
    made: Made,
    folder: Path,
    source: str,
    corrections: Corrections,
    last: Record | None,
    force: bool,
    kept: KeptFiles | None = None,
    *,
    release: bool = False,
) -> list[str]:
    """Write the folder; what is there gives way when all is written. Returns remarks on what was kept of it.

    `corrections`: those that were used. `last`: what the last import left; None for a new folder. `force`:
    do not keep what was changed by hand. `kept`: gets the pictures as they are read back, for whoever loads
    the character next. `release`: let go of the pictures of `made` as they are known there. Raises
    NotWritable; FormatError where what was changed by hand cannot be read.
    """
    remarks: list[str] = []
    document = made.document
    kept = KeptFiles() if kept is None else kept
    with ThreadPoolExecutor(_WRITERS) as pool:  # zlib releases the GIL
        encoded = pool.map(lambda p: png_of(p.pixels, p.offset), made.pictures.values())
        pictures = dict(zip(made.pictures, encoded, strict=True))
    digests = {name: digest(data) for name, data in pictures.items()}
    by_hand = {} if last is None or force else _own_files(folder, last)
    drawn_by_hand(document, by_hand)
    if last is not None and not force:
        now = read_toml(folder / MANIFEST, "import with --force to write it anew", _MOST_RECORD)
        document, unchanged = merged(dict(last.written), now, document)
        remarks += [f"{MANIFEST}: kept what was changed by hand: {key}" for key in unchanged]
        pictures |= by_hand
        remarks += [f"{name}: kept, it was drawn by hand" for name in by_hand]
    part = folder.parent / f".{folder.name[:80]}.{secrets.token_hex(4)}.part"
    old = part.with_suffix(".old")
    try:
        _write_all(part, document, pictures, source)
        (part / RECORD).write_text(record_text(made, digests, source, corrections), "utf-8")
        own = {name: pictures[name] for name in made.pictures.keys() - by_hand.keys()}
        _know(part, made, own, kept, release)
        read_folder(part, kept=kept)  # what cannot be loaded is not left behind
        if folder.exists():
            folder.rename(old)
        part.rename(folder)
        kept.forget_others()
        kept.moved(part, folder)
    except OSError as error:
        if old.exists() and not folder.exists():
            old.rename(folder)
        raise unwritable(shown_path(folder), error) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
        if folder.exists():
            shutil.rmtree(old, ignore_errors=True)
    return remarks


def _know(part: Path, made: Made, pictures: Mapping[str, bytes], kept: KeptFiles, release: bool) -> None:
    """Have the reader know the drawings that were written just now: their pixels are at hand. `release`: not
    any more."""
    canvas = Size(*made.document["canvas"])

    def one(name: str) -> None:
        pixels = (made.pictures.pop(name) if release else made.pictures[name]).pixels
        # What has none was written as one.
        pixels = pixels if pixels.size else np.zeros((1, 1, 4), np.uint8)
        know(kept, part / name, pictures[name], pixels, canvas)

    in_threads(one, [name for name in pictures if name.startswith(PARTS)])  # masks are read otherwise
    kept.forget_others()


def _own_files(folder: Path, last: Record) -> dict[str, bytes]:
    """Files of the folder that are not as an import wrote them, but for those that are always written
    anew."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if name in (MANIFEST, RECORD, "sheet.png") or not path.is_file() or path.is_symlink():
            continue
        data = path.read_bytes()
        if last.files.get(name) != digest(data):
            found[name] = data
    return found


def _write_all(part: Path, document: Mapping[str, Any], pictures: Mapping[str, bytes], source: str) -> None:
    part.mkdir(parents=True)
    for name, data in pictures.items():
        path = part / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    (part / MANIFEST).write_text(toml_text(document, [HEAD.format(source=source)]), "utf-8")


def record_text(made: Made, digests: Mapping[str, str], source: str, corrections: Corrections) -> str:
    """What `import.toml` says. `digests`: of the pictures that were made, also of those in whose place are
    some that were drawn by hand, which so are known as that by each later import."""
    found = {
        row.layer: f"{row.became}" for row in made.rows if row.layer and row.layer not in corrections.layers
    }
    record = {
        "source": source,
        "layers": dict(corrections.layers),
        "boxes": {name: list(box) for name, box in corrections.boxes.items()},
        "lacks": list(made.lacks),
        "hidden": [layer for layer in made.hidden if layer in corrections.layers],
        "found": found,
    }
    own = {"files": dict(digests), "written": {"document": json.dumps(made.document, ensure_ascii=False)}}
    tables = {key: value for key, value in record.items() if isinstance(value, dict)}
    plain = {key: value for key, value in record.items() if not isinstance(value, dict)}
    head = [
        "What `mien import` knows of this folder. [layers] is used again by the next import: the path of a",
        'layer and what it is, as "Face/Layer 4" = "iris left" or "mouth aa". [found] is what it understood.',
    ]
    return toml_text({**plain, **tables}, head) + "\n" + toml_text(own, _NOTES)


def digest(data: bytes) -> str:
    """What tells a file that an import wrote from all others."""
    return sha256(data).hexdigest()[:24]
