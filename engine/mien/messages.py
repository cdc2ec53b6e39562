"""What the sentences of errors and warnings are made of: values as they are quoted, and near names.

Whatever comes from a file, a host or a user goes through `quoted` or `printable` before it stands in a
sentence or on a page: at most `LONGEST` characters of it, and none that a terminal would obey.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from itertools import islice
from pathlib import Path
from reprlib import Repr
from typing import Final

LONGEST: Final = 80
"""Characters of a value that are shown."""

_COMPARED: Final = 1000
"""Names that a misspelt one is compared with: each takes some 20 us, and a file can hold a million."""

_LISTED: Final = 24
_LISTED_CHARS: Final = 400
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


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - len(_ELLIPSIS)] + _ELLIPSIS


def nearest(name: str, known: Iterable[str], least: float = 0.6) -> str | None:
    """The known name that is most like another, capitals aside; None when none is at least so like (0..1)."""
    asked = name[:LONGEST].casefold()  # comparing takes quadratic time
    folded: dict[str, str] = {}
    for other in islice(known, _COMPARED):
        folded.setdefault(other[:LONGEST].casefold(), other)
    close = get_close_matches(asked, folded, 1, least)
    return folded[close[0]] if close else None


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The remedy for an unknown name: the nearest known one, or a list of them; ends the sentence."""
    names = sorted(islice(known, _COMPARED))
    close = nearest(name, names)
    if close is not None:
        return f"did you mean {quoted(close)}?"
    return f"known: {listed(names)}." if names else "nothing is known here."


def listed(names: Iterable[str]) -> str:
    """Names in order of the alphabet, for a sentence; the first of them where there are many."""
    ordered = sorted(islice(names, _COMPARED))
    shown: list[str] = []
    length = 0
    for name in ordered[:_LISTED]:
        shown.append(printable(name))
        length += len(shown[-1])
        if length > _LISTED_CHARS:
            break
    left = len(ordered) - len(shown)
    return ", ".join(shown) + (f" and {left} more" if left else "") or "none"


def near_file(path: Path) -> str | None:
    """The name most like that of a missing file, capitals aside, among those beside it; None if none is."""
    try:
        beside = sorted(entry.name for entry in path.parent.iterdir())
    except (OSError, ValueError):
        return None
    same = (name for name in beside if name.casefold() == path.name.casefold())  # however many there are
    return next(same, None) or nearest(path.name, beside, 0.7)
