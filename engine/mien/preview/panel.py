"""The panel as an overlay of a window: H shows and hides it."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter_ns, thread_time_ns
from typing import TYPE_CHECKING, Final

import moderngl

from mien.arguments import refuse
from mien.messages import printable
from mien.preview.library import to_terminal, why_not
from mien.preview.pace import AFTER_INPUT, Pace
from mien.preview.progress import Progress
from mien.preview.share import Share
from mien.types import Size

if TYPE_CHECKING:
    from mien.preview.board import Board
    from mien.preview.gui import Gui
    from mien.stage.window import Window

WIDTH: Final = 380
"""Points that it is wide, at the right of the window."""
_H: Final = 72
_COPIES: Final = (67, 86, 88)
"""C, V, X."""
_COMMANDS: Final = 2 | 8
"""Control, or the key that it is on a Mac."""
_PRESS: Final = 1
_RELEASE: Final = 0
_NEWEST: Final = 0.05
"""Weight of the newest frame in what a frame takes."""
_FIRST: Final = 3
"""Layouts in which letters are drawn for the first time."""
_LONGEST_UNREAD: Final = 8
"""Frames after which it is, also while a hand keeps the panel busy."""


class Panel:
    """What `window.overlay` is set to: what goes on in the window's stage, and hands on it, each of them a
    public call. H shows and hides it.

    Parameters: `stage`, the window; `tell` is called with one sentence where the panel cannot be shown, and
    writes it to stderr where none is given. Raises ScriptError.

    What takes long is made when the window is given it. Hidden it does nothing but wait for H. Shown it is
    laid out and drawn some times a second, in steps of which a frame does as many as fit into its share, and
    sooner after something was done with it. What came out is kept, and copied to each frame.
    """

    def __init__(self, stage: Window, tell: Callable[[str], object] = to_terminal) -> None:
        from mien.stage.window import Window

        if not isinstance(stage, Window):
            refuse("stage", stage, "a window, as mien.open_window gives")
        if not callable(tell):
            refuse("tell", tell, "a function that takes a sentence")
        self._stage = stage
        self._tell = tell
        self._is_shown = False
        self._gui: Gui | None = None
        self._board: Board | None = None
        self._pixels = Size(0, 0)
        self._unread = 0
        """Frames since the stage was asked what takes it long to say."""
        self._pace, self._share = Pace(float(stage.fps)), Share()
        self._progress = Progress(self._share)
        self._laid_out_ns = 0
        self._shares = 0
        """Layouts in which something may be copied or pasted."""
        self._place = (-1.0, -1.0)
        self._left, self._scale = 0.0, 1.0
        self._held = 0
        self.layouts = 0
        """How often it was laid out."""
        self.took_ms = 0.0
        """What it takes of a frame, in ms of the frame thread's processor time: a mean of the last ones."""

    @property
    def is_shown(self) -> bool:
        """Whether it is drawn over the window's picture."""
        return self._is_shown

    @property
    def width(self) -> int:
        """Points of the desktop that it takes at the right of the window."""
        return WIDTH

    def show(self) -> bool:
        """Show it from the next frame on. False where its library is not installed, which `tell` is told."""
        if not self._is_shown:
            if why := why_not():
                self._tell(why)
                return False
            self._made_board().open()
            # What was there when it was hidden, or got ready, is seen until it is laid out.
            self._is_shown, self._unread = True, 0
            self._pace.show(is_there=self._gui is not None)
        return True

    def hide(self) -> None:
        """Show it no more. What it holds in the stage stays held."""
        if self._is_shown:
            assert self._board is not None
            self._board.close()
            self._progress.is_begun = False
            if self._gui is not None:  # which is not told when they are let go
                self._gui.finish()
                for button in range(self._held.bit_length()):
                    self._gui.click(button, 0, down=False)
            self._is_shown, self._held = False, 0

    def get_ready(self, screen: moderngl.Framebuffer, size: Size, scale: float) -> None:
        """Load and make all that it takes, letters and what drivers compile included: some 60 ms, once, which
        no frame has to spend when it is shown. Nothing where it cannot be shown. See
        `mien.stage.overlay.Overlay`."""
        if self._gui is not None or why_not():
            return
        from mien.preview.rehearsal import rehearsed

        wide = round(WIDTH * scale)
        self._pixels = Size(wide, max(1, size.height))
        self._gui = rehearsed(screen, self._made_board(), self._pixels, scale)
        self._progress.forget()

    def _made_board(self) -> Board:
        from mien.preview.board import Board

        if self._board is None:
            self._board = Board(self._stage)
        return self._board

    def draw(self, screen: moderngl.Framebuffer, size: Size, scale: float) -> None:
        """Draw it at the right of `screen`. See `mien.stage.overlay.Overlay`."""
        if not self._is_shown:
            return
        begun, begun_cpu = perf_counter_ns(), thread_time_ns()
        board = self._board
        assert board is not None
        wide = min(size.width, round(WIDTH * scale))
        self._left, self._scale = float(size.width - wide), scale
        points, pixels = (wide / scale, size.height / scale), Size(wide, size.height)
        gui = self._gui = self._gui or self._opened(screen.ctx)
        if gui is None:
            return
        resized, self._pixels = pixels != self._pixels, pixels
        hurries = resized or self._pace.hurries
        progress = self._progress
        self._share.begin()
        if (not progress.is_begun or hurries) and self._pace.is_due(
            resized, is_undrawn=progress.is_undrawn, is_unread=self._unread > 0, reads=board.unread
        ):
            step_s = (begun - self._laid_out_ns) / 1e9
            self._laid_out_ns = begun
            self.layouts += 1
            if hurries:
                self._share.do("whole", lambda: self._lay_out(gui, board, points, scale, step_s))
            else:
                progress.begin(gui, board.parts(gui.canvas), points, scale, step_s)
            if not resized:
                self._pace.since = 0
        is_idle = not (progress.is_undrawn or progress.is_begun)
        if resized or (self._pace.eager > 0 and self._pace.since > 0):
            progress.draw(gui, pixels, scale)
        elif not self._pace.eager:
            progress.go_on(gui, pixels, scale)
        self._unread += 1
        if is_idle or self._unread > _LONGEST_UNREAD:
            board.look(gui.canvas)
            self._unread = 0
        self._pace.since += 1
        gui.canvas.show(screen.glo, round(self._left), size.height)
        if board.outlined:
            board.outline(gui.canvas, screen, size, round(self._left), scale)
        took_ms = (thread_time_ns() - begun_cpu) / 1e6
        if self.layouts > _FIRST:
            self.took_ms = board.took_ms = self.took_ms + _NEWEST * (took_ms - self.took_ms)

    def _opened(self, ctx: moderngl.Context) -> Gui | None:
        """What draws it; None where the driver does not let it, which is told."""
        from mien.preview.gui import Gui

        self._progress.forget()  # it was begun by one that is no more
        try:
            return Gui(ctx)
        except moderngl.Error as error:
            self.hide()
            self._tell(f"the panel cannot be drawn by this driver ({printable(str(error))}): update it.")
            return None

    def _lay_out(
        self, gui: Gui, board: Board, points: tuple[float, float], scale: float, step_s: float
    ) -> None:
        """Lay it out, with the desktop's clipboard where something is copied or pasted."""
        # A key combined with another reaches the library over several layouts.
        shared, self._shares = self._shares, max(0, self._shares - 1)
        before = gui.copied if shared else ""
        if shared == AFTER_INPUT:
            gui.copied = before = self._stage.clipboard
        gui.run(lambda: board.draw(gui.canvas), points, scale, step_s)
        self._progress.laid_out()
        if shared and gui.copied != before:
            self._stage.clipboard = gui.copied

    def press(self, key: int, action: int, mods: int) -> bool:
        """H shows and hides it; while a field is typed into, keys are for that."""
        gui = self._gui if self._is_shown else None
        typing = gui is not None and gui.wants_text
        if key == _H and not typing and not mods & ~1:
            if action == _PRESS:
                self.hide() if self._is_shown else self.show()
            return True
        if gui is None:
            return False
        self._pace.hurry()
        if typing and action == _PRESS and key in _COPIES and mods & _COMMANDS:
            self._shares = AFTER_INPUT
        gui.press(key, mods, down=action != _RELEASE)
        return typing

    def type(self, text: str) -> bool:
        """A character for the field that is typed into."""
        if self._gui is None or not self._is_shown or not self._gui.wants_text:
            return False
        self._pace.hurry()
        self._gui.type(text)
        return True

    def point(self, x: float, y: float) -> bool:
        """The pointer: for the panel where it is over it, or has hold of something in it."""
        if self._gui is None or not self._is_shown:
            return False
        was_over = self._is_over
        self._place = (x, y)
        if was_over or self._is_over or self._held:
            self._pace.follow()
            left, scale = self._left, self._scale
            gone = not self._is_over and not self._held
            self._gui.point(*((-1e6, -1e6) if gone else ((x - left) / scale, y / scale)))
        return self._is_over or bool(self._held)

    def click(self, button: int, action: int, mods: int) -> bool:
        """A button: for the panel where it was pressed over it."""
        if self._gui is None or not self._is_shown:
            return False
        bit = 1 << button
        ours = self._is_over if action == _PRESS else bool(self._held & bit)
        self._held = self._held | bit if ours and action == _PRESS else self._held & ~bit
        if ours:
            self._pace.hurry()
            self._gui.click(button, mods, down=action == _PRESS)
        elif action == _PRESS:
            # A click on the picture ends what is typed.
            self._pace.hurry()
            self._gui.click(button, mods, down=True)
            self._gui.click(button, mods, down=False)
        return ours

    def scroll(self, dx: float, dy: float) -> bool:
        """The wheel over it."""
        if self._gui is None or not self._is_shown or not self._is_over:
            return False
        self._pace.follow()
        self._gui.scroll(dx, dy)
        return True

    def close(self) -> None:
        """Hide it and free what it has on the GPU. Idempotent."""
        self.hide()
        gui, self._gui = self._gui, None
        if gui is not None:
            gui.close()
        board, self._board = self._board, None
        if board is not None:
            board.end()

    @property
    def _is_over(self) -> bool:
        return self._place[0] >= self._left and self._place[1] >= 0
