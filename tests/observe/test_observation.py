"""A run is watched from ready to its end, and everything is put back."""

from __future__ import annotations

import gc
import json
import threading
from pathlib import Path

import pytest

from mien.observe import Ledger, Observation, Outputs, TurnRecord, totals_of
from mien.report import reports_of
from mien.stage.live import open_live
from mien.stage.offline import open_stage
from observe.rig import MS, Rig


def test_everything_is_opened_and_put_back(tmp_path: Path) -> None:
    rig = Rig()
    ledger = rig.ledger
    before = (gc.isenabled(), set(threading.enumerate()))
    outputs = Outputs(tmp_path / "run.jsonl", tmp_path / "run.json", tmp_path / "flight")
    with Observation(ledger, outputs, {"renderer": "none"}):
        assert ledger.collector is not None
        assert ledger.heartbeat is not None
        assert ledger.spans.on
        rig.frame(0, built=2.0)
        rig.frame(1, built=2.0, drawn=200.0)
        ledger.add_gap(rig.start_ns, rig.start_ns + 5 * MS)
    assert (ledger.collector, ledger.heartbeat, ledger.spans.on) == (None, None, False)
    assert (gc.isenabled(), set(threading.enumerate())) == before
    lines = [json.loads(line) for line in (tmp_path / "run.jsonl").read_text().splitlines()]
    assert [line["kind"] for line in lines if line["kind"] != "gap"] == ["run", "frame", "frame", "totals"]
    gaps = [line for line in lines if line["kind"] == "gap"]
    assert {"kind": "gap", "at_ms": 0.0, "ms": 5.0} in gaps
    assert [path.name for path in (tmp_path / "flight").iterdir()] == ["late-001-frame-000001.jsonl"]
    about = json.loads((tmp_path / "run.json").read_text())["otherData"]
    # Of the machine too, for a host that says nothing of it.
    assert about["renderer"] == "none" and lines[0] == {"kind": "run", **about}
    assert about["cores"] >= 1 and about["loop_us"] > 0


def test_a_run_that_fails_is_written_all_the_same(tmp_path: Path) -> None:
    rig = Rig()
    outputs = Outputs(tmp_path / "run.jsonl", tmp_path / "run.json")
    with pytest.raises(KeyboardInterrupt), Observation(rig.ledger, outputs, {}):
        rig.frame(0, built=2.0)
        raise KeyboardInterrupt
    assert (tmp_path / "run.jsonl").read_text().splitlines()[-1].startswith('{"kind":"totals"')
    assert json.loads((tmp_path / "run.json").read_text())["traceEvents"]
    assert gc.isenabled()


def test_an_output_that_cannot_be_opened_leaves_nothing_open(tmp_path: Path) -> None:
    rig = Rig()
    (tmp_path / "file").write_text("")
    before = (gc.isenabled(), set(threading.enumerate()))
    with (
        pytest.raises(OSError, match=r"the trace .* cannot be written"),
        Observation(rig.ledger, Outputs(tmp_path / "run.jsonl", tmp_path / "file" / "run.json"), {}),
    ):
        pass
    assert (gc.isenabled(), set(threading.enumerate())) == before


def test_an_offline_run_has_no_heartbeat() -> None:
    ledger = Ledger(40.0, realtime=False)
    with Observation(ledger, Outputs(), {}):
        assert ledger.heartbeat is None
        assert ledger.collector is not None


def test_turns_are_counted_and_those_that_are_not_whole() -> None:
    ledger = Ledger(40.0, realtime=True, keep=True)
    ledger.add_turn(TurnRecord("a", "wren", 48_000, 48_000, 48_000, 48_000, 20.0, 1.5))
    ledger.add_turn(TurnRecord("b", "otto", 90_000, 42_000, 42_000, 48_000, 15.0, 2.5, damaged=True))
    ledger.add_turn(TurnRecord("c", "otto", 91_000, 1_000, 4_000, 48_000, 2.0, 0.5, True, False, 18.0))
    ledger.add_turn(TurnRecord("d", "wren", None, 0, 0, None, 0.0, None))
    totals = totals_of(ledger)
    ledger.add_turn(TurnRecord("e", "wren", 91_000, 0, 0, None, 1.0, None, damaged=True))
    ledger.add_turn(TurnRecord("f", "wren", None, 0, 0, None, 1.0, None, interrupted=True, damaged=True))
    assert (totals["turns_total"], totals["turns_short_total"], totals["turns_unheard_total"]) == (4, 0, 0)
    # Of "b" a part is missing; of "c" as well, but somebody cut it.
    assert totals_of(ledger)["turns_partly_heard_total"] == 1
    assert totals_of(ledger)["turns_unheard_total"] == 1  # what was cut before it could be heard is no fault
    ledger.add_turn(TurnRecord("g", "wren", 95_000, 51_000, 51_000, 48_000, 1.0, 1.0))  # as containers round
    assert totals_of(ledger)["turns_short_total"] == 0
    ledger.add_turn(TurnRecord("h", "wren", 99_000, 51_001, 51_001, 48_000, 1.0, 1.0))
    assert totals_of(ledger)["turns_short_total"] == 1
    assert totals["turn_decode_ms"]["max"] == 20.0  # type: ignore[index]
    assert totals["interrupt_to_silence_ms"]["max"] == 18.0  # type: ignore[index]
    assert totals["time_to_first_audio_ms"]["max"] == 2.5  # type: ignore[index]
    assert ledger.pending is not None
    assert [record.kind for record in ledger.pending] == ["turn"] * 8


def test_a_report_of_a_hosts_live_stage_has_the_machines_line(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    ledger = Ledger(20.0, realtime=True, keep=True)
    with (
        open_live({"wren": "wren"}, size=(64, 64), fps=50, playout="null", ledger=ledger) as stage,
        Observation(ledger, Outputs(ledger=path), {}),
    ):
        stage.run(seconds=0.2)
    (report,) = reports_of([path])
    assert "other programs used" in str(report.about_machine)
    assert "of the reference machine's speed" in str(report.about_machine)


def test_a_stage_can_be_watched_by_its_host(tmp_path: Path) -> None:
    with open_stage({"wren": "wren"}, size=(64, 64)) as stage:
        with Observation(stage.ledger, Outputs(trace=tmp_path / "run.json"), {"renderer": stage.renderer}):
            for _ in range(3):
                stage.frame()
        stage.frame()
    events = json.loads((tmp_path / "run.json").read_text())["traceEvents"]
    assert [event["name"] for event in events].count("draw") == 3
