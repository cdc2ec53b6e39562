"""Looking at single slots: solo, mute and outlines. A view of the stage, and no part of its script."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import islice
from typing import Final, TypeAlias

import numpy as np

from mien.arguments import refuse
from mien.art.faults import character_faults
from mien.art.looks import expression_state
from mien.character import Character, Slot
from mien.errors import ScriptError
from mien.messages import did_you_mean, quoted
from mien.motion.standing import standing
from mien.stage.posing import Posing
from mien.stage.reasons import SHUT, expression_at, is_mouth_shut, reasons_of, unseen_because, worn_by
from mien.stage.shown import CharacterFaults, ExpressionState, SlotOutline, SlotState
from mien.stage.slot_bases import View, base_name
from mien.types import Pose

_MOST: Final = 10_000
"""Slots that a call may name: what has no end is not read to it."""
_Constants: TypeAlias = list[tuple[tuple[str, ...], str, str, str]]
"""Of each slot the names of its drawings, of that which it shows by itself, of what it is clipped to, and why
it shows nothing by itself."""


class SlotView(Posing):
    """The part of a stage on which slots are looked at, for who looks for why a face looks wrong."""

    _constants: tuple[Character, _Constants] | None = None
    _expression: tuple[Character, bool, ExpressionState] | None = None
    """Of the one that was asked for last, at rest; whether speech has shut its mouth."""

    def slots(self, who: str) -> tuple[SlotState, ...]:
        """Every slot of a character, bottom to top: what it can show, what it showed in the last frame, and
        who said so. On the stage's own thread. Raises ScriptError, WrongThread."""
        self._check()
        self._check_owner("slots")
        self._check_in_cast(who)
        number, actor = self._numbered(who)
        character, pose = actor.character, actor.pose
        script, at = self._show.script, self._shown_at
        lanes, owners = script.lanes(who), self._owners_of(who)
        known = self._shown_of(actor) or owners.shown(script, at)
        reasons = reasons_of(character, lanes, at, owners.held(script, at), known.blink)
        worn = worn_by(lanes, at)
        joined = self._show.player.rows.joined_of(number)
        together: dict[int, tuple[str, ...]] = {}
        for base in joined.nonzero()[0].tolist():
            members = range(base, base + character.slots[base].joins + 1)
            names = tuple(character.slots[s].name for s in members)
            together.update(dict.fromkeys(members, names))
        view = self._show.player.views.get(who, View())
        return tuple(
            SlotState(
                name=slot.name,
                drawings=drawings,
                default=default,
                shown=_shown(slot, s, pose),
                owner=reasons[s].owner,
                worn=worn.get(slot.name),
                solo=slot.name in view.solo,
                mute=slot.name in view.mute,
                clipped_to=base,
                together=together.get(s, ()),
                because=unseen if reasons[s].owner == "default" else reasons[s].because,
                origins=slot.origins,
            )
            for s, (slot, (drawings, default, base, unseen)) in enumerate(
                zip(character.slots, self._constants_of(character), strict=True)
            )
        )

    def _constants_of(self, character: Character) -> _Constants:
        """What of its slots never changes: to find it anew each time takes as long as all else."""
        if self._constants is None or self._constants[0] is not character:
            named = [tuple(one.name for one in slot.drawings) for slot in character.slots]
            defaults = [_name(slot, slot.default) for slot in character.slots]
            bases = [base_name(character, s) for s in range(len(character.slots))]
            unseen = [unseen_because(character, s) for s in range(len(character.slots))]
            self._constants = character, list(zip(named, defaults, bases, unseen, strict=True))
        return self._constants[1]

    def expression(self, who: str) -> ExpressionState:
        """The expression that a character shows, and why it looks so: what it changes against `neutral`, what
        the character lacks for it, what is in its way, and what to do about that. On the stage's own thread.
        Raises ScriptError, WrongThread."""
        self._check()
        self._check_owner("expression")
        self._check_in_cast(who)
        character = self._numbered(who)[1].character
        script, at = self._show.script, self._shown_at
        lanes = script.lanes(who)
        name = expression_at(lanes, at)
        name = name if name in character.expressions else "neutral"
        shut = is_mouth_shut(character, lanes, at)
        known, was_shut, state = self._expression or (None, False, None)
        if state is None or known is not character or was_shut != shut or state.name != name:
            state = expression_state(character, name, mouth_shut=shut)
            self._expression = character, shut, state
        held = self._owners_of(who).held(script, at)
        view = self._show.player.views.get(who, View())
        unseen = set() if (numbers := view.hidden(character)) is None else {*numbers.tolist()}
        blocked, shows = [f"the mouth is {SHUT}"] if shut else [], dict(state.shows)
        for s, reason in enumerate(reasons_of(character, lanes, at, held, 0.0)):
            slot = character.slots[s].name
            if slot in shows:
                if s in unseen:
                    blocked.append(f"{slot} is {'muted' if slot in view.mute else 'not among those alone'}")
                if reason.owner in ("host", "gesture"):
                    blocked.append(f"{slot}: {reason.because}")
        asked = character.expressions[name].channels
        blocked += [f"hold {channel}" for channel in asked if channel in held]
        return replace(state, blocked=(*blocked, *state.blocked))

    def faults(self, who: str) -> CharacterFaults:
        """What is wrong with a character in whatever it shows, as far as it can be told: what it lacks, what
        of its face is covered, which layers and corrections of its art are doubted. From any thread. Raises
        ScriptError."""
        self._check()
        self._check_in_cast(who)
        return character_faults(self._show.characters[who])

    def solo(self, who: str, slots: str | Iterable[str] = ()) -> None:
        """Draw only these slots of a character, from the next frame on; none: all again. Others of the cast
        are drawn as before.

        The slot within whose shape one is drawn is drawn with it. A view: nothing is written into the script,
        and nothing that is told or played changes. Slots that are drawn as one picture are drawn by
        themselves while one of them is not shown (see `SlotState.together`). From any thread. Raises
        ScriptError for a slot that the character does not have.
        """
        names = self._slots_named(who, slots)
        self._tell(lambda: self._look(who, solo=names))

    def mute(self, who: str, slots: str | Iterable[str] = ()) -> None:
        """Do not draw these slots of a character, from the next frame on, solo or not; none: all are drawn.

        What is drawn within the shape of one of them is not seen either. Otherwise as `solo`.
        """
        names = self._slots_named(who, slots)
        self._tell(lambda: self._look(who, mute=names))

    def outlines(self, who: str, slots: str | Iterable[str] | None = None) -> tuple[SlotOutline, ...]:
        """Where slots draw something on the last frame, bottom to top: boxes for a host to draw over it.

        `slots`: of these, None: of all. Who is off stage has none. Of slots that are drawn as one picture
        each has its own box. On the stage's own thread. Raises ScriptError, WrongThread.
        """
        self._check_owner("outlines")
        names = self._slots_named(who, () if slots is None else slots)
        number, actor = self._numbered(who)
        stands = standing(self._show.script.lanes(who), self._shown_at, actor.home)
        if stands.opacity <= 0.0:
            return ()
        world, pose = self._show.player.rows.world_of(number), actor.pose
        found: list[SlotOutline] = []
        for s, slot in enumerate(actor.character.slots):
            if (slots is not None and slot.name not in names) or pose.opacity[s] <= 0.0:
                continue
            for pick, weight in zip(pose.picks[s].tolist(), pose.weights[s].tolist(), strict=True):
                if pick >= 0 and weight > 0.0:
                    drawing = slot.drawings[pick]
                    (x, y), (_, _, w, h) = drawing.offset, drawing.region
                    corners = world[s] @ np.array(((x, x + w, x + w, x), (y, y, y + h, y + h), (1, 1, 1, 1)))
                    a, b, c, d = (tuple(map(float, corner)) for corner in corners.T)
                    found.append(SlotOutline(slot.name, drawing.name, (a, b, c, d), weight))  # type: ignore[arg-type]
        return tuple(found)

    def _look(self, who: str, **said: frozenset[str]) -> None:
        views = self._show.player.views
        views[who] = views.get(who, View())._replace(**said)
        self._show.player.look()

    def _slots_named(self, who: str, slots: str | Iterable[str]) -> frozenset[str]:
        self._check()
        self._check_in_cast(who)
        wanted = "the names of slots, as slots() lists them"
        if not isinstance(slots, str | Iterable):
            refuse("slots", slots, wanted)
        names = [slots] if isinstance(slots, str) else list(islice(slots, _MOST))
        known = [slot.name for slot in self._show.characters[who].slots]
        for name in names:
            if not isinstance(name, str):
                refuse("slots", name, wanted)
            if name not in known:
                raise ScriptError(f"{quoted(who)} has no slot {quoted(name)}; {did_you_mean(name, known)}")
        return frozenset(names)


def _name(slot: Slot, drawing: int) -> str:
    return slot.drawings[drawing].name if drawing >= 0 else ""


def _shown(slot: Slot, number: int, pose: Pose) -> tuple[tuple[str, float], ...]:
    shares = zip(pose.picks[number].tolist(), pose.weights[number].tolist(), strict=True)
    live = [(_name(slot, pick), weight) for pick, weight in shares if weight > 0.0]
    return tuple(sorted(live, key=lambda share: -share[1]))
