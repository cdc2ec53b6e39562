"""Words and cues that are timed behind the end of their turn's sound, and so never heard of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from mien.audio import TurnAudio
from mien.clock import SAMPLE_RATE
from mien.talk.turns import Turn

SLACK_S: Final = 0.3
"""Files are a little shorter than what their words were timed in: encoders cut silence."""


class TimesBehind:
    """Holds the times of turns to the length of their sound, as soon as that is known: of a file when it is
    opened, which for one that is queued is while those before it are heard, else when the turn has ended.

    Parameter: `warn` takes the key of a turn and a sentence. Owned by the thread that draws.
    """

    def __init__(self, warn: Callable[[str, str], None]) -> None:
        self._warn = warn
        self._waiting: dict[str, tuple[Turn, TurnAudio]] = {}
        """By their keys, in the order in which they are decoded."""
        self._told: set[str] = set()

    def add(self, turn: Turn, audio: TurnAudio) -> None:
        """A turn was queued."""
        # How long a feed will be is known at its end.
        if not audio.live and (turn.words or any(cue.fraction is None for cue in turn.cues)):
            self._waiting[turn.key] = (turn, audio)

    def advance(self) -> None:
        """Look at the turn that is decoded next, and at those behind it once that is known."""
        while self._waiting:
            key, (turn, audio) = next(iter(self._waiting.items()))
            # The first sound may correct what the header states.
            stated = audio.samples_expected if audio.samples_decoded else None
            if stated is None and not audio.done:
                return
            del self._waiting[key]
            if audio.error is None and not audio.dropped:
                length = audio.samples_decoded if stated is None else stated
                self._tell(turn, length / SAMPLE_RATE)

    def ended(self, turn: Turn, played_s: float | None) -> None:
        """A turn has ended, after so many seconds; None: it was not whole, or never began."""
        self._waiting.pop(turn.key, None)
        if turn.key not in self._told and played_s is not None:
            self._tell(turn, played_s)
        self._told.discard(turn.key)

    def _tell(self, turn: Turn, end_s: float) -> None:
        if (said := _behind_the_end(turn, end_s)) is not None:
            self._told.add(turn.key)
            self._warn(turn.key, said)


def _behind_the_end(turn: Turn, end_s: float) -> str | None:
    """One sentence on what a turn that was whole has behind its end, in seconds; None for nothing.

    Cues that are placed by a share of the turn are guessed for a feed, and no fault of who wrote them.
    """
    last_s = end_s + SLACK_S
    words = [float(word.start_s) for word in turn.words if word.start_s > last_s]
    cues = [float(cue.at_s) for cue in turn.cues if cue.fraction is None and cue.at_s > last_s]
    if not words and not cues:
        return None
    counts = " and ".join(
        f"{len(times)} {kind}{'s' if len(times) > 1 else ''}"
        for kind, times in (("word", words), ("cue", cues))
        if times
    )
    return (
        f"{counts} from {min(words + cues):.2f} s on, and its audio ends at {end_s:.2f} s: events() does not "
        "tell of them; give times within the audio."
    )
