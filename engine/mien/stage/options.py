"""What a stage is opened with: one frozen value, the same for every kind of stage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypedDict

import moderngl

from mien.clock import Clock, FrameRate
from mien.errors import ScriptError
from mien.observe import Ledger
from mien.stage.cast import CastEntry
from mien.talk import Conversation, background_path
from mien.talk.places import DIM_LISTENERS
from mien.types import Size

Cast = Mapping[str, str | Path] | Sequence[CastEntry]
"""Keys to characters (a bundled name, a folder, a .mien file), back to front, or entries that say more."""
Rgba = tuple[float, float, float, float]
"""Straight red, green, blue and alpha, each 0..1, sRGB-encoded."""
Playout = Literal["auto", "device", "null"]
TRANSPARENT: Rgba = (0.0, 0.0, 0.0, 0.0)
"""As a background: nothing behind the characters."""


class StageKeywords(TypedDict, total=False):
    """The fields of `StageOptions`, as keywords of whatever opens a stage."""

    size: tuple[int, int]
    fps: FrameRate | float | str
    background: str | Path | Rgba | None
    seed: int
    page_budget: int | None
    dim_listeners: float
    ledger: Ledger | None
    playout: Playout
    clock: Clock | None
    context: moderngl.Context | None
    title: str


@dataclass(frozen=True, slots=True)
class StageOptions:
    """How a stage is opened. Raises ScriptError for a size or rate that cannot be."""

    size: tuple[int, int] = (1280, 720)
    """Width and height of the frames in pixels; of a window, at first, as well."""
    fps: FrameRate | float | str = 30
    """Frames a second: 30, 29.97, "30000/1001"; see `FrameRate.of`."""
    background: str | Path | Rgba | None = None
    """A bundled name, a PNG, straight RGBA in 0..1 (`TRANSPARENT` for none); None for a plain stage."""
    seed: int = 0
    """Of all chance in motion: the same calls with the same seed give the same frames."""
    page_budget: int | None = None
    """Most bytes of drawings on the GPU, None for all of them."""
    dim_listeners: float = DIM_LISTENERS
    """How much darker a character is drawn while another speaks, 0..1; 0 for not at all."""
    ledger: Ledger | None = None
    """Where each frame's cost is counted; None for one of the stage's own."""
    playout: Playout = "auto"
    """Live: a device, or silence in time without one; `null`: silence, for hosts that send the sound."""
    clock: Clock | None = None
    """Paces a live stage; None for the machine's."""
    context: moderngl.Context | None = None
    """A program's own GL context, current on this thread, to draw in; None for one of the stage's own."""
    title: str = ""
    """Of a window."""
    rate: FrameRate = field(init=False)
    """`fps`, exactly."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "rate", FrameRate.of(self.fps))
        if len(self.size) != 2 or min(self.size) < 1:
            raise ScriptError(
                f"a stage of {tuple(self.size)} cannot be: give width and height, each from 1 pixel on."
            )

    @property
    def frame_size(self) -> Size:
        """`size`, by its names."""
        return Size(*self.size)

    def ledger_for(self, *, realtime: bool) -> Ledger:
        """The ledger given, or a new one."""
        return self.ledger or Ledger(1000 / self.rate.exact, realtime=realtime)


def of_conversation(conversation: Conversation, keywords: StageKeywords) -> StageOptions:
    """A conversation's own background, rate, seed and title, unless the keywords say else."""
    own: StageKeywords = {
        "fps": conversation.fps,
        "background": background_path(conversation),
        "seed": conversation.seed,
        "dim_listeners": conversation.dim_listeners,
        "title": conversation.title,
    }
    return StageOptions(**(own | keywords))
