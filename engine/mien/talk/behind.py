"""Words and cues that are timed behind the end of their turn's sound, and so never heard of."""

from __future__ import annotations

from typing import Final

from mien.messages import quoted
from mien.talk.turns import Turn

SLACK_S: Final = 0.3
"""Files are a little shorter than what their words were timed in: encoders cut silence."""


def behind_the_end(turn: Turn, end_s: float) -> str | None:
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
        f"turn {quoted(turn.key)}: {counts} from {min(words + cues):.2f} s on, and its audio ended at "
        f"{end_s:.2f} s: events() does not tell of them; give times within the audio."
    )
