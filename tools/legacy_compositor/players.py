"""One run of either program, in this process."""

from __future__ import annotations

from collections import deque
from itertools import pairwise
from typing import Any

from legacy_compositor.figures import FrameTime, figures
from legacy_compositor.load import load
from legacy_compositor.stage import LegacyStage, play
from mien.catalog import bundled_or_path
from mien.clock import SAMPLE_RATE, RealClock, s_to_samples
from mien.observe import FrameRecord, Ledger, Observation, Outputs
from mien.show import cast_of
from mien.surface.live import LiveStage
from mien.talk import background_path, load_conversation
from mien.types import Size

PLAYERS = ("legacy", "mien")


def run(player: str, name: str, size: Size, seconds: float, disturbance: str) -> dict[str, Any]:
    """Play a conversation in real time, at most `seconds`; the figures and facts, as plain values.

    Raises MienError, and ValueError for a player or load that is none.
    """
    if player == "legacy":
        return _legacy(name, size, seconds, disturbance)
    if player == "mien":
        return _mien(name, size, seconds, disturbance)
    raise ValueError(f"{player!r} is no player; there are: {', '.join(PLAYERS)}")


def _legacy(name: str, size: Size, seconds: float, disturbance: str) -> dict[str, Any]:
    conversation = load_conversation(bundled_or_path("conversations", name))
    clock = RealClock()
    with LegacyStage(conversation, size, clock) as stage, load(disturbance):
        found = play(stage, clock, round(conversation.fps), seconds)
    return {"figures": found.as_dict(), "sizing": str(stage.sizing), "renderer": "Pillow, on the CPU"}


def _mien(name: str, size: Size, seconds: float, disturbance: str) -> dict[str, Any]:
    conversation = load_conversation(bundled_or_path("conversations", name))
    fps = round(conversation.fps)
    ledger = Ledger(1000 / fps, realtime=True, keep=True)
    with LiveStage(
        cast_of(conversation),
        size=size,
        fps=fps,
        background=background_path(conversation),
        seed=conversation.seed,
        ledger=ledger,
        playout="null",
    ) as stage:
        sounds = {turn.key: stage._show.queue(turn) for turn in conversation.turns}
        with load(disturbance), Observation(ledger, Outputs(), {}):
            deque(stage.frames(seconds=seconds), maxlen=0)
        events, renderer = stage.events(), stage.renderer
    asked = {turn.key: s_to_samples(turn.gap_s) for turn in conversation.turns}
    heard = [event for event in events if event.at is not None]
    gaps = [
        (later.at - earlier.at - asked[later.turn]) * 1000 / SAMPLE_RATE
        for earlier, later in pairwise(heard)
        if later.kind == "started" and earlier.at is not None and later.at is not None
    ]
    first = [sounds[event.turn].first_pcm_ms or 0.0 for event in heard if event.kind == "started"]
    records = [record for record in ledger.pending or () if isinstance(record, FrameRecord)]
    frames = [FrameTime(r.frame, r.work_ms, r.presented_ms, r.l1_misses) for r in records]
    return {"figures": figures(frames, 1000 / fps, first, gaps).as_dict(), "renderer": renderer}
