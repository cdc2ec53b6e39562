"""Loading characters and pictures: files in, checked values and atlas pages out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from mien.arguments import is_number, path_of, refuse
from mien.art import baked, folder
from mien.art.atlas import MAX_PAGE_SIZE, build_atlas, check_page_size
from mien.art.build import build_character
from mien.art.exchange import exchanged
from mien.art.folder import in_threads
from mien.art.folder_files import digest, state_now
from mien.art.joining import Join, join, joins_of, parts_of, with_joins
from mien.art.kept import KeptFiles
from mien.art.lint import lint
from mien.art.manifest import Manifest
from mien.art.overlap import with_apart
from mien.art.packed import Atlas, Packed
from mien.art.page_cache import PageCache, key_of
from mien.art.page_needs import ranks_of
from mien.art.png import decode, premultiply
from mien.art.png_header import read_bytes, read_header
from mien.art.sprites import Sprite, cropped, resampled, scaled_size, trimmed
from mien.character import Character, Drawing
from mien.errors import AssetMissing, FormatError
from mien.messages import quoted
from mien.switching import give_way
from mien.types import U8, Rect, Size

MIN_SCALE, MAX_SCALE = 1 / 64, 8.0
"""Range of the stage's scale, in loaded pixels per authored pixel."""

MAX_COVER = 8192.0
"""Largest scale of a picture that is cut to a frame: what is made is never larger than the frame."""

MAX_PICTURE = 8192
"""Largest side of a background as it is in its file."""


@dataclass(frozen=True, slots=True, eq=False)
class LoadedCharacter:
    """A character and its pixels."""

    character: Character
    """Its drawings' `page` is an index into `pages`."""
    pages: tuple[U8, ...]
    """(page_size, page_size, 4) uint8 each, premultiplied, y down, C-contiguous, read-only."""
    source: Path
    """The folder or .mien file."""
    warnings: tuple[str, ...]
    """What its author may want to know; nothing that stops it from working."""
    atlas: Atlas | None = None
    """How its pages were packed; None where they were packed at an earlier start, or in its file."""

    @property
    def page_size(self) -> int:
        """Side of its pages in pixels."""
        return int(self.pages[0].shape[0])


@dataclass(frozen=True, slots=True, eq=False)
class LoadedPicture:
    """A picture (a background) and its pixels."""

    drawing: Drawing
    """Its `page` is an index into `pages`; its offset is where its trimmed pixels sit in the picture."""
    pages: tuple[U8, ...]
    """(page_size, page_size, 4) uint8, premultiplied, C-contiguous, read-only."""
    size: Size
    """The whole picture at the scale that it was loaded at."""
    source: Path

    @property
    def page_size(self) -> int:
        """Side of its page in pixels."""
        return int(self.pages[0].shape[0])


class Pages(NamedTuple):
    """What pages are wanted, as in `load_character`."""

    size: int
    limit: int
    joined: bool


def load_character(
    path: str | Path,
    *,
    scale: float | Callable[[Size], float] = 1.0,
    page_size: int = 2048,
    page_limit: int = MAX_PAGE_SIZE,
    joined: bool = False,
    kept: KeptFiles | None = None,
    cache: PageCache | None = None,
) -> LoadedCharacter:
    """Load a folder that holds character.toml (or that file itself), or one .mien file.

    `scale` is loaded pixels per authored pixel, 1/64 to 8, or a function that gives it for the authored
    canvas (a stage that fits characters in). Parts are resampled (over premultiplied values) on the
    pixel grid of the scaled canvas, and every pixel value of the character is multiplied; 1 is exact.
    All pages are `page_size` square, however the .mien file was packed. Where a drawing is larger, they are
    the next multiple of it that takes the drawing, up to `page_limit`, the renderer's largest texture;
    `repacked` then makes the pages of others as large, so that all are layers of one texture array.
    `joined`: slots that always move as one get one picture beside their own (`Slot.joined`). `kept`: the
    pictures of a folder as they were read last; those that have not changed are taken from there, and where
    it has an atlas that is shown, they stay where they are on its pages, if there is room for the others.
    `cache`: finished pages of an earlier start; where all files are as they were then, they are taken from
    there.

    Raises FormatError, AssetMissing, ImageRejected or AtlasFull; each names file, key, value and remedy.
    """
    source = path_of("path", path, "a character's folder, or a .mien file")
    check_page_size(page_size)
    check_page_size(page_limit, "page_limit")
    if kept is not None and not isinstance(kept, KeptFiles):
        refuse("kept", kept, "KeptFiles, or None")
    if cache is not None and not isinstance(cache, PageCache):
        refuse("cache", cache, "a PageCache, or None")
    if source.name == folder.MANIFEST_NAME:
        source = source.parent
    pages = Pages(page_size, page_limit, joined)
    kept = KeptFiles() if kept is None else kept
    read = _of_folder if _is_folder(source) else _of_baked
    manifest, at, packed = read(source, scale, pages, kept, cache or PageCache())
    give_way()
    count = len(packed.bounds)
    own, others = packed.placements[:count], packed.placements[count:]
    character = build_character(manifest, own, packed.offsets[:count], at, packed.bounds)
    if joined:
        character = with_joins(character, joins_of(manifest), others, packed.offsets[count:])
    give_way()
    character = with_apart(character, packed.pages)
    kept.forget_others()
    warnings = packed.warnings + lint(character, packed.pages)
    return LoadedCharacter(character, packed.pages, source, warnings, packed.atlas)


_Scale = float | Callable[[Size], float]
_Read = tuple[Manifest, float, Packed]
"""The manifest, the scale, and all of its pictures at that."""


def _of_folder(source: Path, scale: _Scale, pages: Pages, kept: KeptFiles, cache: PageCache) -> _Read:
    manifest, document = folder.manifest_in(source, kept)
    at = _scale_for(manifest.canvas, scale)
    key = key_of("folder", source.name, digest(document), at, pages)
    packed = cache.find(key, lambda: state_now(source, manifest), str(source))
    if packed is None:
        found = folder.read_parts(source, manifest, kept=kept)
        packed = _packed(manifest, found.sprites, at, pages, kept, found.warnings)
        cache.later(key, found.state, str(source), packed)
    return manifest, at, packed


def _of_baked(source: Path, scale: _Scale, pages: Pages, kept: KeptFiles, cache: PageCache) -> _Read:
    found = baked.read_baked(source)
    manifest = found.manifest
    at = _scale_for(manifest.canvas, scale)
    key = key_of("baked", source.name, digest(found.document), at, pages)
    packed = cache.find(key, lambda: found.state, str(source))
    if packed is None:
        decoded = baked.pages_of(manifest, found.pngs)
        fits = at == 1.0 and min(pages.size, pages.limit) == manifest.page_size
        if fits and not (pages.joined and joins_of(manifest)):
            packed = baked.as_packed(manifest, decoded)
        else:
            packed = _packed(manifest, baked.sprites(manifest, decoded), at, pages, kept)
        cache.later(key, found.state, str(source), packed)
    return manifest, at, packed


def _packed(
    manifest: Manifest,
    sprites: Sequence[Sprite],
    scale: float,
    pages: Pages,
    kept: KeptFiles,
    warnings: tuple[str, ...] = (),
) -> Packed:
    give_way()
    fitted = fit(sprites, manifest.canvas, scale, pages.limit, kept)
    joins = joins_of(manifest) if pages.joined else []
    together = [_joined(manifest, one, fitted, kept) for one in joins]
    pictures, atlas = [*fitted, *together], None
    give_way()
    if kept.shown is not None:
        atlas = exchanged(kept.shown, pictures, pages.size, pages.limit, kept)
    if atlas is None:
        # Those are at rest, and so among what is needed first.
        ranks = [*ranks_of(manifest), *(0 for _ in joins)]
        atlas = build_atlas(pictures, pages.size, pages.limit, ranks, kept)
    offsets = tuple(sprite.offset for sprite in (*fitted, *together))
    bounds = tuple(sprite.bounds for sprite in sprites)
    return Packed(atlas.placements, offsets, bounds, atlas.pages, warnings, atlas.rooms, atlas.brought)


def load_picture(
    path: str | Path,
    *,
    scale: float | Callable[[Size], float] = 1.0,
    frame: Size | None = None,
    page_size: int = 2048,
    page_limit: int = MAX_PAGE_SIZE,
    cache: PageCache | None = None,
) -> LoadedPicture:
    """Load one PNG, such as a stage's background, on one page.

    `scale`, `page_size`, `page_limit` and `cache` are as in `load_character`. With a `frame` only what a
    frame of that size shows of the picture is kept, when the scaled picture stands centred in it with its top
    left on whole pixels, at `(frame.width - size.width) // 2` and likewise down; the scale may then be as
    large as it takes to cover the frame, up to 8192. The edges of what is kept count
    as cut: sampling at them repeats them. Raises as `load_character`.
    """
    source = Path(path)
    check_page_size(page_size)
    check_page_size(page_limit, "page_limit")
    data = read_bytes(source)
    header = read_header(data, str(source), MAX_PICTURE)
    at = _scale_for(header.size, scale, MAX_SCALE if frame is None else MAX_COVER)
    size = scaled_size(header.size, at)
    window, cache = _window(size, frame), cache or PageCache()
    key, state = key_of("picture", source.name, at, window, page_size, page_limit), digest(data)
    packed = cache.find(key, lambda: state, str(source))
    if packed is None:
        sprite = Sprite(str(source), premultiply(decode(data, str(source))), (0, 0))
        sprite = trimmed(sprite, header.size)
        if at != 1.0:
            sprite = resampled(sprite, header.size, at, page_limit, window)
        elif window is not None:
            sprite = cropped(sprite, size, window)
        atlas = build_atlas([sprite], page_size, page_limit)
        packed = Packed(atlas.placements, (sprite.offset,), (), atlas.pages)
        cache.later(key, state, str(source), packed)
    (placement,), (offset,) = packed.placements, packed.offsets
    drawing = Drawing(source.stem, placement.page, placement.region, offset)
    return LoadedPicture(drawing, packed.pages, size, source)


def _window(size: Size, frame: Size | None) -> Rect | None:
    """What a frame shows of a picture centred in it, in the picture's pixels; None when that is all."""
    if frame is None:
        return None
    x, y = (frame.width - size.width) // 2, (frame.height - size.height) // 2
    left, top = max(0, -x), max(0, -y)
    width, height = min(size.width, frame.width - x) - left, min(size.height, frame.height - y) - top
    return None if (width, height) == size else Rect(left, top, width, height)


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError as error:  # a name too long, a folder that may not be entered
        raise AssetMissing(f"{path}: cannot be looked up ({error.strerror}); check the path.") from error


def fit(
    sprites: Sequence[Sprite], canvas: Size, scale: float, page_limit: int, kept: KeptFiles | None = None
) -> Sequence[Sprite]:
    """Trimmed, premultiplied sprites at a scale; the same ones at 1. `kept`: as of `load_character`."""
    if scale == 1.0:
        return sprites
    kept = KeptFiles() if kept is None else kept
    first: dict[tuple[int, tuple[int, int]], Sprite] = {}
    for sprite in sprites:
        first.setdefault((id(sprite.pixels), sprite.offset), sprite)

    def key(sprite: Sprite) -> tuple[object, ...]:
        return ("fitted", sprite.offset, sprite.cut, canvas, scale, page_limit)

    def fitted(sprite: Sprite) -> Sprite:
        make = lambda: resampled(sprite, canvas, scale, page_limit)  # noqa: E731
        return kept.made_of([sprite.pixels], key(sprite), make)

    # What is made already needs no thread.
    known = {name: fitted(one) for name, one in first.items() if kept.has([one.pixels], key(one))}
    left = {name: one for name, one in first.items() if name not in known}
    made = known | dict(zip(left, in_threads(fitted, left.values()), strict=True))
    # What several sprites show alike is made once.
    return [replace(made[id(sprite.pixels), sprite.offset], label=sprite.label) for sprite in sprites]


def _joined(manifest: Manifest, one: Join, fitted: Sequence[Sprite], kept: KeptFiles) -> Sprite:
    parts = parts_of(manifest, one, fitted)
    how = tuple((plan.blend, plan.opacity, sprite.offset, sprite.cut) for plan, sprite in parts)
    key = ("joined", parts[0][1].label, how)
    return kept.made_of([sprite.pixels for _, sprite in parts], key, lambda: join(parts))


def _scale_for(canvas: Size, scale: float | Callable[[Size], float], most: float = MAX_SCALE) -> float:
    value = scale(canvas) if callable(scale) else scale
    if not (is_number(value) and MIN_SCALE <= float(value) <= most):
        raise FormatError(
            f"scale is {quoted(value)}, but must be {MIN_SCALE:g} to {most:g}; 1 loads as drawn."
        )
    return float(value)
