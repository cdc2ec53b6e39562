"""What is no window, or no function, is refused in a sentence when the panel is made."""

from __future__ import annotations

from typing import Any

import pytest

import mien
from mien.errors import ScriptError


@pytest.mark.parametrize("stage", [None, "wren", 3, object()])
def test_what_is_no_window_is_refused(stage: Any) -> None:
    with pytest.raises(ScriptError, match="stage"):
        mien.Panel(stage)


def test_a_stage_without_a_window_is_refused() -> None:
    with mien.open_stage({"wren": "wren"}, size=(64, 48)) as stage:
        panel: Any = mien.Panel
        with pytest.raises(ScriptError, match="window"):
            panel(stage)
