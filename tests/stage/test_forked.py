"""In a process that was forked after a stage was opened, everything that draws says at once what to do."""

from __future__ import annotations

import subprocess
import sys

import pytest

_OPEN = 'stage = mien.open_stage({"wren": "wren"}, size=(64, 64)); stage.frame()\n'
_PROGRAM = """
import os, sys, mien
BEFORE
sys.stdout.flush()
child = os.fork()
if child == 0:
    try:
        IN_CHILD
        print("drew")
    except mien.MienError as error:
        print(type(error).__name__, error)
    sys.stdout.flush()
    os._exit(0)
os.waitpid(child, 0)
AFTER
"""


def told(before: str, in_child: str, after: str = "") -> str:
    """What a program prints, errors last, whose child is forked off it between `before` and `after`."""
    code = _PROGRAM.replace("BEFORE", before).replace("IN_CHILD", in_child).replace("AFTER", after)
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True
    )
    return ran.stdout + ran.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
@pytest.mark.parametrize(
    ("before", "in_child", "error"),
    [
        (_OPEN, "stage.frame()", "ContextLost"),
        (_OPEN, "stage.close()", "ContextLost"),
        (_OPEN + "stage.close()", 'mien.open_stage({"wren": "wren"}, size=(64, 64))', "RendererUnavailable"),
    ],
    ids=["frame", "close", "open"],
)
def test_a_child_is_told_to_be_spawned(before: str, in_child: str, error: str) -> None:
    said = told(before, in_child)
    assert said.startswith(f"{error} ") and '"spawn"' in said
    assert said.count("\n") == 1


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
def test_a_fork_before_the_first_stage_is_fine_and_one_after_it_harms_not_the_parent() -> None:
    drawn = f"{_OPEN.strip()}; stage.close()"
    assert told("", drawn) == "drew\n"
    assert told(_OPEN, "pass", "stage.frame(); stage.close(); print('parent drew')") == "drew\nparent drew\n"


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
def test_a_child_that_ends_within_the_block_or_forgets_the_stage_ends_as_it_meant_to() -> None:
    ends = "with stage:\n            raise mien.ScriptError('its own')"
    drops = "stage = None; import gc; gc.collect()"
    assert told(_OPEN, ends) == "ScriptError its own\n"
    assert told(_OPEN, drops, "stage.frame(); stage.close(); print('parent drew')") == "drew\nparent drew\n"
