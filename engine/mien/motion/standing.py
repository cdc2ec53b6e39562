"""Where a character stands, how large it is, and how much of it is there: a pure function of (script, time).

Each event begins where its character is at that moment, on its way or at rest, as all crossfades do: who is
told to go somewhere else half-way turns there without a jump.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from mien.motion.ease import smooth
from mien.motion.timeline import states
from mien.script import KEPT, Entered, Event, Exited, Placed
from mien.types import Affine

LONGEST: Final = KEPT // 2
"""Samples that a change may take: what it began from is still known at its end."""
_MOST: Final = 64
"""Changes under way at once that are looked at: a host that tells a place in every frame for a second."""
_NO_EVENTS: Sequence[Event] = ()


class Standing(NamedTuple):
    """How a character stands at one time."""

    placement: Affine
    """Canvas to frame."""
    opacity: float
    """0..1; 0: it is off stage."""
    depth: float | None = None
    """Who has a higher one is in front; None: as the cast has it."""


def standing(lanes: Mapping[str, Sequence[Event]], at: int, home: Affine) -> Standing:
    """How somebody with these lanes stands at sample `at`; `home`: where, as long as nothing says else."""
    placed, presence = lanes.get("place", _NO_EVENTS), lanes.get("presence", _NO_EVENTS)
    if not placed and not presence:
        return Standing(home, 1.0)
    off_x, off_y, opacity = _presence(_seen(presence, at), at)
    if opacity <= 0.0:
        return Standing(home, 0.0)
    seen = _seen(placed, at)
    scale, x, y = _place(seen, at, home)
    depth = next((event.depth for event in seen if isinstance(event, Placed)), None)
    return Standing(Affine(a=scale, d=scale, tx=x + off_x, ty=y + off_y), opacity, depth)


def gone(lanes: Mapping[str, Sequence[Event]], at: int) -> bool:
    """Whether nothing of a character is on stage at sample `at`."""
    found = states(lanes.get("presence", _NO_EVENTS), at, 1, most=1, spare=-1)
    return bool(found) and _is_gone(found[0], at)


def _seen(events: Sequence[Event], at: int) -> list[Event]:
    """Those that may still show at sample `at`, newest first: also such as another follows at once, for who
    comes in the moment in which it was off stage comes from there."""
    return states(events, at, LONGEST, _MOST, spare=-1)


def _place(events: Sequence[Event], at: int, home: Affine) -> tuple[float, float, float]:
    """Scale and top left, of events newest first."""
    scale = x = y = 0.0
    left = 1.0
    for event in events:
        if isinstance(event, Placed):
            share = left * _done(event, at)
            scale, x, y = scale + share * event.scale, x + share * event.x, y + share * event.y
            left -= share
            if left <= 0.0:
                return scale, x, y
    return scale + left * home.a, x + left * home.tx, y + left * home.ty


def _presence(events: Sequence[Event], at: int) -> tuple[float, float, float]:
    """(x, y, opacity): how far from its place, in pixels, and how much is there; events newest first."""
    x, y, opacity = 0.0, 0.0, 1.0
    before: Event | None = None
    for event in reversed(events):
        share = _done(event, at)
        if isinstance(event, Entered):
            if before is not None and _is_gone(before, event.at):
                x, y, opacity = event.x, event.y, 0.0 if event.fades else 1.0
            x, y, opacity = x * (1.0 - share), y * (1.0 - share), opacity + (1.0 - opacity) * share
        elif isinstance(event, Exited):
            x, y = x + (event.x - x) * share, y + (event.y - y) * share
            if event.fades:
                opacity *= 1.0 - share
        before = event
    return (x, y, 0.0) if before is not None and _is_gone(before, at) else (x, y, opacity)


def _is_gone(event: Event, at: int) -> bool:
    return isinstance(event, Exited) and at >= event.at + event.lasts


def _done(event: Event, at: int) -> float:
    """0..1, eased at both ends: how far a change has come."""
    assert isinstance(event, Placed | Entered | Exited)
    return smooth((at - event.at) / event.lasts) if event.lasts > 0 else 1.0
