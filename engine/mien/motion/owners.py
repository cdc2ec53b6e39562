"""Who has the say on a channel: found by leaving one behaviour out after another, when somebody asks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple, TypeAlias

from mien.character import LID_STATES, Character
from mien.motion.performer import HIGH, LOW, Performer
from mien.script import HOLD, ChannelHeld, Script
from mien.script_overrides import HELD, LIDS
from mien.types import CHANNELS, Pose

ChannelOwner: TypeAlias = Literal[
    "idle", "expression", "mouth", "gaze", "blink", "gesture", "cue", "physics", "host"
]
"""Which behaviour has the say: `idle` is life by itself (sway, breath, posture), `mouth` what follows its own
voice, `gaze` looks and what of the head goes with them, `cue` nods, bursts and what listening does, `physics`
what hangs, `host` what `hold` and `show_viseme` say."""

_LANES: Final[dict[ChannelOwner, tuple[str, ...]]] = {
    "expression": ("expression", "echo"),
    "gesture": ("gesture",),
    "cue": ("nod", "burst"),
    "mouth": ("turn", "coming"),
    "gaze": ("gaze", "trail", "partner"),
    "host": ("viseme",),
}
"""What each behaviour follows from."""
_BY_NATURE: Final[dict[str, ChannelOwner]] = {
    "gaze_x": "gaze",
    "gaze_y": "gaze",
    "sway": "physics",
    "sway_slow": "physics",
    "bounce": "physics",
}
"""Whose a channel is where nobody else has the say."""
_OTHERS: Final[dict[str, tuple[ChannelOwner, ...]]] = {
    **dict.fromkeys(("gaze_x", "gaze_y"), ("expression",)),
    **dict.fromkeys((name for name, owner in _BY_NATURE.items() if owner == "physics"), ()),
}
"""Who else can have it, where not all can: a voice changes what eyes look at, but it is they who look."""
_LOOK_OTHERWISE: Final = ("expression", "gaze")
"""Behaviours without which somebody looks elsewhere."""
_SEEN: Final = 0.01
"""What moves a channel by less has no say."""
_AJAR: Final = LID_STATES.index("open") / LID_STATES.index("closed")

RANGES: Final[dict[str, tuple[float, float]]] = {
    **{name: (float(low), float(HIGH)) for name, low in zip(CHANNELS, LOW, strict=True)},
    **dict.fromkeys(LIDS, (0.0, 1.0)),
}
"""Least and greatest value of all that can be held."""
RESTS: Final[dict[str, float]] = {name: _AJAR if name in LIDS else 0.0 for name in HELD}
"""What each is where nothing moves it."""


class Say(NamedTuple):
    """Of one channel."""

    value: float
    owner: ChannelOwner
    held: float | None
    """What the host asks for."""


class Shown(NamedTuple):
    """What a performer has filled a frame with."""

    values: Mapping[str, float]
    """Of each that can be held."""
    blink: float
    """Share of the way to closed lids, 0..1."""

    @classmethod
    def of(cls, performer: Performer, pose: Pose) -> Shown:
        """As the performer has left it."""
        values = (*pose.channels.tolist(), *performer.lids)
        return cls(dict(zip(HELD, values, strict=True)), performer.blink)


class _Begun(NamedTuple):
    """A behaviour that is being left out."""

    owner: ChannelOwner
    at: int
    """The sample."""
    shown: Mapping[str, float]
    """What was shown of it."""
    script: Script
    """Without that behaviour."""
    seen: Script | None
    heard: Script | None
    """As of `Performer.pose`."""


class Owners:
    """Says who has the say on the channels of one character. Parameters as of `Performer`.

    It poses the character some times more, apart from frames, which know nothing of it.
    """

    def __init__(self, character: Character, key: str, seed: int) -> None:
        self._performer = Performer(character, key, seed)
        self._elsewhere = Performer(character, key, seed)
        """For poses that look elsewhere than frames: each knows the looks that it had last."""
        self._key = key
        self._turn = 0
        self._known: dict[ChannelOwner, dict[str, float]] = {}
        """Of each behaviour, how far it moved what is seen to move when that was worked out last."""
        self._begun: _Begun | None = None
        # What hangs on joints of its own is no channel: without room for it, it is not worked out.
        self._pose = Pose.empty(len(character.slots), 0)

    def at(
        self, script: Script, at: int, *, in_parts: bool = False, known: Shown | None = None
    ) -> dict[str, Say]:
        """Of each that can be held, as it is at sample `at`. `in_parts`: one behaviour is left out in each
        call, or half of that is done, and what the others do is as it was when it was their turn. `known`:
        what a frame shows of that sample, where one does."""
        shown, blink = known or self.shown(script, at)
        found: dict[str, tuple[float, ChannelOwner]] = {
            name: (_SEEN, _BY_NATURE.get(name, "idle")) for name in HELD
        }
        for name in LIDS if blink else ():
            without = (shown[name] - blink) / (1.0 - blink) if blink < 1.0 else RESTS[name]
            found[name] = max(found[name], (shown[name] - without, "blink"))
        for name, moved, owner in self._moved(script, at, shown, in_parts):
            if moved > found[name][0] and owner in _OTHERS.get(name, (owner,)):
                found[name] = (moved, owner)
        held = self.held(script, at)
        return {
            name: Say(shown[name], "host" if name in held else owner, held.get(name))
            for name, (_, owner) in found.items()
        }

    def _moved(
        self, script: Script, at: int, shown: Mapping[str, float], in_parts: bool
    ) -> list[tuple[str, float, ChannelOwner]]:
        """(channel, how far it is moved, by whom), of every behaviour that does something."""
        lanes = script.lanes(self._key)
        active = [
            owner
            for owner, own in _LANES.items()
            if any(lanes.get(lane) for lane in own) or (owner == "cue" and script.floor)
        ]
        if not in_parts:
            self._begun = None
            for owner in active:
                self._finish(self._begin(owner, script, at, shown))
        elif self._begun is not None:
            begun, self._begun = self._begun, None
            self._finish(begun)
        elif active:
            self._turn += 1
            begun = self._begin(active[self._turn % len(active)], script, at, shown)
            if self._of(begun).look(begun.seen or begun.script, at):
                self._begun = begun
            else:
                self._finish(begun)
        return [
            (name, moved, owner) for owner in active for name, moved in self._known.get(owner, {}).items()
        ]

    def _begin(self, owner: ChannelOwner, script: Script, at: int, shown: Mapping[str, float]) -> _Begun:
        """What is needed to say what would be shown at sample `at` if a behaviour did nothing. Looks are
        those of the gaze, whatever a voice or a nod has changed of them; of what is heard the own turns are
        of the mouth, and those of others of who listens."""
        key, heard = self._key, None
        # Where a behaviour changes no look it is as in frames, and is known from one of these to the next.
        seen = None if owner in _LOOK_OTHERWISE else script
        if owner == "mouth":
            heard = script.view(at, speaking=lambda who: who != key)
        elif owner == "cue":
            heard = script.view(at, _LANES[owner], lambda who: who == key)
        return _Begun(owner, at, shown, script.view(at, _LANES[owner]), seen, heard)

    def _finish(self, begun: _Begun) -> None:
        """How far a behaviour moves what."""
        owner, at, shown, script, seen, heard = begun
        performer = self._of(begun)
        pose = performer.pose(script, at, self._pose, seen, heard)
        without_it = Shown.of(performer, pose).values
        moved = {name: abs(shown[name] - value) for name, value in without_it.items()}
        self._known[owner] = {name: by for name, by in moved.items() if by > _SEEN}

    def _of(self, begun: _Begun) -> Performer:
        """Who is posed without it."""
        return self._elsewhere if begun.seen is None else self._performer

    def shown(self, script: Script, at: int) -> Shown:
        """What is shown at sample `at`."""
        self.values(script.view(at), at)
        return Shown.of(self._performer, self._pose)

    def values(self, script: Script, at: int) -> Mapping[str, float]:
        """Of each that can be held, its value at sample `at`."""
        return Shown.of(self._performer, self._performer.pose(script, at, self._pose)).values

    def step(self, script: Script, at: int, channel: str, value: float | None) -> float:
        """How far a channel goes from what it was at sample `at` to what it is held at; None: to what its
        behaviours say."""
        view = script.view(at)
        shown = self.values(view, at)[channel]
        if value is None:
            value = self.values(script.view(at, (f"{HOLD}{channel}",)), at)[channel]
        return value - shown

    def held(self, script: Script, at: int) -> dict[str, float]:
        """What the host asks for at sample `at`."""
        found: dict[str, float] = {}
        for name in HELD:
            lane = script.lanes(self._key).get(f"{HOLD}{name}", ())
            event = next((event for event in reversed(lane) if event.at <= at), None)
            if isinstance(event, ChannelHeld) and event.value is not None:
                found[name] = event.value
        return found
