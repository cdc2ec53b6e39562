"""What the names of layers say: which part of a character it is, on which side, in which state.

The words are in `roles.toml`. What layers are called by programs is read too: Character Animator's `+`,
PSDTool's `!`, `*` and `:flipx`, PNGTuberORA's `[AA]`, `c1_` and `pivot_`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib.resources import files
from typing import Final, cast
from unicodedata import normalize

EYE_ROLES: Final = ("white", "iris", "pupil", "glint", "lash", "lash_lower", "lid", "eye")
"""Roles of what an eye is made of; `eye` is all or some of it."""
HAIR_ROLES: Final = ("hair_back", "hair_side", "hair_front", "ahoge", "hair")
ASIDE: Final = ("skip", "wip")
"""Roles of what is no part of a figure."""

MOUTH_MOODS: Final = ("smile", "frown", "surprised")
"""What mouths say of how somebody feels: shapes of a mouth at rest, and sets of mouths of their own."""

_PLAIN: Final = ("neutral", "normal", "default")
"""Words for the mouths of a face that feels nothing."""

_MOUTH_ROLES: Final = ("mouth", "teeth", "tongue")
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=(?<![A-Z])[LR])(?=[A-Z][a-z])")  # EyeLClosed
_WORD: Final = re.compile(r"[^\W\d_]+|\d+")
_COSTUME: Final = re.compile(r"c([1-9])_(.+)", re.IGNORECASE)
_PIVOT: Final = re.compile(r"pivot[_ ](.+)", re.IGNORECASE)
_TAG: Final = re.compile(r"\[([^\]]*)\]")
_FLIP: Final = re.compile(r":flip(xy|yx|x|y)", re.IGNORECASE)
_NUMBERED: Final = re.compile(r"(?<![^\W\d_])[a-z]\d+$|^[a-z][ _.-]*\d+$")
_COUNTED: Final = re.compile(r" (?:\(\d+\)|copy(?: \d+)?)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a name says."""

    role: str = ""
    """One of the roles but for `ASIDE`; empty where it names none."""
    side: str = ""
    """`left` or `right`, as the name has it; empty where it says neither, or both."""
    words: tuple[str, ...] = ()
    """What is left of the name without marks: words in small letters."""
    text: str = ""
    """The same as one string, without spaces between letters of other scripts."""
    forced: bool = False
    """PSDTool's `!`: always shown."""
    radio: bool = False
    """PSDTool's `*`: shown instead of its siblings."""
    flips: bool = False
    """A mirrored twin of another layer, `:flipx` or `:flipy`."""
    costume: str = ""
    """The number of a costume, PNGTuberORA's `c1_`."""
    pivot_of: str = ""
    """The name of the layer whose pivot this marks, PNGTuberORA's `pivot_`."""
    tags: tuple[str, ...] = field(default=())
    """What stands in brackets."""
    aside: bool = False
    """It is no part of the figure: a note, a sketch, a guide."""


@dataclass(frozen=True, slots=True)
class _Alias:
    """One way to say something."""

    words: tuple[str, ...]
    """Whole words in this order; empty where `part` is to be found instead."""
    part: str
    """Found anywhere in the text."""
    joined: str = ""
    """The words written together, where they are several."""

    def fits(self, words: tuple[str, ...], text: str) -> bool:
        if self.part:
            return self.part in text
        if not self.joined:
            return self.words[0] in words
        if self.words[0] in words:
            count = len(self.words)
            if any(words[i : i + count] == self.words for i in range(len(words) - count + 1)):
                return True
        return self.joined in words


Words = Mapping[str, tuple[_Alias, ...]]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All of `roles.toml`."""

    roles: Words
    within: Mapping[str, Words]
    sides: Words
    lids: Words
    mouth: Words
    rhubarb: Mapping[str, tuple[str, ...]]
    moods: Words
    nameless: frozenset[str]  # what programs call layers that nobody has named


@lru_cache(maxsize=1)
def vocabulary() -> Vocabulary:
    """The words that are known."""
    tables = tomllib.loads(files("mien.importing").joinpath("roles.toml").read_text("utf-8"))

    def read(table: dict[str, list[str]]) -> Words:
        return {key: tuple(_alias(alias) for alias in aliases) for key, aliases in table.items()}

    within = {key: read(table) for key, table in tables["within"].items()}
    rhubarb = {key: tuple(cast(list[str], value)) for key, value in tables["rhubarb"].items()}
    read_all = {key: read(tables[key]) for key in ("roles", "sides", "lids", "mouth", "moods")}
    nameless = frozenset(normalize("NFKC", word).casefold() for word in tables["nameless"]["words"])
    return Vocabulary(within=within, rhubarb=rhubarb, nameless=nameless, **read_all)


def _alias(text: str) -> _Alias:
    text = normalize("NFKC", text).casefold()
    if text.isascii():
        words = tuple(text.split())
        return _Alias(words, "", "".join(words) if len(words) > 1 else "")
    return _Alias((), text)


@lru_cache(maxsize=4096)
def read_name(name: str, within: str = "") -> Reading:
    """What a name says, in a folder of the role `within`, which may be empty."""
    plain = normalize("NFKC", name).strip()
    mark = plain[:1]
    flips = bool(_FLIP.search(plain))
    tags = tuple(_TAG.findall(plain))
    plain = _COUNTED.sub("", _TAG.sub(" ", _FLIP.sub("", plain.lstrip("+!*").strip())))
    costume = ""
    if found := _COSTUME.fullmatch(plain):
        costume, plain = found[1], found[2]
    pivot = _PIVOT.fullmatch(plain)
    text = _CAMEL.sub(" ", plain).casefold()
    words = tuple(part for word in _WORD.findall(text) for part in _split(word))
    reading = Reading("", "", words, text, mark == "!", mark == "*", flips, costume, "", tags)
    if pivot:
        return replace(reading, pivot_of=pivot[1].strip())
    role = _role(words, text, within)
    side = "" if (role or within) in _MOUTH_ROLES else _side(words, text)
    aside = find({key: vocabulary().roles[key] for key in ASIDE}, words, text)
    is_aside = aside == "skip" or bool(aside and not role)
    return replace(reading, role=role, side=side, aside=is_aside)


def _split(word: str) -> tuple[str, ...]:
    """A word that is written together, as `leftarm` and `torsoback`: in the words that are known in it."""
    known = _known_words()
    if word in known or len(word) < 4 or not word.isascii():
        return (word,)
    for end in range(len(word) - 1, 2, -1):
        head, rest = word[:end], word[end:]
        if head in known and (len(head) > 3 or len(rest) < 3 or rest in known):
            return (head, *_split(rest))
    return (word,)


@lru_cache(maxsize=1)
def _known_words() -> frozenset[str]:
    known = vocabulary()
    # A notebook is no note.
    tables = (_parts(), known.sides, *known.within.values())
    return frozenset(
        word for table in tables for names in table.values() for alias in names for word in alias.words
    )


def _role(words: tuple[str, ...], text: str, within: str) -> str:
    """The first role with a name that fits: what is meant so in that folder, then all."""
    known = vocabulary()
    found = find(_parts(), words, text)
    family = family_of(found or within)
    if not found or found == family:
        return find(known.within.get(family, {}), words, text) or found
    return found


@lru_cache(maxsize=1)
def _parts() -> Words:
    return {role: names for role, names in vocabulary().roles.items() if role not in ASIDE}


def family_of(role: str) -> str:
    """`eye`, `hair` or `mouth` for a role that is part of one; else the role itself."""
    if role in EYE_ROLES:
        return "eye"
    if role in _MOUTH_ROLES:
        return "mouth"
    return "hair" if role in HAIR_ROLES else role


def _side(words: tuple[str, ...], text: str) -> str:
    sides = [side for side, names in vocabulary().sides.items() if any(n.fits(words, text) for n in names)]
    return sides[0] if len(sides) == 1 else ""


def find(table: Words, words: tuple[str, ...], text: str) -> str:
    """The first key of a table of which a name fits; empty for none."""
    for key, names in table.items():
        if any(name.fits(words, text) for name in names):
            return key
    return ""


@lru_cache(maxsize=4096)
def lid_state(reading: Reading) -> str:
    """How open an eye of that name is; empty where it doesn't say."""
    return find(vocabulary().lids, reading.words, reading.text)


@lru_cache(maxsize=4096)
def mood_of(reading: Reading) -> str:
    """The emotion that a name says; empty for none."""
    return find(vocabulary().moods, reading.words, reading.text)


@lru_cache(maxsize=4096)
def mouth_shape(reading: Reading) -> str:
    """A key of `[mouth]` that a mouth's name says, with a mood in front where it says one too, `smile/aa`;
    empty for none.

    Short names of sounds fit only where nothing else is left of the name, and letters only without a number.
    """
    known = vocabulary()
    for tag in reading.tags:
        found = _whole(known.mouth, tuple(_WORD.findall(tag.casefold())), tag.casefold())
        if found:
            return found
    if is_numbered(reading):
        return ""
    words = _own_words(reading)
    text = reading.text
    for part in (alias.part for alias in known.roles["mouth"] if alias.part):
        text = text.replace(part, "")
        words = tuple(filter(None, (word.replace(part, "") for word in words)))
    text = text.strip(" _-.:")
    if found := _whole(known.mouth, words, text) or _mood_and_shape(words):
        return found
    return find(_long_names(), words, text)


def is_numbered(reading: Reading) -> bool:
    """Whether a mouth's name is one letter with a number, as `M1`, which counts and names no sound."""
    words = _own_words(reading)
    return len(words) == 1 and len(words[0]) == 1 and bool(_NUMBERED.search(reading.text))


def _own_words(reading: Reading) -> tuple[str, ...]:
    """Words of a mouth's name beside those that say that it is one, and numbers."""
    roles = vocabulary().roles
    return tuple(w for w in reading.words if not find(roles, (w,), w) and not w.isdigit())


def _mood_and_shape(words: tuple[str, ...]) -> str:
    """What a name says of which the first or the last word is a mood, or `neutral`, and the others are a
    sound: `smile_aa`, `open_happy`, `neutral_e`."""
    table = vocabulary().mouth
    if len(words) < 2:
        return ""
    for mood_word, rest in ((words[0], words[1:]), (words[-1], words[:-1])):
        mood = _whole(table, (mood_word,), mood_word)
        is_plain = mood_word in _PLAIN
        if not (is_plain or mood in MOUTH_MOODS):
            continue
        text = " ".join(rest)
        shape = _whole(table, rest, text) or find(_long_names(), rest, text)
        if shape and shape not in MOUTH_MOODS:
            return shape if is_plain else f"{mood}/{shape}"
    return ""


@lru_cache(maxsize=1)
def _long_names() -> Words:
    """Names of what mouths say that are no short sounds: those may stand beside other words."""
    return {
        key: tuple(a for a in names if len(a.part or "".join(a.words)) > 2 or _is_kanji(a.part))
        for key, names in vocabulary().mouth.items()
    }


def _is_kanji(part: str) -> bool:
    return bool(part) and all("\u4e00" <= letter <= "\u9fff" for letter in part)


def _whole(table: Words, words: tuple[str, ...], text: str) -> str:
    for key, names in table.items():
        if any(words == alias.words if alias.words else text == alias.part for alias in names):
            return key
    return ""
