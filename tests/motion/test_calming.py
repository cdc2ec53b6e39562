"""A look passes, a mood holds: any later expression ends the calming down after an earlier turn."""

from __future__ import annotations

import pytest

from mien.audio import Ended, SequencerEvent, Started
from mien.clock import SAMPLE_RATE
from mien.script import ExpressionSet
from mien.talk.turns import Cue, Turn
from motion.cast import seconds
from motion.rig import Rig

Says = tuple[str, float, float, dict[float, str]]
RATES = (5, 24, 30, 144)
END = 1.517
"""The first turn's, in seconds: within a frame at all rates."""


def turn(key: str, begins_s: float, ends_s: float, *cues: tuple[float, str]) -> Says:
    """Cues by their times in the session."""
    return key, begins_s, ends_s, {at - begins_s: label for at, label in cues}


def played(fps: int, *turns: Says, host: tuple[float, str] | None = None, cut: str = "") -> Rig:
    """Turns of "a", of which `cut` is interrupted, and what the host sets before the next frame."""
    rig = Rig(fps)
    happens: list[tuple[int, SequencerEvent]] = []
    for key, begins_s, ends_s, asked in turns:
        cues = tuple(Cue(at, "expression", label) for at, label in asked.items())
        rig.session.queue(Turn(key, "a", b"sound", cues=cues))
        begin, end = seconds(begins_s), seconds(ends_s)
        happens += [(begin, Started(begin, key)), (end, Ended(end, key, end - begin, key == cut))]
    told = [] if host is None else [host]
    while rig.next_at < seconds(4):
        now = [happened for at, happened in happens if at <= rig.next_at]
        rig.audio.happened, happens = now, happens[len(now) :]
        if told and rig.next_at >= seconds(told[0][0]):
            rig.session.post(Cue(0.0, "expression", told.pop()[1]), "a", rig.next_at)
        rig.step()
    return rig


def shown(rig: Rig) -> list[tuple[float, str]]:
    """(second, expression) of "a"."""
    faces = rig.script.lanes("a").get("expression", ())
    return [(round(e.at / SAMPLE_RATE, 3), e.expression) for e in faces if isinstance(e, ExpressionSet)]


def labels(rig: Rig) -> list[str]:
    return [label for _, label in shown(rig)]


OUTBURST = turn("1", 0.5, END, (0.5, "laugh"))


@pytest.mark.parametrize("fps", RATES)
@pytest.mark.parametrize("begins", [END, 1.717])
@pytest.mark.parametrize("mood", ["sad", "neutral", "laugh", "surprised"])
def test_a_cue_of_the_next_turn_ends_the_calming_of_the_last(mood: str, begins: float, fps: int) -> None:
    after = turn("2", begins, 3.9, (begins, mood))
    assert shown(played(fps, OUTBURST, after)) == [(0.5, "laugh"), (round(begins, 3), mood)]


@pytest.mark.parametrize("fps", RATES)
def test_a_turn_without_an_expression_lets_the_last_one_calm_down(fps: int) -> None:
    calm = shown(played(fps, OUTBURST, turn("2", END, 3.9)))
    assert calm == shown(played(30, OUTBURST)) and calm[1][1] == "happy"
    assert END + 0.5 <= calm[1][0] <= END + 1.1
    late = turn("2", END, 3.9, (calm[1][0] + 0.1, "sad"))
    assert labels(played(fps, OUTBURST, late)) == ["laugh", "happy", "sad"]


@pytest.mark.parametrize("fps", RATES)
def test_what_was_set_by_a_turn_that_is_interrupted_holds(fps: int) -> None:
    after = turn("2", END, END + 0.3, (END, "sad"), (END + 0.35, "laugh"))
    assert labels(played(fps, OUTBURST, after, cut="2")) == ["laugh", "sad"]
    assert labels(played(fps, OUTBURST, turn("2", END, 3.9, (END, "sad")), cut="1")) == ["laugh", "sad"]
    # One that is cut off before its cue leaves the calming as it was.
    after = turn("2", END, END + 0.3, (END + 0.35, "sad"))
    assert shown(played(fps, OUTBURST, after, cut="2")) == shown(played(fps, OUTBURST))


@pytest.mark.parametrize("fps", RATES)
def test_two_outbursts_calm_down_once_after_the_second_turn(fps: int) -> None:
    (_, (at, calm)) = shown(played(fps, turn("2", END, END + 0.3, (END, "surprised"))))
    assert calm == "neutral"
    both = shown(played(fps, OUTBURST, turn("2", END, END + 0.3, (END, "surprised"))))
    assert both == [(0.5, "laugh"), (END, "surprised"), (at, "neutral")]


@pytest.mark.parametrize("fps", RATES)
def test_what_the_host_sets_ends_the_calming(fps: int) -> None:
    for label in ("sad", "laugh"):
        told = labels(played(fps, OUTBURST, host=(END + 0.1, label)))
        assert told == ["laugh", label]
    # What is so already stays.
    at_its_end = turn("1", 0.5, END, (END, "laugh"))
    assert labels(played(fps, at_its_end)) == ["laugh", "happy"]
    assert labels(played(fps, at_its_end, host=(END + 0.01, "laugh"))) == ["laugh"]


@pytest.mark.parametrize("fps", RATES)
@pytest.mark.parametrize("at", [END, END - 0.001])
def test_an_outburst_in_the_last_frame_calms_down_and_a_mood_there_holds(at: float, fps: int) -> None:
    (_, (moment, _)) = shown(played(fps, OUTBURST))
    ends = turn("1", 0.5, END, (0.5, "laugh"), (at, "wink"))
    assert shown(played(fps, ends)) == [(0.5, "laugh"), (at, "wink"), (moment, "happy")]
    ends = turn("1", 0.5, END, (0.5, "laugh"), (at, "sad"))
    assert labels(played(fps, ends)) == ["laugh", "sad"]
    # The first cue of the next turn may be in the same sample.
    ends = turn("1", 0.5, END, (0.5, "laugh"), (at, "wink"))
    following = turn("2", END, 3.9, (END, "sad"))
    assert labels(played(fps, ends, following)) == ["laugh", "wink", "sad"]


@pytest.mark.parametrize("fps", RATES)
def test_a_cue_behind_the_end_of_its_turn_stays(fps: int) -> None:
    late = turn("1", 0.5, END, (0.5, "laugh"), (END + 0.2, "wink"))
    assert labels(played(fps, late)) == ["laugh", "wink"]


def test_a_weak_echo_of_another_is_no_expression_of_their_own() -> None:
    rig = Rig(30)
    rig.run(0.5)
    rig.begin_turn("a", "1", (Cue(0.0, "expression", "laugh"),))
    rig.run(1.5)
    rig.end_turn("1")
    rig.begin_turn("b", "2", (Cue(0.0, "expression", "angry"),))
    rig.run(4.0)
    lanes = rig.script.lanes("a")
    assert len(lanes["echo"]) == 1 and labels(rig) == ["laugh", "happy"]


def test_what_is_told_every_frame_from_the_turn_s_last_sample_on_does_not_calm_down() -> None:
    rig = Rig(30)
    rig.run(0.5)
    rig.begin_turn("a", "1")
    rig.run(1.5)
    rig.end_turn("1")
    rig.run(1.51, lambda t: Cue(0.0, "expression", "laugh"))
    rig.run(4.0, lambda t: Cue(0.0, "expression", "laugh"))
    assert labels(rig) == ["laugh"]


@pytest.mark.parametrize("at_s", [END, END + 0.2])
def test_what_the_host_sets_where_a_calming_is_shown_again_holds(at_s: float) -> None:
    rig = played(30, OUTBURST)
    (_, (moment, _)) = shown(rig)
    rig.session.again, rig.index = True, round(at_s * 30)
    rig.session.post(Cue(0.0, "expression", "sad"), "a", rig.next_at)
    rig.run(3.5)
    assert labels(rig)[-1] == "sad" and shown(rig)[-1][0] == moment
