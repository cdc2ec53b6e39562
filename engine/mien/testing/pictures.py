"""Pictures compared, and golden ones kept."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from mien.arguments import refuse
from mien.errors import AssetMissing, ScriptError
from mien.types import U8


@dataclass(frozen=True, slots=True)
class Difference:
    """Between two pictures of one shape."""

    largest: int
    """Of any channel, 0..255."""
    pixels: int
    """That differ at all."""

    def within(self, largest: int, pixels: int) -> bool:
        """Whether it is no larger, in no more pixels."""
        return self.largest <= largest and self.pixels <= pixels


def difference(shown: U8, wanted: U8) -> Difference:
    """Of (h, w, 4) uint8 pictures. Raises ScriptError for what is none, and two of different shapes."""
    for picture in (shown, wanted):
        if not isinstance(picture, np.ndarray) or picture.dtype != np.uint8 or picture.shape[2:] != (4,):
            refuse("a picture", picture, "an array of (h, w, 4) uint8")
    if shown.shape != wanted.shape:
        raise ScriptError(
            f"a picture of {shown.shape} cannot be compared with one of {wanted.shape}: give two of one size."
        )
    off = np.abs(shown.astype(np.int16) - wanted.astype(np.int16)).max(axis=2)
    return Difference(int(off.max(initial=0)), int(np.count_nonzero(off)))


def assert_same(
    shown: U8, wanted: U8, *, largest: int = 0, pixels: int | None = None, diff: Path | None = None
) -> None:
    """Raises AssertionError where pictures differ by more than `largest` of 255, or in more than `pixels`.

    `pixels`: None for any number. `diff`: where a PNG is written then: shown, wanted, and eight times the
    difference beside each other.
    """
    found = difference(shown, wanted)
    most = shown.shape[0] * shown.shape[1] if pixels is None else pixels
    if found.within(largest, most):
        return
    where = ""
    if diff is not None:
        off = np.abs(shown.astype(np.int16) - wanted.astype(np.int16))
        off = np.minimum(off * 8, 255).astype(np.uint8)
        off[..., 3] = 255
        diff.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.concatenate((shown, wanted, off), axis=1)).save(diff)
        where = f"; see {diff}"
    raise AssertionError(
        f"{found.pixels} pixels differ by up to {found.largest} of 255, and {most} by {largest} may{where}"
    )


def golden(
    file: Path, picture: U8, *, regenerate: bool = False, largest: int = 0, pixels: int | None = None
) -> None:
    """Hold a picture to the PNG that is kept of it; `regenerate`: keep this one instead.

    Raises AssertionError where they differ by more (see `assert_same`), having written FILE.diff.png, and
    AssetMissing with what to do where none is kept.
    """
    if regenerate:
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture).save(file)
        return
    if not file.exists():
        raise AssetMissing(f"{file} is not there: run once with regenerate=True, look at it, and keep it.")
    with Image.open(file) as image:
        kept = np.asarray(image.convert("RGBA"))
    assert_same(picture, kept, largest=largest, pixels=pixels, diff=file.with_suffix(".diff.png"))
