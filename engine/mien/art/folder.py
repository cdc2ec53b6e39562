"""Reading a character's folder: character.toml and its PNG parts."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import NamedTuple, TypeVar

from mien.art.budget import Budget
from mien.art.folder_files import Inside, as_it_is_there, digest, pictures_in, state_of
from mien.art.kept import KeptFiles
from mien.art.manifest import Manifest, Picture
from mien.art.png import coverage, decode, premultiply
from mien.art.png_header import PngHeader, read_bytes, read_header
from mien.art.read_manifest import MAX_CANVAS, read_manifest
from mien.art.sprites import Sprite, moved, trimmed
from mien.catalog import bundled_remedy
from mien.documents.table import same_letters
from mien.documents.toml import parse_toml, toml_bytes
from mien.errors import AssetMissing, NoThreads
from mien.interrupts import RejoinableThread
from mien.messages import near_file, quoted
from mien.switching import give_way
from mien.threads import start_thread
from mien.types import U8, Rect, Size

MANIFEST_NAME = "character.toml"

MAX_MANIFEST_BYTES = 4 * 1024 * 1024
"""Largest character.toml that is read."""

LARGE_SIDE = 2048
"""Pictures of more pixels than a square of this side are decoded one at a time, to spare memory."""

T = TypeVar("T")
R = TypeVar("R")


def in_threads(function: Callable[[T], R], items: Iterable[T]) -> list[R]:
    """`function` of every item, in order, on a few threads: Pillow and numpy release the GIL. Raises what it
    raises of the first item.

    Not by an executor of Python's, which holds a lock of the process's while it starts a thread: a handler of
    a signal that came then, and loaded a character itself, would wait for that for ever.
    """
    left = deque(enumerate(items))
    if len(left) < 2:
        return [function(item) for _, item in left]
    made: dict[int, R] = {}
    failed: dict[int, BaseException] = {}

    def work() -> None:
        while left and not failed:
            with suppress(IndexError):  # of the deque: another thread took the last
                number, item = left.popleft()
                try:
                    made[number] = function(item)
                except BaseException as error:
                    failed[number] = error

    threads = [RejoinableThread(work, "mien-art") for _ in range(min(4, os.cpu_count() or 1, len(left)))]
    try:
        for thread in threads:
            start_thread(thread)
        for thread in threads:
            thread.wait()
    except BaseException as error:  # Ctrl-C waits for nobody
        left.clear()
        for thread in threads if isinstance(error, NoThreads) else ():
            thread.wait()
        raise
    if failed:
        raise failed[min(failed)]
    return [made[number] for number in range(len(made))]


class Pictures(NamedTuple):
    """What a folder holds beside its manifest."""

    sprites: list[Sprite]
    """Trimmed, slot by slot."""
    warnings: tuple[str, ...]
    """About the files."""
    state: bytes
    """As of `folder_files.state_now`, of the files as they were when they were read."""


def read_folder(
    folder: Path, *, straight: bool = False, kept: KeptFiles | None = None
) -> tuple[Manifest, list[Sprite], tuple[str, ...]]:
    """Manifest, trimmed sprites slot by slot, and warnings about the files.

    Pixels are premultiplied, or as in the files when `straight`. `kept`: of an earlier reading, and for the
    next, which is `straight` or not as well.

    Raises FormatError, AssetMissing or ImageRejected.
    """
    manifest, _ = manifest_in(folder, kept)
    convert = (lambda pixels: pixels) if straight else premultiply
    sprites, warnings, _ = read_parts(folder, manifest, convert, kept)
    return manifest, sprites, warnings


def manifest_in(folder: Path, kept: KeptFiles | None = None) -> tuple[Manifest, bytes]:
    """The manifest of a folder, and its bytes. `kept`: as of `read_folder`. Raises FormatError,
    AssetMissing."""
    file = folder / MANIFEST_NAME
    what = f"a character is a folder with a {MANIFEST_NAME}, or a .mien file"
    remedy = bundled_remedy("characters", folder) or what
    data = toml_bytes(file, remedy, MAX_MANIFEST_BYTES)

    def read() -> Manifest:
        return read_manifest(parse_toml(file, data), str(file))

    return read() if kept is None else kept.made(("manifest", str(file), data), read), data


def read_parts(
    folder: Path,
    manifest: Manifest,
    convert: Callable[[U8], U8] = premultiply,
    kept: KeptFiles | None = None,
) -> Pictures:
    """Every picture as a trimmed sprite, its straight pixels passed through `convert`. `kept`: as of
    `read_folder`. Raises FormatError, AssetMissing or ImageRejected."""
    budget = Budget(f"{manifest.file}: slot")
    pictures = list(manifest.pictures())
    inside = Inside(folder, manifest)
    large = Lock()
    first: dict[tuple[str, bool], Picture] = {}
    for picture in pictures:
        first.setdefault((picture.file, picture.is_mask), picture)

    def read(picture: Picture) -> _File:
        file = _read_file(inside, manifest, picture, convert, large, kept)
        budget.spend(file.sprite.pixels.nbytes, file.length)
        return file

    give_way()
    # Each is decoded once; what is known is there at once, and needs no thread.
    known = [] if kept is None else [one for one in first.values() if _is_known(folder, one, kept)]
    files = {(one.file, one.is_mask): read(one) for one in known}
    left = {key: one for key, one in first.items() if key not in files}
    files.update(zip(left, in_threads(read, left.values()), strict=True))
    give_way()
    found = [_placed(manifest, picture, files[picture.file, picture.is_mask]) for picture in pictures]
    give_way()
    for sprite in _at_further_places(sprite for sprite, _ in found):
        budget.spend(sprite.pixels.nbytes)
    warnings = [warning for _, warning in found if warning]
    used = {same_letters(str(folder / picture.file)) for picture in pictures}
    there = pictures_in(folder / "parts")
    for path in there:
        if same_letters(str(path)) not in used:
            warnings.append(f"{path}: no slot draws this; name it in drawings, or delete it.")
    if manifest.substituted:
        missing = ", ".join(manifest.substituted)
        warnings.append(f"mouth.moods.neutral: draws no {missing}; the nearest shapes stand in.")
    state = state_of(folder, [(name, file.digest) for (name, _), file in files.items()], map(str, there))
    return Pictures([sprite for sprite, _ in found], tuple(warnings), state)


@dataclass(frozen=True, slots=True, eq=False)
class _File:
    """A PNG that drawings name, as they share it."""

    path: Path
    sprite: Sprite
    """Trimmed, with its top left where it lies in the PNG."""
    is_clear: bool
    """Nothing of it shows."""
    header: PngHeader
    length: int
    """Of the file in bytes."""
    digest: bytes


def _read_file(
    inside: Inside,
    manifest: Manifest,
    picture: Picture,
    convert: Callable[[U8], U8],
    large: Lock,
    kept: KeptFiles | None,
) -> _File:
    """The PNG of a picture. `large`: held while a large one is decoded."""
    path = inside.path(picture)

    def read() -> _File:
        return _decoded(path, manifest, picture, convert, large)

    return read() if kept is None else kept.file(path, picture.is_mask, read)


def know(kept: KeptFiles, path: Path, data: bytes, straight: U8, canvas: Size) -> None:
    """Have `read_folder` find a drawing's PNG known: `data`, which was written to `path` of these pixels,
    (h, w, 4) uint8. Raises ImageRejected where a character may not hold it."""

    def made() -> _File:
        header = read_header(data, str(path), MAX_CANVAS)
        sprite = trimmed(Sprite(str(path), premultiply(straight), (0, 0)), canvas)
        return _File(path, sprite, not sprite.pixels.any(), header, len(data), digest(data))

    kept.file(path, False, made)


def _is_known(folder: Path, picture: Picture, kept: KeptFiles) -> bool:
    return kept.is_known(as_it_is_there(folder, picture.file), picture.is_mask)


def _decoded(
    path: Path, manifest: Manifest, picture: Picture, convert: Callable[[U8], U8], large: Lock
) -> _File:
    try:
        data = read_bytes(path)
    except AssetMissing:
        raise AssetMissing(
            f"{manifest.file}: {picture.key} needs {path}, which does not exist; {_missing_remedy(path)}"
        ) from None
    header = read_header(data, str(path), MAX_CANVAS)
    with large if header.size.width * header.size.height > LARGE_SIDE**2 else nullcontext():
        pixels = decode(data, str(path))
        if picture.is_mask:
            pixels = coverage(pixels, str(path), header.has_alpha)
        sprite = trimmed(Sprite(str(path), convert(pixels), (0, 0)), manifest.canvas)
    return _File(path, sprite, not sprite.pixels.any(), header, len(data), digest(data))


def _placed(manifest: Manifest, picture: Picture, file: _File) -> tuple[Sprite, str]:
    """A picture at its place, with the pixels of its file, and a warning about it."""
    path, header = file.path, file.header
    offset = picture.offset if picture.offset is not None else header.offset
    warning = ""
    if offset is None and header.size != manifest.canvas:
        warning = f"{path} is smaller than the canvas and has no offset, so it sits at (0, 0)."
    sprite = moved(file.sprite, f"{manifest.file}: {picture.key}", offset or (0, 0), manifest.canvas)
    x, y = sprite.offset
    height, width = sprite.pixels.shape[:2]
    if file.is_clear:
        if not (
            picture.is_mask or picture.may_be_clear
        ):  # of masks the linter says it, in either form of a character
            warning = f'{path} is wholly transparent; draw something, or use "" where nothing is to be shown.'
    elif not _meets(Rect(x, y, width, height), manifest.canvas) and not manifest.is_limb(picture.joint):
        warning = f"{path}: lies outside the canvas, at ({x}, {y}); check its offset."
    return sprite, warning


def _at_further_places(sprites: Iterable[Sprite]) -> Iterator[Sprite]:
    """Those that show what another shows, and elsewhere: at another scale each is a picture of its own."""
    pictures, places = set(), set()
    for sprite in sprites:
        picture = id(sprite.pixels)
        if picture in pictures and (picture, sprite.offset) not in places:
            yield sprite
        pictures.add(picture)
        places.add((picture, sprite.offset))


def _missing_remedy(path: Path) -> str:
    """What to do about a PNG that is not there: rename a file beside it of nearly its name, or draw it."""
    close = near_file(path)
    if close is None:
        return "draw it, or take the name out."
    if close.casefold() == path.name.casefold():
        return f"the folder holds {quoted(close)}: capitals count, rename it to {quoted(path.name)}."
    return f"the folder holds {quoted(close)}: rename it if that is meant, or draw it."


def _meets(box: Rect, canvas: Size) -> bool:
    return box.x < canvas.width and box.y < canvas.height and box.x + box.width > 0 and box.y + box.height > 0
