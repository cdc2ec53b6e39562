"""Conversations and silences played without drawing: every pose, who spoke, how loud it was."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from mien.audio import AudioSession
from mien.character import LID_SHAPES, LID_STATES, Character
from mien.clock import SAMPLE_RATE
from mien.composite.rig import Rig
from mien.lipsync.track import TRACK_HOP
from mien.motion import speaker_at, state_at
from mien.script import TurnEnded, TurnStarted
from mien.stage.cast import cast_of
from mien.stage.player import Actor
from mien.stage.show import Show
from mien.talk import Conversation
from mien.talk.director import Director, Place
from mien.types import CHANNEL_INDEX, F64, Pose, Size

FPS = 30
"""Frames a second that are looked at, as many as most people see of a video."""
SIZE = Size(480, 270)
"""Of the frame that characters are loaded for: small pictures load quickly."""
FULL = 1920 / SIZE.width
"""Pixels of a 1920 x 1080 frame per pixel of that."""
SHUT = float(LID_STATES.index("closed"))


@dataclass(slots=True)
class Seen:
    """One character over a run. Rows are frames at `FPS`."""

    key: str
    character: Character
    partner: tuple[float, float]
    """Gaze (x, y) towards the other, y down."""
    channels: F64
    """(frames, len(CHANNELS))."""
    lids: F64
    """(frames, 2): index of LID_STATES of the left and the right eye; 6 for a shape of shut eyes."""
    mouth: list[int]
    """The drawing that most of the mouth shows, by frame."""
    mouths: F64
    """(frames,) how much of a second mouth shows, 0..0.5."""
    brows: F64
    """(frames,) the same of the brows, the worse side."""
    face: F64
    """(frames, 2) where the middle between the eyes is, pixels of a 1920 x 1080 frame, y down."""
    moved: F64
    """(frames,) how far the corner of torso and arms that moved furthest moved, the same pixels a frame."""
    states: list[str]
    """What the character did, as `motion.State`, by frame."""

    def channel(self, name: str) -> F64:
        """(frames,) of one channel."""
        return self.channels[:, CHANNEL_INDEX[name]]

    def when(self, *states: str) -> np.ndarray:
        """(frames,) bool: whether it did one of those."""
        return np.array([state in states for state in self.states])

    @property
    def gaze(self) -> F64:
        """(frames, 2) where the eyes are directed on the stage: what the head adds is added."""
        x = self.channel("gaze_x") + 0.6 * self.channel("head_yaw")
        y = self.channel("gaze_y") - 0.6 * self.channel("head_pitch")
        return np.stack((x, y), axis=1)

    @property
    def shut(self) -> np.ndarray:
        """(frames,) bool: both eyes are shut."""
        return (self.lids >= SHUT).all(axis=1)


@dataclass(slots=True)
class Turned:
    """A turn as it was heard."""

    speaker: str
    start: int
    """Samples."""
    end: int
    loudness: F64
    """(hops,) of its track, every 10 ms."""
    announced: bool = True
    """Another turn was before it, so that it could be known to come."""


@dataclass(slots=True)
class Run:
    """What was seen and heard."""

    seen: list[Seen]
    turns: list[Turned] = field(default_factory=list)

    @property
    def frames(self) -> int:
        """How many."""
        return len(self.seen[0].channels)


class _Watch:
    """Writes down one actor's poses."""

    def __init__(self, actor: Actor, partner: tuple[float, float], frames: int) -> None:
        self.actor = actor
        character = actor.character
        self._rig = Rig(character)
        self._affines = np.zeros((len(character.joints), 2, 3))
        self._lids = [[(s, _lid_states(character, s)) for s in side[:1]] for side in _sides(character)]
        self._brows = [s for s, slot in enumerate(character.slots) if "brow" in slot.name]
        self._corners = corners_of(character)
        self._face = character.joints[character.slots[character.mouth.slot].joint].parent
        self._before: F64 | None = None
        self.seen = Seen(
            actor.key,
            character,
            partner,
            np.zeros((frames, actor.pose.channels.size)),
            np.zeros((frames, 2)),
            [],
            np.zeros(frames),
            np.zeros(frames),
            np.zeros((frames, 2)),
            np.zeros(frames),
            [],
        )

    def look(self, index: int, state: str) -> None:
        """Write the pose of a frame down."""
        seen, pose = self.seen, self.actor.pose
        seen.channels[index] = pose.channels
        seen.states.append(state)
        for side, slots in enumerate(self._lids):
            for slot, states in slots:
                seen.lids[index, side] = states[int(pose.picks[slot, 0])]
        mouth = self.actor.character.mouth.slot
        seen.mouth.append(int(pose.picks[mouth, int(pose.weights[mouth].argmax())]))
        seen.mouths[index] = second(pose, mouth)
        seen.brows[index] = max((second(pose, slot) for slot in self._brows), default=0.0)
        self._rig.affines(pose.channels, self._affines)
        x, y = self.actor.character.eye_line
        seen.face[index] = FULL * (self._affines[self._face] @ (x, y, 1.0))
        now = FULL * np.einsum("jik,jck->jci", self._affines[list(self._corners)], _ones(self._corners))
        if self._before is not None:
            seen.moved[index] = np.hypot(*(now - self._before).reshape(-1, 2).T).max()
        self._before = now


def corners_of(character: Character) -> dict[int, F64]:
    """Joint -> (4, 2) canvas corners of what hangs on it, of torso and arms: joints that neither the head
    nor what swings has a part in."""
    boxes: dict[int, list[tuple[float, float, float, float]]] = {}
    for slot in character.slots:
        if slot.drawings and not _loose(character, slot.joint):
            drawing = slot.drawings[max(0, slot.default)]
            (x, y), region = drawing.offset, drawing.region
            boxes.setdefault(slot.joint, []).append((x, y, x + region.width, y + region.height))
    corners = {}
    for joint, found in boxes.items():
        left, top = np.min(np.array(found)[:, :2], axis=0)
        right, bottom = np.max(np.array(found)[:, 2:], axis=0)
        corners[joint] = np.array([(left, top), (right, top), (left, bottom), (right, bottom)], np.float64)
    return corners


def _loose(character: Character, joint: int) -> bool:
    while joint >= 0:
        at = character.joints[joint]
        driven = {*at.rotate, *at.move, *at.scale}
        if any(name.startswith(("head", "sway", "bounce")) for name in driven):
            return True
        joint = at.parent
    return False


def _ones(corners: dict[int, F64]) -> F64:
    """(joints, 4, 3) corners with a 1 behind."""
    points = np.stack(list(corners.values()))
    return np.concatenate((points, np.ones((*points.shape[:2], 1))), axis=2)


def second(pose: Pose, slot: int) -> float:
    """How much of the second strongest drawing of a slot shows."""
    weights = sorted(
        w for w, p in zip(pose.weights[slot].tolist(), pose.picks[slot].tolist(), strict=True) if p >= 0
    )
    return weights[-2] if len(weights) > 1 else 0.0


def _sides(character: Character) -> tuple[tuple[int, ...], tuple[int, ...]]:
    return (character.lids.left, character.lids.right)


def _lid_states(character: Character, slot: int) -> list[float]:
    names = {name: float(i) for i, name in enumerate(LID_STATES)} | dict.fromkeys(LID_SHAPES, SHUT + 1)
    return [names.get(drawing.name, 1.0) for drawing in character.slots[slot].drawings] + [1.0]


def converse(conversation: Conversation, seed: int, seconds: float) -> Run:
    """A conversation as it would be rendered, no longer than so many seconds."""
    with AudioSession("offline") as audio:
        show = Show(cast_of(conversation), SIZE, audio, seed=seed)
        for turn in conversation.turns:
            show.session.queue(turn)
        return _watched(show, audio, round(seconds * FPS), until_quiet=True)


def idle(conversation: Conversation, seed: int, seconds: float) -> Run:
    """Its cast, to whom nothing happens."""
    with AudioSession("offline") as audio:
        show = Show(cast_of(conversation), SIZE, audio, seed=seed)
        return _watched(show, audio, round(seconds * FPS), until_quiet=False)


def _watched(show: Show, audio: AudioSession, frames: int, *, until_quiet: bool) -> Run:
    actors, script = show.player.actors, show.script
    places = {actor.key: Place(*actor.home.apply(*actor.character.eye_line)) for actor in actors}
    partners = _partners(places)
    watches = [_Watch(actor, partners[actor.key], frames) for actor in actors]
    begun: dict[str, TurnStarted] = {}
    loud: dict[str, list[float]] = {}
    turns: list[Turned] = []
    known, index = 0, 0
    for index in range(frames):
        at, following = (k * SAMPLE_RATE // FPS for k in (index, index + 1))
        if until_quiet:
            audio.pull(following - at)
        show.tick(at)
        for watch in watches:
            watch.look(index, state_at(script, watch.seen.key, at))
        going_on = speaker_at(script, at)
        if going_on is not None and going_on.turn not in begun:
            begun[going_on.turn] = going_on
            loud[going_on.turn] = []
        if going_on is not None:  # a track is forgotten a while after its turn
            loud[going_on.turn] = going_on.track.loudness.tolist()
        for event in list(script.floor)[-8:]:
            if isinstance(event, TurnEnded) and event.turn in begun:
                start = begun.pop(event.turn)
                heard = np.array(loud.pop(event.turn))[: (event.at - start.origin) // TRACK_HOP + 1]
                turns.append(Turned(start.character, start.at, event.at, heard, announced=known > 0))
                known += 1
        if until_quiet and show.session.idle and not begun and index > 1:
            break
    seen = [_cut(watch.seen, index + 1) for watch in watches]
    return Run(seen, turns)


def _partners(places: dict[str, Place]) -> dict[str, tuple[float, float]]:
    director = Director(0, places)
    keys = list(places)
    return {key: director.direction(key, next((k for k in keys if k != key), key)) for key in keys}


def _cut(seen: Seen, frames: int) -> Seen:
    for name in ("channels", "lids", "mouths", "brows", "face", "moved"):
        setattr(seen, name, getattr(seen, name)[:frames])
    return seen
