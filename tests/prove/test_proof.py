"""What a proof says of runs: figures, claims, causes, disturbances, the verdict."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mien.errors import SurfaceMissing
from mien.prove import statistics
from mien.prove.disturbances import by_player, disturbances, slower_cores
from mien.prove.figures import longest_missed, missed, of_observers
from mien.prove.golden import Compared
from mien.prove.looks import STALLS, Again, Looked, looked_at, unwatchable
from mien.prove.others import Others
from mien.prove.page_parts import surfaces
from mien.prove.plain import plain
from mien.prove.proof import Proof, bursts, missed_frames, prove
from mien.prove.recount import Recount, Stall, Surface
from mien.prove.runs import Plan, Run, SetAside
from mien.prove.statistics import Interval
from mien.prove.thresholds import Claim, State, bundled, read
from mien.prove.verdict import Judged, claims_told, verdict_of
from mien.types import Size
from prove.runs import BUSY, INTERVAL_MS, PLAN, QUIET, run_of, runs_of

SAME = (Compared("hello-012", 12, 1, 0.0, True),)
CALM = {"rivals": False, "mien": False, "observer": False}


def recount(**told: Any) -> Recount:
    usual: dict[str, Any] = {
        "surface": "file",
        "observer": "FFmpeg reads the file",
        "frames": 300,
        "shown": 300,
        "repeated": 0,
        "missing": 0,
        "out_of_order": 0,
        "shown_at_ms": tuple(k * INTERVAL_MS for k in range(300)),
        "indices": tuple(range(300)),
        "av_ms": (1.0, 3.0),
        "disagreements": (),
        "stalls": (),
    }
    return Recount(**{**usual, **told})


def found(*stalls: Stall) -> Recount:
    return recount(stalls=stalls, missing=9, shown=291)


def proof_of(
    runs: list[Run],
    plan: Plan = PLAN,
    recounts: tuple[Recount, ...] = (),
    golden: Any = SAME,
    beside: Others = QUIET,
    aside: Any = (),
    runs_aside: tuple[SetAside, ...] = (),
) -> Proof:
    told = ("mien prove", "2026-01-01T00:00:00+00:00")
    looked = Looked(recounts, {"window": "no display"}, {"file": beside}, aside)
    bounded = statistics._bounded
    with pytest.MonkeyPatch.context() as patch:
        # What intervals are worth is tried in test_statistics; here are fifteen of them for each proof.
        patch.setattr(statistics, "_bounded", lambda groups, seed, _: bounded(groups, seed, 300))
        return prove(plan, bundled(), runs, looked, golden, {"cores": "2"}, told, runs_aside)


def state(proof: Proof, figure: str) -> str:
    return next(one.state for one in proof.claims if one.claim.figure == figure)


def test_runs_that_hold_every_bound_pass(tmp_path: Path) -> None:
    stalls = tuple(Stall(s.where, s.at_frame, s.size_ms, s.size_ms + 20) for s in STALLS)
    proof = proof_of(runs_of(tmp_path), recounts=(recount(), found(*stalls)))
    assert proof.verdict == "pass", proof.sentence
    assert proof.sentence == "all 15 claims hold; Mien drew every frame whole."
    less = proof.figures["less.missed_per_1000"]
    assert isinstance(less, Interval) and less.value == pytest.approx(100) and less.low > 50
    assert json.loads(json.dumps(proof.as_dict()))["verdict"] == "pass"


def test_a_frame_in_fifty_late_fails_and_is_told_with_its_cause(tmp_path: Path) -> None:
    proof = proof_of(runs_of(tmp_path, slow=dict.fromkeys(range(3, 600, 50), 80.0)))
    assert proof.verdict == "fail" and state(proof, "mien.missed_per_1000") == "missed"
    assert "missed: frames late or never shown, of 1000" in proof.sentence
    told = bursts(missed_frames(proof.runs))
    assert len(told) == 24 and told[0].which == "frame 3" and told[0].how == "80 ms late"
    assert told[0].because == "other threads held the interpreter's lock"


def test_the_same_beside_other_programs_leaves_it_open_and_names_them(tmp_path: Path) -> None:
    proof = proof_of(runs_of(tmp_path, BUSY, slow=dict.fromkeys(range(3, 600, 50), 80.0)))
    assert proof.verdict == "disturbed"
    assert "3 could not be judged: the machine was disturbed; 4 of 4 runs" in proof.sentence
    assert (
        "4 of 4 runs were disturbed: other programs used 60% of the cores (make 1.20 cores)" in proof.sentence
    )


def test_a_disturbance_excuses_no_wrong_picture_and_no_disagreement(tmp_path: Path) -> None:
    wrong = (Compared("hello-012", 12, 90, 0.3, False),)
    assert proof_of(runs_of(tmp_path, BUSY), golden=wrong).verdict == "fail"
    other = recount(disagreements=("frame 7 was seen, and the ledger has it left out.",))
    assert proof_of(runs_of(tmp_path, BUSY), recounts=(other,)).verdict == "fail"
    # Unless it was the observer that had no core to look with.
    busy = proof_of(runs_of(tmp_path), recounts=(other,), beside=BUSY)
    assert busy.verdict == "disturbed" and "the observers of file" in busy.sentence
    late = proof_of(runs_of(tmp_path), recounts=(recount(av_ms=(-60.0, 3.0, 130.0)),))
    assert late.figures["observer.beeps_apart"] == 2.0 and late.verdict == "fail"


def test_what_nothing_excuses_counts_in_a_run_that_was_set_aside(tmp_path: Path) -> None:
    kept = runs_of(tmp_path)
    (tmp_path / "aside").mkdir()

    def with_aside(**told: Any) -> Proof:
        run = run_of(tmp_path / "aside", "mien", 1, BUSY, **told)
        return proof_of(kept, runs_aside=(SetAside(run, ("make",)),))

    late = with_aside(slow=dict.fromkeys(range(3, 600, 50), 80.0))
    assert late.verdict == "pass", late.sentence
    assert late.figures["mien.missed_per_1000"] == proof_of(kept).figures["mien.missed_per_1000"]
    for fault, figure in (
        ({"l1_misses": 1}, "mien.pictures_missing"),
        ({"gl_allocations": 1}, "mien.late_work"),
        ({"added_gap_samples": 480}, "mien.gap_ms"),
    ):
        wrong = with_aside(**fault)
        assert wrong.verdict == "fail" and state(wrong, figure) == "missed", figure
        assert wrong.figures["mien.missed_per_1000"] == late.figures["mien.missed_per_1000"]


def test_a_better_figure_than_a_disturbed_rival_s_proves_nothing(tmp_path: Path) -> None:
    runs = [replace(run, others=BUSY if run.player == "legacy" else QUIET) for run in runs_of(tmp_path)]
    proof = proof_of(runs)
    assert state(proof, "less.missed_per_1000") == "disturbed" and proof.verdict == "disturbed"
    assert state(proof, "mien.missed_per_1000") == "met"


def test_few_frames_without_a_miss_are_not_enough(tmp_path: Path) -> None:
    runs = [run_of(tmp_path, who, n, frames=60) for n in (1, 2) for who in ("legacy", "mien")]
    proof = proof_of(runs)
    assert state(proof, "mien.missed_per_1000") == "not shown" and proof.verdict == "fail"
    assert "not shown by so few frames" in proof.sentence


def test_what_nobody_looked_at_is_said_and_fails_nothing(tmp_path: Path) -> None:
    proof = proof_of(runs_of(tmp_path), golden=())
    assert proof.verdict == "pass"
    assert proof.sentence.startswith("all 10 claims that were looked at hold, 5 were not looked at; ")
    assert state(proof, "golden.different") == state(proof, "observer.disagreements") == "not looked at"


def test_what_the_governor_did_is_said(tmp_path: Path) -> None:
    proof = proof_of(runs_of(tmp_path, scaled=1, coarse=1))
    assert state(proof, "mien.fewer_pixels_per_1000") == "missed"
    assert proof.sentence.endswith("of 1200 frames Mien drew 1200 with fewer pixels.")


def test_frames_left_out_count_wherever_they_are(tmp_path: Path) -> None:
    run = run_of(tmp_path, "mien", 1, frames=10, gone=(0, 4, 5, 9), slow={6: 40.0})
    assert missed(run.file).tolist() == [1, 0, 0, 0, 1, 1, 1, 0, 0, 1]
    assert longest_missed(run.file) == 3
    told = [(one.frame, one.late_ms is None) for one in missed_frames([run])]
    assert told == [(0, True), (4, True), (5, True), (6, False), (9, True)]
    rows = [(row.which, row.how) for row in bursts(missed_frames([run]))]
    assert rows[1:3] == [("frames 4 to 5", "never shown"), ("frame 6", "40 ms late")]


def test_observers_count_by_the_worst_surface_and_without_what_was_put_in() -> None:
    stalls = (
        Stall("engine", 75, 120.0, 130.0),
        Stall("host", 9, 160.0, None),
        Stall("surface", 9, 200.0, 40.0),
    )
    told = of_observers(
        [
            recount(missing=3),
            recount(surface="window"),
            recount(surface="webrtc", missing=40, av_ms=(160.0,)),
            found(*stalls),
        ]
    )
    assert told == {
        "observer.disagreements": 0.0,
        "observer.stalls_not_found": 2.0,
        "observer.missing_per_1000": 10.0,
        "observer.beeps_apart": 0.0,
    }
    assert set(of_observers([]).values()) == {None}


def test_each_surface_is_watched_twice_and_a_missing_one_is_told() -> None:
    asked: list[tuple[str, int]] = []
    sizes: set[Size] = set()

    def observe(surface: Any, **told: Any) -> Recount:
        if surface == "virtual camera":
            raise SurfaceMissing("there is no /dev/video0; load v4l2loopback.")
        asked.append((surface, len(told.get("stalls", ()))))
        sizes.add(told["size"])
        return recount(surface=surface)

    looked = looked_at(
        ("file", "window", "webrtc", "virtual camera"), "hello", Size(320, 180), 2.0, observe=observe
    )
    assert asked == [("file", 0), ("window", 0), ("window", 3), ("webrtc", 0), ("webrtc", 1)]
    assert set(looked.others) == {"file", "window", "webrtc"}
    assert looked.unseen == {"virtual camera": "there is no /dev/video0; load v4l2loopback."}
    assert looked_at((), "hello", Size(320, 180), 2.0) == Looked()
    sizes.clear()
    looked_at(("window",), "hello", Size(1280, 720), 2.0, observe=observe)
    assert sizes == {Size(1280, 720), Size(320, 180)}, "stalls are looked for in small frames"


def test_a_surface_that_was_disturbed_is_watched_again_and_what_was_seen_then_does_not_count() -> None:
    seen = iter(range(100))

    def observe(surface: Any, **told: Any) -> Recount:
        return recount(surface=surface, repeated=next(seen))

    why, said = iter((["busy", "hot"], [], ["busy"], ["busy"], ["busy"])), list[str]()
    again = Again(lambda _: next(why), 3)
    looked = looked_at(("file", "window"), "hello", Size(320, 180), 2.0, said.append, observe, again=again)
    assert looked.aside == (("file", "busy; hot"), ("window", "busy"), ("window", "busy"))
    # A file is watched once a time, a window twice: the last of each counts, the fourth is not asked for.
    assert [(one.surface, one.repeated) for one in looked.recounts] == [
        ("file", 1), ("window", 6), ("window", 7)
    ]  # fmt: skip
    assert set(looked.others) == {"file", "window"} and list(why) == [["busy"]]
    assert "the surface window was disturbed and is watched again: busy" in said


def test_a_surface_set_aside_is_told(tmp_path: Path) -> None:
    proof = proof_of(runs_of(tmp_path), recounts=(recount(),), aside=(("file", "others used 60 %"),))
    told = proof.as_dict()["surfaces_set_aside"]
    assert told == [{"surface": "file", "disturbed": "others used 60 %"}]
    assert "Set aside, and watched again: file. others used 60 %" in surfaces(proof)


def test_what_cannot_be_watched_is_known_before_anything_runs_and_is_not_begun() -> None:
    def lacks(surface: Any) -> str | None:
        return "there is no Xvfb; install it." if surface == "window" else None

    names: tuple[Surface, ...] = ("file", "window", "webrtc", "virtual camera")
    known = unwatchable(names, Size(160, 90), lacks)
    assert known == {
        "window": "there is no Xvfb; install it.",
        "webrtc": "it needs frames of 320x180 or more; give a larger --size.",
    }
    assert unwatchable((), Size(160, 90)) == {}

    def observe(surface: Any, **told: Any) -> Recount:
        if surface == "virtual camera":
            raise SurfaceMissing("the camera is gone.")
        return recount(surface=surface)

    said = list[str]()
    looked = looked_at(names, "hello", Size(160, 90), 2.0, said.append, observe, known)
    assert said == [
        "an observer of the surface file",
        "an observer of the surface virtual camera",
        "the surface virtual camera was not watched: the camera is gone.",
    ]
    assert looked.unseen == {**known, "virtual camera": "the camera is gone."}


def test_everything_that_disturbs_a_run_is_named(tmp_path: Path) -> None:
    bounds = bundled().disturbed
    seen = Others([1, 2, 3, 4], [0.0, 0.0, 0.0, 0.0], [0.1] * 4, 0.2, 0.05, 2, 1000.0, 80.0)
    run = run_of(tmp_path, "mien", 1, seen)
    assert disturbances(run, bounds, 2000.0, "cpu1x") == [
        "the load cpu1x was put beside it on purpose",
        "the hypervisor gave 10% of the cores to other machines",
        "a limit of the container stopped it for 5% of the time",
        "cores were slowed 2 times for their heat",
        "the cores ran at 1000 MHz, 50% of the fastest run's",
    ]
    short = Others([1] * 40, [0.0] * 36 + [0.5] * 4, [0.0] * 40)
    (one,) = disturbances(run_of(tmp_path, "mien", 2, short), bounds, None)
    assert one == "in one second others had 50% of the cores"
    still = replace(QUIET, pauses=((3.0, 0.06), (5.0, 0.12)))
    (one,) = disturbances(run_of(tmp_path, "mien", 4, still), bounds, None)
    assert one.endswith("was kept from it for 120 ms: the machine itself stood still")
    stopped = run_of(tmp_path, "mien", 3, stopped_ms=10.0)
    assert disturbances(stopped, bounds, None) == ["the process did not run for 6.0 s"]
    assert by_player(runs_of(tmp_path), bounds, "none") == [[], [], [], []]


def test_slower_cores_are_found_by_a_fixed_piece_of_work_beside_other_runs_of_the_same_player(
    tmp_path: Path,
) -> None:
    bounds = bundled().disturbed
    took = (20.0, 30.0, 36.0, 21.0)  # the old way, Mien, Mien, the old way
    runs = [
        replace(run, others=replace(QUIET, work_us=us))
        for run, us in zip(runs_of(tmp_path), took, strict=True)
    ]
    said = "the cores were slower: what took 30.0 us of processor time in another such run took 36.0"
    assert slower_cores(runs, bounds) == [[], [], [said], []]
    # That is in both rivals' way: what was met in spite of it is met.
    proof = proof_of(runs)
    assert state(proof, "less.missed_per_1000") == "met" and proof.disturbed[2] == (said,)


@pytest.mark.parametrize(
    ("value", "low", "high", "expected"),
    [(1, 0, 4, "met"), (1, 0, 6, "not shown"), (7, 4, 9, "missed")],
)
def test_the_end_nearer_to_the_bound_has_to_keep_it(
    value: float, low: float, high: float, expected: str
) -> None:
    most = Claim("x", "x", "", most=5)
    assert most.state(Interval(value, low, high, "BCa"), 33.3, CALM) == expected
    least = Claim("x", "x", "", least=-5)
    assert least.state(Interval(-value, -high, -low, "BCa"), 33.3, CALM) == expected


def test_a_verdict_is_the_worst_of_its_claims() -> None:
    assert verdict_of(["met", "not looked at"]) == "pass"
    assert verdict_of(["met", "disturbed"]) == "disturbed"
    assert verdict_of(["disturbed", "missed"]) == verdict_of(["not shown"]) == "fail"


@pytest.mark.parametrize(
    ("states", "sentence"),
    [
        (["met"] * 15, "all 15 claims hold"),
        (
            ["met"] * 4 + ["missed"] + ["disturbed"] * 10,
            "4 claims hold, 1 was missed, 10 could not be judged: the machine was disturbed; missed: x",
        ),
        (["disturbed"] * 2, "no claim holds, 2 could not be judged: the machine was disturbed"),
        (
            ["met", "not shown", "missed", "missed", "not looked at"],
            "1 claim holds, 2 were missed, 1 was not shown by so few frames (more --runs may), "
            "1 was not looked at; missed: x; x; not shown: x",
        ),
    ],
)
def test_what_could_not_be_judged_is_not_told_as_a_failure(states: list[State], sentence: str) -> None:
    assert claims_told([Judged(Claim("x", "x", "", most=1), 1.0, state) for state in states]) == sentence


def test_no_number_has_an_exponent() -> None:
    values = (0.0, -0.0, 0.25, 999.7, 1234.4, 116.04, 1e6, 0.0000123, -45.0, float("inf"))
    texts = ["0", "0", "0.25", "1000", "1234", "116", "1000000", "0.0000123", "-45", "inf"]
    assert [plain(value) for value in values] == texts
    assert plain(33.333333, 4) == "33.33" and plain(9.999) == "10"
    assert Claim("x", "x", "", most=20_000).text(33.3) == "at most 20000"


def test_the_digest_of_the_bounds_changes_with_every_byte() -> None:
    text = b'[[claim]]\nfigure="a"\nsays="a"\nwhy="a"\nmost=1\n[disturbed]\n'
    bounds = b"others=1\nworst_second=1\nstolen=1\nthrottled=1\nslowed=1\nwork=1\nhot=1\npaused_s=1\n"
    one, other = read(text + bounds), read(text + bounds + b" ")
    assert one.claims == other.claims and one.sha256 != other.sha256
    with pytest.raises(ValueError, match="'mots' is no key of a claim"):
        read(text.replace(b"most", b"mots") + bounds)
    with pytest.raises(ValueError, match="one bound"):
        read(text.replace(b"most=1", b"most=1\nleast=0") + bounds)


def test_every_claim_is_of_a_figure_that_there_is(tmp_path: Path) -> None:
    proof = proof_of(runs_of(tmp_path), recounts=(recount(), found(*STALLS)))
    for claim in bundled().claims:
        assert claim.figure in proof.figures, claim.figure
        assert claim.depends in ("", "time", "both") and claim.says and claim.why
