"""One turn's sound on its way from the decode worker to the timeline."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from mien.errors import MienError
from mien.lipsync.streamed import StreamedMouth
from mien.lipsync.track import HeardSound, SpeechTrack
from mien.types import F32, Bytes


class TurnState(Enum):
    """How far the decoding of a turn has come."""

    WAITING = "waiting"
    DECODING = "decoding"
    DECODED = "decoded"
    """All there is, also when `damaged`."""
    FAILED = "failed"
    """Nothing could be decoded; see `error`."""
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Chunk:
    """Decoded sound with the speech frames that became known with it."""

    at: int
    """The turn's sample at which `samples` starts."""
    samples: F32
    """(n,) float32 mono at 48 kHz; may be empty."""
    row: int
    """The speech frame at which `visemes` starts."""
    visemes: F32
    """(k, 15) float32, rows summing to 1."""
    loudness: F32
    """(k,) float32 in 0..1."""
    pitch: F32 | None = None
    """(k,) float32, semitones above the voice's mean, 0 where there is none; None where nobody listened."""
    shapes: Bytes | None = None
    """(j,) uint8: the mouth's shapes that became settled, as of `ShapesAhead`; None where nobody has chosen
    any."""
    heard: tuple[HeardSound, ...] = ()
    """Laughs, sighs and breaths that came to light."""
    likely: F32 | None = None
    """(m, 15) float32: the next likelihoods of shapes, one frame ahead of `visemes`; None where no words are
    told while the sound comes."""


@dataclass(frozen=True, slots=True)
class End:
    """The turn is `total` samples long. Always the last item, whatever happened."""

    total: int


@dataclass(slots=True, eq=False)
class TurnAudio:
    """A turn's sound: what is known about it, and the one crossing between worker and timeline.

    The worker writes everything up to `inbox`; the timeline takes from `inbox` and writes what is below.
    """

    key: str
    track: SpeechTrack = field(default_factory=SpeechTrack)
    """What the mouth does, on the turn's own time as played: concealed time appears in it as silence."""
    state: TurnState = TurnState.WAITING
    samples_decoded: int = 0
    samples_expected: int | None = None
    """What the file says its length is, at 48 kHz; None when it does not say."""
    damaged: str | None = None
    """Why the sound is not whole, in one sentence; None when it is."""
    error: MienError | None = None
    """Why there is no sound at all; None when there is some."""
    first_pcm_ms: float | None = None
    """From the start of its decoding (of a pushed stream, from its first bytes) to its first sample."""
    decode_ms: float = 0.0
    """Time spent in decoding and analysing it, waits excluded."""
    live: bool = False
    """Fed by the host rather than read from a file."""
    catches_up: bool = False
    """A live feed of which silence, and at last sound, is left out so that it is never far behind."""
    steady: bool = False
    """A live feed that is never played faster or slower to keep its depth: its host counts samples."""
    gathers: int = 0
    """Samples of a file that are gathered before they are listened to, once it has begun: many where it has
    time, few where what comes next is due soon."""
    told: StreamedMouth | None = None
    """What the host tells of a feed's mouth while it is played."""
    caught_up: Callable[[], bool] = lambda: False
    """For a feed: whether everything pushed so far is in `inbox` and the host has not ended it."""
    inbox: deque[Chunk | End] = field(default_factory=deque)

    samples_taken: int = 0
    """How much of it was played; the worker bounds what is outstanding by it."""
    dropped: bool = False
    """Nobody will play the rest: the worker stops decoding it."""

    @property
    def outstanding(self) -> int:
        """Samples decoded and not played yet."""
        return 0 if self.dropped else self.samples_decoded - self.samples_taken

    @property
    def done(self) -> bool:
        """Nothing more will come into `inbox`."""
        return self.state in (TurnState.DECODED, TurnState.FAILED, TurnState.CANCELLED)
