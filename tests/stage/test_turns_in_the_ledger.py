"""What a stage's ledger knows of its turns, and what its trace knows of their decoding."""

from __future__ import annotations

import mien
from mien.observe import TurnRecord, totals_of
from stage.test_stage import FPS, SIZE, TWO, tone


def test_every_turn_has_a_record_with_its_samples() -> None:
    ledger = mien.Ledger(1000 / FPS, realtime=False, keep=True)
    ledger.spans.on = True
    with mien.Stage(TWO, size=SIZE, fps=FPS, ledger=ledger) as stage:
        stage.say("wren", tone(0.5), key="one")
        stage.say("otto", tone(0.4), key="two")
        stage.say("wren", b"no sound at all", key="bad")
        for _ in stage.frames():
            pass
    assert ledger.pending is not None
    turns = {record.turn: record for record in ledger.pending if isinstance(record, TurnRecord)}
    assert list(turns) == ["one", "two", "bad"]
    assert [turns[key].samples_decoded for key in turns] == [24_000, 19_200, 0]
    assert turns["one"].samples_expected == turns["one"].samples_played == 24_000
    assert [turns[key].damaged for key in turns] == [False, False, True]
    assert turns["one"].time_to_first_audio_ms is not None
    totals = totals_of(ledger)
    assert (totals["turns_total"], totals["turns_short_total"], totals["inter_turn_gap_ms"]) == (3, 0, 0.0)
    assert ledger.histogram("jitter_actual_ms").count > 0
    decoded = {span.args["turn"] for span in ledger.spans.take() if span.name == "decode"}
    assert decoded == {"one", "two", "bad"}


def test_an_interruption_is_measured_to_the_last_sample() -> None:
    ledger = mien.Ledger(1000 / FPS, realtime=False, keep=True)
    with mien.Stage(TWO, size=SIZE, fps=FPS, ledger=ledger) as stage:
        stage.say("wren", tone(2.0), key="cut")
        for _ in range(10):
            stage.frame()
        stage.interrupt()
        for _ in range(10):
            stage.frame()
    assert ledger.pending is not None
    (turn,) = [record for record in ledger.pending if isinstance(record, TurnRecord)]
    # The fade takes 8 ms.
    assert (turn.interrupted, turn.interrupt_to_silence_ms) == (True, 8.0)
