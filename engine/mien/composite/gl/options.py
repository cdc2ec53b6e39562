"""How a compositor is opened, beside what it is opened for: one frozen value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

from mien.arguments import choice_of, is_number, refuse, whole_of
from mien.composite.gl.strategy_selection import StrategyName
from mien.composite.scaled import STEP

StrategyChoice = Literal["auto"] | StrategyName
_MOST_PAGES = 1 << 31


@dataclass(frozen=True, slots=True)
class CompositorOptions:
    """How a compositor draws and keeps its pages. Raises ScriptError, naming the field."""

    strategy: StrategyChoice = "auto"
    """`auto` is what suits the renderer, see `choose_strategy`."""
    damage: bool = True
    """Only what changed is drawn; False: every frame whole."""
    page_layers: int | None = None
    """Most pages on the GPU at once, None for all."""
    pixel_buffers: bool | None = None
    """Whether `begin_read` goes through pixel buffers; None for what suits the renderer: on a GPU."""
    scales: tuple[float, ...] = (1.0,)
    """At which it may draw, of the frame's width and height: multiples of 1/16; see `Compositor.scale`."""
    private: bool = False
    """Nobody else draws in the context, so that its state is not saved."""
    meanwhile: Callable[[], object] | None = None
    """Called with the context current after each program that was linked, or drew first, which takes a driver
    up to half a second: to show that something goes on. What it raises ends opening or warming up. It may
    draw to the screen, and is to leave all other state as it found it."""
    later: bool = False
    """Programs are linked by `Compositor.warm_up`, or by what draws with them first, not on opening."""

    def __post_init__(self) -> None:
        choice_of("strategy", self.strategy, ("auto", *get_args(StrategyName)))
        if self.page_layers is not None:
            whole_of("page_layers", self.page_layers, 0, _MOST_PAGES, "a number of pages, or None for all")
        given: object = self.scales
        scales = given if isinstance(given, tuple) and all(map(is_number, given)) else ()
        if 1.0 not in scales or not all(map(_is_scale, scales)):
            refuse("scales", given, "multiples of 1/16 from 1/4 to 1, with 1 among them")
        if self.meanwhile is not None and not callable(self.meanwhile):
            refuse("meanwhile", self.meanwhile, "a function without parameters, or None")
        for name in ("damage", "private", "later"):
            if not isinstance(getattr(self, name), bool):
                refuse(name, getattr(self, name), "True or False")
        if not isinstance(self.pixel_buffers, bool | None):
            refuse("pixel_buffers", self.pixel_buffers, "True, False, or None for what suits the renderer")


def _is_scale(scale: float) -> bool:
    return 0.25 <= scale <= 1 and float(scale * STEP).is_integer()
