"""What is told of a timeline, of which some is taken back before it is heard."""

from __future__ import annotations

from collections import deque

from hypothesis import given
from hypothesis import strategies as st

from mien.audio.events import Cut, Ended, SequencerEvent, Started
from mien.audio.happened import Happened


def test_a_turn_that_a_frame_has_begun_before_it_is_heard_does_not_end_before_it_began() -> None:
    events: deque[SequencerEvent | Cut] = deque([Started(1000, "a"), Ended(1960, "a", 960, False)])
    happened = Happened(events)
    assert happened.take(1601) == [Started(1000, "a")]  # for a frame that is shown later
    events.append(Cut(400))  # nothing from there on was heard
    assert happened.take(1601) == [Ended(1000, "a", 0, True)]


def test_a_turn_that_is_cut_where_nobody_knew_of_it_is_dropped() -> None:
    events: deque[SequencerEvent | Cut] = deque([Started(1000, "a"), Ended(1960, "a", 960, False), Cut(400)])
    assert Happened(events).take(None) == [Ended(-1, "a", 0, True)]


@given(
    lengths=st.lists(st.integers(1, 4000), min_size=1, max_size=6),
    known=st.integers(0, 6),
    taken=st.lists(st.integers(0, 20_000), max_size=4).map(sorted),
    cut=st.integers(0, 20_000),
)
def test_each_turn_ends_once_and_not_before_it_began(
    lengths: list[int], known: int, taken: list[int], cut: int
) -> None:
    """Turns one behind the other; of some more the end is not known yet when all is taken back."""
    events: deque[SequencerEvent | Cut] = deque()
    happened, told, at = Happened(events), list[SequencerEvent](), 0
    playing: list[tuple[str, int]] = []
    for number, length in enumerate(lengths):
        events.append(Started(at, str(number)))
        if number < known:
            events.append(Ended(at + length, str(number), length, False))
        else:
            playing.append((str(number), at))
        at += length
    for until in taken:
        told += happened.take(until)
    events.append(Cut(cut))
    events.extend(Ended(max(cut, begun), key, 0, True) for key, begun in playing)
    told += happened.take(None)
    begun: dict[str, int] = {}
    ended = set()
    for event in told:
        if isinstance(event, Started):
            assert event.key not in begun and event.key not in ended
            begun[event.key] = event.at
        else:
            assert event.key not in ended
            assert event.at >= begun[event.key] if event.key in begun else event.at == -1
            ended.add(event.key)
    assert ended == {str(number) for number in range(len(lengths))}
