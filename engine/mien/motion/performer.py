"""A character's pose as a pure function of (script, time)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from mien.character import Character
from mien.clock import SAMPLE_RATE
from mien.motion.blink import Blinks
from mien.motion.body import Breath, Nods, Spring, Sway, dip, efforts, rebound
from mien.motion.chance import Chance
from mien.motion.ease import hump, wave
from mien.motion.faces import Faces, Mix
from mien.motion.gaze import Eyes, Target, heads
from mien.motion.hanging import Hanging
from mien.motion.lids import Lids
from mien.motion.mouth import Lips
from mien.motion.prosody import Prosody, activity, shape, spoken, visemes
from mien.motion.slots import SlotOwners
from mien.motion.timeline import ms
from mien.script import Event, Script
from mien.types import CHANNEL_INDEX, CHANNELS, Pose

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
_SWAY = CHANNEL_INDEX["sway"]
_SLOW = CHANNEL_INDEX["sway_slow"]
_BOUNCE = CHANNEL_INDEX["bounce"]
_JAW = CHANNEL_INDEX["jaw"]
_LOW = [0.0 if name in ("breath", "shrug", "jaw") else -1.0 for name in CHANNELS]

_COUNTER = 0.6
"""Share of the head's turn that the eyes take back to stay on their target (vestibulo-ocular reflex)."""
_SWING = (2.2, 1.3)
"""How strongly loose things (quick, slow) answer to a turn of the head: by a third to a large one."""


_BEHIND = (ms(80), ms(150))
"""How far loose things (quick, slow) hang behind a head that follows something: their springs' delay."""


class Performer:
    """Moves one character.

    Parameters: `character`; `key` its key in the script; `seed` of every random choice. Who writes what,
    per frame: slots `SlotOwners`, then lids `Lids` and the mouth `Lips` theirs, unless the host has set a
    drawing there; channels are sums of what the behaviours say, written once, here.

    What is kept between calls are results of pure functions; no call depends on an earlier one. Nothing
    after sample `at` is read but the next frame (10 ms) of the track that is playing, and the cost does
    not grow with the script: each behaviour looks back only as far as it can still be seen.
    """

    def __init__(self, character: Character, key: str, seed: int) -> None:
        chance = Chance(seed, key)
        self._key = key
        self._faces = Faces(character)
        self._slots = SlotOwners(character)
        self._lids = Lids(character)
        self._lid_slots = {*character.lids.left, *character.lids.right}
        self._mouth_slot = character.mouth.slot
        self._lips = Lips(character)
        self._blinks = Blinks(chance)
        self._eyes = Eyes(chance)
        self._prosody = Prosody()
        self._breath = Breath(chance)
        self._sway = sway = Sway(chance)
        self._nods = Nods(chance)
        self._springs = (Spring(1.25, 0.32), Spring(0.72, 0.34))
        # Loose things follow these idle motions, late.
        idle = (*_scaled(sway.yaw, 0.7), *_scaled(sway.roll, 1.0), *_scaled(sway.body, 0.7))
        self._idle = tuple(spring.after(idle) for spring in self._springs)
        self._hanging = Hanging(character, idle)
        self._brow_share = (chance.between(60, 0, 0.75, 1.0), chance.between(60, 1, 0.75, 1.0))

    @property
    def resolved(self) -> int:
        """How often it was worked out which drawings a state comes to: at load, and for what is worn."""
        return self._slots.resolved

    def pose(self, script: Script, at: int, out: Pose) -> Pose:
        """Fill `out` with the character's pose at sample `at` >= 0 and return it."""
        key = self._key
        lanes = script.lanes(key)
        t = at / SAMPLE_RATE
        mix = self._faces.mix(lanes, at)
        turns = spoken(lanes, at)
        active = activity(turns, at)
        row = visemes(turns, at)
        head_stress, brow_stress, ring = self._prosody.stress(turns, at)
        targets = self._eyes.targets(script, lanes, at)
        look = self._eyes.look(script, key, at, targets, turns)
        nods = self._nods.near(script, key, lanes, at)
        moves = efforts(lanes, at)
        breath = self._breath.value(at, active, turns)
        sway = self._sway
        lively = 1.0 + 0.7 * active
        gaze = mix.allowed("gaze")

        v = [0.0] * len(CHANNELS)
        self._faces.add_channels(lanes, at, mix, v)
        stress = _soft(head_stress)
        yaw = lively * wave(sway.yaw, t)
        pitch = lively * wave(sway.pitch, t) - 0.55 * dip(nods, at) - 0.45 * stress + 0.03 * breath
        roll = lively * wave(sway.roll, t)
        body = wave(sway.body, t)
        v[_YAW] += yaw + look.yaw
        v[_PITCH] += pitch + look.pitch
        v[_ROLL] += roll + 0.35 * look.yaw + stress * roll
        v[_BODY] += body + 0.3 * look.yaw
        v[_LEAN] += wave(sway.lean, t) + 0.12 * active + 0.25 * stress
        v[_BREATH] += breath
        for begun, strength in moves:
            v[_SHRUG] += 0.4 * strength * hump((at - begun) / ms(380))
            v[_LEAN] += 0.3 * strength * hump((at - begun) / ms(620))
        v[_GAZE_X] += gaze * (look.x - _COUNTER * look.yaw - 0.3 * yaw)
        v[_GAZE_Y] += gaze * (look.y + _COUNTER * look.pitch + 0.3 * pitch)
        accent = 0.8 * _soft(brow_stress)
        for turn in turns:
            accent += 0.22 * hump((at - turn.start) / ms(520))
        v[_BROW_LEFT] += self._brow_share[0] * accent
        v[_BROW_RIGHT] += self._brow_share[1] * accent
        v[_JAW] += self._lips.jaw(mix, row)
        for i, channel in enumerate((_SWAY, _SLOW)):
            v[channel] += 0.8 * lively * wave(self._idle[i], t)
            v[channel] += _SWING[i] * (_lag(self._springs[i], targets, at) + _behind(_BEHIND[i], targets, at))
        v[_BOUNCE] += 0.7 * rebound([*nods, *moves], at) + 0.6 * ring + 0.15 * (breath - 0.35)
        out.channels[:] = [min(1.0, max(low, x)) for low, x in zip(_LOW, v, strict=True)]

        self._hanging.fill(out.swings, at, lively, targets)
        self._fill_slots(lanes, at, mix, shape(turns, at), gaze * look.resting_y, out)
        return out

    def _fill_slots(
        self,
        lanes: Mapping[str, Sequence[Event]],
        at: int,
        mix: Mix,
        viseme: int,
        look_down: float,
        out: Pose,
    ) -> None:
        """Write which drawings show. `viseme`: of the mouth, 0 in silence; `look_down` as for lids."""
        set_by_host = self._slots.apply(lanes, at, out)
        kept = [
            (s, out.picks[s].copy(), out.weights[s].copy()) for s, _ in set_by_host if s in self._lid_slots
        ]
        closure = self._blinks.closure(lanes, at) * mix.allowed("blink")
        self._lids.apply(mix, closure, look_down, out)
        for s, picks, weights in kept:
            out.picks[s] = picks
            out.weights[s] = weights
        if all(s != self._mouth_slot for s, _ in set_by_host):
            self._lips.apply(mix, viseme, out)


def _scaled(
    waves: tuple[tuple[float, float, float], ...], by: float
) -> tuple[tuple[float, float, float], ...]:
    return tuple((w, phase, amplitude * by) for w, phase, amplitude in waves)


def _soft(x: float) -> float:
    """Above 0, and without a corner there: stress below a tenth hardly moves anything."""
    return x * x / (x + 0.12) if x > 0.0 else 0.0


def _lag(spring: Spring, targets: Sequence[Target], at: int) -> float:
    """How far loose things hang behind the head after looks and changes of expression."""
    total = 0.0
    for newer, older in pairwise(targets):
        turned = newer.yaw - older.yaw
        if turned:
            total += turned * spring.lag(
                (at - newer.head_begins) / SAMPLE_RATE, newer.head_lasts / SAMPLE_RATE
            )
    return total


def _behind(delay: int, targets: Sequence[Target], at: int) -> float:
    """How far loose things hang behind a head that follows moving targets."""
    if all(target.path is None for target in targets):
        return 0.0
    total = 0.0
    for target, share in zip(targets, heads(targets, at), strict=True):
        if target.path is not None and share > 0.0:
            total += share * (target.head(at)[0] - target.head(at - delay)[0])
    return total
