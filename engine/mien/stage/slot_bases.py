"""Within whose shape a slot is drawn: what is to be seen with it, for it to be seen at all."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mien.character import Character, Group
from mien.types import Indices


class View(NamedTuple):
    """Which slots of a character are looked at, by name."""

    solo: frozenset[str] = frozenset()
    """Only these are drawn, unless there are none."""
    mute: frozenset[str] = frozenset()
    """These are not."""

    def hidden(self, character: Character) -> Indices | None:
        """The numbers of slots that are not drawn; None for none."""
        slots = character.slots
        seen = set(range(len(slots)))
        if self.solo:
            seen = set().union(*(seen_with(character, s) for s in seen if slots[s].name in self.solo))
        hidden = [s for s, slot in enumerate(slots) if s not in seen or slot.name in self.mute]
        return np.array(hidden, np.intp) if hidden else None


def base_of(character: Character, slot: int) -> range:
    """The slots that make the shape within which one is drawn: of one that is clipped its base, which may be
    a whole group; none of one that is not."""
    slots = character.slots
    if not slots[slot].clip:
        return range(0)
    return _below(character, slot, _around(character, slot))


def seen_with(character: Character, slot: int) -> set[int]:
    """A slot, and all within whose shape it is drawn, itself or as a part of its groups."""
    seen, waiting = set[int](), [slot]
    while waiting:
        one = waiting.pop()
        if one in seen:
            continue
        seen.add(one)
        waiting += base_of(character, one)
        for group in character.groups:
            if group.clip and group.first <= one < group.stop:
                waiting += _below(character, group.first, _around_group(character, group))
    return seen


def base_name(character: Character, slot: int) -> str:
    """The name of the slot, or the group, within whose shape one is drawn; "" for none."""
    base = base_of(character, slot)
    if len(base) <= 1:
        return character.slots[base[0]].name if base else ""
    whole = (group for group in character.groups if range(group.first, group.stop) == base)
    return next((group.name for group in whole), character.slots[base[0]].name)


def _around(character: Character, slot: int) -> Group | None:
    """The innermost group that holds a slot."""
    return next((one for one in reversed(character.groups) if one.first <= slot < one.stop), None)


def _around_group(character: Character, group: Group) -> Group | None:
    """The innermost group that holds another."""
    outer = character.groups[: character.groups.index(group)]
    return next((one for one in reversed(outer) if one.first <= group.first < one.stop), None)


def _below(character: Character, first: int, within: Group | None) -> range:
    """What comes next below a slot, or a group's `first`, in the same group, and is not clipped itself."""
    least, top = (0 if within is None else within.first), first - 1
    while top >= least:
        unit = _unit(character, top, within)
        if unit is None:
            if not character.slots[top].clip:
                return range(top, top + 1)
            top -= 1
            continue
        if not unit.clip and not unit.pass_through:
            return range(unit.first, unit.stop)
        top = unit.first - 1
    return range(0)


def _unit(character: Character, slot: int, within: Group | None) -> Group | None:
    """The outermost group that holds a slot inside of another; None: the slot is directly in that."""
    groups = character.groups
    inner = groups if within is None else groups[groups.index(within) + 1 :]
    return next((one for one in inner if one.first <= slot < one.stop), None)
