"""Environment variables that are set for a while are put back, whatever the order in which blocks end."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from itertools import count

import pytest

from interrupting import interrupted_at
from mien import environment, shader_cache
from mien.drawing_threads import VARIABLE, drawing_threads
from mien.environment import Variable
from mien.shader_cache import OFF, Kept
from mien.stage.window_probe import safe_path

NAME = "MIEN_TEST_VARIABLE"


@pytest.mark.parametrize(
    ("name", "block"),
    [
        (OFF, shader_cache.shader_cache),
        (VARIABLE, drawing_threads),
        ("PYTHONSAFEPATH", safe_path),
    ],
)
def test_of_two_threads_in_a_block_the_last_puts_the_variable_back(
    name: str, block: Callable[[], AbstractContextManager[None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two stages that are opened at once: what the one sets is no user's to the other."""
    monkeypatch.delenv(name, raising=False)
    full = Kept("HOME", shader_cache.Path("/"), shader_cache.FULL)
    monkeypatch.setattr(shader_cache, "kept_shaders", lambda: full)
    for first_out in (0, 1):
        blocks = (block(), block())
        for one in blocks:
            one.__enter__()
        set_to = os.environ[name]
        blocks[first_out].__exit__(None, None, None)
        assert os.environ[name] == set_to
        blocks[1 - first_out].__exit__(None, None, None)
        assert name not in os.environ


def test_what_the_user_has_set_stays_or_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, "theirs")
    with Variable(NAME).set_to("ours"):
        assert os.environ[NAME] == "theirs"
    with Variable(NAME, over=True).set_to("ours"):
        assert os.environ[NAME] == "ours"
    assert os.environ[NAME] == "theirs"
    with Variable(NAME, over=True).set_to("ours"):
        os.environ[NAME] = "set meanwhile"
    assert os.environ[NAME] == "set meanwhile"


def test_a_handler_of_a_signal_may_want_the_variable_at_any_line_and_nothing_is_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(NAME, raising=False)
    for line in count():
        variable = Variable(NAME)

        def wanted(variable: Variable = variable) -> None:
            with variable.set_to("ours"):
                pass

        if not interrupted_at(line, wanted, [environment.__file__], wanted):
            break
        assert NAME not in os.environ, f"interrupted at line {line}"
    assert line > 5
