"""What is wrong with a message that means nothing: where, what stands there, and what may."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec
from msgspec import inspect

from mien.messages import did_you_mean, printable, quoted
from mien.serve.parts import Command

_LONGEST: Final = 300
_KINDS: Final = {
    "str": "a text", "int": "a whole number", "float": "a number", "bool": "true or false", "null": "null",
    "array": "a list", "object": "an object", "bytes": "a text in base64",
}  # fmt: skip
_BOUNDS: Final = {">=": "of {} or more", "<=": "of {} or less", ">": "above {}", "<": "below {}"}
_LENGTHS: Final = {">=": "at least {}", "<=": "at most {}", "": "{}"}
_UNKNOWN: Final = object()


def sentence_of(told: str, kind: type[Command], data: str | bytes) -> str:
    """What msgspec says of a message of a kind, as a sentence."""
    what, _, at = told.partition(" - at `$")
    at = at.rstrip("`").lstrip(".").replace("[...]", "[]")
    if found := re.fullmatch(r"Object contains unknown field `(.*)`", what, re.DOTALL):
        known = _fields(kind, at)
        place = f"{at} has" if at else "it has"
        return f"{place} no field {quoted(found[1])}; {did_you_mean(found[1], known)}"
    if found := re.fullmatch(r"Object missing required field `(.*)`", what, re.DOTALL):
        choices = _choices(kind, f"{at}.{found[1]}")
        give = f"give {either(choices)}." if choices else "give it."
        return f"{f'{at} lacks' if at else 'it lacks'} the field {found[1]}; {give}"
    if found := re.fullmatch(r"Expected `(.*)`, got `(.*)`", what, re.DOTALL):
        wanted, got = (_named(one) for one in found.groups())
        return f"{at or 'it'} is {got}; give {either(_choices(kind, at)) or wanted}."
    value = _value_at(data, at)
    is_now = f"{at or 'it'} is {quoted(value)}" if value is not _UNKNOWN else f"{at or 'it'} is no such thing"
    if what.startswith("Invalid") and (choices := _choices(kind, at)):
        return f"{is_now}; give {either(choices)}."
    if found := re.fullmatch(r"Expected `(.*)` (of length )?(>=|<=|>|<|) ?([-+.e\d]+)", what):
        return f"{is_now}; give {_limit(*found.groups())}."
    shown = printable(what[:1].lower() + what[1:], _LONGEST).replace("`", "")
    return f"{at or 'it'}: {shown}; docs/serve.md has what it may be."


def either(names: Iterable[str]) -> str:
    """Names in a sentence: a, b or c; empty for none."""
    *first, last = [*names] or [""]
    return f"{', '.join(first)} or {last}" if first else last


def _named(kinds: str) -> str:
    return " or ".join(dict.fromkeys(_KINDS.get(one.strip(), one.strip()) for one in kinds.split("|")))


def _limit(kind: str, length: str | None, sign: str, number: str) -> str:
    """A bound, as `a whole number of 1 or more`, or `a list of at least 2`."""
    named, number = _named(kind), number.removesuffix(".0")
    if length is None:
        return f"{named} {_BOUNDS[sign].format(number)}"
    counted = f" character{'' if number == '1' else 's'}" if kind == "str" else ""
    return f"{named} of {_LENGTHS[sign].format(number)}{counted}"


def _value_at(data: str | bytes, at: str) -> Any:
    """What a message has at a place."""
    try:
        value = msgspec.json.decode(data)
        for step in _steps(at):
            value = value[int(step) if isinstance(value, list) else step]
    except (msgspec.DecodeError, LookupError, TypeError, ValueError, RecursionError):
        return _UNKNOWN
    return value


def _steps(at: str) -> list[str]:
    """Of a place as `cues[0].kind`: cues, 0, kind."""
    return re.findall(r"[^.\[\]]+", at)


def _fields(kind: type[msgspec.Struct], at: str) -> list[str]:
    """The fields of what stands at a place."""
    found: dict[str, None] = {}
    for one in _types_at(kind, at):
        if isinstance(one, inspect.StructType):
            tag = [one.tag_field] if one.tag_field else []
            found |= dict.fromkeys([*tag, *(field.encode_name for field in one.fields)])
    return [*found]


def _choices(kind: type[msgspec.Struct], at: str) -> list[str]:
    """The texts that may stand at a place; none where that is not a choice."""
    found: dict[str, None] = {}
    for one in _types_at(kind, at):
        if not isinstance(one, inspect.LiteralType | inspect.NoneType):
            return []
        if isinstance(one, inspect.LiteralType):
            found |= dict.fromkeys(map(str, one.values))
    return [*found]


def _types_at(kind: type[msgspec.Struct], at: str) -> list[inspect.Type]:
    types = [*_plain(inspect.type_info(kind))]
    for step in _steps(at):
        types = [inner for one in types for inner in _within(one, step)]
    return types


def _plain(one: inspect.Type) -> Iterator[inspect.Type]:
    """What a type may be, without what is only said of it."""
    if isinstance(one, inspect.Metadata):
        yield from _plain(one.type)
    elif isinstance(one, inspect.UnionType):
        for inner in one.types:
            yield from _plain(inner)
    else:
        yield one


def _within(one: inspect.Type, step: str) -> Iterator[inspect.Type]:
    """What is inside of it at a step."""
    if isinstance(one, inspect.StructType):
        if step == one.tag_field:
            yield inspect.LiteralType((one.tag,))
        for field in one.fields:
            if field.encode_name == step:
                yield from _plain(field.type)
    elif isinstance(one, inspect.VarTupleType):
        yield from _plain(one.item_type)
    elif isinstance(one, inspect.TupleType):
        for inner in one.item_types:
            yield from _plain(inner)
