"""Laughs, sighs and breaths: what a body does with sounds that are no words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import cos, pi
from typing import Final

from mien.clock import SAMPLE_RATE
from mien.motion.ease import hump, smooth
from mien.motion.timeline import ms, recent
from mien.script import Event, VocalBurst
from mien.types import CHANNEL_INDEX

_PITCH, _LEAN, _BREATH, _SHRUG, _BOUNCE, _LEFT, _RIGHT = (
    CHANNEL_INDEX[name]
    for name in ("head_pitch", "body_lean", "breath", "shrug", "bounce", "brow_left_y", "brow_right_y")
)

_LONGEST = ms(2200)
_LAUGHS_HZ: Final = 4.7
"""Syllables of a laugh a second (Bachorowski and others 2001: 4.4 to 4.9)."""


def add_bursts(lanes: Mapping[str, Sequence[Event]], at: int, out: list[float]) -> None:
    """Add to the channels `out` (len(CHANNELS)) what bursts do at sample `at`."""
    events = lanes.get("burst")
    if events:
        for event in recent(events, at, _LONGEST, most=6, spare=-1):
            if isinstance(event, VocalBurst) and at - event.at < _LONGEST:
                _COURSES[event.kind]((at - event.at) / SAMPLE_RATE, out)


def _laugh(t: float, out: list[float]) -> None:
    """The head goes back, shoulders shake with each syllable and less and less, and a breath follows."""
    on = smooth(t / 0.14) * (1.0 - smooth((t - 0.8) / 0.5))
    shake = on * (1.0 - 0.35 * t) * (0.5 - 0.5 * cos(2 * pi * _LAUGHS_HZ * t))
    out[_PITCH] += 0.3 * on - 0.22 * shake
    out[_LEAN] += -0.12 * on + 0.14 * shake
    out[_SHRUG] += 0.12 * on + 0.3 * shake
    out[_BOUNCE] += 0.5 * shake
    out[_BREATH] += -0.3 * on + 0.35 * hump((t - 1.1) / 1.1)


def _sigh(t: float, out: list[float]) -> None:
    """In for half a second, held, and out with head and shoulders."""
    into = smooth(t / 0.5) * (1.0 - smooth((t - 0.65) / 0.7))
    sunk = smooth((t - 0.75) / 0.6) * (1.0 - smooth((t - 1.4) / 0.8))
    out[_BREATH] += 0.75 * into - 0.2 * sunk
    out[_SHRUG] += 0.35 * into
    out[_PITCH] += 0.2 * into - 0.3 * sunk
    out[_LEAN] += 0.08 * into - 0.2 * sunk
    for brow in (_LEFT, _RIGHT):
        out[brow] += 0.25 * into


def _breath(t: float, out: list[float]) -> None:
    """In through an open mouth, before something is said."""
    into = smooth(t / 0.38) * (1.0 - smooth((t - 0.45) / 0.7))
    out[_BREATH] += 0.6 * into
    out[_SHRUG] += 0.14 * into
    out[_PITCH] += 0.1 * into


_COURSES: Final[Mapping[str, Callable[[float, list[float]], None]]] = {
    "laugh": _laugh,
    "sigh": _sigh,
    "breath": _breath,
}
