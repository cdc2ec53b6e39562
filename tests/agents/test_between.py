"""Words and other frames between pieces of speech: each in its place, and none is lost."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from agents.virtual import RATE, speech
from mien.agents.between import Between
from mien.agents.segments import Segment, Segments

MS = 1_000_000


@dataclass
class Frame:
    name: str
    pts: int | None = None
    interruptible: bool = True


class Talk:
    """Segments, and what comes between them, with no clock of its own: the pipeline's is 1 s ahead."""

    def __init__(self) -> None:
        self.segments, self.between = Segments(10_000 * MS), Between()

    def push(self, seconds: float, now_ns: int = 0) -> None:
        if (begun := self.segments.push(speech(seconds), RATE, now_ns)) is not None:
            self.between.speech_begins(begun, now_ns + 1000 * MS)

    def give(self, seconds: float, now_ns: int) -> list[tuple[str, int | None]]:
        """So far of the last segment; frames that are due then, with their times in ms."""
        self.segments.advance({self.last.key: seconds}, frozenset(), now_ns)
        return self.due()

    @property
    def last(self) -> Segment:
        assert self.segments.last is not None
        return self.segments.last

    def due(self) -> list[tuple[str, int | None]]:
        out = []
        while (frame := self.between.take_due(1000 * MS)) is not None:
            assert isinstance(frame, Frame)
            out.append((frame.name, None if frame.pts is None else frame.pts // MS))
        return out


def test_a_word_that_comes_before_its_sound_is_told_when_that_is_heard() -> None:
    talk = Talk()
    talk.between.put_word(Frame("first", 1000 * MS), 1000 * MS)
    talk.between.put_word(Frame("second", 1100 * MS), 1000 * MS)
    assert talk.due() == []
    talk.push(0.2)
    assert talk.give(0.04, 30 * MS) == [("first", 1030)]
    assert talk.give(0.1, 35 * MS) == []
    assert talk.give(0.12, 70 * MS) == [("second", 1130)]


def test_a_word_of_speech_that_waited_is_told_by_its_place_and_not_by_its_time() -> None:
    """The service thinks that it is heard behind the last word of what was said before."""
    talk = Talk()
    talk.push(0.5)
    talk.between.put_word(Frame("one", 1300 * MS), 1000 * MS)
    talk.segments.end()
    assert talk.between.speech_ends() == []
    talk.push(0.5)
    talk.between.put_word(Frame("two", 1400 * MS), 1000 * MS)
    one, other = talk.segments.waiting
    talk.segments.advance({}, frozenset({one.key}), 50 * MS)
    assert talk.due() == [("one", 1350)]
    talk.segments.advance({other.key: 0.2}, frozenset(), 60 * MS)
    assert talk.due() == [("two", 1650)], "0.1 s behind the end of the first"


def test_words_and_what_comes_between_them_stay_in_their_order() -> None:
    talk = Talk()
    talk.push(0.2)
    talk.between.put_word(Frame("late", 1150 * MS), 1000 * MS)
    talk.between.put(Frame("mark"), talk.last)
    talk.between.put(Frame("answer", 1150 * MS), talk.last)
    talk.segments.end()
    assert talk.give(0.14, 0) == []
    assert talk.give(0.16, 10 * MS) == [("late", 1150)]
    assert talk.give(0.2, 20 * MS) == [("mark", None), ("answer", 1200)]


def test_a_word_that_is_said_to_come_behind_all_sound_comes_with_its_end() -> None:
    talk = Talk()
    talk.push(0.1)
    talk.between.put_word(Frame("word", 5000 * MS), 1000 * MS)
    assert talk.give(0.1, 0) == []
    talk.segments.end()
    assert talk.due() == [("word", 1100)]


def test_one_speech_in_two_segments_is_counted_on() -> None:
    talk = Talk()
    talk.push(0.1)
    talk.give(0.1, 0)
    assert talk.segments.take_ended(20_000 * MS), "its end is taken for lost"
    talk.push(0.2, 30_000 * MS)
    talk.between.put_word(Frame("word", 1150 * MS), 31_000 * MS)
    assert talk.give(0.1, 30_000 * MS) == [("word", 31_050)]


def test_words_whose_sound_never_comes_are_given_back() -> None:
    talk = Talk()
    talk.between.put_word(word := Frame("word", 1000 * MS), 1000 * MS)
    assert talk.between.speech_ends() == [word] and talk.between.take() is None


@pytest.mark.parametrize("interruptible", [True, False])
def test_an_interruption_drops_what_may_be_dropped(interruptible: bool) -> None:
    talk = Talk()
    talk.push(0.2)
    talk.between.put_word(early := Frame("word", 1100 * MS, interruptible), 1000 * MS)
    talk.between.put(other := Frame("mark", None, interruptible), talk.last)
    assert talk.between.interrupted() == ([] if interruptible else [early, other])
    assert talk.between.take() is None
    talk.segments.clear(0)
    talk.push(0.2, 500 * MS)
    talk.between.put_word(Frame("next", 1600 * MS), 1500 * MS)
    assert talk.give(0.2, 500 * MS) == [("next", 1600)]
