"""The timeline in a host's hand: the queue of turns, pause, resume, and seeking."""

from __future__ import annotations

from mien.stage.shown import TimelineSpan, TurnStatus
from mien.stage.talking import Talking


class Transport(Talking):
    """The part of a stage on which time is stopped, started and gone through."""

    def turns(self) -> tuple[TurnStatus, ...]:
        """The last turns that are over (as many as 100), those that play and those that wait, in the order in
        which they were queued. From any thread."""
        raise NotImplementedError

    def pause(self) -> None:
        """Let everything stand: sound, mouths, faces and the session's time, at one sample. Idempotent.

        Frames go on, each the same picture; their sound is silence. What a device holds already is heard
        first (0.15 s), and the picture goes with it. What is told meanwhile happens when time goes on, but
        for `interrupt`, which is obeyed and reported at once; the pause stays. From any thread.
        """
        raise NotImplementedError

    def resume(self) -> None:
        """Go on after `pause`, with the sample that follows: none is lost, and none heard twice. Idempotent,
        and from any thread."""
        raise NotImplementedError

    @property
    def paused(self) -> bool:
        """Whether the stage was told to pause, and not to resume since. From any thread."""
        raise NotImplementedError

    def seek(self, seconds: float) -> None:
        """Go to a time of the session: the next frame shows it. Within `timeline`.

        Back: what was shown and heard is replayed from there, exactly, up to where it had come; then the
        session goes on. What is told meanwhile happens at the time that is shown; turns wait behind the
        others. `events` tells nothing twice. Forward, where nothing was shown yet: what lies between is
        passed over, as it would have been. Paused, it stays so. On the stage's own thread. Raises
        ScriptError for a time that cannot be gone to, and why; WrongThread.
        """
        raise NotImplementedError

    @property
    def timeline(self) -> TimelineSpan:
        """What can be gone to with `seek`. On the stage's own thread."""
        raise NotImplementedError
