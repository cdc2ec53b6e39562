"""An OpenTelemetry span for each segment, where `opentelemetry-api` is installed.

It begins when the first sound of a segment is pushed and ends when the segment is over: whoever gathers
traces sees next to the spans of recognition, language model and synthesis how long the face took.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING

from mien.agents.segments import Ended, Segment, Sound

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.trace import Span, Tracer

NAME = "mien.segment"


class Tracing:
    """Spans of the segments that are not over. Does nothing without the package.

    Parameter: `parent` gives the context of the span that a segment's belongs to; None for what is current.
    """

    def __init__(self, parent: Callable[[], Context | None] | None = None) -> None:
        self._parent = parent
        self._tracer = _tracer()
        self._spans: dict[Segment, Span] = {}
        self._frames: dict[Segment, list[int]] = {}

    def begun(self, segment: Segment) -> None:
        """Its first sound was pushed."""
        if self._tracer is not None:
            context = self._parent() if self._parent is not None else None
            attributes = {"mien.segment": segment.number}
            self._spans[segment] = self._tracer.start_span(NAME, context, attributes=attributes)
            self._frames[segment] = [0, 0]

    def given(self, sounds: Sequence[Sound], *, left_out: bool, now_ns: int) -> None:
        """A frame was given out with these sounds, or left out."""
        for sound in sounds:
            if (span := self._spans.get(sound.segment)) is None:
                continue
            counts = self._frames[sound.segment]
            if not sum(counts):
                waited_ms = (now_ns - sound.segment.first_pushed_ns) / 1e6
                span.set_attribute("mien.first_sound_ms", waited_ms)
            counts[left_out] += 1

    def ended(self, ended: Ended) -> None:
        """It is over."""
        if (span := self._spans.pop(ended.segment, None)) is None:
            return
        shown, left_out = self._frames.pop(ended.segment)
        span.set_attribute("mien.position_s", ended.position_s)
        span.set_attribute("mien.pushed_s", ended.segment.pushed / ended.segment.rate)
        span.set_attribute("mien.interrupted", ended.interrupted)
        span.set_attribute("mien.frames", shown)
        span.set_attribute("mien.frames_left_out", left_out)
        span.end()


def _tracer() -> Tracer | None:
    if find_spec("opentelemetry") is None:
        return None
    from opentelemetry import trace

    return trace.get_tracer("mien")
