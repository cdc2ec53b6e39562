"""The long bundled conversation from end to end, small in pixels and whole in everything else."""

from __future__ import annotations

import threading

import pytest

from mien.catalog import bundled
from mien.observe import Ledger, totals_of
from mien.stage.offline import Stage
from mien.talk import Conversation, load_conversation
from mien.talk.events import TurnEvent

FPS = 2
"""What is held is counted in turns and samples; a frame is drawn for each few words."""


@pytest.fixture(scope="module")
def conversation() -> Conversation:
    return load_conversation(bundled("conversations", "night_shift"))


@pytest.fixture(scope="module")
def played(conversation: Conversation) -> tuple[Ledger, list[TurnEvent], tuple[str, ...], float]:
    ledger = Ledger(1000 / FPS, realtime=False)
    events = []
    threads = threading.active_count()
    with Stage.of(conversation, size=(64, 36), fps=FPS, ledger=ledger) as stage:
        for _ in stage.frames():
            events += stage.events()
        warnings, length_s = stage.warnings, stage.time_s
    assert threading.active_count() == threads
    return ledger, events, warnings, length_s


def test_it_is_long_and_all_of_it_is_spoken(
    conversation: Conversation, played: tuple[Ledger, list[TurnEvent], tuple[str, ...], float]
) -> None:
    ledger, events, warnings, length_s = played
    assert length_s >= 90
    assert len(conversation.turns) >= 12
    assert [e.turn for e in events if e.kind == "started"] == [turn.key for turn in conversation.turns]
    assert [e.turn for e in events if e.kind == "finished"] == [turn.key for turn in conversation.turns]
    assert not any(e.interrupted or e.damaged for e in events)
    assert warnings == ()
    assert ledger.frames_dropped == 0


def test_the_engine_adds_no_silence_between_turns(
    conversation: Conversation, played: tuple[Ledger, list[TurnEvent], tuple[str, ...], float]
) -> None:
    _, events, _, _ = played
    ends = [e.at for e in events if e.kind == "finished"]
    starts = [e.at for e in events if e.kind == "started"]
    for turn, end, start in zip(conversation.turns[1:], ends, starts[1:], strict=False):
        assert end is not None
        assert start is not None
        assert start - end == round(turn.gap_s * 48_000), turn.key


def test_every_expression_change_was_a_uniform_update(
    played: tuple[Ledger, list[TurnEvent], tuple[str, ...], float],
) -> None:
    ledger, _, _, _ = played
    assert ledger.count("l1_rebuild_total") > 200
    assert ledger.count("l1_miss_total") == 0
    assert ledger.count("upload_events_total") == 0
    assert ledger.count("gl_alloc_after_ready_total") == 0
    assert ledger.count("shader_compile_after_ready_total") == 0
    assert totals_of(ledger)["audio_concealed_ms"] == 0
    assert ledger.count("audio_underruns_total") == 0
