"""What is given along with a turn, held to its types where it is said. Raises ScriptError."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import TypeVar, get_args

from mien.arguments import MOST_SECONDS, choice_of, is_number, number_of, refuse, seconds_of, text_of
from mien.messages import quoted
from mien.script import BURSTS, STAGINGS
from mien.talk.staging import staging_of
from mien.talk.turns import CUE_KINDS, Cue, VisemeScheme, VisemeTimings, Word

_Value = TypeVar("_Value", Word, Cue)

_LATER = "seconds, not before its start"
_TARGET = '"viewer", a key of the cast, or (x, y) with two finite numbers in -1..1'


def words_of(given: object) -> tuple[Word, ...]:
    """The timed words of a turn."""
    words = _each("words", given, Word, "mien.Word(text, start_s, end_s) values")
    for word in words:
        if not isinstance(word.text, str):
            refuse("the text of a word", word.text, "a text")
        number_of(
            f"the end of {quoted(word.text)}",
            word.end_s,
            seconds_of("a start", word.start_s),
            MOST_SECONDS,
            _LATER,
        )
    return words


def cues_given(given: object) -> tuple[Cue, ...]:
    """The cues of a turn. Whether the character can follow them is asked when their time comes."""
    cues = _each("cues", given, Cue, "mien.Cue(at_s, kind, value) values")
    for cue in cues:
        choice_of("the kind of a cue", cue.kind, CUE_KINDS)
        seconds_of("the time of a cue", cue.at_s)
        if cue.fraction is not None:
            number_of("the fraction of a cue", cue.fraction, 0, 1, "a share of the turn from 0 to 1, or None")
        text_of("the slot of a cue", cue.slot, "the name of a slot")
        _check_value(cue)
    return cues


def check_timings(timings: object) -> None:
    """Mouth shapes with their times; what the labels are is asked by who reads them."""
    if timings is None:
        return
    if not isinstance(timings, VisemeTimings):
        refuse("timings", timings, "mien.VisemeTimings(scheme, marks), or None")
    choice_of("the scheme of timings", timings.scheme, get_args(VisemeScheme))
    marks: object = timings.marks
    if not isinstance(marks, list | tuple) or not all(_is_mark(mark) for mark in marks):
        refuse("the marks of timings", marks, "(label, start_s, end_s) of each, in order of start")
    for label, start_s, end_s in marks:
        seconds_of(f"the start of mouth shape {quoted(label)}", start_s)
        number_of(f"the end of mouth shape {quoted(label)}", end_s, start_s, MOST_SECONDS, _LATER)


def _is_mark(mark: object) -> bool:
    if not isinstance(mark, list | tuple) or len(mark) != 3:
        return False
    label, *times = mark
    # SAPI and Azure number theirs.
    named = isinstance(label, str) or (type(label) is int and 0 <= label < 100)
    return named and all(is_number(time) and abs(float(time)) <= MOST_SECONDS for time in times)


def target_of(target: object) -> str | tuple[float, float]:
    """Whom or what to look at."""
    if isinstance(target, str):
        return text_of("target", target, _TARGET)
    pair = tuple(islice(target, 3)) if isinstance(target, Iterable) else ()
    if len(pair) != 2 or not all(map(is_number, pair)):
        refuse("target", target, _TARGET)
    x, y = (float(min(1.0, max(-1.0, part))) for part in pair)
    return x, y


def _check_value(cue: Cue) -> None:
    name, value = f"the value of a cue of {cue.kind}", cue.value
    if cue.kind == "gaze":
        target_of(value)
    elif cue.kind == "nod":
        number_of(name, value, -1, 1, "a number from -1 to 1")
    elif cue.kind == "burst":
        choice_of(name, value, BURSTS)
    elif cue.kind in STAGINGS:
        staging_of(cue.kind, value)
    elif cue.kind != "drawing" or value is not None:
        text_of(name, value, "a name")


def _each(name: str, given: object, kind: type[_Value], wanted: str) -> tuple[_Value, ...]:
    if isinstance(given, str | bytes) or not isinstance(given, Iterable):
        refuse(name, given, wanted)
    values = []
    for value in given:  # each as it comes: there may be no end of them
        if not isinstance(value, kind):
            refuse(name, value, wanted)
        values.append(value)
    return tuple(values)
