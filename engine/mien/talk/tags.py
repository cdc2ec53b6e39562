"""Inline tags: `[happy] Oh, hello! [gaze:otto] Wait...` becomes plain text and cues at its words.

A tag is a bracket that holds a label, or `gaze:`, `gesture:`, `nod:` or `drawing:` with a value. Any
label, in letters of any script, is kept as an expression cue; whether a character has such an
expression is asked later. In `[laugh]` and `[sigh]` the body takes part, and `[breath]` is a breath alone.
Brackets that hold anything else, or never close, are text; so is `\\[`.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isfinite
from typing import cast

from mien.arguments import refuse
from mien.audio import AudioInput
from mien.documents.table import same_letters
from mien.messages import quoted
from mien.talk.places import PLACES
from mien.talk.said import cues_given, words_of
from mien.talk.turns import Cue, CueKind, Staging, Turn, VisemeTimings, Word

_PIECE = re.compile(r"\\(?P<escaped>[\[\]\\])|\[(?P<tag>[^\[\]]*)\]")
"""Takes time linear in the text: a bracket is looked at up to the next one, and no further."""
_BURSTS = {"laugh": "laugh", "laughs": "laugh", "laughing": "laugh", "sigh": "sigh", "sighs": "sigh"}
"""Labels of expressions that the body takes part in, as speech models write them."""
_LETTERS = re.compile(r"\w+")
_NEAR = 1000
"""Characters within which a timed word is sought as any part of the text, before it is as a whole word."""


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag and the place in the plain text that it stood at."""

    at: int
    """Index in the plain text, 0..len(text)."""
    cue: Cue
    """At 0 s: its time is not known from text alone."""


def parse_tags(text: str) -> tuple[str, tuple[Tag, ...]]:
    """(the text without tags and with single spaces, the tags in order). Never fails."""
    plain: list[str] = []
    length, blank = 0, True  # blank: another would be one too many, behind one or in front of everything
    tags: list[Tag] = []
    known: dict[str, Cue | None] = {}

    def add(piece: str) -> None:
        # Runs of blanks count once, also around a tag that was taken out, and none in front.
        nonlocal length, blank
        words = " ".join(piece.split())
        if piece and piece[0].isspace() and not blank:
            words = f" {words}" if words else " "
        if words:
            if piece[-1].isspace() and words != " ":
                words += " "
            plain.append(words)
            length += len(words)
            blank = words[-1] == " "

    end = 0
    while match := _PIECE.search(text, end):
        add(text[end : match.start()])
        end = match.end()
        if match["escaped"]:
            add(match["escaped"])
            continue
        inside = match["tag"]
        if inside not in known:
            known[inside] = _cue_of(inside)
        if (cue := known[inside]) is not None:
            tags.append(Tag(length, cue))
            if (kind := _BURSTS.get(inside.strip().lower())) is not None:
                tags.append(Tag(length, Cue(0.0, "burst", kind)))
        else:  # a bracket that is spoken, and what it holds may be escaped
            add("[")
            end = match.start() + 1
    add(text[end:])
    spoken = "".join(plain).rstrip()
    most = len(spoken)
    return spoken, tuple(tag if tag.at <= most else replace(tag, at=most) for tag in tags)


def _cue_of(inside: str) -> Cue | None:
    """What a bracket asks for; None when it is no tag."""
    label, colon, value = inside.partition(":")
    label = label.strip()
    # Letters, and the marks without which many scripts cannot be written; none in front.
    if not label[:1].isalpha() or not all(c in " -" or f"a{c}".isidentifier() for c in label):
        return None
    return _cue(same_letters(label), same_letters(value) if colon else None)


def _cue(label: str, value: str | None) -> Cue:
    kind = label.lower()
    given = (value or "").strip()
    if kind == "nod":
        depth = _number(given) if given else 1.0
        if depth is not None and -1 <= depth <= 1:
            return Cue(0.0, "nod", depth)
    elif kind == "gaze" and given:
        return Cue(0.0, "gaze", _direction(given) or given)
    elif kind in ("breath", "inhales") and value is None:
        return Cue(0.0, "burst", "breath")
    elif kind == "gesture" and value is not None:
        return Cue(0.0, "gesture", "" if given == "rest" else given)
    elif kind in ("enter", "leave") and (value is None or given):
        return Cue(0.0, cast(CueKind, kind), Staging(given))
    elif kind == "swap" and given:
        return Cue(0.0, "swap", Staging(other=given))
    elif kind == "move" and given in PLACES:
        return Cue(0.0, "move", Staging(place=given))
    elif kind == "drawing" and "=" in given:
        slot, _, drawing = (part.strip() for part in given.partition("="))
        return Cue(0.0, "drawing", drawing, slot=slot)
    return Cue(0.0, "expression", label if value is None else f"{label}:{given}")


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if isfinite(number) else None


def _direction(text: str) -> tuple[float, float] | None:
    parts = [_number(part) for part in text.split(",")]
    if len(parts) != 2 or parts[0] is None or parts[1] is None:
        return None
    return (max(-1.0, min(1.0, parts[0])), max(-1.0, min(1.0, parts[1])))


def place_tags(text: str, tags: Sequence[Tag], words: Sequence[Word]) -> tuple[Cue, ...]:
    """Cues of tags in plain `text`: with word times at the start of the next word (at the end of the
    last word when none follows), without them at their share of the characters."""
    begins = len(text) - len(text.lstrip())
    starts = _word_starts(text, words) if tags else []
    places = [at for at, _ in starts]
    cues = []
    for tag in tags:
        if tag.at <= begins:
            cues.append(replace(tag.cue, at_s=0.0))
        elif starts:
            i = bisect_left(places, tag.at)
            cues.append(replace(tag.cue, at_s=starts[i][1].start_s if i < len(starts) else words[-1].end_s))
        else:
            cues.append(replace(tag.cue, fraction=tag.at / len(text)))
    return tuple(cues)


def _word_starts(text: str, words: Sequence[Word]) -> list[tuple[int, Word]]:
    """Where each timed word stands in the text, found in order and by its letters; a timed word that
    the text does not spell (a number read aloud) is left out."""
    if not words:
        return []
    lowered, found, cursor = _lowered(text), [], 0
    whole: dict[str, list[int]] = {}
    for match in _LETTERS.finditer(lowered):
        whole.setdefault(match[0], []).append(match.start())
    for word in words:
        letters = _LETTERS.search(_lowered(word.text))
        if letters is None:
            continue
        at = lowered.find(letters[0], cursor, cursor + _NEAR)
        if at < 0:  # further on by whole words alone: searching the rest for each would be quadratic
            places = whole.get(letters[0], [])
            i = bisect_left(places, cursor)
            if i == len(places):
                continue
            at = places[i]
        found.append((at, word))
        cursor = at + len(letters[0])
    return found


def _lowered(text: str) -> str:
    """The text in small letters, each where it was: a Turkish capital I with a dot becomes two otherwise."""
    lowered = text.lower()
    return lowered if len(lowered) == len(text) else "".join(c.lower()[0] for c in text)


def cues_of(turn: Turn, duration_s: float) -> tuple[tuple[float, Cue], ...]:
    """(seconds from the turn's first sample, cue) in order of time, for a turn of `duration_s` seconds.
    Equal times keep the order of writing."""
    timed = (
        (cue.at_s if cue.fraction is None else float(cue.fraction) * max(0.0, duration_s), cue)
        for cue in turn.cues
    )
    return tuple(sorted(timed, key=lambda pair: pair[0]))


def text_by(turn: Turn, position_s: float, duration_s: float) -> str:
    """As much of the turn's text as is heard by `position_s` seconds: whole words, those that have begun.
    Without word times it is the share of a turn of `duration_s` seconds."""
    starts = _word_starts(turn.text, turn.words)
    if starts:
        coming = (at for at, word in starts if word.start_s >= position_s)
        return turn.text[: next(coming, None)].rstrip()
    share = position_s / duration_s if duration_s > 0 else 0.0
    end = int(len(turn.text) * min(1.0, share))
    if end < len(turn.text) and not turn.text[end].isspace():
        end = turn.text.rfind(" ", 0, end) + 1
    return turn.text[:end].rstrip()


def say(
    speaker: str,
    audio: AudioInput | None,
    text: str = "",
    *,
    key: str,
    words: Sequence[Word] = (),
    cues: Sequence[Cue] = (),
    gap_s: float = 0.0,
    timings: VisemeTimings | None = None,
) -> Turn:
    """A turn from text that may carry tags; `cues` are added after those of the tags.

    Raises ScriptError for a text, word or cue that is none, or whose time cannot be.
    """
    if not isinstance(text, str):
        refuse(f"the text of turn {quoted(key)}", text, "text, or leave it out")
    words, cues = words_of(words), cues_given(cues)
    plain, tags = parse_tags(text)
    placed = (*place_tags(plain, tags, words), *cues)
    return Turn(key, speaker, audio, plain, words, placed, gap_s, timings)
