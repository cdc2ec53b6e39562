"""The same on the machine's own clock, with its own sound: hours that take as long as they are."""

from __future__ import annotations

import ctypes
import random
import time
from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import Self

import mien
from mien.testing import tiny_character
from soak.world import FPS, SIZE, Load, Watch


class RealWorld:
    """As `World`, of a stage as a host opens it. A context manager.

    Loads are made: a host that sleeps, a call that keeps the GIL. Drawing is as slow as it is, the device the
    one that there is, and the machine does not sleep. Parameters: as of `SimulatedWorld`.
    """

    def __init__(self, folder: Path, fps: float = FPS) -> None:
        self.fps = fps
        self.loads: Counter[str] = Counter()
        tiny = tiny_character(folder / "tiny")
        self.stage = mien.open_live({"wren": "wren", "a": tiny, "b": tiny}, size=SIZE, fps=fps)
        self.watch = Watch(self.stage, real=True)
        self._began = time.monotonic()
        self._usleep = ctypes.PyDLL(None).usleep  # PyDLL: the GIL is kept during the call

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stage.close()

    @property
    def hours(self) -> float:
        """As of `World`."""
        return (time.monotonic() - self._began) / 3600

    def load(self, kind: Load, ms: float, frames: int = 1) -> None:
        """As of `World`; how slowly is drawn is not for it to say."""
        if kind == "gpu_wait":
            return
        self.loads[kind] += 1
        if kind == "gil":
            self._usleep(round(ms * 1000))
        else:
            time.sleep(ms / 1000)

    def device_changes(self, chance: random.Random) -> None:
        """It is the machine's own."""

    def sleep(self, seconds: float) -> None:
        """The machine is not for it to put to sleep."""

    def frame(self) -> None:
        """As of `World`."""
        self.stage.frame()
        self.watch.look()
