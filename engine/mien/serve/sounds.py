"""The ways in which a client gives a turn's sound."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct

StreamNumber: TypeAlias = Annotated[
    int,
    Meta(ge=1, le=2**32 - 1, description="A number of the client's own for what it sends, used once."),
]
FeedKind: TypeAlias = Annotated[
    Literal["speech", "live"],
    Meta(description="`speech` plays all that came, however late; `live`, a microphone's, catches up."),
]


class _Sound(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind"):
    """`kind` names which."""


class EncodedStream(_Sound, frozen=True, tag="stream"):
    """An audio file in pieces, which are sent as chunks while they are being made."""

    stream: StreamNumber
    format: Annotated[
        Literal["mp3", "ogg", "wav", "aac", "flac", "webm"] | None,
        Meta(description="Its container, when known: saves some bytes of guessing."),
    ] = None
    feed: FeedKind = "speech"


class PcmStream(_Sound, frozen=True, tag="pcm"):
    """Samples, which are sent as chunks: little-endian, channels interleaved."""

    stream: StreamNumber
    rate: Annotated[int, Meta(ge=1000, le=768_000, description="Samples a second.")]
    channels: Annotated[int, Meta(ge=1, le=64, description="Mixed down to what is heard.")] = 1
    samples: Annotated[Literal["int16", "float32"], Meta(description="What each is.")] = "int16"
    feed: FeedKind = "speech"


class InlineSound(_Sound, frozen=True, tag="base64"):
    """An audio file as it is, in base64."""

    data: Annotated[bytes, Meta(description="The file.")]


class UrlSound(_Sound, frozen=True, tag="url"):
    """An http or https address that the server was told to allow."""

    url: Annotated[str, Meta(min_length=1, max_length=4096, description="http or https.")]


class FileSound(_Sound, frozen=True, tag="file"):
    """A file on the server's machine, in a folder that it was told to allow."""

    path: Annotated[
        str, Meta(min_length=1, max_length=4096, description="Absolute, or from where the server runs.")
    ]


Sound: TypeAlias = EncodedStream | PcmStream | InlineSound | UrlSound | FileSound
Streamed: TypeAlias = EncodedStream | PcmStream
