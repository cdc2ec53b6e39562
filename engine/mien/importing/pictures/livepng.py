"""LivePNG models: `model.json` with styles of expressions of variants, each pictures of a mouth opening."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path as FilePath
from typing import Any, Final

from mien.art.layered.shrinking import Shrinking
from mien.art.rasters import decode_raster, raster_size, read_raster
from mien.errors import AssetMissing, FormatError, ImageRejected
from mien.importing.layered import MOST_SIDE
from mien.importing.pictures.differences import POSE, differing
from mien.importing.pictures.frames import NEUTRAL, Frame, FrameSet
from mien.importing.pictures.packs import _KEPT, on_canvas
from mien.messages import quoted
from mien.types import U8, Size

MODEL: Final = "model.json"
_MOST_BYTES: Final = 4 << 20
_MOST_PICTURES: Final = 512
_BLINKS: Final = ("blink", "sleep", "eyes_closed")


def read_livepng(path: FilePath) -> FrameSet:
    """A model, by its folder or its `model.json`. Raises AssetMissing, FormatError, ImageRejected."""
    folder = path if path.is_dir() else path.parent
    file = folder / MODEL
    styles = _table(_document(file).get("styles"), file, "styles")
    name = "default" if "default" in styles else next(iter(styles))
    style = _table(styles[name], file, f"styles.{name}")
    expressions = _table(style.get("expressions"), file, f"styles.{name}.expressions")
    warnings = [
        f"style {quoted(other)} was left out: import it by itself, with a {MODEL} that has it first"
        for other in styles
        if other != name
    ]
    reader = _Reader(folder / "assets" / name, file)
    first = "idle" if "idle" in expressions else next(iter(expressions))
    reader.check(expressions)
    base = reader.base(first, expressions)
    frames: list[Frame] = []
    for expression, variants in [(first, expressions[first]), *expressions.items()]:
        if expression == first and frames:
            continue
        listed = reader.variants(expression, variants)
        chosen = base if expression == first else reader.nearest(listed, base)
        if len(listed) > 1:
            warnings.append(
                f"{expression}: of its {len(listed)} variants the one nearest to {first} is used, {chosen[0]}"
            )
        is_blink = expression.lower() in _BLINKS
        shown = NEUTRAL if expression == first or is_blink else expression
        for index, picture in enumerate(chosen[1][:1] if is_blink else chosen[1]):
            mouth = index / max(1, len(chosen[1]) - 1)
            read = reader.reader(picture)
            frames.append(Frame(f"{expression}/{chosen[0]}/{picture.name}", shown, read, mouth, is_blink))
    return FrameSet(reader.shrinking.size, tuple(frames), tuple(warnings), reader.shrinking.scale, True)


Variant = tuple[str, list[FilePath]]


class _Reader:
    def __init__(self, assets: FilePath, file: FilePath) -> None:
        self._assets = assets
        self._file = file
        self.canvas = Size(1, 1)
        self._smalls: dict[FilePath, U8] = {}
        self.shrinking = Shrinking.to(self.canvas, MOST_SIDE)

    def variants(self, expression: str, variants: Any) -> list[Variant]:
        found = []
        for name, pictures in _table(variants, self._file, expression).items():
            if (
                not isinstance(pictures, list)
                or not pictures
                or not all(isinstance(p, str) for p in pictures)
            ):
                raise FormatError(
                    f"{self._file}: {quoted(expression)}.{quoted(name)} is no list of pictures; write "
                    "their names."
                )
            found.append((name, [self._inside(expression, name, picture) for picture in pictures]))
        return found

    def _inside(self, *parts: str) -> FilePath:
        path = self._assets.joinpath(*parts)
        if any(
            "/" in p or "\\" in p or p in ("", ".", "..") for p in parts
        ) or not path.resolve().is_relative_to(self._assets.parent.parent.resolve()):
            raise FormatError(
                f"{self._file}: {quoted('/'.join(parts))} leads out of the model's folder; move it in."
            )
        return path

    def check(self, expressions: Mapping[str, Any]) -> None:
        """Look at the sizes of all pictures before one is decoded."""
        sizes: list[Size] = []
        for expression, variants in expressions.items():
            for _, pictures in self.variants(expression, variants):
                for picture in pictures:
                    if len(sizes) >= _MOST_PICTURES:
                        raise FormatError(
                            f"{self._file}: names more than {_MOST_PICTURES} pictures; leave some out."
                        )
                    sizes.append(raster_size(read_raster(picture), str(picture)))
        self.canvas = Size(max(s.width for s in sizes), max(s.height for s in sizes))
        self.shrinking = Shrinking.to(self.canvas, MOST_SIDE)

        @lru_cache(maxsize=max(2, _KEPT // (4 * self.shrinking.size.width * self.shrinking.size.height)))
        def read(path: FilePath) -> U8:
            return on_canvas(decode_raster(read_raster(path), str(path)), self.canvas, self.shrinking)

        self._read = read

    def reader(self, path: FilePath) -> Any:
        return lambda: self._read(path)

    def base(self, first: str, expressions: Mapping[str, Any]) -> Variant:
        """The variant of the plain face that most faces have one in the same pose of."""
        own = self.variants(first, expressions[first])
        others = [self.variants(name, listed) for name, listed in expressions.items() if name != first]

        def fits(variant: Variant) -> int:
            return sum(min(self._share(variant, other) for other in listed) < POSE for listed in others)

        return max(own, key=fits) if len(own) > 1 else own[0]

    def nearest(self, listed: list[Variant], base: Variant) -> Variant:
        """The variant whose first picture differs least from another one's."""
        return min(listed, key=lambda variant: self._share(base, variant))

    def _share(self, one: Variant, other: Variant) -> float:
        """How much of the figure differs between the first pictures of two variants."""
        a, b = self._small(one[1][0]), self._small(other[1][0])
        return float(differing(a, b).sum()) / max(1, int((a[..., 3] > 8).sum()))

    def _small(self, path: FilePath) -> U8:
        if path not in self._smalls:
            step = max(1, max(self.shrinking.size) // 250)
            self._smalls[path] = self._read(path)[::step, ::step].copy()
        return self._smalls[path]


def _document(file: FilePath) -> dict[str, Any]:
    try:
        if not file.is_file():
            raise AssetMissing(f"{file}: no such file; name the folder of a LivePNG model.")
        if file.stat().st_size > _MOST_BYTES:
            raise FormatError(f"{file}: is longer than {_MOST_BYTES} bytes, and no LivePNG model.")
        data = json.loads(file.read_text("utf-8"))
    except (AssetMissing, FormatError):
        raise
    except RecursionError as error:
        raise FormatError(f"{file}: is nested too deep; write it again.") from error
    except (OSError, ValueError) as error:
        raise FormatError(f"{file}: is no JSON that can be read ({error}); write it again.") from error
    if not isinstance(data, dict):
        raise FormatError(f"{file}: is no LivePNG model; name one with styles.")
    return data


def _table(value: Any, file: FilePath, key: str) -> dict[str, Any]:
    if not isinstance(value, dict) or not value:
        raise FormatError(
            f"{file}: {quoted(key)} must be a table with something in it; write it as LivePNG does."
        )
    return value


__all__ = ["MODEL", "ImageRejected", "read_livepng"]
