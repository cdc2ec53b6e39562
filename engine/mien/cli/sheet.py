"""Contact sheets: a character's head with every expression, and with mouths beside each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import ceil, floor

from PIL import Image, ImageDraw, ImageFont

from mien.art.head import head_of
from mien.motion.still import still_pose
from mien.stage.picture import Portrait
from mien.stage.straight import straight
from mien.types import U8

PAPER, INK = (236, 233, 228, 255), (60, 56, 66)
BLINK = "blink"
"""The column of a sheet that shows lids shut; where an expression never blinks, as it is at rest."""


def contact_sheet(portrait: Portrait, columns: Sequence[str | None], most: int | None = None) -> Image.Image:
    """Heads: one row an expression, one column a viseme; None is the mouth at rest, `BLINK` with lids
    shut. `most`: so many of the expressions, the first ones; None for all."""
    names = list(portrait.character.expressions)[:most]
    left, top, right, bottom = head_of(portrait.character)
    head = (floor(left), floor(top), ceil(right), ceil(bottom))
    width, height = head[2] - head[0], head[3] - head[1]
    margin, header, pad = 110, 26, 6
    size = (margin + len(columns) * (width + pad), header + len(names) * (height + pad))
    sheet = Image.new("RGBA", size, PAPER)
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(14)
    for column, viseme in enumerate(columns):
        draw.text((margin + column * (width + pad) + width // 2, 6), viseme or "rest", INK, font, anchor="ma")
    for i, (expression, picture) in enumerate(_pictures(portrait, columns, names)):
        row, column = divmod(i, len(columns))
        left, top = margin + column * (width + pad), header + row * (height + pad)
        sheet.alpha_composite(Image.fromarray(straight(picture)).crop(head), (left, top))
        if column == 0:
            draw.text((8, top + height // 2), expression, INK, font, anchor="lm")
    return sheet


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
