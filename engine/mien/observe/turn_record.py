"""What is written down besides frames: turns, and pauses of Python's threads."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import ClassVar, Final, Literal

from mien.observe.metric import Figure, histogram, plain
from mien.observe.record import SAMPLES_PER_MS, FrameRecord

ROUNDED: Final = 1000 * SAMPLES_PER_MS // 16
"""Samples (62.5 ms) by which a turn may be of another length than its file says: containers state times in
ms, and codecs round to whole packets. M4A as FFmpeg writes it is 22 ms off."""


@dataclass(frozen=True, slots=True)
class TurnRecord:
    """One turn that has ended; rows of the table of metrics. None where it was not heard, or nobody knows."""

    kind: ClassVar[str] = "turn"

    turn: str = plain("", "The turn's key.")
    speaker: str = plain("", "Who spoke.")
    at_sample: int | None = plain("samples", "Where it ended on the session's timeline, at 48 kHz.")
    samples_played: int = plain("samples", "How much of it was heard.")
    samples_decoded: int = plain("samples", "How much of it was decoded.")
    samples_expected: int | None = plain("samples", "What its file says its length is.")
    turn_decode_ms: float = histogram(
        "ms",
        "All of a turn's decoding, off the frame loop.",
        required=True,
        when="turn_decode_ms",
        sparse=True,
    )
    time_to_first_audio_ms: float | None = histogram(
        "ms",
        "From the start of a turn's decoding to its first sample ready to play.",
        Figure("max", "first byte of a turn to its first sound, worst", 10, compared=True),
        required=True,
        sparse=True,
    )
    interrupted: bool = plain("", "Whether it was cut.", False)
    damaged: bool = plain("", "Whether it could not be decoded to its end.", False)
    interrupt_to_silence_ms: float | None = histogram(
        "ms",
        "From when the host interrupted a turn to its last sample.",
        Figure("max", "an interruption to silence, worst", 10),
        default=None,
        sparse=True,
    )

    @property
    def unheard(self) -> bool:
        """Whether nothing of it was heard, because its sound could not be had."""
        return self.damaged and not self.interrupted and not self.samples_played

    @property
    def partly_heard(self) -> bool:
        """Whether a part of it is missing although nobody interrupted it."""
        return self.damaged and not self.interrupted and self.samples_played > 0

    @property
    def of_other_length(self) -> bool:
        """Whether all of it was decoded, and that was more or less than its file promises."""
        promised = self.samples_expected
        if promised is None or self.interrupted or self.damaged:
            return False
        return abs(promised - self.samples_decoded) > ROUNDED

    def as_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        return _plain(self)


@dataclass(frozen=True, slots=True)
class Pause:
    """A time in which Python threads stood still: a collection (`gc`), or a late heartbeat (`gap`)."""

    kind: Literal["gc", "gap"]
    at_ms: float
    """When it began, since the run began."""
    ms: float
    generation: int | None = None
    """Of a collection."""

    def as_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        record = _plain(self)
        del record["kind"]
        if self.generation is None:
            del record["generation"]
        return record


Record = FrameRecord | TurnRecord | Pause


def _plain(record: TurnRecord | Pause) -> dict[str, object]:
    values = {entry.name: getattr(record, entry.name) for entry in fields(record)}
    return {name: round(v, 4) if isinstance(v, float) else v for name, v in values.items()}
