"""The published schema is what the structures say, and what is sent and told keeps to it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from mien.serve import replies
from mien.serve.coding import CHUNK, COMMANDS, HEAD, command_of, text_of
from mien.serve.messages_page import page
from mien.serve.schema import asyncapi

ROOT = Path(__file__).parents[2]
PUBLISHED = json.loads((ROOT / "docs/serve.asyncapi.json").read_text(encoding="utf-8"))

SENT = (
    {"type": "hello", "id": 1, "token": "x", "session": "y", "after": 3},
    {"type": "turn", "speaker": "wren", "audio": {"kind": "stream", "stream": 1, "format": "mp3"}},
    {
        "type": "turn",
        "id": "a",
        "speaker": "wren",
        "audio": {"kind": "pcm", "stream": 2, "rate": 24000, "samples": "float32"},
        "words": [{"text": "Hi", "start_s": 0, "end_s": 0.4}],
        "cues": [{"kind": "gaze", "value": [0.5, 0]}, {"kind": "enter", "value": {"place": ["left", 1]}}],
        "timings": {"scheme": "oculus", "marks": [["aa", 0, 0.1]]},
        "gap_s": -1,
    },
    {"type": "audio", "stream": 1, "data": "AAAA", "last": True},
    {"type": "push_timings", "stream": 1, "timings": {"scheme": "words", "marks": [["Hi", 0, 0.4]]}},
    {"type": "gaze", "who": "wren", "at": [0, 0.5]},
    {"type": "move", "who": "wren", "place": [0.5, 1], "size": 1.2},
    {"type": "frames", "format": "webp", "width": 640, "fps": 12.5},
    {"type": "interrupt"},
)
WRONG = (
    {"type": "nod"},
    {"type": "nod", "who": "wren", "dept": 1},
    {"type": "turn", "speaker": "wren", "audio": {"kind": "tape"}},
    {"type": "frames", "format": "gif"},
    {"type": "frames", "fps": 0},
    {"type": "gaze", "who": "wren", "at": [1]},
    {"type": "audio", "stream": 0},
)


def schema_of(name: str) -> dict[str, Any]:
    payload = PUBLISHED["components"]["messages"][name]["payload"]
    return {**payload, "components": PUBLISHED["components"]}


def test_what_is_published_is_true() -> None:
    """`python -m mien.serve.schema > docs/serve.asyncapi.json` writes it anew."""
    assert json.loads(json.dumps(asyncapi())) == PUBLISHED


def test_the_page_of_messages_is_true() -> None:
    """`python -m mien.serve.messages_page > docs/serve-messages.md` writes it anew."""
    assert (ROOT / "docs/serve-messages.md").read_text(encoding="utf-8") == page()


def test_every_field_is_described() -> None:
    """Of `type`, and of a `kind` that has one value, the message itself is the description."""
    missing = [
        f"{name}.{field}"
        for name, schema in PUBLISHED["components"]["schemas"].items()
        for field, held in schema["properties"].items()
        if not held.get("description") and len(held.get("enum", ())) != 1
    ]
    assert not missing


def test_every_message_is_in_it_and_described() -> None:
    messages = PUBLISHED["components"]["messages"]
    assert set(COMMANDS) <= set(messages)
    assert all(message["summary"] for message in messages.values())
    for schema in PUBLISHED["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)
    here = PUBLISHED["channels"]["session"]["messages"]
    for operation in PUBLISHED["operations"].values():
        for message in operation["messages"]:
            assert message["$ref"].rpartition("/")[2] in here
    assert f"{CHUNK.size} bytes" in messages["audio_chunk"]["description"]
    assert f"{HEAD.size} bytes" in messages["picture"]["description"]


@pytest.mark.parametrize("message", SENT, ids=lambda one: one["type"])
def test_what_the_schema_takes_the_server_takes(message: dict[str, Any]) -> None:
    jsonschema.validate(message, schema_of(message["type"]))
    command_of(json.dumps(message))


@pytest.mark.parametrize("message", WRONG, ids=lambda one: one["type"])
def test_what_the_server_refuses_the_schema_refuses(message: dict[str, Any]) -> None:
    from mien.serve.coding import BadMessage

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(message, schema_of(message["type"]))
    with pytest.raises(BadMessage):
        command_of(json.dumps(message))


@pytest.mark.parametrize(
    "reply",
    [
        replies.Welcome(session="s", version="0", width=1, height=1, fps=30.0, renderer="r"),
        replies.Answer(n=1, id="x", value={"turn": "turn-1"}),
        replies.Error(n=2, code="gap", sentence="no.", stream=1, received=3),
        replies.Event(kind="cue", turn="t", speaker="wren", cue=replies.HappenedCue(kind="nod", value=1.0)),
        replies.Warned(sentence="odd."),
        replies.Room(stream=1, received=2),
        replies.Bye(sentence="bye."),
    ],
    ids=lambda one: type(one).__name__,
)
def test_what_is_told_keeps_to_the_schema(reply: msgspec.Struct) -> None:
    told = json.loads(text_of(reply))  # type: ignore[arg-type]
    jsonschema.validate(told, schema_of(told["type"]))


def test_the_page_names_every_message_and_limit() -> None:
    page = (ROOT / "docs/serve.md").read_text(encoding="utf-8")
    messages = set(PUBLISHED["components"]["messages"]) - {"audio_chunk", "picture", "sound"}
    assert not [name for name in messages if f"`{name}`" not in page]
