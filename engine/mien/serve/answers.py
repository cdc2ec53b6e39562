"""How a command ended, as its client is told."""

from __future__ import annotations

from concurrent.futures import CancelledError, Future
from typing import Final

from mien.errors import Closed, MienError, NotAllowed
from mien.messages import printable
from mien.serve.commands import Turn
from mien.serve.doing import Value
from mien.serve.parts import Command, tag_of
from mien.serve.replies import Answer, Code, Error
from mien.serve.sounds import EncodedStream, PcmStream
from mien.serve.streams import Streams

_CODES: Final[tuple[tuple[type[Exception], Code], ...]] = (
    (NotAllowed, "not_allowed"),
    (Closed, "closed"),
    (MienError, "refused"),
)


def answered(command: Command, done: Future[Value], streams: Streams) -> Answer | Error | None:
    """What is told once `done` is; None: nothing, for a command without an id that was done. On the client's
    thread: the stream of a turn that was refused is forgotten."""
    try:
        value = done.result()
    except CancelledError:
        error: Exception = Closed("this server is ending; connect to another.")
    except Exception as raised:
        error = raised
    else:
        return None if command.id is None else Answer(id=command.id, value=value)
    if isinstance(command, Turn) and isinstance(command.audio, EncodedStream | PcmStream):
        streams.forget(command.audio.stream)
    return refused(command, error)


def refused(command: Command, error: Exception) -> Error:
    """What is told of what a command raised."""
    about = tag_of(type(command).__name__)
    for kind, code in _CODES:
        if isinstance(error, kind):
            return Error(id=command.id, about=about, code=code, sentence=str(error))
    what = printable(f"{type(error).__name__}: {error}", 300)
    return Error(id=command.id, about=about, code="failed", sentence=f"{about} failed ({what}); report it.")
