"""The trace is whole JSON at any time, and has the tracks that Perfetto shows."""

from __future__ import annotations

import json
import threading
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from mien.errors import NotWritable
from mien.observe import Spans, TraceWriter, TurnRecord
from observe.rig import MS, SAMPLES, Rig, T


def events_of(path: Path) -> list[dict[str, Any]]:
    document = json.loads(path.read_text(encoding="utf-8"))
    assert set(document) == {"displayTimeUnit", "otherData", "traceEvents"}
    return list(document["traceEvents"])


def tracks(events: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Slices by the names of their tracks."""
    names = {e["tid"]: e["args"]["name"] for e in events if e["ph"] == "M" and e["name"] == "thread_name"}
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in names.values()}
    for event in events:
        if event["ph"] == "X":
            found[names[event["tid"]]].append(event)
    return found


def test_a_trace_has_the_frames_expected_and_made_and_what_was_done(tmp_path: Path) -> None:
    rig = Rig()
    with TraceWriter(rig.ledger, tmp_path / "deep" / "run.json", {"renderer": "none"}):
        rig.supply.upload_ms = 1.0
        rig.frame(0, built=2.0, drawn=3.0, read=1.0, swapped=0.5)
        rig.ledger.add_collection(2, rig.clock.now_ns(), rig.clock.now_ns() + 4 * MS)
        rig.ledger.add_gap(rig.clock.now_ns(), rig.clock.now_ns() + 7 * MS)
        rig.ledger.add_turn(TurnRecord("greeting", "wren", 4800, 4800, 4800, 4800, 12.0, 1.5))
        decoding = threading.Thread(
            target=lambda: rig.ledger.spans.add("decode", 0, 9 * MS, turn="greeting"), name="mien-decode"
        )
        decoding.start()
        decoding.join()
    found = tracks(events_of(tmp_path / "deep" / "run.json"))
    start_us = rig.start_ns / 1000
    expected, actual = found["expected frames"][0], found["actual frames"][0]
    assert (expected["ts"], expected["dur"]) == (start_us, pytest.approx(T * 1000, abs=0.01))
    assert (actual["ts"], actual["dur"], actual["args"]["cause"]) == (start_us, 6500.0, "")
    loop = {event["name"]: event["dur"] for event in found[threading.current_thread().name]}
    assert loop == {"upload": 1000.0, "rows": 1000.0, "draw": 3000.0, "readback": 1000.0, "swap": 500.0}
    assert [(e["name"], e["dur"]) for e in found["gc"]] == [("gc generation 2", 4000.0)]
    assert [e["dur"] for e in found["heartbeat late"]] == [7000.0]
    assert [(e["name"], e["args"]["samples_decoded"]) for e in found["turns ended"]] == [("greeting", 4800)]
    assert [(e["name"], e["args"]) for e in found["mien-decode"]] == [("decode", {"turn": "greeting"})]
    assert not rig.ledger.spans.on


def test_it_is_whole_after_every_write(tmp_path: Path) -> None:
    rig = Rig()
    writer = TraceWriter(rig.ledger, tmp_path / "run.json", {})
    counts = [len(events_of(tmp_path / "run.json"))]
    for index in range(5):
        rig.frame(index, built=1.0)
        writer.drain()
        counts.append(len(events_of(tmp_path / "run.json")))
    writer.finish()
    # A track for this thread comes with the first frame; then a slice each: expected, actual, rows.
    assert [after - before for before, after in pairwise(counts)] == [4, 3, 3, 3, 3]


def test_dropped_frames_were_expected_and_late_ones_say_so(tmp_path: Path) -> None:
    rig = Rig()
    with TraceWriter(rig.ledger, tmp_path / "run.json", {}):
        rig.frame(0, built=1.0)
        rig.frame(3, drawn=90.0)
    found = tracks(events_of(tmp_path / "run.json"))
    names = [event["name"] for event in found["expected frames"]]
    assert names == ["frame 0", "frame 1 dropped", "frame 2 dropped", "frame 3"]
    assert [event["name"] for event in found["actual frames"]] == ["frame 0", "frame 3 late"]


def test_frames_left_out_at_the_very_end_were_expected_too(tmp_path: Path) -> None:
    rig = Rig()
    with TraceWriter(rig.ledger, tmp_path / "run.json", {}):
        rig.frame(0, built=1.0)
        rig.ledger.expect(3)
    slices = tracks(events_of(tmp_path / "run.json"))["expected frames"]
    assert [event["name"] for event in slices] == ["frame 0", "frame 1 dropped", "frame 2 dropped"]
    start_us = rig.start_ns / 1000
    assert [event["ts"] for event in slices] == pytest.approx([start_us + k * T * 1000 for k in range(3)])


@pytest.mark.parametrize("track", ["expected frames", "actual frames"])
def test_slices_of_a_frame_track_never_overlap(tmp_path: Path, track: str) -> None:
    rig = Rig()
    with TraceWriter(rig.ledger, tmp_path / "run.json", {}):
        for index in range(6):
            rig.due(index)
            rig.meter.begin()
            rig.spend(2.0)
            rig.meter.drawn()
            # Handed out a frame and a half later, when the next ones have been begun.
            rig.end(index, presented_ns=rig.clock.now_ns() + 60 * MS)
    slices = tracks(events_of(tmp_path / "run.json"))[track]
    assert len(slices) == 6
    for before, after in pairwise(slices):
        assert before["ts"] + before["dur"] <= after["ts"] + 1e-6


def test_an_offline_run_has_no_schedule_to_show(tmp_path: Path) -> None:
    rig = Rig(realtime=False)
    with TraceWriter(rig.ledger, tmp_path / "run.json", {}):
        rig.meter.begin()
        rig.meter.end(0, SAMPLES)
    found = tracks(events_of(tmp_path / "run.json"))
    assert (len(found["expected frames"]), len(found["actual frames"])) == (0, 1)


def test_a_trace_that_cannot_be_written_says_so_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(
        NotWritable, match=r"^the trace .*file/run.json: cannot be written \(Not a directory\); choose"
    ):
        TraceWriter(Rig().ledger, tmp_path / "file" / "run.json", {})


def test_spans_are_taken_from_any_thread_and_only_while_on() -> None:
    spans = Spans()
    with spans("before"):
        pass
    spans.on = True
    with spans("decode", turn="a"):
        pass
    with pytest.raises(ZeroDivisionError), spans("failing"):
        _ = 1 / 0
    assert [(span.name, span.args) for span in spans.take()] == [("decode", {"turn": "a"}), ("failing", {})]
    assert spans.take() == []


def test_an_argument_that_json_does_not_know_is_written_as_text(tmp_path: Path) -> None:
    rig = Rig()
    with TraceWriter(rig.ledger, tmp_path / "run.json", {}):
        rig.ledger.spans.add("load", 0, MS, path=Path("a.png"))
    loop = tracks(events_of(tmp_path / "run.json"))[threading.current_thread().name]
    assert [event["args"] for event in loop] == [{"path": "a.png"}]


def test_spans_nobody_takes_are_forgotten_oldest_first() -> None:
    spans = Spans(on=True, most=10)
    for index in range(25):
        spans.add(str(index), 0, 1)
    assert [span.name for span in spans.take()] == [str(index) for index in range(15, 25)]
