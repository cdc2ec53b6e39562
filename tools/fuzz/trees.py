"""Mutations of documents: values of other kinds and sizes, keys renamed and doubled, deep nesting."""

from __future__ import annotations

import copy
import json
import re
import tomllib
from collections.abc import Callable
from random import Random
from typing import Any
from xml.sax.saxutils import escape

from fuzz import octets
from mien.testing.character import toml_of

NAMES = (
    "../outside/secret.wav",
    "../../outside/secret.png",
    "/etc/passwd",
    "file:///etc/passwd",
    "http://127.0.0.1:9/a.wav",
    "concat:../outside/secret.wav|a.wav",
    "\\\\server\\share\\a.wav",
    "a/../../outside/secret.wav",
    "CON",
    "-",
    ".",
    "..",
    "~",
)
"""What a document may not reach."""

VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 255, 256, 65537, 2**31, 2**63, -(2**63), 10**100, 10**4000,
    0.5, -0.0, 1e-320, 1e308, -1e308, float("inf"), float("nan"),
    "", " ", "a" * 300, "b" * 100_000, "\x1b[31mred", "[/]", "[bold]", "\u202eevil", "\u0130", "é" * 70,
    "喜び",
    "\0", "\n", "\ud800", "😀" * 30, "[happy" + " " * 20_000, "(" * 5000,
    [], {}, [[]], [{}], [0] * 5000, ["x"] * 3000, [[0, 0, 0] for _ in range(2000)],
    {f"k{i}": i for i in range(2000)},
    *NAMES,
)  # fmt: skip
"""No list is in one of them twice: what is changed in it would be changed at every place, and with a copy of
the whole in it it would grow by a power."""

_DEEP = (50, 400, 20_000)
"""Levels of nesting; the last is beyond every parser's."""

_HEAVIEST = 4_000_000
"""Characters that copies of one value may come to: copies of copies would have no end."""

Path = tuple[Any, ...]


def changed(document: Any, random: Random) -> Any:
    """A copy with one to four changes."""
    out = copy.deepcopy(document)
    for _ in range(random.choice((1, 1, 1, 2, 4))):
        out = _change(out, random)
    return out


def toml(data: bytes, random: Random) -> bytes:
    """A mutated TOML file."""
    document = tomllib.loads(data.decode())
    return _written(data, random, lambda: toml_of(changed(document, random)).encode("utf-8", "surrogatepass"))


def as_json(data: bytes, random: Random) -> bytes:
    """A mutated JSON file."""

    def structured() -> bytes:
        document = changed(json.loads(data), random)
        return json.dumps(document, ensure_ascii=random.random() < 0.5).encode("utf-8", "surrogatepass")

    return _written(data, random, structured)


def json_lines(data: bytes, random: Random) -> bytes:
    """A mutated file with a JSON document a line."""
    lines = data.splitlines()
    if random.random() < 0.25:
        i, j = random.randrange(len(lines)), random.randrange(len(lines))
        match random.randrange(4):
            case 0:
                lines[i], lines[j] = lines[j], lines[i]
            case 1:
                del lines[i]
            case 2:
                lines[i:i] = [lines[j]] * random.choice((1, 2, 500))
            case _:
                lines[i] = octets.mutated(lines[i], random)
    else:
        for _ in range(random.choice((1, 1, 3, 20))):
            i = random.randrange(len(lines))
            try:
                lines[i] = as_json(lines[i], random)
            except ValueError:  # it is broken already
                lines[i] = octets.mutated(lines[i], random)
    return b"\n".join(lines) + b"\n"


def _written(data: bytes, random: Random, structured: Callable[[], bytes]) -> bytes:
    kind = random.random()
    if kind < 0.15:
        return octets.mutated(data, random)
    if kind < 0.2:
        return _nested(data, random)
    try:
        out = structured()
    except (ArithmeticError, RecursionError, TypeError, ValueError):  # what cannot be written at all
        return octets.mutated(data, random)
    return octets.mutated(out, random) if random.random() < 0.1 else out


def _nested(data: bytes, random: Random) -> bytes:
    """Deep lists or tables where there was a value."""
    depth = random.choice(_DEEP)
    opening, closing = random.choice(((b"[", b"]"), (b"{a=", b"}"), (b'{"a":', b"}"), (b"[[[", b"]]]")))
    places = [i for i in range(len(data)) if data[i : i + 1] in b"=:"] or [0]
    at = random.choice(places) + 1
    return data[:at] + opening * depth + b"1" + closing * depth + data[at:]


def _paths(node: Any, at: Path = ()) -> list[Path]:
    found = [at] if at else []
    if isinstance(node, dict):
        for key, value in node.items():
            found += _paths(value, (*at, key))
    elif isinstance(node, list):
        for i, value in enumerate(node[:200]):
            found += _paths(value, (*at, i))
    return found


def _change(document: Any, random: Random) -> Any:
    paths = _paths(document)
    if not paths:
        return random.choice(VALUES)
    path = random.choice(paths)
    holder = document
    for key in path[:-1]:
        holder = holder[key]
    key, value = path[-1], holder[path[-1]]
    match random.randrange(8):
        case 0:
            del holder[key]
        case 1 if isinstance(holder, dict):
            holder[_name(random)] = holder.pop(key)
        case 1 | 2 if isinstance(holder, list):
            many = min(random.choice((1, 2, 300)), max(1, _HEAVIEST // _weight(value)))
            holder[key:key] = [copy.deepcopy(value) for _ in range(many)]
        case 2 if isinstance(holder, dict):
            holder[_name(random)] = copy.deepcopy(random.choice(VALUES))
        case 3 if isinstance(value, int | float):
            holder[key] = value * random.choice((-1, 0, 2, 0.5, 1000, 1e9, 1e300))
        case 4 if isinstance(value, str):
            at = random.randrange(len(value) + 1)
            holder[key] = value[:at] + str(random.choice(VALUES))[:5000] + value[at:]
        case 5:
            other = document
            for step in random.choice(paths):
                other = other[step]
            holder[key] = copy.deepcopy(other)
        case _:
            holder[key] = copy.deepcopy(random.choice(VALUES))
    return document


def _weight(node: Any) -> int:
    """About how many characters it is when written; 1 at least."""
    if isinstance(node, dict):
        return 1 + sum(len(key) + _weight(value) for key, value in node.items())
    if isinstance(node, list):
        return 1 + sum(map(_weight, node))
    return 1 + len(node) if isinstance(node, str) else 8


def _name(random: Random) -> str:
    return random.choice(
        ("", "a", "x" * 70, "y" * 50_000, "\x1b[1m", "é", "[/]", "a.b", "__class__", "\ud800", "name")
    )


def xml(data: bytes, random: Random) -> bytes:
    """Mutated XML: other values of attributes, elements doubled and nested."""
    if random.random() < 0.2:
        return octets.mutated(data, random)
    text = data.decode("utf-8", "replace")
    for _ in range(random.choice((1, 1, 2, 4))):
        found = list(re.finditer(r'([\w:.-]+)="([^"]*)"', text))
        elements = list(re.finditer(r"<(\w+)[^<>]*>", text))
        if random.random() < 0.6 and found:
            match = random.choice(found)
            value = random.choice((*MODES, *map(_as_text, VALUES), _as_text(random.choice(found)[2])))
            text = text[: match.start(2)] + value + text[match.end(2) :]
        elif elements:
            match, many = random.choice(elements), random.choice((1, 2, 70, 3000))
            whole = match[0] if match[0].endswith("/>") else f"{match[0]}</{match[1]}>"
            piece = random.choice(
                (whole, match[0], f"</{match[1]}>", "<a>", "<![CDATA[", "<!DOCTYPE a>", "&#0;")
            )
            text = text[: match.start()] + piece * many + text[match.start() :]
    return text.encode("utf-8", "surrogatepass")


MODES = (
    "mypaint:spectral-wgm", "krita:hard mix", "svg:src-atop", "svg:dst-in", "svg:-dp-minus", "svg:luminosity",
    "isolate", "auto", "hidden", "stack.xml", "mimetype", "/data/a.png", "8192", "8193", "0",
)  # fmt: skip
"""Values that ORA's attributes know."""


def _as_text(value: Any) -> str:
    huge = isinstance(value, int) and value > 10**100  # Python writes no more than 4300 digits
    return escape("9" * 4000 if huge else str(value)[:20_000], {'"': "&quot;"})
