"""Laughs, sighs and breaths move the body, begin and end without a jump, and may come as tags."""

from __future__ import annotations

import numpy as np
import pytest

from mien.motion import Performer
from mien.script import BURSTS, BurstKind, Script, VocalBurst
from mien.talk.tags import parse_tags
from mien.types import CHANNEL_INDEX, F64
from motion.cast import blank, character, script_of, seconds


def moved(name: str, kind: BurstKind) -> F64:
    """(times,) every 5 ms for 3 s: what a burst does to a channel."""
    script, performer, out = (
        script_of(VocalBurst(seconds(5), "a", kind)),
        Performer(character(), "a", 2),
        blank(),
    )
    times = range(seconds(5), seconds(8), 240)
    channel = CHANNEL_INDEX[name]
    with_it = [performer.pose(script, at, out).channels[channel].item() for at in times]
    without = [performer.pose(Script(), at, out).channels[channel].item() for at in times]
    return np.array(with_it) - np.array(without)


def peaks(course: F64, least: float) -> int:
    inner = course[1:-1]
    return int(np.count_nonzero((inner > course[:-2]) & (inner >= course[2:]) & (inner > least)))


def test_a_laugh_shakes_the_shoulders_four_to_five_times_a_second_and_less_and_less() -> None:
    shrug = moved("shrug", "laugh")
    assert 4 <= peaks(shrug, 0.1) <= 6
    assert shrug[:60].max() > 1.15 * shrug[160:260].max()
    assert moved("head_pitch", "laugh").max() > 0.15


def test_a_sigh_goes_in_and_then_sinks_below_rest() -> None:
    breath, head = moved("breath", "sigh"), moved("head_pitch", "sigh")
    assert breath[:160].max() > 0.2
    assert head[:130].max() > 0.1 and head[200:300].min() < -0.15


def test_a_breath_is_in_within_half_a_second() -> None:
    breath = moved("breath", "breath")
    assert 0.3 < breath.argmax() * 0.005 < 0.55 and breath.max() > 0.3


@pytest.mark.parametrize("kind", BURSTS)
def test_a_burst_begins_and_ends_at_rest_without_a_jump(kind: BurstKind) -> None:
    for name in ("head_pitch", "body_lean", "breath", "shrug", "bounce", "brow_left_y"):
        course = moved(name, kind)
        assert abs(course[0]) < 1e-3 and np.abs(course[-100:]).max() < 1e-6
        assert np.abs(np.diff(course)).max() < 0.06, name


def test_tags_of_laughs_and_sighs_are_a_face_and_a_burst_and_a_breath_is_a_burst_alone() -> None:
    text, tags = parse_tags("[laugh] Oh. [sigh]No. [breath] [happy] Yes.")
    assert text == "Oh. No. Yes."
    assert [(tag.cue.kind, tag.cue.value) for tag in tags] == [
        ("expression", "laugh"),
        ("burst", "laugh"),
        ("expression", "sigh"),
        ("burst", "sigh"),
        ("burst", "breath"),
        ("expression", "happy"),
    ]
