"""What is observed: one conversation, played with marks; and the stalls that are put into it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from time import perf_counter_ns
from typing import Any, Final

from mien.catalog import bundled_or_path
from mien.clock import FrameRate
from mien.observe import Ledger
from mien.prove.recount import Stall
from mien.prove.sightings import Put
from mien.stage.marking import STALLS
from mien.stage.options import StageKeywords
from mien.talk import Conversation, load_conversation
from mien.types import Size

LONGEST_START_S: Final = 180.0
"""Until a part must have said that it is ready, on the slowest machine."""


@dataclass(frozen=True, slots=True)
class Played:
    """One run."""

    conversation: str
    """A bundled name or a path."""
    size: Size
    fps: float
    seconds: float
    stalls: tuple[Stall, ...]
    ledger: Path

    def as_json(self) -> dict[str, Any]:
        """For a process of its own."""
        return {
            "conversation": self.conversation,
            "size": list(self.size),
            "fps": self.fps,
            "seconds": self.seconds,
            "stalls": [[one.where, one.at_frame, one.size_ms] for one in self.stalls],
            "ledger": str(self.ledger),
        }

    @classmethod
    def of_json(cls, told: dict[str, Any]) -> Played:
        """In that."""
        return cls(
            told["conversation"],
            Size(*told["size"]),
            told["fps"],
            told["seconds"],
            tuple(Stall(where, at, ms, None) for where, at, ms in told["stalls"]),
            Path(told["ledger"]),
        )

    def loaded(self) -> Conversation:
        """The conversation. Raises as loading one does."""
        found = bundled_or_path("conversations", self.conversation)
        return load_conversation(found)

    def options(self, *, realtime: bool) -> StageKeywords:
        """How its stage is opened. Silent: who hears it takes the sound from the stage."""
        rate = FrameRate.of(self.fps)
        return {
            "size": self.size,
            "fps": self.fps,
            "marks": True,
            "playout": "null",
            # A frame of another scale is drawn whole, and would add to what a stall is found to be.
            "quality": "fixed" if self.stalls else "auto",
            "ledger": Ledger(1000 / rate.exact, realtime=realtime, keep=True),
        }

    def of(self, where: str) -> dict[int, float]:
        """The stalls that go there, by frame: milliseconds."""
        return {one.at_frame: one.size_ms for one in self.stalls if one.where == where}

    @property
    def environment(self) -> dict[str, str]:
        """What the engine's process is started with, to stall where it is to."""
        stalls = ",".join(f"{frame}:{ms:g}" for frame, ms in self.of("engine").items())
        return {STALLS: stalls}

    @property
    def engine_puts(self) -> tuple[Put, ...]:
        """Those that the engine puts in itself, by the numbers of its marks."""
        return tuple(Put("engine", frame, ms, frame) for frame, ms in self.of("engine").items())


def stalled_until(deadline_ns: int, ms: float) -> float:
    """Keep this thread, and with it the interpreter, busy until so long after a deadline; how long after it
    that really was."""
    until = deadline_ns + round(ms * 1e6)
    while (now := perf_counter_ns()) < until:
        pass
    return (now - deadline_ns) / 1e6
