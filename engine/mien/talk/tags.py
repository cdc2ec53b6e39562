"""Inline tags: `[happy] Oh, hello! [gaze:otto] Wait...` becomes plain text and cues at its words.

A tag is a bracket that holds a label, or `gaze:`, `gesture:`, `nod:` or `drawing:` with a value. Any
label is kept as an expression cue; whether a character has such an expression is asked later.
Brackets that hold anything else, or never close, are text; so is `\\[`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isfinite
from numbers import Real
from typing import get_args

from mien.errors import ScriptError
from mien.messages import quoted
from mien.talk.turns import AudioInput, Cue, CueKind, Turn, VisemeTimings, Word

_PIECE = re.compile(r"\\(?P<escaped>[\[\]\\])|\[\s*(?P<label>[A-Za-z][\w -]*?)\s*(?::(?P<value>[^\[\]]*))?\]")
_LETTERS = re.compile(r"\w+")


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
    length = 0
    tags: list[Tag] = []

    def add(piece: str) -> None:
        nonlocal length
        for char in piece:
            blank = char.isspace()
            # Runs of blanks count once, also around a tag that was taken out, and none in front.
            if blank and (not plain or plain[-1] == " "):
                continue
            plain.append(" " if blank else char)
            length += 1

    end = 0
    for match in _PIECE.finditer(text):
        add(text[end : match.start()])
        end = match.end()
        if match["escaped"]:
            add(match["escaped"])
        else:
            tags.append(Tag(length, _cue(match["label"], match["value"])))
    add(text[end:])
    spoken = "".join(plain).rstrip()
    return spoken, tuple(replace(tag, at=min(tag.at, len(spoken))) for tag in tags)


def _cue(label: str, value: str | None) -> Cue:
    kind = label.lower()
    given = (value or "").strip()
    if kind == "nod":
        depth = _number(given) if given else 1.0
        if depth is not None and -1 <= depth <= 1:
            return Cue(0.0, "nod", depth)
    elif kind == "gaze" and given:
        return Cue(0.0, "gaze", _direction(given) or given)
    elif kind == "gesture" and value is not None:
        return Cue(0.0, "gesture", "" if given == "rest" else given)
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
    starts = _word_starts(text, words)
    cues = []
    for tag in tags:
        if not text[: tag.at].strip():
            cues.append(replace(tag.cue, at_s=0.0))
        elif starts:
            following = (word.start_s for at, word in starts if at >= tag.at)
            cues.append(replace(tag.cue, at_s=next(following, words[-1].end_s)))
        else:
            cues.append(replace(tag.cue, fraction=tag.at / len(text)))
    return tuple(cues)


def _word_starts(text: str, words: Sequence[Word]) -> list[tuple[int, Word]]:
    """Where each timed word stands in the text, found in order and by its letters; a timed word that
    the text does not spell (a number read aloud) is left out."""
    lowered, found, cursor = text.lower(), [], 0
    for word in words:
        letters = _LETTERS.search(word.text.lower())
        at = lowered.find(letters[0], cursor) if letters else -1
        if letters and at >= 0:
            found.append((at, word))
            cursor = at + len(letters[0])
    return found


def cues_of(turn: Turn, duration_s: float) -> tuple[tuple[float, Cue], ...]:
    """(seconds from the turn's first sample, cue) in order of time, for a turn of `duration_s` seconds.
    Equal times keep the order of writing."""
    timed = (
        (cue.at_s if cue.fraction is None else cue.fraction * max(0.0, duration_s), cue) for cue in turn.cues
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

    Raises ScriptError for a text, word or cue that is none, or whose time is no finite number.
    """
    if not isinstance(text, str):
        raise ScriptError(f"the text of turn {quoted(key)} is {quoted(text)}; give text, or leave it out.")
    for word in words:
        if not (isinstance(word, Word) and _finite(word.start_s) and _finite(word.end_s)):
            raise ScriptError(
                f"turn {quoted(key)} has the word {quoted(word)}; give Word(text, start_s, end_s) in seconds."
            )
    for cue in cues:
        if not (isinstance(cue, Cue) and _finite(cue.at_s) and cue.kind in get_args(CueKind)):
            raise ScriptError(
                f"turn {quoted(key)} has the cue {quoted(cue)}; give Cue(seconds, kind, value), with a kind "
                f"of {', '.join(get_args(CueKind))}."
            )
    plain, tags = parse_tags(text)
    placed = (*place_tags(plain, tags, words), *cues)
    return Turn(key, speaker, audio, plain, tuple(words), placed, gap_s, timings)


def _finite(seconds: object) -> bool:
    """Whether it is a number that can be a time."""
    return isinstance(seconds, Real) and isfinite(seconds)
