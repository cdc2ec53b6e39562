"""Messages of clients of `mien serve`: good ones, and what takes them."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any, Final

from fuzz import octets, trees
from mien.errors import FormatError
from mien.serve import commands as told
from mien.serve.allowed import Allowed
from mien.serve.coding import BadMessage, Chunk, chunk_bytes, chunk_of, command_of, hello_of, text_of
from mien.serve.doing import audio_of, character_of
from mien.serve.sounds import EncodedStream
from mien.serve.streams import Streams
from mien.talk import VisemeTimings

_PCM: Final = {"kind": "pcm", "stream": 2, "rate": 8000, "samples": "float32"}
_SAMPLES: Final[tuple[dict[str, Any], ...]] = (
    {"type": "hello", "id": 1, "token": "abc", "session": "x", "after": 3},
    {"type": "turn", "id": "a", "speaker": "wren", "text": "[happy] Hi", "audio": _PCM, "gap_s": -1.5},
    {"type": "turn", "speaker": "wren", "audio": {"kind": "file", "path": "talk/a.wav"}},
    {"type": "turn", "speaker": "wren", "audio": {"kind": "url", "url": "https://cdn.example/a.mp3"}},
    {
        "type": "turn",
        "speaker": "wren",
        "audio": {"kind": "base64", "data": "UklGRg=="},
        "words": [{"text": "Hi", "start_s": 0, "end_s": 0.4}],
        "cues": [{"kind": "gaze", "value": [0.5, 0]}, {"kind": "enter", "value": {"place": ["left", 1]}}],
        "timings": {"scheme": "oculus", "marks": [["aa", 0, 0.1]]},
    },
    {"type": "audio", "stream": 1, "data": "AAAA", "offset": 0, "last": True},
    {
        "type": "push_timings",
        "stream": 1,
        "timings": {"scheme": "words", "marks": [["Hi", 0, 0.4]]},
        "offset_s": 1,
    },
    {"type": "gaze", "who": "wren", "at": [0, 0.5], "pixels": True},
    {"type": "load", "key": "otto", "character": "otto", "place": "left", "size": 1.2},
    {"type": "frames", "id": 3, "format": "webp", "width": 640, "fps": 12.5},
)


def samples() -> list[bytes]:
    """Text messages, and pieces of sound."""
    character_of("otto", Allowed())  # which is imported with the first
    texts = [json.dumps(one).encode() for one in _SAMPLES]
    return [*texts, chunk_bytes(Chunk(1, b"\0" * 40, 0)), chunk_bytes(Chunk(1, b"abc", 0, last=True))]


def mutated(data: bytes, random: Random) -> bytes:
    """A text with another value somewhere; a piece of sound with other bytes."""
    return trees.as_json(data, random) if data.startswith(b"{") else octets.mutated(data, random)


def read(path: Path) -> None:
    """Take a message as a server does, up to where a stage would be told. Raises FormatError, and what a
    client would be told else."""
    data, streams = path.read_bytes(), Streams(2)
    allowed = Allowed([str(path.parent / "talk"), "https://cdn.example/"])
    streams.open(EncodedStream(1))
    try:
        if not data.startswith((b"\1", b"\2")):
            with suppress(BadMessage):  # as a first message, of which most are none
                hello_of(data.decode("utf-8", "replace"))
            _take(command_of(data), allowed, streams)
        elif (wrong := streams.take(chunk_of(data))) is not None:
            raise BadMessage(wrong)
    except BadMessage as bad:
        text_of(bad.error)
        raise FormatError(bad.error.sentence) from None


def _take(command: told.AnyCommand, allowed: Allowed, streams: Streams) -> None:
    match command:
        case told.Turn():
            audio_of(command.audio, allowed, streams)
        case told.Load():
            character_of(command.character, allowed)
        case told.PushTimings(stream=stream, timings=said):
            wrong = streams.push_timings(stream, VisemeTimings(said.scheme, said.marks), command.offset_s)
            if wrong is not None:
                raise BadMessage(wrong)
        case told.Audio():
            chunk = Chunk(command.stream, command.data, command.offset, command.last)
            if (wrong := streams.take(chunk)) is not None:
                raise BadMessage(wrong)
