"""One run of either program, in this process."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from mien.catalog import bundled_or_path
from mien.clock import SAMPLE_RATE, RealClock, s_to_samples
from mien.observe import FrameRecord, Ledger, Observation, Outputs
from mien.prove.loads import load
from mien.prove.old_way.figures import FrameTime, figures
from mien.prove.old_way.ledger import header, write
from mien.prove.old_way.stage import LegacyStage, play
from mien.prove.peers import PEERS, painter
from mien.prove.peers.stage import PeerStage
from mien.stage.cast import cast_of
from mien.stage.live import LiveStage
from mien.talk import Conversation, background_path, load_conversation
from mien.thread_priority import ahead
from mien.types import Size

PLAYERS: Final = ("legacy", "mien")
"""Always; beside them `PEERS`, where their libraries are."""


def name_of(player: str) -> str:
    """For people."""
    named = {"legacy": "the old way", "mien": "Mien"}
    return named[player] if player in named else PEERS[player].name


def run(
    player: str,
    name: str,
    size: Size,
    seconds: float,
    disturbance: str,
    path: Path | None = None,
    seed: int | None = None,
) -> dict[str, Any]:
    """Play a conversation in real time, at most `seconds`; the figures and facts, as plain values.

    `path`: where to write a ledger; `seed`: of all chance in motion, None for the conversation's.
    `started_ns` is the monotonic time at which its frames began. Raises MienError, OSError, and ValueError
    for a player or load that is none.
    """
    if player not in (*PLAYERS, *PEERS):
        raise ValueError(f"{player!r} is no player; there are: {', '.join((*PLAYERS, *PEERS))}")
    conversation = load_conversation(bundled_or_path("conversations", name))
    if seed is not None:
        conversation = replace(conversation, seed=seed)
    if player == "legacy":
        return _legacy(conversation, size, seconds, disturbance, path)
    kind = LiveStage if player == "mien" else partial(PeerStage, painter(player))
    return _live(kind, conversation, size, seconds, disturbance, path)


def _legacy(
    conversation: Conversation, size: Size, seconds: float, disturbance: str, path: Path | None
) -> dict[str, Any]:
    clock = RealClock()
    frames: list[FrameTime] = []
    with LegacyStage(conversation, size, clock) as stage, load(disturbance):
        started_ns = time.monotonic_ns()
        found = play(stage, clock, round(float(conversation.fps)), seconds, frames)
    renderer = "Pillow, on the CPU"
    if path is not None:
        write(path, header(conversation, size, "the old way", renderer, disturbance), frames, found)
    return {
        "figures": found.as_dict(),
        "sizing": str(stage.sizing),
        "renderer": renderer,
        "started_ns": started_ns,
    }


def _live(
    kind: Callable[..., LiveStage],
    conversation: Conversation,
    size: Size,
    seconds: float,
    disturbance: str,
    path: Path | None,
) -> dict[str, Any]:
    fps = round(float(conversation.fps))
    ledger = Ledger(1000 / fps, realtime=True, keep=path is not None)
    kept = ledger.subscribe()
    with kind(
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
            started_ns = time.monotonic_ns()
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
    found = figures(frames, 1000 / fps, first, gaps)
    return {"figures": found.as_dict(), "renderer": renderer, "started_ns": started_ns}
