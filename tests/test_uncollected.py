"""The cyclic collector is left out of imports, and is afterwards as it was."""

from __future__ import annotations

import gc
import subprocess
import sys

import pytest

from mien.uncollected import imported, uncollected

_CODE = """
import gc, sys
runs = []
gc.callbacks.append(lambda phase, info: phase == "start" and runs.append(info))
import mien
before = len(runs)
mien.open_stage
found = list(runs)
print(len(found) - before <= 1, gc.isenabled(), gc.get_freeze_count())
gc.disable()
mien.Window
print(gc.isenabled())
"""


def test_nothing_is_sought_while_a_stage_is_imported() -> None:
    """But once at the end, when the collector is on again."""
    ran = subprocess.run([sys.executable, "-c", _CODE], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["True", "True", "0", "False"]


def test_the_collector_is_on_again_after_an_error() -> None:
    assert gc.isenabled()
    with pytest.raises(ZeroDivisionError), uncollected():
        assert not gc.isenabled()
        raise ZeroDivisionError
    with pytest.raises(ModuleNotFoundError):
        imported("mien.there_is_none")
    assert gc.isenabled()
    assert imported("mien.uncollected") is sys.modules["mien.uncollected"]


@pytest.mark.parametrize("on", [True, False])
def test_the_collector_does_not_run_while_modules_are_imported_and_then_as_before(
    monkeypatch: pytest.MonkeyPatch, *, on: bool
) -> None:
    was_on, told = gc.isenabled(), list[str]()
    monkeypatch.setattr(gc, "freeze", lambda: told.append("frozen"))
    try:
        (gc.enable if on else gc.disable)()
        with pytest.raises(ImportError), uncollected(stays=True):
            assert not gc.isenabled() and not told
            raise ImportError("a module that is not there.")
        assert gc.isenabled() == on and told == ["frozen"]
    finally:
        (gc.enable if was_on else gc.disable)()
