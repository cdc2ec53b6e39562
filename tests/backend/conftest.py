"""A character that an engine has read and drawn in no time, for tests of what becomes of engines."""

from __future__ import annotations

from pathlib import Path

import pytest

from art.build import tiny_character


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a few rectangles. An engine reads the bundled ones anew, for half a second each."""
    return tiny_character(tmp_path_factory.mktemp("art") / "tiny")
