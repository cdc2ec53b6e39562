"""Slots of shared memory: no two write to one, and nobody reads what is written."""

from __future__ import annotations

import os

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mien.backend.slots import AHEAD, SLOTS, Ownership, Slots, bytes_of
from mien.shared_memory import SharedMemory
from mien.types import Size


@given(st.lists(st.sampled_from(["draw", "give", "back", "stray"]), max_size=200), st.randoms())
def test_what_the_host_has_is_never_drawn_into(steps: list[str], chance: object) -> None:
    owned = Ownership()
    hosts: list[int] = []
    newest: int | None = None
    unseen = 0
    for step in steps:
        if step == "draw":
            assert owned.next not in hosts and owned.next != newest
            unseen += newest is not None
            newest = owned.next
            owned.drawn()
        elif step == "give":
            given_slot = owned.give()
            assert (given_slot is None) == (newest is None or len(hosts) > AHEAD)
            if given_slot is not None:
                assert given_slot == newest and given_slot not in hosts
                hosts.append(given_slot)
                newest = None
        elif step == "back" and hosts:
            owned.back(hosts.pop(chance.randrange(len(hosts))))  # type: ignore[attr-defined]
        elif step == "stray":
            owned.back(SLOTS + 1)  # which it never had
    assert owned.unseen == unseen
    assert owned.next not in hosts  # there is always one to draw into


def test_pictures_lie_apart_and_are_seen_by_whoever_opened_the_memory() -> None:
    size = Size(7, 5)
    memory = SharedMemory.make(SLOTS * bytes_of(size))
    mine = Slots(memory, size)
    theirs = Slots(SharedMemory(memory.descriptor, memory.size), size)
    for number, picture in enumerate(mine.pictures):
        picture[...] = number + 1
    for number, picture in enumerate(theirs.pictures):
        assert picture.shape == (5, 7, 4) and np.unique(picture).tolist() == [number + 1]


def test_memory_that_is_let_go_stays_while_somebody_looks_at_it() -> None:
    memory = SharedMemory.make(4096)
    picture = memory.array(0, (4, 4, 4))
    memory.close()
    number = os.dup(0)  # the same number, somebody else's
    memory.close()
    os.close(number)
    assert picture.sum() == 0
