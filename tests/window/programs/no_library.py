"""A window where the panel's library is not installed."""

from __future__ import annotations

import sys
from typing import Any

sys.modules["slimgui"] = None  # type: ignore[assignment]

from hands import Hands, tell  # noqa: E402

import mien  # noqa: E402
from mien.preview import Panel  # noqa: E402
from mien.preview import library as module  # noqa: E402

said: list[str] = []


def broken(_name: str) -> None:
    raise ImportError("libstdc++.so.6: cannot open shared object file")


with mien.open_window({"wren": "wren"}, size=(320, 180), playout="null") as window:
    hands = Hands(window)
    panel = Panel(window, said.append)
    window.overlay = panel
    told: dict[str, Any] = {}
    hands.frames(2)
    hands.desk.key("h")
    hands.frames(3)
    hands.desk.key("h")
    hands.frames(2)
    told["said"] = list(said)
    module.import_module = broken  # type: ignore[assignment]
    hands.desk.key("h")
    hands.frames(2)
    told["said of a broken one"] = said[-1]
    told["shown"] = panel.is_shown
    told["frames"] = window.ledger.frames_produced
    told["open"] = window.is_open
tell(told)
