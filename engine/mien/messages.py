"""What the sentences of errors and warnings are made of: values as they are quoted, and near names.

Whatever comes from a file, a host or a user goes through `quoted` or `printable` before it stands in a
sentence or on a page: at most `LONGEST` characters of it, and none that a terminal would obey.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher
from heapq import nlargest
from itertools import islice, takewhile
from pathlib import Path
from reprlib import Repr
from typing import Final

LONGEST: Final = 80
"""Characters of a value that are shown."""

LONGEST_PATH: Final = 400
"""Characters of a path that are shown."""

_COMPARED: Final = 1000
"""Names that a misspelt one is compared with by their letters: each takes some 20 us, and a file can hold a
million."""

_COMPARED_WELL: Final = 16
"""Of those, the names that are compared letter by letter, which takes up to 3 ms each."""

_SHORT: Final = 2
"""Letters of names of which half need only be the same: one of two."""

_OTHER_FIRST: Final = 0.1
"""By how much more alike names have to be that begin with other letters."""

_LISTED: Final = 8
_LISTED_CHARS: Final = 300
"""Most names that a sentence lists, and most characters that they take."""

_JOINERS: Final = "\u200c\u200d"
"""Not printable by themselves, and part of words in many scripts and of emoji."""
_ELLIPSIS: Final = "..."
_BRIEF: Final = Repr()
_BRIEF.maxstring = _BRIEF.maxother = _BRIEF.maxlong = LONGEST


def quoted(value: object) -> str:
    """A value as Python writes it, text in quotes: printable, and cut at `LONGEST` characters."""
    if isinstance(value, str | bytes):
        # Cut first: a text can be as large as a file, and escaped it is up to ten times that.
        text = repr(value[: LONGEST + 1])
    else:
        try:
            text = _BRIEF.repr(value)
        except Exception:  # a host's own code, or an integer too long for Python to print
            text = f"a value of type {type(value).__name__} that cannot be shown"
        text = printable(text, len(text))
    return _cut(text, LONGEST)


def printable(text: str, longest: int = LONGEST) -> str:
    """A text without quotes, cut at `longest` characters, with escapes for what is not printable: control
    characters, line ends, marks that turn the direction of writing, halves of characters."""
    cut = text[: longest + 1]
    if not cut.isprintable():
        cut = "".join(c if c.isprintable() or c in _JOINERS else repr(c)[1:-1] for c in cut)
    return _cut(cut, longest)


def encodable(text: str) -> str:
    """A text that UTF-8 has all of: halves of characters, which names of files have for bytes that are no
    text, are written out as `\\udcff`."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def shown_path(path: Path | str) -> str:
    """A path without quotes, printable; of a very long one the end, which says most."""
    text = str(path)
    escaped = printable(text[-LONGEST_PATH:], 10 * LONGEST_PATH)
    if len(text) <= LONGEST_PATH and len(escaped) <= LONGEST_PATH:
        return escaped
    return _ELLIPSIS + escaped[len(_ELLIPSIS) - LONGEST_PATH :]


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - len(_ELLIPSIS)] + _ELLIPSIS


def nearest(name: str, known: Iterable[str], least: float | None = None) -> str | None:
    """The known name that is most like another, capitals aside, of those as like the one that begins alike.
    None when none is at least so like (0..1), 0.6 unless told, of names of two letters 0.5; one that begins
    with another letter must be more like it by 0.1: few misspell the first."""
    asked = _folded(name)
    if least is None:
        least = 0.5 if len(asked) <= _SHORT else 0.6
    folded: dict[str, str] = {}
    for other in islice(known, _COMPARED):
        folded.setdefault(_folded(other), other)
    matcher = SequenceMatcher(None, "", asked)
    best, close = (least, -1), None
    for other in _likely(asked, folded):
        matcher.set_seq1(other)
        if matcher.quick_ratio() >= best[0]:
            begun = takewhile(lambda letters: letters[0] == letters[1], zip(asked, other, strict=False))
            likeness = matcher.ratio(), sum(1 for _ in begun)
            if likeness > best and (likeness[1] or likeness[0] >= least + _OTHER_FIRST):
                best, close = likeness, other
    return None if close is None else folded[close]


def did_you_mean(name: str, known: Iterable[str], otherwise: str = "") -> str:
    """The remedy for an unknown name, which ends the sentence: the nearest known one, or `otherwise`, unless
    told a list of them."""
    names = sorted(islice(known, _COMPARED))
    if not otherwise:
        otherwise = f"known: {listed(names, name)}." if names else "nothing is known here."
    return suggestion(nearest(name, names), otherwise)


def suggestion(close: str | None, otherwise: str) -> str:
    """Asks whether a near name was meant; where there is none, `otherwise`."""
    return otherwise if close is None else f"did you mean {quoted(close)}?"


def listed(names: Iterable[str], near: object = "") -> str:
    """Names for a sentence, in order of the alphabet; where there are many a few of them, those that are most
    like `near`, and how many more there are."""
    ordered = sorted(islice(names, _COMPARED))
    first = ordered[:_LISTED]
    if len(ordered) > _LISTED and near:
        first = _nearest_first(near if isinstance(near, str) else quoted(near), ordered)
    shown: list[str] = []
    length = 0
    for name in first[:_LISTED]:
        shown.append(printable(name))
        length += len(shown[-1])
        if length > _LISTED_CHARS:
            break
    left = len(ordered) - len(shown)
    return ", ".join(sorted(shown)) + (f" and {left} more" if left else "") or "none"


def _nearest_first(name: str, known: Iterable[str]) -> list[str]:
    """A few names, those first that are most like another."""
    asked = _folded(name)
    matcher = SequenceMatcher(None, "", asked)

    def order(other: str) -> tuple[float, str]:
        matcher.set_seq1(_folded(other))
        return -matcher.ratio(), other

    return sorted(_likely(asked, known), key=order)


def _likely(asked: str, known: Iterable[str]) -> list[str]:
    """The names that share most letters with a folded one, in whatever order they are."""
    matcher = SequenceMatcher(None, "", asked)

    def at_most(other: str) -> float:
        matcher.set_seq1(_folded(other))
        return matcher.quick_ratio()

    return nlargest(_COMPARED_WELL, known, at_most)


def _folded(name: str) -> str:
    """Without capitals, and cut: comparing takes quadratic time."""
    return name[:LONGEST].casefold()


def near_file(path: Path) -> str | None:
    """The name most like that of a missing file, capitals aside, among those beside it; None if none is."""
    try:
        beside = sorted(entry.name for entry in path.parent.iterdir())
    except (OSError, ValueError):
        return None
    same = (name for name in beside if name.casefold() == path.name.casefold())  # however many there are
    # Endings alone make no two names alike: of the rest something has to be, too.
    likely = _likely(_folded(path.name), beside[:_COMPARED])
    like = [n for n in likely if nearest(path.stem, [Path(n).stem], 0.5)]
    return next(same, None) or nearest(path.name, like, 0.7)
