"""What is written down of a turn that has ended."""

from __future__ import annotations

from mien.audio import Ended, TurnAudio
from mien.clock import SAMPLE_RATE
from mien.observe import TurnRecord
from mien.talk.turns import Turn


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
