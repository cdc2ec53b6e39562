"""Messages to values and back; what is wrong with one that is none, in one sentence."""

from __future__ import annotations

import struct
import typing
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from mien.messages import did_you_mean, printable, quoted
from mien.serve.commands import AnyCommand, Hello
from mien.serve.parts import Command
from mien.serve.replies import AnyReply, Code, Error
from mien.serve.wrong import sentence_of

COMMANDS: Final[dict[str, type[Command]]] = {
    str(kind.__struct_config__.tag): kind for kind in typing.get_args(AnyCommand)
}
"""Every command by its `type`."""

AUDIO, PICTURE, SOUND = 1, 2, 3
"""The first byte of a binary message."""
CHUNK: Final = struct.Struct("<BBHIQ")
"""Before a chunk of a stream: 1; 1 where it is the last; 0; the stream; bytes of the stream before it."""
HEAD: Final = struct.Struct("<BBHHHIId")
"""Before a picture: 2; its format; width, height; 0; the frame's number; frames that this client was too slow
for so far; seconds of the session. Before sound: 3; 0 for int16 and 1 for float32; channels; 0; 0; the
rate; samples that the client was too slow for so far; seconds of the session at its end."""
FORMATS: Final = ("raw", "jpeg", "webp", "png")
"""Of pictures, by their number in `HEAD`."""

_LONGEST: Final = 300


class _Head(msgspec.Struct):
    """What can be known of a message that is none."""

    id: Any = None
    type: Any = None


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a stream."""

    stream: int
    data: bytes
    offset: int | None = None
    """Bytes of the stream before it; None: it follows."""
    last: bool = False


class BadMessage(Exception):
    """A message that means nothing; `error` is what is answered."""

    def __init__(self, error: Error) -> None:
        super().__init__(error.sentence)
        self.error = error


def command_of(data: str | bytes) -> AnyCommand:
    """The command in a text message. Raises BadMessage."""
    try:
        return _commands.decode(data)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise BadMessage(_refusal(data, error)) from None


def hello_of(data: str | bytes) -> Hello:
    """The hello in a first message. Raises BadMessage: of another nothing but its type is looked at."""
    if isinstance(data, bytes):
        raise BadMessage(_bad("say hello first, in a text message: this was not taken; send it again."))
    try:
        head = _heads.decode(data)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise BadMessage(_refusal(data, error)) from None
    if isinstance(head.type, str) and head.type in COMMANDS and head.type != "hello":
        sentence = f"say hello first: this {head.type} was not done; send it again."
        raise BadMessage(_bad(sentence, _id_of(head), head.type, "refused"))
    hello = command_of(data)
    assert isinstance(hello, Hello)
    return hello


def chunk_of(data: bytes) -> Chunk:
    """The chunk in a binary message. Raises BadMessage."""
    if len(data) < CHUNK.size:
        raise BadMessage(
            _bad(
                f"a binary message of {len(data)} bytes is too short: 16 bytes say what it is.", about="audio"
            )
        )
    kind, last, zero, stream, offset = CHUNK.unpack_from(data)
    if kind != AUDIO or last > 1 or zero:
        raise BadMessage(
            _bad(
                f"a binary message begins with {data[:4].hex(' ')}: begin a chunk with 1, then 1 or 0 "
                "for whether it is the last, and two zeros.",
                about="audio",
            )
        )
    return Chunk(stream, data[CHUNK.size :], offset, bool(last))


def chunk_bytes(chunk: Chunk) -> bytes:
    """The binary message of a chunk, as a client sends it."""
    return CHUNK.pack(AUDIO, chunk.last, 0, chunk.stream, chunk.offset or 0) + chunk.data


def text_of(reply: AnyReply) -> str:
    """The text message of a reply."""
    return _replies.encode(reply).decode()


def plain(value: object) -> Any:
    """A value that a stage gave, as JSON has it."""
    return msgspec.to_builtins(value, enc_hook=str, str_keys=True)


def _bad(sentence: str, id: Any = None, about: str = "", code: Code = "bad_message") -> Error:
    return Error(id=id, about=about, code=code, sentence=sentence)


def _refusal(data: str | bytes, error: Exception) -> Error:
    """What is wrong with a text message."""
    try:
        head = _heads.decode(data)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as cause:
        if isinstance(cause, msgspec.ValidationError):
            return _bad("a message is a JSON object with a type; this is something else.")
        why = printable(str(cause).rstrip("."), _LONGEST) or "it is nested too deeply"
        return _bad(f"a message is not valid JSON ({why}); send one object in each message.")
    id = _id_of(head)
    if not isinstance(head.type, str):
        return _bad(f"a message needs a type, a text; {did_you_mean('', COMMANDS)}", id)
    if (kind := COMMANDS.get(head.type)) is None:
        return _bad(f"there is no type {quoted(head.type)}; {did_you_mean(head.type, COMMANDS)}", id)
    return _bad(f"{head.type}: {sentence_of(str(error), kind, data)}", id, head.type)


def _id_of(head: _Head) -> str | int | None:
    """What the answer is to have."""
    id = head.id if isinstance(head.id, str | int) and not isinstance(head.id, bool) else None
    return None if isinstance(id, str) and len(id) > 200 else id


_commands: Final = msgspec.json.Decoder(AnyCommand)
_heads: Final = msgspec.json.Decoder(_Head)
_replies: Final = msgspec.json.Encoder(enc_hook=str)
