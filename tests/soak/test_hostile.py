"""The long and hostile run in short: nothing is wrong, a seed is one run, and defects are found."""

from __future__ import annotations

import random
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))

import mien
from soak import main as command
from soak.run import IN_A_ROW, PER_TURN, SLACK, Run, Told, grown
from soak.world import FPS, SimulatedWorld

SECONDS = 15


@pytest.fixture
def world(tmp_path: Path) -> Iterator[SimulatedWorld]:
    with SimulatedWorld(tmp_path) as world:
        yield world


def played(world: SimulatedWorld, seed: int, tmp_path: Path, seconds: float = SECONDS) -> Told:
    run = Run(world, random.Random(seed), tmp_path)
    return list(run.hours(seconds / 3600, seconds / 7200))[-1]


def test_nothing_is_wrong_whatever_is_done(
    world: SimulatedWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("soak.run.LOADS_A_MINUTE", 30.0)
    monkeypatch.setattr("soak.run.ACTS_A_SECOND", 4.0)
    told = played(world, 3, tmp_path)
    assert told.wrong == ()
    assert told.turns > 2
    assert told.left_out > 0  # what was put on was felt
    assert world.watch.seen["shown"] == world.stage.ledger.frames_produced


def test_a_seed_is_one_run(tmp_path: Path) -> None:
    seen = []
    for _ in range(2):
        with SimulatedWorld(tmp_path) as world:
            run = Run(world, random.Random(11), tmp_path)
            pictures = []
            for _ in range(4 * FPS):
                run.step()
                pictures.append(zlib.crc32(world.stage.picture.tobytes()))
            seen.append((pictures, run.host.acts, run.host.ends, world.watch.seen, world.loads))
    assert seen[0] == seen[1]


def test_a_turn_that_is_lost_is_told(
    world: SimulatedWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = mien.LiveStage.events
    lost: list[mien.TurnEvent] = []

    def without_one(stage: mien.LiveStage) -> list[mien.TurnEvent]:
        told = events(stage)
        ends = [event for event in told if event.kind != "started" and not lost]
        lost.extend(ends[:1])
        return [event for event in told if event not in ends[:1]]

    monkeypatch.setattr(mien.LiveStage, "events", without_one)
    monkeypatch.setattr("soak.run.QUIET_S", 20.0)
    wrong = played(world, 3, tmp_path).wrong
    assert any(f"turns without an end: {lost[0].turn}" in sentence for sentence in wrong)


def test_a_late_frame_that_nothing_explains_is_told(world: SimulatedWorld, tmp_path: Path) -> None:
    for _ in range(FPS):
        world.frame()
    assert world.watch.wrong == []
    world.clock.advance_ns(200_000_000)  # and no load was put on
    world.frame()
    world.frame()
    assert "no load was put on" in world.watch.wrong[0]


def test_a_file_that_stays_open_is_told(world: SimulatedWorld, tmp_path: Path) -> None:
    run = Run(world, random.Random(1), tmp_path)
    assert run.look().wrong == ()
    with (tmp_path / "turn.wav").open("rb"):
        (wrong,) = run.look().wrong
    assert wrong.startswith("files: ")


def test_the_command_says_how_to_have_the_run_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def hours(self: Run, hours: float, every: float) -> Iterator[Told]:
        yield Told(0.5, 1, 2, 0, 0, 0, 1.0, {"files": 3}, ("turn 7 had a second end: dropped",))

    monkeypatch.setattr(Run, "hours", hours)
    assert command.main(["--seed", "5", "--hours", "2"]) == 1
    told = capsys.readouterr()
    assert "turn 7 had a second end" in told.err
    assert "again: tools/soak.py --seed 5 --every 0.25 --fps 30 --hours 0.500" in told.err


def test_an_error_is_raised_behind_the_command_that_has_it_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def step(self: Run) -> None:
        raise KeyError("neutral")

    monkeypatch.setattr(Run, "step", step)
    with pytest.raises(KeyError):
        command.main(["--seed", "5", "--hours", "2"])
    assert "again: tools/soak.py --seed 5 --every 0.25 --fps 30 --hours 2" in capsys.readouterr().err


def test_memory_that_stays_at_each_look_is_told_and_a_heap_that_grows_once_is_not() -> None:
    turns = 100
    leaks = [(2 * PER_TURN * turns * look, turns * look) for look in range(IN_A_ROW + 1)]
    assert grown(leaks)[0].startswith(f"memory has grown at each of the last {IN_A_ROW} looks")
    assert not grown(leaks[:-1])
    once = [(SLACK if look > 3 else 0, turns * look) for look in range(2 * IN_A_ROW)]
    assert not grown(once)
    assert not grown(
        [*leaks[:4], (leaks[3][0], 4 * turns), *((one + 1, two + turns) for one, two in leaks[4:])]
    )
    assert grown([(0, 0), (SLACK + 10 * PER_TURN + 1, 10)])[0].endswith("MB in 10 turns")
