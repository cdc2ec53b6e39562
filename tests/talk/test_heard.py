"""What is heard in the sound (laughs, sighs, breaths) moves the body as a cue does, is told, not doubled."""

from __future__ import annotations

from fractions import Fraction

import pytest

from mien.audio import Ended
from mien.script import BurstKind, VocalBurst
from mien.talk.turns import Cue
from motion.cast import seconds
from motion.rig import Rig

BEGAN = seconds(1)
HEARD = 150
"""Frame by which a laugh is heard."""


def laughs(
    fps: int = 30, known: int | None = None, cue: Cue | None = None, until_s: float = 4.0
) -> tuple[list[float], list[tuple[float, str]]]:
    """(seconds into the turn of the bursts of "a", cues told with their times); `known`: the frame that was
    played when the laugh came to light."""
    rig = Rig(fps)
    rig.run(1.0)
    rig.begin_turn("a", cues=() if cue is None else (cue,))
    track = rig.session._turns["t"][1].track
    if known is None:
        track.hear("laugh", HEARD)
        rig.run(until_s)
    else:
        rig.run(1.0 + known / 100)
        track.hear("laugh", HEARD, shown=known + 2)
        rig.run(until_s)
    bursts = [event for event in rig.script.lanes("a").get("burst", ()) if isinstance(event, VocalBurst)]
    told = [event for event in rig.session.take_events(seconds(until_s)) if event.kind == "cue"]
    return (
        [(event.at - BEGAN) / 48_000 for event in bursts],
        [(event.position_s, str(event.cue.value)) for event in told if event.cue is not None],
    )


@pytest.mark.parametrize("fps", [24, 30, 144])
def test_a_laugh_of_a_file_is_followed_04_s_before_it_is_sure_at_every_rate_and_told(fps: int) -> None:
    assert laughs(fps) == ([1.1], [(1.1, "laugh")])


def test_of_pushed_sound_it_is_followed_when_it_is_known() -> None:
    assert laughs(known=152) == ([1.54], [(1.54, "laugh")])


def test_what_comes_to_light_when_it_is_over_is_left() -> None:
    assert laughs(known=230) == ([], [])


@pytest.mark.parametrize("at_s", [0.3, 1.1, 2.5])
def test_where_a_cue_asks_for_a_burst_nothing_is_added(at_s: float) -> None:
    bursts, told = laughs(cue=Cue(at_s, "burst", "sigh"))
    assert bursts == [at_s]
    assert told == [(at_s, "sigh")]


def test_a_turn_that_has_ended_laughs_no_more() -> None:
    assert laughs(until_s=2.0) == ([], [])


@pytest.mark.parametrize("fps", [2, 30])
@pytest.mark.parametrize("interrupted", [False, True])
def test_a_laugh_before_its_turns_end_is_followed_though_no_frame_is_between(
    fps: int, interrupted: bool
) -> None:
    rig = Rig(fps)
    rig.run(1.0)
    rig.begin_turn("a")
    rig.session._turns["t"][1].track.hear("laugh", HEARD)
    rig.run(2.17)
    rig.audio.happened.append(Ended(BEGAN + seconds(1.2), "t", seconds(1.2), interrupted))
    rig.run(4.0)
    followed = interrupted is False or fps == 30
    assert len(rig.script.lanes("a").get("burst", ())) == followed
    told = [event.kind for event in rig.session.take_events(seconds(4))]
    assert told == ["started", *["cue"] * followed, "finished"]


@pytest.mark.parametrize("fps", [Fraction(1, 4), 30])
def test_one_that_goes_on_is_told_again_after_3_s_at_every_rate(fps: Fraction) -> None:
    rig = Rig(fps)  # type: ignore[arg-type]
    rig.run(1.0)
    rig.begin_turn("a")
    began = rig.next_at
    for frame in (150, 300, 450):
        rig.session._turns["t"][1].track.hear("laugh", frame)
    rig.run(14.0)
    bursts = rig.script.lanes("a").get("burst", ())
    assert [(event.at - began) / 48_000 for event in bursts] == [1.1, 4.1]


def followed(
    *sounds: tuple[BurstKind, int], fps: int = 30, cue: Cue | None = None, shown: int = 0
) -> list[tuple[str, float]]:
    """(kind, seconds into the turn) of what "a" does, where (kind, frame) are heard; `shown`: of the track
    when that came to light."""
    rig = Rig(fps)
    rig.run(1.0)
    rig.begin_turn("a", cues=() if cue is None else (cue,))
    rig.run(1.0 + shown / 100)
    for kind, frame in sounds:
        rig.session._turns["t"][1].track.hear(kind, frame, shown=shown)
    rig.run(9.0)
    bursts = [one for one in rig.script.lanes("a").get("burst", ()) if isinstance(one, VocalBurst)]
    told = [one for one in rig.session.take_events(seconds(9)) if one.cue is not None]
    assert [(one.at, one.cue and one.cue.value) for one in told] == [(one.at, one.kind) for one in bursts]
    return [(one.kind, (one.at - BEGAN) / 48_000) for one in bursts]


@pytest.mark.parametrize("fps", [2, 30, 144])
def test_a_breath_is_drawn_as_it_begins_and_a_sigh_before_air_goes_out_at_every_rate(fps: int) -> None:
    assert followed(("breath", 120), ("sigh", 400), fps=fps) == [("breath", 1.2), ("sigh", 3.5)]


def test_what_is_known_a_little_late_is_followed_then_and_later_not_at_all() -> None:
    assert followed(("breath", 120), shown=130) == [("breath", 1.3)]
    assert followed(("breath", 120), shown=140) == []
    assert followed(("sigh", 120), shown=125) == [("sigh", 1.25)]
    assert followed(("sigh", 120), shown=135) == []


def test_what_came_to_light_later_may_be_due_sooner() -> None:
    assert followed(("laugh", 600), ("breath", 120)) == [("breath", 1.2), ("laugh", 5.6)]


def test_a_breath_that_is_heard_keeps_nobody_from_laughing_but_a_laugh_from_breathing() -> None:
    assert followed(("breath", 120), ("laugh", 260)) == [("breath", 1.2), ("laugh", 2.2)]
    assert followed(("laugh", 160), ("breath", 260)) == [("laugh", 1.2)]


@pytest.mark.parametrize("at_s", [0.3, 1.1, 2.5])
def test_where_a_cue_asks_for_a_burst_no_breath_is_added_and_no_sigh(at_s: float) -> None:
    cue = Cue(at_s, "burst", "breath")
    assert followed(("breath", 120), cue=cue) == followed(("sigh", 170), cue=cue) == [("breath", at_s)]


def test_a_breath_before_each_phrase_is_followed_where_the_body_has_settled() -> None:
    begun = followed(*(("breath", frame) for frame in (50, 200, 300, 520)))
    assert begun == [("breath", 0.5), ("breath", 3.0), ("breath", 5.2)]
