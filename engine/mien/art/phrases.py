"""What is said of an expression that looks wrong, and of art in which something is missing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from mien.messages import quoted
from mien.origin import Origin

SAY_SO: Final = (
    'say which layer in a file for `mien import --map`: [layers] "Layer 4" = "{}", or where it is painted: '
    "[boxes] {} = [left, top, width, height]"
)
"""How to mend that a part of the face was not found: its role, and its box."""

_PAINTED: Final = "if the {} was painted on another layer"
EYES_APART: Final = "put the iris of each eye on a layer of its own (`iris left`, `iris right`) and save"
"""How to have eyes that look elsewhere."""
MOUTHS: Final = {
    "shut mouth": "mouth sil",
    "open mouth": "mouth aa",
    "smiling mouth": "mouth smile",
    "frowning mouth": "mouth frown",
}
"""Mouths that may be missing, in plain words -> in those of corrections."""
_IN_A_MAP: Final = "under [layers] of a file for mien import --map"
_SHAPES: Final = {"SS": "teeth together", "aa": "wide open", "O": "round", "U": "pursed"}
"""Visemes of a mouth at rest -> what one sees."""
_CALLED: Final = {"white": "eye white"}
"""Words of corrections that are no names of layers -> what are."""
_IN_WORDS: Final = {role: words for words, role in MOUTHS.items()}


def painted_elsewhere(part: str, layer: str, line: str) -> str:
    """What to do about a layer in quotes on which almost nothing is drawn of a part. `line`: of a map, for
    where that is all of it."""
    return f"{_PAINTED.format(part)}, move it to {layer} and save, or, if that is all of it, write {line}"


def no_mouth(mends: Iterable[str]) -> str:
    """How to mend that no mouth was found; "" where one of these says it, as of `painted_elsewhere`."""
    is_told = any(mend.startswith(_PAINTED.format("mouth")) for mend in mends)
    return "" if is_told else SAY_SO.format("mouth", "mouth")


def mouth_role(mood: str, viseme: str) -> str:
    """A mouth of a mood, or for a viseme at rest, in the words of corrections: `mouth frown_SS`."""
    return f"mouth {'_'.join(word for word in (mood, viseme) if word not in ('neutral', 'sil'))}"


def own_mouth(mood: str, viseme: str) -> str:
    """What to do to have another mouth than that which was made for a mood, or for a viseme at rest."""
    shape = "" if viseme == "sil" else f" ({_SHAPES.get(viseme, 'open')})"
    return (
        f"the mouth is made by Mien; for one of your own{shape} draw it on a layer called "
        f"`{mouth_role(mood, viseme)}` and save"
    )


def that_mouth(layers: Sequence[str], role: str) -> str:
    """What to write where one of these layers is the mouth that was made."""
    lines = " or ".join(plain_lines({layer: role}) for layer in layers)
    return f"if {' or '.join(map(quoted, layers))} is that mouth, write {lines} {_IN_A_MAP}"


def or_call_it(role: str) -> str:
    """What else to do where a layer is a mouth that is missing; "" for all that is none."""
    return f", or call it `{role}` in the art and save" if role in _IN_WORDS else ""


def or_draw_it(role: str) -> str:
    """What else to do where no layer may be a part that is missing, in the words of corrections: it may be
    painted on another one, or nowhere."""
    part, *words = role.split(" ")
    name = " ".join((_CALLED.get(part, part), *words))
    return or_call_it(role) or f", or draw it on a layer called `{name}` and save"


def show_in_art(layers: str, count: int) -> str:
    """That layers, so many, are hidden, and what to do in the art."""
    are, it = ("is", "it") if count == 1 else ("are", "them")
    return f"{layers} {are} hidden in the art: show {it} there and save"


def of_origin(origin: Origin | None) -> str:
    """Where a drawing comes from, in brackets and a few words."""
    return "" if origin is None else f" ({origin.brief})"


def side_first(role: str) -> str:
    """A part in plain words: `right brow` for `brow right`, `irises` for `iris`, `shut mouth` for `mouth
    sil`."""
    if role in _IN_WORDS:
        return _IN_WORDS[role]
    part, _, which = role.partition(" ")
    return f"{which} {part}" if which else f"{part}{'s' if part.endswith('e') else 'es'}"


def plain_lines(layers: Mapping[str, str]) -> str:
    """Lines of a map: of each layer what it is."""
    lines = (f'{json.dumps(layer, ensure_ascii=False)} = "{what}"' for layer, what in layers.items())
    return " and in the next line ".join(lines)


def lines_of(layers: Mapping[str, str]) -> str:
    """The same, and where to write them."""
    return f"{plain_lines(layers)} {_IN_A_MAP}"


def import_again(told: str) -> str:
    """What is to be done in the art, for who does not watch it."""
    told = told.replace(" and save, or", " and save and import again, or")
    return f"{told}, and import again" if told.endswith(" and save") else told
