"""Changes of the cast that another engine is to make as well."""

from __future__ import annotations

from typing import Final

from mien.backend.messages import Names

Change = tuple[str, Names]
_MOST_GONE: Final = 100
"""Of those who came and went, so many are remembered to have gone: for an engine that waits and knows them
still."""


class Changes:
    """Numbered from 1. What was undone, or done anew, since is left out."""

    def __init__(self) -> None:
        self._known: list[tuple[int, Change]] = []
        self._gone: list[int] = []
        self._last = 0

    def __len__(self) -> int:
        return len(self._known)

    def add(self, name: str, arguments: Names) -> None:
        """A change was made: load, reload or unload."""
        self._last += 1
        who = _who((name, arguments))
        same = [one for one in self._known if _who(one[1]) == who]
        if name == "reload":
            as_another = arguments.get("character") is not None
            over = {one[0] for one in same if one[1][0] == name and (as_another or _reads_anew(one[1]))}
        else:
            over = {one[0] for one in same} if name == "unload" else set()
        self._known = [one for one in self._known if one[0] not in over]
        self._known.append((self._last, (name, arguments)))
        kinds = {one[1][0] for one in same if one[0] not in self._gone}
        if name == "unload" and "load" in kinds and "unload" not in kinds:
            self._gone.append(self._last)
        self._gone = [number for number in self._gone if number not in over]
        if len(self._gone) > _MOST_GONE:
            first = self._gone.pop(0)
            self._known = [one for one in self._known if one[0] != first]

    def since(self, number: int) -> list[tuple[int, Change]]:
        """Those that were made behind the one of this number, each with its own."""
        return [one for one in self._known if one[0] > number]


def _who(change: Change) -> str:
    name, arguments = change
    return str(arguments["who" if name == "reload" else "key"])


def _reads_anew(change: Change) -> bool:
    """Not as another."""
    return change[1].get("character") is None
