"""What crosses over to the thread that pulls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from mien.audio.turn import TurnAudio
from mien.audio.voice import Pan, Voice
from mien.clock import SAMPLE_RATE

FADE: Final = SAMPLE_RATE * 8 // 1000
"""Samples (8 ms) in which whoever is interrupted falls silent."""


def fade_samples(ms: float) -> int:
    """Of a fade of so many milliseconds."""
    return max(1, round(ms * SAMPLE_RATE / 1000))


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
    taken_back: Callable[[], int | None] | None = None
    """Asked when it is obeyed: the sample of the session from which on nothing is heard of what was pulled;
    None where it is heard to its end."""
