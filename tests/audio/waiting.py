"""Waiting for what a decode worker does, by its own word."""

from __future__ import annotations

from collections.abc import Callable

from mien.audio import DecodeWorker


def wait_for(worker: DecodeWorker, condition: Callable[[], bool]) -> None:
    """Look after each piece of its work whether something is so."""
    for _ in range(10_000):
        worker.progress.clear()
        if condition():
            return
        assert worker.progress.wait(20)
    raise AssertionError("the worker stands still")
