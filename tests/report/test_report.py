"""A report says exactly what the ledger says, and no more."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.cli import main
from mien.report import LedgerUnreadable, comparison, page, read_run, reports_of
from mien.report.envelope import envelope

HEAD = {"kind": "run", "command": "play", "fps": 50}


def frame(index: int, **changes: object) -> dict[str, object]:
    due = index * 20.0
    quiet = {"kind": "frame", "frame": index, "scheduled_ms": due, "presented_ms": due + 1, "work_ms": 5.0}
    return quiet | {"frame_cpu_ms": 4.0, "l1_misses": 0, "underruns": 0, "cause": "gpu_wait"} | changes


def write(path: Path, frames: list[dict[str, object]], *, whole: bool = True, **head: object) -> Path:
    end = [{"kind": "totals", "frames_produced_total": len(frames)}] if whole else []
    path.write_text("\n".join(json.dumps(line) for line in [HEAD | head, *frames, *end]) + "\n")
    return path


def test_figures_are_those_of_the_records(tmp_path: Path) -> None:
    frames = [frame(i) for i in range(100) if i not in (40, 41)]
    frames[10] |= {"work_ms": 60.0, "presented_ms": 245.0, "cause": "gil"}
    frames[20] |= {"work_ms": 30.0, "l1_misses": 2, "l1_rebuilds": 2, "l1_rebuild_us": 300.0}
    (report,) = reports_of([write(tmp_path / "a.jsonl", frames)])
    told = report.figures
    assert (told["frames_expected_total"], told["frames_dropped_total"]) == (100, 2)
    assert (told["frames_late_total"], told["frames_over_budget_total"]) == (1, 2)
    assert (told["consecutive_missed_max"], told["dropped_percent_1s.worst"]) == (2, 4.0)
    assert (told["work_ms.p50"], told["work_ms.max"], told["frame_delay_ms.max"]) == (5.0, 60.0, 45.0)
    assert (told["l1_miss_total"], told["l1_rebuild_us.p99"]) == (2, 150.0)
    assert {(c.cause, c.frames, c.worst_ms) for c in report.causes} == {
        ("gil", 1, 60.0),
        ("gpu_wait", 1, 30.0),
    }


def test_frames_left_out_at_the_end_are_told_by_the_last_line(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", [frame(i) for i in range(100)])
    told = json.loads(path.read_text().splitlines()[-1]) | {"frames_expected_total": 110}
    path.write_text("\n".join([*path.read_text().splitlines()[:-1], json.dumps(told)]) + "\n")
    (report,) = reports_of([path])
    figures = report.figures
    assert (figures["frames_expected_total"], figures["frames_dropped_total"]) == (110, 10)
    assert (figures["consecutive_missed_max"], figures["dropped_percent_1s.worst"]) == (10, 20.0)
    assert report.verdict.startswith("0 of 110 frames were shown late and 10 never in 2.2 s")
    text = page([report])
    assert "10 frames never shown after 1.98 s" in text
    assert "Red: 10 frames late or not shown" in text


def test_what_a_file_does_not_have_is_not_recorded(tmp_path: Path) -> None:
    (report,) = reports_of([write(tmp_path / "a.jsonl", [frame(0), frame(1)])])
    states = {r.target.figure: r.state for r in report.results}
    assert report.figures["frame_gpu_ms.p99"] is None
    assert states["frame_gpu_ms.p99"] == states["gc_pause_ms.max"] == "not recorded"
    assert states["frame_cpu_ms.max"] == "met"


@pytest.mark.parametrize(
    ("changes", "head", "status"),
    [({}, {}, 0), ({"work_ms": 21.0}, {}, 1), ({"work_ms": 21.0}, {"command": "render"}, 0)],
)
def test_the_gate(tmp_path: Path, changes: dict[str, object], head: dict[str, object], status: int) -> None:
    path = write(tmp_path / "a.jsonl", [frame(0), frame(1, **changes)], **head)  # type: ignore[arg-type]
    assert main(["report", str(path), "--gate"]) == status


def test_a_run_that_was_cut_off_is_told_up_to_there_and_passes_no_gate(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", [frame(i) for i in range(5)], whole=False)
    path.write_text(path.read_text() + '{"kind":"frame","fra')
    (report,) = reports_of([path])
    assert report.figures["frames_produced_total"] == 5
    assert report.verdict.startswith("Up to where the file ends: no frame was late")
    assert main(["report", str(path), "--gate"]) == 1


@pytest.mark.parametrize(
    "text", ["", "\n", "hello\n", '{"a": 1}\n', '{"kind":"run"}\n', '{"kind":"run","version":2}\n', "[" * 99]
)
def test_what_is_no_ledger_gets_one_sentence_and_status_1(
    tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(text)
    assert main(["report", str(path)]) == 1
    assert capsys.readouterr().err.count("\n") == 1
    with pytest.raises(LedgerUnreadable, match=r"a\.jsonl"):
        read_run(path)


def test_a_missing_file_gets_status_1(tmp_path: Path) -> None:
    assert main(["report", str(tmp_path / "none.jsonl")]) == 1


def test_frames_in_a_crowded_second_were_short_of_cores(tmp_path: Path) -> None:
    frames = [frame(i, others_ms=0.0, stolen_ms=0.0) for i in range(150)]
    frames[60] |= {"others_ms": 400.0, "stolen_ms": 300.0}
    for index in (10, 70, 80):
        frames[index]["work_ms"] = 30.0
    (report,) = reports_of([write(tmp_path / "a.jsonl", frames, cores=2)])
    machine = report.machine
    assert machine is not None and machine.crowded.nonzero()[0].tolist() == list(range(50, 100))
    assert report.as_dict()["machine"] == pytest.approx(
        {"others_share": 0.4 / 6, "stolen_share": 0.3 / 6, "worst_share": 0.35, "worst_at_s": 1.0}
    )
    assert [cause.starved for cause in report.causes] == [2]
    assert "2 of them while the machine was short of cores" in report.verdict


def test_a_machine_with_cores_to_spare_is_not_short_of_them_whoever_uses_the_rest(tmp_path: Path) -> None:
    frames = [frame(i, others_ms=6.0, stolen_ms=0.0, cores_idle_ms=9.0, cpu_wait_ms=15.0) for i in range(100)]
    frames[20]["work_ms"] = frames[70]["work_ms"] = 30.0
    frames[70]["cores_ms"] = 12.0
    for one in frames:
        one.setdefault("cores_ms", 0.9)  # of what the thread waited, the part that others are to blame for
    (report,) = reports_of([write(tmp_path / "a.jsonl", frames, cores=1)])
    assert report.machine is not None and not report.machine.crowded.any()
    assert [cause.starved for cause in report.causes] == [1]
    assert "short of cores" not in report.verdict


def test_a_slow_machine_has_a_name(tmp_path: Path) -> None:
    frames = [frame(i, build_ms=4.0, draw_ms=1.0) for i in range(200)]
    for index in (10, 120, 130):
        frames[index] |= {"work_ms": 24.0, "build_ms": 15.0, "draw_ms": 9.0}
    frames[100]["loop_us"] = 320.0  # throttled to a quarter of the reference machine's speed
    frames[150]["loop_us"] = 80.0
    path = write(tmp_path / "a.jsonl", frames, loop_us=80.0, renderer="GPU of some kind")
    (report,) = reports_of([path])
    assert report.speed is not None
    assert report.as_dict()["speed"] == {"speed": 1.0, "slowest_speed": 0.25, "slowest_at_s": 2.0}
    assert report.speed.slow.nonzero()[0].tolist() == [120, 130]
    assert [cause.slow for cause in report.causes] == [2]
    assert "and 2 of them in time on the reference machine" in report.verdict
    assert "at 100% of the reference machine's speed, at its slowest, at 2 s, at 25%" in str(
        report.about_machine
    )
    assert "at its slowest, at 2 s, at 25%" in page([report])


def test_what_a_gpu_draws_takes_no_longer_on_a_slow_processor(tmp_path: Path) -> None:
    frames = [frame(0, build_ms=2.0, draw_ms=20.0, work_ms=22.0)]
    for renderer, slow in (("llvmpipe (LLVM 15)", True), ("GPU of some kind", False)):
        (report,) = reports_of([write(tmp_path / "a.jsonl", frames, loop_us=100.0, renderer=renderer)])
        assert report.speed is not None and bool(report.speed.slow[0]) == slow


def test_runs_are_compared_to_the_first(tmp_path: Path) -> None:
    slow = write(tmp_path / "slow.jsonl", [frame(i, work_ms=80.0) for i in range(4)])
    fast = write(tmp_path / "fast.jsonl", [frame(i, work_ms=8.0) for i in range(4)])
    rows = {row.figure: row for row in comparison(reports_of([slow, fast]))}
    assert rows["work_ms.max"].ratios == (1.0, 0.1)
    assert rows["frames_over_budget_per_1000"].values == (1000.0, 0.0)


def test_the_page_is_whole_and_needs_nothing_from_outside(tmp_path: Path) -> None:
    paths = [write(tmp_path / f"{n}.jsonl", [frame(i, av_skew_ms=3.0) for i in range(90)]) for n in "ab"]
    text = page(reports_of(paths))
    assert not any(word in text for word in ("http", "src=", "href=", "url(", "<script", "@import"))
    drawn = text.split("<svg")[1:]
    assert len(drawn) == 8  # of five plots of two runs, the buffer's depth is not recorded
    for part in drawn:
        ET.fromstring("<svg" + part.split("</svg>")[0] + "</svg>")


def test_what_a_ledger_calls_things_is_cut_and_no_markup_on_the_page(tmp_path: Path) -> None:
    name = "<script>\x1b[31m" + "x" * 1_000_000
    path = write(tmp_path / "run.jsonl", [frame(i) for i in range(60)], renderer=name)
    html = page(reports_of([path]))
    assert len(html) < 300_000
    assert "<script>" not in html and "&lt;script&gt;\\x1b[31m" in html


def test_no_line_of_a_report_is_longer_than_can_be_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(
        tmp_path / "run.jsonl", [frame(i) for i in range(6)], renderer="x" * 900_000, size=["y" * 9000]
    )
    assert main(["report", str(path)]) == 0
    assert max(map(len, capsys.readouterr().out.splitlines())) < 2000


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=400), st.integers(1, 20))
def test_no_spike_is_lost(values: list[float], columns: int) -> None:
    y = np.array(values)
    x = np.arange(len(y), dtype=np.float64)
    kept = envelope(x, y, columns)
    assert len(kept) <= 4 * columns
    assert (np.diff(kept) > 0).all()
    assert (y[kept].min(), y[kept].max()) == (y.min(), y.max())
    assert (kept[0], kept[-1]) == (0, len(y) - 1)


def test_a_page_is_not_written_under_a_name_that_is_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = write(tmp_path / "run.jsonl", [frame(0)])
    assert main(["report", str(run), "--html", str(tmp_path / "pl.txt")]) == 1
    assert "a page is written as one of .html, .htm" in capsys.readouterr().err


def test_a_misspelt_ledger_is_told_with_the_one_beside_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "evening.jsonl", [frame(0)])
    assert main(["report", str(tmp_path / "evning.jsonl")]) == 1
    assert capsys.readouterr().err.endswith("; did you mean 'evening.jsonl'?\n")
