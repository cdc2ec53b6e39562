"""Which drawing each slot shows, and the crossfades between them.

One owner per slot, highest first: a drawing set by the host, a gesture, an expression, the default.
The mouth slot and the lid slots belong to their own behaviours unless the host has set a drawing there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice, product

import numpy as np

from mien.bounded_cache import BoundedCache
from mien.character import Character, Slot
from mien.motion.ease import crossfade, strongest
from mien.motion.gestures import RETRACT_SHARE, delay_of
from mien.motion.timeline import ms, states
from mien.script import DrawingSet, Event, ExpressionSet, GestureSet
from mien.types import I32, MAX_MIXED, Pose

_NO_EVENTS: Sequence[Event] = ()
_USUAL_FADE_MS = 220.0
"""The `fade_ms` of an expression at which slots fade in their own `fade_ms`."""
_LONGEST_MS = 4000.0
_ARMS_PACE = 0.65
"""Arms change quicker than faces: two drawings of an arm lie far apart, and a slow mix shows both."""

_MOST_READY = 1024
"""Pairs of an expression and a gesture that are resolved at load; 40 of each are more than that."""

_Outfit = tuple[tuple[int, int], ...]


class SlotOwners:
    """The slots of one character over time."""

    def __init__(self, character: Character) -> None:
        self._character = character
        self._owned = {character.mouth.slot, *character.lids.left, *character.lids.right}
        self._default = np.array([slot.default for slot in character.slots], np.int32)
        self._fade = [ms(min(_LONGEST_MS, slot.fade_ms)) for slot in character.slots]
        self._pace = {n: e.fade_ms / _USUAL_FADE_MS for n, e in character.expressions.items()}
        self._longest = max(self._fade, default=0)
        longest = self._longest * max(1.0, *self._pace.values())
        self._window = min(ms(_LONGEST_MS), int(longest)) + 1
        self._delay = max(
            (max(ms(RETRACT_SHARE * m.retract_ms), ms(m.change_ms)) for m in character.motions.values()),
            default=0,
        )
        """Most samples from a gesture's beginning to where its drawings begin to change."""
        self.settles = self._delay + self._window
        """Samples after which a slot shows alone what it was told last."""
        self._slot_of = {slot.name: s for s, slot in enumerate(character.slots)}
        self._drawing_of = [
            {d.name: i for i, d in enumerate(slot.drawings)} | {"": -1} for slot in character.slots
        ]
        self.resolved = 0
        """How often it was worked out which drawings an expression, a gesture and an outfit come to."""
        self._known: BoundedCache[tuple[str, str, _Outfit], I32] = BoundedCache(256)
        self._ready: dict[tuple[str, str], I32] = {}
        """Drawing per slot for each expression and gesture, nothing worn: a change is a look-up."""
        pairs = product(character.expressions, ("", *character.gestures))
        for pair in islice(pairs, _MOST_READY):
            self._ready[pair] = self._resolve(*pair, ())

    def apply(self, lanes: Mapping[str, Sequence[Event]], at: int, out: Pose) -> _Outfit:
        """Fill every row of `out`'s picks and weights; return the (slot, drawing) pairs the host set."""
        now: dict[str, list[Event]] = {}
        changes: list[tuple[int, str]] = []
        for lane, events in lanes.items():
            if lane == "expression" or lane == "gesture" or lane.startswith("drawing:"):
                found = states(events, at, self._window + self._delay)
                if lane == "gesture" and self._delay:
                    found = self._delayed(found, at)
                now[lane] = found
                for event in found:
                    if event.at > at - self._window:
                        changes.append((event.at, lane))
        outfit = self._outfit(now)
        picks = self._targets(now, outfit)
        out.opacity.fill(1.0)
        out.picks.fill(-1)
        out.picks[:, 0] = picks
        out.weights.fill(0.0)
        out.weights[:, 0] = 1.0
        if changes:
            self._fade_slots(now, changes, at, picks, out)
        return outfit

    def _delayed(self, events: Sequence[Event], at: int) -> list[Event]:
        """Gestures at the times at which their drawings begin to change, newest first; none after `at`."""
        gestures = [event for event in events if isinstance(event, GestureSet)]
        found: list[Event] = []
        newer = at
        for i, event in enumerate(gestures):
            before = next((older.gesture for older in gestures[i + 1 :] if older.gesture), "")
            moment = event.at + delay_of(self._character.motions, event.gesture, before)
            if found or moment <= at:  # what was followed before it showed shows when the other begins to
                newer = min(moment, newer)
                found.append(GestureSet(newer, event.character, event.gesture))
        return found

    def _fade_slots(
        self, now: dict[str, list[Event]], changes: list[tuple[int, str]], at: int, newest: I32, out: Pose
    ) -> None:
        changes.sort(reverse=True)
        begun, lane = changes[0]
        if at - begun >= min(self._longest * self._pace_of(now[lane][0]), self._window):
            return  # every slot shows the newest alone
        states = [newest]
        paces: list[float] = []
        for _, lane in changes:
            paces.append(self._pace_of(now[lane].pop(0)))
            states.append(self._targets(now, self._outfit(now)))
        differs = np.zeros(len(newest), np.bool_)
        for state in states[1:]:
            differs |= state != newest
        slots: dict[int, list[int]] = {}  # by a slot's own fade, of which there are few
        for s in differs.nonzero()[0].tolist():
            slots.setdefault(self._fade[s], []).append(s)
        for fade, own in slots.items():
            fades: list[tuple[float, float]] = [
                (begun, min(fade * pace, self._window))
                for (begun, _), pace in zip(changes, paces, strict=True)
            ]
            weights = crossfade([*fades, (0.0, 0.0)], at)
            if weights[0] < 1.0:
                self._mix(out, own, states, weights)

    def _mix(self, out: Pose, slots: Sequence[int], states: Sequence[I32], weights: Sequence[float]) -> None:
        """Write these slots: what the `states` show of them, newest first, by these weights."""
        for s in slots:
            shares: dict[int, float] = {}
            for state, weight in zip(states, weights, strict=True):
                drawing = int(state[s])
                shares[drawing] = shares.get(drawing, 0.0) + weight
            slot = self._character.slots[s]
            put_mix(out, s, strongest(together(shares, slot) if slot.apart else shares, MAX_MIXED))

    def _pace_of(self, event: Event) -> float:
        """Times a slot's own fade: how long it fades with this change."""
        if isinstance(event, ExpressionSet):
            return self._pace.get(event.expression, 1.0)
        return _ARMS_PACE if isinstance(event, GestureSet) else 1.0

    def _outfit(self, now: dict[str, list[Event]]) -> _Outfit:
        worn: list[tuple[int, int]] = []
        for lane, events in now.items():
            if lane.startswith("drawing:") and events:
                event = events[0]
                assert isinstance(event, DrawingSet)
                s = self._slot_of.get(event.slot)
                if s is not None and event.drawing is not None:
                    drawing = self._drawing_of[s].get(event.drawing)
                    if drawing is not None:
                        worn.append((s, drawing))
        return tuple(worn)

    def _targets(self, now: dict[str, list[Event]], outfit: _Outfit) -> I32:
        expressed, gestured = now.get("expression"), now.get("gesture")
        expression, gesture = "neutral", ""
        if expressed and isinstance(expressed[0], ExpressionSet):
            expression = expressed[0].expression
        if gestured and isinstance(gestured[0], GestureSet):
            gesture = gestured[0].gesture
        ready = None if outfit else self._ready.get((expression, gesture))
        if ready is not None:
            return ready
        key = (expression, gesture, outfit)
        known = self._known.get(key)
        return self._known.put(key, self._resolve(*key)) if known is None else known

    def _resolve(self, expression: str, gesture: str, outfit: _Outfit) -> I32:
        self.resolved += 1
        picks = self._default.copy()
        character = self._character
        shown = character.expressions.get(expression, character.expressions["neutral"])
        for source in (shown.slots, character.gestures.get(gesture, {})):
            for s, drawing in source.items():
                if s not in self._owned:
                    picks[s] = drawing
        for s, drawing in outfit:
            picks[s] = drawing
        return picks


def together(shares: Mapping[int, float], slot: Slot) -> dict[int, float]:
    """What may be shown at one time of drawings and their shares, newest first: the heaviest, of equals the
    newest, and what is not apart from it. A slot at rest with nothing fades out before it fades in again."""
    ranked = sorted(shares, key=lambda d: shares[d], reverse=True)
    kept: dict[int, float] = {}
    left = 0.0
    for drawing in ranked:
        if all((min(drawing, other), max(drawing, other)) not in slot.apart for other in kept):
            kept[drawing] = shares[drawing]
        else:
            left += shares[drawing]
    drawn = [drawing for drawing in kept if drawing >= 0]
    if left and slot.default < 0 and drawn and (-1, drawn[0]) not in slot.apart:
        total = sum(kept[drawing] for drawing in drawn)
        seen = max(0.0, total - left) / total
        kept = {drawing: kept[drawing] * seen for drawing in drawn}
        kept[-1] = 1.0 - sum(kept.values())
    return kept


def put_mix(out: Pose, slot: int, mix: Sequence[tuple[int, float]]) -> None:
    """Write one slot's row: (drawing, weight) pairs, at most MAX_MIXED, weights summing to 1."""
    if len(mix) == 1 and out.weights[slot, 0] == 1.0:
        # The row holds one drawing already, as it nearly always does: only which one differs.
        out.picks[slot, 0] = mix[0][0]
        return
    picks, weights = out.picks[slot], out.weights[slot]
    picks.fill(-1)
    weights.fill(0.0)
    for i, (drawing, weight) in enumerate(mix):
        picks[i] = drawing
        weights[i] = weight
