"""A stage in a desktop window, paced by the sound that is heard."""

from __future__ import annotations

import sys
import threading
from contextlib import ExitStack
from typing import Final, Unpack

import numpy as np

from mien.catalog import bundled_or_path
from mien.composite.gl import free_dropped
from mien.errors import WrongThread
from mien.observe import FrameRecord
from mien.stage.cast import entries_of
from mien.stage.companion import Silhouette
from mien.stage.glfw_window import errors_asked, glfw
from mien.stage.governor import EXACT, with_turns
from mien.stage.hands import Hands
from mien.stage.options import Cast, StageKeywords, StageOptions
from mien.stage.overlay import Overlay
from mien.stage.pacing import Due
from mien.stage.quiet import TAIL_S, Quiet
from mien.stage.window_user import Steered
from mien.switching import quick_switches
from mien.types import U8

_POLLING_WAITS: Final = sys.platform in ("win32", "darwin")
"""Whether polling events does not return before a drag of the window, or of its edge, is over."""


class Window(Steered):
    """A window with a stage in it. Use `mien.open_window`. Its thread is the main one: glfw belongs to it.

    Keys: Esc or Q closes, F is full screen, Space interrupts, 0 puts back who was moved, R records a clip and
    ends it, S saves a still. Eyes follow the pointer (`leads_gaze`), a drag places who is under it, the wheel
    sizes it; of a companion both are of the window. Raises RendererUnavailable without a window or GL 3.3.
    """

    _moves = False

    def __init__(
        self, cast: Cast, options: StageOptions | None = None, **keywords: Unpack[StageKeywords]
    ) -> None:
        if threading.current_thread() is not threading.main_thread():
            raise WrongThread(
                "a window belongs to the main thread, as its library asks: open it there, or draw on this "
                "one with mien.open_stage or mien.open_live."
            )
        for entry in entries_of(cast):  # before a window is seen
            bundled_or_path("characters", entry.character)
        super().__init__(cast, options, **keywords)
        self._presenter = self._find_screen(self._meter.clocks, self._stops)
        self._pacer = self._presenter.pacer
        self._running = False
        self._polling: Due | None = None
        """The frame that is to be shown once events were polled."""
        self._governing = self._governor()
        self._first = 0
        self._gpu_ms: float | None = None
        """What the GPU took for a frame, as far as it is known."""
        self._hands = Hands(self)
        if self._companion is not None:
            self._silhouette = Silhouette(self._context, self._compositor, self.size)
        self._load_camera()
        self._listen()
        self._rehearse()

    @property
    def is_open(self) -> bool:
        """Nobody has closed it, neither by its button, by Esc, nor by `close`."""
        return self._open and not glfw.window_should_close(self._handle)

    @property
    def overlay(self) -> Overlay | None:
        """What is drawn over the picture, and hears of keys and the pointer first; None for nothing.

        The window closes it when another is put in its place, and with itself.
        """
        return self._overlay

    @overlay.setter
    def overlay(self, overlay: Overlay | None) -> None:
        self._check()
        self._check_owner("overlay")
        before, self._overlay, self._shown = self._overlay, overlay, None
        if before is not overlay:
            self._exchange(before, overlay)

    @property
    def leads_gaze(self) -> bool:
        """Whether eyes follow the pointer while it moves over the picture, and 3 s after that; to be set."""
        return self._hands.leads

    @leads_gaze.setter
    def leads_gaze(self, leads: bool) -> None:
        self._check()
        self._hands.leads = leads

    def frame(self) -> bool:
        """Show the next frame when it is due, after a look at what the user did. False once closed.

        The schedule is absolute: frame k is due k / fps after the first. A frame that is not begun within its
        interval is left out, whole, and counted, and the next one shown instead; after `rest` it begins anew.
        """
        self._check()
        self._check_owner("frame")
        if not self.is_open:
            return False
        with self._told.busied(), quick_switches():
            self._start()
            self._present(self._presenter.next())
        return True

    def run(self, tail_s: float = TAIL_S, seconds: float | None = None) -> None:
        """Show frames until every queued turn has been heard, and `tail_s` seconds more, or it is closed.

        `seconds`: no longer than that. While an overlay is shown it does not end by itself.
        """
        self._check()
        self._check_owner("run")
        quiet = Quiet(self.fps, tail_s, seconds)
        self.rest()
        try:
            with self._told.busied(), quick_switches():
                self._start()
                while self.is_open:
                    due = self._presenter.next()
                    # Who has the panel open is not done.
                    if quiet.over(self._pacer.frame_of(due), quiet=self._quiet and self._listener is None):
                        break
                    self._present(due)
        finally:
            self.rest()

    def rest(self) -> None:
        """No frames are wanted for a while: those due meanwhile are not missed. Sound goes on. Idempotent."""
        self._check_owner("rest")
        with self._told.busied():
            if self._running:
                self._running = False
                # What was due and not shown after the last frame was left out, too.
                self.ledger.expect(self._first + self._pacer.over)

    def screenshot(self) -> U8:
        """The last frame as (h, w, 4) uint8 RGBA, premultiplied, top row first."""
        self._check()
        self._check_owner("screenshot")
        picture = np.empty((self.size.height, self.size.width, 4), np.uint8)
        with self._told.busied():
            self._compositor.read_into(picture)
        return picture

    def _start(self) -> None:
        if not self._running:
            self._running = True
            with self._compositor.current():
                self._camera.look(wait=True)
                # Before the schedule begins: what was told meanwhile is in the first, which takes long.
                with self._show.unmarked():
                    self._rehearsed(self._level)
                self._presenter.look(quiet=True)
            self._audio.let_begin()
            self._presenter.start()
            self._meter.restart(self._pacer.start_ns)
            self._first = self.ledger.frames_expected

    def _present(self, due: Due) -> None:
        """Hear what the user did, then show a frame, unless the desktop has had it shown meanwhile."""
        self._polling = due
        try:
            with errors_asked():
                glfw.poll_events()
            self._beside.follow(self._listener)
            if self._polling is not None:
                self._next_step(self._polling)
        finally:
            self._polling = None

    def _held_up(self) -> None:
        """Show the frame that is due, where polling does not return while the window is dragged."""
        if not _POLLING_WAITS or not self._open or not self._running:
            return
        due, self._polling = self._polling, None
        if due is None and self._clock.now_ns() >= self._pacer.deadline_ns:
            due = self._presenter.next()
        if due is not None:
            self._next_step(due)
        elif self._shown is None:  # it has another size: the last one fills it until the next comes
            with self._compositor.current():
                if self._show_frame(changed=True):
                    glfw.swap_buffers(self._handle)

    def _next_step(self, due: Due) -> None:
        begun_ns = self._clock.now_ns()
        if self._companion is not None:
            self._attend(self._companion)
        self._hands.frame(begun_ns)
        self._tell_notes()
        meter, sound = self._meter, self._audio
        meter.begin()
        sound.catch_up()
        at = self._presenter.sample(due, sound.position(), sound.next, self._show.player.floor)
        with self._compositor.current():
            if self._camera.look():
                meter.read()
            changed = self._draw(at) or self._redrawn
            self._camera.drawn(at, changed=changed, exact=self._level == EXACT)
            if swapped := self._show_frame(changed=changed):
                meter.drawn()
            self._presenter.hold(due)
            shown = self._presenter.show(due, changed=swapped, gpu_ms=self._gpu_ms)
            self._presenter.look(quiet=self.idle)
            free_dropped(self._context)
        meter.swapped(shown.waited_until_ns)
        meter.level, meter.mark = self._level, self._show.mark
        redrawn_before, self._redrawn = self._redrawn, self._draw_still(at)
        if self._redrawn:
            meter.read()
        record = meter.end(
            self._first + due.index,
            at,
            skew_ms=self._presenter.skew_ms(at, sound.position(), shown),
            scheduled_ns=shown.due_ns,
            presented_ns=shown.presented_ns,
            begins_ns=due.scheduled_ns,
            screen=shown.screen,
        )
        self._gpu_ms = record.frame_gpu_ms or self._gpu_ms
        if redrawn_before == self._redrawn:  # a single still says little of frames
            self._govern(record, due.skipped)

    def _govern(self, record: FrameRecord, left_out: int) -> None:
        """Have the next frame drawn as follows from what this one took.

        Swapping a window's buffers waits for the screen on a GPU, which has a timer. In software it draws, as
        many pixels whatever the frame's scale.
        """
        if self._governing is not None:
            drawn_ms = record.swap_ms if self.is_software else record.frame_gpu_ms or 0.0
            took_ms = with_turns(record.frame_cpu_ms + drawn_ms, record.gil_ms)
            varies_ms = record.draw_ms if self.is_software else record.draw_ms + drawn_ms
            told_ns = round(took_ms * 1e6), left_out, round((took_ms - varies_ms) * 1e6)
            self._draw_as(self._governing.took(self._clock.now_ns(), *told_ns))

    def _ending(self) -> None:
        self.rest()
        with ExitStack() as left:  # whatever `on_note` raises
            left.callback(setattr, self, "overlay", None)
            left.callback(self._tell_notes)
            left.callback(self._camera.close)
            self._camera.stop()
            self._tell_notes()


def open_window(cast: Cast, options: StageOptions | None = None, **keywords: Unpack[StageKeywords]) -> Window:
    """A window with a stage in it, ready. Keywords as of `mien.open_stage`, and its `title`."""
    return Window(cast, options, **keywords)
