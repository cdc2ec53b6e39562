"""What comes between pieces of speech in a pipeline, as words do, and when it is handed on.

Frames with a time (`pts`, nanoseconds of the pipeline's clock) say when they would be due if speech were
heard as soon as it is made. It is heard later, with a picture, and may have to wait for what was said before.
So each gets the time at which its place in the speech is heard.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final, Protocol

from mien.agents.segments import Segment

_NS: Final = 1_000_000_000


class Frame(Protocol):
    """As much of a frame as is asked of it."""

    pts: int | None
    interruptible: bool


@dataclass(slots=True)
class _Waiting:
    """A frame, and its place."""

    frame: Frame
    segment: Segment
    at: int
    """The sample of the segment that is heard with it; where it is no word, how many come before it."""
    is_word: bool

    @property
    def due(self) -> bool:
        segment, needed = self.segment, self.at + self.is_word
        if segment.complete:
            needed = min(needed, segment.pushed)
        return segment.over or segment.given >= needed


class Between:
    """Frames that wait for the speech before them, in their order."""

    def __init__(self) -> None:
        self._waiting: deque[_Waiting] = deque()
        self._early: list[Frame] = []
        """Of speech whose sound has not come yet."""
        self._begins_ns: int | None = None
        """The time that a frame of the first sample has, of the speech that is being made."""
        self._speech: Segment | None = None
        """The segment that holds it; None while none of its sound has come."""
        self._word_ns = self._told_ns = 0
        """Times of the last word, as it came and as it was handed on."""

    def speech_begins(self, segment: Segment, now_ns: int) -> None:
        """Its first sound has come; `now_ns`, here and below: by the pipeline's clock."""
        if self._begins_ns is None:
            self._begins_ns = max(self._word_ns, now_ns)
        elif self._speech is not None:  # one speech in two segments, as no sound came for long
            self._begins_ns += self._speech.pushed * _NS // self._speech.rate
        self._speech = segment
        early, self._early = self._early, []
        for frame in early:
            self._put_word(frame, segment, self._begins_ns)

    def speech_ends(self) -> list[Frame]:
        """What is made next has a time of its own. Words whose sound never came, to be put in their place."""
        self._begins_ns = self._speech = None
        early, self._early = self._early, []
        return early

    def put_word(self, frame: Frame, now_ns: int) -> None:
        """A word of the speech that is being made, or of the next one, with its time."""
        assert frame.pts is not None
        if self._begins_ns is None:
            self._begins_ns = max(self._word_ns, now_ns)
        self._word_ns = frame.pts
        if self._speech is None:
            self._early.append(frame)
        else:
            self._put_word(frame, self._speech, self._begins_ns)

    def put(self, frame: Frame, last: Segment) -> None:
        """A frame behind all speech so far, of which `last` is the last."""
        self._waiting.append(_Waiting(frame, last, last.pushed, is_word=False))

    def interrupted(self) -> list[Frame]:
        """Speech and all that belongs to it is dropped; frames that are not to be interrupted."""
        frames = [*(one.frame for one in self._waiting), *self._early]
        self.clear()
        return [one for one in frames if not one.interruptible]

    def clear(self) -> None:
        """Forget all of them."""
        self._waiting.clear()
        self._early.clear()
        self._begins_ns = self._speech = None
        self._word_ns = self._told_ns = 0

    def take_due(self, ahead_ns: int) -> Frame | None:
        """The first one, where its time has come. `ahead_ns`: the pipeline's clock less the segments'."""
        if not self._waiting or not self._waiting[0].due:
            return None
        one = self._waiting.popleft()
        if one.frame.pts:
            heard_ns = one.segment.heard_at_ns(one.at) + ahead_ns
            self._told_ns = one.frame.pts = max(1, heard_ns, self._told_ns)  # 0 would be no time
        return one.frame

    def take(self) -> Frame | None:
        """The first one, whether its time has come or not."""
        if self._early and not self._waiting:
            return self._early.pop(0)
        return self._waiting.popleft().frame if self._waiting else None

    def _put_word(self, frame: Frame, segment: Segment, begins_ns: int) -> None:
        assert frame.pts is not None
        at = max(0, frame.pts - begins_ns) * segment.rate // _NS
        self._waiting.append(_Waiting(frame, segment, at, is_word=True))
