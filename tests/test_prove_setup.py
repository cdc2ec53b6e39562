"""The parts of tools/prove_setup.py that need neither root nor a fresh system."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tools"))

from prove_setup.roots import own_mirrors  # noqa: E402
from prove_setup.screen import Stop, watch  # noqa: E402
from prove_setup.trials import MOMENTS, ROOTS_ALONE  # noqa: E402


def test_the_command_says_what_it_does() -> None:
    ran = subprocess.run(
        [sys.executable, str(ROOT / "tools/prove_setup.py"), "--help"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "fresh roots" in ran.stdout


def test_the_machines_own_mirrors_are_read_in_both_of_apts_formats(tmp_path: Path) -> None:
    (tmp_path / "sources.list").write_text(
        "# deb http://no.invalid/debian sid main\ndeb [arch=amd64] http://one.invalid/debian trixie main\n"
    )
    listed = tmp_path / "sources.list.d"
    listed.mkdir()
    (listed / "own.sources").write_text(
        "Types: deb\nURIs: http://two.invalid/debian\nSuites: trixie trixie-updates\n\n"
        "Types: deb\nURIs: http://three.invalid/security\nSuites: trixie-security\n"
    )
    (listed / "old.list.disabled").write_text("deb http://no.invalid/debian trixie main\n")
    assert list(own_mirrors(tmp_path)) == [
        ("http://one.invalid/debian", "trixie"),
        ("http://two.invalid/debian", "trixie"),
        ("http://three.invalid/security", "trixie-security"),
    ]


@pytest.mark.parametrize(("stop", "code"), [("Ctrl-C", 130), ("kill", -9)])
def test_a_command_is_stopped_at_its_moment_in_a_terminal(stop: Stop, code: int) -> None:
    line = "trap 'echo stopped; exit 130' INT; test -t 0 && printf '\\033[2mstep: 12 %%\\033[0m'; read -r _"
    seen = watch(["bash", "-c", line], r"step: 1\d %", stop, timeout_s=60)
    assert (seen.code, seen.stopped) == (code, True)
    assert seen.said.startswith("step: 12 %")
    assert ("stopped" in seen.said) == (stop == "Ctrl-C")


def test_a_command_that_ends_before_its_moment_was_not_stopped() -> None:
    seen = watch(["bash", "-c", "echo done; exit 3"], "never", "kill", timeout_s=60)
    assert (seen.code, seen.stopped, seen.said.split()) == (3, False, ["done"])


def test_every_step_of_set_up_is_interrupted() -> None:
    setup = (ROOT / "tools/setup").read_text(encoding="utf-8")
    assert set(ROOTS_ALONE) < set(MOMENTS)
    for words in ("reading the lists", "installing system packages", "making a virtual environment",
                  "installing locked dependencies", "installing Mien"):  # fmt: skip
        assert words in setup
        assert any(words in pattern for pattern in MOMENTS.values())
