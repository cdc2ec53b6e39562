"""In one line: what of a face was found in art, what was guessed, and what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Final

from mien.importing.document import toml_string
from mien.importing.guess import Guess
from mien.importing.labels import HIDDEN, Labels
from mien.importing.lone import Lone
from mien.importing.names import family_of
from mien.importing.source import Path, path_text
from mien.messages import quoted

_PARTS: Final = {
    "eye": "eyes",
    "brow": "brows",
    "mouth": "mouth",
    "hair": "hair",
    "head": "head",
    "body": "body",
}
"""Families of roles that are told -> what they are called."""
_ALSO: Final = {"face": "head", "clothes": "body"}
_NEEDED: Final = ("eyes", "brows", "mouth")
"""Parts that are missed where they are not there."""
_MOST_NAMED: Final = 4
"""Most layers that are named of one part."""


def found_line(
    labels: Labels, guesses: Sequence[Guess], missing: Sequence[str], lone: Sequence[Lone] = ()
) -> str:
    """What was found, guessed and not found: `found: eyes, hair; guessed: mouth ('Layer 6'); not found:
    brows`. `missing`: what is not found; `lone`: what is there on one side alone."""
    ways = _ways(labels)
    said = {guess.part for guess in guesses}
    known = [part for part in ways if ways[part] & {"named", "given"} and part not in said]
    alone = {f"{one.part}s": one.found_as for one in lone if one.side}
    known = [alone.get(part, part) for part in known]
    painted = [part for part in ways if ways[part] == {"guessed"} and part not in said]
    guessed = [_named(guess) for guess in guesses]
    guessed += [f"{part} (painted, and found in the picture)" for part in painted]
    lines = (("found", known), ("guessed", guessed), ("not found", missing))
    return "; ".join(f"{what}: {', '.join(parts)}" for what, parts in lines if parts)


def missing_parts(labels: Labels, guesses: Sequence[Guess], given: Labels) -> tuple[str, ...]:
    """Which of eyes, brows and mouth were neither found nor guessed. `given`: the layers that somebody has
    corrected."""
    ways = _ways(labels)
    # Whole pictures have brows of their own.
    is_on_layers = (
        "named" in ways.get("eyes", ())
        or any(guess.part == "eyes" for guess in guesses)
        or any(family_of(label.role) == "eye" for label in given.values())
    )
    needed = _NEEDED if is_on_layers else ("eyes", "mouth")
    return tuple(part for part in needed if part not in ways)


def _ways(labels: Labels) -> dict[str, set[str]]:
    """Each part of a figure that there is -> how it is known."""
    ways: dict[str, set[str]] = {part: set() for part in _PARTS.values()}
    for label in labels.values():
        part = _PARTS.get(family := family_of(label.role)) or _ALSO.get(family)
        if part and label.state != HIDDEN:
            ways[part].add(label.how)
    return {part: how for part, how in ways.items() if how}


def guesses_line(guesses: Sequence[Guess], missing: Sequence[str], where: str) -> str:
    """What was guessed from which layers, what is missing, and how to correct it in the file `where`; empty
    where nothing was guessed, and no brows are missing: of all else that is, a remark tells."""
    if not guesses:
        how = f'If the art has some, write which layer is which under [layers] in {where}, as "LAYER" = '
        return f'brows: not found. {how}"brow left", and import again' if "brows" in missing else ""
    last = next((guess for guess in reversed(guesses) if guess.unsure), guesses[-1])
    if last.others:
        layers, role = last.others[0], "eye" if last.part == "eyes" else last.part
    else:
        layers, role = last.paths[:1], "plain"
    said = " and in the next line ".join(f'{toml_string(path_text(path))} = "{role}"' for path in layers)
    parts = [f"{guess.part}: guessed from {_layers(guess.paths)}{_doubt(guess)}" for guess in guesses]
    parts += [f"{part}: not found" for part in missing]
    return (
        f"{'; '.join(parts)}. If one is wrong, write what it is under [layers] in {where}, as {said}, and "
        "import again"
    )


def _named(guess: Guess) -> str:
    return f"{guess.part} ({_layers(guess.paths)}{_doubt(guess)})"


def _doubt(guess: Guess) -> str:
    if not guess.unsure:
        return ""
    return f", unsure: perhaps {_layers([*chain(*guess.others)])}" if guess.others else ", unsure"


def _layers(paths: Sequence[Path]) -> str:
    shown = ", ".join(quoted(path_text(path)) for path in paths[:_MOST_NAMED])
    left = len(paths) - _MOST_NAMED
    return f"{shown} and {left} more" if left > 0 else shown
