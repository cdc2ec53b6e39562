"""From a word's English spelling to its likely phones, and how they share the word's time.

Pure. Letter-to-sound rules of the kind of Elovitz et al., "Letter-to-Sound Rules for Automatic Translation of
English Text to Phonetics" (1976), far fewer, as a mouth needs no more: it cannot show a wrong voicing. Other
languages in Latin letters come out as their letters say.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import Final

from mien.lipsync import pronounced
from mien.lipsync.pronounced import Phones

_WEAK: Final = {
    "and": "ae n d|ax n d|ax n", "of": "ax v|ah v|ax", "the": "dh ax|dh iy", "a": "ax|ey", "an": "ax n|ae n",
    "to": "t uw|t ax|t ih", "for": "f ao r|f er", "or": "ao r|er", "them": "dh eh m|dh ax m|ax m",
    "him": "hh ih m|ih m", "his": "hh ih z|ih z", "her": "hh er|er", "you": "y uw|y ax",
    "your": "y er|y ao r",
    "are": "aa r|er", "was": "w ax z|w aa z", "can": "k ae n|k ax n", "that": "dh ae t|dh ax t",
    "than": "dh ae n|dh ax n", "from": "f r ax m|f r ah m", "at": "ae t|ax t", "as": "ae z|ax z",
    "but": "b ah t|b ax t", "just": "jh ah s t|jh ih s t", "some": "s ah m|s ax m", "because":
    "b ih k ah z|b ih k ao z|k ax z", "our": "aa r|aw er", "i'm": "ay m|ax m", "i'll": "ay l|ax l",
}  # fmt: skip
"""Little words, also as they are said between others; first the way that people who read use."""

# For each first letter, in order: a regular expression at the letter > its ARPABET phones, if it is heard.
# V is any vowel letter and C any other.
_RULES: Final = {
    "a": (
        "(?<!.)a(?=([blgwcmr]|pp|ll|cc|tt)[aeiou]) > ax; are$ > eh r; air > eh r; ai > ey; ay > ey; "
        "au > ao; aw > ao; ar(?=r) > ae; ar > aa r; ar(?<=war) > ao r; a(?=ll|lk|lt) > ao; "
        "al(?=m|f) > aa; a(?=Ce(s|d)?$) > ey; a(?=Cing) > ey; a(?=tion|ble$|ste$) > ey; "
        "a(?=nge) > ey; a$ > ax; (?<=w)a > aa; (?<=qu)a > aa; ae > iy; a > ae"
    ),
    "b": "bb > b; b$(?<=mb) >; b(?=t$) >; b > b",
    "c": (
        "ch(?=r) > k; tch > ch; ch > ch; ck > k; cc(?=[eiy]) > k s; cc > k; ci(?=[aou]) > sh; "
        "c(?=[eiy]) > s; c > k"
    ),
    "d": "dd > d; dge > jh; dg(?=i) > jh; d > d",
    "e": (
        "ear(?=n|th|ly|d) > er; ear > ih r; eau > ow; ea(?=t$)(?<=grea) > ey; "
        "ea(?=d$|th|lth|sure|ther|vy) > eh; ea > iy; eer > ih r; ee > iy; eigh > ey; ei > ey; "
        "ewe > y uw; ew > uw; eu > y uw; ey$ > iy; ey > ey; e(?=Ce$) > iy; ere$ > ih r; er$ > er; "
        "er(?=C) > er; ed(?<=.[td]ed)$ > ih d; (?<=..)ed$ > d; es(?<=[szxcg]es)$ > ih z; "
        "es(?<=(ch|sh)es)$ > ih z; (?<=..)es$ > z; (?<=^[bhmsw])e$ > iy; (?<=^sh)e$ > iy; "
        "(?<=l)e(?=ly$|ment) >; e$ >; (?<=^[bdpr])e(?=CV) > ih; e > eh"
    ),
    "f": "ff > f; f > f",
    "g": (
        "gh$ >; gh(?=t) >; gh(?=[aeiou]) > g; gn$ > n; (?<!.)gn > n; gg > g; gu(?=[aei]) > g; "
        "ge$ > jh; g(?=[ei]) > jh; g > g"
    ),
    "h": "(?<![cgpstw])h > hh; h >",
    "i": (
        "igh > ay; ie$ > iy; ies$ > iy z; ied$ > iy d; ie(?=nd) > eh; ie > iy; ir > er; "
        "i(?=nd$|ld$) > ay; io(?=n) > y ax; i(?=Ce(s|d)?$) > ay; ing > ih ng; i(?=[ao]) > iy; "
        "i$ > iy; i > ih"
    ),
    "j": "j > jh",
    "k": "(?<!.)kn > n; k > k",
    "l": "ll > l; le$(?<=Cle) > ax l; l(?=k$)(?<=[ao]l) >; l > l",
    "m": "mm > m; m > m",
    "n": "nn > n; ng$ > ng; ng(?=[^aeiouy]) > ng g; nk > ng k; n > n",
    "o": (
        "ough(?=t) > ao; ough > ow; oul(?=d) > uh; ould > uh d; our > ao r; ou(?=s$) > ax; ou > aw; "
        "ow(?=n$|d|er) > aw; (?<=[bchn])ow$ > aw; ow > ow; o(?=ver) > ow; or(?=r) > aa; oor > ao r; "
        "oo(?=k|d$) > uh; oo > uw; oar > ao r; oa > ow; oing > ow ih ng; oi > oy; oy > oy; "
        "or(?<=wor) > er; or > ao r; oe$ > ow; ove$ > ah v; o(?=Ce(s|d)?$) > ow; "
        "o(?=ld|ll$|lt) > ow; o(?=ss|ff|ng) > ao; on$(?<=[ti]on) > ax n; o$ > ow; o > aa"
    ),
    "p": "pp > p; ph > f; (?<!.)ps > s; p > p",
    "q": "qu > k w; q > k",
    "r": "rr > r; rh > r; r > r",
    "s": (
        "ss > s; sh > sh; sch > s k; sion > zh ax n; sure > zh er; (?<=V)s(?=V) > z; sc(?=[ei]) > s; "
        "(?<=[bdgvlmnr])s$ > z; (?<=V)s$ > z; s > s"
    ),
    "t": (
        "tion(?<=stion) > ch ax n; tion > sh ax n; ture > ch er; tch > ch; th(?=er|e$|ing$|y$) > dh; "
        "th > th; tt > t; ti(?=[ao]) > sh; t(?=le$)(?<=st) >; t > t"
    ),
    "u": (
        "ur > er; ui > uw; ue$ > uw; uy > ay; u(?=Ce(s|d)?$) > uw; (?<=[bpf])u(?=ll|sh) > uh; "
        "u(?=CV) > uw; u$ > uw; u > ah"
    ),
    "v": "v > v",
    "w": "wh(?=o) > hh; wh > w; wr > r; w > w",
    "x": "(?<!.)x > z; x > k s",
    "y": "(?<!.)y > y; y$(?<=^.y) > ay; y$(?<=^..y) > ay; y(?=Ce$) > ay; y(?=V) > y; y$ > iy; y > ih",
    "z": "zz > z; z > z",
}

_LETTERS: Final = {"V": "[aeiouy]", "C": "[bcdfghjklmnpqrstvwxz]"}
_DIGITS: Final = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]

_LENGTHS: Final = {
    "aa ae ao": 1.3, "ay aw ow oy ey iy uw er": 1.3, "ah eh ih uh": 0.9, "ax": 0.6, "s z sh zh f th": 1.1,
    "ch jh": 1.2, "v dh": 0.7, "p b t d k g": 0.8, "m n ng": 0.8, "l r w y hh": 0.7,
}  # fmt: skip
"""Of phone classes, relative to each other."""

_ENDINGS: Final = {
    "'s": ("",), "s": ("", "e"), "es": ("",), "ed": ("", "e", "<"), "ing": ("", "e", "<"), "ly": ("",),
}  # fmt: skip
"""Of each ending what may have been at the end of the word before: an e that was dropped, say, or one letter
(`<`) in place of two."""
_SAID: Final = {"ing": ("ih", "ng"), "ly": ("l", "iy")}

LENGTH: Final = {phone: length for phones, length in _LENGTHS.items() for phone in phones.split()}


def phones_of(word: str) -> Phones:
    """ARPABET phones of a word or a few, upper or lower case; punctuation is left out, digits are named.

    Never empty: what has no letter that is known is said as an open vowel.
    """
    return ways_of(word)[0]


def ways_of(word: str) -> tuple[Phones, ...]:
    """The ways in which it may be said, the likeliest first; of several words together only the first."""
    parts = [_ways(part) for part in _bare(word)]
    if len(parts) == 1 and parts[0][0]:
        return parts[0]
    return (tuple(phone for part in parts for phone in part[0]) or ("ah",),)


def is_spelled(word: str) -> bool:
    """It has letters or digits that are known."""
    return any(part.strip("'") for part in _bare(word))


def _bare(word: str) -> list[str]:
    """Its parts in small Latin letters and apostrophes."""
    plain = unicodedata.normalize("NFKD", word.lower().replace("\u2019", "'"))
    spelled = re.sub(r"[0-9]", lambda digit: f" {_DIGITS[int(digit[0])]} ", plain)
    return re.findall(r"[a-z']+", "".join(c for c in spelled if not unicodedata.combining(c)))


def spread(word: str, start: float, end: float) -> list[tuple[str, float, float]]:
    """The word's phones (ARPABET, start, end) in seconds, end to end, each by its class's usual length."""
    phones = phones_of(word)
    scale = (end - start) / sum(LENGTH[phone] for phone in phones)
    marks, at = [], start
    for phone in phones:
        marks.append((phone, at, at + LENGTH[phone] * scale))
        at = marks[-1][2]
    return marks


@lru_cache(maxsize=4096)
def _ways(word: str) -> tuple[Phones, ...]:
    for one in (word, word.strip("'")):
        if one in _WEAK:
            return tuple(tuple(way.split()) for way in _WEAK[one].split("|"))
        if known := pronounced.ways_of(one):
            return known
    return _inflected(word.strip("'")) or (by_rules(word),)


def _inflected(word: str) -> tuple[Phones, ...]:
    """The ways of a word that is known but for its ending."""
    for ending, bases in _ENDINGS.items():
        if word.endswith(ending) and len(stem := word[: -len(ending)]) > 1:
            for base in bases:
                left = stem[:-1] if base == "<" and stem[-2:-1] == stem[-1] else stem + base.strip("<")
                known = pronounced.ways_of(left) if base != "<" or left != stem else ()
                if known:
                    return tuple((*way, *_ending(ending, way[-1])) for way in known)
    return ()


def _ending(ending: str, last: str) -> Phones:
    if ending in ("'s", "s", "es"):
        return ("ih", "z") if last in ("s", "z", "sh", "zh", "ch", "jh") else ("z",)
    if ending == "ed":
        return ("ih", "d") if last in ("t", "d") else ("d",)
    return _SAID[ending]


def by_rules(word: str) -> Phones:
    """ARPABET phones of small letters and apostrophes, as they are spelled; none of apostrophes alone."""
    letters = word.replace("'", "")
    phones: list[str] = []
    at = 0
    while at < len(letters):
        found, heard = next(
            (found, heard) for rule, heard in _compiled()[letters[at]] if (found := rule.match(letters, at))
        )
        phones += heard
        at = found.end()
    return tuple(phones)


@cache
def _compiled() -> dict[str, list[tuple[re.Pattern[str], tuple[str, ...]]]]:
    """Each letter's last rule is the letter alone, so that one always matches."""
    rules: dict[str, list[tuple[re.Pattern[str], tuple[str, ...]]]] = {}
    for letter, text in _RULES.items():
        rules[letter] = []
        for rule in text.split(";"):
            pattern, _, heard = rule.partition(">")
            pattern = re.sub("[VC]", lambda kind: _LETTERS[kind[0]], pattern.strip())
            rules[letter].append((re.compile(pattern), tuple(heard.split())))
    return rules
