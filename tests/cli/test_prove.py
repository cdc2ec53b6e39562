"""`mien prove` as a command: wrong arguments, the gate, Ctrl-C, what is written."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cli.short import brief
from mien.cli import main
from mien.cli import prove as command
from mien.cli.proved import print_plan, print_proof
from mien.errors import PackageMissing
from mien.prove import golden, statistics
from mien.prove import runs as running
from mien.prove.runs import ProofFailed
from mien.prove.surfaces import needs
from mien.prove.thresholds import bundled
from mien.types import Size
from prove.runs import BUSY, PLAN, QUIET, run_of, runs_of
from prove.test_proof import proof_of, recount


@pytest.fixture
def played(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Nothing is played: runs are read from ledgers, whose frames `slow` makes late, beside `others`, and
    those made again beside `then`."""
    how: dict[str, Any] = {"others": QUIET, "slow": {}, "then": BUSY, "again": 0}

    def perform(plan: object, folder: Path, say: object) -> object:
        return runs_of(folder, how["others"], slow=how["slow"])

    def again(plan: object, player: str, number: int, path: Path) -> running.Run:
        how["again"] += 1
        (run,) = (
            one
            for one in runs_of(path.parent, how["then"], slow=how["slow"])
            if (one.player, one.round) == (player, number)
        )
        return run

    bounded = statistics._bounded
    # What intervals are worth is tried in tests/prove/test_statistics.py; here are fifteen for each proof.
    monkeypatch.setattr(statistics, "_bounded", lambda groups, seed, _: bounded(groups, seed, 300))
    monkeypatch.setattr(command, "perform", perform)
    monkeypatch.setattr(running, "_one", again)
    monkeypatch.setattr(command.golden, "compare", lambda *_: ())
    return how


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--runs", "0"], "'0' is not a number of runs; write 1 to 999"),
        (["--seconds", "-1"], "'-1' is not a length"),
        (["--repeats", "-1"], "'-1' is not a number of repeats; write 0 to 99"),
        (["--seed", "x"], "'x' is not a seed; write 0 to 999999999"),
        (["--surface", "windw"], "'windw' is not a surface; did you mean 'window'"),
        (["--load", "cpu"], "'cpu' is not a load"),
        (["--tolerance", "256"], "'256' is not a tolerance; write 0 to 255"),
        (["--json", ""], "the name is empty"),
        (["--html", "https://a/b.html"], "begins an address"),
    ],
)
def test_a_wrong_argument_gets_one_sentence(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["prove", *words])
    assert ended.value.code == 2 and said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["no_such_talk"], "no_such_talk"),
        (["--golden", "."], "holds no golden frames"),
        (["--html", "page.txt"], "page.txt"),
        (["--json", "out.xml"], "out.xml"),
    ],
)
def test_what_cannot_be_done_is_said_before_anything_runs(
    words: list[str], said: str, played: Any, tmp_path: Path, capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert main(["prove", *words]) == 1
    out, err = capfd.readouterr()
    assert said in err and "Traceback" not in err and "sha256" not in out and err.count("\n") == 1


def test_what_is_somebody_s_is_not_written_over(
    played: Any, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    notes, picture = tmp_path / "legacy-2.jsonl", tmp_path / "frame-00001.png"
    for file in (notes, picture):
        file.write_text("mine")
    given = ["prove", "hello", "--surface", "none"]
    assert main([*given, "--runs", "2", "--ledgers", str(tmp_path)]) == 1
    assert "legacy-2.jsonl is another kind of file and would be lost" in capfd.readouterr().err
    assert main([*given, "--seconds", "0.5", "--golden-new", str(tmp_path)]) == 1
    assert "holds frame-00001.png, which is no golden frame" in capfd.readouterr().err
    assert notes.read_text() == picture.read_text() == "mine"


def test_bounds_are_printed_in_the_intervals_of_the_conversation(capsys: pytest.CaptureFixture[str]) -> None:
    plan = running.Plan("mine", Size(160, 90), 2, 20.0, "none", 1)
    print_plan(plan, bundled(), {}, 60.0)
    out = capsys.readouterr().out
    assert "at most 25 ms" in out and "at most 50 ms" not in out


def test_what_cannot_be_shown_or_watched_is_said_with_the_bounds(capsys: pytest.CaptureFixture[str]) -> None:
    plan = running.Plan("mine", Size(160, 90), 1, 1.0, "none", 1)
    print_plan(plan, bundled(), {}, 30.0, {"window": "there is no Xvfb."})
    out = capsys.readouterr().out
    assert "30 frames show at best 116 of 1000 missed" in out and out.startswith("1 run of 1 s each: ")
    assert "note the surface window will not be watched: there is no Xvfb." in out


def test_what_is_missing_is_asked_for_before_anything_runs(
    played: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(needs, "_BROWSERS", ("no-such-browser",))
    assert main(["prove", "--runs", "2", "--surface", "webrtc"]) == 0
    out, err = capfd.readouterr()
    assert "will not be watched: " in out and "observer" not in err
    assert "the surface webrtc was not watched: " in out


def test_of_sentences_that_are_alike_a_few_are_printed_and_the_verdict_is_last(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    late = tuple(f"frame {k} was seen {41 + k / 10} ms after the ledger calls it shown." for k in range(25))
    other = "frame 7 shows sample 1 of the session, and the ledger says 2."
    proof = proof_of(runs_of(tmp_path), recounts=(recount(disagreements=(*late[:9], other, *late[9:])),))
    print_proof(proof)
    lines = capsys.readouterr().out.splitlines()
    assert sum("the ledger calls it shown" in line for line in lines) == 5
    assert f"note file: {other}" in lines and "  and 20 more like it: --json has each" in lines
    assert lines[-1] == f"fail: {proof.sentence}"
    assert len(proof.as_dict()["surfaces"][0]["disagreements"]) == 26  # type: ignore[index]


@pytest.mark.parametrize(
    ("others", "slow", "verdict", "status"),
    [
        (QUIET, {}, "pass", 0),
        (QUIET, dict.fromkeys(range(3, 600, 40), 90.0), "fail", 1),
        (BUSY, dict.fromkeys(range(3, 600, 40), 90.0), "disturbed", 3),
    ],
)
def test_the_gate_says_it_in_its_status(
    others: Any, slow: Any, verdict: str, status: int, played: Any, tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    played.update(others=others, slow=slow)
    file = tmp_path / "proof.json"
    given = ["prove", "--runs", "2", "--surface", "none", "--json", str(file)]
    assert main([*given, "--gate"]) == status
    out, _ = capfd.readouterr()
    told = json.loads(file.read_text())
    assert told["verdict"] == verdict and f"\n{verdict}: {told['sentence']}" in out
    # The bounds, with their digest, stand before the result.
    assert out.index(told["thresholds_sha256"]) < out.index("one frame in 200") < out.index(f"\n{verdict}: ")
    if verdict == "fail":
        assert main(given) == 0, "without the gate"


def test_a_run_that_was_disturbed_is_made_again_and_what_was_set_aside_is_told(
    played: Any, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    played.update(others=BUSY, then=QUIET)
    file, page, kept = tmp_path / "proof.json", tmp_path / "proof.html", tmp_path / "kept"
    given = ["prove", "--runs", "2", "--surface", "none", "--peer", "none", "--gate", "--json", str(file)]
    assert main([*given, "--html", str(page), "--ledgers", str(kept)]) == 0
    out, err = capfd.readouterr()
    told = json.loads(file.read_text())
    assert played["again"] == 4 and "; 4 runs that were disturbed were made again" in told["sentence"]
    assert not any(one["disturbed"] for one in told["runs"])
    assert {(one["player"], one["round"]) for one in told["runs_set_aside"]} == {
        ("legacy", 1), ("legacy", 2), ("mien", 1), ("mien", 2)
    }  # fmt: skip
    assert all("60% of the cores" in one["disturbed"][0] for one in told["runs_set_aside"])
    # The rule stands before the bounds are tried, and each that was set aside behind it.
    assert "4 times at most of each" in out[: out.index("\npass: ")]
    assert out.count("was set aside and made again: other programs used 60% of the cores") == 4
    assert err.count("was disturbed and is made again") == 4
    assert page.read_text().count("set aside, and made again: other programs") == 4
    names = {
        f"{who}-{n}{what}.jsonl" for who in ("legacy", "mien") for n in "12" for what in ("", "-disturbed-1")
    }
    assert {one.name for one in kept.iterdir()} == names


@pytest.mark.parametrize(
    ("more", "again"), [([], 4), (["--repeats", "1"], 1), (["--repeats", "0"], 0), (["--load", "gil"], 0)]
)
def test_runs_are_made_again_so_often_as_was_said_and_never_beside_a_load(
    more: list[str], again: int, played: Any, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    played.update(others=BUSY, slow=dict.fromkeys(range(3, 600, 40), 90.0))
    given = ["prove", "--runs", "2", "--surface", "none", "--peer", "none", "--gate", *more]
    assert main(given) == 3
    assert played["again"] == again
    assert ("times at most of each" in capfd.readouterr().out) == bool(again)


def test_what_is_made_again_is_chosen_by_what_others_did_and_not_by_how_it_ended(
    played: Any, tmp_path: Path
) -> None:
    bad = dict.fromkeys(range(3, 600, 9), 90.0)
    runs = [run_of(tmp_path, "mien", 1, BUSY), run_of(tmp_path, "mien", 2, QUIET, slow=bad)]
    played.update(then=QUIET)
    why = [["busy"], []]
    kept, aside = running.made_again(
        replace(PLAN, repeats=3), runs, lambda some: why if some[0] is runs[0] else [[], []], tmp_path
    )
    assert [one.run for one in aside] == runs[:1] and aside[0].why == ("busy",)
    assert kept[0] is not runs[0] and kept[1] is runs[1]
    assert (tmp_path / "mien-1-disturbed-1.jsonl").exists() and (tmp_path / "mien-1.jsonl").exists()


def test_of_a_peer_no_run_is_made_again(played: Any, tmp_path: Path) -> None:
    runs = [run_of(tmp_path, "skia", 1, BUSY)]
    plan = replace(PLAN, repeats=3, players=("legacy", "mien", "skia"))
    assert running.made_again(plan, runs, lambda _: [["busy"]], tmp_path) == (runs, [])


def test_ctrl_c_ends_it_with_one_sentence_and_writes_nothing(
    played: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> object:
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "perform", interrupted)
    file = tmp_path / "proof.json"
    assert main(["prove", "--surface", "none", "--json", str(file)]) == 130
    assert capfd.readouterr().err.splitlines()[-1] == "mien: stopped; nothing is proved by half."
    assert not file.exists()


def test_a_run_s_process_ends_when_the_proof_does() -> None:
    import sys

    with pytest.raises(KeyboardInterrupt), running._process([sys.executable, "-c", "input()"], 60) as process:
        raise KeyboardInterrupt
    assert process.poll() is not None


def test_a_run_whose_driver_hangs_is_ended_and_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "LONGEST_START_S", 0.01)
    monkeypatch.setattr(running, "_SLOWER", 0.0)
    plan = running.Plan("hello", Size(160, 90), 1, 60.0, "none", 1)
    with pytest.raises(
        ProofFailed, match=r"the process of the old way was not done with 60 s of frames in 0 s"
    ):
        list(running.perform(plan, tmp_path))


def test_a_run_that_could_not_be_made_is_told(tmp_path: Path) -> None:
    plan = running.Plan("no_such_talk", (160, 90), 1, 1.0, "none", 1)  # type: ignore[arg-type]
    with pytest.raises(ProofFailed, match="no_such_talk"):
        list(running.perform(plan, tmp_path))


@pytest.mark.slow
def test_a_run_that_was_done_counts_however_long_this_program_was_stopped_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "LONGEST_START_S", 0.0)
    monkeypatch.setattr(running, "_SLOWER", 0.0)
    monkeypatch.setattr(running.threading.Timer, "start", lambda timer: None)
    plan = running.Plan("hello", Size(160, 90), 1, 1.0, "none", 1, ("legacy",))
    (run,) = running.perform(plan, tmp_path)
    assert isinstance(run, running.Run)


def test_a_peer_that_cannot_play_is_left_out_and_told_and_the_proof_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def one(plan: object, player: str, number: int, path: Path) -> running.Run:
        if player == "skia" and number == 2:
            raise ProofFailed("it draws no such layer.")
        return run_of(tmp_path, player, number)

    monkeypatch.setattr(running, "_one", one)
    plan, said = replace(PLAN, players=("legacy", "mien", "skia")), list[str]()
    made = list(running.perform(plan, tmp_path, said.append))
    assert [one for one in made if isinstance(one, running.LeftOut)] == [("skia", "it draws no such layer.")]
    assert [one.player for one in made] == ["legacy", "mien", "skia", "skia", "mien", "legacy"]
    assert "Skia is left out: it draws no such layer." in said
    with pytest.raises(ProofFailed, match="no such layer"):
        monkeypatch.setattr(running, "_one", lambda plan, player, *more: one(plan, "skia", 2, tmp_path))
        list(running.perform(plan, tmp_path))


def test_a_proof_without_a_peer_says_so(
    played: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def perform(plan: running.Plan, folder: Path, say: object) -> object:
        assert plan.players == ("legacy", "mien", "skia")
        return [*runs_of(folder), run_of(folder, "skia", 1), running.LeftOut("skia", "it cannot.")]

    monkeypatch.setattr(command, "perform", perform)
    file, page = tmp_path / "proof.json", tmp_path / "proof.html"
    given = ["prove", "--runs", "2", "--surface", "none", "--json", str(file), "--html", str(page)]
    assert main(given) == 0
    told = json.loads(file.read_text())
    assert told["plan"]["players"] == ["legacy", "mien"] == sorted({one["player"] for one in told["runs"]})
    assert told["plan"]["left_out"] == {"skia": "it cannot."}
    assert "Skia was left out: it cannot." in capfd.readouterr().out
    assert "Skia was left out: it cannot." in page.read_text()


def test_a_peer_that_is_broken_stops_only_who_asked_for_it(
    played: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def broken(key: str) -> object:
        raise PackageMissing("Skia cannot be played: libGL.so.1 is not there.")

    monkeypatch.setattr(command, "painter", broken)
    given = ["prove", "--runs", "2", "--surface", "none"]
    assert main([*given, "--peer", "skia"]) == 1
    assert capfd.readouterr().err == "mien: Skia cannot be played: libGL.so.1 is not there.\n"
    assert main(given) == 0
    assert "Skia was left out: Skia cannot be played" in capfd.readouterr().out


@pytest.mark.slow
def test_both_ways_are_played_and_judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    talk = str(brief(tmp_path / "talk"))
    # In place of the bundled ones, which tests/prove draws: those are seconds of a long conversation.
    golden.write(tmp_path / "golden", golden.chosen(talk, Size(160, 90), None, 0.2, 2))
    monkeypatch.setattr(golden, "bundled", lambda: golden.read(tmp_path / "golden"))
    file, page = tmp_path / "proof.json", tmp_path / "proof.html"
    words = ["prove", talk, "--runs", "1", "--seconds", "1", "--size", "160x90", "--surface", "none"]
    words += ["--peer", "none", "--repeats", "0"]
    assert main([*words, "--json", str(file), "--html", str(page), "--ledgers", str(tmp_path / "l")]) == 0
    told = json.loads(file.read_text())
    assert [run["player"] for run in told["runs"]] == ["legacy", "mien"]
    # Of those that were left out at the end the old way does not know.
    assert all(10 <= run["figures"]["frames"] <= 31 for run in told["runs"])
    assert {one.name for one in (tmp_path / "l").iterdir()} == {"legacy-1.jsonl", "mien-1.jsonl"}
    assert page.read_text().startswith("<!DOCTYPE html>")
    states = {one["figure"]: one["state"] for one in told["claims"]}
    assert states["golden.different"] == "met" and states["mien.late_work"] == "met"
