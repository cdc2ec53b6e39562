"""Values to bytes and back, typed: what msgspec does not know by itself."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any, TypeVar, get_origin

import msgspec
import numpy as np

from mien.backend.messages import FromEngine, FromHost

_Value = TypeVar("_Value")


def encoded(value: object) -> bytes:
    """As MessagePack. Raises TypeError for what cannot be sent."""
    return _encoder.encode(value)


def from_host(data: bytes | bytearray) -> FromHost:
    """A message of the host's."""
    return _hosts.decode(data)


def from_engine(data: bytes | bytearray) -> FromEngine:
    """A message of the engine's."""
    return _engines.decode(data)


def decoded(data: bytes | msgspec.Raw, kind: Any) -> Any:
    """What `encoded` gave, as this type."""
    return msgspec.msgpack.decode(data, type=kind, dec_hook=_build)


def as_type(value: object, kind: Any) -> object:
    """What was decoded without a type as this one; as it is where it cannot be: whoever takes it says why."""
    try:
        return msgspec.convert(value, kind, dec_hook=_build)
    except (msgspec.ValidationError, TypeError):
        return tuple(value) if isinstance(value, list) else value  # what is sent is as a list there


def _plain(value: object) -> object:
    if isinstance(value, np.ndarray):
        return {"shape": value.shape, "data": np.ascontiguousarray(value).tobytes()}
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, PurePath):
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} cannot be sent")


def _build(kind: Any, value: Any) -> Any:
    if get_origin(kind) is np.ndarray or kind is np.ndarray:
        return np.frombuffer(value["data"], np.uint8).reshape(value["shape"]).copy()
    if isinstance(kind, type) and issubclass(kind, PurePath):
        return kind(value)
    raise TypeError(f"{kind} is unknown")


_encoder = msgspec.msgpack.Encoder(enc_hook=_plain)
_hosts = msgspec.msgpack.Decoder(FromHost, dec_hook=_build)
_engines = msgspec.msgpack.Decoder(FromEngine, dec_hook=_build)
