"""A ledger on the disk: what is in the file when, what becomes of a full disk, and files of limited size."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mien.errors import NotWritable, ScriptError
from mien.observe import FlightRecorder, FrameRecord, LedgerWriter, Observation, Outputs, TraceWriter
from mien.observe.writer import head_of, older_part
from mien.report import read_run
from observe.rig import Rig


def kinds(path: Path) -> list[str]:
    return [json.loads(line)["kind"] for line in path.read_text(encoding="utf-8").splitlines()]


def test_what_was_drained_is_in_the_file_before_the_run_ends(tmp_path: Path) -> None:
    rig, path = Rig(), tmp_path / "run.jsonl"
    writer = LedgerWriter(rig.ledger, path, {})
    assert kinds(path) == ["run"]
    rig.frame(0, built=2.0)
    writer.drain()
    assert kinds(path) == ["run", "frame"]
    writer.finish()
    assert kinds(path) == ["run", "frame", "totals"]


def test_a_full_disk_ends_the_writing_and_not_the_run() -> None:
    rig = Rig()
    with (
        pytest.raises(NotWritable, match="No space left"),
        LedgerWriter(rig.ledger, Path("/dev/full"), {}),
    ):
        for index in range(3):
            rig.frame(index, built=2.0)
    assert rig.ledger.frames_produced == 3


@pytest.mark.skipif(sys.platform == "win32", reason="limits how long files may be, as POSIX systems can")
@pytest.mark.parametrize("room", [0, 20])
def test_a_disk_without_room_for_the_beginning_is_left_as_it_was(tmp_path: Path, room: int) -> None:
    code = """
import resource, sys
from pathlib import Path
import mien
from mien.observe import Observation, Outputs
folder, room = Path(sys.argv[1]), int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
outputs = Outputs(ledger=folder / "a.jsonl", trace=folder / "a.json")
try:
    with Observation(mien.Ledger(20.0, realtime=True, keep=True), outputs, {}):
        pass
except mien.NotWritable as error:
    print(error)
"""
    ran = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path), str(room)], capture_output=True, text=True, check=True
    )
    assert "a.jsonl: the ledger cannot be written" in ran.stdout
    assert "a.json: the trace cannot be written" in ran.stdout and not ran.stderr
    assert list(tmp_path.iterdir()) == []


def test_all_that_could_not_be_written_is_told_and_an_error_of_the_run_goes_before(tmp_path: Path) -> None:
    rig = Rig()
    outputs = Outputs(ledger=Path("/dev/full"))
    watch = Observation(rig.ledger, outputs, {})
    with pytest.raises(KeyboardInterrupt), watch:
        raise KeyboardInterrupt
    (told,) = watch.unwritten
    assert "No space left" in str(told)
    with pytest.raises(NotWritable, match="No space left"), Observation(rig.ledger, outputs, {}):
        pass


@pytest.mark.parametrize("writer", [LedgerWriter, TraceWriter])
def test_a_pipe_that_nobody_reads_is_said_and_nothing_is_kept_for_it(
    tmp_path: Path, writer: type[LedgerWriter | TraceWriter]
) -> None:
    rig, pipe = Rig(), tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(NotWritable, match=r"cannot be written \(a pipe that nobody reads\); name"):
        writer(rig.ledger, pipe, {})
    assert rig.ledger._queues == [rig.ledger.pending]


@pytest.mark.skipif(sys.platform == "win32", reason="no locks there")
@pytest.mark.parametrize("writer", [LedgerWriter, TraceWriter])
def test_a_file_that_another_run_writes_is_refused_and_stays_whole(
    tmp_path: Path, writer: type[LedgerWriter | TraceWriter]
) -> None:
    rig, path = Rig(), tmp_path / "run.jsonl"
    with writer(rig.ledger, path, {}):
        before = path.read_bytes()
        with pytest.raises(NotWritable, match=r"cannot be written \(another run writes it now\); name"):
            writer(Rig().ledger, path, {})
        assert path.read_bytes() == before
    with writer(Rig().ledger, path, {}):
        assert path.read_bytes() == before


@pytest.mark.skipif(sys.platform == "win32", reason="no locks there")
def test_what_was_forked_off_meanwhile_keeps_no_ledger_held(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    writer = LedgerWriter(Rig().ledger, path, {})
    forked = os.dup(writer._file.fileno())  # as a child has it
    writer.finish()
    LedgerWriter(Rig().ledger, path, {}).finish()
    os.close(forked)


def test_a_pipe_cannot_be_a_trace(tmp_path: Path) -> None:
    read, write = os.pipe()
    with pytest.raises(NotWritable, match="--trace"):
        TraceWriter(Rig().ledger, Path(f"/dev/fd/{write}"), {})
    os.close(read)
    os.close(write)


def test_a_ledger_of_limited_size_keeps_its_latest_parts_and_a_report_knows(tmp_path: Path) -> None:
    rig, path = Rig(), tmp_path / "run.jsonl"
    limit = 40_000
    with LedgerWriter(rig.ledger, path, {"fps": 25, "realtime": True}, most_bytes=limit) as writer:
        for index in range(200):
            rig.frame(index, built=2.0)
    assert writer.parts > 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run.1.jsonl", "run.jsonl"]
    older, latest = read_run(older_part(path)), read_run(path)
    assert path.stat().st_size + older_part(path).stat().st_size < limit * 1.2
    first = int(older.frames["frame"][0])
    assert first > 0
    assert [*older.frames["frame"], *latest.frames["frame"]] == list(range(first, 200))
    assert latest.frames_expected == len(latest.frames["frame"])
    assert latest.first_frame == latest.frames["frame"][0]
    assert [run.whole for run in (older, latest)] == [False, False]
    assert latest.warnings == (f"part {writer.parts} of a longer run: what was before is not in this file",)
    assert older.warnings[-1] == "the run goes on in its next part"


def test_what_is_gone_of_a_ledger_is_to_be_known(tmp_path: Path) -> None:
    rig, path = Rig(), tmp_path / "run.jsonl"
    with Observation(rig.ledger, Outputs(ledger=path, ledger_bytes=20_000), {}) as watch:
        for index in range(200):
            rig.frame(index, built=2.0)
    remark = watch.remarks[0]
    assert remark.startswith(f"{path}: the ledger is kept in two parts, with {older_part(path)} before it")
    assert remark.endswith("what was before them is gone")


def test_a_link_to_a_ledger_stays_one_and_both_parts_lie_where_it_leads(tmp_path: Path) -> None:
    rig, link, there = Rig(), tmp_path / "run.jsonl", tmp_path / "there" / "real.jsonl"
    there.parent.mkdir()
    link.symlink_to(there)
    with Observation(rig.ledger, Outputs(ledger=link, ledger_bytes=20_000), {}) as watch:
        for index in range(200):
            rig.frame(index, built=2.0)
    assert link.readlink() == there
    assert {path.name for path in tmp_path.iterdir()} == {"run.jsonl", "there"}
    assert {path.name for path in there.parent.iterdir()} == {"real.jsonl", "real.1.jsonl"}
    assert f"with {older_part(there)} before it" in watch.remarks[0]


@pytest.mark.parametrize("writer", [LedgerWriter, TraceWriter])
def test_what_was_removed_while_it_was_written_is_told(
    tmp_path: Path, writer: type[LedgerWriter | TraceWriter]
) -> None:
    rig, folder = Rig(), tmp_path / "folder"
    with (
        pytest.raises(
            NotWritable, match=r"run.jsonl: the .* \(it was removed while it was written\); name a"
        ),
        writer(rig.ledger, folder / "run.jsonl", {}),
    ):
        rig.frame(0, built=2.0)
        (folder / "run.jsonl").unlink()
        folder.rmdir()


def test_what_was_moved_while_it_was_written_is_not_lost(tmp_path: Path) -> None:
    rig, path, moved = Rig(), tmp_path / "run.jsonl", tmp_path / "moved.jsonl"
    with LedgerWriter(rig.ledger, path, {}):
        path.rename(moved)
    assert kinds(moved) == ["run", "totals"]


@pytest.mark.parametrize(
    "header", [None, 3, ["a"], {3: 4}, {"a": object()}, {"a": {1, 2}}, {"a": float("nan")}, {"a": b"b"}]
)
def test_a_header_that_json_cannot_say_is_refused(tmp_path: Path, header: Any) -> None:
    rig, path = Rig(), tmp_path / "run"
    for opens in (
        lambda: Observation(rig.ledger, Outputs(), header),
        lambda: LedgerWriter(rig.ledger, path, header),
        lambda: TraceWriter(rig.ledger, path, header),
        lambda: FlightRecorder(rig.ledger, path, header),
    ):
        with pytest.raises(ScriptError, match="header cannot be"):
            opens()
    deep: list[Any] = []
    deep.append(deep)
    with pytest.raises(ScriptError, match="'a' of the header cannot be"):
        Observation(rig.ledger, Outputs(), {"a": deep})


def test_a_header_s_kind_is_the_ledger_s_own(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    header = {"a": 1, "kind": "mine"}
    with LedgerWriter(Rig().ledger, path, header):
        pass
    assert path.read_text().startswith('{"kind":"run","a":1}\n')
    assert [*head_of(header).items()] == [("kind", "run"), ("a", 1)]


@dataclass(frozen=True, slots=True)
class Own(FrameRecord):
    """A host's own record, of what it likes."""

    own: Any = None


def test_what_json_cannot_say_of_a_host_s_own_records_is_told_and_all_others_are_written(
    tmp_path: Path,
) -> None:
    rig, path = Rig(realtime=False), tmp_path / "run.jsonl"
    cycle: list[Any] = []
    cycle.append(cycle)
    frame = rig.frame(0, built=2.0)
    plain = {field.name: getattr(frame, field.name) for field in fields(frame)}
    with LedgerWriter(rig.ledger, path, {}) as writer:
        for at, own in enumerate([np.int64(3), np.float32(0.5), {1, 2}, cycle, "text"], 1):
            rig.ledger.add(Own(**{**plain, "frame": at}, own=own))
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert [line.get("own") for line in lines] == [None, None, 3, 0.5, "{1, 2}", "text", None]
    assert lines[-1]["kind"] == "totals"
    assert "run.jsonl: left out of the ledger, as JSON cannot say them: records, 1 (the" in writer.remark
    with (
        pytest.raises(NotWritable, match="the flight record cannot be written"),
        FlightRecorder(rig.ledger, tmp_path, {}) as flight,
    ):
        flight._late.append(1)
        rig.ledger.add(Own(**{**plain, "frame": 6}, own=cycle))


@pytest.mark.parametrize("writer", [LedgerWriter, TraceWriter])
def test_a_thread_that_writes_does_not_end_with_an_error_of_anybody_s(
    tmp_path: Path, writer: type[LedgerWriter | TraceWriter], monkeypatch: pytest.MonkeyPatch
) -> None:
    rig = Rig()
    with (
        pytest.raises(NotWritable, match=r"run.jsonl: the .* cannot be written \(a host's fault\)"),
        writer(rig.ledger, tmp_path / "run.jsonl", {}) as drain,
    ):
        monkeypatch.setattr(drain, "drain", _fails)


def _fails() -> None:
    raise RuntimeError("a host's fault")
