"""A stage on a timeline of its own: every frame is exact, and as quick as the machine is."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, Unpack

import numpy as np

from mien.clock import SAMPLE_RATE, FrameRate
from mien.interrupts import HeldBack
from mien.stage.base import BaseStage
from mien.stage.options import Cast, StageKeywords, StageOptions
from mien.stage.out_array import checked_out
from mien.stage.quiet import TAIL_S, Quiet
from mien.types import F32, U8


class Stage(BaseStage):
    """Characters on a stage, drawn headless. Use `mien.open_stage`.

    Frames run on the session's own timeline: every `frame()` is 1 / fps later than the one before, and the
    sound that belongs to it is in `sound`. Nothing here waits for a wall clock; a host that plays live calls
    `frame()` at its rate, or opens a `LiveStage`.
    """

    _mode = "offline"

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self.sound: F32 = np.zeros((0, 2), np.float32)
        """(n, 2) float32 in -1..1 at 48 kHz: what is heard during the last frame."""
        self._index = 0
        """Which frame of the session's time is next."""
        self._count = 0
        """Frames drawn so far, also while time stood still."""
        self._shown = 0
        """The sample that a frame shows while time stands still."""
        self._pulled: F32 | None = None
        """The next frame's sound, where drawing that frame has failed."""
        self._repeats = False
        """The frame whose sound was pulled last shows the time of the one before it."""
        self._ahead: F32 | None = None
        """The sound of the frame that is drawn, and that the host does not have yet."""

    def frame(self, out: U8 | None = None) -> U8:
        """The next frame: (h, w, 4) uint8 RGBA, premultiplied, top row first.

        Pass `out` (C-contiguous, of that shape) to have it filled instead of a new array. Its sound is in
        `sound`. Waits, if it must, for the decoder: frames never depend on the machine's speed.
        """
        self._check()
        out = checked_out(out, self.size)
        if out is None:
            out = np.empty((self.size.height, self.size.width, 4), np.uint8)
        self._next(out)
        return out

    def draw(self) -> None:
        """The next frame, drawn and not read back: for `draw_to` and `texture`. Its sound is in `sound`."""
        self._check()
        self._next(None)

    def frames(
        self, tail_s: float = TAIL_S, out: U8 | None = None, seconds: float | None = None
    ) -> Iterator[U8]:
        """Frames until every queued turn has been spoken, and `tail_s` seconds more.

        Each is a new array, or `out`, filled again. `seconds`: of no more than that. Turns may be queued
        meanwhile.
        """
        self._check()
        self._check_owner("frames")
        return self._frames(Quiet(self.fps, tail_s, seconds), checked_out(out, self.size))

    def _frames(self, quiet: Quiet, out: U8 | None) -> Iterator[U8]:
        quiet.start(self._given)
        while not quiet.over(self._given, quiet=self._quiet):
            yield self.frame(out)

    def frames_ahead(self, tail_s: float = TAIL_S, seconds: float | None = None) -> Iterator[U8]:
        """The same frames as `frames`, each drawn while the host has the one before: for a file.

        What a host tells meanwhile is heard by the frame after the next; `time_s`, `position_s` and `playing`
        are as the frame drawn ahead has left them, `events` as the host has seen. Each is the stage's own
        picture, (h, w, 4) uint8, until the next is asked for; its sound is in `sound`. When the run is left
        early, the frame that was drawn ahead is the next that the stage gives.
        """
        self._check()
        self._check_owner("frames_ahead")
        return self._frames_ahead(Quiet(self.fps, tail_s, seconds))

    def _frames_ahead(self, quiet: Quiet) -> Iterator[U8]:
        quiet.start(self._given)
        if quiet.over(self._given, quiet=self._quiet):
            return
        if self._ahead is None:
            self._begin()
        while not quiet.over(self._count, quiet=self._quiet):
            if self._begin():  # else the host took the frame itself meanwhile
                yield self._compositor.picture
        if self._ahead is not None:
            yield self._handed_over()

    def _begin(self) -> bool:
        """Draw the next frame ahead. Whether the one before is the host's now: it is in the stage's own
        picture, and its sound in `sound`."""
        self._check()
        self._check_owner("frames_ahead")
        with self._told.busied(), self._compositor.current():
            at, sound = self._draw_next()
            self._compositor.take_read(wait=True)
            self._meter.read()
            self._compositor.begin_read(self._count, merge=False)
            self._drawn(at)
            before, self._ahead = self._ahead, sound
            if before is not None:
                self.sound = before
        return before is not None

    def _handed_over(self) -> U8:
        """The frame that was drawn ahead. It is in the stage's own picture, and its sound in `sound`."""
        assert self._ahead is not None
        with self._told.busied(), self._compositor.current():
            self._compositor.take_read(wait=True)
            self.sound, self._ahead = self._ahead, None
            return self._compositor.picture

    def _cast_changes(self) -> None:
        """Who joins is waited for: frames never depend on how fast a machine is."""
        with self._told.busied(), self._compositor.current():
            self._loader.finish()

    def _next(self, out: U8 | None) -> None:
        self._check_owner("draw" if out is None else "frame")
        with self._told.busied(), self._compositor.current():
            if self._ahead is not None:
                picture = self._handed_over()
                if out is not None:
                    np.copyto(out, picture)
                return
            at, sound = self._draw_next()
            if out is not None:
                np.copyto(out, self._compositor.read())
                self._meter.read()
            self._drawn(at)
            self.sound = sound

    def _draw_next(self) -> tuple[int, F32]:
        """Draw the next frame; its sample, and its sound. The context is current: what can be refused comes
        first, nothing has been told to anybody, nor taken of the sound, by then."""
        self._hear()
        sound = self._sound_of_next()
        at = self._shown if self._repeats else self.fps.sample(self._index)
        self._meter.begin()
        self._draw(at)
        self._meter.drawn()
        return at, sound

    def _sound_of_next(self) -> F32:
        """The next frame's sound, which is pulled once, also where drawing it fails."""
        if self._pulled is None:
            n = self.fps.sample(self._index + 1) - self.fps.sample(self._index)
            self._audio.wait(n)
            with HeldBack():
                self._repeats = self._audio.paused
                self._pulled = self._audio.pull(n)
        return self._pulled

    def _drawn(self, at: int) -> None:
        """Nothing of the frame can fail any more."""
        self._meter.mark = self._show.mark
        self._meter.end(self._count, at)
        self._given_at(at)

    def _given_at(self, at: int) -> None:
        """On to the next frame."""
        self._pulled = None
        self._count += 1
        self._shown = at
        self._index += not self._repeats

    def _next_at(self) -> int:
        return self._shown if self._audio.paused else self.fps.sample(self._index)

    def _shown_to(self) -> int:
        return self.fps.sample(self._index - (self._ahead is not None and not self._repeats))

    @property
    def _given(self) -> int:
        """How many frames the host has been given."""
        return self._count - (self._ahead is not None)

    def _stand(self, paused: bool) -> None:
        self._tell(partial(super()._stand, paused))  # between two frames, also from another thread

    def _go_to(self, at: int) -> None:
        if self._ahead is not None:
            with self._compositor.current():
                self._handed_over()
        index, newest = _frame_of(self.fps, at), _frame_of(self.fps, self._audio.known)
        try:
            if index > newest:
                with self._audio.passed_over():
                    self._pass_over([self.fps.sample(k) for k in range(newest, index + 1)])
        finally:  # or to where it had come when that failed
            self._pulled = None
            self._index = min(index, _frame_of(self.fps, self._audio.known))
            self._shown = self.fps.sample(self._index)
            self._audio.seek(self._shown)
            self._show.player.floor = self._shown


def _frame_of(rate: FrameRate, at: int) -> int:
    """The last frame that shows sample `at` or one before it."""
    index = int(at * rate.exact / SAMPLE_RATE)
    while rate.sample(index + 1) <= at:
        index += 1
    return index


def open_stage(cast: Cast, options: StageOptions | None = None, **keywords: Unpack[StageKeywords]) -> Stage:
    """A headless stage, ready: art on the GPU, shaders linked, one frame drawn.

    `cast`: keys to characters (a bundled name, a folder with character.toml, a .mien file), or `CastEntry`
    values that also say where each stands. `options`, or its fields as keywords, which win: `size` of the
    frames in pixels; `fps` of the timeline; `background`: a colour, a bundled name, a PNG, None for a plain
    stage; `seed` of all chance; `page_budget`: bytes of drawings on the GPU, None for all; `context`: your
    program's own. Use it as a context manager. Raises MienError of several kinds, each with a remedy.
    """
    return Stage(cast, options, **keywords)
