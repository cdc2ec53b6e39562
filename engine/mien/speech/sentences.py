"""Text with tags, cut into sentences: what is made and heard one by one. Pure."""

from __future__ import annotations

import re
from typing import Final

from mien.talk.tags import parse_tags

LONGEST: Final = 500
"""Letters of a piece: a sentence of more is cut at a blank, so that its beginning is heard early."""

_BRACKET: Final = re.compile(r"\[[^\[\]]*\]")
_END: Final = re.compile(  # in time linear in the text
    r"(?:(?<![.!?\u2026])[.!?\u2026]++[\"')\]\u201d\u2019\u00bb]*+(?=\s)|[\u3002\uff01\uff1f]++[\u300d\u300f]?)\s*"
    r"|\n[^\S\n]*\n\s*"
)
_SHORT: Final = frozenset(
    (
        "mr",
        "mrs",
        "ms",
        "dr",
        "st",
        "prof",
        "sr",
        "jr",
        "vs",
        "etc",
        "e.g",
        "i.e",
        "cf",
        "no",
        "vol",
        "fig",
        "ca",
    )
)
"""What a full stop stands behind without an end."""


def sentences_of(text: str) -> list[str]:
    """The sentences with their tags, in order; joined by blanks they are the text. None: nothing to speak."""
    brackets = [match.span() for match in _BRACKET.finditer(text)]
    pieces, begin, at = list[str](), 0, 0
    for match in _END.finditer(text):
        while at < len(brackets) and brackets[at][1] <= match.start():
            at += 1
        inside = at < len(brackets) and brackets[at][0] < match.start()
        if inside or not _is_end(text, begin, match):
            continue
        pieces += _cut(text[begin : match.end()])
        begin = match.end()
    pieces += _cut(text[begin:])
    return _spoken(pieces)


def _is_end(text: str, begin: int, match: re.Match[str]) -> bool:
    stop = match[0].strip()
    if stop.strip(".\u2026"):
        return True
    goes_on = text[match.end() : match.end() + 1].islower()
    if goes_on or stop != ".":
        return not goes_on
    # Short for something, or an initial.
    before = text[begin : match.start()].rpartition(" ")[2].strip("([\"'").lower()
    return not (before in _SHORT or (len(before) == 1 and before.isalpha() and before != "i"))


def _cut(piece: str) -> list[str]:
    cuts = []
    while len(piece) > LONGEST:
        window = piece[:LONGEST]
        # Behind the last comma or its like, else at the last blank, never in a tag.
        at = max(window.rfind(mark) for mark in (", ", "; ", ": ", " - ", "\u2014")) + 1
        if at < LONGEST // 2:
            at = window.rfind(" ")
        opened = window.rfind("[", 0, at)
        if opened > window.rfind("]", 0, at) and opened > 0 and at - opened < 100:
            at = opened
        if at <= 0:
            at = LONGEST
        cuts.append(piece[:at])
        piece = piece[at:]
    return [*cuts, piece]


def _spoken(pieces: list[str]) -> list[str]:
    """The same without pieces that hold only tags: they go with the next one, at the end with the last."""
    found, kept = list[str](), list[str]()
    for piece in pieces:
        kept.append(piece.strip())
        if any(c.isalnum() for c in parse_tags(piece)[0]):
            found.append(" ".join(filter(None, kept)))
            kept.clear()
    rest = " ".join(filter(None, kept))
    if rest and found:
        found[-1] += f" {rest}"
    return found
