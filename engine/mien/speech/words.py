"""When each word of a text is heard, from the beginnings that a synthesizer tells of some. Pure."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence

from mien.talk import Word


def timed_words(
    text: str, starts: Iterable[tuple[int, float]], pauses: Sequence[float], end_s: float
) -> tuple[Word, ...]:
    """Every word of `text` with its times, in order.

    `starts`: (index in the text, seconds) of those whose beginning is known, in order of time; `pauses`: when
    silences begin, in order. A word of which nothing is known (`of the` is often one word to a synthesizer)
    shares the time of those before it, by letters.
    """
    tokens = [(match.start(), match[0]) for match in re.finditer(r"\S+", text)]
    known = _known([at for at, _ in tokens], starts)
    kept = [i for i, (_, token) in enumerate(tokens) if i in known or any(c.isalnum() for c in token)]
    if not kept or not known:
        return ()
    begins = list[float]()
    i = 0
    while i < len(kept):
        # A run: one that is known, and those behind it that are not.
        j = next((k for k in range(i + 1, len(kept)) if kept[k] in known), len(kept))
        first = known.get(kept[i], 0.0)
        last = known[kept[j]] if j < len(kept) else end_s
        if j - i > 1:
            last = _before(pauses, first, last)
        letters = [len(tokens[k][1]) for k in kept[i:j]]
        begins += [first + (last - first) * sum(letters[:k]) / sum(letters) for k in range(j - i)]
        i = j
    ends = [*begins[1:], end_s]
    return tuple(
        Word(tokens[k][1], start, max(start, _before(pauses, start, end)))
        for k, start, end in zip(kept, begins, ends, strict=True)
    )


def _known(places: Sequence[int], starts: Iterable[tuple[int, float]]) -> dict[int, float]:
    """Seconds by number of the word; each as it is first told, in order."""
    known = dict[int, float]()
    last = -1
    for at, seconds in starts:
        i = max(0, bisect_right(places, at) - 1)
        if i > last and places:
            known[i] = seconds
            last = i
    return known


def _before(pauses: Sequence[float], start: float, end: float) -> float:
    """Where what begins at `start` ends: at the first pause, if one comes before `end`."""
    i = bisect_right(pauses, start)
    return min(end, pauses[i]) if i < len(pauses) else end
