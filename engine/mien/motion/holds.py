"""What a host overrides: channels held at a value, over whatever the behaviours say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from mien.clock import SAMPLE_RATE
from mien.motion.body import Spring
from mien.motion.ease import smooth
from mien.motion.timeline import states
from mien.script import HOLD, KEPT, ChannelHeld, Event, VisemeShown
from mien.script_overrides import LIDS
from mien.types import CHANNEL_INDEX, F32

LONGEST: Final = KEPT // 2
"""Samples that a channel may take to where it is held: what it began from is still known at its end."""
_MOST: Final = 64
"""Changes under way at once that are looked at: a slider that is drawn for a second."""
_SWINGS: Final = 4 * SAMPLE_RATE
"""Samples for which loose things swing after a step."""
_LEAST_S: Final = 0.02
"""Shortest time that a step of the head takes, for what hangs on it: a cut would be a blow."""
YAW: Final = CHANNEL_INDEX["head_yaw"]
"""What loose things hang on."""
_NO_EVENTS: Sequence[Event] = ()

Share = tuple[float, float]
"""(share of what behaviours say, what is added to it)."""


class Held(NamedTuple):
    """What of a character is overridden at one time."""

    channels: tuple[tuple[int, Share], ...]
    """By their numbers."""
    lids: tuple[Share | None, Share | None]
    """Of the own left and right eye, 0 wide .. 1 closed."""
    steps: tuple[tuple[float, float, float], ...]
    """(how far, how many seconds ago, in how many) the head was turned."""

    def share(self, channel: int) -> Share:
        """What behaviours have of a channel, and what is added."""
        return next((share for number, share in self.channels if number == channel), (1.0, 0.0))

    def lag(self, spring: Spring) -> float:
        """How far a loose thing hangs behind the head for that."""
        return sum((far * spring.lag(ago, lasts) for far, ago, lasts in self.steps), 0.0)

    def apply(self, channels: F32) -> None:
        """Write what is held over what behaviours have written."""
        for number, (own, added) in self.channels:
            channels[number] = own * channels[number] + added


class Holds:
    """The overrides of one character. What has never been held costs a comparison."""

    def __init__(self) -> None:
        self._looked_at = 0
        self._lanes: tuple[str, ...] = ()

    def at(self, lanes: Mapping[str, Sequence[Event]], at: int) -> Held | None:
        """What is overridden at sample `at`; None: nothing."""
        if len(lanes) != self._looked_at:  # lanes come, and never go
            self._looked_at = len(lanes)
            self._lanes = tuple(lane for lane in lanes if lane.startswith(HOLD))
        if not self._lanes:
            return None
        channels: list[tuple[int, Share]] = []
        lids: dict[str, Share] = {}
        steps: list[tuple[float, float, float]] = []
        for lane in self._lanes:
            events = states(lanes.get(lane, _NO_EVENTS), at, LONGEST, _MOST, spare=-1)
            share = _share(events, at)
            name = lane[len(HOLD) :]
            if CHANNEL_INDEX.get(name) == YAW:
                steps = _steps(events, at)
            if share == (1.0, 0.0):
                continue
            if name in LIDS:
                lids[name] = share
            else:
                channels.append((CHANNEL_INDEX[name], share))
        if not channels and not lids and not steps:
            return None
        return Held(tuple(channels), (lids.get(LIDS[0]), lids.get(LIDS[1])), tuple(steps))


def shown_viseme(lanes: Mapping[str, Sequence[Event]], at: int) -> int | None:
    """The mouth shape that a host shows at sample `at`; None: the voice has the mouth."""
    events = lanes.get("viseme")
    found = states(events, at, 1, most=1, spare=-1) if events else None
    return found[0].viseme if found and isinstance(found[0], VisemeShown) else None


def _share(events: Sequence[Event], at: int) -> Share:
    """Of events newest first: each begins from where those before it have the channel, as crossfades do."""
    own, added, left = 0.0, 0.0, 1.0
    for event in events:
        assert isinstance(event, ChannelHeld)
        share = left * (smooth((at - event.at) / event.lasts) if event.lasts else 1.0)
        if event.value is None:
            own += share
        else:
            added += share * event.value
        left -= share
        if left <= 0.0:
            return own, added
    return own + left, added


def _steps(events: Sequence[Event], at: int) -> list[tuple[float, float, float]]:
    return [
        (event.step, (at - event.at) / SAMPLE_RATE, max(_LEAST_S, event.lasts / SAMPLE_RATE))
        for event in events
        if isinstance(event, ChannelHeld) and event.step and 0 < at - event.at < _SWINGS + event.lasts
    ]
