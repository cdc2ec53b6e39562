"""Fixtures: the tiny character, as a folder and as a document."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from art.build import tiny_character, tiny_document


@pytest.fixture
def document() -> dict[str, Any]:
    return tiny_document()


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    return tiny_character(tmp_path / "tiny")
