"""Hours of a conversation whose host tells something every frame: what is kept does not grow.

Time is virtual.
"""

from __future__ import annotations

from math import sin

from mien.talk.turns import Cue
from motion.rig import Rig

HOURS_S = 6 * 3600.0
"""The script keeps ten seconds, so that what stays longer is seen after minutes."""
TOLD = (
    lambda t: Cue(0.0, "gaze", (0.8 * sin(t), 0.3)),
    lambda t: Cue(0.0, "expression", "happy"),
    lambda t: Cue(0.0, "gesture", ""),
    lambda t: Cue(0.0, "drawing", "raincoat", slot="coat"),
    lambda t: Cue(0.0, "nod", 0.5),
)


def kept(rig: Rig) -> int:
    """Everything that a session keeps of what was."""
    script, session = rig.script, rig.session
    events = sum(len(lane) for who in "ab" for lane in script.lanes(who).values())
    told = len(session._events) + len(session._cues) + len(session.warnings) + len(session.ended)
    return events + len(script.floor) + len(session._agenda) + len(session.upcoming) + told


def hours(rig: Rig, number: int) -> int:
    """A turn every 160 s, with a second of 60 frames and a telling in each; the most that was kept."""
    most = 0
    for turn in range(int(HOURS_S / 160)):
        key = f"{number}-{turn}"
        rig.begin_turn("ab"[turn % 2], key)
        for frame in range(60):
            rig.session.post(TOLD[frame % len(TOLD)](frame / 60), "a", rig.next_at)
            rig.step()
        rig.end_turn(key)
        rig.step()
        rig.index += 159 * rig.fps
        rig.step()
        rig.session.take_events(rig.next_at)
        rig.session.ended.clear()
        most = max(most, kept(rig))
    return most


def test_what_is_kept_is_the_same_after_six_hours_and_after_twelve() -> None:
    rig = Rig(60)
    most = [hours(rig, number) for number in range(2)]
    assert most[0] < 600
    assert max(most) <= most[0] * 1.1
