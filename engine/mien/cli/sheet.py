"""Contact sheets: a character's head with every expression, and with mouths beside each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import ceil, floor

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from PIL.ImageFont import FreeTypeFont

from mien.art.head import head_of
from mien.motion.still import still_pose
from mien.stage.picture import Portrait
from mien.stage.straight import straight
from mien.types import U8

PAPER, INK = (236, 233, 228, 255), (60, 56, 66)
_LETTERS, _LEAST_LETTERS = 0.075, 14
"""How high the letters of labels are, in heights of a head, and at least in pixels."""
BLINK = "blink"
"""The column of a sheet that shows lids shut; where an expression never blinks, as it is at rest."""


def contact_sheet(portrait: Portrait, columns: Sequence[str | None], most: int | None = None) -> Image.Image:
    """Heads: one row an expression, one column a viseme; None is the mouth at rest, `BLINK` with lids
    shut. `most`: so many of the expressions, the first ones; None for all."""
    names = list(portrait.character.expressions)[:most]
    left, top, right, bottom = head_of(portrait.character)
    head = (floor(left), floor(top), ceil(right), ceil(bottom))
    width, height = head[2] - head[0], head[3] - head[1]
    font = _font(max(_LEAST_LETTERS, round(_LETTERS * height)))
    line, said = round(1.3 * font.size), [viseme or "rest" for viseme in columns]
    wide, high = max(width, _longest(said, font)), max(height, line)
    margin, header, pad = max(110, _longest(names, font) + line), line + 8, 6
    size = (margin + len(columns) * (wide + pad), header + len(names) * (high + pad))
    sheet = Image.new("RGBA", size, PAPER)
    draw = ImageDraw.Draw(sheet)
    for column, viseme in enumerate(said):
        draw.text((margin + column * (wide + pad) + wide // 2, 6), viseme, INK, font, anchor="ma")
    for i, (expression, picture) in enumerate(_pictures(portrait, columns, names)):
        row, column = divmod(i, len(columns))
        left, top = margin + column * (wide + pad), header + row * (high + pad)
        at = left + (wide - width) // 2, top + (high - height) // 2
        shown = np.array(Image.fromarray(picture).crop(head))
        sheet.alpha_composite(Image.fromarray(straight(shown, shown)), at)
        if column == 0:
            draw.text((8, top + high // 2), expression, INK, font, anchor="lm")
    return sheet


def _font(size: int) -> FreeTypeFont:
    """Letters so many pixels high."""
    font = ImageFont.load_default(size)
    assert isinstance(font, FreeTypeFont), "Pillow has FreeType, as its wheels do"
    return font


def _longest(texts: Sequence[str], font: FreeTypeFont) -> int:
    """How wide the longest is in pixels."""
    return max((ceil(font.getlength(text)) for text in texts), default=0)


def _pictures(
    portrait: Portrait, columns: Sequence[str | None], names: Sequence[str]
) -> Iterator[tuple[str, U8]]:
    character = portrait.character
    for name in names:
        expression = character.expressions[name]
        for column in columns:
            if column == BLINK and expression.override_blink != "block":
                shut = replace(expression, lids=("closed", "closed"))
                known = {**character.expressions, name: shut}
                pose = still_pose(replace(character, expressions=known), name)
            else:
                pose = still_pose(character, name, None if column == BLINK else column)
            yield name, portrait.draw(pose)
