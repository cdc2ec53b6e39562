"""What a window tells its user in sentences: the newest, for as long as it takes to read it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Final, NamedTuple

LEAST_S: Final = 8.0
"""So long a sentence is shown: whoever began the program by an icon sees no terminal."""
_LETTERS_PER_S: Final = 15.0
"""Long ones are shown for longer: so many are read in a second."""


class _Note(NamedTuple):
    sentence: str
    about: str
    until_ns: int | None
    """None: until something else is told about the same."""


class Notes:
    """Sentences that any thread tells; all but `tell` on the window's own."""

    def __init__(self) -> None:
        self._told: deque[tuple[str, str, bool]] = deque()
        self._shown: list[_Note] = []

    def tell(self, sentence: str, about: str = "", *, stays: bool = False) -> None:
        """Have a sentence shown. It takes the place of what was told `about` the same; where it is empty,
        nothing does. `stays`: until that, however long it takes."""
        self._told.append((sentence, about, stays))

    def heard(self, now_ns: int) -> Iterator[str]:
        """What was told since the last time: from now on it is shown."""
        while self._told:
            sentence, about, stays = self._told.popleft()
            if about:
                self._shown = [note for note in self._shown if note.about != about]
            if sentence:
                lasts_s = max(LEAST_S, len(sentence) / _LETTERS_PER_S)
                until_ns = None if stays else now_ns + round(lasts_s * 1e9)
                self._shown.append(_Note(sentence, about, until_ns))
                yield sentence
        self._shown = [note for note in self._shown if note.until_ns is None or note.until_ns > now_ns]

    @property
    def newest(self) -> str:
        """What is shown, as it was at the last `heard`; "" for nothing."""
        return self._shown[-1].sentence if self._shown else ""
