"""The two commands that a newcomer runs, as far as they can be checked without a bare machine."""

from __future__ import annotations

import os
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SCRIPTS = ("tools/setup", "tools/demo", "tools/test", ".ci/run")


@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts_can_be_run_and_parse(name: str) -> None:
    assert os.access(ROOT / name, os.X_OK)
    subprocess.run(["bash", "-n", str(ROOT / name)], check=True)


def test_set_up_says_nothing_when_there_is_nothing_to_do() -> None:
    ran = subprocess.run([str(ROOT / "tools/setup"), "test"], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")


def test_every_dependency_is_locked_with_hashes() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    bench = extras.pop("bench")
    others = [name for extra in extras.values() for name in extra]
    wanted = {
        "requirements.lock": project["dependencies"],
        "requirements-dev.lock": project["dependencies"] + others,
        "requirements-bench.lock": project["dependencies"] + bench,
    }
    for lock, dependencies in wanted.items():
        text = (ROOT / lock).read_text(encoding="utf-8")
        for dependency in dependencies:
            name = dependency.split(">")[0]
            assert f"\n{name}==" in f"\n{text}", f"{name} is not in {lock}"
        assert text.count("--hash=sha256:") > text.count("==")
        assert "://" not in text, "a lock names packages, not places"
