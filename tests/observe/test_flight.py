"""The flight recorder writes the records before a late frame, each once, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mien.errors import NotWritable
from mien.observe import FlightRecorder
from observe.rig import Rig

QUIET = {"built": 2.0}
LATE = {"built": 2.0, "drawn": 55.0}


def dumps(folder: Path) -> dict[str, tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Header and records of each file, by its name."""
    found = {}
    for path in sorted(folder.iterdir()):
        header, *records = map(json.loads, path.read_text(encoding="utf-8").splitlines())
        assert header["kind"] == "run"
        found[path.name] = (header, records)
    return found


def run(rig: Rig, frames: range, late: set[int]) -> None:
    for index in frames:
        rig.frame(index, **(LATE if index in late else QUIET))


def test_a_run_in_time_writes_nothing(tmp_path: Path) -> None:
    rig = Rig()
    with FlightRecorder(rig.ledger, tmp_path, {}):
        run(rig, range(500), set())
    assert list(tmp_path.iterdir()) == []


def test_a_late_frame_is_written_with_the_seconds_before_it(tmp_path: Path) -> None:
    rig = Rig()
    with FlightRecorder(rig.ledger, tmp_path, {"renderer": "none"}, seconds=2.0) as recorder:
        run(rig, range(100), set())
        rig.ledger.add_collection(0, rig.clock.now_ns(), rig.clock.now_ns() + 1000)
        run(rig, range(100, 200), {130})
    assert isinstance(recorder, FlightRecorder)
    ((name, (header, records)),) = dumps(tmp_path).items()
    assert name == "late-001-frame-000130.jsonl"
    assert (header["late_frames"], header["renderer"]) == ([130], "none")
    # At 25 fps frames of 2 ms: 130 was presented 57 ms after it was due, 2 s before which 81.375 was due.
    frames = [record["frame"] for record in records if record["kind"] == "frame"]
    assert frames == list(range(82, 131))
    assert [record["kind"] for record in records].index("gc") == 100 - 82
    assert records[-1]["cause"] == "gpu_wait"


def test_late_frames_close_together_share_files_and_no_record_is_written_twice(tmp_path: Path) -> None:
    rig = Rig()
    with FlightRecorder(rig.ledger, tmp_path, {}, seconds=2.0):
        run(rig, range(300), {60, 70, 80, 200})
    found = dumps(tmp_path)
    late = [header["late_frames"] for header, _ in found.values()]
    assert late == [[60], [70, 80], [200]]
    frames = [record["frame"] for _, records in found.values() for record in records]
    assert len(frames) == len(set(frames))
    assert {60, 70, 80, 200} <= set(frames)


def test_a_late_frame_shortly_before_the_end_is_not_lost(tmp_path: Path) -> None:
    rig = Rig()
    with FlightRecorder(rig.ledger, tmp_path, {}, seconds=2.0):
        run(rig, range(80), {60, 70})
    assert [header["late_frames"] for header, _ in dumps(tmp_path).values()] == [[60], [70]]


def test_a_dropped_frame_counts_as_late(tmp_path: Path) -> None:
    rig = Rig()
    with FlightRecorder(rig.ledger, tmp_path, {}):
        rig.frame(0, **QUIET)
        rig.frame(3, **QUIET)
    assert [header["late_frames"] for header, _ in dumps(tmp_path).values()] == [[3]]


def test_frames_left_out_at_the_very_end_count_as_late(tmp_path: Path) -> None:
    rig = Rig()
    with FlightRecorder(rig.ledger, tmp_path, {}):
        run(rig, range(5), set())
        rig.ledger.expect(9)
    ((header, records),) = dumps(tmp_path).values()
    assert (header["late_frames"], [record["frame"] for record in records]) == ([5], [0, 1, 2, 3, 4])


def test_the_number_of_files_is_bounded(tmp_path: Path) -> None:
    rig = Rig()
    with FlightRecorder(rig.ledger, tmp_path, {}, seconds=0.2, most=3):
        run(rig, range(500), set(range(0, 500, 20)))
    assert len(dumps(tmp_path)) == 3


def test_an_offline_run_is_never_late(tmp_path: Path) -> None:
    rig = Rig(realtime=False)
    with FlightRecorder(rig.ledger, tmp_path, {}):
        run(rig, range(20), {3})
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(NotWritable, match=r"flight record .* cannot be written .*choose"):
        FlightRecorder(Rig().ledger, tmp_path / "file" / "flight", {})
