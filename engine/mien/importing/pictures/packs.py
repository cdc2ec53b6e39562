"""Packs of expressions: whole pictures named for what they show, in a folder or a zip.

SillyTavern's sprites are a folder of `joy.png`, `anger.png`, or `joy-1.png` and `joy.smug.png` for more of
them. airi's `.tachie.zip` is a zip of `neutral.png`, `happy.webp`, which may lie in one folder. Pictures for
talking and blinking are taken as well: `open`, `talk`, `blink` in a name. A folder of `.ora` or `.kra` files
is taken in the same way, by the picture that each stores of itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path as FilePath
from typing import Final

from mien.art.layered.kept_layers import KeptLayers, content_of
from mien.art.layered.merged_image import NAME as MERGED
from mien.art.layered.zips import member, open_archive
from mien.art.png_header import MAX_FILE_BYTES
from mien.art.rasters import RASTERS, decode_raster, raster_size, read_raster
from mien.errors import FormatError, ImageRejected
from mien.importing.names import read_name
from mien.importing.pictures.frames import NEUTRAL, Frame, FrameSet, OneCanvas
from mien.messages import printable
from mien.motion.labels import GO_EMOTIONS

TACHIE: Final = ".tachie.zip"
TACHIE_LABELS: Final = (
    "happy",
    "sad",
    "angry",
    "think",
    "surprised",
    "awkward",
    "question",
    "curious",
    NEUTRAL,
)
"""airi's."""

_RENAMED: Final = {"think": "thinking", "question": "confused"}
_PLAIN: Final = (NEUTRAL, "default", "normal", "idle", "base")
_MOST_PICTURES: Final = 256
_MOST_TOTAL: Final = 512 << 20
"""Most pixels of all pictures of a pack together."""
_TALKS: Final = frozenset(["open", "talk", "talking", "speak", "speaking", "mouthopen"])
_BLINKS: Final = frozenset(["blink", "blinking", "closed", "shut", "eyesclosed", "sleep"])

_WITH_MERGED: Final = (".ora", ".kra")
"""Layered files that must hold a picture of all of them."""

Bytes = Callable[[], bytes]


def names_in(folder: FilePath) -> list[str]:
    """The whole pictures in a folder, by name: flat ones, or where none of those are a pack, files that hold
    a flat one beside their layers."""
    names = sorted(p.name for p in folder.iterdir() if not p.name.startswith("."))
    flat = [name for name in names if FilePath(name).suffix.lower() in RASTERS]
    layered = [name for name in names if FilePath(name).suffix.lower() in _WITH_MERGED]
    return layered if is_pack(layered) and not is_pack(flat) else flat


def read_folder(folder: FilePath, kept: KeptLayers | None = None) -> FrameSet:
    """A folder of whole pictures. `kept`: as of `read_layered`. Raises AssetMissing, FormatError,
    ImageRejected."""
    return frame_set({name: _of_file(folder / name) for name in names_in(folder)}, str(folder), kept)


def _of_file(path: FilePath) -> Bytes:
    if path.suffix.lower() in RASTERS:
        return lambda: read_raster(path)
    return lambda: _merged(path)


def _merged(path: FilePath) -> bytes:
    """The picture that a layered file stores of itself."""
    with open_archive(path, "an OpenRaster or Krita file", "save it again") as archive:
        if MERGED not in archive.NameToInfo:
            raise ImageRejected(f"{path}: it holds no {MERGED!r}; export it as PNG beside the others.")
        return member(archive, MERGED, MAX_FILE_BYTES, str(path))


def read_zip(path: FilePath, kept: KeptLayers | None = None) -> FrameSet:
    """A zip of whole pictures, all in one folder at most. Nothing is unpacked to disk. `kept`: as of
    `read_layered`.

    Raises AssetMissing, FormatError, ImageRejected.
    """
    with open_archive(path, "a zip that can be read", "pack it again") as archive:
        names = [n for n in archive.namelist() if _is_picture(n)]
        if len(names) > _MOST_PICTURES:
            raise FormatError(f"{path}: holds {len(names)} pictures, and {_MOST_PICTURES} is the limit.")
        total = 0
        found: dict[str, Bytes] = {}
        for name in names:
            data = member(archive, name, MAX_FILE_BYTES, str(path))
            total += len(data)
            if total > MAX_FILE_BYTES:
                raise ImageRejected(
                    f"{path}: unpacks to more than {MAX_FILE_BYTES} bytes; pack smaller pictures."
                )
            found[FilePath(name.replace("\\", "/")).name] = lambda data=data: data  # type: ignore[misc]
    if str(path).lower().endswith(TACHIE) and not any(_stem(n) == NEUTRAL for n in found):
        raise FormatError(f"{path}: holds no picture called neutral; add one, or name one so.")
    return frame_set(found, str(path), kept)


def _is_picture(name: str) -> bool:
    parts = [part for part in re.split(r"[\\/]", name) if part]
    hidden = any((part.startswith(".") and part != "..") or part == "__MACOSX" for part in parts)
    return bool(parts) and not hidden and FilePath(parts[-1]).suffix.lower() in RASTERS


def frame_set(pictures: Mapping[str, Bytes], file: str, kept: KeptLayers | None = None) -> FrameSet:
    """A set of pictures by their names. `kept`: as of `read_layered`. Raises FormatError, ImageRejected."""
    if not pictures:
        raise FormatError(f"{file}: holds no picture; put PNG or WebP files there, named as joy.png.")
    if len(pictures) > _MOST_PICTURES:
        raise FormatError(
            f"{file}: holds {len(pictures)} pictures, and {_MOST_PICTURES} is the limit; move some away."
        )
    stems = {name: _stem(name) for name in pictures}
    said = {name: _said(stem) for name, stem in stems.items()}
    chosen: dict[tuple[str, float, bool], str] = {}
    warnings = []
    for name, what in said.items():
        if what in chosen:
            warnings.append(f"{printable(name)}: left out, it shows the same as {printable(chosen[what])}")
        else:
            chosen[what] = name
    sizes = {name: raster_size(pictures[name](), f"{file}: {printable(name)}") for name in chosen.values()}
    if sum(size.width * size.height for size in sizes.values()) > _MOST_TOTAL:
        raise ImageRejected(
            f"{file}: its pictures have more than {_MOST_TOTAL >> 20} Mpx together; export them smaller."
        )
    if len(set(sizes.values())) > 1:
        warnings.append("the pictures differ in size; they stand on one line, each in the middle")
    canvas = OneCanvas[str](
        sizes,
        lambda name: decode_raster(pictures[name](), f"{file}: {printable(name)}"),
        kept,
        lambda name: content_of(pictures[name]()),
    )
    shrinking = canvas.shrinking
    frames = [
        Frame(printable(stems[name]), expression, canvas.reader(name), mouth, shut, canvas.corner(name))
        for (expression, mouth, shut), name in chosen.items()
    ]
    frames.sort(key=lambda frame: frame.expression != NEUTRAL)
    speaks = any(frame.mouth > 0 for frame in frames)
    return FrameSet(shrinking.size, tuple(frames), tuple(warnings), shrinking.scale, speaks)


def _stem(name: str) -> str:
    return FilePath(name).stem.lower()


def _said(stem: str) -> tuple[str, float, bool]:
    """(expression, how far the mouth is open, whether the eyes are shut) of a name."""
    label = re.split(r"[-.]", stem)[0] if re.split(r"[-.]", stem)[0] in GO_EMOTIONS else stem
    if label in GO_EMOTIONS or label in TACHIE_LABELS:
        return _RENAMED.get(label, label), 0.0, False
    words = [word for word in re.split(r"[\W_]+", stem) if word]
    talks, blinks = bool(_TALKS & {*words}), bool(_BLINKS & {*words})
    if "mouth" in words and "closed" in words and not (_BLINKS - {"closed"}) & {*words}:
        blinks = "eyes" in words or "eye" in words
    rest = [w for w in words if w not in _TALKS | _BLINKS | {"mouth", "eyes", "eye", "and"}]
    known = [w for w in rest if w in GO_EMOTIONS or w in TACHIE_LABELS or w in _PLAIN]
    name = known[-1] if known else "_".join(rest)
    expression = NEUTRAL if not name or name in _PLAIN or ((talks or blinks) and not known) else name
    expression = re.sub(r"[^\w.-]+", "_", expression)[:48] or NEUTRAL
    return _RENAMED.get(expression, expression), float(talks), blinks


def is_pack(names: list[str]) -> bool:
    """Whether pictures of these names are a pack of expressions: a plain one, and another that packs have,
    both of the whole figure."""
    known = {*GO_EMOTIONS, *TACHIE_LABELS, *_PLAIN}
    said = []
    for name in names:
        stem = _stem(name)
        words = {word for word in re.split(r"[\W_]+", stem) if word}
        if words & known and not read_name(" ".join(sorted(words - _TALKS - _BLINKS))).role:
            said.append(_said(stem)[0])
    return len(said) > 1 and NEUTRAL in said
