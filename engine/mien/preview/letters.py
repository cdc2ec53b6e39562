"""Letters of all scripts: what the panel's own do not have comes from a font of the system's, when a name or
a text first needs it. Where there is none, a stand-in is shown that can be read.

What was found is the whole process's; each panel's library is given it (`Gui`).
"""

from __future__ import annotations

import threading
import unicodedata
from contextlib import suppress
from typing import Final, NamedTuple

from mien.bounded_cache import BoundedCache
from mien.errors import MienError
from mien.preview.fonts import Found, find
from mien.threads import start_thread

_OWN: Final = 0x0590
"""Before it lies what Inter has: Latin, Greek, Cyrillic; and ..."""
_SIGNS: Final = range(0x1E00, 0x2C00)
"""... more of these, punctuation and signs."""
_CJK: Final = (
    range(0x2E80, 0x3130), range(0x31C0, 0xA000), range(0xF900, 0xFB00), range(0xFE30, 0xFE50),
    range(0xFF00, 0xFFF0), range(0x20000, 0x34000),
)  # fmt: skip
_HANGUL: Final = (range(0x1100, 0x1200), range(0x3130, 0x3190), range(0xA960, 0xA980), range(0xAC00, 0xD800))
_NAMES: Final = {"cjk": "Chinese and Japanese", "hangul": "Korean"}
_INSTALL: Final = "on Debian and Ubuntu `apt install fonts-noto-cjk`"
_SIGNS_OF: Final = {
    "、": ", ",
    "。": ". ",
    "・": " ",
    "「": "“",
    "」": "”",
    "『": "“",
    "』": "”",
    "〜": "-",
    "ー": "-",
}
"""What Unicode does not say of signs."""


class _State(NamedTuple):
    found: Found | None
    """None: the system has none."""


class Letters:
    """What of the system's letters is known. All but the search on the thread that draws."""

    def __init__(self) -> None:
        self._asked: set[str] = set()
        self._known: dict[str, _State] = {}
        """By script: written by the threads that search, once each."""
        self._there: set[str] = set()
        """Scripts whose letters the library was given."""
        self._shown: BoundedCache[str, str] = BoundedCache(2000)
        self._told: set[str] = set()

    def shown(self, text: str) -> str:
        """The text, or what can be read in its place."""
        if text.isascii():
            return text
        if (known := self._shown.get(text)) is not None:
            return known
        scripts = {script for one in text if (script := script_of(one))}
        lacking = scripts - self._there
        for script in lacking - self._asked:
            self._ask(script, text)
        # While it is looked for it is not kept: the next layout may have it.
        if lacking - set(self._known) or any(self._known[one].found for one in lacking):
            return _stand_in(text, lacking)
        return self._shown.put(text, _stand_in(text, lacking) if lacking else text)

    def found(self) -> dict[str, Found]:
        """What was found so far, by script."""
        return {script: state.found for script, state in list(self._known.items()) if state.found is not None}

    def given(self, script: str) -> None:
        """The library has the letters of a script from now on."""
        self._there.add(script)

    def refused(self, script: str) -> None:
        """The library could not read what was found."""
        self._known[script] = _State(None)

    def complaint(self) -> str:
        """What to install, in a sentence, once for each script; "" where nothing is lacking."""
        for script, state in list(self._known.items()):
            if state.found is None and script not in self._told:
                self._told.add(script)
                whose = f"{_NAMES[script]} letters" if script in _NAMES else f"letters from {script} on"
                how = f" ({_INSTALL})" if script in _NAMES else ""
                return (
                    f"no font of this system has {whose}: install one{how}, and begin anew. They are spelt."
                )
        return ""

    def _ask(self, script: str, text: str) -> None:
        self._asked.add(script)
        letters = "".join(dict.fromkeys(one for one in text if script_of(one) == script))[:4]
        thread = threading.Thread(
            target=self._search, args=(script, letters), name="mien-letters", daemon=True
        )
        with suppress(MienError):  # no thread more may be had: it stays as it is
            start_thread(thread)

    def _search(self, script: str, letters: str) -> None:
        self._known[script] = _State(find(script, letters))


def script_of(letter: str) -> str:
    """Of which script a letter is that the panel's own letters do not have; "" for those that they have."""
    code = ord(letter)
    if code < _OWN or code in _SIGNS:
        return ""
    if any(code in part for part in _CJK):
        return "cjk"
    if any(code in part for part in _HANGUL):
        return "hangul"
    return f"U+{code & ~0x7F:04X}"


def _stand_in(text: str, lacking: set[str]) -> str:
    """A text with the letters of some scripts spelt: kana and Hangul as Unicode calls them, others by
    number."""
    parts: list[str] = []
    for one in text:
        if script_of(one) not in lacking:
            parts.append(one)
            continue
        name, plain = unicodedata.name(one, ""), unicodedata.normalize("NFKC", one)
        if one in _SIGNS_OF:
            parts.append(_SIGNS_OF[one])
        elif plain.isascii():
            parts.append(plain)
        elif name.startswith(("HIRAGANA LETTER ", "KATAKANA LETTER ", "HANGUL SYLLABLE ")):
            parts.append(name.rpartition(" ")[2].lower())
        else:
            parts.append(f"{' ' if parts and not parts[-1].endswith(' ') else ''}U+{ord(one):04X} ")
    return "".join(parts).strip()


letters: Final = Letters()
"""The process's."""
