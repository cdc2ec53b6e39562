"""What users are told to type to install a package is for the Python that lacks it."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from mien import installing
from mien.installing import pip_install

ENGINE = Path(__file__).parents[1] / "engine" / "mien"
ELSEWHERE = {
    "prove/page_parts.py",  # repeats a proof on another machine
    "serve/pages.py",  # is read by who asks over the network
    "speech/piper.py",  # piper may be a program of its own
    "speech/opening.py",
    "cli/say.py",
}


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program that runs from an environment, in the folder that holds it."""
    programs = tmp_path / ".venv" / "bin"
    programs.mkdir(parents=True)
    for name in ("python", "pip"):
        (programs / name).touch(mode=0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "prefix", str(tmp_path / ".venv"))
    monkeypatch.setattr(sys, "base_prefix", "/usr")
    monkeypatch.setattr(sys, "executable", str(programs / "python"))
    monkeypatch.setattr(installing, "find_spec", lambda _: True)
    monkeypatch.setenv("PATH", "/nowhere")
    return programs


def test_an_environment_s_own_python_is_named_as_it_can_be_typed(
    environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert pip_install("mien[serve]") == ".venv/bin/python -m pip install 'mien[serve]'"
    assert pip_install("glfw", again=True) == ".venv/bin/python -m pip install --force-reinstall glfw"
    monkeypatch.chdir(environment)
    assert pip_install("glfw", "av") == "./python -m pip install glfw av"
    far = environment / "a" / "folder" / "far" / "below" / "it" / "with" / "a" / "long" / "way" / "back"
    far.mkdir(parents=True)
    monkeypatch.chdir(far)
    monkeypatch.setattr(sys, "executable", "/e v/bin/python3")
    assert pip_install("glfw") == "'/e v/bin/python3' -m pip install glfw"


def test_the_shell_s_pip_serves_where_it_is_the_same_and_where_nothing_better_is_known(
    environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = "pip install 'mien[serve]'"
    with monkeypatch.context() as activated:
        activated.setenv("PATH", str(environment))
        assert pip_install("mien[serve]") == plain
    for name, value in (("base_prefix", sys.prefix), ("executable", "/opt/host"), ("executable", None)):
        with monkeypatch.context() as other:
            other.setattr(sys, name, value)
            assert pip_install("mien[serve]") == plain
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert pip_install("mien[serve]") == plain


def test_an_environment_without_pip_is_served_by_uv(
    environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installing, "find_spec", lambda _: None)
    assert pip_install("mien[serve]") == "uv pip install --python .venv/bin/python 'mien[serve]'"
    assert pip_install("glfw", again=True) == "uv pip install --python .venv/bin/python --reinstall glfw"


def test_no_sentence_of_the_program_writes_it_by_hand() -> None:
    by_hand = []
    for path in ENGINE.rglob("*.py"):
        code = re.sub(r'""".*?"""', "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        if "pip install" in code and path.name != "installing.py":
            by_hand.append(str(path.relative_to(ENGINE)))
    assert sorted(by_hand) == sorted(ELSEWHERE)
