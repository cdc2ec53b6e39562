"""The rows of the table: what is measured, and between which figures it should lie."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf

import numpy as np

from bench_life import body, gaze, speech
from bench_life.runs import Run


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of every run."""

    title: str
    of: Callable[[Run], float]
    shown: str
    """A format of one figure, such as `.0%`."""
    low: float = -inf
    """The least and ..."""
    high: float = inf
    """... the most that it should be; both infinite: it is told, and has no aim."""
    people: str = ""
    """What is known of people."""
    typical: bool = False
    """The median over all seeds is held to the aim, not every single one: it counts few things a minute."""

    def aim(self) -> str:
        """In words."""
        if self.low == -inf:
            return "" if self.high == inf else f"at most {self.text(self.high)}"
        if self.high == inf:
            return f"at least {self.text(self.low)}"
        return f"{self.text(self.low)} to {self.text(self.high)}"

    def text(self, value: float) -> str:
        """One figure as it is shown."""
        return format(value, self.shown)

    def holds(self, values: Sequence[float]) -> bool:
        """Whether the figures are within the aim."""
        held = [float(np.median(values))] if self.typical else values
        return all(self.low <= value <= self.high for value in held)


TALKING: tuple[Row, ...] = (
    Row("Blinks a minute, speaking", lambda r: gaze.blinks(r, "speaking"), ".0f", 10, 36, "26", typical=True),
    Row(
        "Blinks a minute, listening", lambda r: gaze.blinks(r, "listening"), ".0f", 10, 32, "17", typical=True
    ),
    Row(
        "Eyes shut while speaking, the worse of two", gaze.shut_while_speaking, ".0%", 0, 0.08, "blinks only"
    ),
    Row(
        "Speaker looks at the partner",
        lambda r: gaze.looks_at_partner(r, "speaking"),
        ".0%",
        0.35,
        0.5,
        "41 %",
    ),
    Row(
        "Listener looks at the partner",
        lambda r: gaze.looks_at_partner(r, "listening"),
        ".0%",
        0.65,
        0.85,
        "75 %",
    ),
    Row("Mutual gaze", gaze.mutual, ".0%", 0.25, 0.45, "31 %"),
    Row("Turns that end on the partner", gaze.ends_on_partner, ".0%", 0.7, 1, "as a rule"),
    Row("Gaze exactly constant, frames", lambda r: gaze.constant(r)[0], ".1%", 0, 0.05, "never"),
    Row("Gaze exactly constant, longest (s)", lambda r: gaze.constant(r)[1], ".2f", 0, 1, "never"),
    Row("Head's energy below 0.5 Hz", body.slow, ".0%", 0, 0.93, "quick nods 2.6-6.5 Hz"),
    Row("Face, speaking (px/s)", lambda r: body.face_px_s(r, "speaking"), ".0f", 10),
    Row("Face, listening (px/s)", lambda r: body.face_px_s(r, "listening"), ".0f", 6),
    Row("Turns of the head that are seen, a minute", body.turns_a_minute, ".0f", 6),
    Row("Listener's nods a minute", lambda r: body.nods(r)[0], ".0f", 4, 14, typical=True),
    Row("Dips of a listener's nod, median", lambda r: body.nods(r)[1], ".1f", 2, 4, typical=True),
    Row("Nods that decline", lambda r: body.nods(r)[2], ".0%", 0.7, typical=True),
    Row(
        "Head against loudness (ms)",
        lambda r: speech.lag_ms(r, "head_pitch", -1),
        "+.0f",
        -30,
        50,
        "+30",
        typical=True,
    ),
    Row(
        "Brows against loudness (ms)",
        lambda r: speech.lag_ms(r, "brow_left_y", 1),
        "+.0f",
        -80,
        0,
        "before the word",
        typical=True,
    ),
    Row(
        "In-breath against the first sound (s)",
        speech.breath_s,
        "+.2f",
        -0.6,
        -0.2,
        "before answering",
        typical=True,
    ),
    Row("Mouth's changes a second", lambda r: speech.mouth(r)[0], ".1f"),
    Row("Mouth shapes of one frame", lambda r: speech.mouth(r)[1], ".0%", 0, 0),
    Row("Pauses over 150 ms that never close", lambda r: speech.mouth(r)[2], ".0%", 0, 0),
    Row("Two mouths or two pairs of brows seen", speech.ghosts, ".1%", 0, 0),
    Row("Body under 0.25 px a frame, frames", lambda r: body.still(r)[0], ".0%"),
    Row("Body under 0.25 px a frame, longest (s)", lambda r: body.still(r)[1], ".1f", 0, 3),
)
"""Of a conversation."""

IDLE: tuple[Row, ...] = (
    Row("Blinks a minute", lambda r: gaze.blinks(r, "idle"), ".0f", 10, 32, "17"),
    Row("Looks at the partner", lambda r: gaze.looks_at_partner(r, "idle"), ".0%", 0.03, 0.4),
    Row("Gaze exactly constant, longest (s)", lambda r: gaze.constant(r)[1], ".2f", 0, 1, "never"),
    Row("Turns of the head that are seen, a minute", body.turns_a_minute, ".0f", 2),
    Row("Body under 0.25 px a frame, longest (s)", lambda r: body.still(r)[1], ".1f", 0, 3),
    Row("Repeats itself within 5 min (r)", body.repeats, ".2f", high=0.6),
    Row("Falls into step with the other (r)", body.in_step, ".2f", high=0.4),
)
"""Of nobody speaking, for ten minutes."""
