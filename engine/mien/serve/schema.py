"""The messages as JSON Schema (2020-12), and as an AsyncAPI 3 document. Made of the structures alone.

`python -m mien.serve.schema > docs/serve.asyncapi.json` writes the published one.
"""

from __future__ import annotations

import json
import sys
import typing
from functools import cache
from typing import Any, Final

import msgspec

from mien.serve.commands import AnyCommand
from mien.serve.replies import AnyReply

_BINARY: Final = {
    "audio_chunk": (
        "A piece of a stream: 16 bytes, little-endian, then its data. u8 1; u8 1 where it is the last, else "
        "0; u16 0; u32 the stream; u64 bytes of the stream before it."
    ),
    "picture": (
        "A frame: 24 bytes, little-endian, then its data. u8 2; u8 0 raw, 1 jpeg, 2 webp, 3 png; u16 width; "
        "u16 height; u16 0; u32 the frame's number; u32 pictures that this client was too slow for so far; "
        "f64 seconds of the session. Raw: rows of R, G, B, A, premultiplied, the top one first."
    ),
    "sound": (
        "What was heard: 24 bytes, little-endian, then samples, channels interleaved. u8 3; u8 0 int16, "
        "1 float32; u16 channels; u16 0; u16 0; u32 samples a second; u32 samples that this client was too "
        "slow for so far; f64 seconds of the session at its end."
    ),
}


@cache
def schemas() -> dict[str, Any]:
    """A JSON Schema of every structure by its name."""
    kinds = (*typing.get_args(AnyCommand), *typing.get_args(AnyReply))
    _, components = msgspec.json.schema_components(kinds, ref_template="#/components/schemas/{name}")
    return dict(sorted(components.items()))


@cache
def asyncapi() -> dict[str, Any]:
    """The AsyncAPI document."""
    sent, told = typing.get_args(AnyCommand), typing.get_args(AnyReply)
    messages = {_name(kind): _message(kind) for kind in (*sent, *told)}
    for name, says in _BINARY.items():
        messages[name] = {
            "name": name,
            "contentType": "application/octet-stream",
            "summary": says.partition(":")[0] + ".",
            "description": says,
        }
    here = "#/channels/session/messages"
    inward, outward = [*map(_name, sent), "audio_chunk"], [*map(_name, told), "picture", "sound"]
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "mien serve",
            "version": "1",
            "description": "A stage for programs elsewhere. Text messages are JSON objects with a `type`; "
            "binary ones are sound and pictures. docs/serve.md tells how they go together.",
        },
        "defaultContentType": "application/json",
        "servers": {"here": {"host": "127.0.0.1:8765", "protocol": "ws"}},
        "channels": {
            "session": {
                "address": "/",
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
            }
        },
        "operations": {
            "told": {
                "action": "receive",
                "summary": "What a client sends: hello first.",
                "channel": {"$ref": "#/channels/session"},
                "messages": [{"$ref": f"{here}/{name}"} for name in inward],
            },
            "tells": {
                "action": "send",
                "summary": "What a client is sent.",
                "channel": {"$ref": "#/channels/session"},
                "messages": [{"$ref": f"{here}/{name}"} for name in outward],
            },
        },
        "components": {"messages": messages, "schemas": schemas()},
    }


def _name(kind: type[msgspec.Struct]) -> str:
    return str(kind.__struct_config__.tag)


def _message(kind: type[msgspec.Struct]) -> dict[str, Any]:
    return {
        "name": _name(kind),
        "summary": (kind.__doc__ or "").partition("\n")[0],
        "payload": {"$ref": f"#/components/schemas/{kind.__name__}"},
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncapi(), indent=2) + "\n")
