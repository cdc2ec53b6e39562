"""A ledger that says what cannot be is judged by the rest, and what was left out is named by its line."""

from __future__ import annotations

import json
import random
import re
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from mien.cli import main
from mien.report import LedgerUnreadable, page, read_run, reports_of
from mien.report.records import NUMBERS
from report.test_report import HEAD, frame, write

SEED = 16
BAD = ("NaN", "Infinity", "-Infinity", "1e308", "-1e308", "1" + 400 * "0", '"text"', "[]", "{}", "true", "-7")


def with_value(path: Path, line: int, key: str, value: str) -> Path:
    """The ledger with a value, as it is written in JSON, in one of its lines; lines count from 1."""
    lines = path.read_text().splitlines()
    record = json.loads(lines[line - 1]) | {key: "THE VALUE"}
    lines[line - 1] = json.dumps(record).replace('"THE VALUE"', value)
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("NaN", "NaN"),
        ("Infinity", "infinite"),
        ("1e300", "1e+300"),
        ("1" + 400 * "0", "1" + 39 * "0" + "..."),
        ('"long"', '"long"'),
    ],
)
def test_a_value_that_cannot_be_is_left_out_and_told_with_its_line(
    tmp_path: Path, value: str, told: str
) -> None:
    path = write(tmp_path / "a.jsonl", [frame(i) for i in range(30)])
    (report,) = reports_of([with_value(path, 7, "work_ms", value)])
    assert report.run.warnings == (f"line 7: work_ms is {told}; it is left out",)
    assert report.figures["frames_produced_total"] == 30
    assert report.figures["frames_dropped_total"] == 0
    assert report.figures["work_ms.max"] == 5.0
    assert not report.passes


def test_nothing_that_is_no_number_is_on_a_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / "run.jsonl", [frame(i) for i in range(3)], fps=50, more=[1.5, {"a": 1}])
    with_value(path, 3, "work_ms", "NaN")  # one of the longest there are
    for key in ("fps", "size", "loop_us", "more"):
        with_value(path, 1, key, "[1e999, [NaN], -Infinity]" if key in ("size", "more") else "NaN")
    page_ = tmp_path / "run.html"
    assert main(["report", str(path), "--html", str(page_), "--json"]) == 0
    (said,) = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)["runs"]
    assert said["run"]["more"] == [None, [None], None]
    assert [frame["frame"] for frame in said["worst_frames"]] == [0, 2]
    told = page_.read_text().replace("work_ms is NaN", "")  # the warning
    assert not re.search(r"(?i)\b(nan|inf|infinity)\b", told)


def test_a_mean_counts_only_what_is_known(tmp_path: Path) -> None:
    frames = [frame(i, l1_rebuilds=2, l1_rebuild_us=300.0) for i in range(6)]
    path = with_value(write(tmp_path / "a.jsonl", frames), 3, "l1_rebuild_us", "[]")
    (report,) = reports_of([with_value(path, 4, "l1_rebuilds", "NaN")])
    assert report.figures["l1_rebuild_us.p99"] == 150.0


def test_what_is_as_good_as_nothing_divides_nothing(tmp_path: Path) -> None:
    frames = [frame(i, l1_rebuilds=2, l1_rebuild_us=300.0) for i in range(6)]
    path = with_value(write(tmp_path / "a.jsonl", frames), 3, "l1_rebuilds", "1e-320")
    (report,) = reports_of([path])
    assert report.figures["l1_rebuild_us.p99"] == 150.0


def test_of_several_wrong_lines_the_first_is_named_and_all_are_counted(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", [frame(i) for i in range(30)])
    with_value(path, 9, "frame", "1e400")
    with_value(path, 5, "scheduled_ms", "NaN")
    assert read_run(path).warnings[0] == "line 5: scheduled_ms is NaN; it is left out; 2 lines in all"


def test_a_frame_of_the_same_number_or_an_earlier_one_is_left_out(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", [frame(0), frame(1), frame(1), frame(0), frame(2)])
    run = read_run(path)
    assert run.frames["frame"].tolist() == [0, 1, 2]
    assert run.warnings[0] == "line 4: frame 1 comes after frame 1; it is left out; 2 lines in all"


def test_times_that_go_back_are_left_out(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", [frame(0), frame(1), frame(2, scheduled_ms=3.0), frame(3)])
    run = read_run(path)
    assert run.warnings == ("line 4: scheduled_ms is 3, less than in a frame before; it is left out",)
    assert run.at_s.tolist() == [0.0, 0.02, 0.04, 0.06]


def test_a_hole_of_years_takes_no_memory_and_no_time(tmp_path: Path) -> None:
    late = frame(10**9, scheduled_ms=9e11, others_ms=1.0, stolen_ms=0.0, work_ms=9e11, av_skew_ms=1e12)
    path = write(tmp_path / "a.jsonl", [frame(0, others_ms=1.0, stolen_ms=0.0), late], cores=2)
    reports = reports_of([path])
    assert len(page(reports)) < 100_000


@pytest.mark.parametrize("text", ['{"kind":"run"}\n{"kind":"frame","frame":NaN}\n'])
def test_one_without_a_single_good_frame_names_its_first_bad_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(text)
    with pytest.raises(LedgerUnreadable, match=r"line 2: frame is NaN"):
        read_run(path)


def test_no_change_of_a_ledger_ends_in_a_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = random.Random(SEED)
    whole = {"others_ms": 1.0, "stolen_ms": 0.0, "av_skew_ms": 3.0, "jitter_actual_ms": 9.0, "gc_ms": 1.0}
    path = tmp_path / "a.jsonl"
    for _ in range(150):
        write(path, [frame(i, **whole) for i in range(6)], cores=2)
        lines = path.read_text().splitlines()
        turn = {"kind": "turn", "at_sample": 48000, "samples_decoded": 48000, "samples_expected": 48000}
        lines.insert(4, json.dumps(turn))
        lines.insert(5, json.dumps({"kind": "gc", "at_ms": 1.0, "ms": 2.0}))
        path.write_text("\n".join(lines) + "\n")
        for _ in range(chance.randint(1, 3)):
            line = chance.randrange(1, len(lines) + 1)
            key = chance.choice([*json.loads(path.read_text().splitlines()[line - 1]), "part", "late_frames"])
            with_value(path, line, key, chance.choice(BAD))
        status = main(["report", str(path), "--html", str(tmp_path / "a.html")])
        told = capsys.readouterr()
        assert status in (0, 1), path.read_text()
        assert "Traceback" not in told.err


def test_each_frame_may_have_a_field_of_its_own_at_no_price_for_the_others(tmp_path: Path) -> None:
    frames = [frame(i) | {f"own_{i}": i} for i in range(1000)]  # a million values, where each were a column
    run = read_run(write(tmp_path / "a.jsonl", frames))
    own = [name for name in run.frames if name.startswith("own_")]
    assert 0 < len(own) <= 100
    assert set(frame(0)) - {"kind", "cause"} <= run.frames.keys()


def test_causes_without_number_are_told_as_far_as_a_reader_reads(tmp_path: Path) -> None:
    frames = [frame(i, work_ms=99.0, cause=f"own {i if i >= 60 else 7}") for i in range(2000)]
    (report,) = reports_of([write(tmp_path / "a.jsonl", frames)])
    assert (report.causes[0].cause, report.causes[0].frames, len(report.causes)) == ("own 7", 60, 20)
    assert "2000 frames took longer" in report.verdict and page([report]).count("<small>worst ") == 20


@pytest.mark.parametrize("value", [5e-324, 1e-300, 0, -1])
def test_a_machine_that_cannot_be_is_none(tmp_path: Path, value: float) -> None:
    frames = [frame(i, others_ms=1e12, stolen_ms=1e12, cores_idle_ms=1e12, loop_us=value) for i in range(60)]
    (report,) = reports_of([write(tmp_path / "a.jsonl", frames, cores=value, loop_us=value)])
    assert (report.machine, report.speed, report.about_machine) == (None, None, None)


def test_what_is_no_ledger_is_not_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.truncate(1 << 36)
    with pytest.raises(LedgerUnreadable, match="line 1 is not the head of a ledger"):
        read_run(path)


def test_a_ledger_takes_no_more_memory_than_its_numbers(tmp_path: Path) -> None:
    """Each line was kept as Python's objects: some fifteen times what is here."""
    path, frames = tmp_path / "a.jsonl", 2_000
    whole = {f"{name}": 1.5 for name in NUMBERS - {"frame", "scheduled_ms"}}
    with path.open("w") as file:
        file.write(json.dumps(HEAD) + "\n")
        for index in range(frames):
            file.write(json.dumps({"kind": "frame", "frame": index, "scheduled_ms": index * 20.0} | whole))
            file.write("\n")
    tracemalloc.start()
    try:
        run = read_run(path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(run.frames["frame"]) == frames
    assert peak < 1.3 * 8 * frames * (len(whole) + 3)  # arrays grow by an eighth


def test_a_field_that_stands_in_two_frames_takes_no_memory_in_those_between(tmp_path: Path) -> None:
    path, frames = tmp_path / "a.jsonl", 3000
    own = {f"own_{i}": 1.0 for i in range(90)} | dict.fromkeys(NUMBERS - {"frame", "scheduled_ms"}, 2.0)
    plain = [{"kind": "frame", "frame": index} for index in range(1, frames)]
    write(path, [frame(0) | own, *plain, {"kind": "frame", "frame": frames} | own])
    run = read_run(path)
    column = run.frames["own_7"]
    assert (len(column), column[0], column[-1]) == (frames + 1, 1.0, 1.0)
    assert np.isnan(column).sum() == frames - 1
    assert all(len(one._values) == 2 for name, one in run.frames._columns.items() if name in own)  # type: ignore[attr-defined]


def test_turns_and_pauses_without_end_are_left_out_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mien.report.records._MOST_EVENTS", 5)
    pauses = [{"kind": "gc", "ms": 1.0, "more": "x"}] * 3 + [{"kind": "turn", "turn": "a"}] * 4
    run = read_run(write(tmp_path / "a.jsonl", [frame(0), *pauses]))
    assert (len(run.turns), len(run.pauses)) == (2, 3)
    assert (
        run.warnings[0]
        == "line 8: turns and pauses beyond the first 5 are not read; it is left out; 2 lines in all"
    )


def test_a_line_too_long_for_a_ledger_is_not_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mien.report.records._LONGEST_LINE", 300)
    run = read_run(write(tmp_path / "a.jsonl", [frame(0), frame(1, text="x" * 1000), frame(2)]))
    assert run.frames["frame"].tolist() == [0, 2]
    assert run.warnings[0] == "line 3 cannot be read; it is left out"


@pytest.mark.parametrize("depth", [21, 300, 900, 990, 100_000])
@pytest.mark.parametrize("json_asked", [False, True])
def test_what_is_nested_deeper_than_a_ledger_is_refused_at_every_depth(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], depth: int, json_asked: bool
) -> None:
    path, deep = tmp_path / "a.jsonl", "[" * depth + "]" * depth
    write(path, [frame(0), frame(1)])
    good = path.read_text()
    asked = ["--json"] if json_asked else []
    path.write_text(good.replace('"fps": 50', f'"own": {deep}'))
    assert main(["report", str(path), *asked]) == 1
    assert "line 1 is not the head of a ledger" in capsys.readouterr().err
    path.write_text(good.replace('"work_ms": 5.0', f'"work_ms": {deep}'))
    assert main(["report", str(path), *asked]) in (0, 1)
    assert "Traceback" not in capsys.readouterr().err


def test_what_json_has_no_word_for_is_null_in_the_report_for_programs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = with_value(write(tmp_path / "a.jsonl", [frame(i) for i in range(3)]), 1, "note", "NaN")
    assert main(["report", str(path), "--json"]) in (0, 1)

    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is no JSON")

    told = json.loads(capsys.readouterr().out, parse_constant=refuse)
    assert len(told["runs"]) == 1
