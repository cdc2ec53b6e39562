"""A line of the report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

State = Literal["ok", "note", "wrong", "missing"]
"""`note`: Mien runs without it; `wrong` and `missing`: it does not, and the command ends with 1."""

UPDATE: Final = (
    "update the GL driver; until then MIEN_STRATEGY=loop, another device (GLCONTEXT_DEVICE_INDEX), or Mesa's "
    "software renderer (LIBGL_ALWAYS_SOFTWARE=1) may draw right"
)
"""What to do about a driver that draws wrong, or crashes."""

UPDATE_SOFTWARE: Final = "update Mesa; until then a GPU, with its driver, may draw right"
"""The same of a renderer that draws on the processor already."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    what: str
    state: State
    found: str
    """What is there, in words, on one line or more; so what is quoted in it has no ends of lines."""
    remedy: str = ""
    """What to do about it; empty where there is nothing to do."""
    figures: Mapping[str, Any] = field(default_factory=dict)
    """The same in numbers and names, for programs that read `--json`."""
