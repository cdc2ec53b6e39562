"""What a backend is told wrong is refused in a sentence, as by a stage, and its engine goes on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import mien
from mien.backend import calls
from test_wrong_arguments import STAGE_CALLS, WRONG, attempt, variants

CALLS = [*sorted(calls.CALLS & set(STAGE_CALLS)), "say"]


@pytest.fixture(scope="module")
def backend(tiny: Path) -> Iterator[mien.Backend]:
    with mien.Backend(
        {"otto": tiny, "wren": tiny}, size=(64, 48), playout="null", room=1, spare=False
    ) as one:
        one.frame()
        yield one


@pytest.mark.parametrize("name", CALLS)
def test_a_call_refuses_what_it_cannot_take(backend: mien.Backend, name: str) -> None:
    """One readable sentence for each; nothing else is raised, and the engine is the same after it."""
    right = {key: value for key, value in STAGE_CALLS[name].items() if key != "done"}
    pid = backend.engine_pid
    for parameter, kind, arguments in variants(right):
        try:
            attempt(lambda given=arguments: getattr(backend, name)(**given()))  # type: ignore[misc]
        except Exception as error:
            pytest.fail(f"{parameter}={kind}: {type(error).__name__}: {error!a}")
    backend.interrupt()
    assert backend.engine_pid == pid and backend.restarts == 0
    assert backend.frame().shape == (48, 64, 4)


def test_what_no_backend_can_be_opened_with_is_refused() -> None:
    for make in WRONG.values():
        with pytest.raises(mien.ScriptError, match=r"cast cannot be|the character of"):
            mien.Backend(make())
        with pytest.raises(mien.ScriptError):
            mien.Backend.of(make())
        if (wrong := make()) is not True:
            with pytest.raises(mien.ScriptError, match="spare cannot be"):
                mien.Backend({"otto": "otto"}, spare=wrong)


@pytest.mark.parametrize("option", ["clock", "context", "ledger"])
@pytest.mark.parametrize("given", [1, 0, "no", object()])
def test_an_option_that_no_backend_takes_is_not_asked_for_in_another_kind(option: str, given: Any) -> None:
    with pytest.raises(mien.ScriptError, match=f"^a Backend takes no {option}: "):
        mien.Backend({"otto": "otto"}, **{option: given})


def test_an_option_that_no_backend_takes_is_refused_among_others() -> None:
    options = mien.StageOptions(clock=mien.clock.VirtualClock())
    with pytest.raises(mien.ScriptError, match=r"^a Backend takes no clock: "):
        mien.Backend({"otto": "otto"}, options)
