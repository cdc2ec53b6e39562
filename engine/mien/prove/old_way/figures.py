"""What both programs are measured by: the same arithmetic on the same records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True, slots=True)
class FrameTime:
    """One frame that was shown."""

    index: int
    """On the absolute schedule; a gap in the indices is dropped frames."""
    took_ms: float
    """What the frame's thread did and waited for, in its interval."""
    presented_ms: float
    """When the picture was in memory, since the run began."""
    misses: int
    """L1 misses in it."""


@dataclass(frozen=True, slots=True)
class Figures:
    """One run. Times in ms; shares are of the frames that the schedule expected."""

    expected: int
    produced: int
    dropped: int
    late: int
    """Presented more than a frame interval after they were due."""
    over_budget: int
    """Kept the frame's thread longer than a frame interval."""
    worst_ms: float
    p99_ms: float
    median_ms: float
    misses: int
    first_audio_ms: tuple[float, ...]
    """Of every turn that began, in order."""
    gaps_ms: tuple[float, ...]
    """Silence added between turns, beyond what the conversation asks for."""
    miss_ms: tuple[float, ...] = ()
    """What each miss took; the old program knows it."""

    @property
    def misses_per_1000(self) -> float:
        """L1 misses, of frames expected."""
        return per_1000(self.misses, self.expected)

    @property
    def over_budget_per_1000(self) -> float:
        """Frames that kept the frame's thread too long, of frames expected."""
        return per_1000(self.over_budget, self.expected)

    @property
    def missed_per_1000(self) -> float:
        """Late or dropped."""
        return per_1000(self.late + self.dropped, self.expected)

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON, which `of_dict` reads."""
        return asdict(self)

    @classmethod
    def of_dict(cls, values: dict[str, Any]) -> Figures:
        """What `as_dict` gave, after a way through JSON."""
        told: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}
        return cls(**told)


def figures(
    frames: Sequence[FrameTime],
    interval_ms: float,
    first_audio_ms: Sequence[float],
    gaps_ms: Sequence[float],
    miss_ms: Sequence[float] = (),
) -> Figures:
    """The figures of a run. Raises ValueError when nothing was shown."""
    if not frames:
        raise ValueError("no frame was shown; play for longer")
    expected = frames[-1].index + 1
    took = np.array([frame.took_ms for frame in frames])
    late = sum(frame.presented_ms - frame.index * interval_ms > interval_ms for frame in frames)
    return Figures(
        expected=expected,
        produced=len(frames),
        dropped=expected - len(frames),
        late=late,
        over_budget=int((took > interval_ms).sum()),
        worst_ms=float(took.max()),
        p99_ms=float(np.percentile(took, 99)),
        median_ms=float(np.median(took)),
        misses=sum(frame.misses for frame in frames),
        first_audio_ms=tuple(first_audio_ms),
        gaps_ms=tuple(gaps_ms),
        miss_ms=tuple(miss_ms),
    )


def per_1000(count: float, frames: int) -> float:
    """So many in a thousand frames."""
    return 1000.0 * count / frames if frames else 0.0


def pooled(rounds: Sequence[Figures]) -> Figures:
    """All rounds as one run: counts and lists joined, the worst of the worst; p99 and median of the rounds'
    own, in the middle. Raises ValueError without rounds."""
    if not rounds:
        raise ValueError("no round was run")

    def total(name: str) -> int:
        return sum(getattr(one, name) for one in rounds)

    def joined(name: str) -> tuple[float, ...]:
        return tuple(value for one in rounds for value in getattr(one, name))

    return Figures(
        expected=total("expected"),
        produced=total("produced"),
        dropped=total("dropped"),
        late=total("late"),
        over_budget=total("over_budget"),
        worst_ms=max(one.worst_ms for one in rounds),
        p99_ms=float(np.median([one.p99_ms for one in rounds])),
        median_ms=float(np.median([one.median_ms for one in rounds])),
        misses=total("misses"),
        first_audio_ms=joined("first_audio_ms"),
        gaps_ms=joined("gaps_ms"),
        miss_ms=joined("miss_ms"),
    )
