"""docs/serve-messages.md: every message and every field, made of the structures alone.

`python -m mien.serve.messages_page > docs/serve-messages.md` writes it.
"""

from __future__ import annotations

import json
import sys
import typing
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from mien.serve import commands as told
from mien.serve.commands import AnyCommand, StageCommand
from mien.serve.parts import MouthTimes, Staged, TimedCue, WordTime
from mien.serve.replies import AnyReply, HappenedCue
from mien.serve.schema import schemas
from mien.serve.sounds import Sound
from mien.serve.wrong import either

_HEAD: Final = """# Messages of `mien serve`

<!-- Made by `python -m mien.serve.messages_page > docs/serve-messages.md`; a test holds it to them. -->

Every message and every field. [serve.md](serve.md) has how they go together, [the
schema](serve.asyncapi.json) the same for programs. A field without a default has to be given, and one that a
message does not have is refused. What is sent may have an `id`: {id}
Names have up to 400 characters, keys 1 to 200; numbers are from -1e9 to 1e9.
"""
_REF: Final = "#/components/schemas/"
_WIDE: Final = 1e9
"""A bound that stands for none."""
_SHORT: Final = 400
"""Characters that a name may have, of which nothing is said."""


def page() -> str:
    """The page."""
    of_stage = typing.get_args(StageCommand)
    of_session = tuple(kind for kind in typing.get_args(AnyCommand) if kind not in of_stage)
    first = (told.Hello, told.Turn)
    parts = (*typing.get_args(Sound), WordTime, TimedCue, Staged, MouthTimes, HappenedCue)
    id = str(schemas()["Hello"]["properties"]["id"]["description"])
    lines = [_HEAD.format(id=id[:1].lower() + id[1:])]
    for title, kinds in (
        ("What a client sends", (*first, *(kind for kind in of_session if kind not in first))),
        ("What is done on the stage", tuple(kind for kind in of_stage if kind not in first)),
        ("What a client is told", typing.get_args(AnyReply)),
        ("Parts of them", parts),
    ):
        lines += [f"## {title}", ""]
        for kind in kinds:
            lines += _section(kind)
    return "\n".join(lines).rstrip() + "\n"


def _section(kind: type[msgspec.Struct]) -> Iterator[str]:
    schema = schemas()[kind.__name__]
    yield f"### {_name(kind.__name__)}"
    yield ""
    yield " ".join((kind.__doc__ or "").split())
    yield ""
    fields = {name: field for name, field in schema["properties"].items() if name not in ("type", "id")}
    if not fields:
        return
    yield "| field | is | default | |"
    yield "|---|---|---|---|"
    for name, field in fields.items():
        default = "" if name in schema["required"] else f"`{json.dumps(field.get('default'))}`"
        yield f"| `{name}` | {_kind(field)} | {default} | {field.get('description', '')} |"
    yield ""


def _name(structure: str) -> str:
    """What a structure is called on the page: by its `type`, or `kind`, where it has one."""
    tags = schemas()[structure]["properties"]
    for field in ("type", "kind"):
        if len(choices := tags.get(field, {}).get("enum", ())) == 1:
            return f"`{choices[0]}`" if field == "type" else f"audio: `{choices[0]}`"
    return {
        "WordTime": "a word", "TimedCue": "a cue", "Staged": "a staging", "MouthTimes": "mouth shapes",
        "HappenedCue": "a cue that happened",
    }[structure]  # fmt: skip


def _kind(field: dict[str, Any]) -> str:
    """What a field holds, in words."""
    if (reference := field.get("$ref")) is not None:
        return _link(str(reference).removeprefix(_REF))
    if (several := field.get("anyOf")) is not None or "enum" in field:
        return either(dict.fromkeys(name for one in several or (field,) for name in _kinds(one)))
    match field.get("type"):
        case "string":
            return "a text in base64" if field.get("contentEncoding") == "base64" else _text(field)
        case "integer" | "number" as kind:
            return ("a whole number" if kind == "integer" else "a number") + _bounds(field)
        case "boolean":
            return "true or false"
        case "null":
            return "null"
        case "array":
            return _list(field)
        case "object":
            return "an object"
    return "anything"


def _kinds(field: dict[str, Any]) -> list[str]:
    """Each of several that a field may hold."""
    if (choices := field.get("enum")) is not None:
        return ["null" if choice is None else f"`{choice}`" for choice in choices]
    return [_kind(field)]


def _text(field: dict[str, Any]) -> str:
    most = field.get("maxLength", 0)
    return "a text" if most <= _SHORT else f"a text of up to {most} characters"


def _list(field: dict[str, Any]) -> str:
    if "prefixItems" in field:
        return f"[{', '.join(_kind(one) for one in field['prefixItems'])}]"
    inner = _kind(field["items"]) if isinstance(field.get("items"), dict) else "anything"
    if field.get("minItems") is not None and field.get("minItems") == field.get("maxItems"):
        return f"a list of {field['minItems']} (each {inner})"
    most = field.get("maxItems")
    return f"a list of {f'up to {most} ' if most else ''}(each {inner})"


def _bounds(field: dict[str, Any]) -> str:
    low, high = field.get("minimum"), field.get("maximum")
    least, most = (value is not None and abs(value) != _WIDE for value in (low, high))
    if (above := field.get("exclusiveMinimum")) is not None:
        return f" above {above:g}" + (f", up to {high:g}" if most else "")
    if least and most:
        return f" from {low:g} to {high:.10g}"
    return f" from {low:g} on" if least else f" up to {high:.10g}" if most else ""


def _link(structure: str) -> str:
    name = _name(structure)
    anchor = "".join(c for c in name.replace(" ", "-") if c.isalnum() or c in "-_").lower()
    return f"[{name.replace('`', '')}](#{anchor})"


if __name__ == "__main__":
    sys.stdout.write(page())
