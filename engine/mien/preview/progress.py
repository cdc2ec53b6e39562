"""How far a panel has come from a layout to a picture: laid out, taken, compared, drawn, a step at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeAlias

from mien.preview.share import Share
from mien.types import Size

if TYPE_CHECKING:
    from mien.preview.gui import Gui
    from mien.preview.triangles import Triangles

_Step: TypeAlias = tuple[str, Callable[[], object]]
"""What it is called, and what does it."""


class Progress:
    """Of one panel. Parameters: `share`, of the frame that goes on with it."""

    def __init__(self, share: Share) -> None:
        self._share = share
        self.is_begun = False
        """Some of it is laid out, and the rest with other steps, where nobody waits for it."""
        self._part = 0
        """Which of these steps comes next."""
        self._is_laid_out = False
        """The library holds what was laid out last, ..."""
        self._undrawn: Triangles | None = None
        """... or it is here, and is still to be drawn."""

    @property
    def is_undrawn(self) -> bool:
        """What was laid out last is still to be drawn."""
        return self._is_laid_out or self._undrawn is not None

    def forget(self) -> None:
        """Nothing is begun, and nothing to be drawn."""
        self.is_begun = self._is_laid_out = False
        self._undrawn = None

    def begin(
        self, gui: Gui, parts: Iterator[None], points: tuple[float, float], scale: float, step_s: float
    ) -> None:
        """Do the first step. Parameters as of `Gui.begin`."""
        self.is_begun, self._part = True, 0
        self._share.do("begin", lambda: gui.begin(parts, points, scale, step_s))

    def laid_out(self) -> None:
        """It was laid out at once."""
        self.is_begun, self._is_laid_out, self._undrawn = False, True, None

    def go_on(self, gui: Gui, pixels: Size, scale: float) -> None:
        """Do as many of the other steps as fit into this frame. `pixels`: of the panel; `scale`: pixels to a
        point."""
        while (step := self._next(gui, pixels, scale)) is not None and self._share.fits(step[0]):
            self._share.do(*step)

    def draw(self, gui: Gui, pixels: Size, scale: float) -> None:
        """Draw what was laid out last, with all that is to be done for that before."""
        if self._is_laid_out:
            self._take(gui)
        if self._undrawn is not None:
            gui.canvas.draw(self._undrawn, pixels, scale)
            self._undrawn = None

    def _next(self, gui: Gui, pixels: Size, scale: float) -> _Step | None:
        """The step that comes next; None where nothing is left."""
        if self.is_begun:
            return f"part {self._part}", lambda: self._lay_out(gui)
        if self._is_laid_out:
            return "take", lambda: self._take(gui)
        undrawn = self._undrawn
        if undrawn is None:
            return None
        if (step := next(undrawn.sums, None)) is not None:
            return step
        if not gui.canvas.has_chosen(undrawn):
            return "choose", lambda: gui.canvas.choose(undrawn)
        return "draw", lambda: self.draw(gui, pixels, scale)

    def _lay_out(self, gui: Gui) -> None:
        self._part += 1
        if gui.step():
            self.is_begun, self._is_laid_out = False, True

    def _take(self, gui: Gui) -> None:
        self._undrawn, self._is_laid_out = gui.triangles(), False
