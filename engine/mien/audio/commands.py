"""What crosses over to the thread that pulls."""

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
    """Samples of silence before it; negative, it begins that much before the end of the others."""
    pan: Pan
    voice: Voice | None = None
    announced: bool = False


@dataclass(frozen=True, slots=True)
class Interrupt:
    """Whoever plays is to stop."""

    fade: int
    """Samples that it takes."""
    clear: bool
    """Whether those who wait go as well."""
