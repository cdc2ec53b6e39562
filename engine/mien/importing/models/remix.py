"""PNGTuber-Remix's `.pngRemix`: a dictionary as Godot stores values, with a list of sprites.

A sprite's `position` is measured in the picture of what it hangs on, which lies at that one's `offset`;
depths add up. Of the `states` the first is worn, the others are costumes. What hangs on a sprite is hidden
with it: by a state, by talking (`should_talk`, `open_mouth`), by blinking (`should_blink`, `open_eyes`).
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from math import degrees
from pathlib import Path as FilePath
from typing import Any, Final

from mien.art.layered.tree import check_file
from mien.art.rasters import warped
from mien.errors import FormatError, ImageRejected
from mien.importing.artwork import Artwork
from mien.importing.models.godot import read_var
from mien.importing.models.layers import artwork_of
from mien.importing.models.parts import ALWAYS, OPEN, SHUT, SILENT, SPEAKING, Model, Motion, Part
from mien.importing.models.sheets import Sheet, flipped
from mien.importing.models.transforms import (
    Matrix,
    colour,
    matrix_of,
    number,
    pair,
    placed_at,
    product,
    scaled,
)
from mien.messages import printable, quoted
from mien.types import U8, Blend, Size

_MOST_BYTES: Final = 256 << 20
_MOST_PARTS: Final = 1024
_SILENT_FRAME: Final = 13
"""Of a sheet of 14 mouths the one that says nothing."""
_BLENDS: Final = {
    "Normal": Blend.NORMAL,
    "Add": Blend.PLUS,
    "Subtract": Blend.EXCLUSION,
    "Multiply": Blend.MULTIPLY,
    "Burn": Blend.COLOR_BURN,
    "HardMix": Blend.HARD_MIX,
}


def read_remix(path: FilePath) -> Artwork:
    """A model. Raises AssetMissing, FormatError, ImageRejected."""
    check_file(path)
    if path.stat().st_size > _MOST_BYTES:
        raise ImageRejected(f"{path} is longer than {_MOST_BYTES} bytes; save it with smaller pictures.")
    data = read_var(path.read_bytes(), str(path))
    sprites = data.get("sprites_array") if isinstance(data, dict) else None
    if not isinstance(sprites, list) or not any(isinstance(sprite, dict) for sprite in sprites):
        raise FormatError(f"{path}: holds no sprites, and is no PNGTuber-Remix model.")
    if len(sprites) > _MOST_PARTS:
        raise FormatError(
            f"{path}: holds {len(sprites)} sprites, and {_MOST_PARTS} is the limit; merge some."
        )
    reader = _Reader(str(path), data)
    return artwork_of(reader.model([sprite for sprite in sprites if isinstance(sprite, dict)]), str(path))


@dataclass(slots=True)
class _Sprite:
    """A sprite with what it has from those that it hangs on."""

    data: dict[str, Any]
    states: list[dict[str, Any]]
    name: str
    parent: str
    matrix: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
    """Of its origin on the plane, turned and scaled."""
    depth: float = 0.0
    talk: int = ALWAYS
    blink: int = ALWAYS
    shown: frozenset[int] = frozenset()
    is_on: bool = True
    toggle: str = ""

    @property
    def worn(self) -> dict[str, Any]:
        return self.states[0]

    def picture_at(self) -> tuple[float, float]:
        """Where the middle of its picture lies on the plane."""
        return placed_at(self.matrix, pair(self.worn, "offset", (0.0, 0.0)))


class _Reader:
    def __init__(self, file: str, data: dict[str, Any]) -> None:
        self._file = file
        self._warnings: list[str] = []
        images = data.get("image_manager_data")
        listed = images if isinstance(images, list) else []
        self._images = {image.get("id"): image for image in listed if isinstance(image, dict)}
        inputs = data.get("input_array")
        self._inputs = inputs if isinstance(inputs, list) else []

    def model(self, entries: list[dict[str, Any]]) -> Model:
        sprites: dict[str, _Sprite] = {}
        for entry in entries:  # an earlier one of the same id is drawn beneath, and is the same
            states = [s for s in entry.get("states") or [] if isinstance(s, dict) and s]
            if states:
                name = printable(str(entry.get("sprite_name") or "sprite"))[:80].removesuffix(".png")
                sprites[_key(entry.get("sprite_id"))] = _Sprite(
                    entry, states, name, _key(entry.get("parent_id"))
                )
        count = max((len(sprite.states) for sprite in sprites.values()), default=1)
        done: set[str] = set()
        for key in sprites:
            self._settle(key, sprites, done, count)
        parts = [
            part for key, sprite in sprites.items() if (part := self._part(key, sprite, count)) is not None
        ]
        return Model(tuple(parts), self._costumes(count), tuple(self._warnings))

    def _costumes(self, count: int) -> tuple[str, ...]:
        if count < 2:
            return ()
        names = []
        for index in range(count):
            entry = self._inputs[index] if index < len(self._inputs) else None
            name = entry.get("state_name") if isinstance(entry, dict) else None
            names.append(name if isinstance(name, str) and name.strip() else f"state_{index + 1}")
        return tuple(names)

    def _settle(self, key: str, sprites: dict[str, _Sprite], done: set[str], count: int) -> None:
        """Give a sprite what it has from its parents, the outermost first."""
        chain = []
        at = key
        while at in sprites and at not in done:
            if at in chain:
                raise FormatError(
                    f"{self._file}: sprite {quoted(sprites[key].name)} hangs on itself; move it in the "
                    "tree and save."
                )
            chain.append(at)
            at = sprites[at].parent
        for one in reversed(chain):
            self._inherit(sprites[one], sprites.get(sprites[one].parent), count)
            done.add(one)

    def _inherit(self, sprite: _Sprite, parent: _Sprite | None, count: int) -> None:
        worn = sprite.worn
        own = matrix_of(worn)
        sprite.depth = number(worn, "z_index")
        sprite.talk = (
            (SPEAKING if worn.get("open_mouth") is True else SILENT)
            if worn.get("should_talk") is True
            else ALWAYS
        )
        sprite.blink = (
            (OPEN if worn.get("open_eyes") is True else SHUT) if worn.get("should_blink") is True else ALWAYS
        )
        shown = {
            i
            for i in range(count)
            if sprite.states[min(i, len(sprite.states) - 1)].get("visible", True) is not False
        }
        is_asset = sprite.data.get("is_asset") is True
        sprite.is_on = not is_asset or sprite.data.get("was_active_before") is not False
        sprite.toggle = sprite.name if is_asset else ""
        if parent is not None:
            off = pair(parent.worn, "offset", (0.0, 0.0))
            around = parent.matrix
            base: Matrix = (*around[:4], *placed_at(around, off))
            sprite.matrix = product(base, own)
            sprite.depth += parent.depth
            sprite.talk = sprite.talk or parent.talk
            sprite.blink = sprite.blink or parent.blink
            shown &= parent.shown
            sprite.is_on = sprite.is_on and parent.is_on
        else:
            sprite.matrix = own
        sprite.shown = frozenset(shown)

    def _part(self, key: str, sprite: _Sprite, count: int) -> Part | None:
        worn = sprite.worn
        if worn.get("folder") is True or sprite.data.get("sprite_type") == "Comment":
            return None
        where = f"{self._file}: sprite {quoted(sprite.name)}"
        data = self._picture(sprite, where)
        if data is None:
            self._warnings.append(f"{sprite.name}: has no picture in the file, and was left out")
            return None
        sheet = Sheet.of(data, where, round(number(worn, "hframes", 1)), round(number(worn, "vframes", 1)))
        mouths = worn.get("advanced_lipsync") is True
        index = min(_SILENT_FRAME, sheet.frames - 1) if mouths else 0
        if sheet.frames > 1:
            self._warnings.append(
                f"{sprite.name}: of its {sheet.frames} frames one is shown, it stands still"
            )
        if sprite.data.get("sprite_type") == "Mesh":
            self._warnings.append(f"{sprite.name}: its own mesh does not bend here")
        quarters = round(number(sprite.data, "rotated") / 90) % 4
        across = (sprite.data.get("flipped_h") is True) != (worn.get("flip_sprite_h") is True)
        down = (sprite.data.get("flipped_v") is True) != (worn.get("flip_sprite_v") is True)
        read = flipped(lambda: sheet.frame(index), across, down, quarters)
        size = sheet.size if quarters % 2 == 0 else Size(sheet.size.height, sheet.size.width)
        middle = sprite.picture_at()
        linear: tuple[float, ...] = sprite.matrix[:4]
        if sprite.data.get("sprite_type") == "WiggleApp":
            # Its picture lies along a line that begins at its origin.
            length, wide = (
                5 * number(worn, "segm_length", size.width / 5),
                number(worn, "width", size.height),
            )
            linear = scaled(linear, length / size.width, wide / size.height)
            middle = placed_at(sprite.matrix, (length / 2, 0.0))
        corner, size, pixels = _placed(read, size, middle, linear, where)
        opacity = max(0.0, min(1.0, colour(worn, "tint")[3] * colour(worn, "colored")[3]))
        shown = sprite.shown if sprite.shown != frozenset(range(count)) else frozenset()
        return Part(
            key, sprite.name, sprite.parent, corner, size, sprite.matrix[4:], _tinted(pixels, worn),
            sprite.depth,
            sprite.talk, sprite.blink, shown, sprite.is_on and bool(sprite.shown), sprite.toggle,
            number(worn, "clip") > 0, opacity, _BLENDS.get(str(worn.get("blend_mode")), Blend.NORMAL),
            _motion(worn),
        )  # fmt: skip

    def _picture(self, sprite: _Sprite, where: str) -> bytes | None:
        image = self._images.get(sprite.data.get("image_id"))
        found: Any = None
        if image is not None:
            found = image.get("runtime_texture") or image.get("image_data")
        if not found:
            found = sprite.data.get("img")
        if isinstance(found, str):
            try:
                found = base64.b64decode(found, validate=True)
            except (binascii.Error, ValueError) as error:
                raise ImageRejected(f"{where}: its picture is no base64; save it again.") from error
        return found if isinstance(found, bytes) and found else None


def _placed(read: Any, size: Size, middle: tuple[float, float], linear: tuple[float, ...], where: str) -> Any:
    """Where a picture lies on the plane, how large it is there, and its pixels."""
    if abs(linear[0] - 1) + abs(linear[1]) + abs(linear[2]) + abs(linear[3] - 1) < 1e-3:
        corner = middle[0] - size.width / 2, middle[1] - size.height / 2
        return corner, size, read
    try:
        pixels, offset = warped(read(), linear[:2], linear[2:])  # type: ignore[arg-type]
    except ImageRejected as error:
        raise ImageRejected(f"{where}: {error}") from error
    corner = middle[0] + offset[0], middle[1] + offset[1]
    return corner, Size(pixels.shape[1], pixels.shape[0]), lambda: pixels


def _tinted(pixels: Any, worn: dict[str, Any]) -> Any:
    """Pixels in the colours that they are multiplied with."""
    tint, more = colour(worn, "tint"), colour(worn, "colored")
    factors = [tint[i] * more[i] for i in range(3)]
    if all(abs(factor - 1) < 0.004 for factor in factors):
        return pixels

    def read() -> U8:
        found = pixels().copy()
        for channel, factor in enumerate(factors):
            found[..., channel] = (found[..., channel] * min(1.0, max(0.0, factor))).astype("uint8")
        return found  # type: ignore[no-any-return]

    return read


def _motion(worn: dict[str, Any]) -> Motion:
    waves = (("xAmp", "xFrq"), ("yAmp", "yFrq"))
    wobble = [number(worn, size) if number(worn, speed) else 0.0 for size, speed in waves]
    wiggle = degrees(number(worn, "wiggle_amp") / 10) if worn.get("wiggle") is True else 0.0
    if worn.get("auto_wag") is True:
        wiggle = degrees(number(worn, "wag_speed")) / 2
    return Motion(
        number(worn, "dragSpeed"),
        number(worn, "rdragStr"),
        (number(worn, "rLimitMin", -180), number(worn, "rLimitMax", 180)),
        number(worn, "stretchAmount"),
        (wobble[0], wobble[1]),
        wiggle,
    )


def _key(value: Any) -> str:
    return str(int(value)) if isinstance(value, int | float) and abs(value) < 1e18 and value else ""
