"""What is written down of a turn that has ended, and how long one is."""

from __future__ import annotations

from typing import Final

from mien.audio import Ended, TurnAudio
from mien.clock import SAMPLE_RATE
from mien.observe import TurnRecord
from mien.talk.turns import Turn

_CHARS_PER_S: Final = 14.0
"""Reading speed assumed for a turn whose length is not known when it starts (a live feed)."""


def record_of(turn: Turn, audio: TurnAudio, heard: Ended, interrupted_at: int) -> TurnRecord:
    """The record for the ledger. `interrupted_at`: the sample at which the host last interrupted."""
    spoken = heard.at >= 0
    silent_ms = max(0, heard.at - interrupted_at) * 1000 / SAMPLE_RATE
    return TurnRecord(
        turn.key,
        turn.speaker,
        heard.at if spoken else None,
        heard.position,
        audio.samples_decoded,
        audio.samples_expected,
        audio.decode_ms,
        audio.first_pcm_ms,
        heard.interrupted,
        audio.error is not None or audio.damaged is not None,
        silent_ms if spoken and heard.interrupted else None,
    )


def duration_s(turn: Turn, audio: TurnAudio) -> float:
    """The turn's length, guessed from its text while nothing tells it (a live feed)."""
    known = audio.samples_expected or (audio.samples_decoded if audio.done else 0)
    return known / SAMPLE_RATE or len(turn.text) / _CHARS_PER_S
