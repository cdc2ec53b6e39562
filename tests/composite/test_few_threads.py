"""Where a driver would wait for ever for its threads, who opens a context is told; a host's has its own."""

from __future__ import annotations

import pytest

import mien
from mien import threads
from mien.composite.gl import open_headless
from mien.errors import RendererUnavailable


def started(monkeypatch: pytest.MonkeyPatch, *, enough: bool) -> list[int]:
    """How many threads each asks for, from here on."""
    asked = list[int]()

    def can_start(number: int = 1) -> bool:
        asked.append(number)
        return enough

    monkeypatch.setattr(threads, "can_start", can_start)
    return asked


def test_who_opens_a_context_asks_once_by_the_cores_that_it_may_run_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = started(monkeypatch, enough=True)
    for cores in (1, 4, 200):
        monkeypatch.setattr(threads, "cores", lambda own=cores: own)
        open_headless().release()
    assert asked == [11, 20, 56]


def test_with_too_few_the_error_says_how_many(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = started(monkeypatch, enough=False)
    with pytest.raises(RendererUnavailable, match=r"takes up to \d+ threads, and not so many .*ulimit -u"):
        mien.open_stage({"otto": "otto"}, size=(32, 24))
    assert len(asked) == 1


def test_the_context_of_a_host_has_its_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    with open_headless() as context:
        asked = started(monkeypatch, enough=False)
        with mien.open_stage({"otto": "otto"}, size=(32, 24), context=context) as stage:
            stage.frame()
    context.release()
    assert not asked


def test_a_window_asks_before_it_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    made = list[object]()
    monkeypatch.setattr("mien.stage.window_surface.window_of", lambda *given: made.append(given))
    asked = started(monkeypatch, enough=False)
    with pytest.raises(RendererUnavailable, match="not so many could be started"):
        mien.open_window({"otto": "otto"}, size=(32, 24), playout="null")
    assert len(asked) == 1 and not made
