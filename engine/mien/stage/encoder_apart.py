"""An encoder in a process of its own: frames share neither its interpreter's lock nor its threads' turns."""

from __future__ import annotations

import json
import subprocess
import threading
from contextlib import suppress
from pathlib import Path
from time import perf_counter_ns
from typing import Any, Final

import numpy as np

from mien.clock import FrameRate
from mien.processes import begin_python, end, kill
from mien.shared_memory import SharedMemory
from mien.stage.encoder import Frame
from mien.stage.encoders import Chosen
from mien.types import Size

_CODE: Final = "from mien.stage.encoder_child import main; main()"
_FEW_THREADS: Final = {"OPENBLAS_NUM_THREADS": "1"}
"""NumPy makes some for algebra that nobody does there, before they could step aside."""
_ENDS_S: Final = 3.0
"""Longest that it may take to end once its file is whole."""
_OPENS_S: Final = 20.0
"""Longest that it may take until it is ready."""


class EncoderGone(Exception):
    """The process has ended before it answered. As text: a sentence without its end."""


class EncoderApart:
    """As `Encoder`, of which it is told the same. Nothing is begun before `begin`.

    Parameters: as of `Encoder`; `places`, for how many pictures there is room that the process sees as well.
    Raises OSError where there is no memory.
    """

    def __init__(self, path: Path, size: Size, rate: FrameRate, chosen: Chosen, places: int) -> None:
        shape = (size.height, size.width, 4)
        one, places = int(np.prod(shape)), places + 1  # for what comes from elsewhere
        self._memory = SharedMemory.make(places * one)
        self._rooms = [self._memory.array(nth * one, shape) for nth in range(places)]
        self.pictures: Final = self._rooms[:-1]
        """(h, w, 4) uint8 each, to be written into: what is encoded of them is not copied once more."""
        self._told: dict[str, object] = {
            "path": str(path),
            "size": size,
            "rate": [rate.exact.numerator, rate.exact.denominator],
            "chosen": chosen,
            "memory": [self._memory.descriptor, places],
        }
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """Of the process; None where there is none."""
        return None if self._process is None else self._process.pid

    def begin(self) -> bool:
        """Begin the process, of the calling thread's priority, and wait until it is ready; False where none
        can be had, or it cannot open the file."""
        with suppress(OSError):  # or there is no Python to start
            told = json.dumps({**self._told, "begun_ns": perf_counter_ns()})
            self._process = begin_python(_CODE, told, handed=(self._memory.descriptor,), environ=_FEW_THREADS)
            late = threading.Timer(_OPENS_S, kill, (self._process,))
            late.daemon = True
            with suppress(EncoderGone, RuntimeError):  # or no thread more can be started
                late.start()
                try:
                    self._answer()
                finally:
                    late.cancel()
                return True
        self._end(0.0)
        return False

    def encode(self, frame: Frame) -> None:
        """As of `Encoder`. Raises OSError and RuntimeError in the place of what it raises; EncoderGone."""
        room = next((nth for nth, one in enumerate(self._rooms) if one is frame.pixels), -1)
        if room < 0:
            room = len(self._rooms) - 1
            np.copyto(self._rooms[room], frame.pixels)
        self._ask("frame", room, frame.sound.shape[1], more=frame.sound.tobytes())

    def flush(self) -> None:
        """As of `Encoder`; raises as `encode`."""
        self._ask("flush")

    def close(self) -> None:
        """As of `Encoder`; raises as `encode`. The process ends in any case."""
        try:
            self._ask("close")
        finally:
            self._end(_ENDS_S)

    def drop(self) -> None:
        """End the process, whatever it is at. Idempotent."""
        self._end(0.0)

    def _ask(self, *words: object, more: bytes = b"") -> None:
        process = self._process
        assert process is not None and process.stdin is not None
        with suppress(OSError, ValueError):  # it has ended, which its silence tells
            process.stdin.write(json.dumps(words).encode() + b"\n" + more)
            process.stdin.flush()
        self._answer()

    def _answer(self) -> None:
        process = self._process
        assert process is not None and process.stdout is not None
        line = b""
        with suppress(OSError, ValueError):
            line = process.stdout.readline()
        if not line.endswith(b"\n"):
            end(process)
            raise EncoderGone(f"the process that encodes has ended (status {process.returncode})")
        answer: dict[str, Any] = json.loads(line)
        if "errno" in answer:
            raise OSError(answer["errno"], answer["error"])
        if "error" in answer:
            raise RuntimeError(answer["error"])

    def _end(self, patience_s: float) -> None:
        process, self._process = self._process, None
        if process is not None:
            end(process, patience_s)
        self._memory.close()
