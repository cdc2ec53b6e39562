"""What is asked of the timeline, on its way to the thread that pulls."""

from __future__ import annotations

from dataclasses import dataclass

from mien.audio.turn import TurnAudio
from mien.audio.voice import Pan, Voice


@dataclass(slots=True, eq=False)
class Queued:
    """A turn that waits. Its voice is made when its sound is first asked for: an interruption drops the turns
    of a long queue for next to nothing."""

    turn: TurnAudio
    gap: int
    pan: Pan
    voice: Voice | None = None
    announced: bool = False


@dataclass(frozen=True, slots=True)
class Interrupt:
    """Whoever plays is to fade to silence and end."""

    fade: int
    """Samples."""
    clear: bool
    """The turns that wait are dropped as well."""
