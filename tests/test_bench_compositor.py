"""The compositor benchmark: one timeline for all, and a run from end to end."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

TOOLS = Path(__file__).parents[1] / "tools"
sys.path.insert(0, str(TOOLS))

from bench_compositor import check, engines, figures, layers, measure, real, report, timeline  # noqa: E402
from bench_compositor.acting import moments  # noqa: E402
from bench_compositor.machine import Machine  # noqa: E402
from mien.composite.reference import composite, to_bytes  # noqa: E402

SMALL = timeline.Scenario.parse("64x64-2-mixed")


@pytest.fixture(scope="module")
def small() -> timeline.Timeline:
    return timeline.build(SMALL, 60)


def test_the_script_is_half_talk_and_nearly_a_third_motion() -> None:
    script = [moment.segment for moment in moments(280)]
    shares = {name: script.count(name) / len(script) for name in ("talk", "fade", "sway", "breath")}
    assert shares == pytest.approx({"talk": 0.55, "fade": 0.15, "sway": 0.2, "breath": 0.1})


def test_the_timeline_is_the_same_every_time(small: timeline.Timeline) -> None:
    again = timeline.build(SMALL, 60)
    assert np.array_equal(again.rows, small.rows) and again.kinds == small.kinds


def test_frames_are_labelled_by_what_they_show(small: timeline.Timeline) -> None:
    assert set(small.kinds) == {"first", "unchanged", "talk", "fade", "sway"}
    for k in range(1, len(small.kinds)):
        same = np.array_equal(small.rows[k], small.rows[k - 1])
        assert same == (small.kinds[k] == "unchanged"), f"frame {k} is labelled {small.kinds[k]}"


def test_a_saved_timeline_is_loaded_as_it_was(small: timeline.Timeline, tmp_path: Path) -> None:
    small.save(tmp_path / "timeline.npz")
    loaded = timeline.Timeline.load(tmp_path / "timeline.npz")
    assert loaded.scenario == small.scenario and loaded.kinds == small.kinds and loaded.clear == small.clear
    assert np.array_equal(loaded.rows, small.rows) and np.array_equal(loaded.pages, small.pages)


def test_normal_scenarios_have_no_other_mode() -> None:
    normal = timeline.build(timeline.Scenario.parse("64x64-1-normal"), 3)
    modes = {layer.blend.label for g in layers.artwork(normal).frames[0] for layer in (g.base, *g.clipped)}
    assert modes == {"normal"}


def test_the_references_are_the_specification(small: timeline.Timeline) -> None:
    k = small.kinds.index("sway")
    # So small a cast fills the top of its pages only, and the specification works on all of a page.
    tops = [page[:256] for page in small.pages]
    assert not any(page[254:].any() for page in small.pages)
    whole = to_bytes(composite(small.frame(k), tops))
    assert np.array_equal(check.references(small, [k])[0], whole)


def test_pillow_draws_what_the_specification_says(small: timeline.Timeline) -> None:
    frames = check.sample_frames(small.kinds)
    difference = check.compare(engines.make("pillow", small), frames, check.references(small, frames))
    assert difference.passed and difference.frames == len(frames)


def test_real_frames_are_the_performer_s_and_all_of_them_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(real, "FROM_S", 1.5)  # what is before is acted and not drawn
    scenario = timeline.Scenario.parse("64x64-2-real")
    recorded = real.recorded(scenario, 6)
    assert recorded.kinds == ("first", *("real",) * 5)
    shown = recorded.rows[:, 1 : recorded.counts[0, -1]]
    moved = (shown[1:] != shown[:-1]).any(axis=2)
    held = recorded.held
    assert held is not None and held.rows.shape[0] == 6 and np.array_equal(held.counts, recorded.counts)
    assert not np.array_equal(held.rows, recorded.rows)
    assert moved.mean() > 0.9
    # Of both characters, and no row of one is counted to the other.
    assert (np.diff(recorded.counts, axis=1) > 30).all()
    frames = check.sample_frames(recorded.kinds)
    drawn = check.compare(engines.make("mien", recorded), frames, check.references(recorded, frames))
    assert drawn.passed and drawn.largest <= 1


def test_python_alone_is_told_part_by_part() -> None:
    code = """
import sys
sys.path.insert(0, sys.argv[1])
from bench_compositor import main, python_side, real
python_side.FROM_S = real.FROM_S = 0.2  # what is before is acted and not timed
sys.exit(main.main(sys.argv[2:]))
"""
    command = [sys.executable, "-c", code, str(TOOLS), "--cpu-only", "--frames", "3"]
    ran = subprocess.run(
        [*command, "--scenario", "64x64-2-real"], capture_output=True, text=True, check=False, timeout=600
    )
    assert ran.returncode == 0, ran.stderr
    assert [line.split("|")[1].strip() for line in ran.stdout.splitlines()[2:8]] == [
        "sound",
        "tick",
        "rows",
        "plan",
        "draw",
        "all",
    ]


def test_a_name_that_is_no_scenario_is_refused() -> None:
    with pytest.raises(ValueError, match="modes are mixed, normal, real or idle, not odd"):
        timeline.Scenario.parse("64x64-1-odd")


def test_a_missing_library_is_named_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "blend2d", None)
    monkeypatch.delitem(sys.modules, "bench_compositor.engines.blend2d_raster", raising=False)
    with pytest.raises(engines.EngineMissing, match="pip install blend2d-python"):
        engines.make("blend2d", None)  # type: ignore[arg-type]


def test_statistics_are_medians_over_rounds() -> None:
    one = measure.Measured(rounds=[[1.0, 2.0, 9.0], [3.0, 4.0, 9.0], [2.0, 3.0, 9.0]])
    result = measure.Result("64x64-1-mixed", ["talk", "talk", "sway"], 30, 0.1, {"mien": one})
    assert figures.figures(result, one)["talk"] == figures.Figure(2.5, 1.5, 3.5)
    assert figures.figures(result, one)["sway"] == figures.Figure(9.0, 9.0, 9.0)


def test_a_missed_target_is_said_to_be_missed() -> None:
    def engine(ms: float) -> measure.Measured:
        return measure.Measured(rounds=[[ms, ms]], first_frame_ms=[50.0])

    result = measure.Result(
        "1280x720-1-mixed", ["talk", "sway"], 30, 0.1, {"mien": engine(3.0), "blend2d": engine(4.0)}
    )
    met = {target.what: target.met for target in figures.targets([result])}
    assert met["changed talk frame, median, against Blend2D"] is False
    machine = Machine("a processor", 2, "a renderer", True, "a system", "2026-01-01", {})
    text = report.markdown(report.Report(machine, "the command", 3, 1, [result]), "")
    assert "| <= 0.4 | 0.75 | **missed** |" in text and "| <= 100 ms | 50 ms | met |" in text


def test_a_run_from_end_to_end_writes_its_figures(tmp_path: Path) -> None:
    command = [sys.executable, str(TOOLS / "bench_compositor.py"), "--engines", "pillow,mien"]
    command += ["--scenario", "64x64-1-mixed", "--frames", "12", "--rounds", "1"]
    ran = subprocess.run(
        [*command, "--json", str(tmp_path / "figures.json")], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    written = json.loads((tmp_path / "figures.json").read_text(encoding="utf-8"))
    timed = written["results"][0]["engines"]
    assert [len(timed[key]["rounds"][0]) for key in ("pillow", "mien")] == [11, 11]
    assert timed["mien"]["facts"]["unchanged_draws"] == 0
    assert "| Mien |" in ran.stdout and "| Pillow, L1 cache |" in ran.stdout
