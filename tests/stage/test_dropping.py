"""Files dropped on a stage: what ends while somebody is awaited."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from mien.dropping import Dropping


class Slow:
    """A stage on which nobody who is to join is ever there."""

    cast: tuple[str, ...] = ()
    on_stage: tuple[str, ...] = ()
    loading: tuple[str, ...] = ()
    warnings = ("of something else",)

    def __init__(self) -> None:
        self.asked = threading.Event()

    def load(self, key: str, character: Path) -> None:
        self.loading = (key,)

    def enter(self, key: str) -> None:
        self.asked.set()


def test_who_ends_it_while_a_character_is_loaded_is_told_nothing(tmp_path: Path) -> None:
    (tmp_path / "character.toml").touch()
    told: list[str] = []
    stage: Any = Slow()
    with Dropping(stage, told.append) as dropping:
        dropping.drop([tmp_path])
        assert stage.asked.wait(60)
    assert told == []
