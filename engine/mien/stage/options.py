"""What a stage is opened with: one frozen value, the same for every kind of stage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Final, Literal, TypedDict, get_args

import moderngl

from mien.arguments import (
    choice_of,
    is_number,
    known_keywords,
    number_of,
    path_of,
    refuse,
    sides_of,
    text_of,
    whole_of,
)
from mien.art.background import colour_of
from mien.clock import Clock, FrameRate
from mien.errors import ScriptError
from mien.messages import printable, quoted
from mien.observe import Ledger
from mien.stage.cast import CastEntry
from mien.talk import Conversation, background_path
from mien.talk.places import DIM_LISTENERS
from mien.talk.turns import Staging
from mien.types import Size

Cast = Mapping[str, str | Path] | Sequence[CastEntry]
"""Keys to characters (a bundled name, a folder, a .mien file), back to front, or entries that say more."""
MOST_SIDE: Final = 16_384
"""Pixels: the most that GL renderers take today. What a renderer takes is asked when the stage is opened."""
_MOST_SEED: Final = 2**64
_MOST_BYTES: Final = 2**63
_MOST_ROOM: Final = 64
_MOST_HISTORY_S: Final = 86_400
Rgba = tuple[float, float, float, float]
"""Straight red, green, blue and alpha, each 0..1, sRGB-encoded."""
Playout = Literal["auto", "device", "null"]
Quality = Literal["auto", "fixed"]
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
    fades: bool
    room: int
    history_s: float
    ledger: Ledger | None
    playout: Playout
    quality: Quality
    clock: Clock | None
    context: moderngl.Context | None
    title: str
    companion: bool
    marks: bool


@dataclass(frozen=True, slots=True)
class StageOptions:
    """How a stage is opened. Raises ScriptError, naming the field, for a value that cannot be."""

    size: tuple[int, int] = (1280, 720)
    """Width and height of the frames in pixels; of a window, at first, as well."""
    fps: FrameRate | float | str = 30
    """Frames a second: 30, 29.97, "30000/1001"; see `FrameRate.of`."""
    background: str | Path | Rgba | None = None
    """A colour as CSS has it (`"#2b2d3a"`, `"white"`) or as straight RGBA in 0..1 (`TRANSPARENT` for none), a
    bundled name, or a PNG; None for a plain stage."""
    seed: int = 0
    """Of all chance in motion: the same calls with the same seed give the same frames."""
    page_budget: int | None = None
    """Most bytes of drawings on the GPU, None for all of them."""
    dim_listeners: float = DIM_LISTENERS
    """How much darker a character is drawn while another speaks, 0..1; 0 for not at all."""
    fades: bool = False
    """Whether characters may come and go by opacity: each is then given an offscreen layer of the frame's
    size, 8 bytes a pixel. Without it they slide."""
    room: int = 0
    """For how many characters more, that are loaded while frames go on; see `load`. For each of them as many
    pages are set aside as one of the cast has."""
    history_s: float = 0.0
    """Seconds of the session that can be gone back to with `seek`, 0 to 86400. Each takes 0.4 MB while
    something is heard, and next to nothing while not."""
    ledger: Ledger | None = None
    """Where each frame's cost is counted; None for one of the stage's own."""
    playout: Playout = "auto"
    """Live: a device, or silence in time without one; `null`: silence, for hosts that send the sound."""
    quality: Quality = "auto"
    """Live: before a frame is left out, what moves slowly is drawn in steps of 1/2 pixel, and then with fewer
    pixels (never so in a GL context of your own). `fixed`: all pixels, everything where it is, as in a stage
    that is not live."""
    clock: Clock | None = None
    """Paces a live stage; None for the machine's."""
    context: moderngl.Context | None = None
    """A program's own GL context, current on this thread, to draw in; None for one of the stage's own."""
    title: str = ""
    """Of a window."""
    companion: bool = False
    """Of a window: it has no frame, shows the characters alone over other windows, and clicks beside them go
    to what lies below. Its background is `TRANSPARENT` unless one is given."""
    marks: bool = False
    """A test mode: each frame carries a number in its top left corner (`mien.frame_mark`), which the ledger
    has as `mark`, and a beep is heard at each full second. For what watches frames from outside."""
    rate: FrameRate = field(init=False)
    """`fps`, exactly."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "rate", FrameRate.of(self.fps))
        object.__setattr__(self, "size", _size_of(self.size))
        object.__setattr__(self, "background", _background_of(self.background))
        # As Python's own numbers: those of numpy would be calculated with in their few bits.
        seed = whole_of("seed", self.seed, -_MOST_SEED, _MOST_SEED, "a whole number from -2**64 to 2**64")
        object.__setattr__(self, "seed", seed)
        if self.page_budget is not None:
            budget = whole_of("page_budget", self.page_budget, 0, _MOST_BYTES, "bytes, or None for all pages")
            object.__setattr__(self, "page_budget", budget)
        wanted = "0 (listeners stay as bright) to 1 (black)"
        object.__setattr__(
            self, "dim_listeners", number_of("dim_listeners", self.dim_listeners, 0, 1, wanted)
        )
        if not isinstance(self.fades, bool):
            refuse("fades", self.fades, "True or False")
        room = whole_of("room", self.room, 0, _MOST_ROOM, f"a whole number of characters, 0 to {_MOST_ROOM}")
        object.__setattr__(self, "room", room)
        history_s = number_of(
            "history_s", self.history_s, 0, _MOST_HISTORY_S, f"seconds, 0 to {_MOST_HISTORY_S}"
        )
        object.__setattr__(self, "history_s", history_s)
        if not isinstance(self.ledger, Ledger | None):
            refuse("ledger", self.ledger, "a mien.Ledger, or None for one of the stage's own")
        choice_of("playout", self.playout, get_args(Playout))
        choice_of("quality", self.quality, get_args(Quality))
        if self.clock is not None and not _is_clock(self.clock):
            refuse("clock", self.clock, "a mien.clock.Clock, or None for the machine's")
        if not isinstance(self.context, moderngl.Context | None):
            refuse("context", self.context, "a moderngl context, as of mien.composite.gl.attach(), or None")
        text_of("title", self.title, "a text")
        if not isinstance(self.companion, bool):
            refuse("companion", self.companion, "True or False")
        if not isinstance(self.marks, bool):
            refuse("marks", self.marks, "True or False")
        if self.companion and self.background is None:
            object.__setattr__(self, "background", TRANSPARENT)

    @classmethod
    def of(cls, options: StageOptions | None, keywords: StageKeywords) -> StageOptions:
        """The options, with what the keywords say in their place. Raises ScriptError."""
        if not isinstance(options, StageOptions | None):
            refuse("options", options, "mien.StageOptions, or its fields as keywords")
        known_keywords("a stage", keywords, [field.name for field in fields(cls) if field.init])
        return replace(options or cls(), **keywords)

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
        "title": printable(conversation.title, 10 * len(conversation.title)),
        "fades": any(
            isinstance(cue.value, Staging) and cue.value.transition == "fade"
            for turn in conversation.turns
            for cue in turn.cues
        ),
    }
    return StageOptions.of(None, own | keywords)


def _size_of(size: object) -> Size:
    return sides_of("size", size, 1, MOST_SIDE, f"width and height, each from 1 to {MOST_SIDE} pixels")


def _background_of(background: object) -> str | Path | Rgba | None:
    """As it is, but of a colour's name or code the colour."""
    if background is None:
        return None
    if isinstance(background, tuple):
        if len(background) != 4 or not all(is_number(part) and 0 <= part <= 1 for part in background):
            raise ScriptError(
                f"the background {quoted(background)} is no colour; give red, green, blue and alpha, each 0 "
                'to 1, a text like "#2b2d3a" or "white", or mien.TRANSPARENT.'
            )
        return background
    wanted = 'a colour like "#2b2d3a" or (r, g, b, a) of 0 to 1, a bundled name, a PNG, or None'
    path = path_of("background", background, wanted)
    if not isinstance(background, str):
        return path
    return colour_of(background) or background


def _is_clock(clock: object) -> bool:
    return all(callable(getattr(clock, name, None)) for name in ("now_ns", "sleep_until_ns"))
