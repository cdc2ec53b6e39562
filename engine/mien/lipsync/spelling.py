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

_WORDS: Final = {
    "a": "ax", "the": "dh ax", "of": "ah v", "to": "t uw", "do": "d uw", "who": "hh uw", "two": "t uw",
    "one": "w ah n", "once": "w ah n s", "are": "aa r", "was": "w ah z", "were": "w er", "what": "w ah t",
    "where": "w eh r", "there": "dh eh r", "their": "dh eh r", "they": "dh ey", "said": "s eh d",
    "says": "s eh z", "have": "hh ae v", "give": "g ih v", "live": "l ih v", "you": "y uw", "your": "y ao r",
    "some": "s ah m", "come": "k ah m", "done": "d ah n", "none": "n ah n", "love": "l ah v", "people":
    "p iy p ax l", "i": "ay", "i'm": "ay m", "eye": "ay", "been": "b ih n", "very": "v eh r iy",
    "any": "eh n iy", "many": "m eh n iy", "again": "ax g eh n", "only": "ow n l iy", "would": "w uh d",
    "could": "k uh d", "should": "sh uh d", "put": "p uh t", "water": "w ao t er", "woman": "w uh m ax n",
    "women": "w ih m ih n", "because": "b ih k ao z", "does": "d ah z", "don't": "d ow n t", "no": "n ow",
    "so": "s ow", "go": "g ow", "hello": "hh eh l ow", "both": "b ow th", "most": "m ow s t",
    "mr": "m ih s t er",
    "mrs": "m ih s ih z", "dr": "d aa k t er", "brother": "b r ah dh er", "mother": "m ah dh er",
    "other": "ah dh er", "another": "ax n ah dh er", "nothing": "n ah th ih ng", "beautiful":
    "b y uw t ih f ax l", "through": "th r uw", "though": "dh ow", "enough": "ih n ah f", "sure": "sh uh r",
    "good": "g uh d", "look": "l uh k", "book": "b uh k", "blood": "b l ah d", "this": "dh ih s",
    "that": "dh ae t", "than": "dh ae n", "then": "dh eh n", "them": "dh eh m", "these": "dh iy z",
    "those": "dh ow z", "with": "w ih dh", "is": "ih z", "his": "hh ih z", "as": "ae z", "has": "hh ae z",
    "hour": "aw er", "honest": "aa n ih s t", "heart": "hh aa r t", "busy": "b ih z iy",
    "know": "n ow", "own": "ow n", "every": "eh v r iy", "upon": "ax p aa n",
    "get": "g eh t", "getting": "g eh t ih ng", "forget": "f er g eh t", "together": "t ax g eh dh er",
    "girl": "g er l", "begin": "b ih g ih n", "beginning": "b ih g ih n ih ng", "loves": "l ah v z",
    "loved": "l ah v d", "comes": "k ah m z", "becomes": "b ih k ah m z", "welcome": "w eh l k ax m",
    "gives": "g ih v z", "having": "hh ae v ih ng", "something": "s ah m th ih ng",
    "someone": "s ah m w ah n", "anything": "eh n iy th ih ng", "anyone": "eh n iy w ah n",
    "everything": "eh v r iy th ih ng", "everyone": "eh v r iy w ah n", "into": "ih n t uw",
    "wanted": "w ao n t ih d", "shall": "sh ae l", "our": "aw er", "hours": "aw er z", "eyes": "ay z",
    "idea": "ay d iy ax", "open": "ow p ax n", "opened": "ow p ax n d", "moment": "m ow m ax n t",
    "even": "iy v ax n", "seven": "s eh v ax n", "zero": "z ih r ow", "around": "ax r aw n d",
    "ready": "r eh d iy", "already": "ao l r eh d iy", "always": "ao l w ey z", "almost": "ao l m ow s t",
    "also": "ao l s ow", "oh": "ow", "business": "b ih z n ax s", "listen": "l ih s ax n",
    "listening": "l ih s ax n ih ng", "pretty": "p r ih t iy", "myself": "m ay s eh l f",
    "he's": "hh iy z", "she's": "sh iy z", "lost": "l ao s t", "happen": "hh ae p ax n",
    "happened": "hh ae p ax n d", "doing": "d uw ih ng", "being": "b iy ih ng", "tough": "t ah f",
    "later": "l ey t er", "however": "hh aw eh v er", "different": "d ih f r ax n t",
    "interesting": "ih n t r ax s t ih ng", "certainly": "s er t ax n l iy", "talking": "t ao k ih ng",
    "walked": "w ao k t", "walking": "w ao k ih ng", "use": "y uw s", "science": "s ay ax n s",
    "quiet": "k w ay ax t", "laughed": "l ae f t", "clothes": "k l ow dh z", "answer": "ae n s er",
    "baby": "b ey b iy", "truth": "t r uw th", "final": "f ay n ax l",
    "young": "y ah ng", "move": "m uw v", "shoes": "sh uw z", "maybe": "m ey b iy", "soup": "s uw p",
}  # fmt: skip

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
_LENGTH: Final = {phone: length for phones, length in _LENGTHS.items() for phone in phones.split()}


def phones_of(word: str) -> tuple[str, ...]:
    """ARPABET phones of a word or a few, upper or lower case; punctuation is left out, digits are named.

    Never empty: what has no letter that is known is said as an open vowel.
    """
    plain = unicodedata.normalize("NFKD", word.lower().replace("\u2019", "'"))
    spelled = re.sub(r"[0-9]", lambda digit: f" {_DIGITS[int(digit[0])]} ", plain)
    bare = "".join(c for c in spelled if not unicodedata.combining(c))
    phones = [phone for part in re.findall(r"[a-z']+", bare) for phone in _phones(part)]
    return tuple(phones) or ("ah",)


def spread(word: str, start: float, end: float) -> list[tuple[str, float, float]]:
    """The word's phones (ARPABET, start, end) in seconds, end to end, each by its class's usual length."""
    phones = phones_of(word)
    scale = (end - start) / sum(_LENGTH[phone] for phone in phones)
    marks, at = [], start
    for phone in phones:
        marks.append((phone, at, at + _LENGTH[phone] * scale))
        at = marks[-1][2]
    return marks


@lru_cache(maxsize=4096)
def _phones(word: str) -> tuple[str, ...]:
    known = _WORDS.get(word) or _WORDS.get(word.strip("'"))
    if known is not None:
        return tuple(known.split())
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
