"""The headless surface: a stage that a program opens, feeds with turns, and pulls frames from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from mien.audio import AudioSession
from mien.clock import FrameRate, s_to_samples
from mien.observe import Ledger
from mien.stage.base import Host
from mien.stage.show import CastEntry, cast_of
from mien.talk import Conversation, background_path
from mien.types import F32, U8

TAIL_S = 1.2
"""Seconds shown after the last turn by `frames`, so that faces come to rest."""


class Stage(Host):
    """Characters on a stage, drawn headless. Use `mien.open_stage`.

    One thread owns a stage (the one that opened it): GL objects belong to it. Frames run on the session's
    own timeline: every `frame()` is 1 / fps later than the one before, and the sound that belongs to it
    is in `sound`. Nothing here waits for a wall clock; a host that plays live calls `frame()` at its rate.
    """

    def __init__(
        self,
        cast: Mapping[str, str | Path] | Sequence[CastEntry],
        *,
        size: tuple[int, int] = (1280, 720),
        fps: int | float | str | FrameRate = 30,
        background: str | Path | None = None,
        seed: int = 0,
        ledger: Ledger | None = None,
        page_budget: int | None = None,
    ) -> None:
        ledger = ledger or Ledger(FrameRate(fps).interval_ms, realtime=False)
        super().__init__(
            cast,
            lambda: AudioSession("offline", spans=ledger.spans),
            size,
            fps,
            background,
            seed,
            ledger,
            page_budget,
        )
        self.sound: F32 = np.zeros((0, 2), np.float32)
        """(n, 2) float32 in -1..1 at 48 kHz: what is heard during the last frame."""
        self._index = 0

    @classmethod
    def of(
        cls,
        conversation: Conversation,
        *,
        size: tuple[int, int] = (1280, 720),
        fps: int | float | str | FrameRate | None = None,
        seed: int | None = None,
        ledger: Ledger | None = None,
        page_budget: int | None = None,
    ) -> Stage:
        """A stage with a conversation's cast and background, and all of its turns queued."""
        stage = cls(
            cast_of(conversation),
            size=size,
            fps=fps or conversation.fps,
            background=background_path(conversation),
            seed=conversation.seed if seed is None else seed,
            ledger=ledger,
            page_budget=page_budget,
        )
        return stage._queue_all(conversation)

    def frame(self, out: U8 | None = None) -> U8:
        """The next frame: (h, w, 4) uint8 RGBA, premultiplied, top row first.

        Pass `out` (C-contiguous, of that shape) to have it filled instead of a new array. Its sound is in
        `sound`. Waits, if it must, for the decoder: frames never depend on the machine's speed.
        """
        self._check()
        shape = (self.size.height, self.size.width, 4)
        if out is None:
            out = np.empty(shape, np.uint8)
        elif out.shape != shape or out.dtype != np.uint8 or not out.flags.c_contiguous:
            raise ValueError(
                f"frame(out) needs a C-contiguous {shape} uint8 array, not {out.shape} {out.dtype}: "
                f"make one with np.empty({shape}, np.uint8)"
            )
        at = self._at(self._index)
        self.sound = self._audio.pull(self._at(self._index + 1) - at)
        meter = self._meter
        meter.begin()
        with self._compositor.current():
            rows = self._show.tick(at)
            meter.built()
            self._compositor.draw(rows)
            meter.drawn()
            np.copyto(out, self._compositor.read())
            meter.read()
        meter.end(self._index, at)
        self._index += 1
        return out

    def frames(
        self, tail_s: float = TAIL_S, out: U8 | None = None, seconds: float | None = None
    ) -> Iterator[U8]:
        """Frames until every queued turn has been spoken, and `tail_s` seconds more.

        Each is a new array, or `out`, filled again. `seconds`: of no more than that. Turns may be queued
        meanwhile.
        """
        last = None if seconds is None else self._index + round(seconds * self.fps)
        quiet_from = self._index
        while True:
            if not self.idle:
                quiet_from = self._index + 1
            elif self._at(self._index - quiet_from) >= s_to_samples(tail_s):
                return
            if last is not None and self._index >= last:
                return
            yield self.frame(out)

    def _next_at(self) -> int:
        return self._at(self._index)

    def _at(self, index: int) -> int:
        return self.fps.sample_at(index)


def open_stage(
    cast: Mapping[str, str | Path] | Sequence[CastEntry],
    *,
    size: tuple[int, int] = (1280, 720),
    fps: int | float | str | FrameRate = 30,
    background: str | Path | None = None,
    seed: int = 0,
    page_budget: int | None = None,
) -> Stage:
    """A headless stage, ready: art on the GPU, shaders linked, one frame drawn.

    `cast`: keys to characters (a bundled name, a folder with character.toml, a .mien file), or
    `CastEntry` values that also say where each stands. `size` of the frames in pixels; `fps` of the
    timeline; `background`: a bundled name or a PNG, None for a plain stage; `seed` of all chance;
    `page_budget`: bytes of drawings on the GPU, None for all. What does not fit comes and goes; until a
    drawing is there, the one before it stays, and the miss is counted.
    Use it as a context manager. Raises MienError of several kinds, each with a remedy.
    """
    return Stage(cast, size=size, fps=fps, background=background, seed=seed, page_budget=page_budget)
