"""The timeline in a host's hand: the queue of turns, pause, resume, and seeking."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Final

from mien.arguments import MOST_SECONDS, number_of
from mien.audio import AudioSession
from mien.clock import SAMPLE_RATE
from mien.errors import ScriptError
from mien.stage.shown import TimelineSpan, TurnStatus
from mien.stage.talking import Talking

_ROUNDED: Final = 1e-3
"""Samples by which seconds may fall short of the one that is meant, as k / fps does."""
_AFTER_ALL: Final = 1 << 60
_WANTED: Final = "seconds of the session, 0 or more"


class Transport(Talking):
    """The part of a stage on which time is stopped, started and gone through."""

    _audio: AudioSession
    _step: int
    """Samples of a frame."""
    _is_told_to_pause = False

    def turns(self) -> tuple[TurnStatus, ...]:
        """The last turns that are over (as many as 100), those that play and those that wait, in the order in
        which they were queued. From any thread, also when the stage is closed."""
        audio, log = self._audio, self._show.session.log
        if not self._open:  # all are over
            return log.at(_AFTER_ALL, audio.known, [])
        heard = None if audio.replays else [(one.key, one.samples) for one in audio.heard()]
        return log.at(audio.position(), audio.known, heard)

    def pause(self) -> None:
        """Let everything stand: sound, mouths, faces and the session's time, at one sample. Idempotent.

        Frames go on, each the same picture; their sound is silence. What a device holds already is heard
        first (0.2 s), and the picture goes with it. What is told meanwhile happens at the time that is
        shown: `hold` with seconds=0 and `wear` are seen at once, what takes time when time goes on.
        `interrupt` is obeyed and reported at once, and the pause stays. From any thread.
        """
        self._check()
        self._is_told_to_pause = True
        self._stand(True)

    def resume(self) -> None:
        """Go on after `pause`, with the sample that follows: none is lost, and none heard twice. Idempotent,
        and from any thread."""
        self._check()
        self._is_told_to_pause = False
        self._stand(False)

    @property
    def paused(self) -> bool:
        """Whether the stage was told to pause, and not to resume since. From any thread."""
        # Not whether it stands already: offline that is obeyed between two frames.
        return self._is_told_to_pause

    def seek(self, seconds: float) -> None:
        """Go to a time of the session: the next frame shows it. Within `timeline`.

        Back, on a stage opened with `history_s`: what was shown and heard is replayed from there, exactly, up
        to where it had come; then the session goes on. Meanwhile nothing new is heard; what is told happens
        at the time that is shown, turns wait behind the others, who comes and goes does so at the newest
        time, and `interrupt`, `load`, `reload` and `unload` go there first. `events` tells nothing twice.
        Forward, where nothing was shown yet: what lies between is passed over, as it would have been, which
        takes as long as it takes to decode. Paused, it stays so. On the stage's own thread. Raises
        ScriptError for a time that cannot be gone to, and why; WrongThread.
        """
        self._check()
        self._check_owner("seek")
        wanted = number_of("seconds", seconds, 0, MOST_SECONDS, _WANTED)
        with self._told.busied():
            self._hear()
            span, at = self.timeline, int(wanted * SAMPLE_RATE + _ROUNDED)
            if at < round(span.first_s * SAMPLE_RATE):
                raise ScriptError(f"{wanted:g} s cannot be gone back to: {self._why_not()}.")
            if at > round(span.last_s * SAMPLE_RATE):
                raise ScriptError(
                    f"{wanted:g} s is not known yet: give a time up to {span.last_s:.3f} s, where the turns "
                    "end whose length is known."
                )
            self._go_to(at)

    @property
    def timeline(self) -> TimelineSpan:
        """What can be gone to with `seek`. On the stage's own thread."""
        sealed, known = max(0, self._show.script.sealed), self._audio.known
        now = self._next_at()
        first = max(0, self._show.since, sealed - self._audio.history) if self._audio.history else sealed
        last = self._show.session.log.end(known) or known
        times = (min(first, now), now, sealed, max(last, known, now))
        return TimelineSpan(*(time / SAMPLE_RATE for time in times))

    def interrupt(self) -> None:
        """Stop the speaker now, with a fade of 8 ms, and forget the turns that are still queued."""
        if self._audio.replays:
            self._tell(self._leave_past)
        super().interrupt()

    # -- for the kinds of stage -------------------------------------------------------------------

    @property
    def _again(self) -> bool:
        """What the next frame shows was shown before."""
        return self._audio.paused or self._audio.replays

    def _next_at(self) -> int:
        if self._again:
            return max(0, self._show.player.floor)
        return self._shown_to()

    def _shown_to(self) -> int:
        return max(0, self._show.script.sealed + 1)

    def _go_to(self, at: int) -> None:
        """Have the next frame show sample `at`, or the last frame before it, which can be gone to."""
        audio, floor = self._audio, at
        if at <= audio.known and audio.history:
            audio.seek(at)
        else:
            with audio.passed_over() as newest:  # `pause` and `resume` of other threads are obeyed meanwhile
                try:
                    self._pass_over((*range(newest, at, self._step), at))
                finally:  # or to where it had come when that failed
                    floor = audio.seek(at if at < audio.known and audio.history else None)
        self._show.player.floor = floor

    def _stand(self, paused: bool) -> None:
        """Have time stand still, or go on: at once, for what plays by itself."""
        self._audio.paused = paused

    def _leave_past(self) -> None:
        """What was played before is not replayed any further."""
        if self._audio.replays:
            self._go_to(self._audio.known)

    def _pass_over(self, times: Sequence[int]) -> None:
        """Let the session come from the first of these samples, its newest, to the last, as if a frame had
        shown each but that.

        What a frame is told depends on how far the sound was pulled for it; where the sound tells of nothing
        it is pulled for many frames at once.
        """
        first, end = 0, len(times) - 1
        while first < end:
            quiet = times[first] + self._audio.uneventful()
            beyond = max(first + 1, bisect_right(times, quiet, first, end + 1) - 1)
            self._audio.pass_over(times[beyond] - times[first])
            self._show.pass_over(times[first:beyond])
            first = beyond

    def _why_not(self) -> str:
        if not self._audio.history:
            return "open the stage with history_s=, seconds of the session that can be gone back to"
        if self._show.since:
            return "since then the cast has changed, or it is longer ago than history_s"
        return "it is longer ago than history_s; open the stage with more"
