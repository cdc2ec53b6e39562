"""Every Python block of the README, of examples.md and of the pages for programs runs as it stands."""

from __future__ import annotations

import multiprocessing
import re
from pathlib import Path

import pytest

from example_process import execute

ROOT = Path(__file__).parents[1]
PRELOADED = ["mien.stage.offline", "mien.stage.live", "mien.stage.video_file", "mien.talk", "mien.testing"]
"""What examples import of Mien, and numpy, PyAV, Pillow and OpenGL with it."""


def blocks() -> list[tuple[str, str]]:
    found = []
    for name in (
        "README.md",
        "examples.md",
        "docs/api.md",
        "docs/agents.md",
        "docs/embedding.md",
        "docs/security.md",
        "docs/testing.md",
    ):
        text = (ROOT / name).read_text(encoding="utf-8")
        for match in re.finditer(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
            line = text[: match.start()].count("\n") + 1
            found.append((f"{name}:{line}", match[1]))
    return found


def run(code: str, folder: Path) -> tuple[int | None, str]:
    """Exit status and standard error of a program in a process of its own.

    It is forked from a process that has imported all of Mien, which takes longer than most examples do:
    `import mien` alone loads nothing until it is asked for.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    errors = folder.with_name(f"{folder.name}-errors")
    process = context.Process(target=execute, args=(code, folder, errors))
    process.start()
    process.join(240)
    process.kill()
    return process.exitcode, errors.read_text(encoding="utf-8")


@pytest.mark.parametrize("code", [code for _, code in blocks()], ids=[name for name, _ in blocks()])
def test_the_example_runs(code: str, tmp_path: Path) -> None:
    status, errors = run(code, tmp_path)
    assert status == 0, errors
    assert not errors


def test_the_process_finds_what_it_is_to_run_however_pytest_was_started() -> None:
    assert execute.__module__ == "example_process", "no name that begins with `tests`"


def test_the_readme_names_only_files_that_exist() -> None:
    for name in ("README.md", "examples.md", "docs/architecture.md", "docs/api.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)#:]+)\)", text):
            assert ((ROOT / name).parent / target).exists(), f"{name} links to {target}"
