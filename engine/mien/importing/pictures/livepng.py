"""LivePNG models: `model.json` with styles of expressions of variants, each pictures of a mouth opening."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any, Final

from mien.art.rasters import decode_raster, raster_size, read_raster
from mien.errors import AssetMissing, FormatError
from mien.importing.naming import own_name, plain_name
from mien.importing.pictures.differences import POSE, box_of_mask, differing
from mien.importing.pictures.frames import NEUTRAL, Frame, FrameSet, OneCanvas
from mien.messages import printable, quoted
from mien.types import U8

MODEL: Final = "model.json"
_MOST_BYTES: Final = 4 << 20
_MOST_PICTURES: Final = 512
_MOST_WHOLE: Final = 16 << 20
"""Most pixels of the variants that are taken beyond one of each expression: 64 MiB, and
three seconds of two processors."""
_LEAST_SHARE: Final = 0.25
"""Of a canvas, what a variant counts as at least: it is decoded as a whole."""
_BLINKS: Final = ("blink", "sleep", "eyes_closed")


def read_livepng(path: FilePath) -> FrameSet:
    """A model, by its folder or its `model.json`. Raises AssetMissing, FormatError, ImageRejected.

    The plain face, and of each expression the variant that fits it best, are those of the first style. All
    other variants and styles are expressions as well, called `happy_2`, `STYLE_happy`, as there is room.
    """
    folder = path if path.is_dir() else path.parent
    file = folder / MODEL
    styles = _table(_document(file).get("styles"), file, "styles")
    name = "default" if "default" in styles else next(iter(styles))
    listed = {style: _Listed(folder, style, styles[style], file).expressions for style in (name, *styles)}
    pictures = dict.fromkeys(
        p for own in listed.values() for each in own.values() for v in each for p in v.pictures
    )
    if len(pictures) > _MOST_PICTURES:
        raise FormatError(f"{file}: names more than {_MOST_PICTURES} pictures; leave some out.")
    canvas = OneCanvas[FilePath](
        {picture: raster_size(read_raster(picture), str(picture)) for picture in pictures},
        lambda picture: decode_raster(read_raster(picture), str(picture)),
    )
    return _Choice(canvas, name, listed).frames()


@dataclass(frozen=True, slots=True)
class _Variant:
    """One way to show an expression."""

    name: str
    """Where it lies: its expression, and its own name."""
    pictures: tuple[FilePath, ...]
    """From the mouth shut to wide open; at least one."""


class _Listed:
    """The expressions of a style, each with its variants. Raises FormatError."""

    def __init__(self, folder: FilePath, style: str, table: Any, file: FilePath) -> None:
        self._folder = folder.resolve()
        self._style = style
        self._file = file
        key = f"styles.{style}"
        expressions = _table(_table(table, file, key).get("expressions"), file, f"{key}.expressions")
        self.expressions = {name: self._variants(name, found) for name, found in expressions.items()}

    def _variants(self, expression: str, variants: Any) -> list[_Variant]:
        found = []
        for name, pictures in _table(variants, self._file, expression).items():
            are_names = isinstance(pictures, list) and all(isinstance(p, str) for p in pictures)
            if not are_names or not pictures:
                raise FormatError(
                    f"{self._file}: {quoted(expression)}.{quoted(name)} is no list of pictures; write "
                    "their names."
                )
            paths = tuple(self._inside(self._style, expression, name, picture) for picture in pictures)
            found.append(_Variant(f"{expression}/{name}", paths))
        return found

    def _inside(self, *parts: str) -> FilePath:
        if any(not part.isprintable() or len(part) > 255 for part in parts):
            raise FormatError(f"{self._file}: {quoted('/'.join(parts))} is no name of a file; write it anew.")
        path = self._folder.joinpath("assets", *parts)
        leads = any("/" in p or "\\" in p or p in ("", ".", "..") for p in parts)
        if leads or not path.resolve().is_relative_to(self._folder):
            raise FormatError(
                f"{self._file}: {quoted('/'.join(parts))} leads out of the model's folder; move it in."
            )
        return path


class _Choice:
    """Which variant shows what."""

    def __init__(
        self, canvas: OneCanvas[FilePath], style: str, listed: Mapping[str, Mapping[str, list[_Variant]]]
    ) -> None:
        self._canvas = canvas
        self._style = style
        self._listed = listed
        self._smalls: dict[FilePath, U8] = {}
        self._frames: list[Frame] = []
        self._left = _MOST_WHOLE

    def frames(self) -> FrameSet:
        own = self._listed[self._style]
        first = "idle" if "idle" in own else next(iter(own))
        base = self._base(first, own)
        self._add(base, NEUTRAL)
        more: list[tuple[str, _Variant]] = [(first, v) for v in own[first] if v is not base]
        for name, variants in own.items():
            if name == first:
                continue
            chosen = min(variants, key=lambda variant: self._share(base, variant))
            is_blink = name.lower() in _BLINKS
            self._add(chosen, NEUTRAL if is_blink else name, shut=is_blink)
            more += [(name, v) for v in variants if v is not chosen and not is_blink]
        for style, expressions in self._listed.items():
            if style != self._style:
                more += [
                    (f"{style}_{name}", v)
                    for name, variants in expressions.items()
                    if name.lower() not in _BLINKS
                    for v in variants
                ]
        return self._with(base, more, first)

    def _with(self, base: _Variant, more: Sequence[tuple[str, _Variant]], first: str) -> FrameSet:
        """All of it: the others too, as far as there is room."""
        taken = {frame.expression.casefold() for frame in self._frames} | {first.casefold()}
        left = []
        for name, variant in more:
            self._left -= self._cost(base, variant)
            if self._left < 0:
                left.append(variant.name)
            else:
                self._add(variant, own_name(plain_name(name, "expression"), taken))
        warnings = []
        if left:
            warnings.append(
                f"{len(left)} of its variants were left out, {printable(left[0])} and what follows: all "
                f"together would have more than {_MOST_WHOLE >> 20} Mpx; make another model of them"
            )
        shrinking = self._canvas.shrinking
        return FrameSet(shrinking.size, tuple(self._frames), tuple(warnings), shrinking.scale, True)

    def _add(self, variant: _Variant, expression: str, *, shut: bool = False) -> None:
        pictures = variant.pictures[:1] if shut else variant.pictures
        for index, picture in enumerate(pictures):
            mouth = index / max(1, len(pictures) - 1)
            name = f"{picture.parent.parent.parent.name}/{variant.name}/{picture.name}"
            read, corner = self._canvas.reader(picture), self._canvas.corner(picture)
            self._frames.append(Frame(name, expression, read, mouth, shut, corner))

    def _base(self, first: str, own: Mapping[str, list[_Variant]]) -> _Variant:
        """The variant of the plain face that most faces have one in the same pose of."""
        others = [variants for name, variants in own.items() if name != first]

        def fits(variant: _Variant) -> int:
            return sum(min(self._share(variant, other) for other in variants) < POSE for variants in others)

        return max(own[first], key=fits) if len(own[first]) > 1 else own[first][0]

    def _share(self, one: _Variant, other: _Variant) -> float:
        """How much of the figure differs between the first pictures of two variants."""
        a, b = self._small(one.pictures[0]), self._small(other.pictures[0])
        return float(differing(a, b).sum()) / max(1, int((a[..., 3] > 8).sum()))

    def _cost(self, base: _Variant, variant: _Variant) -> int:
        """Pixels that are kept of a variant, about: of another pose all that is drawn, of another face what
        differs; and what each costs in time."""
        own, plain = self._small(variant.pictures[0]), self._small(base.pictures[0])
        is_pose = self._share(base, variant) >= POSE
        box = box_of_mask(own[..., 3] > 0 if is_pose else differing(plain, own))
        size = self._canvas.shrinking.size
        shown: float = box.width * box.height / (own.shape[0] * own.shape[1])
        return round(size.width * size.height * max(_LEAST_SHARE, shown))

    def _small(self, path: FilePath) -> U8:
        if path not in self._smalls:
            step = max(1, max(self._canvas.shrinking.size) // 250)
            self._smalls[path] = self._canvas.read(path)[::step, ::step].copy()
        return self._smalls[path]


def _document(file: FilePath) -> dict[str, Any]:
    try:
        if not file.is_file():
            raise AssetMissing(f"{file}: no such file; name the folder of a LivePNG model.")
        if file.stat().st_size > _MOST_BYTES:
            raise FormatError(f"{file} is longer than {_MOST_BYTES} bytes, and no LivePNG model.")
        data = json.loads(file.read_text("utf-8"))
    except (AssetMissing, FormatError):
        raise
    except RecursionError as error:
        raise FormatError(f"{file} is nested too deep; write it again.") from error
    except (OSError, ValueError) as error:
        raise FormatError(f"{file} is no JSON that can be read ({error}); write it again.") from error
    if not isinstance(data, dict):
        raise FormatError(f"{file} is no LivePNG model; name one with styles.")
    return data


def _table(value: Any, file: FilePath, key: str) -> dict[str, Any]:
    if not isinstance(value, dict) or not value:
        raise FormatError(
            f"{file}: {quoted(key)} must be a table with something in it; write it as LivePNG does."
        )
    return value
