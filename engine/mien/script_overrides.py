"""Events of a script by which a host overrides what behaviours say. See `script_events`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from mien.types import CHANNELS

LIDS: Final = ("lid_left", "lid_right")
"""What of the lids is held: 0 wide .. 1 closed, of the character's own left and right eye."""

HELD: Final = (*CHANNELS, *LIDS)
"""What can be held, by name."""


@dataclass(frozen=True, slots=True)
class ChannelHeld:
    """One of `HELD` goes to `value` in `lasts` samples and stays there, whatever behaviours say."""

    at: int
    character: str
    channel: str
    value: float | None
    """None: it goes back to its behaviours."""
    lasts: int
    step: float = field(default=0.0, compare=False)
    """How far that moves it, as it was when it was told: what hangs swings by it."""


@dataclass(frozen=True, slots=True)
class VisemeShown:
    """The mouth shows a viseme (its place in `VISEMES`), whatever is spoken; None: the voice has it again."""

    at: int
    character: str
    viseme: int | None
