"""What the process runs that encodes a clip, for a program whose frames must not be late.

Each line that it reads is a list: `["frame", place, samples]`, of which the picture lies at a place of the
shared memory, and the sound follows the line; `["flush"]`; `["close"]`. Each is answered by a line of JSON:
what went wrong, if anything did. It ends when nobody can ask any more.
"""

from __future__ import annotations

import json
import os
import sys
from fractions import Fraction
from pathlib import Path
from time import perf_counter_ns, process_time_ns
from typing import IO, Any, Final

import numpy as np

from mien.clock import FrameRate
from mien.shared_memory import SharedMemory
from mien.stage.encoder import Encoder, Frame
from mien.stage.encoders import Chosen
from mien.thread_priority import step_aside
from mien.types import U8, Size

_MOST_WAITED: Final = 4
"""Times the processor time that was needed: beside a stage that draws in software it is 1.5."""


def main() -> None:
    """Answer until nobody asks any more."""
    # What libraries print must not stand between the answers.
    out, asked = os.fdopen(os.dup(1), "wb"), sys.stdin.buffer
    os.dup2(2, 1)
    told = json.loads(sys.argv[1])
    try:
        encoder, rooms = _opened(told)
    except Exception as error:  # whatever encoders and disks raise
        _say(out, error)
        return
    # Only now: to get here takes some 0.3 s, and pictures wait meanwhile.
    if has_room(perf_counter_ns() - told["begun_ns"], process_time_ns()):
        step_aside()
    _say(out, None)
    while (line := asked.readline()).endswith(b"\n"):
        try:
            _do(encoder, rooms, asked, *json.loads(line))
        except Exception as error:
            _say(out, error)
        else:
            _say(out, None)
    os._exit(0)  # without the end of a file that nobody waits for


def has_room(passed_ns: int, ran_ns: int) -> bool:
    """Whether the cores are not all wanted by others: of the time since it was begun it ran for a part.

    Where they are, who has stepped aside gets next to nothing, and most pictures would be lost.
    """
    return passed_ns < _MOST_WAITED * ran_ns


def _opened(told: dict[str, Any]) -> tuple[Encoder, list[U8]]:
    size, (descriptor, places) = Size(*told["size"]), told["memory"]
    shape = (size.height, size.width, 4)
    one = 4 * size.height * size.width
    memory = SharedMemory.opened(descriptor, places * one)
    codecs, *others = told["chosen"]
    chosen = Chosen(tuple(codecs), *others)
    encoder = Encoder(Path(told["path"]), size, FrameRate.of(Fraction(*told["rate"])), chosen)
    return encoder, [memory.array(nth * one, shape) for nth in range(places)]


def _do(
    encoder: Encoder, rooms: list[U8], asked: IO[bytes], what: str, place: int = 0, samples: int = 0
) -> None:
    if what == "frame":
        sound = np.frombuffer(asked.read(8 * samples), np.float32).reshape(2, samples)
        encoder.encode(Frame(rooms[place], sound))
    elif what == "flush":
        encoder.flush()
    else:
        encoder.close()


def _say(out: IO[bytes], error: Exception | None) -> None:
    answer: dict[str, object] = {}
    if error is not None:
        answer["error"] = getattr(error, "strerror", None) or str(error)
        if isinstance(error, OSError):
            answer["errno"] = error.errno
    out.write(json.dumps(answer).encode() + b"\n")
    out.flush()
