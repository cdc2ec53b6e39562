"""What else the machine did, read from files as the system has them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mien.prove.others import Look, between, look
from mien.prove.usage import Tree, busiest, programs, used_by

HZ = 100


def system(root: Path, busy: int, stolen: int, waiting_us: int = 0, throttled_us: int = 0) -> Path:
    (root / "proc/pressure").mkdir(parents=True, exist_ok=True)
    (root / "sys/fs/cgroup").mkdir(parents=True, exist_ok=True)
    (root / "proc/stat").write_text(f"cpu  {busy} 0 0 999 0 0 0 {stolen} 0 0\ncpu0 1 2 3\n")
    (root / "proc/pressure/cpu").write_text(
        f"some avg10=1.00 avg60=1.00 avg300=1.00 total={waiting_us}\nfull avg10=0.00 total=7\n"
    )
    (root / "sys/fs/cgroup/cpu.stat").write_text(f"usage_usec 5\nthrottled_usec {throttled_us}\n")
    return root


def test_a_look_reads_what_the_system_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mien.prove.others.TICKS", HZ)
    root = system(tmp_path, 150, 20, 3_000_000, 500_000)
    zone = root / "sys/class/thermal/thermal_zone0"
    cpu = root / "sys/devices/system/cpu/cpu0"
    for folder in (zone, cpu / "cpufreq", cpu / "thermal_throttle"):
        folder.mkdir(parents=True)
    (zone / "temp").write_text("61000\n")
    (cpu / "cpufreq/scaling_cur_freq").write_text("2400000\n")
    (cpu / "thermal_throttle/core_throttle_count").write_text("3\n")
    seen = look(lambda: 0.5, root, lambda: 7)
    assert seen == Look(7, 1.5, 0.2, 0.5, 3.0, 0.5, 3, 2400.0, 61.0)


def test_a_system_that_says_nothing_is_told_as_unknown(tmp_path: Path) -> None:
    seen = look(lambda: 0.0, tmp_path, lambda: 7)
    assert seen == Look(7, None, None, 0.0, None, None, None, None, None)
    nothing = between([seen, seen._replace(at_ns=10**9)], on=2)
    assert nothing.mean is None and nothing.worst_second is None and nothing.waiting is None
    assert used_by(1, tmp_path) == 0.0 and programs(tmp_path) == {}


def at(second: float, busy: float, stolen: float, own: float, **more: float) -> Look:
    return Look(int(second * 1e9), busy, stolen, own, more.get("waiting"), None, None, None, None)


def test_shares_are_of_all_cores_and_without_our_own() -> None:
    # Two cores: in the first second 1.5 s ran, 1.0 of them ours; in the second the hypervisor took half.
    seen = between([at(0, 0, 0, 0, waiting=0), at(1, 1.5, 0, 1), at(2, 1.5, 1.0, 1, waiting=0.5)], on=2)
    assert seen.others == [0.25, 0.0] and seen.stolen == [0.0, 0.5]
    assert (seen.mean, seen.stolen_mean, seen.waiting) == (0.125, 0.25, 0.25)
    assert between([at(0, 0, 0, 0)]).mean is None


def test_the_worst_second_is_found_wherever_it_is() -> None:
    busy = [0.0, 0, 0, 0, 0.5, 1.0, 1.5, 2.0, 2.0, 2.0]
    looks = [at(i / 4, b, 0, 0) for i, b in enumerate(busy)]
    assert between(looks, on=2).worst_second == 1.0


def test_the_busiest_programs_are_named_without_ours() -> None:
    before = {(1, "a"): 1.0, (2, "b"): 0.0, (9, "mien"): 0.0}
    after = {(1, "a"): 3.0, (2, "b"): 0.01, (3, "a"): 1.0, (9, "mien"): 9.0}
    assert busiest(before, after, 2.0, {9}) == (("a", 1.5),)


def test_a_program_of_python_is_named_by_what_it_runs(tmp_path: Path) -> None:
    told = {
        1: "python\0-m\0-q\0pytest\0-x",
        2: "python3\0/home/me/train.py",
        3: "python\0-c\0secret()",
        4: "",
        5: "python\0-P\0-c\0secret()\0word",
        6: "python\0-Ic\0secret()",
    }
    for pid, words in told.items():
        folder = tmp_path / "proc" / str(pid)
        folder.mkdir(parents=True)
        (folder / "comm").write_text("python\n")
        (folder / "cmdline").write_text(words)
    names = [name for _, name in sorted(programs(tmp_path))]
    assert names == ["python pytest", "python train.py", *["python"] * 4]


def process(root: Path, pid: int, above: int, used: int, ended: int = 0) -> None:
    folder = root / "proc" / str(pid)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "stat").write_text(f"{pid} (x) S {above} " + "0 " * 9 + f"{used} 0 {ended} 0 0\n")


def gone(root: Path, pid: int) -> None:
    shutil.rmtree(root / "proc" / str(pid))


def test_what_a_process_began_is_its_own_also_when_it_has_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mien.prove.usage.TICKS", HZ)
    # 1 began 2, which began 3, and has waited for one that used 0.5 s; 9 is somebody else's.
    for pid, above, used, ended in ((1, 0, 100, 50), (2, 1, 200, 0), (3, 2, 300, 0), (9, 8, 900, 0)):
        process(tmp_path, pid, above, used, ended)
    assert Tree(1, tmp_path).used() == 6.5 and Tree(3, tmp_path).used() == 3.0


@pytest.mark.parametrize("waited", [True, False])
def test_who_ends_takes_nothing_away_whether_somebody_waited_for_him_or_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, waited: bool
) -> None:
    monkeypatch.setattr("mien.prove.usage.TICKS", HZ)
    for pid, above, used in ((1, 0, 100), (2, 1, 100), (3, 2, 300)):
        process(tmp_path, pid, above, used, 100 if pid == 2 else 0)
    tree = Tree(1, tmp_path)
    assert tree.used() == 6.0
    # 2 and 3 end; what 3 used since is known only where somebody waited for it.
    for pid in (2, 3):
        gone(tmp_path, pid)
    process(tmp_path, 1, 0, 110, 500 + 20 if waited else 0)
    assert tree.used() == pytest.approx(6.1 + (0.2 if waited else 0.0))
    process(tmp_path, 1, 0, 150, 500 + 20 if waited else 0)
    assert tree.used() == pytest.approx(6.5 + (0.2 if waited else 0.0))


def test_what_was_used_never_falls_when_a_number_is_given_anew_or_all_are_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mien.prove.usage.TICKS", HZ)
    process(tmp_path, 1, 0, 100)
    process(tmp_path, 2, 1, 100, 400)
    tree = Tree(1, tmp_path)
    assert tree.used() == 6.0
    process(tmp_path, 2, 1, 1)  # another one
    assert tree.used() == 6.0
    for pid in (1, 2):
        gone(tmp_path, pid)
    assert tree.used() == 6.0


def test_a_name_with_brackets_does_not_shift_the_columns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mien.prove.usage.TICKS", HZ)
    folder = tmp_path / "proc/42"
    folder.mkdir(parents=True)
    (folder / "stat").write_text("42 (a) b) S " + " ".join(["0"] * 10) + " 100 50 0 0\n")
    (folder / "comm").write_text("a) b\n")
    assert used_by(42, tmp_path) == 1.5 and programs(tmp_path) == {(42, "a) b"): 1.5}
