"""One run of either program, in this process."""

from __future__ import annotations

from collections import deque
from itertools import pairwise
from pathlib import Path
from typing import Any

from legacy_compositor.figures import FrameTime, figures
from legacy_compositor.ledger import header, write
from legacy_compositor.load import load
from legacy_compositor.stage import LegacyStage, play
from mien.catalog import bundled_or_path
from mien.clock import SAMPLE_RATE, RealClock, s_to_samples
from mien.observe import FrameRecord, Ledger, Observation, Outputs
from mien.stage.cast import cast_of
from mien.stage.live import LiveStage
from mien.talk import background_path, load_conversation
from mien.thread_priority import ahead
from mien.types import Size

PLAYERS = ("legacy", "mien")


def run(
    player: str, name: str, size: Size, seconds: float, disturbance: str, path: Path | None = None
) -> dict[str, Any]:
    """Play a conversation in real time, at most `seconds`; the figures and facts, as plain values.

    `path`: where to write a ledger. Raises MienError, OSError, and ValueError for a player or load that is
    none.
    """
    if player == "legacy":
        return _legacy(name, size, seconds, disturbance, path)
    if player == "mien":
        return _mien(name, size, seconds, disturbance, path)
    raise ValueError(f"{player!r} is no player; there are: {', '.join(PLAYERS)}")


def _legacy(name: str, size: Size, seconds: float, disturbance: str, path: Path | None) -> dict[str, Any]:
    conversation = load_conversation(bundled_or_path("conversations", name))
    clock = RealClock()
    frames: list[FrameTime] = []
    with LegacyStage(conversation, size, clock) as stage, load(disturbance):
        found = play(stage, clock, round(float(conversation.fps)), seconds, frames)
    renderer = "Pillow, on the CPU"
    if path is not None:
        write(path, header(conversation, size, "the old way", renderer, disturbance), frames, found)
    return {"figures": found.as_dict(), "sizing": str(stage.sizing), "renderer": renderer}


def _mien(name: str, size: Size, seconds: float, disturbance: str, path: Path | None) -> dict[str, Any]:
    conversation = load_conversation(bundled_or_path("conversations", name))
    fps = round(float(conversation.fps))
    ledger = Ledger(1000 / fps, realtime=True, keep=path is not None)
    kept = ledger.subscribe()
    with LiveStage(
        cast_of(conversation),
        size=size,
        fps=fps,
        background=background_path(conversation),
        seed=conversation.seed,
        ledger=ledger,
        playout="null",
    ) as stage:
        head = header(conversation, size, "play", stage.renderer, disturbance)
        # As `mien play` does it.
        with load(disturbance), Observation(ledger, Outputs(ledger=path), head), ahead():
            sounds = {turn.key: stage._show.session.queue(turn) for turn in conversation.turns}
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
    records = [record for record in kept if isinstance(record, FrameRecord)]
    frames = [FrameTime(r.frame, r.work_ms, r.presented_ms, r.l1_misses) for r in records]
    return {"figures": figures(frames, 1000 / fps, first, gaps).as_dict(), "renderer": renderer}
