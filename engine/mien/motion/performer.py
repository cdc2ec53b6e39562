"""A character's pose as a pure function of (script, time)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from mien.character import Character
from mien.clock import SAMPLE_RATE
from mien.lipsync.track import OPEN
from mien.motion.blink import Blinks
from mien.motion.body import Breath, Sway, efforts
from mien.motion.brows import Brows
from mien.motion.bursts import add_bursts
from mien.motion.chance import Chance
from mien.motion.ease import hump, wave
from mien.motion.faces import Faces, Mix
from mien.motion.gaze import Eyes
from mien.motion.gestures import Gestures
from mien.motion.holds import Held, Holds, shown_viseme
from mien.motion.lids import Lids
from mien.motion.listening import Reactions, bounce_of
from mien.motion.looks import Looks
from mien.motion.mouth import Lips
from mien.motion.presence import IdleBrows, Pace, Posture
from mien.motion.prosody import Prosody, Spoken, activity, coming, jaw, openings, spoken
from mien.motion.slots import SlotOwners
from mien.motion.swinging import Swinging
from mien.motion.target import shifts
from mien.motion.timeline import ms, recent
from mien.script import Event, Script, TurnComing
from mien.types import CHANNEL_INDEX, CHANNELS, UNSIGNED_CHANNELS, Pose

_YAW = CHANNEL_INDEX["head_yaw"]
_PITCH = CHANNEL_INDEX["head_pitch"]
_ROLL = CHANNEL_INDEX["head_roll"]
_BODY = CHANNEL_INDEX["body_sway"]
_LEAN = CHANNEL_INDEX["body_lean"]
_BREATH = CHANNEL_INDEX["breath"]
_SHRUG = CHANNEL_INDEX["shrug"]
_GAZE_X = CHANNEL_INDEX["gaze_x"]
_GAZE_Y = CHANNEL_INDEX["gaze_y"]
_BROW_LEFT = CHANNEL_INDEX["brow_left_y"]
_BROW_RIGHT = CHANNEL_INDEX["brow_right_y"]
_BOUNCE = CHANNEL_INDEX["bounce"]
_JAW = CHANNEL_INDEX["jaw"]
_LIPS = CHANNEL_INDEX["lips"]
LOW = np.array([0.0 if name in UNSIGNED_CHANNELS else -1.0 for name in CHANNELS], np.float32)
"""Least value of each channel."""
HIGH = np.float32(1.0)
"""Greatest value of all."""

_COUNTER = 0.6
"""Share of the head's turn that the eyes take back to stay on their target (vestibulo-ocular reflex)."""


_NO_EVENTS: Sequence[Event] = ()
_OPENS, _LIFTS, _LEANS = ms(520), ms(380), ms(620)
"""How long brows are up for a turn; shoulders, and the body, for a change of gesture."""
_BREATHES = ms(1600)
"""How long an in-breath before a turn shows, from when it is told of."""


class Performer:
    """Moves one character.

    Parameters: `character`; `key` its key in the script; `seed` of every random choice. Who writes what,
    per frame: slots `SlotOwners`, then lids `Lids` and the mouth `Lips` theirs, unless the host has set a
    drawing there; channels are sums of what the behaviours say, written once, here.

    What is kept between calls are results of pure functions; no call depends on an earlier one. Nothing
    after sample `at` is read but frames of the track that plays or was announced, at most 0.2 s ahead and
    only such as were known at `at`; and the cost does not grow with the script: each behaviour looks back
    only as far as it can still be seen.
    """

    def __init__(self, character: Character, key: str, seed: int) -> None:
        chance = Chance(seed, key)
        self._key = key
        self._faces = Faces(character, chance)
        self._slots = SlotOwners(character)
        self._lids = Lids(character)
        self._lid_slots = {*character.lids.left, *character.lids.right}
        self._mouth_slot = character.mouth.slot
        self._lips = Lips(character)
        self._brows = Brows(character)
        self._blinks = Blinks(chance)
        self._looks = Looks(chance, asides_of(character))
        self._eyes = Eyes(chance)
        self._prosody = Prosody()
        self._gestures = Gestures(character, chance)
        self._breath = Breath(chance)
        self._sway = Sway(chance)
        self._reactions = Reactions(chance, Chance(seed, ""))
        self._holds = Holds()
        self._pace = Pace(chance)
        self._posture = Posture(chance)
        self._idle_brows = IdleBrows(chance)
        self._swinging = Swinging(character, self._sway)
        self.lids = (0.0, 0.0)
        """How far the lids (left, right) were closed in the pose that was filled last, 0 wide .. 1."""
        self.blink = 0.0
        """How much of that was a blink: the share of the way to closed lids, 0..1."""
        self._brow_share = (chance.between(60, 0, 0.75, 1.0), chance.between(60, 1, 0.75, 1.0))

    @property
    def resolved(self) -> int:
        """How often it was worked out which drawings a state comes to: at load, and for what is worn."""
        return self._slots.resolved

    @property
    def settles(self) -> int:
        """Samples after which every fade of what was told is over, of drawings and of faces."""
        return max(self._slots.settles, self._faces.settles)

    def pose(
        self, script: Script, at: int, out: Pose, seen: Script | None = None, heard: Script | None = None
    ) -> Pose:
        """Fill `out` with the character's pose at sample `at` >= 0 and return it.

        `seen`: another script, that says what is looked at; `heard`: one whose turns are listened to. None:
        the same, as in all frames.
        """
        key = self._key
        lanes = script.lanes(key)
        t = at / SAMPLE_RATE
        mix = self._faces.mix(lanes, at)
        turns = spoken(lanes, at)
        active = activity(turns, at)
        next_turn = coming(lanes, at, turns)
        head_stress, brow_stress, ring = self._prosody.stress(turns, at, next_turn)
        targets = self._looks.at(seen or script, key, (seen or script).lanes(key), at)
        look = self._eyes.look(at, targets)
        held = self._holds.at(lanes, at)
        shape = shown_viseme(lanes, at)
        reaction = self._reactions.near(heard or script, key, lanes, at)
        sway = self._sway
        lively = 1.0 + 0.7 * active
        gaze = mix.allowed("gaze")
        own_s = self._pace.time(t)

        v = [0.0] * len(CHANNELS)
        self._faces.add_channels(lanes, at, mix, v)
        stress = _soft(head_stress)
        self._gestures.add_channels(lanes, at, stress, v)
        stance = self._posture.at(t)
        dip = sum((nod.dip(at) for nod in reaction.nods), 0.0)
        yaw = lively * wave(sway.yaw, own_s)
        pitch = lively * wave(sway.pitch, own_s) - 0.62 * dip - 0.45 * stress
        roll = lively * wave(sway.roll, own_s)
        v[_YAW] += yaw + look.yaw + stance.yaw
        v[_PITCH] += pitch + look.pitch
        v[_ROLL] += roll + 0.35 * look.yaw + stress * roll + stance.roll + reaction.tilt
        v[_BODY] += wave(sway.body, own_s) + 0.4 * look.torso + stance.sway
        v[_LEAN] += wave(sway.lean, own_s) + 0.12 * active + 0.25 * stress + stance.lean
        bounced = self._carried(lanes, at, own_s, active, turns, v) + 0.5 * stance.moved
        bounced += sum(nod.bounce(at) for nod in reaction.nods)
        # Where an expression looks is a look that passes (see `Looks`), and no offset.
        v[_GAZE_X] = gaze * (look.x - _COUNTER * look.yaw - 0.3 * yaw)
        v[_GAZE_Y] = gaze * (look.y + _COUNTER * look.pitch + 0.3 * pitch)
        accent = 0.8 * _soft(brow_stress)
        for opens in openings(lanes, at, turns):
            accent += 0.22 * hump((at - opens) / _OPENS)
        accent += sum(nod.brows(at) for nod in reaction.nods)
        left, right = self._idle_brows.at(t)
        v[_BROW_LEFT] += self._brow_share[0] * accent + left
        v[_BROW_RIGHT] += self._brow_share[1] * accent + right
        v[_JAW] += OPEN[shape] if shape is not None else self._lips.jaw(lanes, mix, turns, jaw(turns, at), at)
        v[_BOUNCE] += 0.7 * bounced + 0.6 * ring + 0.15 * (v[_BREATH] - 0.35)
        self._swinging.fill(at, own_s, lively, targets, held, v, out)
        add_bursts(lanes, at, v)
        set_by_host = self._fill_slots(lanes, at, mix, gaze * look.resting_y, shifts(targets), held, out)
        if self._mouth_slot not in set_by_host:
            hums = reaction.hums(at)
            v[_LIPS] += self._lips.apply(lanes, mix, turns, next_turn, at, out, hums, shape)
        self._brows.add(mix, out, set_by_host, v)
        out.channels[:] = v
        np.minimum(np.fmax(out.channels, LOW), HIGH, out=out.channels)
        if held is not None:
            held.apply(out.channels)
        return out

    def look(self, script: Script, at: int) -> bool:
        """Work out what is looked at at sample `at`, most of a pose's work where it is not known: `pose` of
        the same script and sample finds it so. Whether it was not."""
        worked_out = self._looks.worked_out
        self._looks.at(script, self._key, script.lanes(self._key), at)
        return self._looks.worked_out > worked_out

    def _carried(
        self,
        lanes: Mapping[str, Sequence[Event]],
        at: int,
        own_s: float,
        active: float,
        turns: Sequence[Spoken],
        v: list[float],
    ) -> float:
        """Add what breath and changes of gesture do to the channels `v`; return how they make loose things
        bounce."""
        starts = [
            (event.at, event.starts)
            for event in recent(lanes.get("coming", _NO_EVENTS), at, _BREATHES, most=3, spare=-1)
            if isinstance(event, TurnComing)
        ]
        breath, sigh = self._breath.value(own_s, at, active, turns, starts)
        v[_BREATH] += breath
        v[_PITCH] += 0.03 * breath + 0.10 * sigh
        v[_SHRUG] += 0.25 * sigh
        v[_BROW_LEFT] += 0.2 * sigh
        v[_BROW_RIGHT] += 0.2 * sigh
        bounced = 0.0
        for begun, strength in efforts(lanes, at):
            v[_SHRUG] += 0.4 * strength * hump((at - begun) / _LIFTS)
            v[_LEAN] += 0.3 * strength * hump((at - begun) / _LEANS)
            bounced += bounce_of(begun, strength, at)
        return bounced

    def _fill_slots(
        self,
        lanes: Mapping[str, Sequence[Event]],
        at: int,
        mix: Mix,
        look_down: float,
        shifts: Sequence[tuple[int, float]],
        held: Held | None,
        out: Pose,
    ) -> set[int]:
        """Write which drawings show but for the mouth's, and return the slots in which the host has set one.
        `look_down` as for lids, `shifts` as for blinks."""
        set_by_host = self._slots.apply(lanes, at, out)
        kept = [
            (s, out.picks[s].copy(), out.weights[s].copy()) for s, _ in set_by_host if s in self._lid_slots
        ]
        closure = self.blink = self._blinks.closure(lanes, at, shifts) * mix.allowed("blink")
        if held is None:
            self.lids = self._lids.apply(mix, closure, look_down, out)
        else:
            own, added = held.share(_GAZE_Y)
            self.lids = self._lids.apply(mix, closure, own * look_down + added, out, held.lids)
        for s, picks, weights in kept:
            out.picks[s] = picks
            out.weights[s] = weights
        return {s for s, _ in set_by_host}


def asides_of(character: Character) -> dict[str, tuple[float, float]]:
    """Expression -> gaze (x, y) of those that look somewhere."""
    found = {}
    for name, expression in character.expressions.items():
        x, y = expression.channels.get("gaze_x", 0.0), expression.channels.get("gaze_y", 0.0)
        if x or y:
            found[name] = (min(1.0, max(-1.0, x)), min(1.0, max(-1.0, y)))
    return found


def _soft(x: float) -> float:
    """Above 0, and without a corner there: stress below a tenth hardly moves anything."""
    return x * x / (x + 0.12) if x > 0.0 else 0.0
