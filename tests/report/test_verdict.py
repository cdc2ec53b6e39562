"""The verdict at the end of a run: what a viewer could have noticed, and a tip only where it helps."""

from __future__ import annotations

import json

import pytest

from mien.cli.verdict import Drawn, advice, print_verdict
from mien.observe import Ledger, TurnRecord
from mien.stage.governor import Level
from mien.types import Size
from observe.rig import Rig

SOFTWARE = Drawn(Size(1280, 720), is_software=True)


def run(*, realtime: bool = True, slow: str = "drawn") -> Ledger:
    """Ten frames, one of which takes too long, and makes the next late."""
    rig = Rig(realtime=realtime)
    for index in range(10):
        rig.frame(index, **{"built": 1.0, "drawn": 1.0, slow: 70.0 if index == 4 else 1.0})
    return rig.ledger


def test_late_frames_of_a_software_renderer_suggest_a_smaller_picture() -> None:
    assert advice(run(), SOFTWARE) == (
        "drawn in software, without a GPU, and 1 of 10 frames were late or left out; try --size 960x540"
    )


@pytest.mark.parametrize(
    ("size", "smaller"),
    [(Size(1920, 1080), "960x540"), (Size(1080, 1920), "540x960"), (Size(1000, 1000), "720x720")],
)
def test_the_smaller_picture_has_the_shape_of_the_larger(size: Size, smaller: str) -> None:
    assert str(advice(run(), Drawn(size, is_software=True))).endswith(f"try --size {smaller}")


def test_no_smaller_picture_is_suggested_where_it_would_not_help() -> None:
    on_time = Rig()
    for index in range(10):
        on_time.frame(index, drawn=30.0)
    assert advice(on_time.ledger, SOFTWARE) is None
    assert advice(run(), Drawn(Size(1280, 720), is_software=False)) is None
    assert advice(run(), Drawn(Size(640, 360), is_software=True)) is None
    assert advice(run(realtime=False), SOFTWARE) is None
    for slow in ("built", "swapped", "taken"):  # it is not the pixels
        assert advice(run(slow=slow), SOFTWARE) is None


def test_frames_left_out_suggest_it_as_well_as_late_ones() -> None:
    ledger = run()
    ledger.expect(12)
    assert "3 of 12 frames" in str(advice(ledger, SOFTWARE))


def test_the_tip_is_told_in_text_and_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    for as_json in (False, True):
        print_verdict(run(), title="Hello", facts={}, warnings=["a"], as_json=as_json, drawn=SOFTWARE)
    text, _, told = capsys.readouterr().out.partition("{")
    assert "1 frame late" in text and "960x540" in text
    warnings = json.loads("{" + told)["warnings"]
    assert warnings[0] == "a" and warnings[1].endswith("try --size 960x540")


def test_the_verdict_names_what_a_viewer_could_notice(capsys: pytest.CaptureFixture[str]) -> None:
    rig = Rig()
    rig.frame(0, built=1.0)
    print_verdict(rig.ledger, title="Hello", facts={}, warnings=(), as_json=False)
    assert "clean" in capsys.readouterr().out
    rig.heard(underruns=2, concealed_samples=960)
    rig.counters.misses += 3
    rig.counters.compiles += 1
    rig.counters.allocations += 1
    rig.frame(2, built=1.0)
    print_verdict(rig.ledger, title="Hello", facts={}, warnings=(), as_json=False)
    said = " ".join(capsys.readouterr().out.split())
    assert said.startswith(
        "Hello: 1 frame dropped, 3 drawings not resident when needed, GL objects were made after ready, "
        "2 audio underruns, 20 ms of sound concealed"
    )


def test_frames_that_were_late_or_left_out_are_told_with_their_causes(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_verdict(run(), title="Hello", facts={}, warnings=(), as_json=False)
    causes = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("causes"))
    assert "1 frame took too long because drawing took long" in causes
    kept = Rig()
    kept.frame(0, built=1.0)
    kept.frame(9, built=1.0)
    kept.ledger.thread_gap_ms.add(250.0)
    print_verdict(kept.ledger, title="Hello", facts={}, warnings=(), as_json=False)
    causes = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("causes"))
    assert "no frame took too long by itself" in causes
    assert "Python threads stood still for up to 250 ms" in causes


def test_a_clean_run_has_no_causes_and_a_render_has_none_either(capsys: pytest.CaptureFixture[str]) -> None:
    clean = Rig()
    clean.frame(0, built=1.0)
    for ledger in (clean.ledger, run(realtime=False)):
        print_verdict(ledger, title="Hello", facts={}, warnings=(), as_json=False)
    assert "causes" not in capsys.readouterr().out


def test_in_a_pipe_no_line_of_the_verdict_ends_in_blanks(capsys: pytest.CaptureFixture[str]) -> None:
    print_verdict(run(), title="Hello", facts={"sound": "none"}, warnings=(), as_json=False)
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("sound ") for line in lines)
    assert all(line == line.rstrip() for line in lines)


def test_frames_with_fewer_pixels_are_told_by_scale(capsys: pytest.CaptureFixture[str]) -> None:
    rig = Rig()
    for index, scale in enumerate([1.0, 1.0, 0.75, 0.75, 0.5, 0.75]):
        rig.meter.level = Level(scale, 1 / 2, 1.0)
        rig.frame(index, built=1.0)
    print_verdict(rig.ledger, title="Hello", facts={}, warnings=[], as_json=False)
    shown = " ".join(capsys.readouterr().out.split())
    assert "pixels 4 frames drawn with fewer, to be in time: 3 at 75% of width and height, 1 at 50%" in shown
    assert rig.ledger.count("frames_scaled_total") == 4


def test_a_turn_of_another_length_than_its_file_says_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    rig = Rig()
    rig.frame(0, built=2.0)
    rig.ledger.add_turn(TurnRecord("a", "wren", 96_000, 96_000, 96_000, 48_000, 1.0, 1.0))
    print_verdict(rig.ledger, title="Hello", facts={}, warnings=(), as_json=False)
    assert "Hello: 1 of 1 turns was of another length than stated" in capsys.readouterr().out


def test_frames_in_coarser_steps_are_told_before_those_with_fewer_pixels(
    capsys: pytest.CaptureFixture[str],
) -> None:
    rig = Rig()
    for index, hold_px in enumerate([0.0, 1 / 2, 1 / 2]):
        rig.meter.level = Level(1.0, hold_px, 1.0)
        rig.frame(index, built=1.0)
    print_verdict(rig.ledger, title="Hello", facts={}, warnings=[], as_json=False)
    shown = " ".join(capsys.readouterr().out.split())
    assert "slow parts in coarser steps in 2 frames, to be in time" in shown
    assert "pixels" not in shown
